import { claimSpec, place, protectedMetadata, type ServiceChart, storageOf } from '../../kubernetes';
import type { VolumeRequest } from '../../site';
import { hubMountPath, hubStorageNotShared } from './messages';

export interface SharedVolumeProps {
  /** Folder in the notebook server, e.g. `/data`. */
  readonly at: string;

  /**
   * A claim that is in the hub's namespace already, or one that the hub's chart makes; its class must let several nodes
   * write (`storageClass(name, { shared: true })`).
   */
  readonly from: { readonly claim: string } | VolumeRequest;

  /** Folder of the volume; `{username}` stands for the user. @default - the whole volume */
  readonly subPath?: string;

  /** Whether users write into it. @default false */
  readonly writable?: boolean;
}

/** A volume that several users see. */
export interface SharedVolume extends SharedVolumeProps {
  readonly kind: 'shared-volume';
  readonly name: string;
}

/** Describes a volume that several users see. */
export function sharedVolume(name: string, props: SharedVolumeProps): SharedVolume {
  return { ...props, kind: 'shared-volume', name };
}

/** Volumes and mounts by name, as KubeSpawner merges them. */
export interface Volumes {
  readonly volumes: Readonly<Record<string, object>>;
  readonly volume_mounts: Readonly<Record<string, object>>;
}

/** The volumes of a pod; the claims that are ours are placed once, whoever mounts them. INVALID_HUB_MOUNT_PATH is recorded. */
export function volumesOf(chart: ServiceChart, path: string, given: readonly SharedVolume[]): Volumes {
  const mounts = given.map((one) => {
    const { name, at, subPath, writable = false } = one;
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
  const volumes = given.map((one) => ({
    name: `volume-${one.name}`,
    persistentVolumeClaim: { claimName: sharedClaim(chart, `volume-${one.name}`, one.from), ...(one.writable ? {} : { readOnly: true }) },
  }));
  return { volumes: byName(volumes), volume_mounts: byName(mounts) };
}

/** Name of a claim that several pods mount; placed if it is ours. UNSUPPORTED_HUB_STORAGE is recorded. */
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
  return Object.fromEntries(entries.map((one) => [one.name, one]));
}
