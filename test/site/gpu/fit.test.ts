import {
  fits,
  GPU_MODELS,
  type GpuModel,
  type GpuModelSpec,
  type Layout,
  layoutShortages,
  layoutText,
  nearestLayouts,
  placements,
  profileFacts,
  profilesOf,
  shortageText,
} from '../../../lib/site';
import { bruteForce, layoutOf, multisets, stateOf } from '../../fixtures/gpu';

type Counts = Readonly<Record<string, number>>;

const row = (model: GpuModel): GpuModelSpec => GPU_MODELS[model];
const models = (Object.keys(GPU_MODELS) as GpuModel[]).filter((model) => row(model).placements !== 'unknown');
describe('an empty GPU: the solver agrees with a brute-force search', () => {
  const layouts = models.map((model) => [model, multisets(profilesOf(model).length, row(model).maxInstances)] as const);

  test.each(layouts.map(([model, all]) => [model, all.length, all] as const))(
    '%s: %i layouts with up to the maximum number of instances',
    (model, _, all) => {
      const search = bruteForce(model);
      const placementCounts = new Map<string, number>();
      for (const state of search.states) placementCounts.set(search.text(state), (placementCounts.get(search.text(state)) ?? 0) + 1);

      const wrong = all.filter((counts) => {
        const layout = layoutOf(model, counts);
        const expected = search.statesByCounts.get(String(counts))?.length ?? 0;
        const placed = placements(model, layout).map((placement) => stateOf(search, placement));
        const why = layoutShortages(model, layout);
        return !(
          fits(model, layout) === expected > 0 &&
          placed.length === expected &&
          new Set(placed).size === expected &&
          placed.every((state) => search.text(state) === String(counts)) &&
          // An empty GPU is never fragmented: totals and limits are sufficient reasons.
          why.length > 0 === (expected === 0) &&
          why.every(({ of }) => of !== 'contiguous memory units')
        );
      });

      expect(wrong).toEqual([]);
      expect(all.filter((counts) => search.statesByCounts.has(String(counts)))).toHaveLength(search.statesByCounts.size);
    },
  );
});

describe('published facts about the geometries', () => {
  // Published counts: 19 maximal placements of basic profiles on an A100.
  test.each([
    ['a100-40gb', ['1g.5gb', '2g.10gb', '3g.20gb', '4g.20gb', '7g.40gb'], 298, 19, 37],
    ['a100-40gb', ['1g.5gb', '1g.10gb', '2g.10gb', '3g.20gb', '4g.20gb', '7g.40gb'], 723, 78, 77],
    ['a30-24gb', ['1g.6gb', '2g.12gb', '4g.24gb'], 26, 5, 9],
    ['rtx-pro-6000-blackwell-96gb', ['1g.24gb', '2g.48gb', '4g.96gb'], 26, 5, 9],
  ] as const)('%s with %j', (model, profiles: readonly string[], sets, maximal, layouts) => {
    const kinds = (profilesOf(model) as readonly string[]).map((profile) => profiles.includes(profile));
    const possible = multisets(kinds.length, 7).filter(
      (counts) => counts.every((count, kind) => count === 0 || kinds[kind]) && fits(model, layoutOf(model, counts)),
    );
    const found = possible.flatMap((counts) => placements(model, layoutOf(model, counts)));
    const texts = found.map((placement) => new Set(placement.map(({ profile, start }) => `${profile}@${start}`)));
    const largest = texts.filter(
      (placement) => !texts.some((other) => other.size > placement.size && [...placement].every((instance) => other.has(instance))),
    );

    // The empty placement is counted in `sets`, but not as a layout.
    expect([found.length, largest.length, possible.length - 1]).toEqual([sets, maximal, layouts]);
  });

  test.each([
    ['4g.40gb 3g.40gb', true],
    ['3g.40gb 3g.40gb', true],
    ['3g.40gb 2g.20gb 2g.20gb', true],
    ['3g.40gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb', true],
    ['2g.20gb 2g.20gb 2g.20gb 1g.20gb', true],
    ['1g.20gb 1g.20gb 1g.20gb 1g.20gb', true],
    ['3g.40gb 3g.40gb 1g.10gb', false],
    ['4g.40gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb', false],
    ['3g.40gb 2g.20gb 1g.10gb 1g.10gb 1g.10gb', false],
    ['4g.40gb 2g.20gb 2g.20gb', false],
    ['7g.80gb 1g.10gb', false],
    ['1g.10gb 1g.10gb+me', true],
  ])('%s on an A100 80GB: %s', (names, expected) => {
    const layout: Record<string, number> = {};
    for (const name of names.split(' ')) layout[name] = (layout[name] ?? 0) + 1;

    expect(fits('a100-80gb', layout)).toBe(expected);
  });

  test('3g and four 1g: the 3g must start at 4', () => {
    expect(placements('h100-80gb', { '3g.40gb': 1, '1g.10gb': 4 }).map((placement) => placement.at(-1))).toEqual([
      { profile: '3g.40gb', start: 4, units: 4 },
    ]);
  });
});

describe('media engines', () => {
  const blackwell = 'rtx-pro-6000-blackwell-96gb';

  test('+me.all allows only -me instances besides it', () => {
    expect(fits(blackwell, { '1g.24gb+me.all': 1, '1g.24gb-me': 3 })).toBe(true);
    expect(fits(blackwell, { '1g.24gb+me.all': 1, '1g.24gb': 1 })).toBe(false);
    expect(fits(blackwell, { '1g.24gb+me.all': 1, '1g.24gb+gfx': 1 })).toBe(false);
    expect(nearestLayouts(blackwell, { '1g.24gb+me.all': 1, '1g.24gb': 1 })).toContainEqual({ '1g.24gb-me': 1, '1g.24gb+me.all': 1 });
  });

  test('only one instance of a GPU can have +me, independent of its size', () => {
    expect(fits('a30-24gb', { '2g.12gb+me': 1, '1g.6gb': 2 })).toBe(true);
    expect(layoutShortages('a30-24gb', { '2g.12gb+me': 1, '1g.6gb+me': 1 }).map(shortageText)).toEqual([
      'not enough media engines for 1g.6gb+me and 2g.12gb+me',
    ]);
  });
});

describe('nearest layouts', () => {
  /** The documented distance, computed only from profile properties. */
  const distances = (model: GpuModel) => {
    const facts = profilesOf(model).map((name) => profileFacts(model, name as never));
    return (from: Layout, to: Layout) => {
      const sums = { more: 0, fewer: 0, compute: 0, units: 0 };
      for (const { name, compute, memoryUnits = 0 } of facts) {
        const more = ((to as Counts)[name] ?? 0) - ((from as Counts)[name] ?? 0);
        if (more > 0) sums.more += more;
        else sums.fewer -= more;
        sums.compute += more * compute;
        sums.units += more * memoryUnits;
      }
      return [Math.max(sums.more, sums.fewer), Math.abs(sums.compute), Math.abs(sums.units)];
    };
  };
  const before = (a: readonly number[], b: readonly number[]) => {
    const at = a.findIndex((value, index) => value !== b[index]);
    return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
  };

  test.each(['a30-24gb', 'a100-40gb', 'rtx-pro-6000-blackwell-96gb'] as const)('%s: no other layout that fits is nearer', (model) => {
    const plain = (layout: Layout) => Object.keys(layout).every((name) => /gb$/.test(name));
    const all = multisets(profilesOf(model).length, row(model).maxInstances)
      .map((counts) => layoutOf(model, counts))
      .filter(plain);
    const possible = all.filter((layout) => fits(model, layout) && Object.keys(layout).length > 0);
    const distance = distances(model);
    // Of the 3432 layouts of an A100, every third is tested.
    const tried = all.filter((_, index) => all.length < 1000 || index % 3 === 0);
    const wrong = tried.filter((layout) => {
      const near = nearestLayouts(model, layout);
      if (fits(model, layout)) return near.length !== 1 || near[0] !== layout;
      const [first] = near.map((other) => distance(layout, other));
      const legal = near.every((other) => fits(model, other) && plain(other) && distance(layout, other)[0] === first?.[0]);
      return !legal || !first || near.length > 3 || possible.some((other) => before(distance(layout, other), first));
    });

    expect(wrong.map((layout) => layoutText(layout))).toEqual([]);
  });

  test('suggest only requested attributes', () => {
    expect(nearestLayouts('a100-80gb', { '3g.40gb': 3 })).toEqual([{ '3g.40gb': 2 }]);
    expect(nearestLayouts('a100-80gb', { '4g.40gb': 1, '3g.40gb': 1, '1g.10gb': 1 }).map((layout) => layoutText(layout))).toEqual([
      '1 × 4g.40gb + 1 × 3g.40gb',
      '1 × 4g.40gb + 1 × 2g.20gb + 1 × 1g.10gb',
      '1 × 4g.40gb + 1 × 1g.20gb + 1 × 1g.10gb',
    ]);
    expect(nearestLayouts('a100-80gb', { '4g.40gb': 2 }, 1)).toEqual([{ '4g.40gb': 1, '3g.40gb': 1 }]);
  });

  test('keep the profile names of the driver version', () => {
    expect(nearestLayouts('gb200-186gb', { '1g.24gb': 8 })).toEqual([{ '1g.24gb': 7 }]);
  });
});
