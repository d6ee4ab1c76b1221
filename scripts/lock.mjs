// node scripts/lock.mjs [--check]: completes package-lock.json after `npm install`, or tells that it is not complete.
// Packages with machine code come in one package a platform. A registry that mirrors only some platforms makes npm leave the others out of
// the lock, and `npm ci` then refuses the lock on every machine. What is missing is added; nothing is downloaded.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = join(dirname(fileURLToPath(import.meta.url)), '../package-lock.json');
const PLATFORM = /\b(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ia32|loong64|ppc64|riscv64|s390x)(?:-(\w+))?$/;

/** Whether `name` is found from the package at `path`, as Node would look for it. */
function isLocked(packages, path, name) {
  const cut = path.lastIndexOf('/node_modules/');
  if (packages[join(path, 'node_modules', name)]) return true;
  return path !== '' && isLocked(packages, cut < 0 ? '' : path.slice(0, cut), name);
}

/** Optional packages that the lock lacks, each with who asks for it. */
function missing(packages) {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isLocked(packages, path, name))
      .map(([name, version]) => ({ name, version, path })),
  );
}

function entry(packages, { name, version, path }) {
  const [, os, cpu, abi = ''] = PLATFORM.exec(name) ?? [];
  if (!os) throw new Error(`${name}, which ${path} may use, is not named after a platform: add it to package-lock.json by hand`);
  const [scope] = name.split('/');
  const sisters = Object.entries(packages).filter(([key, { os: systems }]) => systems && key.startsWith(`node_modules/${scope}/`));
  const [, { license, engines } = {}] = sisters[0] ?? [];
  const tellsLibc = sisters.some(([, { libc }]) => libc);
  return {
    version,
    cpu: [cpu],
    ...(packages[path].dev ? { dev: true } : {}),
    ...(os === 'linux' && (tellsLibc || abi.startsWith('musl')) ? { libc: [abi.startsWith('musl') ? 'musl' : 'glibc'] } : {}),
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
  for (const path of resolved) console.error(`package-lock.json names the registry that ${path} came from: .npmrc was not read`);
  process.exitCode = added.length + resolved.length > 0 ? 1 : 0;
} else if (added.length > 0) {
  lock.packages = Object.fromEntries([...Object.entries(lock.packages), ...added].sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: ${added.length} packages of other platforms added`);
}
