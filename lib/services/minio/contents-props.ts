import type { Memory } from '../../site';

/** A number of whole days, e.g. `30d`. Lifecycle rules do not support shorter periods. */
export type Days = `${number}d`;

/** Rule for the automatic deletion of objects. */
export interface LifecycleRule {
  /**
   * Prefix of the object names to which the rule applies.
   *
   * @mayBeEmpty
   * @default - all objects
   */
  readonly prefix?: string;
  /** Age at which an object is deleted; with versioning it only gets a delete marker. @default - never */
  readonly expire?: Days;
  /** Time after which a noncurrent version is deleted; for buckets with versioning. @default - never */
  readonly expireNoncurrent?: Days;
}

/** Default retention of new objects, unless the client sets another one. */
export interface Retention {
  /** `governance`: users with the permission `s3:BypassGovernanceRetention` may delete objects. `compliance`: nobody may. */
  readonly mode: 'governance' | 'compliance';
  /** Retention period. */
  readonly keep: Days;
}

/** A bucket that the setup Job creates. */
export interface Bucket {
  /** 3 to 63 lower-case letters, digits and hyphens. */
  readonly name: string;
  /** Versioning of objects. Removing it does not suspend versioning: use `mc version suspend`. @default false, true with `objectLock` */
  readonly versioning?: boolean;
  /** Object locking; `true`: without a default retention. It can only be enabled when the bucket is created. @default false */
  readonly objectLock?: boolean | Retention;
  /** Maximum size of the bucket. @default - unlimited */
  readonly quota?: Memory;
  /** Rules for the automatic deletion of objects. @default - none */
  readonly lifecycle?: readonly LifecycleRule[];
  /** Access without credentials. @default none */
  readonly anonymous?: 'none' | 'download';
}

/** A statement of a policy. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-policy-language-overview.html */
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

/** A service account: additional credentials of a user, e.g. for a program, that can be revoked separately. */
export interface StoreAccount {
  /** Name and access key, 3 to 20 characters. */
  readonly name: string;
  /** Policy that restricts the permissions of the user. @default - the permissions of the user */
  readonly access?: readonly PolicyStatement[];
}

/** A user with credentials. */
export interface MinIOUser {
  /** Name and access key, 3 to 20 characters. */
  readonly name: string;
  /** Access to `buckets`, or statements of a policy. @default readwrite */
  readonly access?: 'readwrite' | 'readonly' | 'writeonly' | readonly PolicyStatement[];
  /** Names of the buckets. @default - all buckets of the store */
  readonly buckets?: readonly string[];
  /** @default - none */
  readonly serviceAccounts?: readonly StoreAccount[];
}

/** Buckets, users and policies that the setup Job creates. */
export interface Contents {
  readonly buckets: readonly Bucket[];
  readonly users: readonly MinIOUser[];
  readonly policies: readonly NamedPolicy[];
}
