import { type Finding, quote } from './problem';

export const minioShape = (servers: unknown, drives: unknown): Finding => ({
  code: 'MINIO_SHAPE',
  given: `${quote(servers)} servers with ${quote(drives)} drives each`,
  allowed: 'whole numbers whose drives divide into sets of 2 to 16 that lie evenly over the servers, or one single drive',
  fix: 'use 4, 5, 6, 8 or 16 servers, or more drives a server',
});

export const minioParity = (parity: unknown, setSize: number): Finding => ({
  code: 'MINIO_PARITY',
  given: `parity ${quote(parity)} in erasure sets of ${setSize} drives`,
  allowed: `a whole number from 0 to ${Math.floor(setSize / 2)}`,
  fix: 'leave parity out: the server chooses one by the size of the set',
});

export const bucketInvalid = (name: unknown): Finding => ({
  code: 'BUCKET_INVALID',
  given: quote(name),
  allowed: 'a bucket of the store; 3 to 63 lower-case letters, digits and hyphens',
  fix: 'correct the name, or add the bucket to `buckets`',
});

export const userInvalid = (name: unknown): Finding => ({
  code: 'USER_INVALID',
  given: quote(name),
  allowed: '3 to 20 lower-case letters, digits and hyphens: the name is the access key',
  fix: 'correct the name',
});
