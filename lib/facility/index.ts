/** Services composed on a site: namespaces, quotas, and the checks that see everything. */
export type { Built, BuiltObject, PlacedObject } from './built';
export type { PodSecurity, Quota } from './cluster-objects';
export { Facility, type FacilityOutput, type FacilityProps } from './facility';
export { writeFolder } from './folder';
export { GPU_FILES, type GpuFile, gpuFiles } from './gpu-files';
export { ALIVE, MIG_CONFIG, POD_LINES } from './gpu-labels';
export { cardText, plural, totals } from './gpu-picture';
export {
  GPU_SCHEMA,
  type GpuRecord,
  gpuRecord,
  type RecordedInstance,
  type RecordedLayout,
  type RecordedNode,
  type RecordedPool,
} from './gpu-record';
export { type CommittedObject, checkLifetimes } from './lifetimes';
export { summary } from './summary';
