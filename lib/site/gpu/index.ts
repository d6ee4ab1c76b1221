/** GPUs of node pools: MIG models, profiles and layouts, and GPUs of all vendors. */

export { checkLayout, fits, layoutShortages, layoutWarnings, nearestLayouts, placements } from './fit';
export * from './geometry';
export * from './models';
export * from './offers';
export * from './pack';
export {
  type ExistingInstance,
  type InstancePlacement,
  type Leftover,
  leftover,
  type PlacementFailure,
  placeInstances,
  type UnusedResources,
} from './place';
export * from './profile';
export * from './sharing';
export { type BlockedProfile, type Shortage, shortageText } from './shortage';
export type { Instance } from './solver';
export * from './spelling';
