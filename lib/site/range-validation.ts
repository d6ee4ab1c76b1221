import { failure, Problems } from '../errors';
import { addressText, contains, overlaps, type Range, range } from './address';
import { freeRange } from './free-range';
import { addressInClusterRange, cidrOverlap, nodeBlockTooSmall, nodeMaskInvalid, podCidrTooSmall } from './messages';
import { apiServers, type Site } from './site';

/** Reports ranges that overlap, or that are too small for the nodes and their pods. */
export function validateRanges(site: Site, problems: Problems): void {
  const named: readonly (readonly [string, string | undefined])[] = [
    ['cloud/cidr', site.cloud?.cidr],
    ['cluster/podCidr', site.cluster.podCidr],
    ['cluster/serviceCidr', site.cluster.serviceCidr],
  ];
  const ranges = named.flatMap(([name, cidr]): [string, Range][] => {
    const read = cidr === undefined ? undefined : problems.attempt(`${site.name}/${name}`, () => range(cidr));
    return read ? [[name, read]] : [];
  });
  for (const [index, [name, first]] of ranges.entries()) {
    for (const [otherName, other] of ranges.slice(index + 1))
      if (overlaps(first, other)) {
        const fix = fixOf(site, otherName, freeClusterRange(site, otherName, prefixLength(other)));
        problems.add(`${site.name}/${otherName}`, cidrOverlap(otherName, other.cidr, name, first.cidr, fix));
      }
  }
  const pods = ranges.find(([name]) => name === 'cluster/podCidr')?.[1];
  if (pods) problems.attempt(`${site.name}/cluster/podCidr`, () => checkNodeBlocks(site, pods, problems));
}

function prefixLength({ first, last }: Range): number {
  return 32 - Math.log2(last - first + 1);
}

function fixOf({ cluster }: Site, name: string, free: string | undefined): string {
  const prop = name.replace('cluster/', '');
  if (cluster.kind === 'existing')
    return `write the ${prop} of the cluster: \`kubectl cluster-info dump | grep -E 'cluster-cidr|service-cluster-ip-range'\``;
  return free === undefined
    ? `choose another ${prop}`
    : `write ${prop}: '${free}' before the cluster is installed: it cannot be changed later`;
}

/** Ranges and addresses of a site with which a new range for pods or Services must not overlap. */
function usedRanges(site: Site, except: string): readonly Range[] {
  const { cloud, cluster } = site;
  const single = [cloud?.publicAddress, ...(cloud?.nameServers ?? []), ...site.nodes.map(({ address }) => address)];
  const cidrs = [
    cloud?.cidr,
    ...(except === 'cluster/podCidr' ? [] : [cluster.podCidr]),
    ...(except === 'cluster/serviceCidr' ? [] : [cluster.serviceCidr]),
    ...(cloud?.admins ?? []),
    ...apiServers(site),
    ...single.map((address) => (address ? `${address}/32` : undefined)),
  ];
  // Invalid ranges are reported by the validation of their own prop.
  return cidrs.flatMap((cidr) => (cidr === undefined ? [] : (new Problems().attempt('', () => range(cidr)) ?? [])));
}

/** A free range for pods or Services of this site; undefined if there is none of that length. */
export function freeClusterRange(site: Site, name: string, length: number): string | undefined {
  return freeRange(length, usedRanges(site, name), name === 'cluster/serviceCidr' ? '10.43.0.0/16' : '10.42.0.0/16');
}

/** Default prefix length of the pod range of each node. */
const NODE_MASK = 24;

/** kube-controller-manager numbers node ranges with 16 bits. @see https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/nodeipam/ipam/cidrset/cidr_set.go (clusterSubnetMaxDiff) */
const MAX_BLOCK_BITS = 16;

/**
 * Addresses of a node's range that are not assigned to pods: network, gateway and broadcast address.
 *
 * @see https://www.cni.dev/plugins/current/ipam/host-local/ (rangeStart, rangeEnd)
 */
const RESERVED_IN_BLOCK = 3;

/**
 * Checks that each node gets a part of the pod range (`--node-cidr-mask-size`) and each pod an address of it: a node without a range stays
 * NotReady, and a pod without an address stays ContainerCreating.
 *
 * @throws INVALID_NODE_CIDR_MASK
 * @see https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
 */
function checkNodeBlocks(site: Site, pods: Range, problems: Problems): void {
  if (site.cluster.kind === 'existing') return;
  const given = site.cluster.props.arguments?.['kube-controller-manager'] ?? {};
  const text = given['node-cidr-mask-size-ipv4'] ?? given['node-cidr-mask-size'] ?? String(NODE_MASK);
  const mask = Number(text);
  const length = prefixLength(pods);
  if (!Number.isInteger(mask) || mask < length || mask > 32 || mask - length > MAX_BLOCK_BITS)
    throw failure(nodeMaskInvalid(text, length, Math.min(32, length + MAX_BLOCK_BITS)));
  const path = `${site.name}/cluster/podCidr`;
  const nodes = site.nodes.length;
  const capacity = 2 ** (mask - length);
  if (nodes > capacity) {
    const needed = mask - Math.ceil(Math.log2(nodes));
    const free = freeClusterRange(site, 'cluster/podCidr', Math.min(needed, 16)) ?? freeClusterRange(site, 'cluster/podCidr', needed);
    problems.add(path, podCidrTooSmall(pods.cidr, capacity, nodes, mask, free));
  }
  const most = 2 ** (32 - mask) - RESERVED_IN_BLOCK;
  const maxPods = Math.max(...site.nodes.map(({ allocatable }) => allocatable.pods));
  if (!usesNodeRange(site.cluster.kind, site.cluster.props.network) || !(maxPods > most)) return;
  const wanted = 32 - Math.ceil(Math.log2(maxPods + RESERVED_IN_BLOCK));
  const fits = nodes <= 2 ** (wanted - length);
  const free = fits ? undefined : freeClusterRange(site, 'cluster/podCidr', Math.min(16, wanted - Math.ceil(Math.log2(nodes))));
  problems.add(path, nodeBlockTooSmall(maxPods, mask, Math.max(0, most), wanted, free));
}

/** Whether pods get addresses from the range of their node. Weave, and Calico in RKE2, have their own address management. */
function usesNodeRange(kind: 'rke1' | 'rke2', network: string = 'canal'): boolean {
  return network !== 'weave' && network !== 'none' && !(kind === 'rke2' && network === 'calico');
}

/** Reports the address of an existing node that is inside the range of pods or Services. With a cloud, the ranges are compared instead. */
export function validateNodeAddress(site: Site, path: string, address: number, problems: Problems): void {
  for (const name of ['podCidr', 'serviceCidr'] as const) {
    const reserved = new Problems().attempt('', () => range(site.cluster[name]));
    if (!reserved || !contains(reserved, address)) continue;
    const fix = fixOf(site, `cluster/${name}`, freeClusterRange(site, `cluster/${name}`, prefixLength(reserved)));
    problems.add(path, addressInClusterRange(addressText(address), name, reserved.cidr, fix));
  }
}
