import type { Node } from './nodes';
import type { Pod } from './pod';
import type { Resources } from './resources';

/** A pod with its computed requests and host ports. */
export interface Candidate {
  readonly pod: Pod;
  readonly requests: Resources;
  readonly ports: readonly HostPort[];
}

/** A host port of a pod. */
export interface HostPort {
  readonly port: number;
  readonly protocol: string;
  readonly address: string;
}

/** A node with the pods that are placed on it. */
export interface NodeState {
  readonly node: Node;
  readonly used: Record<string, bigint>;
  readonly pods: Candidate[];
}

/** All nodes with the pods that are placed on them. */
export interface ClusterState {
  readonly nodes: readonly NodeState[];
  /** Placed pods with required anti-affinity. */
  readonly withAntiAffinity: { readonly candidate: Candidate; readonly state: NodeState }[];
  /** Labels of a namespace, for `namespaceSelector`. */
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>>;
}

/** A cluster without pods. */
export function emptyCluster(nodes: readonly Node[], namespaceLabels?: ClusterState['namespaceLabels']): ClusterState {
  return {
    nodes: nodes.map((node) => ({ node, used: {}, pods: [] })),
    withAntiAffinity: [],
    // Kubernetes sets this label on every namespace.
    namespaceLabels: (namespace) => ({ 'kubernetes.io/metadata.name': namespace, ...namespaceLabels?.(namespace) }),
  };
}

/** An independent copy. */
export function copyOf(cluster: ClusterState): ClusterState {
  const copies = new Map(cluster.nodes.map((state) => [state, { node: state.node, used: { ...state.used }, pods: [...state.pods] }]));
  return {
    nodes: [...copies.values()],
    withAntiAffinity: cluster.withAntiAffinity.map(({ candidate, state }) => ({ candidate, state: copies.get(state) ?? state })),
    namespaceLabels: cluster.namespaceLabels,
  };
}

/** Places a pod on a node without checking whether it fits. */
export function bind(cluster: ClusterState, candidate: Candidate, state: NodeState): void {
  for (const [name, amount] of Object.entries(candidate.requests)) state.used[name] = (state.used[name] ?? 0n) + amount;
  state.pods.push(candidate);
  const { affinity } = candidate.pod.spec;
  if ((affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0)
    cluster.withAntiAffinity.push({ candidate, state });
}

/** Free amount of a resource on a node; undefined if the allocatable amount is unknown. */
export function freeOn({ node, used }: NodeState, resource: string): bigint | undefined {
  return node.unknown.has(resource) ? undefined : (node.allocatable[resource] ?? 0n) - (used[resource] ?? 0n);
}
