import { nodeAffinity, nodeNamed, tolerates } from './node-filters';
import type { ScheduledSpec } from './pod';
import type { Reason } from './reason';
import { type Candidate, type ClusterState, freeOn, type HostPort, type NodeState } from './state';
import { satisfiesPodAffinity, satisfiesSpread } from './topology';
import { volumesFit } from './volumes';

type Filter = (candidate: Candidate, state: NodeState, cluster: ClusterState) => readonly Reason[];

/** Filters that depend only on the pod and the node: name, taints, labels. */
const PLACEMENT: readonly Filter[] = [
  ({ pod }, { node }) => nodeNamed(pod.spec, node),
  ({ pod }, { node }) => tolerates(pod.spec, node),
  ({ pod }, { node }) => nodeAffinity(pod.spec, node),
];

/** Filters that depend on other pods. */
const OCCUPANCY: readonly Filter[] = [portsFree, resourcesFit, volumesFit, satisfiesSpread, satisfiesPodAffinity];

const ALL: readonly Filter[] = [...PLACEMENT, ...OCCUPANCY];

/**
 * All reasons why a pod cannot run on a node; none if it can. They have the order of the scheduler's filters, which stops at the first.
 *
 * @throws INVALID_SELECTOR
 * @see https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins
 */
export function reasonsAgainst(candidate: Candidate, state: NodeState, cluster: ClusterState): readonly Reason[] {
  return ALL.flatMap((filter) => filter(candidate, state, cluster));
}

/** Whether a pod can run on a node. @throws INVALID_SELECTOR */
export function fits(candidate: Candidate, state: NodeState, cluster: ClusterState): boolean {
  return ALL.every((filter) => filter(candidate, state, cluster).length === 0);
}

/** Whether a pod can run on a node for which `mayRunOn` is true. @throws INVALID_SELECTOR */
export function fitsBeside(candidate: Candidate, state: NodeState, cluster: ClusterState): boolean {
  return OCCUPANCY.every((filter) => filter(candidate, state, cluster).length === 0);
}

/** Host ports of a pod, including those of sidecars; with `hostNetwork`, all of its ports. */
export function hostPorts({ hostNetwork, containers = [], initContainers = [] }: ScheduledSpec): readonly HostPort[] {
  const running = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
  return running.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, containerPort, hostIp, protocol = 'TCP', ...more }) => {
      const port = hostNetwork ? (hostPort ?? containerPort) : hostPort;
      const { hostIP } = more as { readonly hostIP?: string };
      return port ? [{ port, protocol, address: hostIP || hostIp || '0.0.0.0' }] : [];
    }),
  );
}

/**
 * Checks that no host port is in use. The address 0.0.0.0 conflicts with all addresses.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/types.go (HostPortInfo.CheckConflict)
 */
function portsFree({ ports }: Candidate, { pods }: NodeState): readonly Reason[] {
  if (ports.length === 0) return [];
  const used = pods.flatMap((placed) => placed.ports);
  const isWildcard = (address: string) => address === '0.0.0.0' || address === '::';
  const conflict = ports.some((port) =>
    used.some(
      (other) =>
        port.port === other.port &&
        port.protocol === other.protocol &&
        (isWildcard(port.address) || isWildcard(other.address) || port.address === other.address),
    ),
  );
  return conflict ? [{ kind: 'port', text: "node(s) didn't have free ports for the requested pod ports" }] : [];
}

/** @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/noderesources/fit.go (fitsRequest) */
function resourcesFit({ requests }: Candidate, state: NodeState): readonly Reason[] {
  const reasons: Reason[] = [];
  for (const resource in requests) {
    const requested = requests[resource] ?? 0n;
    const free = freeOn(state, resource);
    if (free === undefined || requested <= 0n || requested <= free) continue;
    const text = resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`;
    reasons.push({ kind: 'resource', text, shortage: { resource, requested, free } });
  }
  return reasons;
}
