/** NVIDIA's cards, what they can be cut into, and whether a wish fits; and cards of any maker as the nodes of a pool have them. */
export * from './cards';
export { checkLayout, fits, layoutNotes, nearestLayouts, placements, whyUnfit } from './fit';
export * from './geometry';
export * from './offers';
export * from './pack';
export {
  type HeldInstance,
  type Leftover,
  leftover,
  type NotPlaced,
  type PlacedBeside,
  placeInstances,
  type Spare,
} from './place';
export * from './profile';
export * from './sharing';
export { type Blocked, type Shortage, shortageText } from './shortage';
export type { Instance } from './solver';
export * from './spelling';
