import { nodesWith, type Role, type Site } from '../site';
import { networkOf, type RancherCluster } from './rancher';

/** Ingress traffic that the machines of a site must allow. */
export interface PortRule {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'ipip';
  /** First and last port; undefined if the protocol has no ports. */
  readonly first?: number;
  readonly last?: number;
  /** `nodes`: the network of the machines, including load balancers and the bastion. */
  readonly from: 'nodes' | 'admins' | 'world';
  /** `ingress`: nodes that run the ingress controller, i.e. the workers. */
  readonly to: 'all' | Role | 'ingress';
  /** Description of the security group rule. */
  readonly purpose: string;
}

const tcp = (port: number, from: PortRule['from'], to: PortRule['to'], purpose: string, last = port): PortRule => {
  return { protocol: 'tcp', first: port, last, from, to, purpose };
};
const udp = (port: number, purpose: string, last = port): PortRule => {
  return { protocol: 'udp', first: port, last, from: 'nodes', to: 'all', purpose };
};

/** Administration of all machines. */
const ADMINISTRATION: readonly PortRule[] = [
  // The entry node or the bastion forwards SSH to the other nodes.
  tcp(22, 'nodes', 'all', 'SSH between nodes'),
  // Routers report by ICMP that a packet is too large (path MTU discovery); connections hang without it.
  { protocol: 'icmp', from: 'nodes', to: 'all', purpose: 'ICMP, including path MTU discovery' },
];

const API: readonly PortRule[] = [
  tcp(6443, 'nodes', 'controlplane', 'Kubernetes API'),
  tcp(6443, 'admins', 'controlplane', 'Kubernetes API'),
];

/**
 * Ports of RKE, from its port check before an installation and from Rancher's table.
 *
 * @see https://github.com/rancher-archives/rke/blob/release/v1.8/cluster/network.go (EtcdPortList, ControlPlanePortList, WorkerPortList)
 * @see https://ranchermanager.docs.rancher.com/getting-started/installation-and-upgrade/installation-requirements/port-requirements
 */
const RKE1: readonly PortRule[] = [
  ...API,
  tcp(2379, 'nodes', 'etcd', 'etcd clients and peers', 2380),
  tcp(10250, 'nodes', 'all', 'kubelet: logs, exec, metrics'),
];

/** Ports of RKE2. @see https://docs.rke2.io/install/requirements#inbound-network-rules */
const RKE2: readonly PortRule[] = [
  ...API,
  tcp(9345, 'nodes', 'controlplane', 'RKE2 supervisor, for joining nodes'),
  tcp(2379, 'nodes', 'etcd', 'etcd clients, peers and metrics', 2381),
  tcp(10250, 'nodes', 'all', 'kubelet: logs, exec, metrics'),
];

/** Dedicated etcd servers: nodes join through them, and they proxy the API. */
const RKE2_ETCD_ONLY: readonly PortRule[] = [
  tcp(6443, 'nodes', 'etcd', 'Kubernetes API'),
  tcp(9345, 'nodes', 'etcd', 'RKE2 supervisor, for joining nodes'),
];

const VXLAN_8472 = udp(8472, 'VXLAN of the pod network');
const VXLAN_4789 = udp(4789, 'VXLAN of the pod network');
const CALICO_HEALTH = tcp(9099, 'nodes', 'all', 'Calico health check');
const BGP = tcp(179, 'nodes', 'all', 'BGP of Calico');

/** Ports of the network plugins. Never open them to the Internet: whoever reaches the VXLAN port reaches the pod network (RKE2 requirements). */
const NETWORKS = {
  rke1: {
    // Rancher's table "RKE Cluster Firewall Rules", and its note on 9099 in "Local Node Traffic".
    canal: [VXLAN_8472, CALICO_HEALTH],
    flannel: [VXLAN_8472],
    // RKE's template: CALICO_IPV4POOL_IPIP Always, CALICO_IPV4POOL_VXLAN Never, backend bird. IP-in-IP is a protocol, not a port.
    // https://github.com/rancher/kontainer-driver-metadata/blob/dev-v2.9/pkg/rke/templates/calico_v3.27.go
    calico: [{ protocol: 'ipip', from: 'nodes', to: 'all', purpose: 'IP-in-IP of the pod network' }, BGP, CALICO_HEALTH],
    // https://github.com/weaveworks/weave/blob/master/site/kubernetes/kube-addon.md (ports: TCP 6783, UDP 6783 and 6784)
    weave: [tcp(6783, 'nodes', 'all', 'Weave Net, control'), udp(6783, 'Weave Net, data', 6784)],
    none: [],
  },
  // https://docs.rke2.io/install/requirements#cni-specific-inbound-network-rules; without WireGuard, which the library does not configure.
  rke2: {
    canal: [VXLAN_8472, CALICO_HEALTH],
    cilium: [VXLAN_8472, tcp(4240, 'nodes', 'all', 'Cilium health check')],
    calico: [VXLAN_4789, BGP, tcp(5473, 'nodes', 'all', 'Calico Typha'), tcp(9098, 'nodes', 'all', 'Calico and Typha health checks', 9099)],
    flannel: [VXLAN_4789],
    none: [],
  },
} as const satisfies Record<RancherCluster['kind'], Readonly<Record<string, readonly PortRule[]>>>;

const INGRESS: readonly PortRule[] = [
  tcp(80, 'world', 'ingress', 'ingress controller, HTTP'),
  tcp(443, 'world', 'ingress', 'ingress controller, HTTPS'),
];

/** Ports of ingress-nginx as installed by RKE: Rancher's table, rows "nginx webhook" and "ingress health". */
const RKE1_INGRESS: readonly PortRule[] = [
  tcp(8443, 'nodes', 'ingress', 'ingress controller, webhook'),
  tcp(10254, 'nodes', 'ingress', 'ingress controller, health check'),
];

/**
 * All ports that the machines of a site must open for the cluster and its ingress controller, without duplicates. NodePorts stay closed;
 * services declare the ports that they publish.
 */
export function portRules(site: Site): readonly PortRule[] {
  const { cluster } = site;
  const rules = [
    ...(site.cloud?.bastion ? [] : [tcp(22, 'admins', 'all', 'SSH of administrators')]),
    ...ADMINISTRATION,
    ...(cluster.kind === 'existing' ? [] : clusterRules(site, cluster)),
    ...(cluster.ingress ? INGRESS : []),
  ];
  return [...new Map(rules.map((rule) => [JSON.stringify({ ...rule, purpose: '' }), rule])).values()];
}

function clusterRules(site: Site, cluster: RancherCluster): readonly PortRule[] {
  const known: Readonly<Record<string, readonly PortRule[]>> = NETWORKS[cluster.kind];
  const network = Object.hasOwn(known, networkOf(cluster)) ? (known[networkOf(cluster)] ?? []) : [];
  return [...(cluster.kind === 'rke1' ? rke1Rules(cluster) : rke2Rules(site)), ...network, ...loadBalancerRules(site, cluster)];
}

function rke1Rules(cluster: RancherCluster): readonly PortRule[] {
  return cluster.ingress ? [...RKE1, ...RKE1_INGRESS] : RKE1;
}

function rke2Rules(site: Site): readonly PortRule[] {
  const etcdOnly = nodesWith(site, 'etcd').some((node) => !node.roles.includes('controlplane'));
  return etcdOnly ? [...RKE2, ...RKE2_ETCD_ONLY] : RKE2;
}

/** Load balancers of the cloud controller are in the network of the nodes and connect to the NodePorts of Services. */
function loadBalancerRules(site: Site, cluster: RancherCluster): readonly PortRule[] {
  if (!site.cloud?.cloudController) return [];
  const [first = 0, last = 0] = (cluster.props.nodePorts ?? '30000-32767').split('-').map(Number);
  const purpose = 'NodePorts, for load balancers of the cloud';
  return [tcp(first, 'nodes', 'all', purpose, last), udp(first, purpose, last)];
}
