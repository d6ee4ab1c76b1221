import type { NodePool, Site } from '../site';
import { schedulerNode } from './nodes';

/** Number of pods that fit on the nodes of some pools if each requests `each` devices; all devices of a pod must be on the same node. */
export function podsWithDevice(site: Site, pools: readonly NodePool[], resource: string, each: number): number {
  const nodes = site.nodes.filter(({ pool }) => pools.includes(pool)).map((node) => schedulerNode(site, node));
  return nodes.reduce((sum, { allocatable }) => sum + Math.floor(Number(allocatable[resource] ?? 0n) / each), 0);
}
