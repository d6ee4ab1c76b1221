import { failure } from '../../errors';
import type { Card, Layout } from './cards';
import { type Cover, cover, largest } from './cover';
import { instancesOf, layoutOf, lexical } from './fit';
import { gpuCardsTooFew, gpuCountInvalid } from './messages';
import { best, type Leftover, leftover } from './place';
import { type Counted, layoutText, readLayout } from './profile';
import { type Shortage, shortageText } from './shortage';
import { type Counts, type Instance, type Solver, solverOf, sum, total } from './solver';

/** The cards that a wish may be spread over. */
export interface PackOptions {
  /** Cards that there are. */
  readonly cards: number;
  /** Cards of one node; the last node has what remains. @default - all */
  readonly perNode?: number;
  /**
   * `fewest`: as few cards as possible, node after node, the others stay whole. `spread`: over all cards, such that the
   * fullest card has as few compute slices as possible: a card or a node that is lost takes little with it.
   *
   * @default fewest
   */
  readonly prefer?: 'fewest' | 'spread';
}

/** One card of a packing. */
export interface PackedCard<C extends Card = Card> {
  /** Number of the node, from 0. */
  readonly node: number;
  /** Number of the card on its node, from 0. */
  readonly card: number;
  readonly layout: Layout<C>;
  readonly instances: readonly Instance<C>[];
  readonly leftover: Leftover;
}

/** A wish, packed onto cards. */
export interface Packing<C extends Card = Card> {
  /** Cards that hold something, node after node. */
  readonly cards: readonly PackedCard<C>[];
  /** Cards that the whole wish takes when it takes as few as were found. */
  readonly needed: number;
  /** No packing of the whole wish takes fewer. Where it is less than `needed`, what lies between is not known. */
  readonly bound: number;
  /** What its cards have left, together. */
  readonly leftover: Leftover;
  /** What found no place; nothing if the wish fits. */
  readonly left: Layout<C>;
  /** Of what there is too little; nothing if the wish fits. */
  readonly why: readonly Shortage<C>[];
}

/**
 * Packs instances onto cards and nodes.
 *
 * The number of cards is the least possible wherever `needed` equals `bound`. It did for all of 58 000 random wishes on the geometries
 * of A30 and A100; on RTX PRO 6000, three of 4000 large wishes with many attributes were left one card apart. With too few cards,
 * those that are filled most are kept, and `left` tells what found no place; another choice might place more.
 *
 * @throws as `fits`
 */
export function pack<C extends Card>(card: C, wish: Layout<C>, options: PackOptions): Packing<C> {
  const { cards, perNode = cards, prefer = 'fewest' } = options;
  for (const [what, count] of [
    ['cards', cards],
    ['cards on a node', perNode],
  ] as const)
    if (!Number.isInteger(count) || count < 1) throw failure(gpuCountInvalid(what, count));
  const solver = solverOf(card);
  const counted = readLayout(card, wish);
  const demand = solver.countsOf(counted);
  const fewest = dealt(solver, demand, solver.compute);
  const room = fewest.cards.length <= cards;
  const kept = room && prefer === 'spread' ? spread(solver, demand, cards, fewest) : heaviestFirst(solver, fewest.cards).slice(0, cards);
  const placed = kept.reduce(sum, solver.empty.counts);
  const slots = slotsOf(cards, perNode, prefer);
  const built = new Map(
    [...new Map(kept.map((counts) => [String(counts), counts]))].map(([key, counts]) => [key, builtCard(solver, counts, counted)]),
  );
  const packed = slots.flatMap((slot, index) => {
    const content = built.get(String(kept[index]));
    return content ? [{ ...slot, ...content }] : [];
  });
  return {
    cards: packed.sort((a, b) => a.node - b.node || a.card - b.card),
    needed: fewest.cards.length,
    bound: fewest.bound,
    leftover: together(packed.map((one) => one.leftover)),
    left: layoutOf(
      solver,
      demand.map((count, kind) => count - (placed[kind] ?? 0)),
      counted,
    ),
    why: room ? [] : tooLittle(solver, demand, counted, cards, fewest),
  };
}

/**
 * The packing of a wish for which there are cards enough.
 *
 * @throws EXCEEDS_GPUS, and as `fits`
 */
export function checkPack<C extends Card>(card: C, wish: Layout<C>, options: PackOptions): Packing<C> {
  const packing = pack(card, wish, options);
  if (packing.why.length === 0) return packing;
  throw failure(gpuCardsTooFew(card, layoutText(wish), options.cards, packing.why.map(shortageText), layoutText(packing.left)));
}

/** The wish on as few cards as possible, none with more than so many compute slices. */
function dealt(solver: Solver, demand: Counts, compute: number): Cover {
  const sets = [...solver.further(0, solver.empty.counts).values()].filter(
    (counts) => counts.every((count, kind) => count === 0 || (demand[kind] ?? 0) > 0) && computeOf(solver, counts) <= compute,
  );
  return cover(largest(sets), demand);
}

/** The fewest compute slices on the fullest card with which the cards suffice, then evened out. */
function spread(solver: Solver, demand: Counts, cards: number, fewest: Cover): readonly Counts[] {
  const widest = Math.max(...demand.map((count, kind) => (count > 0 ? (solver.kinds[kind]?.compute ?? 0) : 0)));
  const share = Math.ceil(computeOf(solver, demand) / cards);
  for (let compute = Math.max(widest, share); compute < solver.compute; compute++) {
    const found = dealt(solver, demand, compute);
    if (found.cards.length <= cards) return even(solver, found.cards, cards);
  }
  return even(solver, fewest.cards, cards);
}

/** Moves single instances from the fullest card that can give one to the emptiest, as long as that makes the two more alike. */
function even(solver: Solver, used: readonly Counts[], cards: number): readonly Counts[] {
  const all = [...used, ...Array.from({ length: cards - used.length }, () => solver.empty.counts)];
  const loads = all.map((counts) => computeOf(solver, counts));
  const load = (card: number) => loads[card] ?? 0;
  for (;;) {
    const lean = loads.indexOf(Math.min(...loads));
    let chosen: { readonly card: number; readonly kind: number } | undefined;
    for (const [card, counts] of all.entries()) {
      if (chosen && load(card) <= load(chosen.card)) continue;
      const kind = givenAway(solver, counts, all[lean] ?? [], load(card) - load(lean));
      if (kind !== undefined) chosen = { card, kind };
    }
    if (!chosen)
      return heaviestFirst(
        solver,
        all.filter((counts) => counts.some((count) => count > 0)),
      );
    for (const [card, by] of [
      [chosen.card, -1],
      [lean, 1],
    ] as const) {
      all[card] = more(all[card] ?? [], chosen.kind, by);
      loads[card] = computeOf(solver, all[card] ?? []);
    }
  }
}

/** The profile of which one instance, moved to a card with so many fewer compute slices, evens the two out most. */
function givenAway(solver: Solver, from: Counts, to: Counts, gap: number): number | undefined {
  let chosen: { readonly kind: number; readonly left: number } | undefined;
  for (const [kind, { compute }] of solver.kinds.entries()) {
    const left = Math.abs(gap - 2 * compute);
    if (!from[kind] || compute >= gap || (chosen && left >= chosen.left)) continue;
    if (solver.further(0, solver.empty.counts).has(String(more(to, kind, 1)))) chosen = { kind, left };
  }
  return chosen?.kind;
}

function more(counts: Counts, kind: number, by: number): Counts {
  return counts.map((count, other) => (other === kind ? count + by : count));
}

/** By compute slices, then memory units, the most first; cards that are cut alike lie together. */
function heaviestFirst(solver: Solver, cards: readonly Counts[]): readonly Counts[] {
  return cards
    .map((counts) => ({ counts, rank: [-computeOf(solver, counts), -unitsOf(solver, counts), ...counts] }))
    .sort((a, b) => lexical(a.rank, b.rank))
    .map(({ counts }) => counts);
}

/** Where the cards are, in the order in which they are used: node after node, or a card of each node in turn. */
function slotsOf(cards: number, perNode: number, prefer: 'fewest' | 'spread'): readonly { node: number; card: number }[] {
  const slots = Array.from({ length: cards }, (_, index) => ({ node: Math.floor(index / perNode), card: index % perNode }));
  return prefer === 'fewest' ? slots : slots.sort((a, b) => a.card - b.card || a.node - b.node);
}

function builtCard<C extends Card>(solver: Solver<C>, counts: Counts, counted: readonly Counted<C>[]) {
  const instances = instancesOf(solver, best(solver, solver.empty, counts)?.placed ?? [], counted);
  return { layout: layoutOf(solver, counts, counted), instances, leftover: leftover(solver.card, instances) };
}

function together(all: readonly Leftover[]): Leftover {
  const added = (which: keyof Leftover) => ({
    compute: all.reduce((value, one) => value + one[which].compute, 0),
    memoryUnits: all.reduce((value, one) => value + one[which].memoryUnits, 0),
    memoryGB: all.reduce((value, one) => value + one[which].memoryGB, 0),
  });
  return { free: added('free'), wasted: added('wasted') };
}

function tooLittle<C extends Card>(
  solver: Solver<C>,
  demand: Counts,
  counted: readonly Counted<C>[],
  cards: number,
  { bound }: Cover,
): readonly Shortage<C>[] {
  const over = (of: 'compute slices' | 'memory units' | 'cards', needed: number, size: number): Shortage<C>[] =>
    needed > size ? [{ of, needed, free: size, size }] : [];
  const limits = counted.flatMap(({ profile, count }): Shortage<C>[] =>
    count > profile.max * cards ? [{ of: 'instances', profile: profile.name, needed: count, size: profile.max * cards }] : [],
  );
  return [
    ...over('compute slices', computeOf(solver, demand), solver.compute * cards),
    ...over('memory units', unitsOf(solver, demand), solver.units * cards),
    ...limits,
    ...over('cards', bound, cards),
  ];
}

function computeOf(solver: Solver, counts: Counts): number {
  return total(counts, (kind) => solver.kinds[kind]?.compute ?? 0);
}

function unitsOf(solver: Solver, counts: Counts): number {
  return total(counts, (kind) => solver.kinds[kind]?.units ?? 0);
}
