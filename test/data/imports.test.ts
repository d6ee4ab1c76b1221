import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const script = join(root, 'scripts/imports.cjs');
const committed = join(root, 'imports/openstack');
const schemaFile = join(root, '../shared/data/openstack-provider-schema.json');
const { FOLDERS, PROVIDER }: { FOLDERS: string[]; PROVIDER: { source: string; version: string } } = require(script);

type Json = Record<string, any>;

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'imports-test-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const schema = (): Json => JSON.parse(readFileSync(schemaFile, 'utf8'));

function generate(content: string | Json) {
  const file = join(scratch, 'schema.json');
  const out = join(scratch, 'out');
  rmSync(out, { recursive: true, force: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  const { status, stderr } = spawnSync(process.execPath, [script, file, '--out', out], { encoding: 'utf8' });
  return { status, stderr, files: existsSync(out) ? filesUnder(out) : {} };
}

/** Contents of all TypeScript files, by path in the folder. */
function filesUnder(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** The schema in the form that Terraform prints: with hosts, descriptions, other resources and providers, without a version. */
function terraformOutput(): Json {
  const printed = schema();
  const provider = printed.provider_schemas[PROVIDER.source];
  for (const kind of [provider.resource_schemas, provider.data_source_schemas, { provider: provider.provider }]) {
    for (const described of Object.values<Json>(kind)) addDescriptions(described.block);
  }
  provider.resource_schemas.openstack_orbital_laser_v1 = provider.resource_schemas.openstack_dns_zone_v2;
  delete printed.provider_versions;
  printed.provider_schemas = {
    'example.org/builtin/terraform': { provider: { version: 0, block: {} } },
    [`example.org/${PROVIDER.source}`]: provider,
  };
  return printed;
}

function addDescriptions(block: Json): void {
  block.description = 'A text with `quotes` and */';
  block.description_kind = 'markdown';
  for (const attribute of Object.values<Json>(block.attributes ?? {})) {
    Object.assign(attribute, { description: 'What it means', description_kind: 'plain', deprecated: true });
  }
  for (const type of Object.values<Json>(block.block_types ?? {})) addDescriptions(type.block);
}

describe('npm run imports', () => {
  test('generates the committed files, byte for byte', () => {
    const { status, stderr, files } = generate(schema());

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(Object.keys(files)).toEqual(FOLDERS.map((folder) => join(folder, 'index.ts')));
    expect(files).toEqual(filesUnder(committed));
  });

  test('generates the same files from the schema that Terraform prints', () => {
    expect(generate(terraformOutput()).files).toEqual(filesUnder(committed));
  });

  test('reports resources that are missing in the schema', () => {
    const incomplete = schema();
    delete incomplete.provider_schemas[PROVIDER.source].resource_schemas.openstack_lb_pool_v2;
    const { status, stderr, files } = generate(incomplete);

    expect(status).toBe(1);
    expect(stderr).toMatch(/lacks 1 resource.*: openstack_lb_pool_v2\.\nIt has 32: openstack_blockstorage_volume_v3, /);
    expect(files).toEqual({});
  });

  test.each([
    ['text', 'Terraform has been initialized', /is not JSON/],
    ['other JSON', { resource: {} }, /Not a provider schema: "provider_schemas" is missing/],
    ['another provider', { provider_schemas: { 'example.org/a/b': {} } }, /must contain \S+ exactly once; it contains: example.org\/a\/b/],
    ['another version', { ...schema(), provider_versions: { [PROVIDER.source]: '9.9.9' } }, /version 9\.9\.9, .* pinned to 3\.4\.0/],
  ])('rejects %s', (_, content, message) => {
    const { status, stderr } = generate(content);

    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
  });
});

describe('imports/openstack', () => {
  test('contains exactly what lib imports', () => {
    if (!existsSync(join(root, 'lib/infrastructure'))) return;
    const imported = Object.values(filesUnder(join(root, 'lib'))).flatMap((text) =>
      [...text.matchAll(/from '(?:\.\.\/)+imports\/openstack\/([^']+)'/g)].map(([, folder]) => folder),
    );

    expect([...new Set(imported)].sort()).toEqual(FOLDERS);
  });

  test('contains no registry URL, and the README has the version', () => {
    for (const text of Object.values(filesUnder(committed))) expect(text).not.toMatch(/\bregistry\./i);
    expect(readFileSync(join(root, 'imports/README.md'), 'utf8')).toContain(`version **${PROVIDER.version}**`);
  });
});
