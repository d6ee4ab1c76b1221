import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import type { PropsSchema, SchemaDocument } from '../../lib/errors';
import { exports as exported } from '../../package.json';

/** Props of the example sites, recorded when they are validated. */
const given: { readonly of: PropsSchema; readonly value: unknown }[] = [];
jest.mock('../../lib/errors/check-props', () => {
  const actual = jest.requireActual('../../lib/errors/check-props');
  return {
    ...actual,
    checkProps: (of: PropsSchema, path: string, value: unknown, problems: unknown) => {
      given.push({ of, value });
      return actual.checkProps(of, path, value, problems);
    },
  };
});

const lib = join(__dirname, '../../lib');
const documents = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('schema.json'))
  .map((name) => JSON.parse(readFileSync(join(lib, name), 'utf8')) as SchemaDocument);

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
ajv.addVocabulary(['x-made-by', 'x-validated', 'x-inline']);
for (const document of documents) ajv.addSchema(document);

const validate = (of: string): ValidateFunction => ajv.getSchema(of) ?? ajv.compile({ $ref: of });
const errorsOf = (of: string, value: unknown) => {
  const check = validate(of);
  return check(JSON.parse(JSON.stringify(value)))
    ? []
    : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};
const site = 'https://analysis-facility.io/schemas/site.json#/$defs';

test('every schema is valid by the meta-schema of 2020-12, and all references resolve', () => {
  expect(documents.length).toBeGreaterThan(8);
  for (const document of documents) {
    expect(`${document.$id}: ${ajv.validateSchema(document)}`).toBe(`${document.$id}: true`);
    for (const name of Object.keys(document.$defs)) expect(() => validate(`${document.$id}#/$defs/${name}`)).not.toThrow();
  }
});

test('the $id and the exported path of a schema follow from its folder', () => {
  expect(exported['./schemas/*.json']).toBe('./build/lib/*/schema.json');
  for (const { $id } of documents) {
    const folder = /^https:\/\/analysis-facility\.io\/schemas\/([a-z0-9/-]+)\.json$/.exec($id)?.[1] ?? '';
    expect(JSON.parse(readFileSync(join(lib, folder, 'schema.json'), 'utf8')).$id).toBe($id);
  }
});

test('every default is valid by its own schema', () => {
  const found: string[] = [];
  const visit = (node: unknown, at: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const schema = node as { readonly [keyword: string]: unknown };
    if ('default' in schema && !at.endsWith('/properties'))
      found.push(at, ...errorsOf(at, schema.default).map((error) => `${at}: ${error}`));
    for (const [name, child] of Object.entries(schema)) visit(child, `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  };
  for (const document of documents) visit(document.$defs, `${document.$id}#/$defs`);
  expect(found.length).toBeGreaterThan(100);
  expect(found.filter((one) => one.includes(': '))).toEqual([]);
});

test('props of the example sites are valid, except for values that JSON cannot express', async () => {
  const validated = new Set<string>();
  await Promise.all(['napoli', 'existing-cluster', 'maxiv'].map((name) => import(`../../apps/${name}/facility`)));
  for (const { of, value } of given) {
    validated.add(of.name);
    expect([of.name, ...errorsOf(`${of.document.$id}#/$defs/${of.name}`, value)]).toEqual([of.name]);
  }
  for (const name of ['SiteProps', 'NodePoolProps', 'OpenStackProps', 'MinIOProps', 'DaskClusterProps', 'JupyterHubProps'])
    expect(validated).toContain(name);
});

describe('a schema', () => {
  test.each([
    ['Memory', '64GiB', true],
    ['Memory', '64 gigs', false],
    ['Memory', 64, false],
    ['Cpu', 0.5, true],
    ['Cpu', '500m', true],
    ['Cpu', '500', false],
    ['Duration', '12h', true],
    ['Duration', '12 hours', false],
    ['GpuModel', 'a100-80gb', true],
    ['GpuModel', 'a100-81gb', false],
    ['UpgradeStrategy', { workers: '10%' }, true],
    ['UpgradeStrategy', { workers: '10 %' }, false],
    ['StorageClass', { kind: 'cinder', name: 'fast' }, true],
    ['StorageClass', 'fast', false],
    ['SecretKey', { name: 'hub-login', key: 'value' }, true],
    ['Placement', [{ kind: 'node-pool', name: 'cpu' }], true],
    ['Placement', [{ kind: 's3', name: 'cpu' }], false],
    ['Flavor', { vcpus: 4, memory: '8GiB' }, true],
    ['Flavor', { vcpus: 4, memory: '8GiB', disks: '1GiB' }, false],
    ['Flavor', { vcpus: 4 }, false],
    ['FlavorGpus', { passthrough: 'a100', count: 1, vgpu: 'x' }, false],
  ])('of %s with value %j is valid: %s', (name, value, valid) => {
    expect(errorsOf(`${site}/${name}`, value).length === 0).toBe(valid);
  });

  test('states how values are recognised that only functions create', () => {
    const { $defs } = documents.find(({ $id }) => $id.endsWith('/site.json')) as SchemaDocument;
    expect($defs.NodePool).toMatchObject({
      'x-made-by': ['nodePool'],
      properties: { kind: { const: 'node-pool' } },
      required: ['kind', 'name'],
    });
    expect($defs.StorageClass).toMatchObject({ 'x-made-by': ['cinder', 'storageClass'] });
    expect($defs.SecretKey).toMatchObject({ 'x-made-by': ['secret'], required: ['name', 'key'] });
  });
});
