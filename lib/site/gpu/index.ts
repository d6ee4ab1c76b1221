/** NVIDIA's cards and what they can be cut into; cards of any maker as the nodes of a pool have them. */
export * from './cards';
export * from './geometry';
export * from './offers';
export * from './profile';
export * from './sharing';
export * from './spelling';
