import { fitsBeside } from './filters';
import { mayRunOn } from './node-filters';
import type { Node } from './nodes';
import { isDevice } from './resources';
import { bind, type Candidate, type ClusterState, copyOf, emptyCluster, freeOn, type NodeState } from './state';
import { affinityTerms, termMatches } from './topology';

/** Pods of one workload. */
export interface PodSet {
  readonly candidate: Candidate;
  /** Number of pods; ignored with `perNode`. */
  readonly replicas: number;
  /** One pod on each node that matches selector and tolerations (DaemonSet). */
  readonly perNode: boolean;
  /** Labels of single pods, e.g. of a StatefulSet. @default - none */
  readonly labelsOf?: (ordinal: number) => Readonly<Record<string, string>>;
}

/** Pods of a workload that do not fit on any node. */
export interface Unscheduled<S extends PodSet> {
  readonly set: S;
  readonly candidate: Candidate;
  readonly placed: number;
  /** Of a DaemonSet, the node on which the pod does not fit. */
  readonly on?: NodeState;
}

export interface Schedule<S extends PodSet> {
  readonly cluster: ClusterState;
  readonly unscheduled: readonly Unscheduled<S>[];
}

/** A pod of a set. */
export function candidateOf({ candidate, labelsOf }: PodSet, ordinal: number): Candidate {
  if (!labelsOf) return candidate;
  return { ...candidate, pod: { ...candidate.pod, labels: { ...candidate.pod.labels, ...labelsOf(ordinal) } } };
}

/** Order in which pods are placed, and which of the feasible nodes is chosen. */
interface Strategy {
  readonly order: (first: PodSet, second: PodSet) => number;
  readonly choose: (first: NodeState, second: NodeState) => number;
}

const amount = ({ candidate }: PodSet, resource: string) => candidate.requests[resource] ?? 0n;
const sign = (difference: bigint) => (difference < 0n ? -1 : difference > 0n ? 1 : 0);
const devices = ({ candidate }: PodSet) => Object.keys(candidate.requests).filter(isDevice).length;
const bySize =
  (...resources: readonly string[]) =>
  (first: PodSet, second: PodSet) =>
    devices(second) - devices(first) ||
    resources.map((name) => sign(amount(second, name) - amount(first, name))).find((order) => order !== 0) ||
    0;
const byFree =
  (...resources: readonly string[]) =>
  (first: NodeState, second: NodeState) =>
    resources.map((name) => sign((freeOn(second, name) ?? 0n) - (freeOn(first, name) ?? 0n))).find((order) => order !== 0) || 0;
const emptiest = byFree('memory', 'cpu');
const fullest = (first: NodeState, second: NodeState) => emptiest(second, first);

const STRATEGIES: readonly Strategy[] = [
  { order: bySize('memory', 'cpu'), choose: emptiest },
  { order: bySize('cpu', 'memory'), choose: byFree('cpu', 'memory') },
  { order: bySize('memory', 'cpu'), choose: fullest },
  { order: bySize('cpu', 'memory'), choose: fullest },
];

/**
 * Places pods on nodes, first those of DaemonSets, then the others.
 *
 * @throws INVALID_SELECTOR
 */
export function schedule<S extends PodSet>(
  nodes: readonly Node[],
  sets: readonly S[],
  namespaceLabels?: ClusterState['namespaceLabels'],
): Schedule<S> {
  const daemons = scheduleDaemons(emptyCluster(nodes, namespaceLabels), sets);
  const others = scheduleOn(daemons.cluster, sets);
  return { cluster: others.cluster, unscheduled: [...daemons.unscheduled, ...others.unscheduled] };
}

/**
 * Places pods one by one on a cluster with existing pods, without DaemonSets: pods with devices first, then the largest. Several orders are tried,
 * each of which is possible in the scheduler. A result without `unscheduled` is feasible; otherwise another order might still place all pods.
 *
 * @throws INVALID_SELECTOR
 */
export function scheduleOn<S extends PodSet>(cluster: ClusterState, sets: readonly S[]): Schedule<S> {
  const single = sets.filter((set) => !set.perNode);
  let best: Schedule<S> | undefined;
  for (const strategy of STRATEGIES) {
    const tried = inOrder(copyOf(cluster), dependencyOrder([...single].sort(strategy.order), cluster), strategy);
    if (!best || unplaced(tried) < unplaced(best)) best = tried;
    if (tried.unscheduled.length === 0) break;
  }
  return best ?? { cluster, unscheduled: [] };
}

/** Number of pods that do not fit. */
function unplaced({ unscheduled }: Schedule<PodSet>): number {
  return unscheduled.reduce((sum, { set, placed }) => sum + set.replicas - placed, 0);
}

/** Places pods of DaemonSets: one per node that matches selector and tolerations; it stays Pending if there is no capacity. */
export function scheduleDaemons<S extends PodSet>(cluster: ClusterState, sets: readonly S[]): Schedule<S> {
  const unscheduled: Unscheduled<S>[] = [];
  for (const set of sets.filter(({ perNode }) => perNode)) {
    let placed = 0;
    for (const state of matchingNodes(set, cluster)) {
      if (fitsBeside(set.candidate, state, cluster)) placed += 1;
      else unscheduled.push({ set, candidate: set.candidate, placed, on: state });
      // A pending pod reserves the capacity as well, so that no other pod counts on it.
      bind(cluster, set.candidate, state);
    }
  }
  return { cluster, unscheduled };
}

function inOrder<S extends PodSet>(cluster: ClusterState, sets: readonly S[], { choose }: Strategy): Schedule<S> {
  const unscheduled: Unscheduled<S>[] = [];
  for (const set of sets) {
    const open = matchingNodes(set, cluster);
    for (let ordinal = 0; ordinal < set.replicas; ordinal++) {
      const candidate = candidateOf(set, ordinal);
      const chosen = bestNode(candidate, open, cluster, choose);
      if (chosen) bind(cluster, candidate, chosen);
      else {
        unscheduled.push({ set, candidate, placed: ordinal });
        break;
      }
    }
  }
  return { cluster, unscheduled };
}

/** Nodes that match selector, affinity and tolerations of a set. */
function matchingNodes({ candidate }: PodSet, { nodes }: ClusterState): readonly NodeState[] {
  return nodes.filter(({ node }) => mayRunOn(candidate.pod, node));
}

function bestNode(
  candidate: Candidate,
  open: readonly NodeState[],
  cluster: ClusterState,
  choose: Strategy['choose'],
): NodeState | undefined {
  let best: NodeState | undefined;
  for (const state of open) {
    if (best && choose(best, state) <= 0) continue;
    if (fitsBeside(candidate, state, cluster)) best = state;
  }
  return best;
}

/** Sorts pods after those to which they have affinity; the order is unchanged otherwise. */
function dependencyOrder<S extends PodSet>(sets: readonly S[], { namespaceLabels }: ClusterState): readonly S[] {
  if (sets.every(({ candidate }) => affinityTerms(candidate.pod).length === 0)) return sets;
  const targets = new Map(
    sets.map((set) => {
      const { pod } = set.candidate;
      const terms = affinityTerms(pod);
      return [
        set,
        sets.filter((other) => other !== set && terms.some((term) => termMatches(term, pod, other.candidate.pod, namespaceLabels))),
      ];
    }),
  );
  const ordered = new Set<S>();
  const visit = (set: S, above: readonly S[]): void => {
    if (ordered.has(set) || above.includes(set)) return;
    for (const target of targets.get(set) ?? []) visit(target, [...above, set]);
    ordered.add(set);
  };
  for (const set of sets) visit(set, []);
  return [...ordered];
}

/** Number of pods of a set that fit on a cluster with existing pods, at most `most`. @throws INVALID_SELECTOR */
export function capacityFor(cluster: ClusterState, set: PodSet, most = Number.POSITIVE_INFINITY): number {
  const copy = copyOf(cluster);
  const open = matchingNodes(set, copy);
  for (let count = 0; count < most; count++) {
    const candidate = candidateOf(set, count);
    const chosen = bestNode(candidate, open, copy, emptiest);
    if (!chosen) return count;
    bind(copy, candidate, chosen);
  }
  return most;
}
