import { type Finding, nearest, quote } from './problem';

export const minioPoolAlone = (): Finding => ({
  code: 'MINIO_POOL_ALONE',
  given: 'a pool of one single drive among several pools',
  allowed: 'pools of two or more drives: a store that began with one drive never grows',
  fix: 'make a second store of the size you need and copy the objects (mc mirror)',
});

export const minioPoolParity = (parity: number, setSize: number): Finding => ({
  code: 'MINIO_POOL_PARITY',
  given: `erasure sets of ${setSize} drives beside a first pool of parity ${parity}`,
  allowed: `sets of at least ${2 * parity} drives: the first pool's parity holds for all`,
  fix: `give the pool more servers or drives, or the store parity: ${Math.floor(setSize / 2)}`,
});

export const minioNoPool = (given: unknown): Finding => ({
  code: 'MINIO_NO_POOL',
  given: `pools ${quote(given)}`,
  allowed: 'at least one pool',
  fix: 'leave `pools` out for one pool of `servers` and `drivesPerServer`',
});

export const minioQuota = (given: unknown, usable: number): Finding => ({
  code: 'MINIO_QUOTA',
  given: quote(given),
  allowed: `more than nothing, and at most what the store has for objects: ${Math.floor(usable / 2 ** 30)} GiB`,
  fix: 'lower the quota, leave it out, or give the store larger drives',
});

export const minioLifecycle = (given: unknown): Finding => ({
  code: 'MINIO_LIFECYCLE',
  given: quote(given),
  allowed: "whole days ('30d'): `expire`, and `expireNoncurrent` in a bucket with versions",
  fix: 'name at least one of the two; add `versioning: true` if versions are meant',
});

export const minioNameTwice = (name: string): Finding => ({
  code: 'MINIO_NAME_TWICE',
  given: `the name ${quote(name)} twice`,
  allowed: 'one bucket a name, and one user, service account or policy a name',
  fix: 'rename one of them',
});

export const minioNameTaken = (name: string, taken: readonly string[]): Finding => ({
  code: 'MINIO_NAME_TAKEN',
  given: `the name ${quote(name)}`,
  allowed: `names that the store does not need itself: it needs ${taken.join(', ')}`,
  fix: 'choose another name',
});

export const minioEmpty = (what: string, fix: string): Finding => ({
  code: 'MINIO_EMPTY',
  given: 'an empty list',
  allowed: `at least one ${what}`,
  fix,
});

export const minioPolicyUnknown = (name: string | undefined, known: readonly string[]): Finding => ({
  code: 'MINIO_POLICY_UNKNOWN',
  given: name === undefined ? 'no policy' : `policy ${quote(name)}`,
  allowed: known.join(', '),
  fix: nearest(name ?? '', known) ? `did you mean '${nearest(name ?? '', known)}'?` : 'add it to `policies`',
});
