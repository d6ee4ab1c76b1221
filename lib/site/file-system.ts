import { checkProps, failure, Problems } from '../errors';
import { fileSystemOptions, fileSystemPath, fileSystemSecret, fileSystemServer } from './messages';
import { checkName } from './name';
import type { Placement } from './node-pool';
import type { Memory } from './quantity';
import { schemaOf } from './schema';

/** How a node mounts a file system: the source of a PersistentVolume. */
export type FileSystemSource =
  | { readonly kind: 'nfs'; readonly server: string; readonly path: string }
  | { readonly kind: 'node'; readonly path: string }
  | {
      readonly kind: 'csi';
      readonly driver: string;
      /** Id of the volume in its storage system. @default - the name of the PersistentVolume */
      readonly handle?: string;
      readonly attributes: Readonly<Record<string, string>>;
      readonly secret?: SecretReference;
    };

/** A Secret that a CSI driver reads when it mounts a volume. */
export interface SecretReference {
  readonly name: string;
  readonly namespace: string;
}

/** Numeric user and group id that may write to a file system. */
export interface FileOwner {
  /** @default - no user: files belong to root, or to many users */
  readonly user?: number;
  /** Group with write permission. @default - none */
  readonly group?: number;
}

/** Options of every file system. */
export interface FileSystemOptions {
  /**
   * Who can write to the files that pods use. Pods that mount the file system with `writable: true` must run as this user, or in this group;
   * others would get `Permission denied`.
   *
   * @default - not checked
   */
  readonly owner?: FileOwner;
  /** Whether it can only be read. @default false */
  readonly readOnly?: boolean;
  /** Mount options, e.g. `nfsvers=4.2`. @default - those of the node or of the driver */
  readonly mountOptions?: readonly string[];
}

/**
 * A file system that exists outside of the claims of a service, and that pods of several nodes mount at the same time. `sharedVolume` takes it
 * as `from`, so notebooks, workers, batch jobs and custom services mount it in the same way. Each service that mounts it gets a
 * PersistentVolume and a claim that are bound to each other.
 *
 * @madeBy nfs, nodeFileSystem, csiFileSystem
 */
export interface FileSystem {
  readonly kind: 'file-system';
  /** Name in messages and in names of objects. */
  readonly name: string;
  readonly source: FileSystemSource;
  readonly readOnly: boolean;
  readonly owner?: FileOwner;
  readonly mountOptions: readonly string[];
  /** Node pools that can mount it. @default - all nodes */
  readonly on?: Placement;
  /** Whether mounts that the node adds later below the path appear in running pods. */
  readonly propagation?: 'HostToContainer';
  /** Capacity of the PersistentVolume. Kubernetes requires one; no file system here enforces it. */
  readonly capacity: Memory;
}

export interface NfsProps extends FileSystemOptions {
  /** Host name or address of the NFS server; the nodes must be able to resolve it. */
  readonly server: string;
  /** Exported path, e.g. `/export/data`. */
  readonly path: string;
}

/** `hard` is the default of the kernel: a process waits for a server that does not respond, and no write is lost. */
const NFS_OPTIONS = ['nfsvers=4.2', 'noatime'];

/**
 * An NFS export.
 *
 * @param name e.g. `data`
 * @example sharedVolume('data', { at: '/data', from: nfs('data', { server: 'nfs.example.org', path: '/export/data' }) })
 * @throws INVALID_FILE_SYSTEM_PATH, INVALID_FILE_SYSTEM_SERVER, INVALID_MOUNT_OPTION, INVALID_NAME; MISSING_PROP, INVALID_PROP_TYPE
 * @see https://man7.org/linux/man-pages/man5/nfs.5.html (mount options)
 */
export function nfs(name: string, props: NfsProps): FileSystem {
  checkProps(schemaOf('NfsProps'), 'nfs', props);
  const { server, path, mountOptions = NFS_OPTIONS } = props;
  const problems = checked(name, path, mountOptions);
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$|^\[?[0-9a-f]*:[0-9a-f:]+\]?$/.test(server))
    problems.add(`${name}/server`, fileSystemServer(server));
  problems.throwIfAny();
  return fileSystem(name, { kind: 'nfs', server, path }, { ...props, mountOptions });
}

export interface NodeFileSystemProps extends Omit<FileSystemOptions, 'mountOptions'> {
  /** Mount point on the nodes, e.g. `/gpfs/fs1`. */
  readonly path: string;
  /** Node pools whose nodes have it mounted. Pods that mount it run only there. */
  readonly on: Placement;
}

/**
 * A file system that the nodes of a pool have mounted already: IBM Storage Scale (GPFS), Lustre, BeeGFS, CVMFS of the node. Pods mount it through
 * a PersistentVolume with node affinity, so their namespace needs no permission for hostPath volumes. The kubelet does not start a pod on a node
 * without the folder.
 *
 * @example sharedVolume('gpfs', { at: '/gpfs', from: nodeFileSystem('gpfs', { path: '/gpfs/fs1', on: workers, owner: { group: 5000 } }) })
 * @throws INVALID_FILE_SYSTEM_PATH, INVALID_NAME; MISSING_PROP, INVALID_PROP_TYPE
 */
export function nodeFileSystem(name: string, props: NodeFileSystemProps): FileSystem {
  checkProps(schemaOf('NodeFileSystemProps'), 'nodeFileSystem', props);
  checked(name, props.path, []).throwIfAny();
  return { ...fileSystem(name, { kind: 'node', path: props.path }, props), on: props.on, propagation: 'HostToContainer' };
}

export interface CsiFileSystemProps extends FileSystemOptions {
  /** Name of the CSI driver, e.g. `spectrumscale.csi.ibm.com`. */
  readonly driver: string;
  /**
   * Id of the volume in its storage system (`volumeHandle`), if the driver reads it. Kubernetes mounts only one PersistentVolume per handle on a
   * node, so a file system with a handle can be mounted by one service only.
   *
   * @default - the name of the PersistentVolume: drivers of existing shares find them by `attributes`
   */
  readonly handle?: string;
  /** Attributes of the volume (`volumeAttributes`). They are readable by everyone who can read PersistentVolumes. @default - none */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Secret that the driver reads when it mounts the volume (`nodePublishSecretRef`). @default - none */
  readonly secret?: SecretReference;
  /** Node pools on which the driver runs. @default - all nodes */
  readonly on?: Placement;
}

/**
 * A file system that an installed CSI driver mounts: CephFS, Manila shares, IBM Storage Scale, EOS.
 *
 * @throws INSECURE_FILE_SYSTEM_ATTRIBUTE, INVALID_NAME; MISSING_PROP, INVALID_PROP_TYPE
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#types-of-persistent-volumes
 */
export function csiFileSystem(name: string, props: CsiFileSystemProps): FileSystem {
  checkProps(schemaOf('CsiFileSystemProps'), 'csiFileSystem', props);
  checkName(name, 40);
  const { driver, handle, attributes = {}, secret, on } = props;
  for (const key of Object.keys(attributes))
    if (/secret|password|passphrase|private|token|credential|(?:access|secret|user|admin)_?-?key$/i.test(key))
      throw failure(fileSystemSecret(key), `csiFileSystem/${name}/attributes`);
  return {
    ...fileSystem(
      name,
      { kind: 'csi', driver, attributes, ...(handle === undefined ? {} : { handle }), ...(secret ? { secret } : {}) },
      props,
    ),
    ...(on ? { on } : {}),
  };
}

function fileSystem(name: string, source: FileSystemSource, options: FileSystemOptions): FileSystem {
  const { owner, readOnly = false, mountOptions = [] } = options;
  return { kind: 'file-system', name, source, readOnly, mountOptions, capacity: '1TiB', ...(owner ? { owner } : {}) };
}

function checked(name: string, path: string, mountOptions: readonly string[]): Problems {
  const problems = new Problems();
  problems.attempt(name, () => checkName(name, 40));
  if (!/^\/(?:[^/\0]+\/?)*$/.test(path) || path.split('/').includes('..')) problems.add(`${name}/path`, fileSystemPath(path));
  for (const option of mountOptions) if (!/^[^\s,]+$/.test(option)) problems.add(`${name}/mountOptions`, fileSystemOptions(option));
  return problems;
}

/** Whether the source of a shared volume is a file system, not a claim. */
export function isFileSystem(from: unknown): from is FileSystem {
  return typeof from === 'object' && from !== null && 'kind' in from && from.kind === 'file-system';
}
