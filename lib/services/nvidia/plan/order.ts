import type { NodeStep, Unordered } from './model';

/** The rule in words, as it is printed. */
export const ORDER_RULE =
  'one node at a time. First those where nothing ends; then always the node without which the scarcest of the affected slices, as a share ' +
  'of what there was, has most left on the other nodes; among equals the one that brings most; nodes that go come last';

/**
 * Nodes in the order in which they are to be changed, each with what is left of its slices meanwhile.
 *
 * @param before resources of all nodes, also of those that do not change
 */
export function inOrder(steps: readonly Unordered[], before: ReadonlyMap<string, number>): readonly NodeStep[] {
  const affected = [...new Set(steps.flatMap(({ ends }) => ends))];
  const there = new Map(before);
  const waiting = [...steps];
  const ordered: NodeStep[] = [];
  while (waiting.length > 0) {
    const ranks = waiting.map((step) => rank(step, affected, there, before));
    const best = ranks.reduce((chosen, one, index) => (lexical(one, ranks[chosen] ?? []) > 0 ? index : chosen), 0);
    const [step] = waiting.splice(best, 1);
    if (!step) break;
    const left = step.ends.map((resource) => [resource, (there.get(resource) ?? 0) - (step.before[resource] ?? 0)] as const);
    ordered.push({ ...step, left: Object.fromEntries(left) });
    for (const resource of new Set([...Object.keys(step.before), ...Object.keys(step.after)]))
      there.set(resource, (there.get(resource) ?? 0) - (step.before[resource] ?? 0) + (step.after[resource] ?? 0));
  }
  return ordered;
}

/** Numbers of which the first that differ decide, the greater being better. */
function rank(
  step: Unordered,
  affected: readonly string[],
  there: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): readonly number[] {
  const turn = step.change === 'removed' ? 0 : 1;
  const shares = affected.map((resource) => ((there.get(resource) ?? 0) - (step.before[resource] ?? 0)) / (before.get(resource) ?? 1));
  const gains = Object.entries(step.after).map(([resource, count]) => Math.max(0, count - (step.before[resource] ?? 0)));
  return [step.ends.length === 0 ? 2 : turn, ...shares.sort((a, b) => a - b), gains.reduce((sum, gain) => sum + gain, 0)];
}

function lexical(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}
