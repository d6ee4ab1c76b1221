import type { Service } from '../../kubernetes';
import { DaskGateway } from './dask-gateway';
import { daskGateway } from './description';

export const daskGatewayService: Service = {
  description: daskGateway,
  example: (scope, { core, users }) => new DaskGateway(scope, 'dask-gateway', { on: core, clustersOn: users }),
};
