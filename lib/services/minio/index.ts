export type { ServerTls, StoreLogin, StoreMetrics } from './access-props';
export type { Bucket, Days, LifecycleRule, MinIOUser, NamedPolicy, PolicyStatement, Retention, StoreAccount } from './contents-props';
export { type ErasureCode, erasureCode, faultTolerance, furtherErasureCode, type PoolShape } from './erasure';
export { MinIO } from './minio';
export type { MinIOProps, ServerPool } from './props';
export { minIOService } from './service';
