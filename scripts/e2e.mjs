// npm run e2e -- <suite> [arguments]: runs test/e2e/<suite>/run.sh, run.mjs or run.ts in the root of the project.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'test/e2e');

const RUNNERS = {
  'run.sh': ['bash'],
  'run.mjs': [process.execPath],
  'run.ts': [process.execPath, '--import', 'tsx'],
};

const entries = (suite) => Object.keys(RUNNERS).filter((name) => existsSync(join(folder, suite, name)));
const suites = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => entries(name).length > 0)
      .sort()
  : [];

const fail = (message) => {
  console.error(`${message}\nUsage: npm run e2e -- <suite> [arguments]\nSuites: ${suites.join(', ') || 'none'}`);
  process.exit(2);
};

const [suite, ...args] = process.argv.slice(2);
if (suite === undefined) fail('No suite given.');
if (!suites.includes(suite)) fail(`Unknown suite '${suite}'.`);
const [entry, ...others] = entries(suite);
if (others.length > 0) fail(`test/e2e/${suite} has more than one entry point: ${[entry, ...others].join(', ')}.`);

const [command, ...options] = RUNNERS[entry];
// The suite receives the signal as well; wait until it has cleaned up and exited.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
const { status, signal, error } = spawnSync(command, [...options, join(folder, suite, entry), ...args], {
  cwd: root,
  stdio: 'inherit',
});
if (error) throw error;
process.exit(status ?? 128 + constants.signals[signal]);
