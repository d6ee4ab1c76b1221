import { isDeepStrictEqual } from 'node:util';
import { failure, propType } from '../errors';
import { bytes, type FileSystem, isFileSystem, kubernetesMemory, type SharedVolume, type SharedVolumeProps } from '../site';
import { ledgerOf } from './ledger';
import { type Manifest, place } from './manifest';
import { duplicateVolume, fileSystemReadOnly, mountPathInvalid, storageNotShared } from './messages';
import { nodeTerms } from './placement';
import { protectedMetadata } from './protection';
import type { ServiceChart } from './service-chart';
import { claimSpec, storageOf, type VolumeSource } from './volume';

/** Options of `sharedVolumes`. */
export interface SharedVolumeOptions {
  /** Part of the service whose labels new claims get. */
  readonly part: string;
  /** Placeholders that the software replaces in `subPath`, e.g. `{username}`. @default - none */
  readonly placeholders?: readonly string[];
}

/**
 * Volumes that pods of a service mount, by mount path. A new claim, or the PersistentVolume of a file system, is created once per service.
 *
 * Reports INVALID_MOUNT_PATH, DUPLICATE_SHARED_VOLUME, UNSUPPORTED_STORAGE_CLASS, UNSUPPORTED_WRITABLE_MOUNT and MISSING_STORAGE_CLASS.
 *
 * @param path of the prop that lists them, e.g. `${chart.path()}/volumes`
 */
export function sharedVolumes(
  chart: ServiceChart,
  path: string,
  given: readonly SharedVolume[],
  options: SharedVolumeOptions,
): Readonly<Record<string, VolumeSource>> {
  return Object.fromEntries(given.map((one) => [one.at, mountVolume(chart, `${path}/${one.name}`, `volume-${one.name}`, one, options)]));
}

/** What is mounted at the paths of these volumes, for `mounts` of `useEndpoints`. */
export function mountOwners(given: readonly SharedVolume[]): Readonly<Record<string, string>> {
  return Object.fromEntries(given.map(({ at, name }) => [at, `volume '${name}'`]));
}

/** Mount of one volume; `name` is that of the volume in the pod, and of its claim. Reports the same as `sharedVolumes`. */
export function mountVolume(
  chart: ServiceChart,
  path: string,
  name: string,
  volume: SharedVolumeProps,
  options: SharedVolumeOptions,
): VolumeSource {
  const { from, subPath, writable = false } = volume;
  checkPaths(chart, path, volume, options.placeholders ?? []);
  if (writable && isFileSystem(from) && from.readOnly) chart.problems.add(path, fileSystemReadOnly(from.name));
  const readOnly = writable ? {} : { readOnly: true };
  const claimName = sharedClaim(chart, path, name, from, options.part);
  return {
    name,
    volume: { name, persistentVolumeClaim: { claimName, ...readOnly } },
    ...readOnly,
    ...(subPath === undefined ? {} : { subPath }),
    ...(isFileSystem(from) && from.propagation ? { propagation: from.propagation } : {}),
  };
}

function checkPaths(chart: ServiceChart, path: string, { at, subPath = '' }: SharedVolumeProps, placeholders: readonly string[]): void {
  const rest = placeholders.reduce((text, one) => text.replaceAll(one, ''), subPath);
  const valid = /^\/[^:{}]*[^:/{}][^:{}]*$/.test(at) && !/[{}]|^\/|(^|\/)\.\.(\/|$)/.test(rest);
  if (!valid) chart.problems.add(path, mountPathInvalid(at, subPath, placeholders));
}

type Source = SharedVolumeProps['from'];

/** Sources of the claims of each service, by id. */
const sources = new WeakMap<ServiceChart, Map<string, Source>>();

/**
 * Name of a claim that pods on several nodes mount; a new claim, or that of a file system, is created once.
 *
 * Reports DUPLICATE_SHARED_VOLUME, UNSUPPORTED_STORAGE_CLASS and MISSING_STORAGE_CLASS; throws INVALID_PROP_TYPE.
 *
 * @param path of the prop in messages
 * @param id of the claim in the chart
 * @param part whose labels a new claim gets
 */
export function sharedClaim(chart: ServiceChart, path: string, id: string, from: Source, part: string): string {
  if (typeof from !== 'object' || from === null)
    throw failure(propType(from, "{ claim: 'name' }, { size: '1TiB' } or a file system"), path);
  if ('claim' in from) {
    ledgerOf(chart).existingObjects.add(`PersistentVolumeClaim ${chart.namespace}/${from.claim}`);
    return from.claim;
  }
  const claimName = chart.objectName(id);
  const known = sources.get(chart) ?? new Map<string, Source>();
  sources.set(chart, known);
  const first = known.get(id);
  if (first) {
    if (!isDeepStrictEqual(first, from)) chart.problems.add(path, duplicateVolume(claimName));
    return claimName;
  }
  known.set(id, from);
  if (isFileSystem(from)) {
    placeFileSystem(chart, id, from, part);
    return claimName;
  }
  const found = storageOf(chart, path, from.storageClass);
  if (found && !found.shared) chart.problems.add(path, storageNotShared(found.name));
  place(chart, id, 'v1/PersistentVolumeClaim', {
    metadata: protectedMetadata({ name: claimName, labels: chart.labelsOf(part) }),
    spec: claimSpec(chart, chart, id, from, ['ReadWriteMany']),
  });
  return claimName;
}

/**
 * A PersistentVolume and a claim that are bound to each other. Deleting them deletes no data. Without a storage class, no other claim is bound
 * to the volume.
 *
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reserving-a-persistentvolume
 */
function placeFileSystem(chart: ServiceChart, id: string, fileSystem: FileSystem, part: string): void {
  const name = chart.objectName(id);
  const volumeName = name.startsWith(`${chart.namespace}-`) ? name : `${chart.namespace}-${name}`;
  const labels = chart.labelsOf(part);
  const accessModes = [fileSystem.readOnly ? 'ReadOnlyMany' : 'ReadWriteMany'];
  const storage = kubernetesMemory(bytes(fileSystem.capacity));
  const { mountOptions, on } = fileSystem;
  const nodeSelectorTerms = on && nodeTerms(chart.site, chart.checkPlacement(chart, on));
  place(chart, `${id}-volume`, 'v1/PersistentVolume', {
    metadata: { name: volumeName, labels },
    spec: {
      capacity: { storage },
      accessModes,
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      volumeMode: 'Filesystem',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: chart.namespace, name },
      ...(mountOptions.length > 0 ? { mountOptions } : {}),
      ...volumeSource(fileSystem, volumeName),
      ...(nodeSelectorTerms ? { nodeAffinity: { required: { nodeSelectorTerms } } } : {}),
    },
  });
  place(chart, id, 'v1/PersistentVolumeClaim', {
    metadata: { name, labels },
    spec: { accessModes, storageClassName: '', volumeName, resources: { requests: { storage } } },
  });
  ledgerOf(chart).fileSystems.set(`${chart.namespace}/${name}`, fileSystem);
}

type VolumeSpec = NonNullable<Manifest<'v1/PersistentVolume'>['spec']>;

/** @param volumeName default handle of a CSI volume: two PersistentVolumes with the same handle cannot be mounted on one node */
function volumeSource({ source, readOnly }: FileSystem, volumeName: string): Partial<VolumeSpec> {
  switch (source.kind) {
    case 'nfs':
      return { nfs: { server: source.server, path: source.path, ...(readOnly ? { readOnly } : {}) } };
    case 'node':
      return { hostPath: { path: source.path, type: 'Directory' } };
    case 'csi':
      return {
        csi: {
          driver: source.driver,
          volumeHandle: source.handle ?? volumeName,
          ...(readOnly ? { readOnly } : {}),
          ...(Object.keys(source.attributes).length > 0 ? { volumeAttributes: source.attributes } : {}),
          ...(source.secret ? { nodePublishSecretRef: source.secret } : {}),
        },
      };
  }
}
