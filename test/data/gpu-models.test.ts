import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GEOMETRIES,
  GPU_MODELS,
  type GpuModel,
  type GpuModelSpec,
  geometryOf,
  migResource,
  profileFacts,
  profilesOf,
} from '../../lib/site';

type Json = any;

const data: Json = JSON.parse(readFileSync(join(__dirname, '../../../shared/data/mig.json'), 'utf8'));
const models = Object.keys(GPU_MODELS) as GpuModel[];
const row = (model: GpuModel): GpuModelSpec => GPU_MODELS[model];
const recorded = (model: GpuModel): Json => data.gpus.find(({ id }: Json) => id === model);

/** Names that are missing in the data, with the issue that reports them. */
const OTHER_NAMES: Readonly<Record<string, Record<string, string[]>>> = {
  // https://github.com/NVIDIA/mig-parted/issues/31
  'a100-80gb': { '3g.40gb': ['3g.39gb'] },
};

/** Placements printed by a real GPU, which the data does not have yet. */
const CAPTURED_LATER: readonly GpuModel[] = ['h200-141gb'];

/** As the data knows it. */
const placementsOf = (model: GpuModel) => (CAPTURED_LATER.includes(model) ? 'inferred' : row(model).placements);

/** Profiles of the table in the format of the data. */
const described = (model: GpuModel) =>
  profilesOf(model).map((name) => {
    const facts = profileFacts(model, name);
    const units = facts.memoryUnits ?? null;
    const published = placementsOf(model) !== 'inferred' && facts.starts;
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

test('the table has the models of the data in the same order', () => {
  expect(models).toEqual(data.gpus.map(({ id }: Json) => id));
  expect(models).toHaveLength(17);
});

test.each(models)('%s: profiles equal the data', (model) => {
  const expected = (recorded(model).profiles ?? []).map((profile: Json) => ({
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

  expect(described(model)).toEqual(expected);
});

test.each(models)('%s: properties of the model equal the data', (model) => {
  const { architecture, memoryGB, maxInstances, pciIds, geometry } = row(model);
  const placements = placementsOf(model);
  const { placementStatus, aliases = {}, ...gpu } = recorded(model);
  const names = profilesOf(model).map((name) => [name, profileFacts(model, name).names.slice(1)] as const);

  expect(gpu.architecture.startsWith(architecture)).toBe(true);
  expect([memoryGB ?? null, maxInstances, pciIds]).toEqual([gpu.memoryGB, gpu.maxInstances, gpu.pciDeviceIds]);
  expect([geometryOf(model)?.compute ?? null, geometryOf(model)?.units ?? null]).toEqual([gpu.computeSlices, gpu.memorySlices]);
  expect({ inferred: 'undocumented', unknown: 'undocumented' }[placements as string] ?? placements).toBe(placementStatus);
  // The data has a geometry if placements are published or can be inferred from the family; not for `4slice`.
  expect(placements === 'unknown' ? null : geometry + (placements === 'inferred' ? ' (inferred)' : '')).toBe(gpu.geometry);
  expect(Object.fromEntries(names.filter(([, others]) => others.length > 0))).toEqual({ ...aliases, ...OTHER_NAMES[model] });
});

test('geometries equal the data', () => {
  const { '4slice': unpublished, ...published } = GEOMETRIES;
  expect(Object.values(unpublished.shapes).some((shape) => 'starts' in shape)).toBe(false);
  expect(Object.keys(published)).toEqual(Object.keys(data.geometries));
  for (const [name, { compute, units, shapes }] of Object.entries(published)) {
    const { '1g+me': media, ...expected } = data.geometries[name].placements;
    const found = Object.entries(shapes).map(([shape, { starts, units: size }]) => [
      shape,
      starts.map((start: number) => ({ start, size })),
    ]);

    expect([compute, units]).toEqual([data.geometries[name].computeSlices, data.geometries[name].memorySlices]);
    expect(Object.fromEntries(found)).toEqual(expected);
    // Instances with media engines have the same placements as those without.
    expect(media ?? expected['1g']).toEqual(expected['1g']);
  }
});
