import { failure } from '../../errors';
import type { Card, Profile } from './cards';
import { gpuPlacementsUnknown } from './messages';
import { type Counted, geometryOf, type ProfileFacts, profileFacts, profilesOf } from './profile';

/** An instance on a card. */
export interface Instance<C extends Card = Card> {
  readonly profile: Profile<C>;
  /** First memory unit of its range. */
  readonly start: number;
  /** Length of its range. */
  readonly units: number;
}

/** Instances of each profile, in the order of the card's table. */
export type Counts = readonly number[];

/** Sets of instances by their text (`String(counts)`). */
export type Sets = ReadonlyMap<string, Counts>;

/** A card with the instances on it. */
export interface Held<C extends Card = Card> {
  readonly instances: readonly Instance<C>[];
  readonly counts: Counts;
  /** The units of the instances, as bits. */
  readonly occupied: number;
}

/** A profile with the ranges that it may take, as bits. */
export interface Kind<C extends Card = Card> {
  readonly facts: ProfileFacts<C>;
  readonly compute: number;
  readonly units: number;
  readonly ranges: readonly { readonly start: number; readonly bits: number }[];
}

/** Instances that are placed at once: `kind` is an index into the kinds of the card. */
export type Placed = readonly { readonly kind: number; readonly start: number }[];

/** The arithmetic of one card: made when it is first asked for, and remembered. */
export interface Solver<C extends Card = Card> {
  readonly card: C;
  readonly compute: number;
  readonly units: number;
  readonly kinds: readonly Kind<C>[];
  /** Every set of instances that a card can hold beside those that it holds; the empty one is among them. */
  further(occupied: number, held: Counts): Sets;
  /** Every way to give instances a place in the free units, those with the highest starts first. */
  ways(occupied: number, counts: Counts): readonly Placed[];
  /** Whether the media engines suffice. */
  mediaSuffice(counts: Counts): boolean;
  countsOf(counted: readonly Counted<C>[]): Counts;
  /** A card with instances on it. */
  holding(instances: readonly Instance<C>[]): Held<C>;
  readonly empty: Held<C>;
}

const solvers = new Map<Card, Solver>();

/** @throws UNKNOWN_GPU_CARD, UNKNOWN_GPU_PLACEMENTS */
export function solverOf<C extends Card>(card: C): Solver<C> {
  const known = solvers.get(card) ?? makeSolver(card);
  solvers.set(card, known);
  return known as unknown as Solver<C>;
}

function makeSolver(card: Card): Solver {
  const geometry = geometryOf(card);
  const units = geometry?.units;
  if (!geometry || units === undefined) throw failure(gpuPlacementsUnknown(card));
  const kinds = profilesOf(card).map((name) => kindOf(profileFacts(card, name)));
  const sets = furtherSets(kinds, units);
  const remembered = new Map<string, Sets>();
  const places = new Map(kinds.flatMap(({ facts }, index) => facts.names.map((name) => [name, index] as const)));
  const countsOf = (each: readonly (readonly [Profile<Card>, number])[]): Counts => {
    const counts = kinds.map(() => 0);
    for (const [name, count] of each) {
      const kind = places.get(name) ?? 0;
      counts[kind] = (counts[kind] ?? 0) + count;
    }
    return counts;
  };
  const solver: Solver = {
    card,
    compute: geometry.compute,
    units,
    kinds,
    further(occupied, held) {
      const key = `${occupied}/${held}`;
      const possible = () => new Map([...sets(0, occupied)].filter(([, more]) => mediaSuffice(kinds, sum(held, more))));
      const found = remembered.get(key) ?? possible();
      remembered.set(key, found);
      return found;
    },
    ways: (occupied, counts) => ways(kinds, units, occupied, counts),
    mediaSuffice: (counts) => mediaSuffice(kinds, counts),
    countsOf: (counted) => countsOf(counted.map(({ profile, count }) => [profile.name, count])),
    holding: (instances) => ({
      instances,
      counts: countsOf(instances.map(({ profile }) => [profile, 1])),
      occupied: instances.reduce((bits, { start, units: length }) => bits | rangeBits(length, start), 0),
    }),
    empty: { instances: [], counts: kinds.map(() => 0), occupied: 0 },
  };
  return solver;
}

function kindOf(facts: ProfileFacts): Kind {
  const { compute, memoryUnits: units = 0, starts = [] } = facts;
  return { facts, compute, units, ranges: starts.map((start) => ({ start, bits: rangeBits(units, start) })) };
}

/** The units of a range, as bits. */
export function rangeBits(units: number, start: number): number {
  return ((1 << units) - 1) << start;
}

/**
 * All multisets that free units can hold. Whatever a card holds, its lowest range starts at some unit: what can follow behind that
 * range depends on the units behind it alone, so each suffix of the card is computed once.
 */
function furtherSets(kinds: readonly Kind[], units: number): (unit: number, occupied: number) => Sets {
  const remembered = new Map<number, Sets>();
  const none = kinds.map(() => 0);
  const from = (unit: number, occupied: number): Sets => {
    if (unit >= units) return new Map([[String(none), none]]);
    const key = ((occupied >> unit) << 4) | unit;
    const known = remembered.get(key);
    if (known) return known;
    const found = new Map(from(unit + 1, occupied));
    for (const [index, kind] of kinds.entries()) {
      const range = kind.ranges.find(({ start }) => start === unit);
      if (!range || (range.bits & occupied) !== 0) continue;
      for (const rest of from(unit + kind.units, occupied).values()) {
        const counts = rest.map((count, other) => (other === index ? count + 1 : count));
        found.set(String(counts), counts);
      }
    }
    remembered.set(key, found);
    return found;
  };
  return from;
}

function ways(kinds: readonly Kind[], units: number, occupied: number, counts: Counts): readonly Placed[] {
  const from = (unit: number, left: Counts): Placed[] => {
    if (left.every((count) => count === 0)) return [[]];
    if (total(left, (index) => kinds[index]?.units ?? 0) > units - unit) return [];
    const here = kinds.flatMap((kind, index) => {
      const range = kind.ranges.find(({ start }) => start === unit);
      if (!left[index] || !range || (range.bits & occupied) !== 0) return [];
      const rest = left.map((count, other) => (other === index ? count - 1 : count));
      return from(unit + kind.units, rest).map((placed) => [{ kind: index, start: unit }, ...placed]);
    });
    return [...from(unit + 1, left), ...here];
  };
  return from(0, counts);
}

/**
 * One instance of a card may have the media engines that `+me` means; `+me.all` has every media engine of the card, so that only
 * instances of `-me` go beside it.
 *
 * @see https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-mig-profiles.html
 */
function mediaSuffice(kinds: readonly Kind[], counts: Counts): boolean {
  const having = (test: (attribute: string | undefined) => boolean) =>
    total(counts, (index) => (test(kinds[index]?.facts.attribute) ? 1 : 0));
  const all = having((attribute) => attribute === '+me.all');
  return having((attribute) => attribute === '+me') <= 1 && (all === 0 || having((attribute) => attribute !== '-me') === 1);
}

/** Sum of what each instance counts for. */
export function total(counts: Counts, each: (index: number) => number): number {
  return counts.reduce((all, count, index) => all + count * each(index), 0);
}

export function sum(one: Counts, other: Counts): Counts {
  return one.map((count, index) => count + (other[index] ?? 0));
}
