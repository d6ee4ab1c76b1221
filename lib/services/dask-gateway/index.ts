export { DaskGateway } from './dask-gateway';
export type { DaskGatewayProps, HubName, UserLimits } from './props';
