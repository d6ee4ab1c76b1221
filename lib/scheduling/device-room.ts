import type { NodePool, Site } from '../site';
import { schedulerNode } from './nodes';

/** How many pods, each with so many of a device, the nodes of some pools hold: those of one pod must be on one node, and the rest serves nobody. */
export function podsWithDevice(site: Site, pools: readonly NodePool[], resource: string, each: number): number {
  const nodes = site.nodes.filter(({ pool }) => pools.includes(pool)).map((node) => schedulerNode(site, node));
  return nodes.reduce((sum, { allocatable }) => sum + Math.floor(Number(allocatable[resource] ?? 0n) / each), 0);
}
