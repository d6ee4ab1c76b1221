export { DaskCluster } from './dask-cluster';
export type { DaskClusterProps, DaskTlsProps, MemoryShares, WorkerLifetime, WorkerOptions, WorkerSize } from './props';
export { memoryShares, type WorkerLimits, workerLimits } from './worker-size';
