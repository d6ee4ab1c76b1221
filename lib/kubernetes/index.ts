/** How this project writes a pod, a flow, a volume, a configuration file. */
export * from './access';
export * from './container';
export * from './controllers';
export type * from './custom-resources';
export * from './exceptions';
export { declareFlow, dnsTargets, placePolicy, policySpec } from './flows';
export * from './ingress';
export * from './ledger';
export * from './manifest';
export * from './patch';
export { type Apart, scheduling, type Tolerate } from './placement';
export { type PodProps, PRIORITY_VALUES, type Priority, priorityClass } from './pod';
export * from './runtime-pods';
export * from './service-chart';
export * from './uses';
export * from './volume';
export * from './workload';
