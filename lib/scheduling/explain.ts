import { reasonsAgainst } from './filters';
import type { Reason } from './reason';
import { isDevice, quantityText } from './resources';
import type { Candidate, ClusterState, NodeState } from './state';
import { affinityTerms, antiAffinityTerms } from './topology';

/** Why a pod finds no node. */
export interface Explanation {
  /** As the scheduler says it: `0/5 nodes are available: 3 node(s) didn't match …, 2 Insufficient cpu`, with the names of the nodes. */
  readonly text: string;
  /** What is against the node that is nearest to being possible. */
  readonly reasons: readonly Reason[];
  /** That node; undefined where there are no nodes at all. */
  readonly nearest?: string;
  /** The smallest change that makes that node possible. */
  readonly fix: string;
}

/**
 * What keeps a pod from all nodes of a cluster, and what would help with the least change.
 *
 * @throws INVALID_SELECTOR
 */
export function explain(candidate: Candidate, cluster: ClusterState): Explanation {
  const judged = cluster.nodes.map((state) => ({ state, reasons: reasonsAgainst(candidate, state, cluster) }));
  const refused = judged.filter(({ reasons }) => reasons.length > 0);
  const nearest = refused.reduce<(typeof refused)[number] | undefined>(
    (best, one) => (best === undefined || distance(one.reasons) < distance(best.reasons) ? one : best),
    undefined,
  );
  return {
    text: `${judged.length - refused.length}/${judged.length} nodes are available${refused.length > 0 ? `: ${countsText(refused)}` : ''}`,
    reasons: nearest?.reasons ?? [],
    nearest: nearest?.state.node.name,
    fix: nearest ? fixText(nearest.reasons, candidate, nearest.state) : 'add a pool to the site',
  };
}

/** The scheduler stops at the first filter that refuses a node, and tells all resources that are too little. */
function asScheduler(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.filter(({ kind }) => kind === reasons[0]?.kind);
}

function countsText(refused: readonly { readonly state: NodeState; readonly reasons: readonly Reason[] }[]): string {
  const nodes = new Map<string, string[]>();
  for (const { state, reasons } of refused)
    for (const { text } of asScheduler(reasons)) nodes.set(text, [...(nodes.get(text) ?? []), state.node.name]);
  return [...nodes].map(([text, names]) => `${names.length} ${text} (${namesText(names)})`).join(', ');
}

const SHOWN = 3;

/** Names of nodes, not more than a line of them. */
export function namesText(names: readonly string[]): string {
  return names.length <= SHOWN + 1 ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}

/** How much must change before a node is possible: requests are changed more easily than where a pod is put, and nodes do not get devices. */
function distance(reasons: readonly Reason[]): number {
  return reasons.reduce((sum, { kind, short }) => {
    if (kind === 'selector' || kind === 'name') return sum + 1000;
    if (kind === 'taint') return sum + 100;
    if (!short) return sum + 10;
    const missing = Number(short.asked - short.free) / Math.max(1, Number(short.asked));
    return sum + (isDevice(short.resource) ? 20 : 1) + missing;
  }, 0);
}

function fixText(reasons: readonly Reason[], candidate: Candidate, { node }: NodeState): string {
  return reasons.map((reason) => fixOf(reason, candidate, node.name, node.labels)).join('; ');
}

function fixOf({ kind, text, short }: Reason, { pod }: Candidate, node: string, labels: Readonly<Record<string, string>>): string {
  if (short && short.resource === 'pods') return `add nodes: ${node} takes no more pods`;
  if (short && isDevice(short.resource)) {
    return short.free > 0n
      ? `ask for at most ${short.free} ${short.resource}`
      : `place it on nodes that have ${short.resource}, or change \`gpus\` of the pool of ${node}`;
  }
  if (short && kind === 'resource') {
    const free = short.free < 0n ? 0n : short.free;
    return free > 0n
      ? `lower its requests to ${short.resource}: ${quantityText(short.resource, free)} (what ${node} has left), or add larger nodes`
      : `add nodes: ${node} has no ${short.resource} left`;
  }
  switch (kind) {
    case 'taint':
      return `tolerate the taint of ${node} (${text.slice(text.indexOf('{') + 1, -1)}), or place it elsewhere`;
    case 'name':
      return 'remove nodeName';
    case 'selector':
      return selectorFix(pod.spec, node, labels);
    case 'port':
      return 'choose another host port, or run fewer pods';
    case 'volume':
      return short ? 'use fewer volumes a node, or add nodes' : 'use a storage class of the zone of the nodes, or one pod for each claim';
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
  return `relax its required pod affinity (use preferredDuringSchedulingIgnoredDuringExecution), or add nodes that differ in ${keys || 'the topology of the others'}`;
}

function selectorFix(spec: Candidate['pod']['spec'], node: string, labels: Readonly<Record<string, string>>): string {
  const wrong = Object.entries(spec.nodeSelector ?? {}).filter(([key, value]) => labels[key] !== value);
  if (wrong.length === 0) return 'correct its required node affinity, or the labels of the pool';
  const wanted = wrong.map(([key, value]) => `${key}=${value}`).join(', ');
  const there = wrong.map(([key]) => (labels[key] === undefined ? `no ${key}` : `${key}=${labels[key]}`)).join(', ');
  return `give the pool the label ${wanted}, or correct the node selector: ${node} has ${there}`;
}
