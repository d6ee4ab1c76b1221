/** Services composed on a site: namespaces, quotas, and the checks that see everything. */
export type { Built, BuiltObject, PlacedObject } from './built';
export type { PodSecurity, Quota } from './cluster-objects';
export { Facility, type FacilityOutput, type FacilityProps } from './facility';
export { writeFolder } from './folder';
export { checkLifetimes, type CommittedObject } from './lifetimes';
export { summary } from './summary';
