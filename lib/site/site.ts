import type { Acceptance, Problem } from '../errors';
import { addressNumber, addressText, range } from './address';
import type { Allocatable } from './allocatable';
import type { Cluster } from './cluster';
import type { Egress } from './egress';
import type { ImageProps } from './images';
import type { Flavor, NodePool, Role, Taint } from './node-pool';
import type { OpenStack } from './openstack';
import type { Storage, StorageClass } from './storage';

/** How the machines are reached by those who install Kubernetes on them. */
export interface SshAccess {
  /** Never root: RKE refuses it on Enterprise Linux. The user is made by cloud-init where machines are created. @default rke */
  readonly user?: string;
  /** Private key on the operator's machine. @default - the SSH agent */
  readonly keyPath?: string;
}

export interface SiteProps extends ImageProps {
  readonly cluster: Cluster;
  readonly pools: readonly NodePool[];
  /** Where machines are created. @default - none: the nodes exist */
  readonly cloud?: OpenStack;
  /** @default - none: a service that needs a volume must name its class */
  readonly storage?: Storage;
  /** @default - user `rke`, key from the SSH agent */
  readonly ssh?: SshAccess;
  /** How nodes without free access to the Internet get packages and images. @default - they reach the Internet directly */
  readonly egress?: Egress;
  /** Warnings that are known and acceptable here; the summary prints them with their reasons. @default - none */
  readonly accept?: readonly Acceptance[];
  /** Marks a site that nobody works on, where logins without a password are allowed. @default false */
  readonly test?: boolean;
}

/** One machine, with everything that is derived for it. */
export interface SiteNode {
  /** `<site>-<pool>-<key>`: host name, name of the server and of the Kubernetes node; or what `hostnames` of its pool say. */
  readonly name: string;
  readonly key: string;
  readonly pool: NodePool;
  readonly roles: readonly Role[];
  /** Empty where nodes exist already and nobody needs their addresses. */
  readonly address: string;
  /** IPv6 address of a node of a dual-stack site. */
  readonly address6?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly flavor: Flavor;
  /** What pods may use of it. */
  readonly allocatable: Allocatable;
  /** What pods may use beside, by the name of the extended resource. */
  readonly devices: Readonly<Record<string, number>>;
}

/**
 * A facility's site: what there is, as plain values.
 *
 * @madeBy defineSite
 */
export interface Site extends SiteProps {
  readonly kind: 'site';
  readonly name: string;
  readonly nodes: readonly SiteNode[];
  /** StorageClasses that services may name. */
  readonly storageClasses: readonly StorageClass[];
  /** What cannot work; whatever is made of the site is refused as long as there is one. */
  readonly problems: readonly Problem[];
  /** What works but should be known; those that the site accepts among them. */
  readonly warnings: readonly Problem[];
}

/** Key of the label that names a node's pool, where the library installs Kubernetes. */
export const POOL_LABEL = 'analysis-facility.io/pool';

/** Labels by which the pods of a pool are placed. */
export function poolLabels(site: Pick<Site, 'cluster'>, pool: NodePool): Readonly<Record<string, string>> {
  return site.cluster.kind === 'existing' ? (pool.labels ?? {}) : { [POOL_LABEL]: pool.name };
}

/** Nodes that run a role, in the order of the site. */
export function nodesWith(site: Site, role: Role): readonly SiteNode[] {
  return site.nodes.filter((node) => node.roles.includes(role));
}

/** Addresses of the API servers, each as a CIDR of one address. */
export function apiServers(site: Site): readonly string[] {
  if (site.cluster.kind === 'existing') return site.cluster.apiServers;
  return nodesWith(site, 'controlplane').map((node) => `${node.address}/32`);
}

/** Addresses of the API servers by port, each as a CIDR of one address: a cluster may have API servers on several ports. */
export function apiServersByPort(site: Site): ReadonlyMap<number, readonly string[]> {
  const { cluster } = site;
  const byPort = new Map<number, string[]>();
  for (const [index, cidr] of apiServers(site).entries()) {
    const port = cluster.kind === 'existing' ? (cluster.apiPorts[index] ?? cluster.apiPort) : cluster.apiPort;
    byPort.set(port, [...(byPort.get(port) ?? []), cidr]);
  }
  return byPort;
}

/** The ranges that belong to the site itself: nodes, pods, Services. */
export function siteRanges(site: Site): readonly string[] {
  const nodes = site.nodes.filter(({ address }) => address !== '').map(({ address }) => `${address}/32`);
  return [site.cloud?.cidr, site.cluster.podCidr, site.cluster.serviceCidr, ...nodes].filter((cidr) => cidr !== undefined);
}

/** The IPv6 ranges that belong to the site itself; empty unless it is dual-stack. */
export function siteRanges6({ cloud, cluster, nodes }: Site): readonly string[] {
  const addresses = nodes.map(({ address6 }) => (address6 ? `${address6}/128` : undefined));
  const ranges = [cloud?.ipv6?.cidr, cluster.ipv6?.podCidr, cluster.ipv6?.serviceCidr, ...(cloud?.ipv6 ? [] : addresses)];
  return ranges.filter((cidr) => cidr !== undefined);
}

/** The user by which machines are reached. */
export function sshUser(site: Site): string {
  return site.ssh?.user ?? 'rke';
}

/** Where the bastion is: the last address below what OpenStack hands out. */
export function bastionAddress(cloud: OpenStack): string {
  return cloud.bastion?.address ?? belowPool(cloud, 1);
}

/**
 * Where the load balancer answers inside the network: the address below the bastion's, so that neither moves when the
 * other comes or goes. Undefined where there is none.
 */
export function loadBalancerAddress(cloud: OpenStack): string | undefined {
  return cloud.entry === 'load-balancer' ? belowPool(cloud, 2) : undefined;
}

function belowPool(cloud: OpenStack, steps: number): string {
  return addressText(addressNumber(allocationPool(cloud).first) - steps);
}

/** Keys of a pool's nodes. */
export function poolKeys(pool: NodePool): readonly string[] {
  if (pool.keys) return pool.keys;
  const given = pool.count ?? pool.hostnames?.length ?? 1;
  const count = Number.isInteger(given) ? Math.max(0, given) : 0;
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

/** Position of a key in its pool's block of addresses, from 0: of `3` and of `c` it is 2. Undefined for keys that cannot be counted. */
export function keyPosition(key: string): number | undefined {
  if (/^[1-9]\d{0,4}$/.test(key)) return Number(key) - 1;
  return /^[a-z]$/.test(key) ? key.charCodeAt(0) - 'a'.charCodeAt(0) : undefined;
}

/** Addresses of the network that OpenStack may hand out; nodes stay below. */
export function allocationPool(cloud: OpenStack): { readonly first: string; readonly last: string } {
  if (cloud.allocationPool) return cloud.allocationPool;
  const { first, last } = range(cloud.cidr);
  return { first: addressText(first + Math.ceil(((last - first + 1) * 3) / 4)), last: addressText(last - 1) };
}
