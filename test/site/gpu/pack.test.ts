import fc from 'fast-check';
import {
  checkPack,
  fits,
  type GpuModel,
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

const MODELS_TRIED = ['a30-24gb', 'a100-80gb', 'rtx-pro-6000-blackwell-96gb'] as const;

/** All layouts that fit on one GPU, as counts. */
const possible = new Map<GpuModel, readonly number[][]>();
const layoutsOf = (model: GpuModel) => {
  const known = possible.get(model) ?? multisets(profilesOf(model).length, 7).filter((counts) => fits(model, layoutOf(model, counts)));
  possible.set(model, known);
  return known;
};

/** Encodes counts below 10 as a number. */
const codeOf = (counts: readonly number[]) => counts.reduce((code, count) => code * 10 + count, 0);

/** All possible remainders after one more GPU is filled with one of the layouts. */
function afterOneGpu(left: ReadonlyMap<number, readonly number[]>, layouts: readonly (readonly number[])[]) {
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

/** Layouts of one GPU that do not exceed the demand. */
const sublayouts = (model: GpuModel, demand: readonly number[]) =>
  layoutsOf(model).filter((layout) => layout.every((count, kind) => count <= (demand[kind] ?? 0)));

/** Minimal number of GPUs, by trying every layout for each GPU in turn. */
function fewestByBruteForce(model: GpuModel, demand: readonly number[]): number {
  const layouts = sublayouts(model, demand);
  let left: ReadonlyMap<number, readonly number[]> = new Map([[codeOf(demand), demand]]);
  for (let gpus = 0; ; gpus++) {
    if (left.has(0)) return gpus;
    left = afterOneGpu(left, layouts);
  }
}

const added = (layouts: readonly Layout[]): Record<string, number> => {
  const all: Record<string, number> = {};
  for (const layout of layouts)
    for (const [name, count] of Object.entries<number | undefined>(layout)) all[name] = (all[name] ?? 0) + (count ?? 0);
  return all;
};
const computeOf = (model: GpuModel, layout: Layout) =>
  Object.entries<number | undefined>(layout).reduce(
    (all, [name, count]) => all + profileFacts(model, name as never).compute * (count ?? 0),
    0,
  );
const loads = (model: GpuModel, packing: Packing) => packing.gpus.map(({ layout }) => computeOf(model, layout)).sort((a, b) => b - a);

/** Invariants of every packing. */
function expectValid(model: GpuModel, demand: Layout, options: PackOptions, packing: Packing): void {
  const slots = packing.gpus.map(({ node, gpu: place }) => node * (options.perNode ?? options.gpus) + place);
  expect(packing.gpus.every(({ layout }) => fits(model, layout))).toBe(true);
  expect(
    packing.gpus.every(
      ({ layout, instances }) =>
        String(Object.entries(layout).sort()) === String(Object.entries(added(instances.map(({ profile }) => ({ [profile]: 1 })))).sort()),
    ),
  ).toBe(true);
  expect(new Set(slots).size).toBe(slots.length);
  expect(slots.every((slot) => slot < options.gpus)).toBe(true);
  expect(packing.gpus.every(({ gpu: place }) => place < (options.perNode ?? options.gpus))).toBe(true);
  expect(added([...packing.gpus.map(({ layout }) => layout), packing.unplaced])).toEqual(demand);
  expect(packing.shortages.length > 0).toBe(Object.keys(packing.unplaced).length > 0);
  expect(packing.needed > options.gpus).toBe(packing.shortages.length > 0);
}

describe('as few GPUs as possible', () => {
  test.each(MODELS_TRIED)('%s: the result is the minimum of a brute-force search, and proven minimal', (model) => {
    const kinds = profilesOf(model).length;
    const demand = fc
      .array(fc.nat(kinds > 8 ? 2 : 4), { minLength: kinds, maxLength: kinds })
      .filter((counts) => counts.reduce((all, count) => all + count, 0) <= 10);
    fc.assert(
      fc.property(demand, (counts) => {
        const least = fewestByBruteForce(model, counts);
        const packing = pack(model, layoutOf(model, counts), { gpus: 10 });
        expect([packing.needed, packing.bound]).toEqual([least, least]);
        expectValid(model, layoutOf(model, counts), { gpus: 10 }, packing);
      }),
      { numRuns: 60 },
    );
  });

  test('instances with price 0 in the relaxation need no further GPU', () => {
    const demand = { '1g.24gb+me': 1, '1g.24gb+gfx': 2, '1g.24gb+me.all': 1, '1g.24gb-me': 1, '2g.48gb-me': 1 } as const;
    expect(pack('rtx-pro-6000-blackwell-96gb', demand, { gpus: 10 })).toMatchObject({ needed: 2, bound: 2 });
  });

  test.each(MODELS_TRIED)('%s: the lower bound is reached with up to 400 GPUs', (model) => {
    const kinds = profilesOf(model).length;
    const demand = fc.array(fc.oneof(fc.constant(0), fc.nat(60)), { minLength: kinds, maxLength: kinds });
    fc.assert(
      fc.property(demand, (counts) => {
        const options = { gpus: 400, perNode: 8 };
        const packing = pack(model, layoutOf(model, counts), options);
        // With the attributes of an RTX PRO 6000, about one of a thousand demands needs one GPU more than the bound.
        expect(packing.needed - packing.bound).toBeLessThanOrEqual(kinds > 8 ? 1 : 0);
        expect(packing.needed).toBeGreaterThanOrEqual(packing.bound);
        expectValid(model, layoutOf(model, counts), options, packing);
      }),
      { numRuns: 60 },
    );
  });

  test('nodes are filled one after the other, GPUs with the same layout are adjacent', () => {
    const { gpus } = pack('a100-80gb', { '3g.40gb': 4, '1g.10gb': 8 }, { gpus: 6, perNode: 2 });

    expect(gpus.map(({ node, gpu, layout }) => [node, gpu, layout])).toEqual([
      [0, 0, { '3g.40gb': 1, '1g.10gb': 4 }],
      [0, 1, { '3g.40gb': 1, '1g.10gb': 4 }],
      [1, 0, { '3g.40gb': 2 }],
    ]);
  });

  test('reports resources that no further instance can use', () => {
    const wasted = (layout: Layout<'a100-80gb'>) => pack('a100-80gb', layout, { gpus: 3 }).leftover.wasted;

    expect(wasted({ '3g.40gb': 2, '7g.80gb': 1 })).toEqual({ compute: 1, memoryUnits: 0, memoryGB: 0 });
    expect(wasted({ '1g.10gb': 14 })).toEqual({ compute: 0, memoryUnits: 2, memoryGB: 20 });
    // If 3g and 1g are combined on each GPU, everything is usable.
    expect(wasted({ '3g.40gb': 2, '1g.10gb': 7 })).toEqual({ compute: 0, memoryUnits: 0, memoryGB: 0 });
    expect(pack('a100-80gb', {}, { gpus: 2 })).toMatchObject({ gpus: [], needed: 0, bound: 0, unplaced: {}, shortages: [] });
  });
});

describe('spread over all GPUs', () => {
  /** The lowest load (compute slices) of the fullest GPU, by trying every load. */
  const lowestLoadByBruteForce = (model: GpuModel, demand: readonly number[], gpus: number) => {
    for (let load = 1; ; load++) {
      const small = sublayouts(model, demand).filter((counts) => computeOf(model, layoutOf(model, counts)) <= load);
      let left: ReadonlyMap<number, readonly number[]> = new Map([[codeOf(demand), demand]]);
      for (let used = 0; used < gpus; used++) left = afterOneGpu(left, small);
      if (left.has(0)) return load;
    }
  };

  test('the fullest GPU has as few compute slices as possible', () => {
    const model = 'a100-80gb';
    const demand = fc.array(fc.nat(2), { minLength: 7, maxLength: 7 }).filter((counts) => counts.some((count) => count > 0));
    fc.assert(
      fc.property(demand, fc.integer({ min: 2, max: 4 }), (counts, gpus) => {
        const layout = layoutOf(model, counts);
        fc.pre(fewestByBruteForce(model, counts) <= gpus);
        const options: PackOptions = { gpus, prefer: 'spread' };
        const packing = pack(model, layout, options);
        expectValid(model, layout, options, packing);
        expect(loads(model, packing)[0]).toBe(lowestLoadByBruteForce(model, counts, gpus));
      }),
      { numRuns: 25 },
    );
  });

  test('uses one GPU of each node in turn, with one instance each', () => {
    const { gpus } = pack('a100-80gb', { '3g.40gb': 2, '1g.10gb': 3 }, { gpus: 6, perNode: 3, prefer: 'spread' });

    expect(gpus.map(({ node, gpu, layout }) => [node, gpu, layout])).toEqual([
      [0, 0, { '3g.40gb': 1 }],
      [0, 1, { '1g.10gb': 1 }],
      [0, 2, { '1g.10gb': 1 }],
      [1, 0, { '3g.40gb': 1 }],
      [1, 1, { '1g.10gb': 1 }],
    ]);
  });

  test('the last node may have fewer GPUs', () => {
    const { gpus } = pack('a100-80gb', { '1g.10gb': 5 }, { gpus: 5, perNode: 4, prefer: 'spread' });
    expect(gpus.map(({ node }) => node)).toEqual([0, 0, 0, 0, 1]);
  });

  test('also fills all GPUs completely', () => {
    const packing = pack('a100-80gb', { '4g.40gb': 2, '3g.40gb': 2 }, { gpus: 2, prefer: 'spread' });
    expect(packing.gpus.map(({ layout }) => layout)).toEqual([
      { '4g.40gb': 1, '3g.40gb': 1 },
      { '4g.40gb': 1, '3g.40gb': 1 },
    ]);
  });
});

describe('too few GPUs', () => {
  test('reports shortages, the number of GPUs needed and the unplaced instances', () => {
    const packing = pack('a100-80gb', { '3g.40gb': 5 }, { gpus: 2 });

    expect(packing).toMatchObject({ needed: 3, bound: 3, unplaced: { '3g.40gb': 1 } });
    expect(packing.shortages.map(shortageText)).toEqual([
      '15 compute slices needed, 14 available',
      '20 memory units needed, 16 available',
      '5 × 3g.40gb, at most 4 possible',
      '3 GPUs needed, 2 available',
    ]);
    expect(refused('EXCEEDS_GPUS', () => checkPack('a100-80gb', { '3g.40gb': 5 }, { gpus: 2 }))).toMatchObject({
      given:
        '5 × 3g.40gb on 2 a100-80gb: 15 compute slices needed, 14 available; 20 memory units needed, 16 available; 5 × 3g.40gb, at most 4 possible; 3 GPUs needed, 2 available',
      fix: 'remove 1 × 3g.40gb, or add GPUs',
    });
  });

  test('totals are sufficient, but the instances do not fit', () => {
    const packing = pack('a100-80gb', { '3g.40gb': 3, '1g.20gb': 2, '2g.20gb': 1 }, { gpus: 2 });
    expect(packing.shortages.map(shortageText)).toEqual(['18 memory units needed, 16 available', '3 GPUs needed, 2 available']);
    const attributes = pack('a30-24gb', { '2g.12gb+me': 2, '1g.6gb+me': 1 }, { gpus: 2 });
    expect(attributes.shortages.map(shortageText)).toEqual(['3 GPUs needed, 2 available']);
  });

  test('checkPack returns the packing if everything fits', () => {
    expect(checkPack('h100-80gb', { '7g.80gb': 3 }, { gpus: 3 }).gpus).toHaveLength(3);
  });

  test.each([0, -1, 1.5, Number.NaN])('invalid number of GPUs %d', (count) => {
    expect(refused('INVALID_GPU_COUNT', () => pack('h100-80gb', {}, { gpus: 4, perNode: count })).allowed).toContain('positive integer');
    expect(refused('INVALID_GPU_COUNT', () => pack('h100-80gb', {}, { gpus: 4 as never, perNode: count })).fix).toContain(
      'positive integer',
    );
  });
});
