import { failure } from '../../errors';
import { compareLists, fitsEmpty, instancesOf } from './fit';
import { gpuInstanceInvalid } from './messages';
import type { GpuModel, Layout } from './models';
import { gpuModelSpec, type ProfileCount, profileFacts, readLayout } from './profile';
import { type Shortage, shortagesOf } from './shortage';
import { type Counts, type GpuState, type Instance, type PlacedInstances, rangeBits, type Solver, solverOf, sum, total } from './solver';

/** An existing instance, as `nvidia-smi mig -lgi` prints it. */
export type ExistingInstance<C extends GpuModel = GpuModel> = Pick<Instance<C>, 'profile' | 'start'>;

/** Placement of new instances next to existing ones. */
export interface InstancePlacement<C extends GpuModel = GpuModel> {
  readonly fits: true;
  /** The new instances. */
  readonly instances: readonly Instance<C>[];
  /** Number of different sets of further instances that still fit, including the empty set. */
  readonly choices: number;
}

/** Why new instances do not fit next to existing ones, and what would make them fit. */
export interface PlacementFailure<C extends GpuModel = GpuModel> {
  readonly fits: false;
  readonly shortages: readonly Shortage<C>[];
  /** Smallest set of existing instances to delete, and the resulting placement. Undefined if the new instances do not fit on an empty GPU. */
  readonly afterEviction?: { readonly evicted: readonly Instance<C>[]; readonly instances: readonly Instance<C>[] };
  /** Placement of all instances, and the existing ones that must be recreated for it. Undefined if they do not fit together. */
  readonly afterRecreation?: { readonly instances: readonly Instance<C>[]; readonly recreated: readonly Instance<C>[] };
}

/**
 * Places new instances on a GPU with existing ones. Instances cannot be moved, so their start units matter: a `3g` at 0 blocks the only start
 * of a `4g`.
 *
 * The placement that leaves the largest number of different sets of further instances is chosen: a `3g` on an empty GPU starts at 4 and leaves
 * units 0 to 3 free for a `4g`. Among equal placements, high start units are preferred.
 *
 * If the instances do not fit, `afterEviction` has the smallest set of instances to delete (then the fewest compute slices, then memory units, then
 * the most choices), and `afterRecreation` a placement of all instances that recreates as few as possible.
 *
 * @param existing existing instances
 * @throws INVALID_GPU_INSTANCE, and as `fits`
 */
export function placeInstances<C extends GpuModel>(
  model: C,
  existing: readonly ExistingInstance<C>[],
  layout: Layout<C>,
): InstancePlacement<C> | PlacementFailure<C> {
  const solver = solverOf(model);
  const requested = readLayout(model, layout);
  const counts = solver.countsOf(requested);
  const before = readState(solver, existing);
  const found = bestPlacement(solver, before, counts);
  if (found) return { fits: true, instances: instancesOf(solver, found.placed, requested), choices: found.choices };
  const evicting = fitsEmpty(solver, counts) ? cheapestEviction(solver, before, () => counts) : undefined;
  const together = fitsEmpty(solver, sum(before.counts, counts));
  const moving = together ? cheapestEviction(solver, before, (evicted) => sum(counts, evicted.counts)) : undefined;
  const names = [...requested, ...countedOf(model, before.instances)];
  return {
    fits: false,
    shortages: shortagesOf(solver, before, requested),
    afterEviction: evicting && { evicted: evicting.evicted, instances: instancesOf(solver, evicting.placed, requested) },
    afterRecreation: moving && {
      instances: [...moving.remaining, ...instancesOf(solver, moving.placed, names)].sort((a, b) => a.start - b.start),
      recreated: moving.evicted,
    },
  };
}

/** A placement, and the number of sets of further instances that still fit. */
export interface Choice {
  readonly placed: PlacedInstances;
  readonly choices: number;
}

/** The placement that leaves the most choices; undefined if the instances do not fit. */
export function bestPlacement(solver: Solver, existing: GpuState, counts: Counts): Choice | undefined {
  if (!solver.additions(existing.occupied, existing.counts).has(String(counts))) return undefined;
  const after = sum(existing.counts, counts);
  return solver
    .placementsOf(existing.occupied, counts)
    .map((placed) => ({ placed, choices: solver.additions(existing.occupied | bitsOf(solver, placed), after).size }))
    .reduce<Choice | undefined>((chosen, choice) => (chosen && chosen.choices >= choice.choices ? chosen : choice), undefined);
}

/** The cheapest set of instances without which the new ones fit. At most 128 sets are tried, the cheapest first. */
function cheapestEviction<C extends GpuModel>(solver: Solver<C>, existing: GpuState<C>, requestAfter: (evicted: GpuState<C>) => Counts) {
  const costs = existing.instances.map(({ profile, units }) => [1, profileFacts(solver.model, profile).compute, units]);
  const sets = Array.from({ length: 2 ** costs.length }, (_, set) => ({
    set,
    cost: [0, 1, 2].map((which) => costs.reduce((all, cost, index) => all + ((set >> index) & 1) * (cost[which] ?? 0), 0)),
  }));
  let chosen: (Choice & { cost: readonly number[]; evicted: readonly Instance<C>[]; remaining: readonly Instance<C>[] }) | undefined;
  for (const { set, cost } of sets.sort((a, b) => compareLists(a.cost, b.cost))) {
    if (chosen && compareLists(cost, chosen.cost) > 0) break;
    const [remaining, evicted] = [0, 1].map((bit) => existing.instances.filter((_, index) => ((set >> index) & 1) === bit));
    const found = bestPlacement(solver, solver.stateOf(remaining ?? []), requestAfter(solver.stateOf(evicted ?? [])));
    if (found && found.choices > (chosen?.choices ?? 0)) chosen = { ...found, cost, evicted: evicted ?? [], remaining: remaining ?? [] };
  }
  return chosen;
}

function readState<C extends GpuModel>(solver: Solver<C>, existing: readonly ExistingInstance<C>[]): GpuState<C> {
  const instances = existing.map(({ profile, start }) => {
    const { memoryUnits: units = 0, starts = [] } = profileFacts(solver.model, profile);
    if (!starts.includes(start)) throw invalid(solver, { profile, start }, `valid start units are ${starts.join(', ')}`);
    return { profile, start, units };
  });
  for (const [index, instance] of instances.entries()) {
    const overlapping = instances
      .slice(0, index)
      .find((other) => other.start < instance.start + instance.units && instance.start < other.start + other.units);
    if (overlapping) throw invalid(solver, instance, `overlaps with ${overlapping.profile} at ${overlapping.start}`);
  }
  const all = solver.stateOf(instances);
  if (!solver.enoughMediaEngines(all.counts))
    throw failure(gpuInstanceInvalid(solver.model, instances.map(({ profile }) => profile).join(', '), 'not enough media engines'));
  return all;
}

function invalid<C extends GpuModel>(solver: Solver<C>, { profile, start }: ExistingInstance<C>, why: string) {
  return failure(gpuInstanceInvalid(solver.model, `${profile} at ${start}`, why));
}

function countedOf<C extends GpuModel>(model: C, instances: readonly Instance<C>[]): readonly ProfileCount<C>[] {
  return instances.map(({ profile }) => ({ profile: profileFacts(model, profile), count: 1 }));
}

function bitsOf(solver: Solver, placed: PlacedInstances): number {
  return placed.reduce((bits, { kind, start }) => bits | rangeBits(solver.kinds[kind]?.units ?? 0, start), 0);
}

/** Unused resources of a GPU. */
export interface UnusedResources {
  readonly compute: number;
  readonly memoryUnits: number;
  /** The memory units in gigabytes, relative to the memory in the name of the GPU. */
  readonly memoryGB: number;
}

/** Unused resources of a GPU with instances. */
export interface Leftover {
  /** Resources that no instance uses. */
  readonly free: UnusedResources;
  /** Part of the free resources that no further instance can use. */
  readonly wasted: UnusedResources;
}

/**
 * Unused resources of a GPU, and the part that no further instance can use: with 2 × `3g` one compute slice, with 7 × `1g` one memory unit.
 *
 * @throws INVALID_GPU_INSTANCE, and as `fits`
 */
export function leftover<C extends GpuModel>(model: C, instances: readonly ExistingInstance<C>[]): Leftover {
  const solver = solverOf(model);
  const existing = readState(solver, instances);
  const further = [...solver.additions(existing.occupied, existing.counts).values()];
  const spare = (what: 'compute' | 'units') => {
    const each = (index: number) => solver.kinds[index]?.[what] ?? 0;
    const free = solver[what] - total(existing.counts, each);
    return { free, wasted: free - Math.max(...further.map((counts) => total(counts, each))) };
  };
  const [compute, units] = [spare('compute'), spare('units')];
  const gigabytes = (gpuModelSpec(model).memoryGB ?? 0) / solver.units;
  const unused = (which: 'free' | 'wasted'): UnusedResources => ({
    compute: compute[which],
    memoryUnits: units[which],
    memoryGB: units[which] * gigabytes,
  });
  return { free: unused('free'), wasted: unused('wasted') };
}
