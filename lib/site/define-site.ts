import { checkProps, failure, Problems, propType } from '../errors';
import { addressNumber, addressText, range } from './address';
import { addressText6, contains6, range6 } from './address6';
import { allocatableOf, reportedDevices } from './allocatable';
import { nodeLabels, poolTaints } from './define-pool';
import { devicesOf } from './gpu/offers';
import type { NodePool } from './node-pool';
import type { OpenStack } from './openstack';
import { schemaOf } from './schema';
import { keyPosition, originalName, poolKeys, poolLabels, type Site, type SiteNode, type SiteProps } from './site';
import { siteProblems, siteWarnings } from './validation';

/**
 * Describes a site. Invalid values are collected in `problems` and reported, together with those of the services, at synthesis.
 *
 * @throws MISSING_PROP, INVALID_PROP_TYPE
 */
export function defineSite(name: string, props: SiteProps): Site {
  const problems = new Problems();
  checkProps(schemaOf('SiteProps'), name, props, problems);
  for (const [index, pool] of props.pools.entries()) checkPool(`${name}/pools`, pool, index, problems);
  const nodes = props.pools.flatMap((pool, index) => nodesOf(name, props, pool, index, problems));
  const storageClasses = [props.storage?.default, ...(props.storage?.classes ?? [])].filter((c) => c !== undefined);
  const site: Site = { ...props, kind: 'site', name, nodes, storageClasses, problems: [], warnings: [] };
  problems.addAll(siteProblems(site));
  problems.addAll(siteWarnings(site));
  return { ...site, problems: problems.all, warnings: problems.warnings };
}

/** Validates the props of a pool. Throws if the value is not a pool. */
function checkPool(path: string, pool: NodePool, index: number, problems: Problems): void {
  if (pool?.kind !== 'node-pool') throw failure(propType(pool, 'a NodePool, created by nodePool()'), `${path}/${index}`);
  const { kind: _, name, ...props } = pool;
  checkProps(schemaOf('NodePoolProps'), `${path}/${name}`, props, problems);
}

/** Number of address blocks for pools in the lower three quarters of a network. */
const BLOCKS = 8;

function firstAddress(cloud: OpenStack, index: number): number {
  const { first, last } = range(cloud.cidr);
  const size = last - first + 1;
  const reserved = size >= 64 ? 10 : 2;
  return first + reserved + index * Math.max(1, Math.floor(((size * 3) / 4 - reserved) / BLOCKS));
}

function givenAddress({ addresses }: NodePool, key: string, position: number): string | undefined {
  return Array.isArray(addresses) ? addresses[position] : (addresses as Readonly<Record<string, string>> | undefined)?.[key];
}

/** The address depends only on the key, so that no node gets another address when a node is removed. */
function countedAddress(start: number | undefined, key: string): string {
  const position = keyPosition(key);
  return start === undefined || position === undefined ? '' : addressText(start + position);
}

function nodesOf(site: string, props: SiteProps, pool: NodePool, index: number, problems: Problems): SiteNode[] {
  const { cloud } = props;
  const path = `${site}/pools/${pool.name}`;
  const allocatable = allocatableOf(props.cluster, pool, path, problems);
  const reported = reportedDevices(pool, path, problems);
  const start = problems.attempt(`${path}/firstAddress`, () => {
    if (Array.isArray(pool.addresses)) return undefined;
    if (pool.firstAddress) return addressNumber(pool.firstAddress);
    // An invalid network is reported by the validation.
    return cloud && new Problems().attempt('', () => firstAddress(cloud, index));
  });
  return poolKeys(pool).map((key, position) => {
    const address = givenAddress(pool, key, position) ?? countedAddress(start, key);
    const address6 = address6Of(cloud, pool, key, position, address);
    return {
      name: pool.hostnames?.[position] ?? `${site}-${originalName(pool)}-${key}`,
      key,
      pool,
      roles: pool.roles ?? ['worker'],
      address,
      ...(address6 === undefined ? {} : { address6 }),
      labels: { ...poolLabels(props, pool), ...nodeLabels(pool, key) },
      taints: poolTaints(pool),
      flavor: pool.flavor,
      allocatable,
      // An unknown GPU model is reported by the validation.
      devices: availableDevices(new Problems().attempt('', () => devicesOf(pool, key)) ?? {}, reported),
    };
  });
}

/** The address with the same offset in the IPv6 range of the cloud as in its IPv4 range; undefined if there is none. */
function address6Of(
  cloud: OpenStack | undefined,
  { addresses6 }: NodePool,
  key: string,
  position: number,
  address: string,
): string | undefined {
  if (addresses6) return Array.isArray(addresses6) ? addresses6[position] : (addresses6 as Readonly<Record<string, string>>)[key];
  if (!cloud?.ipv6) return undefined;
  const { cidr } = cloud.ipv6;
  // An invalid range is reported by the validation.
  return new Problems().attempt('', () => {
    const network = range6(cidr);
    const number = network.first + BigInt(addressNumber(address) - range(cloud.cidr).first);
    return contains6(network, number) ? addressText6(number) : undefined;
  });
}

/** The smaller of the described and the reported number of each device, so that no missing device is counted. */
function availableDevices(described: SiteNode['devices'], reported: SiteNode['devices']): SiteNode['devices'] {
  const both = Object.entries({ ...reported, ...described }).map(
    ([name, count]) => [name, Math.min(count, reported[name] ?? count)] as const,
  );
  return Object.fromEntries(both);
}
