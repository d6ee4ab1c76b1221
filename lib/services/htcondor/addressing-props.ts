/** Labels of nodes, and who may connect from outside of the cluster. */
export interface HostNetworkProps {
  /** Port on the node; two daemons on one node need different ones. @default 9618 */
  readonly port?: number;
  /**
   * Labels that a node must have beside those of its pool, e.g. `{ condor: 'ccb' }`.
   *
   * @default - any node of the pool
   * @throws UNKNOWN_CONDOR_NODE_LABELS if no node of the pool has them
   */
  readonly nodeLabels?: Readonly<Record<string, string>>;
  /**
   * Addresses of the nodes as CIDRs, which NetworkPolicies of others name.
   *
   * @default - addresses of the nodes of the site
   * @throws MISSING_CONDOR_NODE_ADDRESSES where the site does not know them
   */
  readonly nodes?: readonly string[];
  /** Address at which clients outside of the cluster find the daemons. @default - that of the node, if there is only one */
  readonly address?: string;
  /** CIDRs outside of the cluster that may connect; becomes a security-group rule of OpenStack. @default - nobody outside */
  readonly from?: readonly string[];
}

export interface NodePortProps {
  /** Address of a node, or of a load balancer, at which clients outside of the cluster find the port. */
  readonly address: string;
  /**
   * Port of the daemons in the pod. Daemons advertise their own port, so both must be equal.
   *
   * @default - the node port
   * @throws CONFLICTING_CONDOR_NODE_PORT
   */
  readonly listenPort?: number;
  /** CIDRs outside of the cluster that may connect. @default - everybody */
  readonly from?: readonly string[];
}

/** Daemons in the pod network: names of pods, addresses of pods. */
export interface InCluster {
  readonly kind: 'in-cluster';
}

/** Daemons on the network of their node, which is a virtual machine of its own in most cases. */
export interface HostNetwork extends HostNetworkProps {
  readonly kind: 'host-network';
}

/** Daemons in the pod network that clients outside reach through a port of every node. */
export interface NodePort extends NodePortProps {
  readonly kind: 'node-port';
  readonly port: number;
}

/**
 * How daemons are reached.
 *
 * @madeBy inCluster, hostNetwork, nodePort
 */
export type Addressing = InCluster | HostNetwork | NodePort;

/** For pools whose access points and execute nodes are all in the same cluster. */
export function inCluster(): InCluster {
  return { kind: 'in-cluster' };
}

/**
 * For daemons that others outside of the cluster use: on the network of a node.
 *
 * @example hostNetwork({ nodeLabels: { condor: 'ccb' }, from: ['192.0.2.0/24'] })
 */
export function hostNetwork(props: HostNetworkProps = {}): HostNetwork {
  return { ...props, kind: 'host-network' };
}

/**
 * For daemons that others outside of the cluster use where no node can be dedicated to them.
 *
 * @param port from 30000 to 32767
 * @example nodePort(30618, { address: '192.0.2.10' })
 */
export function nodePort(port: number, props: NodePortProps): NodePort {
  return { ...props, kind: 'node-port', port };
}
