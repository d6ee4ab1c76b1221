import type { Resources, ServiceProps, Tls } from '../../kubernetes';
import type { Memory, Placement, StorageClass } from '../../site';
import type { ServerTls, StoreLogin, StoreMetrics } from './access-props';
import type { Bucket, MinIOUser, NamedPolicy } from './contents-props';

/** Identical servers with identical drives. Props that are not set default to those of the store. */
export interface ServerPool {
  /** Number of servers, one per pod. @default - `servers` of the store */
  readonly servers?: number;
  /** Drives of each server, one per volume. @default - `drivesPerServer` of the store */
  readonly drivesPerServer?: number;
  /** Size of one drive. @default - `driveSize` of the store */
  readonly driveSize?: Memory;
  /** StorageClass of the drives. @default - `storageClass` of the store */
  readonly storageClass?: StorageClass;
  /** Node pools of the servers. @default - `on` of the store */
  readonly on?: Placement;
}

/**
 * An S3 object store: MinIO servers that store objects with erasure coding, so that some drives may fail.
 *
 * The servers and drives of a pool are immutable; a store is expanded by adding pools.
 */
export interface MinIOProps extends ServiceProps {
  /** Node pools of the servers. */
  readonly on: Placement;

  /** Number of servers, one per pod. One server with one drive has no redundancy. @default 4 */
  readonly servers?: number;

  /** Drives of each server, one per volume. @default 1 */
  readonly drivesPerServer?: number;

  /** Size of one drive. @default 100GiB */
  readonly driveSize?: Memory;

  /** StorageClass of the drives. @default - the default StorageClass of the site */
  readonly storageClass?: StorageClass;

  /**
   * Server pools, in the order of their creation. Append new pools at the end; do not change or remove existing ones.
   *
   * @default - one pool with `servers`, `drivesPerServer`, `driveSize` and `storageClass`
   * @throws INVALID_MINIO_DRIVES, UNSUPPORTED_MINIO_POOL, CONFLICTING_MINIO_PARITY
   */
  readonly pools?: readonly ServerPool[];

  /**
   * Number of drives of an erasure set that may fail without data loss; the same in all pools.
   *
   * @default - the default of the server, by the size of the erasure sets of the first pool: 1 for up to three drives, 2 for up to five, 3 for
   *   up to seven, else 4
   * @throws INVALID_MINIO_PARITY if it is more than half of the set
   */
  readonly parity?: number;

  /**
   * Anti-affinity of the servers of a pool: `required` places them on different nodes; with `preferred` several may share a node and fail
   * together.
   *
   * @default required
   */
  readonly apart?: 'required' | 'preferred';

  /** Resources of one server. @default { cpu: 1, cpuLimit: 4, memory: '4GiB' } */
  readonly resources?: Resources;

  /** Buckets to create; the first is the default bucket of clients. @default [{ name: 'scratch' }] */
  readonly buckets?: readonly Bucket[];

  /** Users to create; `endpoint` has the credentials of the first. @default [{ name: 'analysis' }] */
  readonly users?: readonly MinIOUser[];

  /** Policies in addition to those of the users, e.g. for people who log in through `login`. @default - none */
  readonly policies?: readonly NamedPolicy[];

  /** OpenID Connect provider whose tokens can be exchanged for S3 credentials (STS, AssumeRoleWithWebIdentity). @default - none */
  readonly login?: StoreLogin;

  /** Access to the metrics. @default - none */
  readonly metrics?: StoreMetrics;

  /** Region that clients must set. @default us-east-1 */
  readonly region?: string;

  /** TLS of the servers, for clients inside the cluster and between servers. @default - none: plain HTTP */
  readonly serverTls?: ServerTls;

  /** Host name of the S3 API for clients outside the cluster. @default - none: reachable only inside the cluster */
  readonly host?: string;

  /** Host name of the console. @default - none */
  readonly consoleHost?: string;

  /** Whether the servers have a console. @default true */
  readonly console?: boolean;

  /** Certificates of the host names. @default - Secrets `<id>-s3-tls` and `<id>-console-tls` */
  readonly tls?: Tls;

  /** Image of the server; it must also contain the client `mc` and a shell. @default - image `minio` of the site */
  readonly image?: string;
}
