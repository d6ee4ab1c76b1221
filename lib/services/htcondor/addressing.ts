import { failure } from '../../errors';
import { declareFlow, EXPOSED_TO, exceptionAnnotations, place, type ServiceChart, type Workload } from '../../kubernetes';
import type { NodePool, Peer, SiteNode, Target } from '../../site';
import { type Addressing, inCluster } from './addressing-props';
import { condorNodeAddresses, condorNodeLabels, condorNodePort, condorPort } from './messages';
import { CONDOR_PORT } from './ports';

/** Where the daemons of one workload are, and what others must be allowed in order to reach them. */
export interface Place {
  readonly addressing: Addressing;
  /** Port that the daemons listen on and advertise. */
  readonly port: number;
  /** Pools of the nodes. */
  readonly pools: readonly NodePool[];
  /** Nodes on whose network the daemons may be. */
  readonly nodes: readonly SiteNode[];
}

/** The place of a workload. INVALID_CONDOR_PORT and CONFLICTING_CONDOR_NODE_PORT are recorded. */
export function placeOf(chart: ServiceChart, path: string, pools: readonly NodePool[], given?: Addressing): Place {
  const addressing = given ?? inCluster();
  chart.problems.attempt(`${path}/addressing`, () => checkPort(addressing));
  const onNodes = () => (addressing.kind === 'host-network' ? candidates(chart, pools, addressing) : []);
  const nodes = chart.problems.attempt(`${path}/addressing/nodeLabels`, onNodes) ?? [];
  return { addressing, port: portOf(addressing), pools, nodes };
}

function portOf(addressing: Addressing): number {
  switch (addressing.kind) {
    case 'in-cluster':
      return CONDOR_PORT;
    case 'host-network':
      return addressing.port ?? CONDOR_PORT;
    case 'node-port':
      return addressing.port;
  }
}

/** @throws INVALID_CONDOR_PORT, CONFLICTING_CONDOR_NODE_PORT */
export function checkPort(addressing: Addressing): void {
  const port = portOf(addressing);
  const [first, last] = addressing.kind === 'node-port' ? [30000, 32767] : [1024, 65535];
  if (!Number.isInteger(port) || port < first || port > last) throw failure(condorPort(port, first, last));
  if (addressing.kind === 'node-port' && addressing.listenPort !== undefined && addressing.listenPort !== port)
    throw failure(condorNodePort(port, addressing.listenPort));
}

/**
 * Nodes on whose network the daemons may be.
 *
 * @throws UNKNOWN_CONDOR_NODE_LABELS
 */
export function candidates(
  { site }: Pick<ServiceChart, 'site'>,
  pools: readonly NodePool[],
  { nodeLabels = {} }: { readonly nodeLabels?: Readonly<Record<string, string>> },
): readonly SiteNode[] {
  const nodes = site.nodes.filter(({ pool }) => pools.includes(pool));
  const found = nodes.filter(({ labels }) => Object.entries(nodeLabels).every(([key, value]) => labels[key] === value));
  const text = Object.entries(nodeLabels).map(([key, value]) => `${key}=${value}`);
  if (found.length === 0 && text.length > 0)
    throw failure(
      condorNodeLabels(
        text.join(', '),
        pools.map(({ name }) => name),
      ),
    );
  return found;
}

/** What others name in their policies in order to reach the daemons. */
export function targets(chart: ServiceChart, path: string, at: Place, workload: Workload): readonly Target[] {
  return at.addressing.kind === 'host-network'
    ? hostPeers(chart, path, at).map((peer) => ({ peer, port: at.port }))
    : [workload.port('condor')];
}

/** Who opens connections, as the policies of others see it. */
export function sources(chart: ServiceChart, path: string, at: Place, workload: Workload): readonly Peer[] {
  if (at.addressing.kind !== 'host-network') return [workload.port('condor').peer];
  // Across nodes, the network plugin may give such connections an address of its tunnel, which is in the pod network.
  return [...hostPeers(chart, path, at), { kind: 'addresses', cidrs: [chart.site.cluster.podCidr] }];
}

/** Nodes by address: a NetworkPolicy cannot select pods on the network of a node. MISSING_CONDOR_NODE_ADDRESSES is recorded. */
function hostPeers(chart: ServiceChart, path: string, { addressing, nodes }: Place): readonly Peer[] {
  if (addressing.kind !== 'host-network') return [];
  if (addressing.nodes) return [{ kind: 'addresses', cidrs: addressing.nodes }];
  const known = nodes.filter(({ address }) => address !== '');
  if (nodes.length > 0 && known.length < nodes.length)
    chart.problems.add(
      `${path}/addressing/nodes`,
      condorNodeAddresses(nodes.filter((node) => !known.includes(node)).map(({ name }) => name)),
    );
  return known.length > 0 ? [{ kind: 'addresses', cidrs: known.map(({ address }) => `${address}/32`) }] : [];
}

/** Lets daemons of one place connect to those of another. */
export function connect(scope: ServiceChart, from: readonly Peer[], to: readonly Target[]): void {
  for (const peer of from) declareFlow(scope, peer, ...to);
}

/** CIDRs from which clients outside of the cluster may connect. */
export function outsideOf({ addressing }: Place): readonly string[] {
  if (addressing.kind === 'in-cluster') return [];
  return addressing.from ?? (addressing.kind === 'node-port' ? ['0.0.0.0/0'] : []);
}

/** Whether the daemons are outside of the pod network, so that nodes in it connect to them and not the other way round. */
export function isOutside({ addressing }: Place): boolean {
  return addressing.kind === 'host-network';
}

/** Address that clients outside of the cluster use, if there is one. */
export function externalAddress(at: Place): string | undefined {
  const { addressing } = at;
  if (addressing.kind === 'node-port') return addressing.address;
  if (addressing.kind === 'in-cluster' || !addressing.from?.length) return undefined;
  if (addressing.address !== undefined) return addressing.address;
  // The security group lets clients in to the address of the node.
  const [node, ...others] = at.nodes;
  return node && others.length === 0 && node.address !== '' ? node.address : undefined;
}

/**
 * The Service that opens the port of a workload on every node, with the number on which the daemons listen.
 *
 * Connections from outside arrive with the address of the node that received them, hence the nodes are allowed too.
 */
export function openNodePort(chart: ServiceChart, part: string, at: Place, workload: Workload): void {
  if (at.addressing.kind !== 'node-port') return;
  const from = outsideOf(at);
  place(chart, `${part}-node-port`, 'v1/Service', {
    metadata: {
      name: `${workload.name}-outside`,
      labels: chart.labelsOf(part),
      annotations: {
        [EXPOSED_TO]: from.join(','),
        ...exceptionAnnotations({ 'node-port': 'clients outside of the cluster connect to the port that the daemon advertises' }),
      },
    },
    spec: {
      type: 'NodePort',
      selector: chart.peerOf(part).labels,
      ports: [{ name: 'condor', port: at.port, targetPort: 'condor', nodePort: at.port, protocol: 'TCP' }],
    },
  });
  const nodes = chart.site.nodes.filter(({ address }) => address !== '').map(({ address }) => `${address}/32`);
  connect(chart, [{ kind: 'addresses', cidrs: [...from, ...nodes] }], [workload.port('condor')]);
}
