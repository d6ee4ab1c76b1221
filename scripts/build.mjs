// npm run build: compiles lib, and the bindings that it imports, to build/ and puts the files beside them that are no TypeScript.
// One module a room, and declarations as they are: to load a module costs more than to run most of them, and a room is loaded whole.
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

const faces = (folder) =>
  readdirSync(join(lib, folder))
    .map((name) => join(lib, folder, name, 'index.ts'))
    .filter((file) => existsSync(file));

/** What becomes a module: the public face, rooms and services, and of the command what is started or loaded by itself. */
const modules = new Set([
  ...['index', 'authoring', 'gpu'].map((name) => join(lib, `${name}.ts`)),
  ...faces('.'),
  ...faces('services'),
  ...['main', 'run', 'bootstrap', 'flows', 'messages', 'compile-cache'].map((name) => join(lib, 'command', `${name}.ts`)),
]);

const infrastructure = join(lib, 'infrastructure/index.ts');

/** The folder of the module that a source becomes part of; bindings of OpenStack are part of the only room that knows them. */
function folderOf(source) {
  if (!source.startsWith(lib)) return join(lib, 'infrastructure');
  const [room, service] = relative(lib, source).split(sep);
  if (service === undefined) return lib;
  // The index of the services lies beside their folders.
  return room === 'services' && service !== 'index.ts' ? join(lib, room, service) : join(lib, room);
}

/** From one module to another goes a `require`, never a copy: there is one `FacilityError`. */
const betweenModules = {
  name: 'between-modules',
  setup(plugins) {
    plugins.onResolve({ filter: /^\./ }, ({ path, importer, kind }) => {
      const place = join(dirname(importer), path);
      const source = [`${place}.ts`, join(place, 'index.ts')].find((file) => modules.has(file));
      if (kind === 'entry-point' || !source) return undefined;
      const target =
        source === infrastructure && folderOf(importer) === join(lib, 'command') ? join(dirname(source), 'bundled.js') : source;
      const from = relative(folderOf(importer), target).split(sep).join('/').replace(/\.ts$/, '.js');
      return { path: from.startsWith('.') ? from : `./${from}`, external: true };
    });
    // cdktf is no ES module; a namespace would be a copy of all its names, once for each binding.
    plugins.onLoad({ filter: /imports[\\/]openstack[\\/].*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replace("import * as cdktf from 'cdktf'", "import cdktf = require('cdktf')"),
    }));
  },
};

/** Descriptions and defaults of a schema are for editors, who read the file; the checks at run time load in less time without them. */
const schemasWithoutRemarks = {
  name: 'schemas-without-remarks',
  setup(plugins) {
    plugins.onLoad({ filter: /[\\/]schema\.json$/ }, ({ path }) => ({
      contents: `module.exports = JSON.parse(${JSON.stringify(JSON.stringify(withoutRemarks(JSON.parse(readFileSync(path, 'utf8')))))});`,
    }));
  },
};

/** A schema, or an object of schemas by name: a prop may be called `description`. */
function withoutRemarks(schema, named = false) {
  if (Array.isArray(schema)) return schema.map((one) => withoutRemarks(one));
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([name]) => named || !['description', 'default', '$comment', '$schema'].includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, withoutRemarks(value, !named && (name === 'properties' || name === '$defs'))]),
  );
}

/** Packages that cdktf loads for what a synthesis never does: it zips no assets, and asks no Terraform for its version. */
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
  plugins: [betweenModules, schemasWithoutRemarks],
  metafile: true,
});
// The room once more with cdktf in it, for the command: cdktf's index loads in five times the time that its stacks need.
await bundle({
  ...options,
  entryPoints: { 'lib/infrastructure/bundled': infrastructure },
  external: ['constructs'],
  plugins: [betweenModules, schemasWithoutRemarks, withoutUnused],
  legalComments: 'linked',
  minify: true,
  keepNames: true,
});

const compiled = Object.entries(metafile.outputs);
const sources = compiled.flatMap(([, { inputs }]) => Object.keys(inputs));
const twice = sources.filter((source, index) => sources.indexOf(source) !== index);
if (twice.length > 0) throw new Error(`part of more than one module, and so not the same in both: ${twice.join(', ')}`);

// Configuration of daemons, programs of jobs: the constructs read them from the folder that they stand in.
const assets = readdirSync(lib, { recursive: true }).filter((name) => statSync(join(lib, name)).isFile() && !/\.(?:ts|md)$/.test(name));
for (const asset of assets) {
  mkdirSync(dirname(join(build, 'lib', asset)), { recursive: true });
  cpSync(join(lib, asset), join(build, 'lib', asset));
}

const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const program of Object.values(bin)) chmodSync(join(root, program), 0o755);

console.log(`build: ${sources.length} sources in ${compiled.length} modules, ${assets.length} other files`);
