// npm run build: compiles lib and the bindings that it imports to build/, and copies files that are not TypeScript.
// Each module of lib is bundled to one JavaScript file, because loading many files takes longer than running them. Declarations are not bundled.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const build = join(root, 'build');
const lib = join(root, 'lib');
const compiler = join(root, 'node_modules/typescript-7/bin/tsc');

rmSync(build, { recursive: true, force: true });
const { status, error } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (error) throw error;
if (status !== 0) process.exit(status ?? 1);

const indexFiles = (folder) =>
  readdirSync(join(lib, folder))
    .map((name) => join(lib, folder, name, 'index.ts'))
    .filter((file) => existsSync(file));

/** Entry points of bundles: the entries of the package, modules, services, and the files of the command that are started or loaded separately. */
const modules = new Set([
  ...['index', 'authoring', 'gpu'].map((name) => join(lib, `${name}.ts`)),
  ...indexFiles('.'),
  ...indexFiles('services'),
  ...['main', 'run', 'help', 'bootstrap', 'explain', 'flows', 'messages', 'compile-cache'].map((name) =>
    join(lib, 'command', `${name}.ts`),
  ),
]);

const infrastructure = join(lib, 'infrastructure/index.ts');

/** The folder of the bundle that contains a source file; the OpenStack bindings are in the bundle of lib/infrastructure. */
function folderOf(source) {
  if (!source.startsWith(lib)) return join(lib, 'infrastructure');
  const [module, service] = relative(lib, source).split(sep);
  if (service === undefined) return lib;
  // lib/services/index.ts is not in the folder of a service.
  return module === 'services' && service !== 'index.ts' ? join(lib, module, service) : join(lib, module);
}

/** Bundles load each other with `require` instead of containing copies, so that there is only one class `FacilityError`. */
const betweenModules = {
  name: 'between-modules',
  setup(plugins) {
    plugins.onResolve({ filter: /^\./ }, ({ path, importer, kind }) => {
      const imported = join(dirname(importer), path);
      const source = [`${imported}.ts`, join(imported, 'index.ts')].find((file) => modules.has(file));
      if (kind === 'entry-point' || !source) return undefined;
      const target =
        source === infrastructure && folderOf(importer) === join(lib, 'command') ? join(dirname(source), 'bundled.js') : source;
      const from = relative(folderOf(importer), target).split(sep).join('/').replace(/\.ts$/, '.js');
      return { path: from.startsWith('.') ? from : `./${from}`, external: true };
    });
    // cdktf is a CommonJS module; an ES namespace would copy all its names for each binding.
    plugins.onLoad({ filter: /imports[\\/]openstack[\\/].*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replace("import * as cdktf from 'cdktf'", "import cdktf = require('cdktf')"),
    }));
  },
};

/** Removes descriptions and defaults from schemas, which only editors need, so that they load faster. */
const schemasWithoutDescriptions = {
  name: 'schemas-without-descriptions',
  setup(plugins) {
    plugins.onLoad({ filter: /[\\/]schema\.json$/ }, ({ path }) => ({
      contents: `module.exports = JSON.parse(${JSON.stringify(JSON.stringify(withoutDescriptions(JSON.parse(readFileSync(path, 'utf8')))))});`,
    }));
  },
};

/** @param named whether `schema` is an object of schemas by name, where `description` may be the name of a prop */
function withoutDescriptions(schema, named = false) {
  if (Array.isArray(schema)) return schema.map((one) => withoutDescriptions(one));
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([name]) => named || !['description', 'default', '$comment', '$schema'].includes(name));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, withoutDescriptions(value, !named && (name === 'properties' || name === '$defs'))]),
  );
}

/** Examples of services are rendered by the test suites only: in the published package, services have none. */
const withoutExamples = {
  name: 'without-examples',
  setup(plugins) {
    plugins.onResolve({ filter: /^\.\/examples$/ }, ({ importer }) => ({ path: relative(root, importer), namespace: 'examples' }));
    plugins.onLoad({ filter: /.*/, namespace: 'examples' }, () => ({ contents: 'module.exports = { examples: [] };' }));
  },
};

/** Replaces packages that cdktf loads but that synthesis never uses, e.g. to zip assets or to query the version of Terraform. */
const withoutUnused = {
  name: 'without-unused',
  setup(plugins) {
    plugins.onResolve({ filter: /^(?:archiver|semver|json-stable-stringify)$/ }, ({ path }) => ({ path, namespace: 'unused' }));
    plugins.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({
      contents: `module.exports = () => { throw new Error('${path} is not part of this bundle of cdktf'); };`,
    }));
    // Node 22 prints a deprecation warning for `util.isArray`.
    plugins.onLoad({ filter: /cdktf[\\/]lib[\\/]terraform-output\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace('(0, util_2.isArray)', 'Array.isArray'),
    }));
  },
};

const options = {
  absWorkingDir: root,
  outbase: root,
  outdir: build,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  tsconfig: 'tsconfig.build.json',
  logLevel: 'warning',
};
const { metafile } = await bundle({
  ...options,
  entryPoints: [...modules],
  packages: 'external',
  plugins: [withoutExamples, betweenModules, schemasWithoutDescriptions],
  metafile: true,
});
// A second bundle of lib/infrastructure that contains cdktf, for the command: loading the index of cdktf takes five times as long as its stacks.
await bundle({
  ...options,
  entryPoints: { 'lib/infrastructure/bundled': infrastructure },
  external: ['constructs'],
  plugins: [betweenModules, schemasWithoutDescriptions, withoutUnused],
  legalComments: 'linked',
  minify: true,
  keepNames: true,
});

const compiled = Object.entries(metafile.outputs);
const sources = compiled.flatMap(([, { inputs }]) => Object.keys(inputs)).filter((source) => !source.startsWith('examples:'));
const duplicates = sources.filter((source, index) => sources.indexOf(source) !== index);
if (duplicates.length > 0) throw new Error(`source files in more than one bundle: ${duplicates.join(', ')}`);

for (const name of readdirSync(join(build, 'lib/services'), { recursive: true })) {
  if (name.endsWith(`${sep}examples.d.ts`)) rmSync(join(build, 'lib/services', name));
}

// Configuration files of daemons and scripts of jobs: the constructs read them from their own folder.
const assets = readdirSync(lib, { recursive: true }).filter(
  (name) => statSync(join(lib, name)).isFile() && !/\.(?:ts|md)$|names\.json$/.test(name),
);
for (const asset of assets) {
  mkdirSync(dirname(join(build, 'lib', asset)), { recursive: true });
  cpSync(join(lib, asset), join(build, 'lib', asset));
}

const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const program of Object.values(bin)) chmodSync(join(root, program), 0o755);

console.log(`build: ${sources.length} source files in ${compiled.length} bundles, ${assets.length} other files`);
