import type { ServiceChart } from '../../kubernetes';
import { bytes, seconds } from '../../site';
import type { Bucket, Contents, Days, NamedPolicy, PolicyStatement } from './contents-props';
import {
  bucketInvalid,
  minioEmpty,
  minioLifecycle,
  minioNameTaken,
  minioNameTwice,
  minioPolicyUnknown,
  minioQuota,
  userInvalid,
} from './messages';
import type { MinIOProps } from './props';

/** Policies that every store has. The Job would write over them, for all who have them. */
const BUILT_IN: readonly string[] = ['consoleAdmin', 'diagnostics', 'readonly', 'readwrite', 'writeonly'];

/** What Secrets of the store itself are called after its id (minio.ts, certificates.ts, lib/kubernetes/ingress.ts). */
const SECRETS: readonly string[] = ['root', 'tls', 'ca', 's3-tls', 'console-tls'];

const BUCKET = /^[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]$/;
const NAME = /^[a-z0-9]([a-z0-9-]{1,18})[a-z0-9]$/;

/** INVALID_BUCKET, DUPLICATE_MINIO_NAME, INVALID_MINIO_QUOTA and INVALID_MINIO_LIFECYCLE. */
export function checkBuckets(chart: ServiceChart, buckets: readonly Bucket[], usable: number): void {
  const path = `${chart.path()}/buckets`;
  for (const bucket of buckets) {
    if (!BUCKET.test(bucket.name)) chart.problems.add(path, bucketInvalid(bucket.name));
    checkKeeping(chart, `${path}/${bucket.name}`, bucket, usable);
  }
  checkTwice(
    chart,
    buckets.map(({ name }) => ({ name, path: `buckets/${name}` })),
  );
}

function checkKeeping(chart: ServiceChart, path: string, bucket: Bucket, usable: number): void {
  if (bucket.quota !== undefined) {
    const quota = chart.problems.number(`${path}/quota`, () => bytes(bucket.quota ?? '0B'));
    if (quota === 0 || quota > usable) chart.problems.add(`${path}/quota`, minioQuota(bucket.quota, usable));
  }
  for (const rule of bucket.lifecycle ?? []) {
    const versions = bucket.versioning || bucket.objectLock;
    if (rule.expire === undefined && rule.expireNoncurrent === undefined) chart.problems.add(`${path}/lifecycle`, minioLifecycle(rule));
    if (rule.expireNoncurrent !== undefined && !versions) chart.problems.add(`${path}/lifecycle`, minioLifecycle(rule));
    for (const age of [rule.expire, rule.expireNoncurrent]) if (age !== undefined) checkDays(chart, `${path}/lifecycle`, age);
  }
  if (typeof bucket.objectLock === 'object') checkDays(chart, `${path}/objectLock`, bucket.objectLock.keep);
}

/** Whole days; INVALID_MINIO_LIFECYCLE is recorded for anything else. */
function checkDays(chart: ServiceChart, path: string, span: Days): void {
  const amount = chart.problems.number(path, () => seconds(span)) / 86400;
  if (amount < 1 || !Number.isInteger(amount)) chart.problems.add(path, minioLifecycle(span));
}

interface Named {
  readonly name: string;
  readonly path: string;
}

/**
 * INVALID_USER, DUPLICATE_MINIO_NAME and RESERVED_MINIO_NAME. A user's policy has the name of the user, and keys of users and accounts are one
 * kind of thing: all of them share one room of names.
 */
export function checkNames(chart: ServiceChart, { users, policies }: Contents): void {
  const account = (user: string, name: string): Named => ({ name, path: `users/${user}/serviceAccounts/${name}` });
  const people = users.map(({ name }): Named => ({ name, path: `users/${name}` }));
  const accounts = users.flatMap(({ name, serviceAccounts = [] }) => serviceAccounts.map((one) => account(name, one.name)));
  const rules = policies.map(({ name }): Named => ({ name, path: `policies/${name}` }));
  const all = [...people, ...accounts, ...rules];
  for (const { name, path } of all) if (!NAME.test(name)) chart.problems.add(`${chart.path()}/${path}`, userInvalid(name));
  checkTwice(chart, all);
  checkTaken(chart, [...people, ...rules], BUILT_IN);
  checkTaken(chart, [...people, ...accounts], SECRETS);
}

function checkTwice(chart: ServiceChart, named: readonly Named[]): void {
  const names = named.map(({ name }) => name);
  for (const { name, path } of named.filter((one, index) => names.indexOf(one.name) !== index))
    chart.problems.add(`${chart.path()}/${path}`, minioNameTwice(name));
}

function checkTaken(chart: ServiceChart, named: readonly Named[], taken: readonly string[]): void {
  for (const { name, path } of named) if (taken.includes(name)) chart.problems.add(`${chart.path()}/${path}`, minioNameTaken(name, taken));
}

/** INVALID_BUCKET for a bucket of a user that the store has not. */
export function checkReferences(chart: ServiceChart, { buckets: known, users }: Contents): void {
  for (const { name, buckets = [] } of users) {
    for (const bucket of buckets) {
      if (!known.some((one) => one.name === bucket)) chart.problems.add(`${chart.path()}/users/${name}`, bucketInvalid(bucket));
    }
  }
}

/** MISSING_MINIO_ENTRIES for lists that are there and hold nothing: the server refuses such policies, and the Job would never end. */
export function checkLists(chart: ServiceChart, { buckets, users, policies }: Contents): void {
  const check = (path: string, list: readonly unknown[] | undefined, what: string, fix: string) => {
    if (list?.length === 0) chart.problems.add(`${chart.path()}/${path}`, minioEmpty(what, fix));
  };
  const statements = (path: string, list: readonly PolicyStatement[], fix: string) => {
    check(path, list, 'statement', fix);
    for (const [index, { actions, resources }] of list.entries()) {
      check(`${path}/${index}/actions`, actions, 'action', "name what is allowed or denied, e.g. 's3:GetObject'");
      check(`${path}/${index}/resources`, resources, 'bucket or object', 'leave `resources` out for all of them');
    }
  };
  check('buckets', buckets, 'bucket', "leave `buckets` out for one bucket 'scratch'");
  check('users', users, 'user', "leave `users` out for one user 'analysis'");
  for (const { name, access, buckets: own, serviceAccounts = [] } of users) {
    check(`users/${name}/buckets`, own, 'bucket', 'leave `buckets` out for all that the store lists');
    if (typeof access === 'object') statements(`users/${name}/access`, access, 'leave `access` out, or take the user away');
    for (const account of serviceAccounts) {
      const path = `users/${name}/serviceAccounts/${account.name}/access`;
      if (account.access) statements(path, account.access, 'leave `access` out for as much as the user may');
    }
  }
  for (const policy of policies) statements(`policies/${policy.name}/statements`, policy.statements, 'say what the policy allows');
}

/** UNKNOWN_MINIO_POLICY for policies of a provider. */
export function checkLogin(chart: ServiceChart, { login }: MinIOProps, policies: readonly NamedPolicy[]): void {
  if (!login || 'claim' in login.policies) return;
  const known = [...policies.map(({ name }) => name), ...BUILT_IN];
  for (const name of login.policies)
    if (!known.includes(name)) chart.problems.add(`${chart.path()}/login/policies`, minioPolicyUnknown(name, known));
  if (login.policies.length === 0) chart.problems.add(`${chart.path()}/login/policies`, minioPolicyUnknown(undefined, known));
}
