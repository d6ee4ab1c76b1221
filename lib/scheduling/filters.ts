import { nodeAffinity, nodeNamed, tolerates } from './node-filters';
import type { ScheduledSpec } from './pod';
import type { Reason } from './reason';
import { type Candidate, type ClusterState, freeOn, type HostPort, type NodeState } from './state';
import { satisfiesPodAffinity, satisfiesSpread } from './topology';
import { volumesFit } from './volumes';

type Filter = (candidate: Candidate, state: NodeState, cluster: ClusterState) => readonly Reason[];

/** What depends on the pod and the node alone, whatever else runs there: labels, taints, name. */
const PLACEMENT: readonly Filter[] = [
  ({ pod }, { node }) => nodeNamed(pod.spec, node),
  ({ pod }, { node }) => tolerates(pod.spec, node),
  ({ pod }, { node }) => nodeAffinity(pod.spec, node),
];

/** What depends on the pods that are there. */
const OCCUPANCY: readonly Filter[] = [portsFree, resourcesFit, volumesFit, satisfiesSpread, satisfiesPodAffinity];

const ALL: readonly Filter[] = [...PLACEMENT, ...OCCUPANCY];

/**
 * Every reason why a pod cannot run on a node; none if it can. In the order in which the scheduler asks its filters: it stops at the first.
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

/** Whether a pod can run on a node that its labels and taints let it onto (`mayRunOn`). @throws INVALID_SELECTOR */
export function fitsBeside(candidate: Candidate, state: NodeState, cluster: ClusterState): boolean {
  return OCCUPANCY.every((filter) => filter(candidate, state, cluster).length === 0);
}

/** Ports of the node that a pod takes; on the node's network, all of its ports are. Sidecars keep theirs. */
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
 * All addresses of a node are one another's neighbours: 0.0.0.0 takes the port of each.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/types.go (HostPortInfo.CheckConflict)
 */
function portsFree({ ports }: Candidate, { pods }: NodeState): readonly Reason[] {
  if (ports.length === 0) return [];
  const taken = pods.flatMap((one) => one.ports);
  const wild = (address: string) => address === '0.0.0.0' || address === '::';
  const clash = ports.some((one) =>
    taken.some(
      (other) =>
        one.port === other.port &&
        one.protocol === other.protocol &&
        (wild(one.address) || wild(other.address) || one.address === other.address),
    ),
  );
  return clash ? [{ kind: 'port', text: "node(s) didn't have free ports for the requested pod ports" }] : [];
}

/** @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/noderesources/fit.go (fitsRequest) */
function resourcesFit({ requests }: Candidate, state: NodeState): readonly Reason[] {
  const reasons: Reason[] = [];
  for (const resource in requests) {
    const asked = requests[resource] ?? 0n;
    const free = freeOn(state, resource);
    if (free === undefined || asked <= 0n || asked <= free) continue;
    const text = resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`;
    reasons.push({ kind: 'resource', text, short: { resource, asked, free } });
  }
  return reasons;
}
