import type { ServiceChart } from '../../kubernetes';
import { bytes, type Memory, seconds } from '../../site';
import type { Bucket, Contents, Days, NamedPolicy, PolicyStatement } from './contents-props';
import {
  bucketInvalid,
  minioEmpty,
  minioLifecycle,
  minioNameDuplicate,
  minioNameReserved,
  minioPolicyUnknown,
  minioQuota,
  userInvalid,
} from './messages';
import type { MinIOProps } from './props';

/** Built-in policies of the server. The Job would overwrite them for all users. */
const BUILT_IN: readonly string[] = ['consoleAdmin', 'diagnostics', 'readonly', 'readwrite', 'writeonly'];

/** Suffixes of the Secrets of the store itself (minio.ts, certificates.ts, lib/kubernetes/ingress.ts). */
const SECRETS: readonly string[] = ['root', 'tls', 'ca', 's3-tls', 'console-tls'];

const BUCKET = /^[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]$/;
const NAME = /^[a-z0-9]([a-z0-9-]{1,18})[a-z0-9]$/;

/** Records INVALID_BUCKET, DUPLICATE_MINIO_NAME, INVALID_MINIO_QUOTA and INVALID_MINIO_LIFECYCLE. */
export function checkBuckets(chart: ServiceChart, buckets: readonly Bucket[], usable: number): void {
  const path = `${chart.path()}/buckets`;
  for (const bucket of buckets) {
    if (!BUCKET.test(bucket.name)) chart.problems.add(path, bucketInvalid(bucket.name));
    checkRetention(chart, `${path}/${bucket.name}`, bucket, usable);
  }
  checkDuplicates(
    chart,
    buckets.map(({ name }) => ({ name, path: `buckets/${name}` })),
  );
}

function checkRetention(chart: ServiceChart, path: string, bucket: Bucket, usable: number): void {
  if (bucket.quota !== undefined) {
    const quota = chart.problems.number(`${path}/quota`, () => bytes(bucket.quota as Memory));
    if (quota > usable) chart.problems.add(`${path}/quota`, minioQuota(bucket.quota, usable));
  }
  for (const rule of bucket.lifecycle ?? []) {
    const versions = bucket.versioning || bucket.objectLock;
    if (rule.expire === undefined && rule.expireNoncurrent === undefined) chart.problems.add(`${path}/lifecycle`, minioLifecycle(rule));
    if (rule.expireNoncurrent !== undefined && !versions) chart.problems.add(`${path}/lifecycle`, minioLifecycle(rule));
    for (const age of [rule.expire, rule.expireNoncurrent]) if (age !== undefined) checkDays(chart, `${path}/lifecycle`, age);
  }
  if (typeof bucket.objectLock === 'object') checkDays(chart, `${path}/objectLock`, bucket.objectLock.keep);
}

/** Records INVALID_MINIO_LIFECYCLE unless the duration is a number of whole days. */
function checkDays(chart: ServiceChart, path: string, duration: Days): void {
  const days = chart.problems.number(path, () => seconds(duration)) / 86400;
  if (days < 1 || !Number.isInteger(days)) chart.problems.add(path, minioLifecycle(duration));
}

interface Named {
  readonly name: string;
  readonly path: string;
}

/**
 * Records INVALID_USER, DUPLICATE_MINIO_NAME and RESERVED_MINIO_NAME. Users, service accounts and policies share one namespace: the policy of a
 * user has the name of the user, and the names of users and service accounts are access keys.
 */
export function checkNames(chart: ServiceChart, { users, policies }: Contents): void {
  const account = (user: string, name: string): Named => ({ name, path: `users/${user}/serviceAccounts/${name}` });
  const userNames = users.map(({ name }): Named => ({ name, path: `users/${name}` }));
  const accounts = users.flatMap(({ name, serviceAccounts = [] }) => serviceAccounts.map((entry) => account(name, entry.name)));
  const policyNames = policies.map(({ name }): Named => ({ name, path: `policies/${name}` }));
  const all = [...userNames, ...accounts, ...policyNames];
  for (const { name, path } of all) if (!NAME.test(name)) chart.problems.add(`${chart.path()}/${path}`, userInvalid(name));
  checkDuplicates(chart, all);
  checkReserved(chart, [...userNames, ...policyNames], BUILT_IN);
  checkReserved(chart, [...userNames, ...accounts], SECRETS);
}

function checkDuplicates(chart: ServiceChart, named: readonly Named[]): void {
  const names = named.map(({ name }) => name);
  for (const { name, path } of named.filter((entry, index) => names.indexOf(entry.name) !== index))
    chart.problems.add(`${chart.path()}/${path}`, minioNameDuplicate(name));
}

function checkReserved(chart: ServiceChart, named: readonly Named[], reserved: readonly string[]): void {
  for (const { name, path } of named)
    if (reserved.includes(name)) chart.problems.add(`${chart.path()}/${path}`, minioNameReserved(name, reserved));
}

/** Records INVALID_BUCKET for buckets of a user that the store does not have. */
export function checkReferences(chart: ServiceChart, { buckets: known, users }: Contents): void {
  for (const { name, buckets = [] } of users) {
    for (const bucket of buckets) {
      if (!known.some((entry) => entry.name === bucket)) chart.problems.add(`${chart.path()}/users/${name}`, bucketInvalid(bucket));
    }
  }
}

/** Records MISSING_MINIO_ENTRIES for empty lists: the server rejects policies with them, and the Job would never complete. */
export function checkLists(chart: ServiceChart, { buckets, users, policies }: Contents): void {
  const check = (path: string, list: readonly unknown[] | undefined, what: string, fix: string) => {
    if (list?.length === 0) chart.problems.add(`${chart.path()}/${path}`, minioEmpty(what, fix));
  };
  const statements = (path: string, list: readonly PolicyStatement[], fix: string) => {
    check(path, list, 'statement', fix);
    for (const [index, { actions, resources }] of list.entries()) {
      check(`${path}/${index}/actions`, actions, 'action', "list the allowed or denied actions, e.g. 's3:GetObject'");
      check(`${path}/${index}/resources`, resources, 'bucket or object', 'remove `resources`: the default is all buckets and objects');
    }
  };
  check('buckets', buckets, 'bucket', "remove `buckets`: the default is one bucket 'scratch'");
  check('users', users, 'user', "remove `users`: the default is one user 'analysis'");
  for (const { name, access, buckets: own, serviceAccounts = [] } of users) {
    check(`users/${name}/buckets`, own, 'bucket', 'remove `buckets`: the default is all buckets of the store');
    if (typeof access === 'object') statements(`users/${name}/access`, access, 'remove `access`, or remove the user');
    for (const account of serviceAccounts) {
      const path = `users/${name}/serviceAccounts/${account.name}/access`;
      if (account.access) statements(path, account.access, 'remove `access`: the default is the permissions of the user');
    }
  }
  for (const policy of policies)
    statements(`policies/${policy.name}/statements`, policy.statements, 'list at least one statement, or remove the policy');
}

/** Records UNKNOWN_MINIO_POLICY for unknown policies in `login`. */
export function checkLogin(chart: ServiceChart, { login }: MinIOProps, policies: readonly NamedPolicy[]): void {
  if (!login || 'claim' in login.policies) return;
  const known = [...policies.map(({ name }) => name), ...BUILT_IN];
  for (const name of login.policies)
    if (!known.includes(name)) chart.problems.add(`${chart.path()}/login/policies`, minioPolicyUnknown(name, known));
  if (login.policies.length === 0) chart.problems.add(`${chart.path()}/login/policies`, minioPolicyUnknown(undefined, known));
}
