export { DaskCluster } from './dask-cluster';
export {
  type DaskEndpoint,
  type DaskEndpointProps,
  type DaskTls,
  daskEndpoint,
  daskTlsVariables,
  daskVersion,
  type ExternalDaskProps,
  externalDask,
} from './endpoint';
export type { DaskClusterProps, DaskTlsProps, MemoryShares, WorkerLifetime, WorkerOptions, WorkerSize } from './props';
export { daskService } from './service';
export { memoryShares, type WorkerLimits, workerLimits } from './worker-size';
