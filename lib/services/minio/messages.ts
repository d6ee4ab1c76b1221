import { type Finding, nearest, quote } from '../../errors';

export const minioPoolAlone = (): Finding => ({
  code: 'UNSUPPORTED_MINIO_POOL',
  given: 'a pool of one single drive among several pools',
  allowed: 'pools of two or more drives: a store that began with one drive never grows',
  fix: 'make a second store of the size you need and copy the objects (mc mirror)',
});

export const minioPoolParity = (parity: number, setSize: number): Finding => ({
  code: 'CONFLICTING_MINIO_PARITY',
  given: `erasure sets of ${setSize} drives beside a first pool of parity ${parity}`,
  allowed: `sets of at least ${2 * parity} drives: the first pool's parity holds for all`,
  fix: `give the pool more servers or drives, or the store parity: ${Math.floor(setSize / 2)}`,
});

export const minioNoParity = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_MINIO_PARITY',
  given: 'no parity: when a drive is lost, its objects are lost',
  allowed: 'a parity of at least 1, which needs two drives or more',
  fix: 'write servers: 4, and no `parity`; or keep only data that exists elsewhere',
});

export const minioServersTogether = (): Finding => ({
  severity: 'warning',
  code: 'INSECURE_MINIO_PLACEMENT',
  given: "apart: 'preferred': a lost node may take several servers with it",
  allowed: "apart: 'required', which needs a node for every server of a pool",
  fix: 'remove `apart` where there are enough nodes, or add nodes to the pool',
});

export const minioNoPool = (given: unknown): Finding => ({
  code: 'MISSING_MINIO_POOL',
  given: `pools ${quote(given)}`,
  allowed: 'at least one pool',
  fix: 'leave `pools` out for one pool of `servers` and `drivesPerServer`',
});

export const minioQuota = (given: unknown, usable: number): Finding => ({
  code: 'INVALID_MINIO_QUOTA',
  given: quote(given),
  allowed: `more than nothing, and at most what the store has for objects: ${Math.floor(usable / 2 ** 30)} GiB`,
  fix: 'lower the quota, leave it out, or give the store larger drives',
});

export const minioLifecycle = (given: unknown): Finding => ({
  code: 'INVALID_MINIO_LIFECYCLE',
  given: quote(given),
  allowed: "whole days ('30d'): `expire`, and `expireNoncurrent` in a bucket with versions",
  fix: 'name at least one of the two; add `versioning: true` if versions are meant',
});

export const minioNameTwice = (name: string): Finding => ({
  code: 'DUPLICATE_MINIO_NAME',
  given: `the name ${quote(name)} twice`,
  allowed: 'one bucket a name, and one user, service account or policy a name',
  fix: 'rename one of them',
});

export const minioNameTaken = (name: string, taken: readonly string[]): Finding => ({
  code: 'RESERVED_MINIO_NAME',
  given: `the name ${quote(name)}`,
  allowed: `names that the store does not need itself: it needs ${taken.join(', ')}`,
  fix: 'choose another name',
});

export const minioEmpty = (what: string, fix: string): Finding => ({
  code: 'MISSING_MINIO_ENTRIES',
  given: 'an empty list',
  allowed: `at least one ${what}`,
  fix,
});

export const minioPolicyUnknown = (name: string | undefined, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_MINIO_POLICY',
  given: name === undefined ? 'no policy' : `policy ${quote(name)}`,
  allowed: known.join(', '),
  fix: nearest(name ?? '', known) ? `did you mean '${nearest(name ?? '', known)}'?` : 'add it to `policies`',
});
export const minioShape = (servers: unknown, drives: unknown): Finding => ({
  code: 'INVALID_MINIO_DRIVES',
  given: `${quote(servers)} servers with ${quote(drives)} drives each`,
  allowed: 'whole numbers whose drives divide into sets of 2 to 16 that lie evenly over the servers, or one single drive',
  fix: 'use 4, 5, 6, 8 or 16 servers, or more drives a server',
});

export const minioParity = (parity: unknown, setSize: number): Finding => ({
  code: 'INVALID_MINIO_PARITY',
  given: `parity ${quote(parity)} in erasure sets of ${setSize} drives`,
  allowed: `a whole number from 0 to ${Math.floor(setSize / 2)}`,
  fix: 'leave parity out: the server chooses one by the size of the set',
});

export const bucketInvalid = (name: unknown): Finding => ({
  code: 'INVALID_BUCKET',
  given: quote(name),
  allowed: 'a bucket of the store; 3 to 63 lower-case letters, digits and hyphens',
  fix: 'correct the name, or add the bucket to `buckets`',
});

export const userInvalid = (name: unknown): Finding => ({
  code: 'INVALID_USER',
  given: quote(name),
  allowed: '3 to 20 lower-case letters, digits and hyphens: the name is the access key',
  fix: 'correct the name',
});
