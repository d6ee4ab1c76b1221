import {
  CARDS,
  type Card,
  type CardRow,
  checkLayout,
  fits,
  type Layout,
  layoutNotes,
  layoutText,
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

const cards = Object.keys(CARDS) as Card[];
const all = cards.flatMap((card) =>
  profilesOf(card).flatMap((profile) => profileFacts(card, profile).names.map((name) => [card, name] as const)),
);
/** What the language would not let through, and JSON does. */
const untyped = (value: unknown) => value as never;

describe('the table', () => {
  test('a name says how many compute slices, and which media engines', () => {
    for (const [card, name] of all) {
      const { compute, attribute } = profileFacts(card, name);
      expect(name).toMatch(new RegExp(`^${compute}g\\.\\d+gb${(attribute ?? '').replaceAll(/[+.]/g, '\\$&')}$`));
    }
  });

  test('ranges lie on the card, and profiles of one start never lie over themselves', () => {
    for (const [card, name] of all) {
      const { memoryUnits = 0, starts = [], max, attribute } = profileFacts(card, name);
      const units = Math.max(0, ...profilesOf(card).map((profile) => profileFacts(card, profile).memoryUnits ?? 0));
      expect(starts.every((start, index) => start + memoryUnits <= (starts[index + 1] ?? units))).toBe(true);
      if (starts.length > 0) expect(max).toBe(attribute === '+me' || attribute === '+me.all' ? 1 : starts.length);
    }
  });

  test('another driver’s name is the same profile', () => {
    expect(profileFacts('gb200-186gb', '1g.24gb+me')).toEqual({ ...profileFacts('gb200-186gb', '1g.23gb+me'), name: '1g.24gb+me' });
    expect(profileFacts('a100-80gb', '3g.39gb')).toMatchObject({ listed: '3g.40gb', compute: 3, memoryUnits: 4 });
  });
});

describe('how a profile is spelled', () => {
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

  test('Kubernetes takes every name as a label and as a resource', () => {
    for (const [, name] of all) {
      expect(() => checkLabel(migLabel(name, 'multiprocessors'), `NVIDIA-A100-SXM4-80GB${migProductSuffix(name)}`)).not.toThrow();
      expect(() => checkLabel(migResource(name), `all-${migConfigPart(name)}`)).not.toThrow();
    }
  });
});

describe('what is refused', () => {
  const unfit = <C extends Card>(card: C, layout: Layout<C>) => refused('EXCEEDS_GPU_LAYOUT', () => checkLayout(card, layout));

  test('three 3g on one card', () => {
    expect(unfit('a100-80gb', { '3g.40gb': 3 })).toMatchObject({
      given:
        '3 × 3g.40gb on one a100-80gb: 9 compute slices needed, 7 there; 12 memory units needed, 8 there; 3 × 3g.40gb, at most 2 possible',
      allowed: '2 × 3g.40gb (the nearest that fit)',
      fix: 'take one of these, or spread the instances over more cards',
    });
  });

  test('4g, 3g and 1g: all memory units and compute slices are taken by the first two', () => {
    const { given, allowed } = unfit('a100-80gb', { '4g.40gb': 1, '3g.40gb': 1, '1g.10gb': 1 });
    expect(given).toContain('8 compute slices needed, 7 there; 9 memory units needed, 8 there');
    expect(allowed).toMatch(/^1 × 4g\.40gb \+ 1 × 3g\.40gb, or /);
  });

  test('a name that means a slice of twice the memory here', () => {
    const { given, fix } = unfit('a100-40gb', { '1g.10gb': 7 });
    expect(given).toContain('14 memory units needed, 8 there; 7 × 1g.10gb, at most 4 possible');
    expect(fix).toContain('at most 4; it is the plain slice on a100-80gb, h100-80gb');
    expect(() => checkLayout('a100-40gb', { '1g.10gb': 4 })).not.toThrow();
  });

  test('a card that does not exist', () => {
    expect(refused('UNKNOWN_GPU_CARD', () => fits(untyped('a100-80'), {})).fix).toBe("did you mean 'a100-80gb'?");
    expect(refused('UNKNOWN_GPU_CARD', () => fits(untyped('toString'), {})).allowed).toContain('h100-80gb');
  });

  test.each([
    ['3g.40gb', "'3g.40gb' is a profile of a100-80gb, h100-80gb; did you mean 3g.20gb?"],
    ['1g.5gb.me', "did you mean '1g.5gb+me'?"],
    ['nvidia.com/mig-1g.5gb', "did you mean '1g.5gb'?"],
    ['1c.3g.20gb', 'name the GPU instance: compute instances within one are never a resource of Kubernetes'],
    ['1g', 'did you mean 1g.5gb or 1g.10gb?'],
    ['7g40gb', 'did you mean 7g.40gb?'],
    ['toString', 'use a name of the card'],
  ])('a profile that the card lacks: %s', (name, fix) => {
    const problem = refused('UNKNOWN_GPU_PROFILE', () => fits('a100-40gb', { [name]: 1 }));
    expect(problem.fix).toBe(fix);
    expect(problem.allowed).toBe('1g.5gb, 1g.5gb+me, 1g.10gb, 2g.10gb, 3g.20gb, 4g.20gb, 7g.40gb');
  });

  test.each([0, -1, 1.5, Number.NaN, '2'])('%j instances', (count) => {
    expect(refused('INVALID_GPU_COUNT', () => fits('h100-80gb', { '1g.10gb': untyped(count) })).given).toContain('1g.10gb');
  });

  test('one profile by two names', () => {
    expect(refused('DUPLICATE_GPU_PROFILE', () => fits('gb200-186gb', { '1g.23gb': 1, '1g.24gb': 1 })).given).toContain(
      "'1g.23gb' and '1g.24gb'",
    );
  });

  test.each(cards.filter((card) => (CARDS[card] as CardRow).placements === 'unknown'))(
    'a layout on %s, of which nothing is published',
    (card) => {
      expect(refused('UNKNOWN_GPU_PLACEMENTS', () => placements(card, {})).given).toContain(card);
    },
  );

  test('what is left out counts nothing', () => {
    expect(layoutText({ '3g.40gb': undefined, '1g.10gb': 2 })).toBe('2 × 1g.10gb');
    expect(fits('h100-80gb', { '7g.80gb': 1, '1g.10gb': undefined })).toBe(true);
    expect(layoutText({})).toBe('nothing');
  });
});

describe('what is told', () => {
  test('nothing of a layout that is as everybody knows it', () => {
    expect(layoutNotes('a100-80gb', { '1g.10gb': 7 })).toEqual([]);
    expect(layoutNotes('h200-141gb', {})).toEqual([]);
  });

  test('placements that are inferred from the family', () => {
    expect(layoutNotes('h200-141gb', { '1g.18gb': 7 })).toMatchObject([{ code: 'UNKNOWN_GPU_GEOMETRY', severity: 'warning' }]);
  });

  test('a name with another meaning elsewhere', () => {
    expect(layoutNotes('a100-40gb', { '1g.10gb': 1 })[0]).toMatchObject({
      code: 'CONFLICTING_GPU_SLICE_NAME',
      given: expect.stringMatching(/^1g\.10gb, on a100-40gb the slice with twice the memory: 2 memory units each, at most 4/),
    });
    // Nobody else's plain slice is called so.
    expect(layoutNotes('a100-80gb', { '1g.20gb': 1 })).toEqual([]);
    expect(layoutNotes('h100-94gb', { '1g.24gb': 1 })[0]?.given).toContain('the plain slice on gb200-186gb, rtx-pro-6000-blackwell-96gb');
  });

  test('drivers that disagree, and an extension beside plain slices', () => {
    expect(layoutNotes('gb200-186gb', { '1g.24gb': 1 })).toMatchObject([
      { code: 'CONFLICTING_GPU_PROFILE_NAME', given: '1g.24gb of gb200-186gb, which most drivers call 1g.23gb' },
    ]);
    expect(layoutNotes('gb200-186gb', { '1g.23gb': 6, '1g.23gb+me': 1 })).toMatchObject([
      { code: 'UNKNOWN_GPU_COMBINATION', given: expect.stringMatching(/^1g\.23gb\+me beside 1g\.23gb/) },
    ]);
  });
});

/** Lines that need no run: each must be refused by the compiler. */
const refusedByTheCompiler = () => [
  // @ts-expect-error no such card
  fits('a100', {}),
  // @ts-expect-error another card's profile
  fits('a100-40gb', { '3g.40gb': 1 }),
  // @ts-expect-error a plain slice of nobody
  fits('h100-80gb', { '1g.11gb': 1 }),
  // @ts-expect-error a resource is no profile
  migLabel('nvidia.com/mig-1g.10gb', 'count'),
  // @ts-expect-error no such label
  migLabel('1g.10gb', 'number'),
  // @ts-expect-error nothing is published of this card
  'x' satisfies Profile<'thor-igpu'>,
];

test('what the compiler accepts', () => {
  expect(refusedByTheCompiler).toBeInstanceOf(Function);
  expect(['1g.24gb', '1g.23gb'] satisfies Profile<'gb200-186gb'>[]).toHaveLength(2);
});
