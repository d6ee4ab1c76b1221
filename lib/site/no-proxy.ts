import { Problems } from '../errors';
import { contains, range } from './address';
import { type Site, siteRanges, siteRanges6 } from './site';

/** Address of the metadata service of OpenStack. */
const METADATA = '169.254.169.254';

/** Host without port. */
function hostOf(address: string): string {
  return address.includes('://') && URL.canParse(address) ? new URL(address).hostname : address.replace(/:\d+$/, '');
}

/**
 * What nodes reach without the proxy, in a fixed order: this machine, the metadata service, names and ranges of the cluster and the site, mirrors
 * and registries, and what the operator adds.
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

/** Ranges without those that are part of another one. What cannot be read is reported where it stands. */
function outermost(cidrs: readonly string[]): readonly string[] {
  const ranges = [...new Set(cidrs)].flatMap((cidr) => new Problems().attempt('', () => range(cidr)) ?? []);
  return ranges.filter((one) => !ranges.some((other) => other !== one && contains(other, one))).map(({ cidr }) => cidr);
}
