import type { Problems } from '../../errors';
import type { Built } from '../../kubernetes';
import { capacityFor } from '../../scheduling';
import { daemonPods } from '../daemon-pods';
import { runtimePodsExceedCapacity } from '../messages';
import { nodesFor, type PodGroup, runtimeGroups } from '../pods';

/** Warns of limits on runtime pods that exceed the capacity even if users choose only the smallest size. */
export function checkRuntimeCapacity(built: Built, problems: Problems): void {
  const { cluster } = daemonPods(built);
  for (const kinds of grouped(runtimeGroups(built).filter(limited), ({ namespace, path }) => `${namespace} ${serviceOf(path)}`)) {
    const limit = Math.max(...kinds.map(({ replicas }) => replicas));
    // For each set of nodes, the number of pods of the smallest size; an upper bound where the sets overlap.
    const byNodes = grouped(kinds, ({ spec }) =>
      nodesFor(built.site, spec)
        .map(({ name }) => name)
        .join(),
    );
    const capacity = byNodes.reduce((sum, sizes) => sum + Math.max(...sizes.map((size) => capacityFor(cluster, size, limit))), 0);
    if (capacity < limit) problems.add(`${built.site.name}/${serviceOf(kinds[0]?.path ?? '')}`, runtimePodsExceedCapacity(limit, capacity));
  }
}

const limited = ({ runtime, perNode }: PodGroup) => runtime?.most !== undefined && !runtime.oversubscribed && !perNode;

/** The service of `<site>/<service>/…`. */
const serviceOf = (path: string) => path.split('/')[1] ?? '';

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}
