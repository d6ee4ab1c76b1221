import { addressOutside, type Problem, Problems, problemAt } from '../errors';
import {
  addressNumber,
  allocationPool,
  bastionAddress,
  bytes,
  contains,
  type Exposure,
  extraSpecs,
  loadBalancerAddress,
  type NodePool,
  range,
  type Site,
} from '../site';
import { type CloudSite, hasCloud } from './cloud-site';
import { listeners } from './listeners';
import {
  addressConflict,
  adminsMissing,
  adminsTooWide,
  allocationPoolInvalid,
  exposureTooWide,
  flavorConflict,
  hardSpreadTooLarge,
  listenerDuplicate,
  mtuInvalid,
  nodeNameDuplicate,
  podNetworkUnknown,
  portsInvalid,
  publicAddressMissing,
  securityRulesExceedQuota,
  sshAccessMissing,
  statePathAbsolute,
  userDataTooLarge,
} from './messages';
import { securityRules } from './security-rules';
import { base64Length, bastionUserData, MAX_USER_DATA, userData } from './user-data';

/** Maximum number of listeners of an exposure. Octavia allows more, but creates them sequentially, about ten seconds each. */
const MAX_LISTENERS = 16;

/**
 * Default quota of a project.
 *
 * @see https://docs.openstack.org/neutron/latest/admin/ops-quotas.html
 */
const DEFAULT_QUOTA = { rules: 100, groups: 10 } as const;

/** Rules of the `default` group of a project: egress, and traffic between its members, each for IPv4 and IPv6. */
const RULES_OF_DEFAULT_GROUP = 4;

/** Rules of any other new group: egress, for IPv4 and IPv6. */
const RULES_OF_NEW_GROUP = 2;

/** Servers of a group with hard anti-affinity that Nova reliably schedules at the same time: it detects conflicts late, and retries twice. */
const MAX_CONCURRENT_HARD_SPREAD = 2;

/**
 * Validates what Terraform and OpenStack would reject. A site with errors of its own is not validated, because the same errors would be
 * reported twice.
 */
export function infrastructureProblems(site: Site, exposures: readonly Exposure[]): readonly Problem[] {
  if (!hasCloud(site) || site.problems.length > 0) return [];
  const problems = new Problems();
  checkPools(site, problems);
  checkAddresses(site, problems);
  checkSettings(site, problems);
  checkExposures(site, exposures, problems);
  checkUserData(site, problems);
  return problems.all;
}

/** Warnings about the infrastructure: it can be provisioned, but with known disadvantages. */
export function infrastructureWarnings(site: Site, exposures: readonly Exposure[]): readonly Problem[] {
  if (!hasCloud(site) || site.problems.length > 0) return [];
  return [...quotaWarnings(site, exposures), ...spreadWarnings(site), ...accessWarnings(site)];
}

function checkPools(site: CloudSite, problems: Problems): void {
  const pools = new Map<string, NodePool>();
  for (const node of site.nodes) {
    const other = pools.get(node.name);
    if (other && other !== node.pool)
      problems.add(`${site.name}/pools/${node.pool.name}`, nodeNameDuplicate(node.name, node.pool.name, other.name));
    pools.set(node.name, node.pool);
  }
  for (const pool of site.pools) {
    const other = site.pools.find((candidate) => candidate.flavor.name === pool.flavor.name) ?? pool;
    if (size(other) === size(pool)) continue;
    const finding = flavorConflict(pool.flavor.name ?? '', sizeText(pool), sizeText(other), other.name);
    problems.add(`${site.name}/pools/${pool.name}/flavor`, finding);
  }
}

function size({ flavor }: NodePool): string {
  return `${flavor.vcpus} ${bytes(flavor.memory)} ${JSON.stringify(flavor.gpus)}`;
}

function sizeText({ flavor }: NodePool): string {
  const gpus = flavor.gpus ? Object.entries(extraSpecs(flavor.gpus)).map(([key, value]) => `${key}=${value}`) : [];
  return [`${flavor.vcpus} vCPUs and ${flavor.memory}`, ...gpus].join(', ');
}

/** Addresses must be unique in Neutron, which reserves the first two and the last address of a network. */
function checkAddresses(site: CloudSite, problems: Problems): void {
  const path = `${site.name}/cloud`;
  const network = range(site.cloud.cidr);
  const free = { cidr: network.cidr, first: network.first + 2, last: network.last - 1 };
  const { first, last } = allocationPool(site.cloud);
  const pool = problems.attempt(`${path}/allocationPool`, () => ({
    cidr: '',
    first: addressNumber(first),
    last: addressNumber(last),
  }));
  if (!pool) return;
  if (pool.first > pool.last || !contains(free, pool)) {
    problems.add(`${path}/allocationPool`, allocationPoolInvalid(first, last, network.cidr));
  }

  const owners = new Map(site.nodes.map((node) => [addressNumber(node.address), node.name]));
  for (const [resource, at, address] of reservedAddresses(site)) {
    const number = problems.attempt(`${path}/${at}`, () => addressNumber(address));
    if (number === undefined) continue;
    const owner = owners.get(number) ?? (contains(pool, number) ? 'the allocation pool of OpenStack' : undefined);
    if (!contains(free, number)) problems.add(`${path}/${at}`, addressOutside(address, network.cidr, propOf(site, at)));
    else if (owner) problems.add(`${path}/${at}`, addressConflict(address, resource, owner));
    owners.set(number, resource);
  }
}

/** The prop that sets an address; those without one are derived from the allocation pool. */
function propOf({ cloud }: CloudSite, at: string): string {
  return at === 'bastion/address' && cloud.bastion?.address !== undefined ? 'bastion.address' : 'allocationPool.first';
}

/** Addresses of the bastion and the load balancer: name of the resource, path of the prop, address. */
function reservedAddresses({ cloud }: CloudSite): readonly (readonly [string, string, string])[] {
  const balancer = loadBalancerAddress(cloud);
  return [
    ...(cloud.bastion ? [['the bastion', 'bastion/address', bastionAddress(cloud)] as const] : []),
    ...(balancer ? [['the load balancer', 'entry', balancer] as const] : []),
  ];
}

function checkSettings({ name, cloud }: CloudSite, problems: Problems): void {
  const path = `${name}/cloud`;
  const { mtu, state } = cloud;
  if (cloud.floatingIp === 'reserved' && cloud.publicAddress === undefined) problems.add(`${path}/publicAddress`, publicAddressMissing());
  if (mtu !== undefined && !(Number.isInteger(mtu) && mtu >= 1280 && mtu <= 65_535)) problems.add(`${path}/mtu`, mtuInvalid(mtu));
  if (state?.kind === 'local' && /^([/~\\]|[A-Za-z]:)/.test(state.path ?? '')) {
    problems.add(`${path}/state/path`, statePathAbsolute(state.path ?? ''));
  }
}

function checkExposures(site: CloudSite, exposures: readonly Exposure[], problems: Problems): void {
  const hasLoadBalancer = site.cloud.entry === 'load-balancer';
  const valid = exposures.filter((exposure) => {
    const path = `${site.name}/exposures/${exposure.purpose}`;
    const { first, last } = exposure;
    const before = problems.all.length;
    for (const cidr of exposure.from) problems.attempt(path, () => range(cidr));
    const ports = Number.isInteger(first) && Number.isInteger(last) && first >= 1 && last <= 65_535 && first <= last;
    if (!ports) problems.add(path, portsInvalid(first, last));
    else if (hasLoadBalancer && last - first >= MAX_LISTENERS) problems.add(path, exposureTooWide(last - first + 1, MAX_LISTENERS));
    return problems.all.length === before;
  });
  if (!hasLoadBalancer) return;
  const purposes = new Map<string, string>();
  for (const { protocol, port, purpose } of listeners(site, valid)) {
    const key = `${protocol} ${port}`;
    const other = purposes.get(key);
    if (other !== undefined) problems.add(`${site.name}/exposures/${purpose}`, listenerDuplicate(key, other, purpose));
    purposes.set(key, purpose);
  }
}

function checkUserData(site: CloudSite, problems: Problems): void {
  const texts: readonly (readonly [string, () => string])[] = [
    ...site.nodes.map((node) => [`pools/${node.pool.name}/${node.key}`, () => userData(site, node)] as const),
    ...(site.cloud.bastion ? [['cloud/bastion', () => bastionUserData(site)] as const] : []),
  ];
  for (const [at, text] of texts) {
    const path = `${site.name}/${at}`;
    const length = base64Length(problems.attempt(path, text) ?? '');
    if (length > MAX_USER_DATA) problems.add(path, userDataTooLarge(length, MAX_USER_DATA));
  }
}

function quotaWarnings(site: CloudSite, exposures: readonly Exposure[]): readonly Problem[] {
  const rules = securityRules(site, exposures);
  const own = new Set(['nodes', ...rules.map((rule) => rule.group)]).size;
  const groups = own + 1;
  const all = rules.length + own * RULES_OF_NEW_GROUP + RULES_OF_DEFAULT_GROUP;
  const fits = all <= DEFAULT_QUOTA.rules && groups <= DEFAULT_QUOTA.groups;
  return fits ? [] : [problemAt(`${site.name}/cloud`, securityRulesExceedQuota(all, groups, DEFAULT_QUOTA))];
}

function spreadWarnings(site: CloudSite): readonly Problem[] {
  return site.pools
    .filter((pool) => pool.spread === 'hard')
    .map((pool) => ({ pool, nodes: site.nodes.filter((node) => node.pool === pool).length }))
    .filter(({ nodes }) => nodes > MAX_CONCURRENT_HARD_SPREAD)
    .map(({ pool, nodes }) => problemAt(`${site.name}/pools/${pool.name}/spread`, hardSpreadTooLarge(nodes)));
}

/** Shortest plausible prefix length of the network of an institute: a shorter one is a large part of the Internet. */
const MIN_ADMINS_PREFIX_LENGTH = 8;

function accessWarnings(site: CloudSite): readonly Problem[] {
  const { bastion, publicAddress, entry, admins } = site.cloud;
  const wide = admins.filter((cidr) => Number(cidr.split('/')[1]) < MIN_ADMINS_PREFIX_LENGTH);
  const reachable = bastion !== undefined || (publicAddress !== undefined && entry !== 'load-balancer');
  const network = site.cluster.kind === 'existing' ? undefined : site.cluster.props.network;
  return [
    ...(reachable ? [] : [problemAt(`${site.name}/cloud`, sshAccessMissing())]),
    ...(admins.length === 0 ? [problemAt(`${site.name}/cloud/admins`, adminsMissing())] : []),
    ...(wide.length > 0 ? [problemAt(`${site.name}/cloud/admins`, adminsTooWide(wide))] : []),
    ...(network === 'none' ? [problemAt(`${site.name}/cluster/network`, podNetworkUnknown())] : []),
  ];
}
