import type { Memory } from '../../site';

/** A number of whole days, e.g. `30d`: finer the store does not count. */
export type Days = `${number}d`;

/** Which objects the store takes away by itself. */
export interface LifecycleRule {
  /** Only objects whose names begin so. @default - all */
  readonly prefix?: string;
  /** Age at which an object goes; with versions it is hidden then, not gone. @default - never */
  readonly expire?: Days;
  /** Time after which a version goes that a newer one has replaced; for buckets with versions. @default - never */
  readonly expireNoncurrent?: Days;
}

/** How long every new object is protected unless its writer says otherwise. */
export interface Retention {
  /** Whether somebody with the right to (`s3:BypassGovernanceRetention`) may delete all the same, or nobody at all. */
  readonly mode: 'governance' | 'compliance';
  readonly keep: Days;
}

/** A bucket that exists from the start. */
export interface Bucket {
  /** 3 to 63 lower-case letters, digits and hyphens. */
  readonly name: string;
  /** Keep every version of an object. Taking it back stops nothing: `mc version suspend` does. @default false, true with `objectLock` */
  readonly versioning?: boolean;
  /** Objects can be protected from deletion; true: without a period for all. Only a new bucket can have it. @default false */
  readonly objectLock?: boolean | Retention;
  /** Most that the bucket may hold. @default - the store */
  readonly quota?: Memory;
  /** What goes by itself. @default - nothing */
  readonly lifecycle?: readonly LifecycleRule[];
  /** What everybody may do who reaches the store, without keys. @default none */
  readonly anonymous?: 'none' | 'download';
}

/** A permission, as S3 writes it. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-policy-language-overview.html */
export interface PolicyStatement {
  /** @default Allow */
  readonly effect?: 'Allow' | 'Deny';
  /** E.g. `s3:GetObject`. */
  readonly actions: readonly `${'s3' | 'admin' | 'sts'}:${string}`[];
  /** Buckets and objects: `results`, `results/2026/*`. @default - all */
  readonly resources?: readonly string[];
  /** E.g. `{ StringEquals: { 's3:prefix': 'public/' } }`. @default - none */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy of the store. */
export interface NamedPolicy {
  /** 3 to 20 lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly statements: readonly PolicyStatement[];
}

/** Further keys of a user, e.g. of a program, that can be taken back without taking the user's own. */
export interface StoreAccount {
  /** Access key as well; 3 to 20 characters. */
  readonly name: string;
  /** Less than the user may do. @default - as much as the user */
  readonly access?: readonly PolicyStatement[];
}

/** Somebody with keys of their own. */
export interface MinIOUser {
  /** Access key as well; 3 to 20 characters. */
  readonly name: string;
  /** What they may do in their buckets, or statements that say what they may do at all. @default readwrite */
  readonly access?: 'readwrite' | 'readonly' | 'writeonly' | readonly PolicyStatement[];
  /** Names of the buckets. @default - all that the store lists */
  readonly buckets?: readonly string[];
  /** @default - none */
  readonly serviceAccounts?: readonly StoreAccount[];
}

/** What is in a store from the start. */
export interface Contents {
  readonly buckets: readonly Bucket[];
  readonly users: readonly MinIOUser[];
  readonly policies: readonly NamedPolicy[];
}
