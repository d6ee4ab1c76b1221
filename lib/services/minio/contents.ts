import { bucketInvalid, minioLifecycle, minioNameTwice, minioPolicyUnknown, minioQuota, userInvalid } from '../../errors';
import type { ServiceChart } from '../../kubernetes';
import { bytes, seconds } from '../../site';
import type { Bucket, Days, MinIOUser, NamedPolicy } from './contents-props';
import type { MinIOProps } from './props';

/** What is in a store from the start. */
export interface Contents {
  readonly buckets: readonly Bucket[];
  readonly users: readonly MinIOUser[];
  readonly policies: readonly NamedPolicy[];
}

/** Policies that every store has. */
const BUILT_IN: readonly string[] = ['consoleAdmin', 'diagnostics', 'readonly', 'readwrite', 'writeonly'];

const BUCKET = /^[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]$/;
const NAME = /^[a-z0-9]([a-z0-9-]{1,18})[a-z0-9]$/;

/** The contents that props ask for; what is wrong with them is recorded. `usable` is the space of the store, in bytes. */
export function contentsOf(chart: ServiceChart, props: MinIOProps, usable: number): Contents {
  const contents: Contents = {
    buckets: props.buckets ?? [{ name: 'scratch' }],
    users: props.users ?? [{ name: 'analysis' }],
    policies: props.policies ?? [],
  };
  for (const bucket of contents.buckets) checkBucket(chart, bucket, usable);
  for (const user of contents.users) checkUser(chart, user, contents.buckets);
  const accounts = contents.users.flatMap(({ serviceAccounts = [] }) => serviceAccounts);
  for (const { name } of [...contents.policies, ...accounts])
    if (!NAME.test(name)) chart.problems.add(`${chart.path()}/${name}`, userInvalid(name));
  checkTwice(chart, 'buckets', contents.buckets);
  // A user's policy has the name of the user, and keys of users and accounts are one kind of thing.
  checkTwice(chart, 'users', [...contents.users, ...accounts, ...contents.policies]);
  checkLogin(chart, props, contents.policies);
  return contents;
}

function checkBucket(chart: ServiceChart, bucket: Bucket, usable: number): void {
  const path = `${chart.path()}/buckets`;
  if (!BUCKET.test(bucket.name)) chart.problems.add(path, bucketInvalid(bucket.name));
  const own = `${path}/${bucket.name}`;
  if (bucket.quota !== undefined) {
    const quota = chart.problems.number(`${own}/quota`, () => bytes(bucket.quota ?? '0B'));
    if (quota === 0 || quota > usable) chart.problems.add(`${own}/quota`, minioQuota(bucket.quota, usable));
  }
  for (const rule of bucket.lifecycle ?? []) {
    const versions = bucket.versioning || bucket.objectLock;
    if (rule.expire === undefined && rule.expireNoncurrent === undefined) chart.problems.add(`${own}/lifecycle`, minioLifecycle(rule));
    if (rule.expireNoncurrent !== undefined && !versions) chart.problems.add(`${own}/lifecycle`, minioLifecycle(rule));
    for (const age of [rule.expire, rule.expireNoncurrent]) if (age !== undefined) days(chart, `${own}/lifecycle`, age);
  }
  if (typeof bucket.objectLock === 'object') days(chart, `${own}/objectLock`, bucket.objectLock.keep);
}

/** Whole days; MINIO_LIFECYCLE is recorded for anything else. */
function days(chart: ServiceChart, path: string, span: Days): void {
  const amount = chart.problems.number(path, () => seconds(span)) / 86400;
  if (amount < 1 || !Number.isInteger(amount)) chart.problems.add(path, minioLifecycle(span));
}

function checkUser(chart: ServiceChart, { name, buckets = [] }: MinIOUser, known: readonly Bucket[]): void {
  if (!NAME.test(name)) chart.problems.add(`${chart.path()}/users`, userInvalid(name));
  for (const bucket of buckets) {
    if (!known.some((one) => one.name === bucket)) chart.problems.add(`${chart.path()}/users/${name}`, bucketInvalid(bucket));
  }
}

function checkTwice(chart: ServiceChart, what: string, named: readonly { readonly name: string }[]): void {
  const names = named.map(({ name }) => name);
  for (const name of names.filter((one, index) => names.indexOf(one) !== index))
    chart.problems.add(`${chart.path()}/${what}/${name}`, minioNameTwice(name));
}

function checkLogin(chart: ServiceChart, { login }: MinIOProps, policies: readonly NamedPolicy[]): void {
  if (!login || 'claim' in login.policies) return;
  const known = [...policies.map(({ name }) => name), ...BUILT_IN];
  for (const name of login.policies)
    if (!known.includes(name)) chart.problems.add(`${chart.path()}/login/policies`, minioPolicyUnknown(name, known));
  if (login.policies.length === 0) chart.problems.add(`${chart.path()}/login/policies`, minioPolicyUnknown(undefined, known));
}
