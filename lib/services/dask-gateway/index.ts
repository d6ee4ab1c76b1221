export { DaskGateway } from './dask-gateway';
export { type DaskGatewayEndpoint, type DaskGatewayEndpointProps, daskGatewayEndpoint } from './endpoint';
export type { DaskGatewayProps, HubName, UserLimits } from './props';
export { daskGatewayService } from './service';
