import { requiresNode, tolerated } from './node-filters';
import type { Pod } from './pod';
import type { Reason } from './reason';
import { type LabelSelector, matchesSelector } from './selectors';
import type { Candidate, ClusterState, NodeState } from './state';

/** A required term of affinity or anti-affinity between pods, with the fields that are newer than the types of Kubernetes 1.27. */
export interface PodTerm {
  readonly topologyKey: string;
  readonly labelSelector?: LabelSelector;
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: LabelSelector;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

interface SpreadConstraint extends Omit<PodTerm, 'namespaces' | 'namespaceSelector' | 'mismatchLabelKeys'> {
  readonly maxSkew: number;
  readonly minDomains?: number;
  readonly whenUnsatisfiable: string;
  readonly nodeAffinityPolicy?: string;
  readonly nodeTaintsPolicy?: string;
}

/** Pods that a pod must be near. */
export function affinityTerms({ spec }: Pick<Pod, 'spec'>): readonly PodTerm[] {
  return (spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) as readonly PodTerm[];
}

/** Pods that a pod must not be near. */
export function antiAffinityTerms({ spec }: Pick<Pod, 'spec'>): readonly PodTerm[] {
  return (spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) as readonly PodTerm[];
}

/** Whether a term of `owner` means a pod. @throws INVALID_SELECTOR */
export function termMatches(term: PodTerm, owner: Pod, other: Pod, namespaceLabels: ClusterState['namespaceLabels']): boolean {
  const byName = term.namespaces ?? [];
  const own = byName.length === 0 && term.namespaceSelector === undefined;
  const inNamespace =
    (own && other.namespace === owner.namespace) ||
    byName.includes(other.namespace) ||
    (term.namespaceSelector !== undefined && matchesSelector(term.namespaceSelector, namespaceLabels(other.namespace)));
  return inNamespace && matchesSelector(withOwnLabels(term, owner), other.labels);
}

/**
 * Keys whose values come from the pod itself; a key that the pod does not have is ignored.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#matchlabelkeys
 */
function withOwnLabels({ labelSelector, ...term }: PodTerm, { labels }: Pod): LabelSelector | undefined {
  const expressions = (keys: readonly string[] = [], operator: string) =>
    keys.flatMap((key) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));
  const further = [...expressions(term.matchLabelKeys, 'In'), ...expressions(term.mismatchLabelKeys, 'NotIn')];
  if (!labelSelector || further.length === 0) return labelSelector;
  return { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...further] };
}

/** Whether two nodes are one place to a topology key. */
function samePlace(key: string, one: NodeState, other: NodeState): boolean {
  const value = one.node.labels[key];
  return value !== undefined && value === other.node.labels[key];
}

/**
 * Affinity and anti-affinity between pods: those of the pod itself, and anti-affinity of pods that are there.
 *
 * @throws INVALID_SELECTOR
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/interpodaffinity/filtering.go
 */
export function satisfiesPodAffinity(candidate: Candidate, state: NodeState, cluster: ClusterState): readonly Reason[] {
  const { pod } = candidate;
  const reasons: Reason[] = [];
  if (!nearAll(pod, state, cluster)) reasons.push({ kind: 'affinity', text: "node(s) didn't match pod affinity rules" });
  if (nearAny(pod, state, cluster)) reasons.push({ kind: 'affinity', text: "node(s) didn't match pod anti-affinity rules" });
  if (repelled(pod, state, cluster)) reasons.push({ kind: 'affinity', text: "node(s) didn't satisfy existing pods anti-affinity rules" });
  return reasons;
}

/** Only pods that match all terms count; who matches its own terms may be the first. */
function nearAll(pod: Pod, state: NodeState, cluster: ClusterState): boolean {
  const terms = affinityTerms(pod);
  if (terms.length === 0) return true;
  if (terms.some(({ topologyKey }) => state.node.labels[topologyKey] === undefined)) return false;
  const meant = (other: Pod) => terms.every((term) => termMatches(term, pod, other, cluster.namespaceLabels));
  const hosts = cluster.nodes.filter(({ pods }) => pods.some((one) => meant(one.pod)));
  const near = terms.every(({ topologyKey }) => hosts.some((host) => samePlace(topologyKey, host, state)));
  // A host without any of the labels is nowhere: the scheduler does not count its pods.
  const somewhere = hosts.some(({ node }) => terms.some(({ topologyKey }) => node.labels[topologyKey] !== undefined));
  return near || (!somewhere && meant(pod));
}

function nearAny(pod: Pod, state: NodeState, cluster: ClusterState): boolean {
  return antiAffinityTerms(pod).some((term) =>
    cluster.nodes.some(
      (other) =>
        samePlace(term.topologyKey, other, state) && other.pods.some((one) => termMatches(term, pod, one.pod, cluster.namespaceLabels)),
    ),
  );
}

function repelled(pod: Pod, state: NodeState, cluster: ClusterState): boolean {
  return cluster.repelling.some(({ candidate, state: host }) =>
    antiAffinityTerms(candidate.pod).some(
      (term) => samePlace(term.topologyKey, host, state) && termMatches(term, candidate.pod, pod, cluster.namespaceLabels),
    ),
  );
}

/**
 * Spread over places that may not be unequal (`DoNotSchedule`): with the pod, its place may have at most `maxSkew` more matching pods than the
 * emptiest one.
 *
 * @throws INVALID_SELECTOR
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/podtopologyspread/filtering.go
 */
export function satisfiesSpread({ pod }: Candidate, state: NodeState, cluster: ClusterState): readonly Reason[] {
  const constraints = hardSpread(pod);
  if (constraints.length === 0) return [];
  if (constraints.some(({ topologyKey }) => state.node.labels[topologyKey] === undefined))
    return [{ kind: 'spread', text: "node(s) didn't match pod topology spread constraints (missing required label)" }];
  const skewed = constraints.some((constraint) => {
    const counts = countsByPlace(constraint, constraints, pod, cluster);
    const least = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
    const self = matchesSelector(withOwnLabels(constraint, pod), pod.labels) ? 1 : 0;
    return (counts.get(state.node.labels[constraint.topologyKey] ?? '') ?? 0) + self - least > constraint.maxSkew;
  });
  return skewed ? [{ kind: 'spread', text: "node(s) didn't match pod topology spread constraints" }] : [];
}

/** Constraints that keep a pod waiting. */
function hardSpread({ spec }: Pod): readonly SpreadConstraint[] {
  const all = (spec.topologySpreadConstraints ?? []) as readonly SpreadConstraint[];
  return all.filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'ScheduleAnyway');
}

/** Matching pods of each place, of nodes that count: those with all topology keys that selector and, if asked for, taints let the pod onto. */
function countsByPlace(
  constraint: SpreadConstraint,
  all: readonly SpreadConstraint[],
  pod: Pod,
  { nodes }: ClusterState,
): ReadonlyMap<string, number> {
  const selector = withOwnLabels(constraint, pod);
  const empty = selector !== undefined && Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  const counts = new Map<string, number>();
  for (const { node, pods } of nodes) {
    const place = node.labels[constraint.topologyKey];
    const included =
      all.every(({ topologyKey }) => node.labels[topologyKey] !== undefined) &&
      (constraint.nodeAffinityPolicy === 'Ignore' || requiresNode(pod.spec, node.name, node.labels)) &&
      (constraint.nodeTaintsPolicy !== 'Honor' || tolerated(pod.spec, node));
    if (!included || place === undefined) continue;
    // The scheduler counts nothing for an empty selector, though it matches everything.
    const matching = empty ? [] : pods.filter((one) => one.pod.namespace === pod.namespace && matchesSelector(selector, one.pod.labels));
    counts.set(place, (counts.get(place) ?? 0) + matching.length);
  }
  return counts;
}
