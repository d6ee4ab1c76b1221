import fc from 'fast-check';
import {
  type Card,
  checkPack,
  fits,
  type Layout,
  type Packing,
  type PackOptions,
  pack,
  profileFacts,
  profilesOf,
  shortageText,
} from '../../../lib/site';
import { layoutOf, multisets } from '../../fixtures/gpu';
import { refused } from '../../fixtures/site';

const CARDS_TRIED = ['a30-24gb', 'a100-80gb', 'rtx-pro-6000-blackwell-96gb'] as const;

/** All layouts of one card, as counts. */
const possible = new Map<Card, readonly number[][]>();
const layoutsOf = (card: Card) => {
  const known = possible.get(card) ?? multisets(profilesOf(card).length, 7).filter((counts) => fits(card, layoutOf(card, counts)));
  possible.set(card, known);
  return known;
};

/** Counts as one number, which says less than ten of each. */
const codeOf = (counts: readonly number[]) => counts.reduce((code, count) => code * 10 + count, 0);

/** What can be left of the wishes after one more card has one of the layouts. */
function afterOneMore(left: ReadonlyMap<number, readonly number[]>, layouts: readonly (readonly number[])[]) {
  const next = new Map<number, readonly number[]>();
  for (const [code, counts] of left)
    for (const layout of layouts) {
      if (layout.some((count, kind) => count > (counts[kind] ?? 0))) continue;
      const rest = code - codeOf(layout);
      if (!next.has(rest))
        next.set(
          rest,
          counts.map((count, kind) => count - (layout[kind] ?? 0)),
        );
    }
  return next;
}

/** Layouts of one card that ask for no more than the wish. */
const within = (card: Card, wish: readonly number[]) =>
  layoutsOf(card).filter((layout) => layout.every((count, kind) => count <= (wish[kind] ?? 0)));

/** The fewest cards, by trying every layout for the first card, then for the second, and so on. */
function fewestByHand(card: Card, wish: readonly number[]): number {
  const layouts = within(card, wish);
  let left: ReadonlyMap<number, readonly number[]> = new Map([[codeOf(wish), wish]]);
  for (let cards = 0; ; cards++) {
    if (left.has(0)) return cards;
    left = afterOneMore(left, layouts);
  }
}

const added = (layouts: readonly Layout[]): Record<string, number> => {
  const all: Record<string, number> = {};
  for (const layout of layouts)
    for (const [name, count] of Object.entries<number | undefined>(layout)) all[name] = (all[name] ?? 0) + (count ?? 0);
  return all;
};
const computeOf = (card: Card, layout: Layout) =>
  Object.entries<number | undefined>(layout).reduce(
    (all, [name, count]) => all + profileFacts(card, name as never).compute * (count ?? 0),
    0,
  );
const loads = (card: Card, packing: Packing) => packing.cards.map(({ layout }) => computeOf(card, layout)).sort((a, b) => b - a);

/** What holds for every packing. */
function lawful(card: Card, wish: Layout, options: PackOptions, packing: Packing): void {
  const slots = packing.cards.map(({ node, card: place }) => node * (options.perNode ?? options.cards) + place);
  expect(packing.cards.every(({ layout }) => fits(card, layout))).toBe(true);
  expect(
    packing.cards.every(
      ({ layout, instances }) =>
        String(Object.entries(layout).sort()) === String(Object.entries(added(instances.map(({ profile }) => ({ [profile]: 1 })))).sort()),
    ),
  ).toBe(true);
  expect(new Set(slots).size).toBe(slots.length);
  expect(slots.every((slot) => slot < options.cards)).toBe(true);
  expect(packing.cards.every(({ card: place }) => place < (options.perNode ?? options.cards))).toBe(true);
  expect(added([...packing.cards.map(({ layout }) => layout), packing.left])).toEqual(wish);
  expect(packing.why.length > 0).toBe(Object.keys(packing.left).length > 0);
  expect(packing.needed > options.cards).toBe(packing.why.length > 0);
}

describe('the fewest cards', () => {
  test.each(CARDS_TRIED)('%s: as few as trying everything finds, and known to be', (card) => {
    const kinds = profilesOf(card).length;
    const wish = fc
      .array(fc.nat(kinds > 8 ? 2 : 4), { minLength: kinds, maxLength: kinds })
      .filter((counts) => counts.reduce((all, count) => all + count, 0) <= 10);
    fc.assert(
      fc.property(wish, (counts) => {
        const least = fewestByHand(card, counts);
        const packing = pack(card, layoutOf(card, counts), { cards: 10 });
        expect([packing.needed, packing.bound]).toEqual([least, least]);
        lawful(card, layoutOf(card, counts), { cards: 10 }, packing);
      }),
      { numRuns: 60 },
    );
  });

  test('what costs nothing in the relaxed problem takes no further card', () => {
    const wish = { '1g.24gb+me': 1, '1g.24gb+gfx': 2, '1g.24gb+me.all': 1, '1g.24gb-me': 1, '2g.48gb-me': 1 } as const;
    expect(pack('rtx-pro-6000-blackwell-96gb', wish, { cards: 10 })).toMatchObject({ needed: 2, bound: 2 });
  });

  test.each(CARDS_TRIED)('%s: the bound is reached for a whole facility', (card) => {
    const kinds = profilesOf(card).length;
    const wish = fc.array(fc.oneof(fc.constant(0), fc.nat(60)), { minLength: kinds, maxLength: kinds });
    fc.assert(
      fc.property(wish, (counts) => {
        const options = { cards: 400, perNode: 8 };
        const packing = pack(card, layoutOf(card, counts), options);
        // With as many attributes as an RTX PRO 6000 has, one wish of a thousand is left one card from the bound.
        expect(packing.needed - packing.bound).toBeLessThanOrEqual(kinds > 8 ? 1 : 0);
        expect(packing.needed).toBeGreaterThanOrEqual(packing.bound);
        lawful(card, layoutOf(card, counts), options, packing);
      }),
      { numRuns: 60 },
    );
  });

  test('nodes are filled one after the other, cards that are cut alike beside each other', () => {
    const { cards } = pack('a100-80gb', { '3g.40gb': 4, '1g.10gb': 8 }, { cards: 6, perNode: 2 });

    expect(cards.map(({ node, card, layout }) => [node, card, layout])).toEqual([
      [0, 0, { '3g.40gb': 1, '1g.10gb': 4 }],
      [0, 1, { '3g.40gb': 1, '1g.10gb': 4 }],
      [1, 0, { '3g.40gb': 2 }],
    ]);
  });

  test('what is lost is told', () => {
    const lost = (layout: Layout<'a100-80gb'>) => pack('a100-80gb', layout, { cards: 3 }).leftover.wasted;

    expect(lost({ '3g.40gb': 2, '7g.80gb': 1 })).toEqual({ compute: 1, memoryUnits: 0, memoryGB: 0 });
    expect(lost({ '1g.10gb': 14 })).toEqual({ compute: 0, memoryUnits: 2, memoryGB: 20 });
    // Mixed on two cards, the same profiles lose nothing.
    expect(lost({ '3g.40gb': 2, '1g.10gb': 7 })).toEqual({ compute: 0, memoryUnits: 0, memoryGB: 0 });
    expect(pack('a100-80gb', {}, { cards: 2 })).toMatchObject({ cards: [], needed: 0, bound: 0, left: {}, why: [] });
  });
});

describe('spread over all cards', () => {
  /** The fewest compute slices on the fullest card, by trying every load. */
  const flattestByHand = (card: Card, wish: readonly number[], cards: number) => {
    for (let load = 1; ; load++) {
      const small = within(card, wish).filter((counts) => computeOf(card, layoutOf(card, counts)) <= load);
      let left: ReadonlyMap<number, readonly number[]> = new Map([[codeOf(wish), wish]]);
      for (let used = 0; used < cards; used++) left = afterOneMore(left, small);
      if (left.has(0)) return load;
    }
  };

  test('no card has more compute slices than it must', () => {
    const card = 'a100-80gb';
    const wish = fc.array(fc.nat(2), { minLength: 7, maxLength: 7 }).filter((counts) => counts.some((count) => count > 0));
    fc.assert(
      fc.property(wish, fc.integer({ min: 2, max: 4 }), (counts, cards) => {
        const layout = layoutOf(card, counts);
        fc.pre(fewestByHand(card, counts) <= cards);
        const options: PackOptions = { cards, prefer: 'spread' };
        const packing = pack(card, layout, options);
        lawful(card, layout, options, packing);
        expect(loads(card, packing)[0]).toBe(flattestByHand(card, counts, cards));
      }),
      { numRuns: 25 },
    );
  });

  test('a card of each node in turn, one instance each as long as there are cards', () => {
    const { cards } = pack('a100-80gb', { '3g.40gb': 2, '1g.10gb': 3 }, { cards: 6, perNode: 3, prefer: 'spread' });

    expect(cards.map(({ node, card, layout }) => [node, card, layout])).toEqual([
      [0, 0, { '3g.40gb': 1 }],
      [0, 1, { '1g.10gb': 1 }],
      [0, 2, { '1g.10gb': 1 }],
      [1, 0, { '3g.40gb': 1 }],
      [1, 1, { '1g.10gb': 1 }],
    ]);
  });

  test('the last node has what remains', () => {
    const { cards } = pack('a100-80gb', { '1g.10gb': 5 }, { cards: 5, perNode: 4, prefer: 'spread' });
    expect(cards.map(({ node }) => node)).toEqual([0, 0, 0, 0, 1]);
  });

  test('is no hindrance where the cards are full', () => {
    const packing = pack('a100-80gb', { '4g.40gb': 2, '3g.40gb': 2 }, { cards: 2, prefer: 'spread' });
    expect(packing.cards.map(({ layout }) => layout)).toEqual([
      { '4g.40gb': 1, '3g.40gb': 1 },
      { '4g.40gb': 1, '3g.40gb': 1 },
    ]);
  });
});

describe('too few cards', () => {
  test('says of what, how many would do, and what finds no place', () => {
    const packing = pack('a100-80gb', { '3g.40gb': 5 }, { cards: 2 });

    expect(packing).toMatchObject({ needed: 3, bound: 3, left: { '3g.40gb': 1 } });
    expect(packing.why.map(shortageText)).toEqual([
      '15 compute slices needed, 14 there',
      '20 memory units needed, 16 there',
      '5 × 3g.40gb, at most 4 possible',
      '3 cards needed, 2 there',
    ]);
    expect(refused('EXCEEDS_GPUS', () => checkPack('a100-80gb', { '3g.40gb': 5 }, { cards: 2 }))).toMatchObject({
      given:
        '5 × 3g.40gb on 2 a100-80gb: 15 compute slices needed, 14 there; 20 memory units needed, 16 there; 5 × 3g.40gb, at most 4 possible; 3 cards needed, 2 there',
      fix: 'leave out 1 × 3g.40gb, or add cards',
    });
  });

  test('the sums suffice, and the cards do not', () => {
    const packing = pack('a100-80gb', { '3g.40gb': 3, '1g.20gb': 2, '2g.20gb': 1 }, { cards: 2 });
    expect(packing.why.map(shortageText)).toEqual(['18 memory units needed, 16 there', '3 cards needed, 2 there']);
    const alone = pack('a30-24gb', { '2g.12gb+me': 2, '1g.6gb+me': 1 }, { cards: 2 });
    expect(alone.why.map(shortageText)).toEqual(['3 cards needed, 2 there']);
  });

  test('what fits is packed', () => {
    expect(checkPack('h100-80gb', { '7g.80gb': 3 }, { cards: 3 }).cards).toHaveLength(3);
  });

  test.each([0, -1, 1.5, Number.NaN])('%d is no number of cards', (count) => {
    expect(refused('INVALID_GPU_COUNT', () => pack('h100-80gb', {}, { cards: 4, perNode: count })).allowed).toContain('above 0');
    expect(refused('INVALID_GPU_COUNT', () => pack('h100-80gb', {}, { cards: 4 as never, perNode: count })).fix).toContain('number');
  });
});
