import type { Resources, ServiceProps, Tls } from '../../kubernetes';
import type { Memory, Placement, StorageClass } from '../../site';

/** A bucket that exists from the start. */
export interface Bucket {
  /** 3 to 63 lower-case letters, digits and hyphens. */
  readonly name: string;
  /** Keep every version of an object. @default false */
  readonly versioning?: boolean;
}

/** Somebody with keys of their own. */
export interface MinIOUser {
  /** Access key as well; 3 to 20 characters. */
  readonly name: string;
  /** @default readwrite */
  readonly access?: 'readwrite' | 'readonly';
  /** Names of the buckets. @default - all that the store lists */
  readonly buckets?: readonly string[];
}

/**
 * An S3 store: MinIO servers that keep every object in pieces on several drives, so that some may be lost.
 *
 * Servers and drives are chosen for life: a pool of MinIO cannot change its shape afterwards.
 */
export interface MinIOProps extends ServiceProps {
  /** Pools whose nodes run the servers. */
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
   * Drives of an erasure set that may be lost without losing data.
   *
   * @default - by the size of the erasure set, as the server does: 1 up to three drives, 2 up to five, 3 up to seven, else 4
   * @throws MINIO_PARITY if it is more than half of the set
   */
  readonly parity?: number;

  /**
   * Whether servers must be on different nodes; `preferred` starts them all the same, and a lost node may then take two.
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

  /** Region that clients must name. @default us-east-1 */
  readonly region?: string;

  /** Host name of the S3 interface for clients outside the cluster. @default - none: inside only */
  readonly host?: string;

  /** Host name of the console. @default - none */
  readonly consoleHost?: string;

  /** Certificates of the host names. @default - Secrets `<id>-s3-tls` and `<id>-console-tls` */
  readonly tls?: Tls;

  /** Image of the server; it must bring the client `mc` and a shell as well. @default - image `minio` of the site */
  readonly image?: string;
}
