/** The filters of the Kubernetes scheduler as pure functions on pod specs, and a simulated placement of pods on the nodes of a site. */

export { type Explanation, explain, namesText } from './explain';
export { fits, hostPorts, reasonsAgainst } from './filters';
export { mayRunOn } from './node-filters';
export { CINDER_DRIVER, futureNode, type Node, schedulerNode, schedulerNodes } from './nodes';
export type { Pod, PodVolume, ScheduledContainer, ScheduledSpec } from './pod';
export { podsWithDevice } from './pods-with-device';
export type { Reason } from './reason';
export { type ContainerDefaults, effectiveRequests } from './requests';
export * from './resources';
export { candidateOf, capacityFor, type PodSet, type Schedule, schedule, scheduleDaemons, scheduleOn, type Unscheduled } from './schedule';
export { type LabelSelector, matchesSelector } from './selectors';
export { bind, type Candidate, type ClusterState, copyOf, emptyCluster, freeOn, type HostPort, type NodeState } from './state';
export { systemPods } from './system-pods';
export { affinityTerms, antiAffinityTerms, type PodTerm, termMatches } from './topology';
export { freeVolumes, volumeRequests } from './volumes';
