import { range, type Site, type Target, targetOf } from '../../site';

/**
 * What a component that logs in to the cloud must reach: Keystone, and the endpoints that Keystone's catalogue names, on
 * whatever ports it names.
 *
 * @throws INVALID_CIDR
 */
export function openstackApis(site: Pick<Site, 'cloud'>, cidrs?: readonly string[]): readonly Target[] {
  if (cidrs) return [{ peer: { kind: 'addresses', cidrs: cidrs.map((cidr) => range(cidr).cidr) } }];
  const url = site.cloud?.authUrl;
  // One that is none is told by the site.
  const keystone = url !== undefined && URL.canParse(url) ? [targetOf(url).peer] : [];
  return [{ peer: { kind: 'internet' } }, ...keystone.filter(({ kind }) => kind === 'addresses').map((peer) => ({ peer }))];
}
