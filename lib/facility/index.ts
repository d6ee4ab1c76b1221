/** Services composed on a site: namespaces, quotas, and the checks that see everything. */
export type { Built, BuiltObject, PlacedObject } from './built';
export { GPU_FILES, type GpuFile, gpuFiles } from './cards/files';
export { ALIVE, MIG_CONFIG, POD_LINES } from './cards/labels';
export { cardText, plural, totals } from './cards/picture';
export {
  GPU_SCHEMA,
  type GpuRecord,
  gpuRecord,
  type RecordedInstance,
  type RecordedLayout,
  type RecordedNode,
  type RecordedPool,
} from './cards/record';
export type { PodSecurity, Quota } from './cluster-objects';
export { Facility, type FacilityOutput, type FacilityProps } from './facility';
export { writeFolder } from './folder';
export { type CommittedObject, checkLifetimes } from './lifetimes';
export { summary } from './summary';
