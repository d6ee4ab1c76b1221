import { cloudMissing, failure } from '../errors';
import {
  addressNumber,
  addressText,
  allocationPool,
  nodesWith,
  type OpenStack,
  type Site,
  type SiteNode,
} from '../site';

/** A site whose machines are created. */
export type CloudSite = Site & { readonly cloud: OpenStack };

export function hasCloud(site: Site): site is CloudSite {
  return site.cloud !== undefined;
}

/** @throws CLOUD_MISSING */
export function cloudSite(site: Site): CloudSite {
  if (!hasCloud(site)) throw failure(cloudMissing(), `${site.name}/cloud`);
  return site;
}

/** The node that the public address leads to, unless a load balancer stands before all. A sound site has a node. */
export function entryNode(site: Site): SiteNode {
  return nodesWith(site, 'controlplane')[0] ?? (site.nodes[0] as SiteNode);
}

/** Where the bastion is: the last address below what OpenStack hands out. */
export function bastionAddress(cloud: OpenStack): string {
  return cloud.bastion?.address ?? belowPool(cloud, 1);
}

/**
 * Where the load balancer answers inside the network: the address below the bastion's, so that neither moves when the
 * other comes or goes.
 */
export function loadBalancerAddress(cloud: OpenStack): string {
  return belowPool(cloud, 2);
}

function belowPool(cloud: OpenStack, steps: number): string {
  return addressText(addressNumber(allocationPool(cloud).first) - steps);
}
