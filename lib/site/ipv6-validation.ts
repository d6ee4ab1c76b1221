import { addressOutside, failure, Problems } from '../errors';
import { addressNumber6, contains6, overlaps6, type Range6, range6 } from './address6';
import {
  addressDuplicate6,
  addressInClusterRange6,
  cidrOverlap,
  ipv6AddressMissing,
  ipv6Incomplete,
  ipv6MaskUnsupported,
  ipv6NodesTooSmall,
  ipv6PodCidrInvalid,
  ipv6ServiceCidrInvalid,
  ipv6Unsupported,
} from './messages';
import type { Site } from './site';

/** Default prefix length of the IPv6 pod range of each node. */
const NODE_MASK = 64;
/** kube-controller-manager numbers node ranges with 16 bits. */
const MAX_BLOCK_BITS = 16;

/** Validates the IPv6 settings of a site. */
export function validateIpv6(site: Site, problems: Problems): void {
  const { cluster, cloud } = site;
  const path = `${site.name}/cluster/ipv6`;
  if (!cluster.ipv6 && !cloud?.ipv6) {
    for (const { name, addresses6 } of site.pools)
      if (addresses6)
        problems.add(
          `${site.name}/pools/${name}/addresses6`,
          cluster.kind === 'rke1' ? ipv6Unsupported() : ipv6Incomplete('the nodes', '`ipv6` of the cluster'),
        );
    return;
  }
  if (cluster.kind === 'rke1') problems.add(path, ipv6Unsupported());
  else if (!cluster.ipv6) problems.add(path, ipv6Incomplete('the network of the nodes', 'rke2({ ipv6: … })'));
  else validateDualStack(site, path, problems);
}

function validateDualStack(site: Site, path: string, problems: Problems): void {
  const { cluster, cloud } = site;
  const ranges = rangesOf(site, problems);
  for (const [index, [name, range]] of ranges.entries()) {
    for (const [otherName, other] of ranges.slice(index + 1))
      if (overlaps6(range, other))
        problems.add(`${site.name}/${otherName}`, cidrOverlap(otherName, other.cidr, name, range.cidr, fixOf(otherName, other, ranges)));
  }
  validateAddresses6(site, ranges, problems);
  if (cluster.kind === 'existing') return;
  if (cloud && !cloud.ipv6)
    problems.add(`${site.name}/cloud/ipv6`, ipv6Incomplete('pods and Services', 'openstack({ ipv6: { cidr: … } })'));
  const found = new Map(ranges);
  const [nodes, pods, services] = ['cloud/ipv6/cidr', 'cluster/ipv6/podCidr', 'cluster/ipv6/serviceCidr'].map((name) => found.get(name));
  if (nodes && site.nodes.some((node) => node.address6 === undefined || node.address6 === ''))
    problems.add(`${site.name}/cloud/ipv6/cidr`, ipv6NodesTooSmall(nodes.cidr, cloud?.cidr ?? ''));
  if (!cloud)
    for (const node of site.nodes)
      if (!node.address6) problems.add(`${site.name}/pools/${node.pool.name}/addresses6`, ipv6AddressMissing(node.name));
  // The API server accepts at most 20 bits of addresses for Services.
  if (services && (services.length < 108 || services.length > 124))
    problems.add(`${path}/serviceCidr`, ipv6ServiceCidrInvalid(services.cidr));
  if (pods) problems.attempt(`${path}/podCidr`, () => checkBlocks(site, pods));
  const mask = cluster.props.arguments?.['kube-controller-manager'] ?? {};
  if ('node-cidr-mask-size' in mask) problems.add(`${site.name}/cluster/arguments`, ipv6MaskUnsupported());
}

/** Reports addresses of `addresses6` that are invalid, used twice, outside the range of the nodes, or inside one of pods and Services. */
function validateAddresses6(site: Site, ranges: readonly (readonly [string, Range6])[], problems: Problems): void {
  const owners = new Map<bigint, string>();
  for (const { name, key, pool, address6 } of site.nodes) {
    if (!pool.addresses6 || address6 === undefined) continue;
    const path = `${site.name}/pools/${pool.name}/${key}/address6`;
    const number = problems.attempt(path, () => addressNumber6(address6));
    if (number === undefined) continue;
    const owner = owners.get(number);
    if (owner !== undefined) problems.add(path, addressDuplicate6(address6, name, owner));
    owners.set(number, name);
    for (const [at, range] of ranges)
      if (at !== 'cloud/ipv6/cidr' && contains6(range, number)) problems.add(path, addressInClusterRange6(address6, at, range.cidr));
      else if (at === 'cloud/ipv6/cidr' && !contains6(range, number))
        problems.add(path, addressOutside(address6, range.cidr, 'addresses6'));
  }
}

function rangesOf({ name, cloud, cluster }: Site, problems: Problems): readonly (readonly [string, Range6])[] {
  const named = [
    ['cloud/ipv6/cidr', cloud?.ipv6?.cidr],
    ['cluster/ipv6/podCidr', cluster.ipv6?.podCidr],
    ['cluster/ipv6/serviceCidr', cluster.ipv6?.serviceCidr],
  ] as const;
  return named.flatMap(([at, cidr]) => {
    const read = cidr === undefined ? undefined : problems.attempt(`${name}/${at}`, () => range6(cidr));
    return read ? [[at, read] as const] : [];
  });
}

/** Suggests a free unique local range. @see https://www.rfc-editor.org/rfc/rfc4193 */
function fixOf(name: string, { length }: Range6, ranges: readonly (readonly [string, Range6])[]): string {
  const others = ranges.filter(([other]) => other !== name).map(([, range]) => range);
  for (let subnet = 0x42; subnet <= 0xff; subnet++) {
    const candidate = new Problems().attempt('', () => range6(`fd00:${subnet.toString(16)}::/${length}`));
    if (candidate && !others.some((other) => overlaps6(candidate, other) || contains6(other, candidate)))
      return `write ${name.replace('cluster/ipv6/', '')}: '${candidate.cidr}' before the cluster is installed: it cannot be changed later`;
  }
  return `choose another range for ${name}`;
}

/** @throws INVALID_IPV6_POD_CIDR */
function checkBlocks(site: Site, { cidr, length }: Range6): void {
  if (site.cluster.kind === 'existing') return;
  const given = site.cluster.props.arguments?.['kube-controller-manager']?.['node-cidr-mask-size-ipv6'];
  const mask = given === undefined ? NODE_MASK : Number(given);
  const capacity = 2 ** (mask - length);
  if (!(mask >= length && mask - length <= MAX_BLOCK_BITS && site.nodes.length <= capacity))
    throw failure(ipv6PodCidrInvalid(cidr, mask, site.nodes.length));
}
