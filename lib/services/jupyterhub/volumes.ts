import { claimSpec, place, protectedMetadata, type ServiceChart, storageOf } from '../../kubernetes';
import type { VolumeRequest } from '../../site';
import { hubMountPath, hubStorageNotShared } from './messages';

export interface SharedVolumeProps {
  /** Mount path in the notebook server, e.g. `/data`. */
  readonly at: string;

  /**
   * An existing claim in the hub's namespace, or a new one that is part of the hub's chart. The storage class of a new claim must support
   * ReadWriteMany (`storageClass(name, { shared: true })`).
   */
  readonly from: { readonly claim: string } | VolumeRequest;

  /** Directory in the volume; `{username}` is replaced by the user name. @default - the root of the volume */
  readonly subPath?: string;

  /** Mount the volume read-write. @default false */
  readonly writable?: boolean;
}

/** A volume that several users share. */
export interface SharedVolume extends SharedVolumeProps {
  readonly kind: 'shared-volume';
  readonly name: string;
}

/** Creates a volume that several users share. */
export function sharedVolume(name: string, props: SharedVolumeProps): SharedVolume {
  return { ...props, kind: 'shared-volume', name };
}

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
