import type { Service } from '../../kubernetes';
import { DaskCluster } from './dask-cluster';
import { dask } from './description';

export const daskService: Service = {
  description: dask,
  example: (scope, { core }) => new DaskCluster(scope, 'dask', { on: core, workers: 2 }),
};
