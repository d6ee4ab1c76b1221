// npm run bench [-- ROUNDS] [--helm FOLDER]: CPU time of the library beside the frameworks below it, and beside Helm, as ratios within
// one run. Ends with 1 if a goal is missed. It measures the compiled package, as a site's own app uses it.
//
// FOLDER holds three charts (folders or .tgz files), e.g. of zero-to-jupyterhub, dask and minio, each with its values beside it as
// <chart>.values.yaml if it needs any; `helm` must be on the PATH. Without it, the goals against Helm are not measured.
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
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stderr.trim().split('\n').at(-1);
}

/** A project that has the package installed, with the app of Napoli in JavaScript. */
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
    // The same as TypeScript, for the type check.
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

/** A stack taken to pieces: one part for each resource, data source, output; one for the rest. */
function parts({ resource = {}, data = {}, output = {}, ...rest }) {
  const each = (name, kinds) =>
    Object.entries(kinds).flatMap(([kind, things]) =>
      Object.entries(things).map(([id, thing]) => ({ [name]: { [kind]: { [id]: thing } } })),
    );
  const outputs = Object.entries(output).map(([id, thing]) => ({ output: { [id]: thing } }));
  return [...each('resource', resource), ...each('data', data), ...outputs, rest];
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** CPU time of a command and its children, in milliseconds: the second line of the shell's `times`. */
function commandTime(command, cwd) {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `${command} >/dev/null || exit 1; times`], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status}\n${stdout}${stderr}`);
  const [user, system] = [...(stdout.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  return (user + system) * 1000;
}

/** `helm template` of each chart of the folder, one after the other. */
function helmTrio(charts) {
  return readdirSync(charts)
    .filter((name) => !name.endsWith('.values.yaml'))
    .map((name) => {
      const settings = join(charts, `${name.replace(/\.tgz$/, '')}.values.yaml`);
      return `helm template r ${join(charts, name)}${existsSync(settings) ? ` -f ${settings}` : ''}`;
    })
    .join(' && ');
}

/** Programs that operators start, from the folder of the project. */
const COMMANDS = {
  'facility check': `node ${join(root, 'build/lib/command/main.js')} check`,
  'cdk8s synth': `node ${join(root, 'node_modules/cdk8s-cli/bin/cdk8s')} synth`,
  ...(values.helm ? { 'helm template of three charts': helmTrio(values.helm) } : {}),
};

const one = (what) => (COMMANDS[what] ? commandTime(COMMANDS[what], folder) : Number(node(join(here, 'measure.cjs'), what, folder)));

/** CPU time of whole processes, round by round: what slows one down slows its neighbours down as well. */
function measure(whats) {
  const times = Object.fromEntries(whats.map((what) => [what, []]));
  for (let round = 0; round < rounds; round++) {
    const order = whats.map((_, index) => whats[(index + round) % whats.length]);
    for (const what of order) times[what].push(one(what));
  }
  return times;
}

const ratio = (times, what, floor) => median(times[what].map((time, round) => time / times[floor][round]));

/** The slope of time over sites, both as logarithms. */
function exponent(costs) {
  const points = Object.entries(costs).map(([sites, time]) => [Math.log(Number(sites)), Math.log(time)]);
  const mean = (index) => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  return points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

/** Seconds on the clock, of the fastest run: whatever else the machine does can only make it slower. */
function typeCheck() {
  const seconds = Array.from({ length: 7 }, () => {
    const started = process.hrtime.bigint();
    node(compiler, '-p', folder);
    return Number(process.hrtime.bigint() - started) / 1e9;
  });
  return Math.min(...seconds);
}

prepare();
const programs = ['node alone', 'cdk8s alone', 'cdk8s and cdktf alone', 'manifests', 'all three kinds', 'five sites'];
const times = measure([...programs, ...Object.keys(COMMANDS)]);
const costs = JSON.parse(node(join(here, 'growth.cjs'), folder));
const goals = [
  ['manifests of Napoli / cdk8s alone', ratio(times, 'manifests', 'cdk8s alone'), 1.15],
  ['all three kinds / cdk8s and cdktf alone', ratio(times, 'all three kinds', 'cdk8s and cdktf alone'), 1.1],
  ['five sites / all three kinds of one', ratio(times, 'five sites', 'all three kinds'), 2],
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
for (const [what, values] of Object.entries(times)) console.log(`  ${what.padEnd(42)}${median(values).toFixed(0).padStart(6)}`);
console.log('CPU time of all three kinds in a warm process, milliseconds');
for (const [sites, time] of Object.entries(costs)) console.log(`  ${`${sites} sites`.padEnd(42)}${time.toFixed(0).padStart(6)}`);
console.log(`${''.padEnd(44)}measured   goal`);
let missed = 0;
for (const [what, measured, goal] of goals) {
  const met = measured <= goal;
  if (!met) missed += 1;
  console.log(`${met ? 'pass' : 'FAIL'}  ${what.padEnd(42)}${measured.toFixed(2).padStart(6)}${goal.toFixed(2).padStart(7)}`);
}
rmSync(folder, { recursive: true, force: true });
process.exitCode = missed > 0 ? 1 : 0;
