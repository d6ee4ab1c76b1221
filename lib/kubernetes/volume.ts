import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import { storageClassMissing } from '../errors';
import { bytes, kubernetesMemory, type Memory, type SecretFolder, type SecretKey, type StorageClass, type VolumeRequest } from '../site';
import type { Container, Manifest, Volume } from './manifest';
import { place } from './manifest';
import { sharedStorage, storageClassText } from './messages';
import { keptMetadata } from './protection';
import type { ServiceChart } from './service-chart';

/** Something that can be mounted: the volume of the pod, and which part of it is seen. */
export interface VolumeSource {
  /** The pod's volume; undefined for a claim template of a StatefulSet, which makes the volume itself. */
  readonly volume?: Volume;
  readonly name: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
  readonly propagation?: 'Bidirectional' | 'HostToContainer';
}

/** Space that goes with the pod; a plain number is bytes. */
export function scratch(name: string, size: Memory | number): VolumeSource {
  return { name, volume: { name, emptyDir: { sizeLimit: kubernetesMemory(typeof size === 'number' ? size : bytes(size)) } } };
}

/** A volume of the storage class that goes with the pod: for more scratch than the nodes' own disks hold. */
export function scratchClaim(chart: ServiceChart, name: string, request: VolumeRequest): VolumeSource {
  const spec = claimSpec(chart, chart, `${name}/storageClass`, request, ['ReadWriteOnce']);
  return { name, volume: { name, ephemeral: { volumeClaimTemplate: { metadata: { labels: chart.labelsOf(name) }, spec } } } };
}

/** Keys of a Secret as files, readable by the pod's group alone. */
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

/** Secrets by the folder where a pod finds them; states that each must be there. */
export function secretFolders(
  chart: ServiceChart,
  folders: Readonly<Record<string, SecretFolder>>,
): Readonly<Record<string, VolumeSource>> {
  return Object.fromEntries(
    Object.entries(folders).map(([folder, { volume, secret, origin }]) => [folder, secretFiles(volume, chart.needs(secret, origin))]),
  );
}

/** A folder or file of the node; the workload must state the exception `host-path`. */
export function hostPath(name: string, path: string, type: 'Directory' | 'DirectoryOrCreate' | 'Socket' = 'Directory'): VolumeSource {
  return { name, volume: { name, hostPath: { path, type } } };
}

/** One file of what is mounted. */
export function onlyFile(source: VolumeSource, subPath: string): VolumeSource {
  return { ...source, subPath };
}

/**
 * Configuration files in a ConfigMap that is named after their content: a change makes a new one, and the pods that mount
 * it are rolled; nobody reads half of a change.
 */
export function configFiles(scope: ServiceChart, name: string, files: Readonly<Record<string, string>>): VolumeSource {
  const hash = hashOf(files);
  placeFiles(scope, `${name}-files`, name, hash, files);
  return filesVolume(scope, name, hash);
}

/** The same for files that several workloads of the chart may mount: the ConfigMap is placed once. */
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
 * A volume that outlives its pods, for one workload of one replica.
 *
 * @param writer what writes to it, if it needs a file system that one node mounts at a time, e.g. `SQLite`
 */
export function claim(scope: ServiceChart, name: string, request: VolumeRequest, writer?: string): VolumeSource {
  const claimName = scope.objectName(name);
  place(scope, `${name}-claim`, 'v1/PersistentVolumeClaim', {
    metadata: keptMetadata({ name: claimName, labels: scope.labelsOf(name) }),
    spec: claimSpec(scope, scope, `${name}/storageClass`, request, ['ReadWriteOnce'], writer),
  });
  return { name, volume: { name, persistentVolumeClaim: { claimName } } };
}

/**
 * The spec of a claim. A claim without a class would get the cluster's default, and there may be none: it would wait forever.
 * Records MISSING_STORAGE_CLASS, and warns with UNSUPPORTED_SHARED_STORAGE.
 *
 * @param writer what writes to the volume, if it needs a file system that one node mounts at a time
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

/** The class of a request, or the site's default. MISSING_STORAGE_CLASS is recorded if there is neither. */
export function storageOf(chart: ServiceChart, path: string, given?: StorageClass): StorageClass | undefined {
  const { site } = chart;
  const storageClass = given ?? site.storage?.default;
  if (!storageClass) chart.problems.add(path, storageClassMissing(site.storageClasses.map(({ name }) => name)));
  else if (typeof storageClass.name !== 'string') chart.problems.add(path, storageClassText(storageClass));
  return storageClass;
}

/** Mounts of one container, in the order of their paths. */
export function mountsOf(mounts: Readonly<Record<string, VolumeSource>>): NonNullable<Container['volumeMounts']> {
  return Object.entries(mounts).map(([mountPath, source]) => ({
    name: source.name,
    mountPath,
    ...(source.readOnly ? { readOnly: true } : {}),
    ...(source.subPath === undefined ? {} : { subPath: source.subPath }),
    ...(source.propagation === undefined ? {} : { mountPropagation: source.propagation }),
  }));
}

/** The volumes of a pod, each once, however often it is mounted. */
export function volumesOf(mounts: readonly Readonly<Record<string, VolumeSource>>[]): readonly Volume[] {
  const volumes = new Map(
    mounts.flatMap((one) => Object.values(one)).flatMap((source) => (source.volume ? [[source.name, source.volume] as const] : [])),
  );
  return [...volumes.values()];
}
