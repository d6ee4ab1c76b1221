// npm run e2e -- <what> [arguments]: starts test/e2e/<what>/run.sh, run.mjs or run.ts in the root of the project.
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

const refuse = (message) => {
  console.error(`${message}\nUsage: npm run e2e -- <what> [arguments]\nSuites: ${suites.join(', ') || 'none'}`);
  process.exit(2);
};

const [suite, ...args] = process.argv.slice(2);
if (suite === undefined) refuse('Which suite?');
if (!suites.includes(suite)) refuse(`There is no suite '${suite}'.`);
const [entry, ...others] = entries(suite);
if (others.length > 0) refuse(`test/e2e/${suite} has more than one start: ${[entry, ...others].join(', ')}.`);

const [command, ...options] = RUNNERS[entry];
// An interrupt reaches the suite as well: it ends in its own time, with what it has to clean up.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
const { status, signal, error } = spawnSync(command, [...options, join(folder, suite, entry), ...args], {
  cwd: root,
  stdio: 'inherit',
});
if (error) throw error;
process.exit(status ?? 128 + constants.signals[signal]);
