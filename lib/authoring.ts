/**
 * For custom services: charts, workloads, flows, volumes, endpoints, errors, and the types of props.
 *
 * @packageDocumentation
 */
export * from './endpoints';
export {
  FacilityError,
  type Finding,
  failure,
  nearest,
  type Problem,
  Problems,
  type PropsSchema,
  propsSchema,
  quote,
  type SchemaDocument,
  type Severity,
} from './errors';
export * from './kubernetes';
export {
  type Accelerator,
  type AddressPeer,
  type ApiServerPeer,
  accelerator,
  apiServers,
  bytes,
  type Cpu,
  checkHost,
  checkName,
  cores,
  type Duration,
  hostTarget,
  type ImageTable,
  type InternetPeer,
  kubernetesCpu,
  kubernetesMemory,
  type Memory,
  memoryText,
  type NodePool,
  type Peer,
  type Placement,
  type PodPeer,
  type Protocol,
  poolsOf,
  type SecretKey,
  type SecretOrigin,
  type Site,
  type SiteNode,
  type StorageClass,
  seconds,
  secret,
  siteRanges,
  type Target,
  targetOf,
} from './site';
