// node scripts/lock.mjs [--check]: completes package-lock.json after `npm install`; with --check, reports missing entries.
// Packages with native code have one optional package per platform. With a registry that mirrors only some platforms, npm omits the others
// from the lock, and `npm ci` then fails on all machines. This script adds the missing entries without downloading anything.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = join(dirname(fileURLToPath(import.meta.url)), '../package-lock.json');
const PLATFORM = /\b(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ia32|loong64|ppc64|riscv64|s390x)(?:-(\w+))?$/;

/** Whether the package at `path` can resolve `name`, by the rules of Node.js. */
function isLocked(packages, path, name) {
  const cut = path.lastIndexOf('/node_modules/');
  if (packages[join(path, 'node_modules', name)]) return true;
  return path !== '' && isLocked(packages, cut < 0 ? '' : path.slice(0, cut), name);
}

/** Optional packages that are missing in the lock, each with the path of the package that depends on it. */
function missing(packages) {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isLocked(packages, path, name))
      .map(([name, version]) => ({ name, version, path })),
  );
}

function entry(packages, { name, version, path }) {
  const [, os, cpu, abi = ''] = PLATFORM.exec(name) ?? [];
  if (!os) throw new Error(`${name}, an optional dependency of ${path}, has no platform in its name: add it to package-lock.json by hand`);
  const [scope] = name.split('/');
  const siblings = Object.entries(packages).filter(([key, { os: systems }]) => systems && key.startsWith(`node_modules/${scope}/`));
  const [, { license, engines } = {}] = siblings[0] ?? [];
  const hasLibc = siblings.some(([, { libc }]) => libc);
  return {
    version,
    cpu: [cpu],
    ...(packages[path].dev ? { dev: true } : {}),
    ...(os === 'linux' && (hasLibc || abi.startsWith('musl')) ? { libc: [abi.startsWith('musl') ? 'musl' : 'glibc'] } : {}),
    ...(license ? { license } : {}),
    optional: true,
    os: [os],
    ...(engines ? { engines } : {}),
  };
}

const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = missing(lock.packages).map((one) => [`node_modules/${one.name}`, entry(lock.packages, one)]);
const resolved = Object.keys(lock.packages).filter((path) => lock.packages[path].resolved);
if (process.argv.includes('--check')) {
  for (const [path] of added) console.error(`package-lock.json lacks ${path}: run node scripts/lock.mjs`);
  for (const path of resolved) console.error(`package-lock.json contains the registry URL of ${path}: .npmrc was not used`);
  process.exitCode = added.length + resolved.length > 0 ? 1 : 0;
} else if (added.length > 0) {
  lock.packages = Object.fromEntries([...Object.entries(lock.packages), ...added].sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: ${added.length} packages of other platforms added`);
}
