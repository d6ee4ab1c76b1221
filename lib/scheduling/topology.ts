import { requiresNode, tolerated } from './node-filters';
import type { Pod } from './pod';
import type { Reason } from './reason';
import { type LabelSelector, matchesSelector } from './selectors';
import type { Candidate, ClusterState, NodeState } from './state';

/** A required term of pod affinity or anti-affinity, with fields that are missing in the types of Kubernetes 1.27. */
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

/** Required pod affinity terms. */
export function affinityTerms({ spec }: Pick<Pod, 'spec'>): readonly PodTerm[] {
  return (spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) as readonly PodTerm[];
}

/** Required pod anti-affinity terms. */
export function antiAffinityTerms({ spec }: Pick<Pod, 'spec'>): readonly PodTerm[] {
  return (spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) as readonly PodTerm[];
}

/** Whether a term of `owner` selects another pod. @throws INVALID_SELECTOR */
export function termMatches(term: PodTerm, owner: Pod, other: Pod, namespaceLabels: ClusterState['namespaceLabels']): boolean {
  const byName = term.namespaces ?? [];
  const sameNamespace = byName.length === 0 && term.namespaceSelector === undefined;
  const inNamespace =
    (sameNamespace && other.namespace === owner.namespace) ||
    byName.includes(other.namespace) ||
    (term.namespaceSelector !== undefined && matchesSelector(term.namespaceSelector, namespaceLabels(other.namespace)));
  return inNamespace && matchesSelector(withOwnLabels(term, owner), other.labels);
}

/**
 * Adds the requirements of `matchLabelKeys` and `mismatchLabelKeys`, whose values are labels of the pod; missing labels are ignored.
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

/** Whether two nodes are in the same topology domain. */
function sameDomain(key: string, node: NodeState, other: NodeState): boolean {
  const value = node.node.labels[key];
  return value !== undefined && value === other.node.labels[key];
}

/**
 * Checks required pod affinity and anti-affinity of the pod, and anti-affinity of existing pods.
 *
 * @throws INVALID_SELECTOR
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/interpodaffinity/filtering.go
 */
export function satisfiesPodAffinity(candidate: Candidate, state: NodeState, cluster: ClusterState): readonly Reason[] {
  const { pod } = candidate;
  const reasons: Reason[] = [];
  if (!satisfiesAffinity(pod, state, cluster)) reasons.push({ kind: 'affinity', text: "node(s) didn't match pod affinity rules" });
  if (violatesAntiAffinity(pod, state, cluster)) reasons.push({ kind: 'affinity', text: "node(s) didn't match pod anti-affinity rules" });
  if (violatesExistingAntiAffinity(pod, state, cluster))
    reasons.push({ kind: 'affinity', text: "node(s) didn't satisfy existing pods anti-affinity rules" });
  return reasons;
}

/** Only pods that match all terms count. A pod that matches its own terms may be the first one. */
function satisfiesAffinity(pod: Pod, state: NodeState, cluster: ClusterState): boolean {
  const terms = affinityTerms(pod);
  if (terms.length === 0) return true;
  if (terms.some(({ topologyKey }) => state.node.labels[topologyKey] === undefined)) return false;
  const matchesAll = (other: Pod) => terms.every((term) => termMatches(term, pod, other, cluster.namespaceLabels));
  const hosts = cluster.nodes.filter(({ pods }) => pods.some((placed) => matchesAll(placed.pod)));
  const near = terms.every(({ topologyKey }) => hosts.some((host) => sameDomain(topologyKey, host, state)));
  // The scheduler does not count pods on nodes without any of the topology labels.
  const exists = hosts.some(({ node }) => terms.some(({ topologyKey }) => node.labels[topologyKey] !== undefined));
  return near || (!exists && matchesAll(pod));
}

function violatesAntiAffinity(pod: Pod, state: NodeState, cluster: ClusterState): boolean {
  return antiAffinityTerms(pod).some((term) =>
    cluster.nodes.some(
      (other) =>
        sameDomain(term.topologyKey, other, state) &&
        other.pods.some((placed) => termMatches(term, pod, placed.pod, cluster.namespaceLabels)),
    ),
  );
}

function violatesExistingAntiAffinity(pod: Pod, state: NodeState, cluster: ClusterState): boolean {
  return cluster.withAntiAffinity.some(({ candidate, state: host }) =>
    antiAffinityTerms(candidate.pod).some(
      (term) => sameDomain(term.topologyKey, host, state) && termMatches(term, candidate.pod, pod, cluster.namespaceLabels),
    ),
  );
}

/**
 * Checks topology spread constraints with `DoNotSchedule`: with the pod, its domain may have at most `maxSkew` more matching pods than the domain
 * with the fewest.
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
    const counts = countsByDomain(constraint, constraints, pod, cluster);
    const least = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
    const self = matchesSelector(withOwnLabels(constraint, pod), pod.labels) ? 1 : 0;
    return (counts.get(state.node.labels[constraint.topologyKey] ?? '') ?? 0) + self - least > constraint.maxSkew;
  });
  return skewed ? [{ kind: 'spread', text: "node(s) didn't match pod topology spread constraints" }] : [];
}

/** Constraints with `DoNotSchedule`. */
function hardSpread({ spec }: Pod): readonly SpreadConstraint[] {
  const all = (spec.topologySpreadConstraints ?? []) as readonly SpreadConstraint[];
  return all.filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'ScheduleAnyway');
}

/** Matching pods per domain. Only nodes with all topology keys that match node selector and, with `Honor`, tolerations are counted. */
function countsByDomain(
  constraint: SpreadConstraint,
  all: readonly SpreadConstraint[],
  pod: Pod,
  { nodes }: ClusterState,
): ReadonlyMap<string, number> {
  const selector = withOwnLabels(constraint, pod);
  const empty = selector !== undefined && Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  const counts = new Map<string, number>();
  for (const { node, pods } of nodes) {
    const domain = node.labels[constraint.topologyKey];
    const included =
      all.every(({ topologyKey }) => node.labels[topologyKey] !== undefined) &&
      (constraint.nodeAffinityPolicy === 'Ignore' || requiresNode(pod.spec, node.name, node.labels)) &&
      (constraint.nodeTaintsPolicy !== 'Honor' || tolerated(pod.spec, node));
    if (!included || domain === undefined) continue;
    // For an empty selector the scheduler counts no pods, although it matches all.
    const matching = empty
      ? []
      : pods.filter((placed) => placed.pod.namespace === pod.namespace && matchesSelector(selector, placed.pod.labels));
    counts.set(domain, (counts.get(domain) ?? 0) + matching.length);
  }
  return counts;
}
