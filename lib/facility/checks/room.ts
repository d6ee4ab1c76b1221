import type { Problems } from '../../errors';
import type { RuntimePods } from '../../kubernetes';
import type { Built } from '../built';
import { runtimePodsExceedRoom } from '../messages';
import { roomFor } from '../room';

/** Warns of limits that mean nothing: more pods of a service may be started than there is room for, whichever users choose. */
export function checkRoom({ site, ledger }: Built, problems: Problems): void {
  for (const kinds of grouped(ledger.runtimePods.filter(limited), ({ namespace, path }) => `${namespace} ${serviceOf(path)}`)) {
    const limit = Math.max(...kinds.map(({ most = 0 }) => most));
    // On each set of pools as many as there could be of the smallest: more than there can be where the sets overlap.
    const places = grouped(kinds, ({ on }) => on.map(({ name }) => name).join());
    const room = places.reduce((sum, some) => sum + Math.max(...some.map((one) => roomFor(site, one))), 0);
    if (room < limit) problems.add(`${site.name}/${serviceOf(kinds[0]?.path ?? '')}`, runtimePodsExceedRoom(limit, room));
  }
}

const limited = ({ most, oversubscribed, cpu, memory }: RuntimePods) => most !== undefined && !oversubscribed && (cpu > 0 || memory > 0);

/** The service of `<site>/<service>/…`. */
const serviceOf = (path: string) => path.split('/')[1] ?? '';

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups.values()];
}
