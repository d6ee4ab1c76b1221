import type { Resources, ServiceProps, Tls } from '../../kubernetes';
import type { Memory, Placement, StorageClass } from '../../site';
import type { ServerTls, StoreLogin, StoreMetrics } from './access-props';
import type { Bucket, MinIOUser, NamedPolicy } from './contents-props';

/** Servers that are alike, with drives that are alike. What is left out is as the store says. */
export interface ServerPool {
  /** Servers; each is one pod. @default - `servers` of the store */
  readonly servers?: number;
  /** Drives of one server; each is one volume. @default - `drivesPerServer` of the store */
  readonly drivesPerServer?: number;
  /** Size of one drive. @default - `driveSize` of the store */
  readonly driveSize?: Memory;
  /** Class of the drives. @default - `storageClass` of the store */
  readonly storageClass?: StorageClass;
  /** Pools of nodes that run the servers. @default - `on` of the store */
  readonly on?: Placement;
}

/**
 * An S3 store: MinIO servers that keep every object in pieces on several drives, so that some may be lost.
 *
 * Servers and drives of a pool are chosen for life; a store grows by further pools.
 */
export interface MinIOProps extends ServiceProps {
  /** Pools of nodes that run the servers. */
  readonly on: Placement;

  /** Servers; each is one pod. One server with one drive has no redundancy. @default 4 */
  readonly servers?: number;

  /** Drives of one server; each is one volume. @default 1 */
  readonly drivesPerServer?: number;

  /** Size of one drive. @default 100GiB */
  readonly driveSize?: Memory;

  /** Class of the drives. @default - the default class of the site */
  readonly storageClass?: StorageClass;

  /**
   * Pools of servers, in the order in which they came: a new one goes to the end, none is changed or taken away.
   *
   * @default - one, of `servers`, `drivesPerServer`, `driveSize` and `storageClass`
   * @throws INVALID_MINIO_DRIVES, UNSUPPORTED_MINIO_POOL, CONFLICTING_MINIO_PARITY
   */
  readonly pools?: readonly ServerPool[];

  /**
   * Drives of an erasure set that may be lost without losing data; the same in all pools.
   *
   * @default - by the size of the first pool's sets, as the server does: 1 up to three drives, 2 up to five, 3 up to seven, else 4
   * @throws INVALID_MINIO_PARITY if it is more than half of the set
   */
  readonly parity?: number;

  /**
   * Whether servers of a pool must be on different nodes; `preferred` starts them all the same, and a lost node may then take two.
   *
   * @default required
   */
  readonly apart?: 'required' | 'preferred';

  /** Resources of one server. @default { cpu: 1, cpuLimit: 4, memory: '4GiB' } */
  readonly resources?: Resources;

  /** Buckets that exist from the start; the first is the one that clients are shown. @default [{ name: 'scratch' }] */
  readonly buckets?: readonly Bucket[];

  /** Users; the first is the one of `endpoint`. @default [{ name: 'analysis' }] */
  readonly users?: readonly MinIOUser[];

  /** Policies beside those of the users, for people who come through `login`. @default - none */
  readonly policies?: readonly NamedPolicy[];

  /** Lets people trade a token of this provider for keys of their own (STS, AssumeRoleWithWebIdentity). @default - nobody */
  readonly login?: StoreLogin;

  /** Who reads the metrics. @default - nobody */
  readonly metrics?: StoreMetrics;

  /** Region that clients must name. @default us-east-1 */
  readonly region?: string;

  /** TLS of the servers themselves, for clients inside the cluster and among the servers. @default - none: plain HTTP */
  readonly serverTls?: ServerTls;

  /** Host name of the S3 interface for clients outside the cluster. @default - none: inside only */
  readonly host?: string;

  /** Host name of the console. @default - none */
  readonly consoleHost?: string;

  /** Whether the servers have a console at all. @default true */
  readonly console?: boolean;

  /** Certificates of the host names. @default - Secrets `<id>-s3-tls` and `<id>-console-tls` */
  readonly tls?: Tls;

  /** Image of the server; it must bring the client `mc` and a shell as well. @default - image `minio` of the site */
  readonly image?: string;
}
