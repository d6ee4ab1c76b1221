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
  addressForeign,
  adminsWide,
  allocationPoolInvalid,
  exposureTooWide,
  flavorDiffers,
  hardGroupRace,
  listenerTwice,
  manySecurityRules,
  mtuInvalid,
  noAdmins,
  nodeNameTwice,
  noWayIn,
  portsInvalid,
  publicAddressMissing,
  statePathAbsolute,
  unknownPodNetwork,
  userDataTooLarge,
} from './messages';
import { securityRules } from './security-rules';
import { base64Length, bastionUserData, MOST_USER_DATA, userData } from './user-data';

/** Listeners of one exposure. Octavia allows more, but takes about ten seconds for each, one after the other. */
const MOST_LISTENERS = 16;

/**
 * What a project may have unless somebody raised it.
 *
 * @see https://docs.openstack.org/neutron/latest/admin/ops-quotas.html
 */
const DEFAULT_QUOTA = { rules: 100, groups: 10 } as const;

/** In the `default` group of a project: the way out and the way among its members, each for IPv4 and IPv6. */
const RULES_OF_DEFAULT_GROUP = 4;

/** In every other new group: the way out, for IPv4 and IPv6. */
const RULES_OF_NEW_GROUP = 2;

/** Members of a group that Nova reliably places at once: it checks late whether two share a hypervisor, and retries twice. */
const MOST_HARD_AT_ONCE = 2;

/**
 * What of a site cannot be provisioned. Judged on a site without problems of its own: on any other, most of this would
 * tell the same mistake once more.
 */
export function infrastructureProblems(site: Site, exposures: readonly Exposure[]): readonly Problem[] {
  if (!hasCloud(site) || site.problems.length > 0) return [];
  const problems = new Problems();
  poolLaws(site, problems);
  addressLaws(site, problems);
  settingLaws(site, problems);
  exposureLaws(site, exposures, problems);
  userDataLaws(site, problems);
  return problems.all;
}

/** What can be provisioned, but may surprise whoever applies it. */
export function infrastructureWarnings(site: Site, exposures: readonly Exposure[]): readonly Problem[] {
  if (!hasCloud(site) || site.problems.length > 0) return [];
  return [...quotaWarnings(site, exposures), ...spreadWarnings(site), ...reachWarnings(site)];
}

function poolLaws(site: CloudSite, problems: Problems): void {
  const pools = new Map<string, NodePool>();
  for (const node of site.nodes) {
    const other = pools.get(node.name);
    if (other && other !== node.pool)
      problems.add(`${site.name}/pools/${node.pool.name}`, nodeNameTwice(node.name, node.pool.name, other.name));
    pools.set(node.name, node.pool);
  }
  for (const pool of site.pools) {
    const other = site.pools.find((candidate) => candidate.flavor.name === pool.flavor.name) ?? pool;
    if (size(other) === size(pool)) continue;
    const finding = flavorDiffers(pool.flavor.name ?? '', sizeText(pool), sizeText(other), other.name);
    problems.add(`${site.name}/pools/${pool.name}/flavor`, finding);
  }
}

function size({ flavor }: NodePool): string {
  return `${flavor.vcpus} ${bytes(flavor.memory)} ${JSON.stringify(flavor.gpus)}`;
}

function sizeText({ flavor }: NodePool): string {
  const cards = flavor.gpus ? Object.entries(extraSpecs(flavor.gpus)).map(([key, value]) => `${key}=${value}`) : [];
  return [`${flavor.vcpus} vCPUs and ${flavor.memory}`, ...cards].join(', ');
}

/** Neutron takes an address once, and keeps the first two and the last of a network to itself. */
function addressLaws(site: CloudSite, problems: Problems): void {
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
  for (const [what, at, address] of ownAddresses(site)) {
    const number = problems.attempt(`${path}/${at}`, () => addressNumber(address));
    if (number === undefined) continue;
    const owner = owners.get(number) ?? (contains(pool, number) ? 'the allocation pool of OpenStack' : undefined);
    if (!contains(free, number)) problems.add(`${path}/${at}`, addressOutside(address, network.cidr));
    else if (owner) problems.add(`${path}/${at}`, addressForeign(address, what, owner));
    owners.set(number, what);
  }
}

/** Addresses of what is not a node: what it is, where it was described, and the address. */
function ownAddresses({ cloud }: CloudSite): readonly (readonly [string, string, string])[] {
  const balancer = loadBalancerAddress(cloud);
  return [
    ...(cloud.bastion ? [['the bastion', 'bastion/address', bastionAddress(cloud)] as const] : []),
    ...(balancer ? [['the load balancer', 'entry', balancer] as const] : []),
  ];
}

function settingLaws({ name, cloud }: CloudSite, problems: Problems): void {
  const path = `${name}/cloud`;
  const { mtu, state } = cloud;
  if (cloud.floatingIp === 'reserved' && cloud.publicAddress === undefined) problems.add(`${path}/publicAddress`, publicAddressMissing());
  if (mtu !== undefined && !(Number.isInteger(mtu) && mtu >= 1280 && mtu <= 65_535)) problems.add(`${path}/mtu`, mtuInvalid(mtu));
  if (state?.kind === 'local' && /^([/~\\]|[A-Za-z]:)/.test(state.path ?? '')) {
    problems.add(`${path}/state/path`, statePathAbsolute(state.path ?? ''));
  }
}

function exposureLaws(site: CloudSite, exposures: readonly Exposure[], problems: Problems): void {
  const balanced = site.cloud.entry === 'load-balancer';
  const sound = exposures.filter((exposure) => {
    const path = `${site.name}/exposures/${exposure.purpose}`;
    const { first, last } = exposure;
    const before = problems.all.length;
    for (const cidr of exposure.from) problems.attempt(path, () => range(cidr));
    const ports = Number.isInteger(first) && Number.isInteger(last) && first >= 1 && last <= 65_535 && first <= last;
    if (!ports) problems.add(path, portsInvalid(first, last));
    else if (balanced && last - first >= MOST_LISTENERS) problems.add(path, exposureTooWide(last - first + 1, MOST_LISTENERS));
    return problems.all.length === before;
  });
  if (!balanced) return;
  const purposes = new Map<string, string>();
  for (const { protocol, port, purpose } of listeners(site, sound)) {
    const key = `${protocol} ${port}`;
    const other = purposes.get(key);
    if (other !== undefined) problems.add(`${site.name}/exposures/${purpose}`, listenerTwice(key, other, purpose));
    purposes.set(key, purpose);
  }
}

function userDataLaws(site: CloudSite, problems: Problems): void {
  const texts: readonly (readonly [string, () => string])[] = [
    ...site.nodes.map((node) => [`pools/${node.pool.name}/${node.key}`, () => userData(site, node)] as const),
    ...(site.cloud.bastion ? [['cloud/bastion', () => bastionUserData(site)] as const] : []),
  ];
  for (const [at, text] of texts) {
    const path = `${site.name}/${at}`;
    const length = base64Length(problems.attempt(path, text) ?? '');
    if (length > MOST_USER_DATA) problems.add(path, userDataTooLarge(length, MOST_USER_DATA));
  }
}

function quotaWarnings(site: CloudSite, exposures: readonly Exposure[]): readonly Problem[] {
  const rules = securityRules(site, exposures);
  const own = new Set(['nodes', ...rules.map((rule) => rule.group)]).size;
  const groups = own + 1;
  const all = rules.length + own * RULES_OF_NEW_GROUP + RULES_OF_DEFAULT_GROUP;
  const fits = all <= DEFAULT_QUOTA.rules && groups <= DEFAULT_QUOTA.groups;
  return fits ? [] : [problemAt(`${site.name}/cloud`, manySecurityRules(all, groups, DEFAULT_QUOTA))];
}

function spreadWarnings(site: CloudSite): readonly Problem[] {
  return site.pools
    .filter((pool) => pool.spread === 'hard')
    .map((pool) => ({ pool, nodes: site.nodes.filter((node) => node.pool === pool).length }))
    .filter(({ nodes }) => nodes > MOST_HARD_AT_ONCE)
    .map(({ pool, nodes }) => problemAt(`${site.name}/pools/${pool.name}/spread`, hardGroupRace(nodes)));
}

/** Length of the widest network that one institute has: more is half the Internet. */
const WIDEST_ADMINS = 8;

function reachWarnings(site: CloudSite): readonly Problem[] {
  const { bastion, publicAddress, entry, admins } = site.cloud;
  const wide = admins.filter((cidr) => Number(cidr.split('/')[1]) < WIDEST_ADMINS);
  const reachable = bastion !== undefined || (publicAddress !== undefined && entry !== 'load-balancer');
  const network = site.cluster.kind === 'existing' ? undefined : site.cluster.props.network;
  return [
    ...(reachable ? [] : [problemAt(`${site.name}/cloud`, noWayIn())]),
    ...(admins.length === 0 ? [problemAt(`${site.name}/cloud/admins`, noAdmins())] : []),
    ...(wide.length > 0 ? [problemAt(`${site.name}/cloud/admins`, adminsWide(wide))] : []),
    ...(network === 'none' ? [problemAt(`${site.name}/cluster/network`, unknownPodNetwork())] : []),
  ];
}
