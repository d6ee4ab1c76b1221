import type { Problems } from '../../errors';
import type { Built } from '../../kubernetes';
import { roomFor } from '../../scheduling';
import { runtimePodsExceedRoom } from '../messages';
import { nodesFor, type PodGroup, runtimeGroups } from '../pods';
import { daemonsOn } from '../room';

/** Warns of limits that mean nothing: more pods of a service may be started than there is room for, whichever users choose. */
export function checkRoom(built: Built, problems: Problems): void {
  const { cluster } = daemonsOn(built);
  for (const kinds of grouped(runtimeGroups(built).filter(limited), ({ namespace, path }) => `${namespace} ${serviceOf(path)}`)) {
    const limit = Math.max(...kinds.map(({ replicas }) => replicas));
    // On each set of nodes as many as there could be of the smallest: more than there can be where the sets overlap.
    const places = grouped(kinds, ({ spec }) =>
      nodesFor(built.site, spec)
        .map(({ name }) => name)
        .join(),
    );
    const room = places.reduce((sum, some) => sum + Math.max(...some.map((one) => roomFor(cluster, one, limit))), 0);
    if (room < limit) problems.add(`${built.site.name}/${serviceOf(kinds[0]?.path ?? '')}`, runtimePodsExceedRoom(limit, room));
  }
}

const limited = ({ runtime, perNode }: PodGroup) => runtime?.most !== undefined && !runtime.oversubscribed && !perNode;

/** The service of `<site>/<service>/…`. */
const serviceOf = (path: string) => path.split('/')[1] ?? '';

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups.values()];
}
