export { DaskCluster } from './dask-cluster';
export type { DaskClusterProps, WorkerSize } from './props';
export { workerLimits, type WorkerLimits } from './worker-size';
