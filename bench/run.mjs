// npm run bench [-- ROUNDS] [--helm FOLDER]: CPU time of the library relative to cdk8s, cdktf and Helm, measured in the same run.
// Exits with 1 if a goal is missed. It measures the compiled package, as the app of a site uses it.
//
// FOLDER contains three charts (folders or .tgz files), e.g. zero-to-jupyterhub, dask and minio, with <chart>.values.yaml if values are
// required; `helm` must be on the PATH. Without this option, the goals against Helm are not measured.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { transformSync } from '@swc/core';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const folder = join(root, 'node_modules/.cache/bench');
const { values, positionals } = parseArgs({ options: { helm: { type: 'string' } }, allowPositionals: true });
const rounds = Number(positionals[0] ?? 15);
const compiler = join(root, 'node_modules/typescript-7/bin/tsc');

function node(...args) {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`node ${args.join(' ')} exited with ${status}\n${stdout}${stderr}`);
  return stderr.trim().split('\n').at(-1);
}

/** Creates a project with the package installed, and the app of napoli in JavaScript. */
function prepare() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  mkdirSync(join(folder, 'apps/napoli'), { recursive: true });
  node(join(root, 'scripts/build.mjs'));
  symlinkSync(root, join(folder, 'node_modules/cdk8s-analysis-facility'), 'junction');
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  writeFileSync(join(folder, 'cdk8s.yaml'), 'language: typescript\napp: node app.js\noutput: cdk8s-out\n');
  writeFileSync(join(folder, 'app.js'), "require('./lib.js').run(require('./apps/napoli/facility.js').napoli);\n");
  writeFileSync(join(folder, 'lib.js'), "module.exports = require('cdk8s-analysis-facility');\n");
  for (const name of ['site', 'facility']) {
    const source = readFileSync(join(root, `apps/napoli/${name}.ts`), 'utf8').replaceAll("'../../lib'", "'cdk8s-analysis-facility'");
    const { code } = transformSync(source, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } });
    writeFileSync(join(folder, `apps/napoli/${name}.js`), code);
    // The TypeScript source, for the type check.
    writeFileSync(join(folder, `apps/napoli/${name}.ts`), source);
  }
  const compilerOptions = { target: 'ES2022', module: 'node16', strict: true, skipLibCheck: false, noEmit: true, types: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['apps/napoli/facility.ts'] }));

  const require = createRequire(join(folder, 'package.json'));
  const { napoli } = require(join(folder, 'apps/napoli/facility.js'));
  const charts = {};
  for (const { chart, object } of napoli.output().objects) charts[chart] = [...(charts[chart] ?? []), object];
  writeFileSync(join(folder, 'objects.json'), JSON.stringify(charts));
  const { terraformJson } = require('cdk8s-analysis-facility/infrastructure');
  writeFileSync(join(folder, 'resources.json'), JSON.stringify(parts(JSON.parse(terraformJson(napoli.site, napoli.exposures()).text))));
}

/** Splits a stack into parts: one for each resource, data source and output, and one for the rest. */
function parts({ resource = {}, data = {}, output = {}, ...rest }) {
  const each = (name, kinds) =>
    Object.entries(kinds).flatMap(([kind, elements]) =>
      Object.entries(elements).map(([id, element]) => ({ [name]: { [kind]: { [id]: element } } })),
    );
  const outputs = Object.entries(output).map(([id, element]) => ({ output: { [id]: element } }));
  return [...each('resource', resource), ...each('data', data), ...outputs, rest];
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** CPU time of a command and its child processes in milliseconds, from the second line of the shell's `times`. */
function commandTime(command, cwd) {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `${command} >/dev/null || exit 1; times`], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} exited with ${status}\n${stdout}${stderr}`);
  const [user, system] = [...(stdout.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  return (user + system) * 1000;
}

/** Runs `helm template` for each chart of the folder, sequentially. */
function helmTemplates(charts) {
  return readdirSync(charts)
    .filter((name) => !name.endsWith('.values.yaml'))
    .map((name) => {
      const settings = join(charts, `${name.replace(/\.tgz$/, '')}.values.yaml`);
      return `helm template r ${join(charts, name)}${existsSync(settings) ? ` -f ${settings}` : ''}`;
    })
    .join(' && ');
}

/** Commands that operators run in the folder of the project. */
const COMMANDS = {
  'facility check': `node ${join(root, 'build/lib/command/main.js')} check`,
  'cdk8s synth': `node ${join(root, 'node_modules/cdk8s-cli/bin/cdk8s')} synth`,
  ...(values.helm ? { 'helm template of three charts': helmTemplates(values.helm) } : {}),
};

const measureOnce = (name) =>
  COMMANDS[name] ? commandTime(COMMANDS[name], folder) : Number(node(join(here, 'measure.cjs'), name, folder));

/** CPU time of whole processes. Rounds are interleaved, so that other load on the machine affects all measurements alike. */
function measure(names) {
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = names.map((_, index) => names[(index + round) % names.length]);
    for (const name of order) times[name].push(measureOnce(name));
  }
  return times;
}

const ratio = (times, name, baseline) => median(times[name].map((time, round) => time / times[baseline][round]));

/** Exponent of growth: the slope of log(time) over log(sites). */
function exponent(costs) {
  const points = Object.entries(costs).map(([sites, time]) => [Math.log(Number(sites)), Math.log(time)]);
  const mean = (index) => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  return points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

/** Wall-clock time of the fastest run in seconds: other load can only make a run slower. */
function typeCheck() {
  const seconds = Array.from({ length: 7 }, () => {
    const started = process.hrtime.bigint();
    node(compiler, '-p', folder);
    return Number(process.hrtime.bigint() - started) / 1e9;
  });
  return Math.min(...seconds);
}

prepare();
const programs = ['node only', 'cdk8s only', 'cdk8s and cdktf only', 'manifests', 'all three kinds', 'five sites'];
const times = measure([...programs, ...Object.keys(COMMANDS)]);
const costs = JSON.parse(node(join(here, 'growth.cjs'), folder));
const goals = [
  ['manifests of napoli / cdk8s only', ratio(times, 'manifests', 'cdk8s only'), 1.15],
  ['all three kinds / cdk8s and cdktf only', ratio(times, 'all three kinds', 'cdk8s and cdktf only'), 1.1],
  ['five sites / all three kinds of one site', ratio(times, 'five sites', 'all three kinds'), 2],
  ['facility check / all three kinds', ratio(times, 'facility check', 'all three kinds'), 1.15],
  ...(values.helm
    ? [
        ['all three kinds / helm template', ratio(times, 'all three kinds', 'helm template of three charts'), 1],
        ['five sites / five times helm template', ratio(times, 'five sites', 'helm template of three charts') / 5, 0.5],
      ]
    : []),
  ['growth from 1 to 100 sites, exponent', exponent(costs), 1.05],
  ['type check of an importing project, s', typeCheck(), 1],
];

console.log(`CPU time of one process, milliseconds, median of ${rounds} interleaved rounds`);
for (const [name, values] of Object.entries(times)) console.log(`  ${name.padEnd(42)}${median(values).toFixed(0).padStart(6)}`);
console.log('CPU time of all three kinds in a warm process, milliseconds');
for (const [sites, time] of Object.entries(costs)) console.log(`  ${`${sites} sites`.padEnd(42)}${time.toFixed(0).padStart(6)}`);
console.log(`${''.padEnd(44)}measured   goal`);
let missed = 0;
for (const [name, measured, goal] of goals) {
  const met = measured <= goal;
  if (!met) missed += 1;
  console.log(`${met ? 'pass' : 'FAIL'}  ${name.padEnd(42)}${measured.toFixed(2).padStart(6)}${goal.toFixed(2).padStart(7)}`);
}
rmSync(folder, { recursive: true, force: true });
process.exitCode = missed > 0 ? 1 : 0;
