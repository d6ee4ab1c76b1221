import { failure } from '../errors';
import { nodesWith, type OpenStack, type Site, type SiteNode } from '../site';
import { cloudMissing } from './messages';

/** A site whose machines are created in OpenStack. */
export type CloudSite = Site & { readonly cloud: OpenStack };

export function hasCloud(site: Site): site is CloudSite {
  return site.cloud !== undefined;
}

/** @throws MISSING_CLOUD */
export function cloudSite(site: Site): CloudSite {
  if (!hasCloud(site)) throw failure(cloudMissing(), `${site.name}/cloud`);
  return site;
}

/** The node that has the public address, unless there is a load balancer. A site without errors has a node. */
export function entryNode(site: Site): SiteNode {
  return nodesWith(site, 'controlplane')[0] ?? (site.nodes[0] as SiteNode);
}
