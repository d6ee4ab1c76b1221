import { mountsOf, volumesOf as podVolumes, type ServiceChart, sharedVolumes } from '../../kubernetes';
import type { SharedVolume } from '../../site';

/** Volumes and mounts, keyed by name: KubeSpawner merges them by key. */
export interface Volumes {
  readonly volumes: Readonly<Record<string, object>>;
  readonly volume_mounts: Readonly<Record<string, object>>;
}

/** Placeholder that KubeSpawner replaces by the name of the user. */
export const USER = '{username}';

/** Volumes and mounts of notebooks. @param path of the choice that has them */
export function volumesOf(chart: ServiceChart, path: string, given: readonly SharedVolume[]): Volumes {
  const mounts = sharedVolumes(chart, `${path}/volumes`, given, { part: 'user', placeholders: [USER] });
  return { volumes: byName(podVolumes([mounts])), volume_mounts: byName(mountsOf(mounts)) };
}

function byName<T extends { readonly name: string }>(entries: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.map((entry) => [entry.name, entry]));
}
