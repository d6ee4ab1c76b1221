// npm run e2e -- package: packs the project, installs the tarball as another institute would, and makes a facility with it:
// the first one of the README, from CommonJS, from an ES module and from strict TypeScript, with and without cdktf.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const scratch = mkdtempSync(join(tmpdir(), 'package-'));
const COMPILERS = { 'TypeScript 5.9': 'node_modules/typescript/bin/tsc', 'TypeScript 7': 'node_modules/typescript-7/bin/tsc' };

/** Environment variables that an importing project must not inherit: those of npm and of Node.js. */
const environment = Object.fromEntries(
  Object.entries({ ...process.env, CI: 'true' }).filter(
    ([key]) => !/^(?:npm_(?!config_(?:registry|userconfig|cache)$)|NODE_(?:OPTIONS|PATH)$|INIT_CWD$)/.test(key),
  ),
);

function start(cwd, command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env: environment, encoding: 'utf8' });
  if (error) throw error;
  return { status, stdout, stderr, text: `$ ${command} ${args.join(' ')}\n${stdout}${stderr}` };
}

function must(cwd, command, ...args) {
  const done = start(cwd, command, ...args);
  assert.equal(done.status, 0, done.text);
  return done.stdout;
}

let passed = 0;

function holds(what, check) {
  check();
  passed += 1;
  console.log(`ok  ${what}`);
}

const files = (folder) =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();

/** Every file below a folder, by its path, as text. */
const contents = (folder) => Object.fromEntries(files(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

function firstFacility() {
  const block = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
  assert.ok(block, 'README.md has no ```ts block');
  return block;
}

/** The same program for `require`. */
const asCommonJs = (text) => text.replace(/^import (\{[\s\S]*?\}) from ('[^']+');/gm, 'const $1 = require($2);');

function project(name, ...packages) {
  const folder = join(scratch, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true }));
  const { status, stderr, text } = start(folder, 'npm', 'install', '--no-audit', '--no-fund', ...packages);
  assert.equal(status, 0, text);
  assert.doesNotMatch(stderr, /ERESOLVE|EBADENGINE/, text);
  return folder;
}

const CLOUD_SITE = `
const { defineSite, Facility, nodePool, openstack, rke2, run } = require('cdk8s-analysis-facility');
const flavor = { name: 'm1.large', vcpus: 4, memory: '8GiB', disk: '40GiB' };
const nodes = nodePool('node', { flavor, image: 'AlmaLinux-9.2', roles: ['controlplane', 'etcd', 'worker'] });
const cloud = openstack({
  region: 'RegionOne',
  cidr: '10.0.0.0/24',
  externalNetwork: 'public',
  admins: ['192.0.2.0/24'],
  sshKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVuLZTWXO7LJzCX0w0GcHXkfkyXPyPzMEjBR2Wr8HcC admin@example',
  publicAddress: '192.0.2.10',
});
run(new Facility(defineSite('cloud', { cluster: rke2({ version: 'v1.30.4+rke2r1' }), cloud, pools: [nodes] })));
`;

/** Code that must be a compile-time error. */
const MISTAKES = `
import { DaskCluster, Facility, defineSite, existingCluster, nodePool } from 'cdk8s-analysis-facility';
// @ts-expect-error only the entries of the package can be imported
import type { Site } from 'cdk8s-analysis-facility/build/lib/site';

const nodes = nodePool('analysis', { count: 3, flavor: { vcpus: 16, memory: '64GiB' }, labels: { purpose: 'analysis' } });
const cluster = existingCluster({ version: '1.30', apiServers: ['10.0.0.10:6443'] });
const facility = new Facility(defineSite('institute', { cluster, pools: [nodes] }));
// @ts-expect-error a pool is missing
new DaskCluster(facility, 'a', {});
// @ts-expect-error an unknown unit
new DaskCluster(facility, 'b', { on: nodes, worker: { cpu: 4, memory: '64 gigs' } });
// @ts-expect-error a prop that does not exist
new DaskCluster(facility, 'c', { on: nodes, wokers: 4 });
// @ts-expect-error a pool is a value, not a name
new DaskCluster(facility, 'd', { on: 'analysis' });
`;

/** Every subpath, under every way of resolving modules. */
const SUBPATHS = `
import { place, ServiceChart, type ServiceDescription } from 'cdk8s-analysis-facility/authoring';
import { openstackApis } from 'cdk8s-analysis-facility/cinder-csi';
import { externalDask } from 'cdk8s-analysis-facility/dask';
import { DaskGateway } from 'cdk8s-analysis-facility/dask-gateway';
import { mig, type MigGpus } from 'cdk8s-analysis-facility/gpu';
import { cilogon, github, indigoIam, keycloak } from 'cdk8s-analysis-facility/jupyterhub';
import { MinIO } from 'cdk8s-analysis-facility/minio';
import { migParted } from 'cdk8s-analysis-facility/nvidia';
import { OpenStackCloudController } from 'cdk8s-analysis-facility/openstack-cloud-controller';

const description: ServiceDescription = { name: 'wiki' };
const layout: MigGpus<'3g.40gb'> = mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 2 } });
const values = [place, ServiceChart, openstackApis, externalDask, DaskGateway, cilogon, github, indigoIam, keycloak, MinIO, migParted, OpenStackCloudController];
if (values.some((one) => typeof one !== 'function') || layout.perNode !== 2 || description.name !== 'wiki') throw new Error('a subpath is empty');
`;

const STRICT = {
  target: 'ES2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  skipLibCheck: false,
  types: [],
};

const CONFIGS = {
  'tsconfig.json': {
    compilerOptions: { ...STRICT, module: 'node16', outDir: 'out' },
    files: ['typed.cts', 'typed.mts', 'mistakes.cts', 'subpaths.mts', 'subpaths.cts'],
  },
  'tsconfig.nodenext.json': {
    compilerOptions: { ...STRICT, module: 'nodenext', noEmit: true },
    files: ['typed.cts', 'typed.mts', 'mistakes.cts', 'subpaths.mts', 'subpaths.cts'],
  },
  'tsconfig.bundler.json': {
    compilerOptions: { ...STRICT, module: 'esnext', moduleResolution: 'bundler', noEmit: true },
    files: ['typed.mts', 'subpaths.mts'],
  },
};

function withoutCdktf(tarball) {
  const facility = firstFacility();
  const folder = project('institute', tarball);
  const write = (name, text) => writeFileSync(join(folder, name), text);

  holds('the first facility of the README has at most ten lines', () => {
    const lines = facility.split('\n').filter((line) => line.trim() !== '');
    assert.ok(lines.length <= 10, `${lines.length} lines`);
  });
  holds('nothing that only this project needs is installed', () => {
    for (const name of ['cdktf', 'cdk8s-cli', 'tsx', 'typescript', 'jest'])
      assert.ok(!existsSync(join(folder, 'node_modules', name)), name);
  });

  const outputs = {};
  const made = (how, ...command) => {
    rmSync(join(folder, 'dist'), { recursive: true, force: true });
    const told = must(folder, ...command);
    assert.match(told, /1 site in .* s/, told);
    outputs[how] = contents(join(folder, 'dist'));
    assert.ok(Object.keys(outputs[how]).length >= 3, `${how}: ${Object.keys(outputs[how]).join(', ')}`);
    assert.deepEqual(outputs[how], Object.values(outputs)[0], `${how} writes something else than ${Object.keys(outputs)[0]}`);
  };

  write('facility.cjs', asCommonJs(facility));
  write('facility.mjs', facility);
  holds('a facility from CommonJS', () => made('CommonJS', process.execPath, 'facility.cjs'));
  holds('the same from an ES module', () => made('ES module', process.execPath, 'facility.mjs'));

  write('typed.cts', facility);
  write('typed.mts', facility);
  write('mistakes.cts', MISTAKES);
  write('subpaths.mts', SUBPATHS);
  write('subpaths.cts', SUBPATHS);
  for (const [name, config] of Object.entries(CONFIGS)) write(name, JSON.stringify(config));
  for (const [compiler, path] of Object.entries(COMPILERS)) {
    for (const config of Object.keys(CONFIGS)) {
      holds(`${compiler} accepts it, and refuses mistakes, with ${config}, declarations of all packages included`, () => {
        must(folder, process.execPath, join(root, path), '-p', config);
      });
    }
    holds(`what ${compiler} made of it runs`, () => {
      made(`${compiler}, CommonJS`, process.execPath, 'out/typed.cjs');
      made(`${compiler}, ES module`, process.execPath, 'out/typed.mjs');
      must(folder, process.execPath, 'out/subpaths.cjs');
      must(folder, process.execPath, 'out/subpaths.mjs');
    });
    rmSync(join(folder, 'out'), { recursive: true });
  }

  write('cdk8s.yaml', 'language: typescript\napp: node facility.mjs\noutput: dist/manifests\n');
  const facilityCommand = (...args) => must(folder, 'npx', '--no-install', 'facility', ...args);
  holds('npx facility synth', () => made('facility synth', 'npx', '--no-install', 'facility', 'synth'));
  holds('npx facility check writes nothing', () => {
    rmSync(join(folder, 'dist'), { recursive: true });
    assert.match(facilityCommand('check'), /\d+ objects/);
    assert.ok(!existsSync(join(folder, 'dist')));
  });
  holds('npx facility flows', () => assert.match(facilityCommand('flows', 'institute'), / -> .* \d+\/TCP/));
  holds('npx facility bootstrap makes values, and keeps them', () => {
    facilityCommand('bootstrap', 'institute');
    const first = contents(join(folder, 'secrets/institute'));
    assert.ok(Object.keys(first).length > 0, 'no file was written');
    facilityCommand('bootstrap', 'institute');
    assert.deepEqual(contents(join(folder, 'secrets/institute')), first);
  });

  write('cloud.cjs', CLOUD_SITE);
  holds('a site with a cloud is written in all three kinds, without cdktf installed', () => {
    assert.ok(!existsSync(join(folder, 'node_modules/cdktf')));
    must(folder, process.execPath, 'cloud.cjs');
    const written = files(join(folder, 'dist'));
    for (const kind of ['manifests/cloud/', 'cluster/cloud/', 'terraform/stacks/cloud/cdk.tf.json']) {
      assert.ok(
        written.some((name) => name.startsWith(kind)),
        `${kind} is not among ${written.join(', ')}`,
      );
    }
  });
}

function withCdktf(tarball) {
  const folder = project('cloud', tarball, 'cdktf@^0.21.0');
  const stacks = `import { SiteStack, terraformJson } from 'cdk8s-analysis-facility/infrastructure';\nconsole.log(typeof SiteStack, typeof terraformJson);\n`;
  writeFileSync(join(folder, 'stacks.mts'), stacks);
  // The declarations of cdktf do not pass a strict check; the code of the importer does.
  const config = {
    compilerOptions: { ...STRICT, lib: ['ES2022', 'DOM'], module: 'node16', outDir: 'out', skipLibCheck: true },
    files: ['stacks.mts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  for (const [compiler, path] of Object.entries(COMPILERS)) {
    holds(`${compiler} finds the types of the infrastructure`, () => {
      must(folder, process.execPath, join(root, path));
      assert.equal(must(folder, process.execPath, 'out/stacks.mjs'), 'function function\n');
    });
  }
}

/** `facility init`, and what the app that it makes does by itself. `--update` keeps the snapshot that comes out. */
function initialized(tarball, installer) {
  const folder = join(scratch, 'lab');
  must(installer, 'npx', 'facility', 'init', folder);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  manifest.dependencies['cdk8s-analysis-facility'] = `file:${tarball}`;
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  must(folder, 'npm', 'install', '--no-audit', '--no-fund');
  const snapshot = 'test/__snapshots__/facility.test.ts.snap';
  if (process.argv.includes('--update')) {
    must(folder, 'npx', 'jest', '--ci=false', '-u');
    const template = join(root, 'lib/command/template', `${snapshot}.template`);
    mkdirSync(dirname(template), { recursive: true });
    writeFileSync(template, readFileSync(join(folder, snapshot), 'utf8').replaceAll('lab-', '{{name}}-'));
  }
  holds('the tests of a fresh app pass, its snapshot among them', () => {
    const { status, text } = start(folder, 'npm', 'test');
    assert.equal(status, 0, `${text}\nIf the change is meant: npm run e2e -- package --update`);
  });
  holds('npx cdk8s synth works there', () => {
    must(folder, 'npx', 'cdk8s', 'synth', '--check-upgrade=false');
    assert.ok(existsSync(join(folder, 'dist/manifests/lab/jupyterhub.k8s.yaml')));
  });
  holds('npm run synth and npm run check work there', () => {
    must(folder, 'npm', 'run', 'synth');
    assert.match(must(folder, 'npm', 'run', 'check'), /lab/);
  });
}

try {
  // What the build says comes first.
  const told = must(root, 'npm', 'pack', '--json', '--silent', '--pack-destination', scratch);
  const [{ filename, files: packed }] = JSON.parse(told.slice(told.indexOf('[')));
  holds('the tarball holds what is compiled, its declarations and texts, and nothing else', () => {
    const paths = packed.map(({ path }) => path);
    for (const path of [
      'LICENSE',
      'THIRD_PARTY_NOTICES.md',
      'README.md',
      'CHANGELOG.md',
      'docs/errors.md',
      'build/lib/index.js',
      'build/lib/index.d.ts',
    ])
      assert.ok(paths.includes(path), path);
    const strangers = paths.filter(
      (path) =>
        !/^(?:build\/(?:lib|imports\/openstack)\/|(?:LICENSE|THIRD_PARTY_NOTICES\.md|README\.md|CHANGELOG\.md|docs\/errors\.md|package\.json)$)/.test(
          path,
        ),
    );
    assert.deepEqual(strangers, []);
    // Only lint reads names.json.
    const assets = files(join(root, 'lib')).filter((name) => !/\.(?:ts|md)$|\/names\.json$/.test(name));
    for (const name of assets) assert.ok(paths.includes(`build/lib/${name}`), name);
  });
  const tarball = join(scratch, filename);
  withoutCdktf(tarball);
  withCdktf(tarball);
  initialized(tarball, join(scratch, 'institute'));
  console.log(`${passed} passed`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
