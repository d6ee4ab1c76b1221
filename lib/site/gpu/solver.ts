import { failure } from '../../errors';
import { gpuPlacementsUnknown } from './messages';
import type { GpuModel, Profile } from './models';
import { geometryOf, type ProfileCount, type ProfileFacts, profileFacts, profilesOf } from './profile';

/** A MIG instance on a GPU. */
export interface Instance<C extends GpuModel = GpuModel> {
  readonly profile: Profile<C>;
  /** First memory unit. */
  readonly start: number;
  /** Number of memory units. */
  readonly units: number;
}

/** Number of instances of each profile, in the order of the table. */
export type Counts = readonly number[];

/** Sets of instances by `String(counts)`. */
export type Sets = ReadonlyMap<string, Counts>;

/** A GPU with existing instances. */
export interface GpuState<C extends GpuModel = GpuModel> {
  readonly instances: readonly Instance<C>[];
  readonly counts: Counts;
  /** Bit mask of the occupied memory units. */
  readonly occupied: number;
}

/** A profile with the ranges of memory units that its instances may occupy, as bit masks. */
export interface ProfileKind<C extends GpuModel = GpuModel> {
  readonly facts: ProfileFacts<C>;
  readonly compute: number;
  readonly units: number;
  readonly ranges: readonly { readonly start: number; readonly bits: number }[];
}

/** Placed instances; `kind` is an index into `kinds` of the solver. */
export type PlacedInstances = readonly { readonly kind: number; readonly start: number }[];

/** Exact placement solver of a GPU model. It is created on first use and cached. */
export interface Solver<C extends GpuModel = GpuModel> {
  readonly model: C;
  readonly compute: number;
  readonly units: number;
  readonly kinds: readonly ProfileKind<C>[];
  /** All sets of further instances that fit next to existing ones, including the empty set. */
  additions(occupied: number, existing: Counts): Sets;
  /** All placements of instances in the free memory units, those with the highest start units first. */
  placementsOf(occupied: number, counts: Counts): readonly PlacedInstances[];
  /** Whether there are enough media engines. */
  enoughMediaEngines(counts: Counts): boolean;
  countsOf(requested: readonly ProfileCount<C>[]): Counts;
  /** A GPU with these instances. */
  stateOf(instances: readonly Instance<C>[]): GpuState<C>;
  readonly empty: GpuState<C>;
}

const solvers = new Map<GpuModel, Solver>();

/** @throws UNKNOWN_GPU_MODEL, UNKNOWN_GPU_PLACEMENTS */
export function solverOf<C extends GpuModel>(model: C): Solver<C> {
  const cached = solvers.get(model) ?? makeSolver(model);
  solvers.set(model, cached);
  return cached as unknown as Solver<C>;
}

function makeSolver(model: GpuModel): Solver {
  const geometry = geometryOf(model);
  const units = geometry?.units;
  if (!geometry || units === undefined) throw failure(gpuPlacementsUnknown(model));
  const kinds = profilesOf(model).map((name) => kindOf(profileFacts(model, name)));
  const sets = multisetsOf(kinds, units);
  const cache = new Map<string, Sets>();
  const indexes = new Map(kinds.flatMap(({ facts }, index) => facts.names.map((name) => [name, index] as const)));
  const countsOf = (each: readonly (readonly [Profile<GpuModel>, number])[]): Counts => {
    const counts = kinds.map(() => 0);
    for (const [name, count] of each) {
      const kind = indexes.get(name) ?? 0;
      counts[kind] = (counts[kind] ?? 0) + count;
    }
    return counts;
  };
  const solver: Solver = {
    model,
    compute: geometry.compute,
    units,
    kinds,
    additions(occupied, existing) {
      const key = `${occupied}/${existing}`;
      const possible = () => new Map([...sets(0, occupied)].filter(([, more]) => enoughMediaEngines(kinds, sum(existing, more))));
      const found = cache.get(key) ?? possible();
      cache.set(key, found);
      return found;
    },
    placementsOf: (occupied, counts) => placeCounts(kinds, units, occupied, counts),
    enoughMediaEngines: (counts) => enoughMediaEngines(kinds, counts),
    countsOf: (requested) => countsOf(requested.map(({ profile, count }) => [profile.name, count])),
    stateOf: (instances) => ({
      instances,
      counts: countsOf(instances.map(({ profile }) => [profile, 1])),
      occupied: instances.reduce((bits, { start, units: length }) => bits | rangeBits(length, start), 0),
    }),
    empty: { instances: [], counts: kinds.map(() => 0), occupied: 0 },
  };
  return solver;
}

function kindOf(facts: ProfileFacts): ProfileKind {
  const { compute, memoryUnits: units = 0, starts = [] } = facts;
  return { facts, compute, units, ranges: starts.map((start) => ({ start, bits: rangeBits(units, start) })) };
}

/** Bit mask of a range of memory units. */
export function rangeBits(units: number, start: number): number {
  return ((1 << units) - 1) << start;
}

/**
 * All multisets of instances that fit into the free memory units, by dynamic programming: which instances can follow a range depends only on
 * the units after it, so each suffix is computed once.
 */
function multisetsOf(kinds: readonly ProfileKind[], units: number): (unit: number, occupied: number) => Sets {
  const cache = new Map<number, Sets>();
  const none = kinds.map(() => 0);
  const from = (unit: number, occupied: number): Sets => {
    if (unit >= units) return new Map([[String(none), none]]);
    const key = ((occupied >> unit) << 4) | unit;
    const cached = cache.get(key);
    if (cached) return cached;
    const found = new Map(from(unit + 1, occupied));
    for (const [index, kind] of kinds.entries()) {
      const range = kind.ranges.find(({ start }) => start === unit);
      if (!range || (range.bits & occupied) !== 0) continue;
      for (const rest of from(unit + kind.units, occupied).values()) {
        const counts = rest.map((count, other) => (other === index ? count + 1 : count));
        found.set(String(counts), counts);
      }
    }
    cache.set(key, found);
    return found;
  };
  return from;
}

function placeCounts(kinds: readonly ProfileKind[], units: number, occupied: number, counts: Counts): readonly PlacedInstances[] {
  const from = (unit: number, left: Counts): PlacedInstances[] => {
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
 * At most one instance of a GPU can have the media engines of `+me`. `+me.all` has all media engines of the GPU, so that all other instances
 * must be `-me`.
 *
 * @see https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-mig-profiles.html
 */
function enoughMediaEngines(kinds: readonly ProfileKind[], counts: Counts): boolean {
  const having = (test: (attribute: string | undefined) => boolean) =>
    total(counts, (index) => (test(kinds[index]?.facts.attribute) ? 1 : 0));
  const all = having((attribute) => attribute === '+me.all');
  return having((attribute) => attribute === '+me') <= 1 && (all === 0 || having((attribute) => attribute !== '-me') === 1);
}

/** Weighted sum over all instances. */
export function total(counts: Counts, each: (index: number) => number): number {
  return counts.reduce((all, count, index) => all + count * each(index), 0);
}

export function sum(counts: Counts, other: Counts): Counts {
  return counts.map((count, index) => count + (other[index] ?? 0));
}
