import { range, type Site, type Target, targetOf } from '../../site';

/**
 * What a component that logs in to the cloud must reach: Keystone, and the endpoints that Keystone's catalogue names, on
 * whatever ports it names.
 *
 * @throws CIDR_INVALID, URL_INVALID
 */
export function openstackApis(site: Pick<Site, 'cloud'>, cidrs?: readonly string[]): readonly Target[] {
  if (cidrs) return [{ peer: { kind: 'addresses', cidrs: cidrs.map((cidr) => range(cidr).cidr) } }];
  const keystone = site.cloud?.authUrl === undefined ? [] : [targetOf(site.cloud.authUrl).peer];
  return [{ peer: { kind: 'internet' } }, ...keystone.filter(({ kind }) => kind === 'addresses').map((peer) => ({ peer }))];
}
