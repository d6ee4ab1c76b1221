import {
  architectureOf,
  attachableVolumes,
  type NodePool,
  nodeLabels,
  poolLabels,
  poolTaints,
  roleTaints,
  type Site,
  type SiteNode,
  type Taint,
} from '../site';
import type { Resources } from './resources';

/** A node with the properties that the scheduler reads. */
export interface Node {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Allocatable resources. Missing extended resources count as 0. */
  readonly allocatable: Resources;
  /** Resources of unknown amount, which are not checked. */
  readonly unknown: ReadonlySet<string>;
  /** Maximum number of volumes per CSI driver. */
  readonly volumeLimits: Readonly<Record<string, number>>;
  /** Availability zone of the machine, if known. */
  readonly zone?: string;
}

const cache = new WeakMap<Site, ReadonlyMap<SiteNode, Node>>();

/** Nodes of a site for the scheduler, in the order of the site. */
export function schedulerNodes(site: Site): readonly Node[] {
  return [...nodesOf(site).values()];
}

/** A node of a site for the scheduler. */
export function schedulerNode(site: Site, node: SiteNode): Node {
  return nodesOf(site).get(node) ?? nodeOf(site, node);
}

/** A node that a pool with zero nodes would have: name, labels and taints, without capacity. */
export function futureNode(site: Site, pool: NodePool): Node {
  const roles = pool.roles ?? (['worker'] as const);
  return {
    name: `${site.name}-${pool.name}-1`,
    labels: {
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': architectureOf(pool),
      ...poolLabels(site, pool),
      ...nodeLabels(pool, '1'),
    },
    taints: [...poolTaints(pool), ...roleTaints(site.cluster, roles)],
    allocatable: {},
    unknown: new Set(),
    volumeLimits: {},
  };
}

/** Nodes by node of the site, cached because every pod needs them. */
function nodesOf(site: Site): ReadonlyMap<SiteNode, Node> {
  const nodes = cache.get(site) ?? new Map(site.nodes.map((node) => [node, nodeOf(site, node)]));
  cache.set(site, nodes);
  return nodes;
}

function nodeOf(site: Site, node: SiteNode): Node {
  const { cpu, memory, disk, pods } = node.allocatable;
  const amounts = { cpu: cpu * 1000, memory, 'ephemeral-storage': disk, pods, ...node.devices };
  const entries = Object.entries(amounts).filter(([, amount]) => Number.isFinite(amount));
  return {
    name: node.name,
    labels: { ...wellKnownLabels(site, node), ...node.labels },
    taints: [...node.taints, ...roleTaints(site.cluster, node.roles)],
    // 1e-6 compensates rounding errors of floating-point millicores.
    allocatable: Object.fromEntries(
      entries.map(([name, amount]) => [name, BigInt(Math.floor(Math.min(amount, Number.MAX_SAFE_INTEGER) + 1e-6))]),
    ),
    unknown: new Set(Object.entries(amounts).flatMap(([name, amount]) => (Number.isFinite(amount) ? [] : [name]))),
    volumeLimits: site.cloud ? { [CINDER_DRIVER]: attachableVolumes(site) } : {},
    zone: node.pool.availabilityZone,
  };
}

/** Name of the Cinder CSI driver. */
export const CINDER_DRIVER = 'cinder.csi.openstack.org';

/** Well-known labels of a node. @see https://kubernetes.io/docs/reference/labels-annotations-taints/ */
function wellKnownLabels(site: Site, node: SiteNode): Readonly<Record<string, string>> {
  const architecture = architectureOf(node.pool);
  return {
    'kubernetes.io/hostname': node.name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': architecture,
    ...zoneLabels(site, node),
    ...Object.fromEntries(roleLabels(site, node).map((name) => [`node-role.kubernetes.io/${name}`, 'true'])),
  };
}

/** Labels that the cloud controller manager sets. `nova` is the default zone. */
function zoneLabels({ cloud }: Site, { pool }: SiteNode): Readonly<Record<string, string>> {
  if (!cloud?.cloudController) return {};
  return { 'topology.kubernetes.io/region': cloud.region, 'topology.kubernetes.io/zone': pool.availabilityZone ?? 'nova' };
}

/** Role labels: RKE sets all roles, RKE2 those of servers; they are unknown in existing clusters. */
function roleLabels({ cluster }: Site, { roles }: SiteNode): readonly string[] {
  const control = roles.includes('controlplane');
  switch (cluster.kind) {
    case 'rke1':
      return [...roles, ...(control ? ['control-plane'] : [])];
    case 'rke2':
      return [...(control ? ['control-plane', 'master'] : []), ...(roles.includes('etcd') ? ['etcd'] : [])];
    default:
      return [];
  }
}
