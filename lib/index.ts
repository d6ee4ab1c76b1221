/**
 * Describe a scientific analysis facility once; get Terraform JSON, cluster configuration and Kubernetes manifests.
 *
 * @packageDocumentation
 */
import './command/compile-cache';

export { run } from './command/run';
export {
  type ApiRule,
  type Binding,
  type BoundMount,
  type BoundSecret,
  type ClientImage,
  type Endpoint,
  type EndpointProps,
  type ExternalHttpProps,
  type ExternalPostgresqlProps,
  type ExternalS3Props,
  endpoint,
  externalHttp,
  externalPostgresql,
  externalS3,
  type HttpEndpoint,
  type HubIdentity,
  type OidcIssuer,
  type OidcIssuerProps,
  type Origin,
  oidcIssuer,
  type PostgresqlEndpoint,
  type PostgresqlEndpointProps,
  postgresqlEndpoint,
  prefixed,
  type Right,
  type S3Endpoint,
  type S3EndpointProps,
  s3Endpoint,
  type Variable,
} from './endpoints';
export { type Acceptance, type AcceptedWarning, FacilityError, type Finding, type Problem, type Severity } from './errors';
export { Facility, type FacilityOutput, type FacilityProps, type Quota, summary } from './facility';
export * from './kubernetes';
export * from './services/cinder-csi';
export * from './services/dask';
export * from './services/dask-gateway';
export * from './services/jupyterhub';
export * from './services/minio';
export * from './services/nvidia';
export * from './services/openstack-cloud-controller';
export * from './site';
