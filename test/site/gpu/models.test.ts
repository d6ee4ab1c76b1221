import {
  checkLayout,
  fits,
  GPU_MODELS,
  type GpuModel,
  type GpuModelSpec,
  type Layout,
  layoutText,
  layoutWarnings,
  migConfigPart,
  migLabel,
  migPartedKey,
  migProductSuffix,
  migResource,
  type Profile,
  placements,
  profileFacts,
  profilesOf,
} from '../../../lib/site';
import { checkLabel } from '../../../lib/site/validation';
import { refused } from '../../fixtures/site';

const models = Object.keys(GPU_MODELS) as GpuModel[];
const all = models.flatMap((model) =>
  profilesOf(model).flatMap((profile) => profileFacts(model, profile).names.map((name) => [model, name] as const)),
);
/** A value that TypeScript rejects, but that JSON input may contain. */
const untyped = (value: unknown) => value as never;

describe('GPU models', () => {
  test('a profile name contains its compute slices and attribute', () => {
    for (const [model, name] of all) {
      const { compute, attribute } = profileFacts(model, name);
      expect(name).toMatch(new RegExp(`^${compute}g\\.\\d+gb${(attribute ?? '').replaceAll(/[+.]/g, '\\$&')}$`));
    }
  });

  test('memory ranges are within the GPU, and ranges of a profile do not overlap', () => {
    for (const [model, name] of all) {
      const { memoryUnits = 0, starts = [], max, attribute } = profileFacts(model, name);
      const units = Math.max(0, ...profilesOf(model).map((profile) => profileFacts(model, profile).memoryUnits ?? 0));
      expect(starts.every((start, index) => start + memoryUnits <= (starts[index + 1] ?? units))).toBe(true);
      if (starts.length > 0) expect(max).toBe(attribute === '+me' || attribute === '+me.all' ? 1 : starts.length);
    }
  });

  test('names of other driver versions are the same profile', () => {
    expect(profileFacts('gb200-186gb', '1g.24gb+me')).toEqual({ ...profileFacts('gb200-186gb', '1g.23gb+me'), name: '1g.24gb+me' });
    expect(profileFacts('a100-80gb', '3g.39gb')).toMatchObject({ listed: '3g.40gb', compute: 3, memoryUnits: 4 });
  });
});

describe('names of a profile', () => {
  test.each([
    ['1g.10gb', '1g.10gb', 'nvidia.com/mig-1g.10gb', '-MIG-1g.10gb'],
    ['1g.10gb+me', '1g.10gb.me', 'nvidia.com/mig-1g.10gb.me', '-MIG-1g.10gbme'],
    ['1g.24gb+me.all', '1g.24gb.me.all', 'nvidia.com/mig-1g.24gb.me.all', '-MIG-1g.24gbme.all'],
    ['2g.48gb-me', '2g.48gb-me', 'nvidia.com/mig-2g.48gb-me', '-MIG-2g.48gb-me'],
  ] as const)('%s', (profile, part, resource, suffix) => {
    expect([migPartedKey(profile), migConfigPart(profile), migResource(profile), migProductSuffix(profile)]).toEqual([
      profile,
      part,
      resource,
      suffix,
    ]);
    expect(migLabel(profile, 'slices.gi')).toBe(`${resource}.slices.gi`);
  });

  test('all names are valid labels and resources in Kubernetes', () => {
    for (const [, name] of all) {
      expect(() => checkLabel(migLabel(name, 'multiprocessors'), `NVIDIA-A100-SXM4-80GB${migProductSuffix(name)}`)).not.toThrow();
      expect(() => checkLabel(migResource(name), `all-${migConfigPart(name)}`)).not.toThrow();
    }
  });
});

describe('invalid layouts', () => {
  const unfit = <C extends GpuModel>(model: C, layout: Layout<C>) => refused('EXCEEDS_GPU_LAYOUT', () => checkLayout(model, layout));

  test('three 3g on one GPU', () => {
    expect(unfit('a100-80gb', { '3g.40gb': 3 })).toMatchObject({
      given:
        '3 × 3g.40gb on one a100-80gb: 9 compute slices needed, 7 available; 12 memory units needed, 8 available; 3 × 3g.40gb, at most 2 possible',
      allowed: 'the nearest layouts that fit: 2 × 3g.40gb',
      fix: 'use one of these layouts, or distribute the instances over more GPUs',
    });
  });

  test('4g, 3g and 1g: the first two need all memory units and compute slices', () => {
    const { given, allowed } = unfit('a100-80gb', { '4g.40gb': 1, '3g.40gb': 1, '1g.10gb': 1 });
    expect(given).toContain('8 compute slices needed, 7 available; 9 memory units needed, 8 available');
    expect(allowed).toMatch(/fit: 1 × 4g\.40gb \+ 1 × 3g\.40gb, or /);
  });

  test('a profile name with double memory on this model', () => {
    const { given, fix } = unfit('a100-40gb', { '1g.10gb': 7 });
    expect(given).toContain('14 memory units needed, 8 available; 7 × 1g.10gb, at most 4 possible');
    expect(fix).toContain('at most 4), but the basic 1g slice on a100-80gb, h100-80gb');
    expect(() => checkLayout('a100-40gb', { '1g.10gb': 4 })).not.toThrow();
  });

  test('an unknown GPU model', () => {
    expect(refused('UNKNOWN_GPU_MODEL', () => fits(untyped('a100-80'), {})).fix).toBe("write 'a100-80gb'");
    expect(refused('UNKNOWN_GPU_MODEL', () => fits(untyped('toString'), {})).allowed).toContain('h100-80gb');
  });

  test.each([
    ['3g.40gb', "'3g.40gb' is a profile of a100-80gb, h100-80gb; write 3g.20gb"],
    ['1g.5gb.me', "write '1g.5gb+me'"],
    ['nvidia.com/mig-1g.5gb', "write '1g.5gb'"],
    ['1c.3g.20gb', 'write the profile of the GPU instance: compute instances are not available as Kubernetes resources'],
    ['1g', 'write 1g.5gb or 1g.10gb'],
    ['7g40gb', 'write 7g.40gb'],
    ['toString', 'use one of these profiles'],
  ])('unknown profile %s', (name, fix) => {
    const problem = refused('UNKNOWN_GPU_PROFILE', () => fits('a100-40gb', { [name]: 1 }));
    expect(problem.fix).toBe(fix);
    expect(problem.allowed).toBe('1g.5gb, 1g.5gb+me, 1g.10gb, 2g.10gb, 3g.20gb, 4g.20gb, 7g.40gb');
  });

  test.each([0, -1, 1.5, Number.NaN, '2'])('invalid count %j', (count) => {
    expect(refused('INVALID_GPU_COUNT', () => fits('h100-80gb', { '1g.10gb': untyped(count) })).given).toContain('1g.10gb');
  });

  test('two names of the same profile', () => {
    expect(refused('DUPLICATE_GPU_PROFILE', () => fits('gb200-186gb', { '1g.23gb': 1, '1g.24gb': 1 })).given).toContain(
      "'1g.23gb' and '1g.24gb'",
    );
  });

  test.each(models.filter((model) => (GPU_MODELS[model] as GpuModelSpec).placements === 'unknown'))(
    'a layout on %s, whose placements are not published',
    (model) => {
      expect(refused('UNKNOWN_GPU_PLACEMENTS', () => placements(model, {})).given).toContain(model);
    },
  );

  test('undefined counts are ignored', () => {
    expect(layoutText({ '3g.40gb': undefined, '1g.10gb': 2 })).toBe('2 × 1g.10gb');
    expect(fits('h100-80gb', { '7g.80gb': 1, '1g.10gb': undefined })).toBe(true);
    expect(layoutText({})).toBe('nothing');
  });
});

/** `nvidia-smi mig -lgip` and `-lgipp` on an NVIDIA H200, driver 580.159.04: name, total, SMs, starts and size of the placements. */
test.each([
  ['1g.18gb', 7, 16, [0, 1, 2, 3, 4, 5, 6], 1],
  ['1g.18gb+me', 1, 16, [0, 1, 2, 3, 4, 5, 6], 1],
  ['1g.35gb', 4, 26, [0, 2, 4, 6], 2],
  ['2g.35gb', 3, 32, [0, 2, 4], 2],
  ['3g.71gb', 2, 60, [0, 4], 4],
  ['4g.71gb', 1, 64, [0], 4],
  ['7g.141gb', 1, 132, [0], 8],
] as const)('%s is what a real H200 offers', (name, max, sm, starts, units) => {
  expect(profileFacts('h200-141gb', name)).toMatchObject({ max, sm, starts: [...starts], memoryUnits: units });
});

describe('warnings about a layout', () => {
  test('no warning for a documented layout', () => {
    expect(layoutWarnings('a100-80gb', { '1g.10gb': 7 })).toEqual([]);
    expect(layoutWarnings('h200-141gb', { '1g.18gb': 7 })).toEqual([]);
    expect(layoutWarnings('gh200-144gb', {})).toEqual([]);
  });

  test('placements that are inferred from the family', () => {
    expect(layoutWarnings('gh200-144gb', { '2g.36gb': 3 })).toMatchObject([{ code: 'UNKNOWN_GPU_GEOMETRY', severity: 'warning' }]);
  });

  test('a profile name that is ambiguous between models', () => {
    expect(layoutWarnings('a100-40gb', { '1g.10gb': 1 })[0]).toMatchObject({
      code: 'CONFLICTING_GPU_SLICE_NAME',
      given: expect.stringMatching(/^1g\.10gb, which on a100-40gb is the 1g slice with double memory \(2 memory units each, at most 4\)/),
    });
    // No other model has a basic slice with this name.
    expect(layoutWarnings('a100-80gb', { '1g.20gb': 1 })).toEqual([]);
    expect(layoutWarnings('h100-94gb', { '1g.24gb': 1 })[0]?.given).toContain(
      'the basic 1g slice on gb200-186gb, rtx-pro-6000-blackwell-96gb',
    );
  });

  test('a name of another driver version, and +me together with basic slices', () => {
    expect(layoutWarnings('gb200-186gb', { '1g.24gb': 1 })).toMatchObject([
      { code: 'CONFLICTING_GPU_PROFILE_NAME', given: '1g.24gb of gb200-186gb, which most driver versions name 1g.23gb' },
    ]);
    expect(layoutWarnings('gb200-186gb', { '1g.23gb': 6, '1g.23gb+me': 1 })).toMatchObject([
      { code: 'UNKNOWN_GPU_COMBINATION', given: expect.stringMatching(/^1g\.23gb\+me together with 1g\.23gb/) },
    ]);
  });
});

/** Compile errors; the function is not called. */
const compileErrors = () => [
  // @ts-expect-error unknown model
  fits('a100', {}),
  // @ts-expect-error profile of another model
  fits('a100-40gb', { '3g.40gb': 1 }),
  // @ts-expect-error unknown profile
  fits('h100-80gb', { '1g.11gb': 1 }),
  // @ts-expect-error a resource name is not a profile
  migLabel('nvidia.com/mig-1g.10gb', 'count'),
  // @ts-expect-error unknown label
  migLabel('1g.10gb', 'number'),
  // @ts-expect-error the profiles of this model are not published
  'x' satisfies Profile<'thor-igpu'>,
];

test('profile types', () => {
  expect(compileErrors).toBeInstanceOf(Function);
  expect(['1g.24gb', '1g.23gb'] satisfies Profile<'gb200-186gb'>[]).toHaveLength(2);
});
