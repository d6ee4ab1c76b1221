/** Services composed on a site: namespaces, quotas, and the checks that see everything. */
export type { Quota } from './cluster-objects';
export { Facility, type FacilityOutput, type FacilityProps } from './facility';
export { writeFolder } from './folder';
export { imagesOf, type UsedImage } from './images';
export { type CommittedObject, checkLifetimes } from './lifetimes';
export { summary } from './summary';
