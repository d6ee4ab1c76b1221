import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CARDS, type Card, type CardRow, GEOMETRIES, geometryOf, migResource, profileFacts, profilesOf } from '../../lib/site';

type Json = any;

const data: Json = JSON.parse(readFileSync(join(__dirname, '../../../shared/data/mig.json'), 'utf8'));
const cards = Object.keys(CARDS) as Card[];
const row = (card: Card): CardRow => CARDS[card];
const recorded = (card: Card): Json => data.gpus.find(({ id }: Json) => id === card);

/** Names that the data does not have, and the issue that reports them. */
const OTHER_NAMES: Readonly<Record<string, Record<string, string[]>>> = {
  // https://github.com/NVIDIA/mig-parted/issues/31
  'a100-80gb': { '3g.40gb': ['3g.39gb'] },
};

/** The table's profile in the words of the data. */
const described = (card: Card) =>
  profilesOf(card).map((name) => {
    const facts = profileFacts(card, name);
    const units = facts.memoryUnits ?? null;
    const published = row(card).placements !== 'inferred' && facts.starts;
    return {
      name,
      resource: migResource(name),
      compute: facts.compute,
      memorySlices: units,
      max: facts.max,
      placements: published ? published.map((start) => ({ start, size: units })) : null,
      memory: facts.memory ?? null,
      sm: facts.sm ?? null,
      attributes: facts.attribute?.startsWith('+') ? [facts.attribute.slice(1)] : [],
      negAttributes: facts.attribute?.startsWith('-') ? [facts.attribute.slice(1)] : [],
    };
  });

test('the table has the cards of the data, in its order', () => {
  expect(cards).toEqual(data.gpus.map(({ id }: Json) => id));
  expect(cards).toHaveLength(17);
});

test.each(cards)('%s: every profile is as the data says', (card) => {
  const expected = (recorded(card).profiles ?? []).map((profile: Json) => ({
    name: profile.name,
    resource: profile.resource,
    compute: profile.compute,
    memorySlices: profile.memorySlices,
    max: profile.max,
    placements: profile.placements,
    memory: profile.memory && `${profile.memory.value}${profile.memory.unit}`,
    sm: profile.sm,
    attributes: profile.attributes,
    negAttributes: profile.negAttributes,
  }));

  expect(described(card)).toEqual(expected);
});

test.each(cards)('%s: the card is as the data says', (card) => {
  const { architecture, memoryGB, maxInstances, pciIds, placements, geometry } = row(card);
  const { placementStatus, aliases = {}, ...gpu } = recorded(card);
  const names = profilesOf(card).map((name) => [name, profileFacts(card, name).names.slice(1)] as const);

  expect(gpu.architecture.startsWith(architecture)).toBe(true);
  expect([memoryGB ?? null, maxInstances, pciIds]).toEqual([gpu.memoryGB, gpu.maxInstances, gpu.pciDeviceIds]);
  expect([geometryOf(card)?.compute ?? null, geometryOf(card)?.units ?? null]).toEqual([gpu.computeSlices, gpu.memorySlices]);
  expect({ inferred: 'undocumented', unknown: 'undocumented' }[placements as string] ?? placements).toBe(placementStatus);
  // The data names a geometry where there are placements, or where all of the family agree; `4slice` has none.
  expect(placements === 'unknown' ? null : geometry + (placements === 'inferred' ? ' (inferred)' : '')).toBe(gpu.geometry);
  expect(Object.fromEntries(names.filter(([, others]) => others.length > 0))).toEqual({ ...aliases, ...OTHER_NAMES[card] });
});

test('the geometries are those of the data', () => {
  const { '4slice': unplaced, ...placed } = GEOMETRIES;
  expect(Object.values(unplaced.shapes).some((shape) => 'starts' in shape)).toBe(false);
  expect(Object.keys(placed)).toEqual(Object.keys(data.geometries));
  for (const [name, { compute, units, shapes }] of Object.entries(placed)) {
    const { '1g+me': media, ...expected } = data.geometries[name].placements;
    const found = Object.entries(shapes).map(([shape, { starts, units: size }]) => [
      shape,
      starts.map((start: number) => ({ start, size })),
    ]);

    expect([compute, units]).toEqual([data.geometries[name].computeSlices, data.geometries[name].memorySlices]);
    expect(Object.fromEntries(found)).toEqual(expected);
    // An instance with media engines takes the place of one without.
    expect(media ?? expected['1g']).toEqual(expected['1g']);
  }
});
