import { type Finding, nearest, quote } from '../../errors';

export const minioSingleDrivePool = (): Finding => ({
  code: 'UNSUPPORTED_MINIO_POOL',
  given: 'a pool with a single drive, in a store with several pools',
  allowed: 'pools with two or more drives: a store with a single drive cannot be expanded',
  fix: 'create a new store of the required size and copy the objects with `mc mirror`',
});

export const minioPoolParity = (parity: number, setSize: number): Finding => ({
  code: 'CONFLICTING_MINIO_PARITY',
  given: `erasure sets of ${setSize} drives, and parity ${parity} of the first pool`,
  allowed: `erasure sets of at least ${2 * parity} drives, because the parity of the first pool applies to all pools`,
  fix: `increase servers or drivesPerServer of the pool, or set parity: ${Math.floor(setSize / 2)} for the store`,
});

export const minioNoParity = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_MINIO_PARITY',
  given: 'parity 0: the failure of one drive loses objects',
  allowed: 'parity of at least 1, which requires at least two drives',
  fix: 'set servers: 4 and remove parity (only before the first deployment; later, copy the objects to a new store), or store only data that has another copy',
});

export const minioServersColocated = (): Finding => ({
  severity: 'warning',
  code: 'MISSING_MINIO_SPREAD',
  given: "apart: 'preferred': several servers may run on one node and fail together",
  allowed: "apart: 'required', which needs one node for each server of a pool",
  fix: 'remove `apart`, and add nodes if the pool has fewer nodes than servers',
});

export const minioPoolsEmpty = (given: unknown): Finding => ({
  code: 'MISSING_MINIO_POOL',
  given: `pools ${quote(given)}`,
  allowed: 'at least one pool',
  fix: 'remove `pools`: the default is one pool with `servers` and `drivesPerServer`',
});

export const minioQuota = (given: unknown, usable: number): Finding => ({
  code: 'INVALID_MINIO_QUOTA',
  given: quote(given),
  allowed: `more than 0, and at most the usable capacity of the store: ${Math.floor(usable / 2 ** 30)} GiB`,
  fix: 'decrease or remove the quota, or increase driveSize (only before the first deployment; later, append an entry to `pools`)',
});

export const minioLifecycle = (given: unknown): Finding => ({
  code: 'INVALID_MINIO_LIFECYCLE',
  given: quote(given),
  allowed: "a number of whole days (e.g. '30d') for `expire`, and for `expireNoncurrent` if the bucket has versioning",
  fix: 'set at least one of the two; for `expireNoncurrent`, also set versioning: true',
});

export const minioNameDuplicate = (name: string): Finding => ({
  code: 'DUPLICATE_MINIO_NAME',
  given: `duplicate name ${quote(name)}`,
  allowed: 'unique names of buckets, and unique names among all users, service accounts and policies',
  fix: 'rename one of them',
});

export const minioNameReserved = (name: string, reserved: readonly string[]): Finding => ({
  code: 'RESERVED_MINIO_NAME',
  given: `name ${quote(name)}`,
  allowed: `names other than the reserved ones: ${reserved.join(', ')}`,
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
  fix: nearest(name ?? '', known) ? `write '${nearest(name ?? '', known)}'` : 'add it to `policies`',
});
export const minioDrivesInvalid = (servers: unknown, drives: unknown): Finding => ({
  code: 'INVALID_MINIO_DRIVES',
  given: `${quote(servers)} servers with ${quote(drives)} drives each`,
  allowed:
    'servers × drivesPerServer that is divisible into erasure sets of 2 to 16 drives that use each server equally, e.g. 4 × 1, 4 × 4, 6 × 2; or 1 × 1; at most 256 drives per server',
  fix: 'set servers: 4, 5, 6, 8 or 16, or increase drivesPerServer (only before the first deployment; later, append an entry to `pools`)',
});

export const minioParity = (parity: unknown, setSize: number): Finding => ({
  code: 'INVALID_MINIO_PARITY',
  given: `parity ${quote(parity)} in erasure sets of ${setSize} drives`,
  allowed: `an integer from 0 to ${Math.floor(setSize / 2)}`,
  fix: 'remove parity: the default depends on the size of the erasure set',
});

export const bucketInvalid = (name: unknown): Finding => ({
  code: 'INVALID_BUCKET',
  given: quote(name),
  allowed: 'the name of a bucket of the store, with 3 to 63 lower-case letters, digits and hyphens',
  fix: "write a name such as 'raw-data', and add the bucket to `buckets`",
});

export const userInvalid = (name: unknown): Finding => ({
  code: 'INVALID_USER',
  given: quote(name),
  allowed: '3 to 20 lower-case letters, digits and hyphens, because the name is also the access key',
  fix: "write a name such as 'beamline-7'",
});
