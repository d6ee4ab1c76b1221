import { reasonsAgainst } from './filters';
import type { Reason } from './reason';
import { isDevice, quantityText } from './resources';
import type { Candidate, ClusterState, NodeState } from './state';
import { affinityTerms, antiAffinityTerms } from './topology';

/** Why a pod cannot be scheduled. */
export interface Explanation {
  /** Message of the scheduler with node names: `0/5 nodes are available: 3 node(s) didn't match …, 2 Insufficient cpu`. */
  readonly text: string;
  /** Reasons against the nearest node. */
  readonly reasons: readonly Reason[];
  /** Node that needs the smallest change to become feasible; undefined if there are no nodes. */
  readonly nearest?: string;
  /** Smallest change that makes this node feasible. */
  readonly fix: string;
}

/**
 * Explains why a pod does not fit on any node of a cluster, and suggests the smallest change that helps.
 *
 * @throws INVALID_SELECTOR
 */
export function explain(candidate: Candidate, cluster: ClusterState): Explanation {
  const filtered = cluster.nodes.map((state) => ({ state, reasons: reasonsAgainst(candidate, state, cluster) }));
  const rejected = filtered.filter(({ reasons }) => reasons.length > 0);
  const nearest = rejected.reduce<(typeof rejected)[number] | undefined>(
    (best, node) => (best === undefined || distance(node.reasons) < distance(best.reasons) ? node : best),
    undefined,
  );
  return {
    text: `${filtered.length - rejected.length}/${filtered.length} nodes are available${rejected.length > 0 ? `: ${countsText(rejected)}` : ''}`,
    reasons: nearest?.reasons ?? [],
    nearest: nearest?.state.node.name,
    fix: nearest ? fixText(nearest.reasons, candidate, nearest.state) : 'add a pool to the site',
  };
}

/** Reasons that the scheduler reports: those of the first filter that rejects the node. */
function ofFirstFilter(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.filter(({ kind }) => kind === reasons[0]?.kind);
}

function countsText(rejected: readonly { readonly state: NodeState; readonly reasons: readonly Reason[] }[]): string {
  const nodes = new Map<string, string[]>();
  for (const { state, reasons } of rejected)
    for (const { text } of ofFirstFilter(reasons)) nodes.set(text, [...(nodes.get(text) ?? []), state.node.name]);
  return [...nodes].map(([text, names]) => `${names.length} ${text} (${namesText(names)})`).join(', ');
}

const MAX_NAMES = 3;

/** Node names for messages, shortened to three. */
export function namesText(names: readonly string[]): string {
  return names.length <= MAX_NAMES + 1 ? names.join(', ') : `${names.slice(0, MAX_NAMES).join(', ')} and ${names.length - MAX_NAMES} more`;
}

/** Cost of the changes that make a node feasible: requests are easier to change than placement or the devices of a node. */
function distance(reasons: readonly Reason[]): number {
  return reasons.reduce((sum, { kind, shortage }) => {
    if (kind === 'selector' || kind === 'name') return sum + 1000;
    if (kind === 'taint') return sum + 100;
    if (!shortage) return sum + 10;
    const missing = Number(shortage.requested - shortage.free) / Math.max(1, Number(shortage.requested));
    return sum + (isDevice(shortage.resource) ? 20 : 1) + missing;
  }, 0);
}

function fixText(reasons: readonly Reason[], candidate: Candidate, { node }: NodeState): string {
  return reasons.map((reason) => fixOf(reason, candidate, node.name, node.labels)).join('; ');
}

function fixOf({ kind, text, shortage }: Reason, { pod }: Candidate, node: string, labels: Readonly<Record<string, string>>): string {
  if (shortage && shortage.resource === 'pods') return `add nodes: ${node} has reached its maximum number of pods`;
  if (shortage && isDevice(shortage.resource)) {
    return shortage.free > 0n
      ? `request at most ${shortage.free} ${shortage.resource}`
      : `place the pod on nodes with ${shortage.resource}, or change \`gpus\` of the pool of ${node}`;
  }
  if (shortage && kind === 'resource') {
    const free = shortage.free < 0n ? 0n : shortage.free;
    return free > 0n
      ? `lower its requests to ${shortage.resource}: ${quantityText(shortage.resource, free)} (free on ${node}), or add larger nodes`
      : `add nodes: ${node} has no free ${shortage.resource}`;
  }
  switch (kind) {
    case 'taint':
      return `add a toleration for the taint of ${node} (${text.slice(text.indexOf('{') + 1, -1)}), or place the pod on other nodes`;
    case 'name':
      return 'remove nodeName';
    case 'selector':
      return selectorFix(pod.spec, node, labels);
    case 'port':
      return 'choose another host port, or run fewer pods';
    case 'volume':
      return shortage
        ? 'use fewer volumes per node, or add nodes'
        : 'use a StorageClass of the zone of the nodes, one claim per pod, or a file system that these nodes mount';
    case 'spread':
      return text.includes('missing')
        ? `label the nodes with ${keysOf(pod.spec.topologySpreadConstraints)}`
        : "add nodes, or use whenUnsatisfiable: 'ScheduleAnyway'";
    default:
      return affinityFix(pod);
  }
}

function keysOf(terms: readonly { readonly topologyKey: string }[] | undefined): string {
  return [...new Set((terms ?? []).map(({ topologyKey }) => topologyKey))].join(', ');
}

function affinityFix(pod: Candidate['pod']): string {
  const keys = keysOf([...affinityTerms(pod), ...antiAffinityTerms(pod)]);
  return `relax its required pod affinity (use preferredDuringSchedulingIgnoredDuringExecution), or add nodes with other values of ${keys || 'the topology key'}`;
}

function selectorFix(spec: Candidate['pod']['spec'], node: string, labels: Readonly<Record<string, string>>): string {
  const mismatched = Object.entries(spec.nodeSelector ?? {}).filter(([key, value]) => labels[key] !== value);
  if (mismatched.length === 0) return 'write labels of the pool in its required node affinity, or add the labels to the pool';
  const required = mismatched.map(([key, value]) => `${key}=${value}`).join(', ');
  const actual = mismatched.map(([key]) => (labels[key] === undefined ? `no ${key}` : `${key}=${labels[key]}`)).join(', ');
  return `add the label ${required} to the pool, or correct the node selector: ${node} has ${actual}`;
}
