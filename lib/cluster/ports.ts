import { nodesWith, type Role, type Site } from '../site';
import { networkOf, type RancherCluster } from './rancher';

/** Traffic that a site's machines must let in. */
export interface PortRule {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'ipip';
  /** Absent where the protocol has no ports. */
  readonly first?: number;
  readonly last?: number;
  /** `nodes` is the network of the machines, with load balancers and bastion in it. */
  readonly from: 'nodes' | 'admins' | 'world';
  /** `ingress`: where the ingress controller runs, which is on the workers. */
  readonly to: 'all' | Role | 'ingress';
  /** For people; becomes the description of the rule. */
  readonly purpose: string;
}

const tcp = (port: number, from: PortRule['from'], to: PortRule['to'], purpose: string, last = port): PortRule => {
  return { protocol: 'tcp', first: port, last, from, to, purpose };
};
const udp = (port: number, purpose: string, last = port): PortRule => {
  return { protocol: 'udp', first: port, last, from: 'nodes', to: 'all', purpose };
};

/** Any machine: how it is administered. */
const MACHINES: readonly PortRule[] = [
  // From inside too: the entry node or a bastion forwards SSH to the others.
  tcp(22, 'nodes', 'all', 'SSH between nodes'),
  // Routers tell by ICMP that a packet is too large; without it connections hang.
  { protocol: 'icmp', from: 'nodes', to: 'all', purpose: 'ICMP, path MTU discovery among it' },
];

const API: readonly PortRule[] = [
  tcp(6443, 'nodes', 'controlplane', 'Kubernetes API'),
  tcp(6443, 'admins', 'controlplane', 'Kubernetes API'),
];

/**
 * RKE, by what its own check before an installation probes, and Rancher's table.
 *
 * @see https://github.com/rancher-archives/rke/blob/release/v1.8/cluster/network.go (EtcdPortList, ControlPlanePortList, WorkerPortList)
 * @see https://ranchermanager.docs.rancher.com/getting-started/installation-and-upgrade/installation-requirements/port-requirements
 */
const RKE1: readonly PortRule[] = [
  ...API,
  tcp(2379, 'nodes', 'etcd', 'etcd clients and peers', 2380),
  tcp(10250, 'nodes', 'all', 'kubelet: logs, exec, metrics'),
];

/** @see https://docs.rke2.io/install/requirements#inbound-network-rules */
const RKE2: readonly PortRule[] = [
  ...API,
  tcp(9345, 'nodes', 'controlplane', 'RKE2 supervisor, where nodes join'),
  tcp(2379, 'nodes', 'etcd', 'etcd clients, peers and metrics', 2381),
  tcp(10250, 'nodes', 'all', 'kubelet: logs, exec, metrics'),
];

/** Servers of etcd alone: they are joined through, and pass on what is meant for the API. */
const RKE2_ETCD_ALONE: readonly PortRule[] = [
  tcp(6443, 'nodes', 'etcd', 'Kubernetes API'),
  tcp(9345, 'nodes', 'etcd', 'RKE2 supervisor, where nodes join'),
];

const VXLAN_8472 = udp(8472, 'VXLAN of the pod network');
const VXLAN_4789 = udp(4789, 'VXLAN of the pod network');
const CALICO_HEALTH = tcp(9099, 'nodes', 'all', 'health of Calico');
const BGP = tcp(179, 'nodes', 'all', 'BGP between the nodes of Calico');

/** None of these for the world, ever: an open VXLAN port is an open pod network (RKE2's requirements say so too). */
const NETWORKS = {
  rke1: {
    // Rancher's table, "RKE Cluster Firewall Rules", and its remark on 9099 under "Local Node Traffic".
    canal: [VXLAN_8472, CALICO_HEALTH],
    flannel: [VXLAN_8472],
    // RKE's template: CALICO_IPV4POOL_IPIP Always, CALICO_IPV4POOL_VXLAN Never, backend bird. IP-in-IP is a protocol, not a port.
    // https://github.com/rancher/kontainer-driver-metadata/blob/dev-v2.9/pkg/rke/templates/calico_v3.27.go
    calico: [{ protocol: 'ipip', from: 'nodes', to: 'all', purpose: 'IP-in-IP of the pod network' }, BGP, CALICO_HEALTH],
    // https://github.com/weaveworks/weave/blob/master/site/kubernetes/kube-addon.md (ports: TCP 6783, UDP 6783 and 6784)
    weave: [tcp(6783, 'nodes', 'all', 'control of Weave Net'), udp(6783, 'data of Weave Net', 6784)],
    none: [],
  },
  // https://docs.rke2.io/install/requirements#cni-specific-inbound-network-rules; without the WireGuard rows: no site asks for it.
  rke2: {
    canal: [VXLAN_8472, CALICO_HEALTH],
    cilium: [VXLAN_8472, tcp(4240, 'nodes', 'all', 'health of Cilium')],
    calico: [VXLAN_4789, BGP, tcp(5473, 'nodes', 'all', 'Typha of Calico'), tcp(9098, 'nodes', 'all', 'health of Typha and Calico', 9099)],
    flannel: [VXLAN_4789],
    none: [],
  },
} as const satisfies Record<RancherCluster['kind'], Readonly<Record<string, readonly PortRule[]>>>;

const INGRESS: readonly PortRule[] = [
  tcp(80, 'world', 'ingress', 'ingress controller, HTTP'),
  tcp(443, 'world', 'ingress', 'ingress controller, HTTPS'),
];

/** nginx as RKE installs it: Rancher's table, rows "nginx webhook" and "ingress health". */
const RKE1_INGRESS: readonly PortRule[] = [
  tcp(8443, 'nodes', 'ingress', 'webhook of the ingress controller'),
  tcp(10254, 'nodes', 'ingress', 'health of the ingress controller'),
];

/**
 * Everything that a site's machines must let in for the cluster itself, each rule once. What its services publish
 * beyond the ingress controller is theirs to say: NodePorts stay closed.
 */
export function portRules(site: Site): readonly PortRule[] {
  const { cluster } = site;
  const rules = [
    ...(site.cloud?.bastion ? [] : [tcp(22, 'admins', 'all', 'SSH of administrators')]),
    ...MACHINES,
    ...(cluster.kind === 'existing' ? [] : clusterRules(site, cluster)),
    ...(cluster.ingress ? INGRESS : []),
  ];
  return [...new Map(rules.map((rule) => [JSON.stringify({ ...rule, purpose: '' }), rule])).values()];
}

function clusterRules(site: Site, cluster: RancherCluster): readonly PortRule[] {
  const known: Readonly<Record<string, readonly PortRule[]>> = NETWORKS[cluster.kind];
  const network = Object.hasOwn(known, networkOf(cluster)) ? (known[networkOf(cluster)] ?? []) : [];
  return [...(cluster.kind === 'rke1' ? rke1Rules(cluster) : rke2Rules(site)), ...network, ...balancedRules(site, cluster)];
}

function rke1Rules(cluster: RancherCluster): readonly PortRule[] {
  return cluster.ingress ? [...RKE1, ...RKE1_INGRESS] : RKE1;
}

function rke2Rules(site: Site): readonly PortRule[] {
  const etcdAlone = nodesWith(site, 'etcd').some((node) => !node.roles.includes('controlplane'));
  return etcdAlone ? [...RKE2, ...RKE2_ETCD_ALONE] : RKE2;
}

/** Load balancers that the cloud controller makes stand in the network of the nodes and reach Services by their NodePorts. */
function balancedRules(site: Site, cluster: RancherCluster): readonly PortRule[] {
  if (!site.cloud?.cloudController) return [];
  const [first = 0, last = 0] = (cluster.props.nodePorts ?? '30000-32767').split('-').map(Number);
  const purpose = 'NodePorts, for load balancers of the cloud';
  return [tcp(first, 'nodes', 'all', purpose, last), udp(first, purpose, last)];
}
