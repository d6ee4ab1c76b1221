import type { Card, Profile } from './cards';
import type { Counted } from './profile';
import { type Held, type Instance, type Solver, sum, total } from './solver';

/** Of what there is too little for a wish. */
export type Shortage<C extends Card = Card> =
  | { readonly of: 'compute slices' | 'memory units' | 'cards'; readonly needed: number; readonly free: number; readonly size: number }
  | { readonly of: 'instances'; readonly profile: Profile<C>; readonly needed: number; readonly size: number }
  | { readonly of: 'media engines'; readonly profiles: readonly Profile<C>[] }
  | { readonly of: 'contiguous memory units'; readonly free: readonly number[]; readonly blocked: readonly Blocked<C>[] };

/** A profile that has no free start on a card, although its units are free somewhere. */
export interface Blocked<C extends Card = Card> {
  readonly profile: Profile<C>;
  readonly starts: readonly { readonly start: number; readonly by: readonly Instance<C>[] }[];
}

/** One shortage as a phrase. */
export function shortageText(shortage: Shortage): string {
  switch (shortage.of) {
    case 'compute slices':
    case 'memory units':
    case 'cards':
      return shortage.free === shortage.size
        ? `${shortage.needed} ${shortage.of} needed, ${shortage.size} there`
        : `${shortage.needed} ${shortage.of} needed, ${shortage.free} of ${shortage.size} free`;
    case 'instances':
      return `${shortage.needed} × ${shortage.profile}, at most ${shortage.size} possible`;
    case 'media engines':
      return `not enough media engines for ${shortage.profiles.join(' beside ')}`;
    case 'contiguous memory units':
      return fragmentText(shortage.free, shortage.blocked);
  }
}

function fragmentText(free: readonly number[], blocked: readonly Blocked[]): string {
  const ways = blocked.map(({ profile, starts }) => {
    const each = starts.map(({ start, by }) => `${start} (${by.map((other) => `${other.profile} at ${other.start}`).join(', ')} is there)`);
    return `${profile} starts at ${each.join(' or ')}`;
  });
  const units = free.length > 0 ? `memory units ${free.join(', ')} are free` : 'no memory unit is free';
  return `fragmented: ${units}, but ${ways.join('; ') || 'together the instances find no place in them'}`;
}

/** Everything of which a card has too little for a wish beside what it holds; nothing if the wish fits. */
export function shortagesOf<C extends Card>(solver: Solver<C>, held: Held<C>, wish: readonly Counted<C>[]): readonly Shortage<C>[] {
  const counts = solver.countsOf(wish);
  if (solver.further(held.occupied, held.counts).has(String(counts))) return [];
  const sums = (
    [
      ['compute slices', 'compute'],
      ['memory units', 'units'],
    ] as const
  ).flatMap(([of, what]): Shortage<C>[] => {
    const each = (index: number) => solver.kinds[index]?.[what] ?? 0;
    const [needed, free, size] = [total(counts, each), solver[what] - total(held.counts, each), solver[what]];
    return needed > free ? [{ of, needed, free, size }] : [];
  });
  const limits = wish.flatMap(({ profile, count }): Shortage<C>[] => {
    const needed = count + held.instances.filter((instance) => profile.names.includes(instance.profile)).length;
    return needed > profile.max ? [{ of: 'instances', profile: profile.name, needed, size: profile.max }] : [];
  });
  const engines: Shortage<C>[] = solver.mediaSuffice(sum(held.counts, counts))
    ? []
    : [
        {
          of: 'media engines',
          profiles: withEngines([...held.instances.map(({ profile }) => profile), ...wish.map(({ profile }) => profile.name)]),
        },
      ];
  const found = [...sums, ...limits, ...engines];
  return found.length > 0 ? found : [fragmented(solver, held, wish)];
}

function withEngines<C extends Card>(profiles: readonly Profile<C>[]): readonly Profile<C>[] {
  return [...new Set(profiles)].filter((profile) => !profile.endsWith('-me'));
}

function fragmented<C extends Card>(solver: Solver<C>, held: Held<C>, wish: readonly Counted<C>[]): Shortage<C> {
  const free = Array.from({ length: solver.units }, (_, unit) => unit).filter((unit) => ((held.occupied >> unit) & 1) === 0);
  const blocked = wish.map(({ profile }) => ({
    profile: profile.name,
    starts: (profile.starts ?? []).map((start) => ({
      start,
      by: held.instances.filter((other) => other.start < start + (profile.memoryUnits ?? 0) && start < other.start + other.units),
    })),
  }));
  return { of: 'contiguous memory units', free, blocked: blocked.filter(({ starts }) => starts.every(({ by }) => by.length > 0)) };
}
