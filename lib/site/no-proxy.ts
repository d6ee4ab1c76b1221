import { Problems } from '../errors';
import { contains, range } from './address';
import { hostAndPort } from './host-port';
import { type Site, siteRanges, siteRanges6 } from './site';

/** Address of the metadata service of OpenStack. */
const METADATA = '169.254.169.254';

/** Host name without scheme and port. */
function hostOf(address: string): string {
  return address.includes('://') && URL.canParse(address) ? new URL(address).hostname : (hostAndPort(address)?.host ?? address);
}

/**
 * Hosts and ranges that nodes reach without the proxy (`NO_PROXY`), in a fixed order: localhost, the metadata service, names and ranges of the
 * cluster and the site, mirrors and registries, and the entries of the operator.
 */
export function noProxy(site: Site): readonly string[] {
  const { cluster, egress, cloud } = site;
  const registries = cluster.kind === 'existing' ? [] : (cluster.props.privateRegistries ?? []).map(({ url }) => hostOf(url));
  const mirrors = Object.values(egress?.mirrors ?? {}).map(hostOf);
  const all = [
    'localhost',
    '127.0.0.0/8',
    METADATA,
    '.svc',
    `.${cluster.domain}`,
    ...outermost(siteRanges(site)),
    ...(cluster.ipv6 ? ['::1', ...siteRanges6(site)] : []),
    ...(cloud?.publicAddress === undefined ? [] : [cloud.publicAddress]),
    ...[...mirrors, ...registries].sort(),
    ...(egress?.proxy?.noProxy ?? []),
  ];
  return [...new Set(all)];
}

/** Ranges that are not contained in another one. Invalid ranges are reported by the validation. */
function outermost(cidrs: readonly string[]): readonly string[] {
  const ranges = [...new Set(cidrs)].flatMap((cidr) => new Problems().attempt('', () => range(cidr)) ?? []);
  return ranges.filter((inner) => !ranges.some((outer) => outer !== inner && contains(outer, inner))).map(({ cidr }) => cidr);
}
