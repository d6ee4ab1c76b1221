import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiled } from '../fixtures/compiled';

const root = join(__dirname, '../..');

/** Files of a new service as described in CONTRIBUTING.md: everything is in its folder. */
const GRADEBOOK: Readonly<Record<string, string>> = {
  'index.ts': `export { gradebookService } from './service';\nexport { Gradebook } from './gradebook';\nexport type { GradebookProps } from './props';\n`,
  'props.ts': `import type { ServiceProps } from '../../kubernetes';
import type { NodePool } from '../../site';

/** Grades of students. */
export interface GradebookProps extends ServiceProps {
  /** Nodes that run it. */
  readonly on: NodePool;
  /** Who may write. @default members */
  readonly editors?: 'members' | 'teachers' | 'everyone';
}
`,
  'messages.ts': `import type { Finding } from '../../errors';

export const gradebookOpen = (): Finding => ({
  code: 'INSECURE_GRADEBOOK',
  given: "editors: 'everyone'",
  allowed: "editors: 'members'",
  fix: "write editors: 'members'",
});
`,
  'description.ts': `import { propsSchema } from '../../errors';
import { describeService } from '../../kubernetes';
import document from './schema.json';

const IMAGES = { gradebook: 'docker.io/library/gradebook:2.1' } as const;

/** @see https://example.org/pages */
interface Page {
  readonly spec: { readonly title: string };
}

declare module '../../site/images' {
  interface ImageTable extends Record<keyof typeof IMAGES, string> {}
}
declare module '../../kubernetes/manifest' {
  interface Kinds {
    'gradebook.example.org/v1/Page': Page;
  }
}

export const gradebook = describeService({
  name: 'gradebook',
  schema: propsSchema(document, 'GradebookProps'),
  images: IMAGES,
  clusterScoped: ['gradebook.example.org/v1/Page'],
  podSecurity: 'baseline',
  files: ({ name }) => [{ path: 'gradebook.txt', text: \`\${name}\\n\` }],
  fileNames: ['gradebook.txt'],
  summary: () => ({ label: 'gradebook', lines: ['one page'] }),
  commands: [{ name: 'gradebook-title', help: [['SITE', 'print the title']], run: ({ site }, [name = '']) => (process.stdout.write(\`Gradebook of \${site(name).name}\\n\`) ? 0 : 1) }],
});
`,
  'gradebook.ts': `import type { Construct } from 'constructs';
import { Deployment, place, ServiceChart } from '../../kubernetes';
import { gradebook } from './description';
import { gradebookOpen } from './messages';
import type { GradebookProps } from './props';

export class Gradebook extends ServiceChart {
  constructor(scope: Construct, id: string, props: GradebookProps) {
    super(scope, id, props, gradebook);
    if (props.editors === 'everyone') this.problems.add(\`\${this.path()}/editors\`, gradebookOpen());
    new Deployment(this, 'web', {
      on: props.on,
      containers: {
        web: {
          image: this.image('gradebook'),
          ports: { http: 8080 },
          env: { EDITORS: props.editors ?? 'members' },
          resources: { cpu: '100m', memory: '128MiB' },
          probes: { readiness: { http: '/', port: 'http' }, liveness: { http: '/live', port: 'http' } },
        },
      },
      exceptions: { singleton: 'one is enough for a test' },
    });
    place(this, 'page', 'gradebook.example.org/v1/Page', { metadata: { name: 'home' }, spec: { title: 'Home' } });
  }
}
`,
  'examples.ts': `import { examplesOf } from '../../kubernetes';
import { Gradebook } from './gradebook';
import type { GradebookProps } from './props';

export const examples = examplesOf<GradebookProps>(Gradebook, {
  id: 'gradebook',
  on: 'existing',
  props: ({ site, core }) => ({
    site,
    namespace: 'teaching',
    patch: [{ object: 'Page/home', operations: [{ op: 'add', path: '/metadata/labels', value: { team: 'teaching' } }] }],
    on: core,
    editors: 'teachers',
  }),
});
`,
  'service.ts': `import type { Service } from '../../kubernetes';
import { gradebook } from './description';

export const gradebookService: Service = {
  description: gradebook,
  examples: () => (require('./examples') as typeof import('./examples')).examples,
};
`,
  'README.md': `# Gradebook

\`\`\`ts
import { defineSite, existingCluster, Facility, nodePool } from 'cdk8s-analysis-facility';
import { Gradebook } from 'cdk8s-analysis-facility/gradebook';

const nodes = nodePool('nodes', { count: 2, flavor: { vcpus: 8, memory: '32GiB' } });
const cluster = existingCluster({ version: '1.31', apiServers: ['10.0.0.10:6443'] });
const facility = new Facility(defineSite('lab', { cluster, pools: [nodes] }));
new Gradebook(facility, 'gradebook', { on: nodes });
facility.synth();
\`\`\`
`,
};

const APP = `import { defineSite, existingCluster, Facility, nodePool, run } from './lib';
import { ServiceChart } from './lib/authoring';
import { Gradebook } from './lib/services/gradebook';

/** A service of the app alone. */
class Own extends ServiceChart {}

const nodes = nodePool('nodes', { count: 2, flavor: { vcpus: 8, memory: '32GiB' }, labels: { a: 'b' } });
const cluster = existingCluster({ version: '1.31', apiServers: ['10.0.0.10:6443'] });
const facility = new Facility(defineSite('lab', { cluster, pools: [nodes], images: { gradebook: 'harbor.example.org/gradebook:3' } }));
new Gradebook(facility, 'gradebook', { on: nodes, ...JSON.parse(process.env.GRADEBOOK ?? '{}') });
if (process.env.OWN) new Own(facility, 'own', {}, { name: 'own', commands: [{ name: 'own-title', help: [['SITE', 'print a title']], run: () => 0 }] });
run(facility);
`;

/** The library, and the tests and suites that work with every service. */
const COPIED = [
  ...['lib', 'scripts', 'imports', 'tsconfig.json', 'package.json', 'jest.config.cjs'],
  ...['docs', 'README.md', 'test/readme.test.ts'],
  ...['test/fixtures/examples.ts', 'test/services/examples.test.ts', 'test/e2e/apiserver/everything.ts', 'test/e2e/apiserver/others.ts'],
] as const;

describe('a new service: one folder and one line in the index', () => {
  let tree: string;
  const node = (...args: readonly string[]) =>
    spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8', env: { ...process.env, NODE_PATH: '' } });
  /** Runs a program of the tree that was compiled to JavaScript, which loads in a third of the time. */
  const program = (file: string, args: readonly string[] = [], env: Record<string, string> = {}) =>
    spawnSync(process.execPath, [join('compiled', file), ...args], { cwd: tree, encoding: 'utf8', env: { ...process.env, ...env } });
  const app = (env: Record<string, string> = {}) => program('app.js', [], env);
  const facility = (...args: readonly string[]) => program('lib/command/main.js', args);
  const contents = () =>
    new Map(
      readdirSync(join(tree, 'lib'), { recursive: true, encoding: 'utf8' })
        .filter((name) => statSync(join(tree, 'lib', name)).isFile())
        .map((name) => [name, readFileSync(join(tree, 'lib', name), 'utf8')]),
    );

  beforeAll(() => {
    tree = mkdtempSync(join(tmpdir(), 'new-service-'));
    for (const name of COPIED) cpSync(join(root, name), join(tree, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    mkdirSync(join(tree, 'lib/services/gradebook'));
    for (const [name, text] of Object.entries(GRADEBOOK)) writeFileSync(join(tree, 'lib/services/gradebook', name), text);
    // Placeholder, because the schema is imported before it is generated.
    writeFileSync(join(tree, 'lib/services/gradebook/schema.json'), '{ "$id": "", "$defs": {} }');
    appendFileSync(join(tree, 'lib/services/index.ts'), "export { gradebookService as gradebook } from './gradebook';\n");
    writeFileSync(join(tree, 'app.ts'), APP);
  });
  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  test('gets a schema; other schemas do not change', () => {
    const before = contents();
    const { status, stderr } = node('scripts/schemas.cjs');
    const after = contents();

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect([...after].filter(([name, text]) => before.get(name) !== text).map(([name]) => name)).toEqual([
      'services/gradebook/schema.json',
    ]);
    expect(JSON.parse(after.get('services/gradebook/schema.json') ?? '').$defs.GradebookProps.properties.editors).toMatchObject({
      enum: ['members', 'teachers', 'everyone'],
      default: 'members',
    });
  });

  test('passes the type check and the check of service names', () => {
    writeFileSync(
      join(tree, 'tsconfig.json'),
      readFileSync(join(root, 'tsconfig.json'), 'utf8').replace(/"include": .*/, '"include": ["lib", "app.ts"]'),
    );
    const checked = node(join(root, 'node_modules/typescript-7/bin/tsc'), '-p', '.');
    const words = node('scripts/service-names.cjs');

    expect(checked.stdout + checked.stderr).toBe('');
    expect(words.stderr).toBe('');
  });

  test('is found by the lint of words where the library names it', () => {
    const file = join(tree, 'lib/facility/names.ts');
    writeFileSync(file, "export const NAMES = ['gradebook'];\n");
    const { status, stderr } = node('scripts/service-names.cjs');
    rmSync(file);

    expect(stderr).toContain("lib/facility/names.ts:1: 'gradebook' belongs to lib/services/gradebook");
    expect(status).toBe(1);
  });

  test('has a page in the API report, as a subpath of the package', () => {
    const before = readdirSync(join(tree, 'docs/api'));
    const { status, stderr } = node('scripts/api.cjs');

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(readdirSync(join(tree, 'docs/api')).filter((name) => !before.includes(name))).toEqual(['gradebook.md']);
    const page = readFileSync(join(tree, 'docs/api/gradebook.md'), 'utf8');
    expect(page).toMatch(/^# cdk8s-analysis-facility\/gradebook\n/);
    expect(page).toContain('class Gradebook {\n  constructor(scope: Construct, id: string, props: GradebookProps);');
    expect(page).toContain(`  editors?: "members" | "teachers" | "everyone";`);
  });

  test('has its README compiled and run, and its examples validated, by the tests of all services', () => {
    const names = ['the app of .facility init. compile', 'gradebook', 'examples of existing are'];
    const args = ['node_modules/jest/bin/jest.js', '--ci', '--runInBand', '--json', '-t', names.join('|')];
    const { stdout, stderr } = node(...args, 'test/readme.test.ts', 'test/services/examples.test.ts');
    const { testResults } = JSON.parse(stdout || `{ "testResults": [], "why": ${JSON.stringify(stderr)} }`);
    const results = testResults.flatMap(
      (file: { readonly assertionResults: readonly { readonly title: string; readonly status: string }[] }) =>
        file.assertionResults.filter((one) => one.status !== 'pending').map((one) => `${one.status}: ${one.title}`),
    );

    expect(results.sort()).toEqual([
      'passed: every prop of gradebook has an effect in an example',
      'passed: examples of existing are accepted',
      'passed: examples of gradebook set every property of its schema',
      'passed: lib/services/gradebook/README.md, block 1',
      'passed: the examples and the app of `facility init` compile',
    ]);
  });

  test('is part of the facilities that the suites of API servers and checkers render', () => {
    compiled(join(tree, 'compiled'), tree, ['app.ts', 'test/fixtures/*.ts', 'test/e2e/apiserver/*.ts']);
    const { status, stderr } = program('test/e2e/apiserver/everything.js', ['rendered']);

    expect(stderr).toBe('');
    expect(status).toBe(0);
    const manifest = readFileSync(join(tree, 'rendered/existing/gradebook.k8s.yaml'), 'utf8');
    expect(manifest).toContain('namespace: teaching');
    expect(manifest).toContain('- name: EDITORS\n              value: teachers\n');
    expect(manifest).toMatch(/kind: Page\nmetadata:\n(?: .*\n)* {4}team: teaching\n/);
  });

  test('is synthesized with its file, namespace, image, custom resource and summary', () => {
    const { status, stdout, stderr } = app();

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('  gradebook  one page\n');
    const manifest = readFileSync(join(tree, 'dist/manifests/lab/gradebook.k8s.yaml'), 'utf8');
    expect(manifest).toContain('image: harbor.example.org/gradebook:3');
    expect(manifest).toContain('kind: Page\nmetadata:\n  name: home\nspec:');
    expect(readFileSync(join(tree, 'dist/manifests/lab/00-cluster.k8s.yaml'), 'utf8')).toContain(
      'pod-security.kubernetes.io/enforce: baseline',
    );
    expect(readFileSync(join(tree, 'dist/cluster/lab/gradebook.txt'), 'utf8')).toBe('lab\n');
  });

  test('reports its own findings, and those of its schema', () => {
    const { status, stderr } = app({ GRADEBOOK: '{ "editors": "everyone", "editor": "members" }' });

    expect(status).toBe(1);
    expect(stderr).toContain('INSECURE_GRADEBOOK at lab/gradebook/editors');
    expect(app({ GRADEBOOK: '{ "editors": "memebers" }' }).stderr).toContain("write 'members'");
  });

  test('adds a command', () => {
    writeFileSync(join(tree, 'cdk8s.yaml'), 'app: node compiled/app.js\n');

    expect(facility('gradebook-title', 'lab').stdout).toBe('Gradebook of lab\n');
    expect(facility('help').stderr).toMatch(/facility gradebook-title SITE +print the title\n/);
    expect(facility('gradebook-titel', 'lab').stderr).toMatch(
      /allowed: synth, check, flows, images, bootstrap, explain, help app, .*gradebook-title/,
    );
    expect(facility('gradebook-title', 'leb').stderr).toContain("write 'lab'");
  });

  test('lists the commands that services of the app add', () => {
    const { status, stderr } = program('lib/command/main.js', ['help', 'app'], { OWN: 'yes' });

    expect(stderr).toMatch(/facility gradebook-title SITE +print the title\n/);
    expect(stderr).toMatch(/facility own-title SITE +print a title\n/);
    expect(status).toBe(0);
  });
});
