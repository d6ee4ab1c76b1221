export { type ErasureCode, erasureCode } from './erasure';
export { MinIO } from './minio';
export type { Bucket, MinIOProps, MinIOUser } from './props';
