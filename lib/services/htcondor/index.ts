export { type SharedVolume, type SharedVolumeProps, sharedVolume } from '../../site';
export {
  type Addressing,
  type HostNetwork,
  type HostNetworkProps,
  hostNetwork,
  type InCluster,
  inCluster,
  type NodePort,
  type NodePortProps,
  nodePort,
} from './addressing-props';
export { type Drain, drainOf } from './drain';
export { type ExternalPoolProps, externalPool, type HTCondorEndpoint } from './endpoint';
export type { DemandProps, ExecuteProps } from './execute-props';
export { HTCondorPool } from './pool';
export type {
  AccessPointProps,
  AccountingGroupProps,
  CondorMetricsProps,
  CondorNotebooksProps,
  HTCondorPoolProps,
  ManagerProps,
  QueueLimits,
  TenantProps,
} from './props';
export type {
  AllowList,
  CondorSecurityProps,
  CondorSslProps,
  JobCredentialsProps,
  SciTokensProps,
  SigningKeys,
} from './security-props';
export { htcondorService } from './service';
export { mintToken, type TokenTimes } from './tokens';
