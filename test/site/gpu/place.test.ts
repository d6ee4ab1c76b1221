import fc from 'fast-check';
import { type Card, type Layout, leftover, type Profile, placeInstances, placements, profilesOf, shortageText } from '../../../lib/site';
import { type ByHand, byHand, instancesOf, layoutOf, type State, stateOf } from '../../fixtures/gpu';
import { refused } from '../../fixtures/site';

/** Three cards of one geometry: together they try all of its states, each of them a third. */
const ALIKE = ['a100-80gb', 'a100-40gb', 'h100-80gb'] as const;
const CARDS_TRIED = [...ALIKE, 'rtx-pro-6000-blackwell-96gb', 'a30-24gb'] as const;

const less = (a: readonly number[], b: readonly number[]) => {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
};
const least = (costs: readonly (readonly number[])[]) => costs.reduce((one, other) => (less(other, one) ? other : one));

/** What is wrong with the answer for a card in this state and a wish of which `added` are all ways to place it. */
function wrong(card: Card, hand: ByHand, state: State, wish: Layout, total: string, added: readonly State[]): string | undefined {
  const answer = placeInstances(card, instancesOf(hand, state), wish);
  const free = added.filter((ways) => hand.inTheWay(state, ways) === 0);
  const most = (ways: readonly State[]) => Math.max(...ways.map((all) => hand.choices(all)));
  if (answer.fits) {
    const placed = stateOf(hand, answer.instances);
    const fine =
      free.includes(placed) && answer.choices === most(free.map((ways) => state | ways)) && answer.choices === hand.choices(state | placed);
    return fine ? undefined : 'not the best place';
  }
  if (free.length > 0) return 'there is a place';
  if (answer.why.length === 0) return 'no reason';
  const gone = (ways: State) => hand.inTheWay(state, ways);
  const evicting = added.length > 0 ? least(added.map((ways) => hand.cost(gone(ways)))) : undefined;
  if (!answer.instead !== !evicting) return 'whether others can go';
  if (answer.instead && evicting) {
    const [evicted, placed] = [stateOf(hand, answer.instead.evicted), stateOf(hand, answer.instead.instances)];
    if (String(hand.cost(evicted)) !== String(evicting)) return 'others would cost less';
    if (!added.includes(placed) || (gone(placed) & ~evicted) !== 0 || (evicted & ~state) !== 0) return 'evicting is not enough';
    const equals = added.filter((ways) => String(hand.cost(gone(ways))) === String(evicting)).map((ways) => (state & ~gone(ways)) | ways);
    if (hand.choices((state & ~evicted) | placed) < most(equals)) return 'others would leave more choices';
  }
  const relaid = hand.having.get(total) ?? [];
  const moving = relaid.length > 0 ? least(relaid.map((all) => hand.cost(state & ~all))) : undefined;
  if (!answer.relaid !== !moving) return 'whether all fit in another order';
  const all = answer.relaid && stateOf(hand, answer.relaid.instances);
  const fine = all === undefined || (relaid.includes(all) && stateOf(hand, answer.relaid?.moved ?? []) === (state & ~all));
  return fine && (all === undefined || String(hand.cost(state & ~all)) === String(moving)) ? undefined : 'moving others is cheaper';
}

const plus = (text: string, counts: readonly number[]) => String(text.split(',').map((count, kind) => Number(count) + (counts[kind] ?? 0)));

describe('a card that holds something: the solver and all placements tried by hand agree', () => {
  const tried = CARDS_TRIED.map((card) => [card, byHand(card)] as const);
  const statesOf = (card: Card, { states }: ByHand) => {
    const part = (ALIKE as readonly Card[]).indexOf(card);
    return [...states].filter((_, index) => part < 0 || index % ALIKE.length === part);
  };

  test('cards that share the states among them have the same geometry', () => {
    const geometry = (card: Card) => byHand(card).seats.map(({ profile: _, ...seat }) => seat);
    expect(ALIKE.map(geometry)).toEqual(ALIKE.map(() => geometry('a100-80gb')));
    const alike = tried.filter(([card]) => (ALIKE as readonly Card[]).includes(card));
    const all = alike.flatMap(([card, hand]) => statesOf(card, hand));
    expect(new Set(all)).toEqual(alike[0]?.[1].states);
  });

  test.each(tried.map(([card, hand]) => [card, statesOf(card, hand).length, profilesOf(card).length, hand] as const))(
    '%s: %i ways to be filled, and one more instance of each of %i profiles',
    (card, count, kinds, hand) => {
      const states = statesOf(card, hand);
      const found = states.flatMap((state) =>
        Array.from({ length: kinds }, (_, kind) => {
          const counts = Array.from({ length: kinds }, (_, other) => (other === kind ? 1 : 0));
          const added = hand.having.get(String(counts)) ?? [];
          return wrong(card, hand, state, layoutOf(card, counts), plus(hand.text(state), counts), added);
        }),
      );

      expect(found.filter((message) => message !== undefined)).toEqual([]);
      expect(found).toHaveLength(states.length * kinds);
      expect(states).toHaveLength(count);
    },
  );

  test.each(tried)('%s: several instances at once', (card, hand) => {
    const states = [...hand.states];
    const kinds = profilesOf(card).length;
    const several = fc.array(fc.nat(2), { minLength: kinds, maxLength: kinds }).filter((counts) => counts.some((count) => count > 0));
    fc.assert(
      fc.property(fc.nat(states.length - 1), several, (index, counts) => {
        const state = states[index] ?? 0;
        const added = hand.having.get(String(counts)) ?? [];
        expect(wrong(card, hand, state, layoutOf(card, counts), plus(hand.text(state), counts), added)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});

describe('the best place', () => {
  const held = (...instances: [Profile<'a100-80gb'>, number][]) => instances.map(([profile, start]) => ({ profile, start }));

  test('a first 3g leaves the low half to a 4g', () => {
    expect(placeInstances('a100-80gb', [], { '3g.40gb': 1 })).toMatchObject({
      fits: true,
      instances: [{ profile: '3g.40gb', start: 4, units: 4 }],
    });
  });

  test('small instances share a half of the card', () => {
    const first = placeInstances('a100-80gb', held(['1g.10gb', 6]), { '2g.20gb': 1 });
    expect(first).toMatchObject({ fits: true, instances: [{ profile: '2g.20gb', start: 4 }] });
  });

  test('two 1g in both halves: a 3g has no start, one of them has to go or to move', () => {
    const answer = placeInstances('a100-80gb', held(['1g.10gb', 0], ['1g.10gb', 4]), { '3g.40gb': 1 });

    expect(answer).toMatchObject({
      fits: false,
      instead: { evicted: [{ profile: '1g.10gb', start: 4 }], instances: [{ profile: '3g.40gb', start: 4 }] },
      relaid: { moved: [{ profile: '1g.10gb', start: 4 }] },
    });
    expect(!answer.fits && answer.why.map(shortageText)).toEqual([
      'fragmented: memory units 1, 2, 3, 5, 6, 7 are free, but 3g.40gb starts at 0 (1g.10gb at 0 is there) or 4 (1g.10gb at 4 is there)',
    ]);
  });

  test('a 3g at 0 blocks the only start of a 4g', () => {
    expect(placeInstances('a100-80gb', held(['3g.40gb', 0]), { '4g.40gb': 1 })).toMatchObject({
      fits: false,
      relaid: {
        moved: [{ profile: '3g.40gb', start: 0 }],
        instances: [
          { profile: '4g.40gb', start: 0 },
          { profile: '3g.40gb', start: 4 },
        ],
      },
    });
  });

  test('what does not fit an empty card asks nobody to go', () => {
    const answer = placeInstances('a100-80gb', held(['3g.40gb', 0]), { '4g.40gb': 2 });

    expect(answer).toMatchObject({ fits: false, instead: undefined, relaid: undefined });
    expect(!answer.fits && answer.why.map(shortageText)).toEqual([
      '8 compute slices needed, 4 of 7 free',
      '8 memory units needed, 4 of 8 free',
      '2 × 4g.40gb, at most 1 possible',
    ]);
  });

  test('each alone would find a place, both together do not', () => {
    const answer = placeInstances('a100-80gb', held(['1g.10gb', 6]), { '2g.20gb': 2, '1g.20gb': 1 });
    expect(answer.fits).toBe(true);
    const full = placeInstances('a100-80gb', held(['1g.10gb', 5]), { '2g.20gb': 3 });
    expect(!full.fits && full.why.map(shortageText)).toEqual([
      'fragmented: memory units 0, 1, 2, 3, 4, 6, 7 are free, but together the instances find no place in them',
    ]);
  });

  test('names of the driver are kept', () => {
    expect(placeInstances('gb200-186gb', [{ profile: '1g.24gb', start: 0 }], { '4g.95gb': 1 })).toMatchObject({
      relaid: { moved: [{ profile: '1g.24gb', start: 0 }], instances: [{ profile: '4g.95gb' }, { profile: '1g.24gb' }] },
    });
  });

  test.each([
    [[['3g.40gb', 2]], 'it starts at 0, 4'],
    [
      [
        ['4g.40gb', 0],
        ['1g.10gb', 3],
      ],
      '4g.40gb at 0 is there',
    ],
    [
      [
        ['1g.10gb+me', 0],
        ['1g.10gb+me', 1],
      ],
      'not enough media engines',
    ],
  ] as [[Profile<'a100-80gb'>, number][], string][])('no card holds %j', (instances, why) => {
    expect(refused('INVALID_GPU_INSTANCE', () => placeInstances('a100-80gb', held(...instances), {})).given).toContain(why);
    expect(refused('INVALID_GPU_INSTANCE', () => leftover('a100-80gb', held(...instances))).given).toContain(why);
  });
});

describe('what is left', () => {
  test.each([
    [{ '3g.40gb': 2 }, { compute: 1, memoryUnits: 0, memoryGB: 0 }],
    [{ '1g.10gb': 7 }, { compute: 0, memoryUnits: 1, memoryGB: 10 }],
    [{ '1g.20gb': 4 }, { compute: 3, memoryUnits: 0, memoryGB: 0 }],
    [
      { '2g.20gb': 3, '1g.10gb': 1 },
      { compute: 0, memoryUnits: 1, memoryGB: 10 },
    ],
    [
      { '2g.20gb': 3, '1g.20gb': 1 },
      { compute: 0, memoryUnits: 0, memoryGB: 0 },
    ],
    [{ '3g.40gb': 1 }, { compute: 0, memoryUnits: 0, memoryGB: 0 }],
    [{}, { compute: 0, memoryUnits: 0, memoryGB: 0 }],
  ])('of %j, as it is placed best, %j is lost', (layout, wasted) => {
    const answer = placeInstances('a100-80gb', [], layout);
    expect(answer.fits && leftover('a100-80gb', answer.instances).wasted).toEqual(wasted);
  });

  test('a 3g at 0 loses a compute slice that a 3g at 4 does not', () => {
    const at = (start: number) => leftover('a100-80gb', [{ profile: '3g.40gb', start }]);
    expect(at(0)).toEqual({ free: { compute: 4, memoryUnits: 4, memoryGB: 40 }, wasted: { compute: 1, memoryUnits: 0, memoryGB: 0 } });
    expect(at(4)).toEqual({ free: { compute: 4, memoryUnits: 4, memoryGB: 40 }, wasted: { compute: 0, memoryUnits: 0, memoryGB: 0 } });
  });

  test('units are a twelfth of an RTX PRO 6000', () => {
    const [way] = placements('rtx-pro-6000-blackwell-96gb', { '1g.24gb': 1 });
    expect(leftover('rtx-pro-6000-blackwell-96gb', way ?? []).free).toEqual({ compute: 3, memoryUnits: 9, memoryGB: 72 });
  });
});
