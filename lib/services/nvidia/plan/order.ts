import type { NodeStep, Unordered } from './model';

/** Description of the order, as printed. */
export const ORDER_RULE =
  'one node at a time. First the nodes where no pods are stopped; then the node whose change leaves the highest fraction of the scarcest ' +
  'affected resource on the other nodes; if equal, the node that gains the most; removed nodes are last';

/**
 * Steps in the order in which they are to be done, each with the remaining amount of the affected resources on other nodes.
 *
 * @param before resources of all nodes, including those that do not change
 */
export function inOrder(steps: readonly Unordered[], before: ReadonlyMap<string, number>): readonly NodeStep[] {
  const affected = [...new Set(steps.flatMap((step) => step.affected))];
  const current = new Map(before);
  const pending = [...steps];
  const ordered: NodeStep[] = [];
  while (pending.length > 0) {
    const ranks = pending.map((step) => rank(step, affected, current, before));
    const best = ranks.reduce((chosen, own, index) => (compareRanks(own, ranks[chosen] ?? []) > 0 ? index : chosen), 0);
    const [step] = pending.splice(best, 1);
    if (!step) break;
    const remaining = step.affected.map((resource) => [resource, (current.get(resource) ?? 0) - (step.before[resource] ?? 0)] as const);
    ordered.push({ ...step, remaining: Object.fromEntries(remaining) });
    for (const resource of new Set([...Object.keys(step.before), ...Object.keys(step.after)]))
      current.set(resource, (current.get(resource) ?? 0) - (step.before[resource] ?? 0) + (step.after[resource] ?? 0));
  }
  return ordered;
}

/** Rank of a step: compared lexicographically, higher ranks first. */
function rank(
  step: Unordered,
  affected: readonly string[],
  current: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): readonly number[] {
  const priority = step.change === 'removed' ? 0 : 1;
  const fractions = affected.map((resource) => ((current.get(resource) ?? 0) - (step.before[resource] ?? 0)) / (before.get(resource) ?? 1));
  const gains = Object.entries(step.after).map(([resource, count]) => Math.max(0, count - (step.before[resource] ?? 0)));
  return [step.affected.length === 0 ? 2 : priority, ...fractions.sort((a, b) => a - b), gains.reduce((sum, gain) => sum + gain, 0)];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}
