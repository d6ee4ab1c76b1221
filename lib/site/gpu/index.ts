/** NVIDIA's cards, what they can be cut into, and whether a wish fits. Plain values and functions; nothing of Kubernetes but names. */
export * from './cards';
export * from './geometry';
export * from './profile';
export * from './spelling';
