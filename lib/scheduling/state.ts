import type { Node } from './nodes';
import type { Pod } from './pod';
import type { Resources } from './resources';

/** A pod with what is computed for it once, however often it is placed. */
export interface Candidate {
  readonly pod: Pod;
  readonly requests: Resources;
  readonly ports: readonly HostPort[];
}

/** A port of the node that a pod takes. */
export interface HostPort {
  readonly port: number;
  readonly protocol: string;
  readonly address: string;
}

/** A node while pods are being placed on it. */
export interface NodeState {
  readonly node: Node;
  readonly used: Record<string, bigint>;
  readonly pods: Candidate[];
}

/** All nodes while pods are being placed on them. */
export interface ClusterState {
  readonly nodes: readonly NodeState[];
  /** Placed pods that keep others away from what they share with their node. */
  readonly repelling: { readonly candidate: Candidate; readonly state: NodeState }[];
  /** Labels of namespaces, for terms that choose namespaces by them. */
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>>;
}

/** Nodes on which nothing runs. */
export function emptyCluster(nodes: readonly Node[], namespaceLabels?: ClusterState['namespaceLabels']): ClusterState {
  return {
    nodes: nodes.map((node) => ({ node, used: {}, pods: [] })),
    repelling: [],
    // Kubernetes itself puts this label on each.
    namespaceLabels: (namespace) => ({ 'kubernetes.io/metadata.name': namespace, ...namespaceLabels?.(namespace) }),
  };
}

/** The same nodes with the same pods, to be changed apart. */
export function copyOf(cluster: ClusterState): ClusterState {
  const copies = new Map(cluster.nodes.map((state) => [state, { node: state.node, used: { ...state.used }, pods: [...state.pods] }]));
  return {
    nodes: [...copies.values()],
    repelling: cluster.repelling.map(({ candidate, state }) => ({ candidate, state: copies.get(state) ?? state })),
    namespaceLabels: cluster.namespaceLabels,
  };
}

/** Puts a pod on a node, whether it fits or not. */
export function bind(cluster: ClusterState, candidate: Candidate, state: NodeState): void {
  for (const [name, amount] of Object.entries(candidate.requests)) state.used[name] = (state.used[name] ?? 0n) + amount;
  state.pods.push(candidate);
  const { affinity } = candidate.pod.spec;
  if ((affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0)
    cluster.repelling.push({ candidate, state });
}

/** What is left of a resource on a node; undefined where nobody knows how much there is. */
export function freeOn({ node, used }: NodeState, resource: string): bigint | undefined {
  return node.unknown.has(resource) ? undefined : (node.allocatable[resource] ?? 0n) - (used[resource] ?? 0n);
}
