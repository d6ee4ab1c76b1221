import type { Acceptance, Problem } from '../errors';
import { addressNumber, addressText, range } from './address';
import type { Allocatable } from './allocatable';
import type { Cluster } from './cluster';
import type { Egress } from './egress';
import type { ImageProps } from './images';
import type { DataVolume, Flavor, NodePool, Role, Taint } from './node-pool';
import type { OpenStack } from './openstack';
import type { Storage, StorageClass } from './storage';

/** SSH access to the nodes for the installation of Kubernetes. */
export interface SshAccess {
  /** SSH user; not root, which RKE rejects on Enterprise Linux. With `cloud`, cloud-init creates the user. @default rke */
  readonly user?: string;
  /** Private key on the operator's machine. @default - the SSH agent */
  readonly keyPath?: string;
}

export interface SiteProps extends ImageProps {
  readonly cluster: Cluster;
  readonly pools: readonly NodePool[];
  /** OpenStack project in which virtual machines are created. @default - none: the nodes exist */
  readonly cloud?: OpenStack;
  /** StorageClasses of the site. @default - none: services that need a volume must set `storageClass` */
  readonly storage?: Storage;
  /** @default - user `rke`, key from the SSH agent */
  readonly ssh?: SshAccess;
  /** Proxy, mirrors and CA certificates of nodes without direct access to the Internet. @default - direct access */
  readonly egress?: Egress;
  /** Accepted warnings with their reasons; the summary prints them. @default - none */
  readonly accept?: readonly Acceptance[];
  /** Whether this is a test site, where logins without password are allowed. @default false */
  readonly test?: boolean;
}

/** One node, with all derived values. */
export interface SiteNode {
  /** Name of the server, the host and the Kubernetes node: `<site>-<pool>-<key>`, or the entry in `hostnames` of the pool. */
  readonly name: string;
  readonly key: string;
  readonly pool: NodePool;
  readonly roles: readonly Role[];
  /** Empty for existing nodes without a given address. */
  readonly address: string;
  /** IPv6 address of a node of a dual-stack site. */
  readonly address6?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly flavor: Flavor;
  /** Resources that are available to pods. */
  readonly allocatable: Allocatable;
  /** Number of devices by extended resource. */
  readonly devices: Readonly<Record<string, number>>;
}

/**
 * A site: nodes, networks, storage and cluster, as plain values.
 *
 * @madeBy defineSite
 */
export interface Site extends SiteProps {
  readonly kind: 'site';
  readonly name: string;
  readonly nodes: readonly SiteNode[];
  /** StorageClasses that services may use. */
  readonly storageClasses: readonly StorageClass[];
  /** Errors. Nothing is synthesized while there is one. */
  readonly problems: readonly Problem[];
  /** Warnings, including accepted ones. */
  readonly warnings: readonly Problem[];
}

/** Key of the label with the name of a node's pool, in clusters that are installed from the description. */
export const POOL_LABEL = 'analysis-facility.io/pool';

/** Node labels that select the nodes of a pool. A renamed pool keeps its label: RKE2 sets it once, when a node joins. */
export function poolLabels(site: Pick<Site, 'cluster'>, pool: NodePool): Readonly<Record<string, string>> {
  return site.cluster.kind === 'existing' ? (pool.labels ?? {}) : { [POOL_LABEL]: originalName(pool) };
}

/** Nodes with a role, in the order of the site. */
export function nodesWith(site: Site, role: Role): readonly SiteNode[] {
  return site.nodes.filter((node) => node.roles.includes(role));
}

/** Addresses of the API servers, each as a CIDR of one address. */
export function apiServers(site: Site): readonly string[] {
  if (site.cluster.kind === 'existing') return site.cluster.apiServers;
  return nodesWith(site, 'controlplane').map((node) => `${node.address}/32`);
}

/** Addresses of the API servers by port, each as a CIDR of one address. The ports may differ. */
export function apiServersByPort(site: Site): ReadonlyMap<number, readonly string[]> {
  const { cluster } = site;
  const byPort = new Map<number, string[]>();
  for (const [index, cidr] of apiServers(site).entries()) {
    const port = cluster.kind === 'existing' ? (cluster.apiPorts[index] ?? cluster.apiPort) : cluster.apiPort;
    byPort.set(port, [...(byPort.get(port) ?? []), cidr]);
  }
  return byPort;
}

/** IPv4 ranges of the site: nodes, pods, Services. */
export function siteRanges(site: Site): readonly string[] {
  const nodes = site.nodes.filter(({ address }) => address !== '').map(({ address }) => `${address}/32`);
  return [site.cloud?.cidr, site.cluster.podCidr, site.cluster.serviceCidr, ...nodes].filter((cidr) => cidr !== undefined);
}

/** IPv6 ranges of the site; empty unless it is dual-stack. */
export function siteRanges6({ cloud, cluster, nodes }: Site): readonly string[] {
  const addresses = nodes.map(({ address6 }) => (address6 ? `${address6}/128` : undefined));
  const ranges = [cloud?.ipv6?.cidr, cluster.ipv6?.podCidr, cluster.ipv6?.serviceCidr, ...(cloud?.ipv6 ? [] : addresses)];
  return ranges.filter((cidr) => cidr !== undefined);
}

/** User for SSH access to the nodes. */
export function sshUser(site: Site): string {
  return site.ssh?.user ?? 'rke';
}

/** Address of the bastion: by default the last address before the allocation pool. */
export function bastionAddress(cloud: OpenStack): string {
  return cloud.bastion?.address ?? beforeAllocationPool(cloud, 1);
}

/**
 * Address of the load balancer in the node network: the second last before the allocation pool, so that adding or removing the bastion
 * does not change it. Undefined if there is no load balancer.
 */
export function loadBalancerAddress(cloud: OpenStack): string | undefined {
  return cloud.entry === 'load-balancer' ? beforeAllocationPool(cloud, 2) : undefined;
}

function beforeAllocationPool(cloud: OpenStack, steps: number): string {
  return addressText(addressNumber(allocationPool(cloud).first) - steps);
}

/** Former names of a pool, the oldest first. */
export function formerNames({ renamedFrom = [] }: Pick<NodePool, 'renamedFrom'>): readonly string[] {
  return typeof renamedFrom === 'string' ? [renamedFrom] : renamedFrom;
}

/** The name that a pool had when its machines got their names. */
export function originalName(pool: Pick<NodePool, 'name' | 'renamedFrom'>): string {
  return formerNames(pool)[0] ?? pool.name;
}

/** Data volumes that the nodes of a pool have. */
export function dataVolumesOf({ dataVolumes = [] }: Pick<NodePool, 'dataVolumes'>): readonly DataVolume[] {
  return dataVolumes.filter(({ retired }) => retired === undefined);
}

/** Nodes that a cluster supports. @see https://kubernetes.io/docs/setup/best-practices/cluster-large/ */
export const MAX_NODES = 5000;

/** Keys of the nodes of a pool. */
export function poolKeys(pool: NodePool): readonly string[] {
  if (pool.keys) return pool.keys;
  const given = pool.count ?? pool.hostnames?.length ?? 1;
  // Validation rejects a larger number; one node stands for it, so that no other rule reports missing nodes.
  const count = !Number.isInteger(given) ? 0 : given > MAX_NODES ? 1 : Math.max(0, given);
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

/** Zero-based position of a key in the addresses of its pool: 2 for `3` and for `c`. Undefined for other keys. */
export function keyPosition(key: string): number | undefined {
  if (/^[1-9]\d{0,4}$/.test(key)) return Number(key) - 1;
  return /^[a-z]$/.test(key) ? key.charCodeAt(0) - 'a'.charCodeAt(0) : undefined;
}

/** Allocation pool of the subnet; nodes have addresses before it. */
export function allocationPool(cloud: OpenStack): { readonly first: string; readonly last: string } {
  if (cloud.allocationPool) return cloud.allocationPool;
  const { first, last } = range(cloud.cidr);
  return { first: addressText(first + Math.ceil(((last - first + 1) * 3) / 4)), last: addressText(last - 1) };
}
