import type { Built } from '../kubernetes';
import type { Site } from '../site';
import { mostPods, type PodGroup, podGroups } from './pods';

/** Total of an extended resource that the pods of these groups request. */
export function devicesOf(site: Site, groups: readonly PodGroup[], device: string): number {
  return groups.reduce((sum, group) => sum + (group.devices[device] ?? 0) * mostPods(site, group), 0);
}

/** Amount of an extended resource on the nodes, and the part that services reserve. Batch pods reserve nothing, because they can be preempted. */
export function deviceSupply(built: Built, device: string): { readonly available: number; readonly reserved: number } {
  const batch = `${built.site.name}-batch`;
  const permanent = podGroups(built).filter(({ spec }) => (spec as { readonly priorityClassName?: string }).priorityClassName !== batch);
  return {
    available: built.site.nodes.reduce((sum, { devices }) => sum + (devices[device] ?? 0), 0),
    reserved: devicesOf(built.site, permanent, device),
  };
}

/** Extended resources of which users may request more than the nodes have. */
export function oversubscribedDevices(groups: readonly PodGroup[]): ReadonlySet<string> {
  return new Set(groups.flatMap(({ runtime, devices }) => (runtime?.oversubscribed ? Object.keys(devices) : [])));
}
