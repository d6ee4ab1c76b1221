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

/** What the scheduler knows of a node. */
export interface Node {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** A resource of Kubernetes itself that is undefined is not known, and not counted; an extended resource that is not named is not there. */
  readonly allocatable: Resources;
  /** Resources of which nobody has said how much there is. */
  readonly unknown: ReadonlySet<string>;
  /** Most volumes of a CSI driver. */
  readonly volumeLimits: Readonly<Record<string, number>>;
  /** Availability zone of the machine, where the site says it. */
  readonly zone?: string;
}

const known = new WeakMap<Site, ReadonlyMap<SiteNode, Node>>();

/** The nodes of a site as the scheduler sees them, in the order of the site. */
export function schedulerNodes(site: Site): readonly Node[] {
  return [...nodesOf(site).values()];
}

/** The node of the scheduler for a node of the site. */
export function schedulerNode(site: Site, node: SiteNode): Node {
  return nodesOf(site).get(node) ?? nodeOf(site, node);
}

/** A node that a pool without nodes would have, by name, labels and taints; it has no capacity. */
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

/** Every pod asks for them, hence they are kept. */
function nodesOf(site: Site): ReadonlyMap<SiteNode, Node> {
  const nodes = known.get(site) ?? new Map(site.nodes.map((node) => [node, nodeOf(site, node)]));
  known.set(site, nodes);
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
    // A thousandth of a core may be a hair below itself.
    allocatable: Object.fromEntries(
      entries.map(([name, amount]) => [name, BigInt(Math.floor(Math.min(amount, Number.MAX_SAFE_INTEGER) + 1e-6))]),
    ),
    unknown: new Set(Object.entries(amounts).flatMap(([name, amount]) => (Number.isFinite(amount) ? [] : [name]))),
    volumeLimits: site.cloud ? { [CINDER_DRIVER]: attachableVolumes(site) } : {},
    zone: node.pool.availabilityZone,
  };
}

/** Name of Cinder's CSI driver. */
export const CINDER_DRIVER = 'cinder.csi.openstack.org';

/** Labels that every node has beside those of its pool. @see https://kubernetes.io/docs/reference/labels-annotations-taints/ */
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

/** Where a cloud controller tells Kubernetes about the machines. `nova` is the zone of machines that ask for none. */
function zoneLabels({ cloud }: Site, { pool }: SiteNode): Readonly<Record<string, string>> {
  if (!cloud?.cloudController) return {};
  return { 'topology.kubernetes.io/region': cloud.region, 'topology.kubernetes.io/zone': pool.availabilityZone ?? 'nova' };
}

/** RKE names all roles, RKE2 those of servers; of nodes that somebody else runs only the pool's labels are known. */
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
