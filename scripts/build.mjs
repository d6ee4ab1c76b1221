// npm run build: compiles lib, and the bindings that it imports, to build/ and puts the files beside them that are no TypeScript.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const build = join(root, 'build');
const compiler = join(root, 'node_modules/typescript-7/bin/tsc');

rmSync(build, { recursive: true, force: true });
const { status, error } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (error) throw error;
if (status !== 0) process.exit(status ?? 1);

// Configuration of daemons, programs of jobs: the constructs read them from the folder that they stand in.
const lib = join(root, 'lib');
const assets = readdirSync(lib, { recursive: true }).filter((name) => statSync(join(lib, name)).isFile() && !/\.(?:ts|md)$/.test(name));
for (const asset of assets) {
  mkdirSync(dirname(join(build, 'lib', asset)), { recursive: true });
  cpSync(join(lib, asset), join(build, 'lib', asset));
}

const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const program of Object.values(bin)) chmodSync(join(root, program), 0o755);

const compiled = readdirSync(build, { recursive: true }).filter((file) => file.endsWith('.js'));
console.log(`build: ${compiled.length} modules, ${assets.length} other files`);
