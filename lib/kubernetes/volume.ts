import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import { storageClassMissing } from '../errors';
import { bytes, kubernetesMemory, type Memory, type SecretFolder, type SecretKey, type StorageClass, type VolumeRequest } from '../site';
import type { Container, Manifest, Volume } from './manifest';
import { place } from './manifest';
import { sharedStorage, storageClassInvalid } from './messages';
import { protectedMetadata } from './protection';
import type { ServiceChart } from './service-chart';

/** Source of a mount: the volume of the pod, and the part of it that is mounted. */
export interface VolumeSource {
  /** Volume of the pod; undefined for a claim template of a StatefulSet, which creates the volume. */
  readonly volume?: Volume;
  readonly name: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
  readonly propagation?: 'Bidirectional' | 'HostToContainer';
}

/** An emptyDir volume with a size limit; a plain number is bytes. */
export function scratch(name: string, size: Memory | number): VolumeSource {
  return { name, volume: { name, emptyDir: { sizeLimit: kubernetesMemory(typeof size === 'number' ? size : bytes(size)) } } };
}

/** A generic ephemeral volume of a storage class: for more scratch space than the disks of the nodes have. */
export function scratchClaim(chart: ServiceChart, name: string, request: VolumeRequest): VolumeSource {
  const spec = claimSpec(chart, chart, `${name}/storageClass`, request, ['ReadWriteOnce']);
  return { name, volume: { name, ephemeral: { volumeClaimTemplate: { metadata: { labels: chart.labelsOf(name) }, spec } } } };
}

/** Keys of a Secret as files, which only the group of the pod can read. */
export function secretFiles(name: string, ...keys: readonly SecretKey[]): VolumeSource {
  const [first] = keys;
  return {
    name,
    readOnly: true,
    volume: {
      name,
      secret: { secretName: first?.name, defaultMode: 0o440, items: keys.map(({ key }) => ({ key, path: key })) },
    },
  };
}

/** Secrets by mount path. Declares each as required. */
export function secretFolders(
  chart: ServiceChart,
  folders: Readonly<Record<string, SecretFolder>>,
): Readonly<Record<string, VolumeSource>> {
  return Object.fromEntries(
    Object.entries(folders).map(([folder, { volume, secret, origin }]) => [folder, secretFiles(volume, chart.needs(secret, origin))]),
  );
}

/** A hostPath volume; the workload must state the exception `host-path`. */
export function hostPath(name: string, path: string, type: 'Directory' | 'DirectoryOrCreate' | 'Socket' = 'Directory'): VolumeSource {
  return { name, volume: { name, hostPath: { path, type } } };
}

/** Mounts a single file of the volume. */
export function onlyFile(source: VolumeSource, subPath: string): VolumeSource {
  return { ...source, subPath };
}

/**
 * Configuration files in an immutable ConfigMap whose name contains a hash of their content. A change creates a new ConfigMap and rolls the pods
 * that mount it, so no pod reads a mixture of old and new files.
 */
export function configFiles(scope: ServiceChart, name: string, files: Readonly<Record<string, string>>): VolumeSource {
  const hash = hashOf(files);
  placeFiles(scope, `${name}-files`, name, hash, files);
  return filesVolume(scope, name, hash);
}

/** Like `configFiles`, for files that several workloads of the chart mount: the ConfigMap is created once. */
export function sharedConfigFiles(scope: ServiceChart, name: string, files: Readonly<Record<string, string>>): VolumeSource {
  const hash = hashOf(files);
  const id = `${name}-files-${hash}`;
  if (!scope.node.tryFindChild(id)) placeFiles(scope, id, name, hash, files);
  return filesVolume(scope, name, hash);
}

function hashOf(files: Readonly<Record<string, string>>): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(files).sort()))
    .digest('hex')
    .slice(0, 8);
}

function placeFiles(scope: ServiceChart, id: string, name: string, hash: string, files: Readonly<Record<string, string>>): void {
  place(scope, id, 'v1/ConfigMap', {
    metadata: { name: `${scope.objectName(name)}-${hash}`, labels: scope.labelsOf(name) },
    immutable: true,
    data: files,
  });
}

function filesVolume(scope: ServiceChart, name: string, hash: string): VolumeSource {
  const configMap = { name: `${scope.objectName(name)}-${hash}` };
  return { name: `${name}-files`, readOnly: true, volume: { name: `${name}-files`, configMap } };
}

/**
 * A persistent volume for one workload with one replica.
 *
 * @param writer program that writes to it and needs a file system that only one node mounts at a time, e.g. `SQLite`
 */
export function claim(scope: ServiceChart, name: string, request: VolumeRequest, writer?: string): VolumeSource {
  const claimName = scope.objectName(name);
  place(scope, `${name}-claim`, 'v1/PersistentVolumeClaim', {
    metadata: protectedMetadata({ name: claimName, labels: scope.labelsOf(name) }),
    spec: claimSpec(scope, scope, `${name}/storageClass`, request, ['ReadWriteOnce'], writer),
  });
  return { name, volume: { name, persistentVolumeClaim: { claimName } } };
}

/**
 * Spec of a claim. It always names a storage class: without one, the claim would stay pending on a cluster without a default class.
 * Reports MISSING_STORAGE_CLASS, and warns with UNSUPPORTED_SHARED_STORAGE.
 *
 * @param writer program that writes to the volume and needs a file system that only one node mounts at a time
 */
export function claimSpec(
  chart: ServiceChart,
  scope: Construct,
  what: string,
  request: VolumeRequest,
  accessModes: readonly string[],
  writer?: string,
): NonNullable<Manifest<'v1/PersistentVolumeClaim'>['spec']> {
  const path = `${chart.path(scope)}/${what}`;
  const storageClass = storageOf(chart, path, request.storageClass);
  if (writer !== undefined && storageClass?.shared) chart.problems.add(path, sharedStorage(writer, storageClass.name));
  const size = chart.problems.number(path, () => bytes(request.size));
  return { accessModes, storageClassName: storageClass?.name, resources: { requests: { storage: kubernetesMemory(size) } } };
}

/** Storage class of a request, or the default of the site. Reports MISSING_STORAGE_CLASS if there is neither. */
export function storageOf(chart: ServiceChart, path: string, given?: StorageClass): StorageClass | undefined {
  const { site } = chart;
  const storageClass = given ?? site.storage?.default;
  if (!storageClass) chart.problems.add(path, storageClassMissing(site.storageClasses.map(({ name }) => name)));
  else if (typeof storageClass.name !== 'string') chart.problems.add(path, storageClassInvalid(storageClass));
  return storageClass;
}

/** Volume mounts of one container. */
export function mountsOf(mounts: Readonly<Record<string, VolumeSource>>): NonNullable<Container['volumeMounts']> {
  return Object.entries(mounts).map(([mountPath, source]) => ({
    name: source.name,
    mountPath,
    ...(source.readOnly ? { readOnly: true } : {}),
    ...(source.subPath === undefined ? {} : { subPath: source.subPath }),
    ...(source.propagation === undefined ? {} : { mountPropagation: source.propagation }),
  }));
}

/** Volumes of a pod, without duplicates. */
export function volumesOf(mounts: readonly Readonly<Record<string, VolumeSource>>[]): readonly Volume[] {
  const volumes = new Map(
    mounts.flatMap((one) => Object.values(one)).flatMap((source) => (source.volume ? [[source.name, source.volume] as const] : [])),
  );
  return [...volumes.values()];
}
