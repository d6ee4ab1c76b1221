import { claimSpec, place, protectedMetadata, type ServiceChart, storageOf } from '../../kubernetes';
import type { SharedVolume, SharedVolumeProps } from '../../site';
import { hubMountPath, hubStorageNotShared } from './messages';

/** Volumes and mounts, keyed by name: KubeSpawner merges them by key. */
export interface Volumes {
  readonly volumes: Readonly<Record<string, object>>;
  readonly volume_mounts: Readonly<Record<string, object>>;
}

/** Volumes and mounts of a pod. A new claim is created once, even if several choices mount it. Reports INVALID_HUB_MOUNT_PATH. */
export function volumesOf(chart: ServiceChart, path: string, given: readonly SharedVolume[]): Volumes {
  const mounts = given.map(({ name, at, subPath, writable = false }) => {
    const braces = (text: string) => /[{}]/.test(text.replaceAll('{username}', ''));
    if (!/^\/[^:]*[^:/][^:]*$/.test(at) || braces(at) || braces(subPath ?? '') || /(^\/|\.\.)/.test(subPath ?? '')) {
      chart.problems.add(`${path}/volumes/${name}`, hubMountPath(at, subPath));
    }
    return {
      name: `volume-${name}`,
      mountPath: at,
      ...(subPath === undefined ? {} : { subPath }),
      ...(writable ? {} : { readOnly: true }),
    };
  });
  const volumes = given.map(({ name, from, writable = false }) => ({
    name: `volume-${name}`,
    persistentVolumeClaim: { claimName: sharedClaim(chart, `volume-${name}`, from), ...(writable ? {} : { readOnly: true }) },
  }));
  return { volumes: byName(volumes), volume_mounts: byName(mounts) };
}

/** Name of a claim that several pods mount; a new claim is created. Reports UNSUPPORTED_HUB_STORAGE. */
export function sharedClaim(chart: ServiceChart, id: string, from: SharedVolumeProps['from']): string {
  if ('claim' in from) return from.claim;
  const claimName = chart.objectName(id);
  if (chart.node.tryFindChild(id)) return claimName;
  const path = `${chart.path()}/${id}`;
  const found = storageOf(chart, path, from.storageClass);
  if (found && !found.shared) chart.problems.add(path, hubStorageNotShared(found.name));
  place(chart, id, 'v1/PersistentVolumeClaim', {
    metadata: protectedMetadata({ name: claimName, labels: chart.labelsOf('user') }),
    spec: claimSpec(chart, chart, id, from, ['ReadWriteMany']),
  });
  return claimName;
}

function byName<T extends { readonly name: string }>(entries: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.map((entry) => [entry.name, entry]));
}
