import { failure } from '../../errors';
import type { Card, Layout } from './cards';
import { holds, instancesOf, lexical } from './fit';
import { gpuInstanceInvalid } from './messages';
import { type Counted, cardRow, profileFacts, readLayout } from './profile';
import { type Shortage, shortagesOf } from './shortage';
import { type Counts, type Held, type Instance, type Placed, rangeBits, type Solver, solverOf, sum, total } from './solver';

/** An instance as `nvidia-smi mig -lgi` lists it. */
export type HeldInstance<C extends Card = Card> = Pick<Instance<C>, 'profile' | 'start'>;

/** Where instances go on a card that holds others already. */
export interface PlacedBeside<C extends Card = Card> {
  readonly fits: true;
  /** The new instances. */
  readonly instances: readonly Instance<C>[];
  /** How many sets of further instances the card can still take, counting the empty one. */
  readonly choices: number;
}

/** Why instances find no place on a card that holds others, and what would help. */
export interface NotPlaced<C extends Card = Card> {
  readonly fits: false;
  readonly why: readonly Shortage<C>[];
  /** The smallest set of instances that has to go, and where the new ones then go. `undefined`: not even an empty card holds them. */
  readonly instead?: { readonly evicted: readonly Instance<C>[]; readonly instances: readonly Instance<C>[] };
  /** All instances in new places, and those that are made anew for it. `undefined`: no order of them fits. */
  readonly relaid?: { readonly instances: readonly Instance<C>[]; readonly moved: readonly Instance<C>[] };
}

/**
 * Places instances on a card that holds others (day 2). Running instances cannot be moved, so the starts matter: a `3g` at 0
 * blocks the only start of a `4g`.
 *
 * The best place is the one that leaves the most choices: the number of different sets of instances that could still be added. A
 * `3g` on an empty card goes to 4 and leaves units 0 to 3 to a `4g`. Among equals the highest starts are taken.
 *
 * Where there is no place, `instead` names the fewest instances that have to go (among those, the fewest compute slices, then
 * memory units, then what leaves the most choices), and `relaid` tells whether all would fit in another order; it moves as few as
 * possible.
 *
 * @param held what is on the card
 * @throws INVALID_GPU_INSTANCE, and as `fits`
 */
export function placeInstances<C extends Card>(card: C, held: readonly HeldInstance<C>[], wish: Layout<C>): PlacedBeside<C> | NotPlaced<C> {
  const solver = solverOf(card);
  const counted = readLayout(card, wish);
  const counts = solver.countsOf(counted);
  const before = readHeld(solver, held);
  const found = best(solver, before, counts);
  if (found) return { fits: true, instances: instancesOf(solver, found.placed, counted), choices: found.choices };
  const evicting = holds(solver, counts) ? leastGone(solver, before, () => counts) : undefined;
  const together = holds(solver, sum(before.counts, counts));
  const moving = together ? leastGone(solver, before, (gone) => sum(counts, gone.counts)) : undefined;
  const names = [...counted, ...countedOf(card, before.instances)];
  return {
    fits: false,
    why: shortagesOf(solver, before, counted),
    instead: evicting && { evicted: evicting.gone, instances: instancesOf(solver, evicting.placed, counted) },
    relaid: moving && {
      instances: [...moving.stay, ...instancesOf(solver, moving.placed, names)].sort((a, b) => a.start - b.start),
      moved: moving.gone,
    },
  };
}

/** A way to place instances, and the number of sets that could still be added. */
export interface Choice {
  readonly placed: Placed;
  readonly choices: number;
}

/** The ways that leave the most choices; `undefined` if there is no way. */
export function best(solver: Solver, held: Held, counts: Counts): Choice | undefined {
  if (!solver.further(held.occupied, held.counts).has(String(counts))) return undefined;
  const after = sum(held.counts, counts);
  return solver
    .ways(held.occupied, counts)
    .map((placed) => ({ placed, choices: solver.further(held.occupied | bitsOf(solver, placed), after).size }))
    .reduce<Choice | undefined>((chosen, choice) => (chosen && chosen.choices >= choice.choices ? chosen : choice), undefined);
}

/** The cheapest set of instances without which `wish` finds a place: there are at most 128 sets, and the cheap ones come first. */
function leastGone<C extends Card>(solver: Solver<C>, held: Held<C>, wish: (gone: Held<C>) => Counts) {
  const costs = held.instances.map(({ profile, units }) => [1, profileFacts(solver.card, profile).compute, units]);
  const sets = Array.from({ length: 2 ** costs.length }, (_, set) => ({
    set,
    cost: [0, 1, 2].map((which) => costs.reduce((all, cost, index) => all + ((set >> index) & 1) * (cost[which] ?? 0), 0)),
  }));
  let chosen: (Choice & { cost: readonly number[]; gone: readonly Instance<C>[]; stay: readonly Instance<C>[] }) | undefined;
  for (const { set, cost } of sets.sort((a, b) => lexical(a.cost, b.cost))) {
    if (chosen && lexical(cost, chosen.cost) > 0) break;
    const [stay, gone] = [0, 1].map((bit) => held.instances.filter((_, index) => ((set >> index) & 1) === bit));
    const found = best(solver, solver.holding(stay ?? []), wish(solver.holding(gone ?? [])));
    if (found && found.choices > (chosen?.choices ?? 0)) chosen = { ...found, cost, gone: gone ?? [], stay: stay ?? [] };
  }
  return chosen;
}

function readHeld<C extends Card>(solver: Solver<C>, held: readonly HeldInstance<C>[]): Held<C> {
  const instances = held.map(({ profile, start }) => {
    const { memoryUnits: units = 0, starts = [] } = profileFacts(solver.card, profile);
    if (!starts.includes(start)) throw invalid(solver, { profile, start }, `it starts at ${starts.join(', ')}`);
    return { profile, start, units };
  });
  for (const [index, one] of instances.entries()) {
    const over = instances.slice(0, index).find((other) => other.start < one.start + one.units && one.start < other.start + other.units);
    if (over) throw invalid(solver, one, `${over.profile} at ${over.start} is there`);
  }
  const all = solver.holding(instances);
  if (!solver.mediaSuffice(all.counts))
    throw failure(gpuInstanceInvalid(solver.card, instances.map(({ profile }) => profile).join(', '), 'not enough media engines'));
  return all;
}

function invalid<C extends Card>(solver: Solver<C>, { profile, start }: HeldInstance<C>, why: string) {
  return failure(gpuInstanceInvalid(solver.card, `${profile} at ${start}`, why));
}

function countedOf<C extends Card>(card: C, instances: readonly Instance<C>[]): readonly Counted<C>[] {
  return instances.map(({ profile }) => ({ profile: profileFacts(card, profile), count: 1 }));
}

function bitsOf(solver: Solver, placed: Placed): number {
  return placed.reduce((bits, { kind, start }) => bits | rangeBits(solver.kinds[kind]?.units ?? 0, start), 0);
}

/** What a card has beside its instances. */
export interface Spare {
  readonly compute: number;
  readonly memoryUnits: number;
  /** The memory units, in gigabytes of the card's name. */
  readonly memoryGB: number;
}

/** What instances leave of a card. */
export interface Leftover {
  /** All that no instance has. */
  readonly free: Spare;
  /** The part of it that no further instance can take, however it is placed: it is lost with this layout. */
  readonly wasted: Spare;
}

/**
 * What instances leave of a card, and what of it is lost: 2 × `3g` strand a compute slice, 7 × `1g` a memory unit.
 *
 * @throws INVALID_GPU_INSTANCE, and as `fits`
 */
export function leftover<C extends Card>(card: C, instances: readonly HeldInstance<C>[]): Leftover {
  const solver = solverOf(card);
  const held = readHeld(solver, instances);
  const further = [...solver.further(held.occupied, held.counts).values()];
  const spare = (what: 'compute' | 'units') => {
    const each = (index: number) => solver.kinds[index]?.[what] ?? 0;
    const free = solver[what] - total(held.counts, each);
    return { free, wasted: free - Math.max(...further.map((counts) => total(counts, each))) };
  };
  const [compute, units] = [spare('compute'), spare('units')];
  const gigabytes = (cardRow(card).memoryGB ?? 0) / solver.units;
  const told = (which: 'free' | 'wasted'): Spare => ({
    compute: compute[which],
    memoryUnits: units[which],
    memoryGB: units[which] * gigabytes,
  });
  return { free: told('free'), wasted: told('wasted') };
}
