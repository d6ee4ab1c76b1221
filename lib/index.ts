/**
 * Renders Terraform JSON, cluster configuration and Kubernetes manifests from one description of a scientific analysis facility.
 *
 * This entry contains what most facilities need. The other entries are one per service (`/jupyterhub`, `/minio`, …), `/gpu`,
 * `/infrastructure`, and `/authoring` for custom services.
 *
 * @packageDocumentation
 */
import './command/compile-cache';

export { run } from './command/run';
export {
  type Endpoint,
  type EndpointProps,
  endpoint,
  externalHttp,
  externalPostgresql,
  externalS3,
  type OidcIssuer,
  oidcIssuer,
  type PostgresqlEndpoint,
  prefixed,
  type S3Endpoint,
} from './endpoints';
export { type Acceptance, type AcceptedWarning, FacilityError, type Problem, type Severity } from './errors';
export { Facility, type FacilityOutput, type FacilityProps, type Quota, summary } from './facility';
export { DaskCluster, type DaskClusterProps } from './services/dask';
export { DaskGateway, type DaskGatewayProps } from './services/dask-gateway';
export { choice, environment, JupyterHub, type JupyterHubProps, oidc, option, size } from './services/jupyterhub';
export { MinIO, type MinIOProps } from './services/minio';
export { NvidiaGpus, type NvidiaGpusProps } from './services/nvidia';
export {
  type Cpu,
  cinder,
  csiFileSystem,
  type Duration,
  defineSite,
  type ExistingClusterProps,
  existingCluster,
  type FileSystem,
  type Memory,
  type NodePool,
  type NodePoolProps,
  nfs,
  nodeFileSystem,
  nodePool,
  type OpenStackProps,
  openstack,
  type RancherClusterProps,
  rke1,
  rke2,
  type SecretKey,
  type SharedVolume,
  type Site,
  type SiteProps,
  type StorageClass,
  secret,
  sharedVolume,
  storageClass,
} from './site';
