import fc from 'fast-check';
import {
  type GpuModel,
  type Layout,
  leftover,
  type Profile,
  placeInstances,
  placements,
  profilesOf,
  shortageText,
} from '../../../lib/site';
import { type BruteForce, bruteForce, instancesOf, layoutOf, type State, stateOf } from '../../fixtures/gpu';
import { refused } from '../../fixtures/site';

/** Three models with the same geometry: each tests a third of its states. */
const SAME_GEOMETRY = ['a100-80gb', 'a100-40gb', 'h100-80gb'] as const;
const MODELS_TRIED = [...SAME_GEOMETRY, 'rtx-pro-6000-blackwell-96gb', 'a30-24gb'] as const;

const less = (a: readonly number[], b: readonly number[]) => {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
};
const cheapest = (costs: readonly (readonly number[])[]) => costs.reduce((best, cost) => (less(cost, best) ? cost : best));

/** Compares the result with the brute-force search. `added` are all placements of the new instances on an empty GPU. */
function mismatch(
  model: GpuModel,
  search: BruteForce,
  state: State,
  layout: Layout,
  total: string,
  added: readonly State[],
): string | undefined {
  const answer = placeInstances(model, instancesOf(search, state), layout);
  const free = added.filter((placement) => search.conflicting(state, placement) === 0);
  const most = (placement: readonly State[]) => Math.max(...placement.map((all) => search.choices(all)));
  if (answer.fits) {
    const placed = stateOf(search, answer.instances);
    const correct =
      free.includes(placed) &&
      answer.choices === most(free.map((placement) => state | placement)) &&
      answer.choices === search.choices(state | placed);
    return correct ? undefined : 'not the best placement';
  }
  if (free.length > 0) return 'a placement exists';
  if (answer.shortages.length === 0) return 'no shortage';
  const conflicts = (placement: State) => search.conflicting(state, placement);
  const evicting = added.length > 0 ? cheapest(added.map((placement) => search.cost(conflicts(placement)))) : undefined;
  if (!answer.afterEviction !== !evicting) return 'eviction is possible or not';
  if (answer.afterEviction && evicting) {
    const [evicted, placed] = [stateOf(search, answer.afterEviction.evicted), stateOf(search, answer.afterEviction.instances)];
    if (String(search.cost(evicted)) !== String(evicting)) return 'another eviction is cheaper';
    if (!added.includes(placed) || (conflicts(placed) & ~evicted) !== 0 || (evicted & ~state) !== 0)
      return 'the eviction is not sufficient';
    const equals = added
      .filter((placement) => String(search.cost(conflicts(placement))) === String(evicting))
      .map((placement) => (state & ~conflicts(placement)) | placement);
    if (search.choices((state & ~evicted) | placed) < most(equals)) return 'another eviction leaves more choices';
  }
  const together = search.statesByCounts.get(total) ?? [];
  const moving = together.length > 0 ? cheapest(together.map((all) => search.cost(state & ~all))) : undefined;
  if (!answer.afterRecreation !== !moving) return 'recreation is possible or not';
  const all = answer.afterRecreation && stateOf(search, answer.afterRecreation.instances);
  const correct =
    all === undefined || (together.includes(all) && stateOf(search, answer.afterRecreation?.recreated ?? []) === (state & ~all));
  return correct && (all === undefined || String(search.cost(state & ~all)) === String(moving))
    ? undefined
    : 'another recreation is cheaper';
}

const plus = (text: string, counts: readonly number[]) => String(text.split(',').map((count, kind) => Number(count) + (counts[kind] ?? 0)));

describe('a GPU with existing instances: the solver agrees with a brute-force search', () => {
  const tried = MODELS_TRIED.map((model) => [model, bruteForce(model)] as const);
  const statesOf = (model: GpuModel, { states }: BruteForce) => {
    const part = (SAME_GEOMETRY as readonly GpuModel[]).indexOf(model);
    return [...states].filter((_, index) => part < 0 || index % SAME_GEOMETRY.length === part);
  };

  test('models that share the states have the same geometry and cover all states', () => {
    const geometry = (model: GpuModel) => bruteForce(model).slots.map(({ profile: _, ...slot }) => slot);
    expect(SAME_GEOMETRY.map(geometry)).toEqual(SAME_GEOMETRY.map(() => geometry('a100-80gb')));
    const alike = tried.filter(([model]) => (SAME_GEOMETRY as readonly GpuModel[]).includes(model));
    const all = alike.flatMap(([model, search]) => statesOf(model, search));
    expect(new Set(all)).toEqual(alike[0]?.[1].states);
  });

  test.each(tried.map(([model, search]) => [model, statesOf(model, search).length, profilesOf(model).length, search] as const))(
    '%s: %i states, and one more instance of each of %i profiles',
    (model, count, kinds, search) => {
      const states = statesOf(model, search);
      const found = states.flatMap((state) =>
        Array.from({ length: kinds }, (_, kind) => {
          const counts = Array.from({ length: kinds }, (_, other) => (other === kind ? 1 : 0));
          const added = search.statesByCounts.get(String(counts)) ?? [];
          return mismatch(model, search, state, layoutOf(model, counts), plus(search.text(state), counts), added);
        }),
      );

      expect(found.filter((message) => message !== undefined)).toEqual([]);
      expect(found).toHaveLength(states.length * kinds);
      expect(states).toHaveLength(count);
    },
  );

  test.each(tried)('%s: several instances at once', (model, search) => {
    const states = [...search.states];
    const kinds = profilesOf(model).length;
    const several = fc.array(fc.nat(2), { minLength: kinds, maxLength: kinds }).filter((counts) => counts.some((count) => count > 0));
    fc.assert(
      fc.property(fc.nat(states.length - 1), several, (index, counts) => {
        const state = states[index] ?? 0;
        const added = search.statesByCounts.get(String(counts)) ?? [];
        expect(mismatch(model, search, state, layoutOf(model, counts), plus(search.text(state), counts), added)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});

describe('the best placement', () => {
  const held = (...instances: [Profile<'a100-80gb'>, number][]) => instances.map(([profile, start]) => ({ profile, start }));

  test('a first 3g leaves the lower half free for a 4g', () => {
    expect(placeInstances('a100-80gb', [], { '3g.40gb': 1 })).toMatchObject({
      fits: true,
      instances: [{ profile: '3g.40gb', start: 4, units: 4 }],
    });
  });

  test('small instances are placed in the same half of the GPU', () => {
    const first = placeInstances('a100-80gb', held(['1g.10gb', 6]), { '2g.20gb': 1 });
    expect(first).toMatchObject({ fits: true, instances: [{ profile: '2g.20gb', start: 4 }] });
  });

  test('a 1g in each half blocks a 3g: one of them must be deleted or recreated', () => {
    const answer = placeInstances('a100-80gb', held(['1g.10gb', 0], ['1g.10gb', 4]), { '3g.40gb': 1 });

    expect(answer).toMatchObject({
      fits: false,
      afterEviction: { evicted: [{ profile: '1g.10gb', start: 4 }], instances: [{ profile: '3g.40gb', start: 4 }] },
      afterRecreation: { recreated: [{ profile: '1g.10gb', start: 4 }] },
    });
    expect(!answer.fits && answer.shortages.map(shortageText)).toEqual([
      'fragmented: memory units 1, 2, 3, 5, 6, 7 are free, but 3g.40gb must start at 0 (used by 1g.10gb at 0) or 4 (used by 1g.10gb at 4)',
    ]);
  });

  test('a 3g at 0 blocks the only start of a 4g', () => {
    expect(placeInstances('a100-80gb', held(['3g.40gb', 0]), { '4g.40gb': 1 })).toMatchObject({
      fits: false,
      afterRecreation: {
        recreated: [{ profile: '3g.40gb', start: 0 }],
        instances: [
          { profile: '4g.40gb', start: 0 },
          { profile: '3g.40gb', start: 4 },
        ],
      },
    });
  });

  test('no eviction is suggested for a layout that does not fit on an empty GPU', () => {
    const answer = placeInstances('a100-80gb', held(['3g.40gb', 0]), { '4g.40gb': 2 });

    expect(answer).toMatchObject({ fits: false, afterEviction: undefined, afterRecreation: undefined });
    expect(!answer.fits && answer.shortages.map(shortageText)).toEqual([
      '8 compute slices needed, 4 of 7 free',
      '8 memory units needed, 4 of 8 free',
      '2 × 4g.40gb, at most 1 possible',
    ]);
  });

  test('instances that fit separately, but not together', () => {
    const answer = placeInstances('a100-80gb', held(['1g.10gb', 6]), { '2g.20gb': 2, '1g.20gb': 1 });
    expect(answer.fits).toBe(true);
    const full = placeInstances('a100-80gb', held(['1g.10gb', 5]), { '2g.20gb': 3 });
    expect(!full.fits && full.shortages.map(shortageText)).toEqual([
      'fragmented: memory units 0, 1, 2, 3, 4, 6, 7 are free, but the instances do not fit together',
    ]);
  });

  test('keeps the profile names of the driver version', () => {
    expect(placeInstances('gb200-186gb', [{ profile: '1g.24gb', start: 0 }], { '4g.95gb': 1 })).toMatchObject({
      afterRecreation: { recreated: [{ profile: '1g.24gb', start: 0 }], instances: [{ profile: '4g.95gb' }, { profile: '1g.24gb' }] },
    });
  });

  test.each([
    [[['3g.40gb', 2]], 'valid start units are 0, 4'],
    [
      [
        ['4g.40gb', 0],
        ['1g.10gb', 3],
      ],
      'overlaps with 4g.40gb at 0',
    ],
    [
      [
        ['1g.10gb+me', 0],
        ['1g.10gb+me', 1],
      ],
      'not enough media engines',
    ],
  ] as [[Profile<'a100-80gb'>, number][], string][])('invalid existing instances %j', (instances, why) => {
    expect(refused('INVALID_GPU_INSTANCE', () => placeInstances('a100-80gb', held(...instances), {})).given).toContain(why);
    expect(refused('INVALID_GPU_INSTANCE', () => leftover('a100-80gb', held(...instances))).given).toContain(why);
  });
});

describe('unused resources', () => {
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
  ])('with the best placement of %j, %j is unusable', (layout, wasted) => {
    const answer = placeInstances('a100-80gb', [], layout);
    expect(answer.fits && leftover('a100-80gb', answer.instances).wasted).toEqual(wasted);
  });

  test('a 3g at 0 makes a compute slice unusable, a 3g at 4 does not', () => {
    const at = (start: number) => leftover('a100-80gb', [{ profile: '3g.40gb', start }]);
    expect(at(0)).toEqual({ free: { compute: 4, memoryUnits: 4, memoryGB: 40 }, wasted: { compute: 1, memoryUnits: 0, memoryGB: 0 } });
    expect(at(4)).toEqual({ free: { compute: 4, memoryUnits: 4, memoryGB: 40 }, wasted: { compute: 0, memoryUnits: 0, memoryGB: 0 } });
  });

  test('an RTX PRO 6000 has 12 memory units', () => {
    const [placement] = placements('rtx-pro-6000-blackwell-96gb', { '1g.24gb': 1 });
    expect(leftover('rtx-pro-6000-blackwell-96gb', placement ?? []).free).toEqual({ compute: 3, memoryUnits: 9, memoryGB: 72 });
  });
});
