import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { Facility } from '../lib/facility';
import { terraformJson } from '../lib/infrastructure';
import type { Site } from '../lib/site';

const root = join(__dirname, '..');
const services = readdirSync(join(root, 'lib/services'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const PACKAGES: Record<string, string> = {
  'cdk8s-analysis-facility': 'lib/index.ts',
  'cdk8s-analysis-facility/authoring': 'lib/authoring.ts',
  'cdk8s-analysis-facility/gpu': 'lib/gpu.ts',
  'cdk8s-analysis-facility/infrastructure': 'lib/infrastructure/index.ts',
  ...Object.fromEntries(services.map((name) => [`cdk8s-analysis-facility/${name}`, `lib/services/${name}/index.ts`])),
};

const pages = [
  'README.md',
  'docs/authoring.md',
  'docs/endpoints.md',
  'docs/gpus.md',
  'docs/volumes.md',
  ...services.map((name) => `lib/services/${name}/README.md`),
];

/** All TypeScript code blocks. */
const blocks = pages.flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = ''], index) => ({
    name: `${page}, block ${index + 1}`,
    file: `${page.replaceAll('/', '-')}-${index + 1}.ts`,
    code,
  })),
);

const isSite = (value: unknown): value is Site => (value as Partial<Site> | null)?.kind === 'site';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'readme-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('every page has a TypeScript example', () => {
  expect(pages.filter((page) => !blocks.some(({ name }) => name.startsWith(`${page},`)))).toEqual([]);
});

test('the examples and the app of `facility init` compile', () => {
  for (const { file, code } of blocks) writeFileSync(join(scratch, file), `${code}\nexport {};\n`);
  mkdirSync(join(scratch, 'app'));
  for (const name of ['site.ts', 'facility.ts', 'main.ts']) {
    const text = readFileSync(join(root, 'lib/command/template', `${name}.template`), 'utf8');
    writeFileSync(join(scratch, 'app', name), text.replaceAll('{{name}}', 'lab'));
  }
  const own = Object.entries(PACKAGES).map(([name, file]) => [name, [join(root, file)]]);
  const paths = { ...Object.fromEntries(own), '*': [join(root, 'node_modules/*')] };
  const compilerOptions = { rootDir: '/', typeRoots: [join(root, 'node_modules/@types')], paths };
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts', 'app/*.ts'] };
  writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(config));

  const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules/typescript-7/bin/tsc'), '-p', scratch], {
    encoding: 'utf8',
  });

  expect(stdout + stderr).toBe('');
});

describe('the examples run', () => {
  const cwd = process.cwd();
  beforeAll(() => process.chdir(scratch));
  afterAll(() => process.chdir(cwd));
  afterEach(() => jest.restoreAllMocks());

  // Blocks with `declare` are fragments.
  test.each(blocks.filter(({ code }) => !/^declare /m.test(code)))('$name', ({ code }) => {
    const { code: script } = transformSync(code, {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    });
    const load = (name: string) => require(PACKAGES[name] ? join(root, PACKAGES[name]) : name);
    const printed: unknown[] = [];
    for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockImplementation((text) => printed.push(text) > 0);
    jest.spyOn(console, 'log').mockImplementation();
    const before = process.exitCode;

    const exported: Record<string, unknown> = {};
    new Function('require', 'exports', script)(load, exported);
    for (const site of Object.values(exported).filter(isSite)) {
      // Exported sites can be synthesized, including Terraform JSON.
      expect(new Facility(site).problems()).toEqual([]);
      if (site.cloud) expect(() => terraformJson(site, [])).not.toThrow();
    }

    const after = process.exitCode;
    process.exitCode = before;
    expect({ after, printed: after === before ? [] : printed }).toEqual({ after: before, printed: [] });
  });
});
