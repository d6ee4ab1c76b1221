/** Services on a site: namespaces, quotas, and checks of all rendered objects. */
export type { Quota } from './cluster-objects';
export { type CommittedObject, checkCommittedObjects } from './committed-objects';
export { Facility, type FacilityOutput, type FacilityProps } from './facility';
export { writeFolder } from './folder';
export { imagesOf, type UsedImage } from './images';
export { summary } from './summary';
