import type { Built } from '../kubernetes';
import type { Site } from '../site';
import { mostPods, type PodGroup, podGroups } from './pods';

/** How many of a device the pods of these groups have together. */
export function devicesOf(site: Site, groups: readonly PodGroup[], device: string): number {
  return groups.reduce((sum, group) => sum + (group.devices[device] ?? 0) * mostPods(site, group), 0);
}

/** How many of a device the nodes have, and services keep for good: what can be done later gives way to users. */
export function stockOf(built: Built, device: string): { readonly there: number; readonly kept: number } {
  const batch = `${built.site.name}-batch`;
  const firm = podGroups(built).filter(({ spec }) => (spec as { readonly priorityClassName?: string }).priorityClassName !== batch);
  return {
    there: built.site.nodes.reduce((sum, { devices }) => sum + (devices[device] ?? 0), 0),
    kept: devicesOf(built.site, firm, device),
  };
}

/** Devices of which more may be asked for than there are. */
export function waitedFor(groups: readonly PodGroup[]): ReadonlySet<string> {
  return new Set(groups.flatMap(({ runtime, devices }) => (runtime?.oversubscribed ? Object.keys(devices) : [])));
}
