// npm run imports -- SCHEMA.json [--out FOLDER]
// Generates the OpenStack bindings with cdktf's own generator. imports/README.md explains how to get the schema.
'use strict';

const { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { tmpdir } = require('node:os');
const { dirname, join, relative, resolve } = require('node:path');

const PROVIDER = {
  name: 'openstack',
  source: 'terraform-provider-openstack/openstack',
  version: '3.4.0',
  constraint: '~> 3.4',
};

/** Only the resources that lib imports: each one adds to the time of type checks in all projects. */
const RESOURCES = [
  'blockstorage_volume_v3',
  'compute_instance_v2',
  'compute_keypair_v2',
  'compute_servergroup_v2',
  'compute_volume_attach_v2',
  'lb_listener_v2',
  'lb_loadbalancer_v2',
  'lb_members_v2',
  'lb_monitor_v2',
  'lb_pool_v2',
  'networking_floatingip_associate_v2',
  'networking_floatingip_v2',
  'networking_network_v2',
  'networking_port_v2',
  'networking_router_interface_v2',
  'networking_router_v2',
  'networking_secgroup_rule_v2',
  'networking_secgroup_v2',
  'networking_subnet_v2',
];
const DATA_SOURCES = ['compute_flavor_v2', 'images_image_v2', 'networking_network_v2', 'networking_subnet_v2'];

const kebab = (name) => name.replaceAll('_', '-');

/** Folders in imports/openstack. */
const FOLDERS = [...RESOURCES.map(kebab), ...DATA_SOURCES.map((name) => `data-${PROVIDER.name}-${kebab(name)}`), 'provider'].sort();

/** An error in the arguments or the schema, printed without a stack trace. */
class InputError extends Error {}

const pick = (object, names) => Object.fromEntries(names.filter((name) => object[name] !== undefined).map((name) => [name, object[name]]));

const sorted = (object = {}, change = (value) => value) =>
  Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, change(object[key])]),
  );

// Keeps only what affects the generated code. Keys named "description" cannot simply be removed, because an attribute may have
// that name.
const bareAttribute = (attribute) => ({
  ...pick(attribute, ['type', 'required', 'optional', 'computed', 'sensitive']),
  ...(attribute.nested_type && {
    nested_type: {
      ...pick(attribute.nested_type, ['nesting_mode', 'min_items', 'max_items']),
      attributes: sorted(attribute.nested_type.attributes, bareAttribute),
    },
  }),
});

const bareBlock = (block) => ({
  attributes: sorted(block.attributes, bareAttribute),
  block_types: sorted(block.block_types, (type) => ({
    ...pick(type, ['nesting_mode', 'min_items', 'max_items']),
    block: bareBlock(type.block),
  })),
});

const bare = ({ version = 0, block }) => ({ version, block: bareBlock(block) });

function chosen(kind, schemas = {}, names) {
  const types = names.map((name) => `${PROVIDER.name}_${name}`);
  const missing = types.filter((type) => !schemas[type]?.block);
  if (missing.length > 0) {
    throw new InputError(
      `The schema lacks ${missing.length} ${kind}(s) that lib uses: ${missing.join(', ')}.\n` +
        `It has ${Object.keys(schemas).length}: ${Object.keys(schemas).sort().join(', ') || 'none'}.\n` +
        'Use the schema of the whole provider, or remove the name from the list in scripts/imports.cjs.',
    );
  }
  return Object.fromEntries(types.map((type) => [type, bare(schemas[type])]));
}

const ofProvider = (address) => address === PROVIDER.source || address.endsWith(`/${PROVIDER.source}`);

/** Reduces a schema to what the generator needs; the result does not depend on descriptions or on a host name in its keys. */
function reduceSchema(schema) {
  const schemas = schema?.provider_schemas;
  if (schemas === null || typeof schemas !== 'object') {
    throw new InputError(
      'Not a provider schema: "provider_schemas" is missing.\n' +
        'Use the output of `terraform providers schema -json` in a folder with the provider installed.',
    );
  }
  const keys = Object.keys(schemas);
  const own = keys.filter(ofProvider);
  if (own.length !== 1) {
    throw new InputError(
      `The schema must contain ${PROVIDER.source} exactly once; it contains: ${keys.sort().join(', ') || 'no provider'}.\n` +
        'Run `terraform providers schema -json` in a folder that requires this provider.',
    );
  }
  const stated = Object.entries(schema.provider_versions ?? {}).find(([address]) => ofProvider(address))?.[1];
  if (stated !== undefined && stated !== PROVIDER.version) {
    throw new InputError(
      `The schema has version ${stated}, but the bindings are pinned to ${PROVIDER.version}.\n` +
        'To upgrade, change PROVIDER.version in scripts/imports.cjs and the version in imports/README.md.',
    );
  }
  const { provider, resource_schemas, data_source_schemas } = schemas[own[0]];
  if (!provider?.block) {
    throw new InputError(`The schema of ${own[0]} does not describe the provider itself ("provider" is missing).`);
  }
  return {
    provider: bare(provider),
    resource_schemas: chosen('resource', resource_schemas, RESOURCES),
    data_source_schemas: chosen('data source', data_source_schemas, DATA_SOURCES),
  };
}

const commentText = (line) => line.replace(/^\s*\*\s?/, '').trimEnd();

/** Removes URLs from a comment; returns an empty string if nothing else is left. */
function cleanComment(comment) {
  const indent = comment.match(/^[ \t]*/)[0];
  const text = comment
    .split('\n')
    .slice(1, -2)
    .map(commentText)
    .filter((line) => !line.startsWith('Docs at Terraform Registry'))
    .map((line) => line.replace(/\{@link \S+ ([^}]+)\}/g, '$1'))
    .join('\n')
    .trim();
  return text === '' ? '' : `${indent}/**\n${text.replace(/^/gm, `${indent} * `).replace(/ +$/gm, '')}\n${indent} */\n`;
}

// The generator does not write `override`, which the type check of the project requires.
const withOverride = (code) =>
  code
    .replace(/protected (synthesize(?:Hcl)?Attributes\()/g, 'protected override $1')
    .replace(/public ([gs]et alias\()/g, 'public override $1')
    .replace(/constructor\(protected terraformResource: .*\bwrapsSet\b/g, (list) => list.replaceAll('protected ', 'protected override '));

function clean(code) {
  const header = `// Generated from the schema of ${PROVIDER.source} ${PROVIDER.version} by \`npm run imports\`. Do not edit.\n`;
  const body = withOverride(code)
    .replace(/^\/\/ (https:.*|generated from terraform resource schema|Configuration)\n+/gm, '')
    .replace(/^[ \t]*\/\*\*\n(?:[ \t]*\*(?!\/).*\n)*[ \t]*\*\/\n/gm, cleanComment)
    .replace(/[ \t]+$/gm, '')
    .trim();
  if (/\bregistry\./i.test(body)) throw new Error('The generated code contains a registry URL: see clean().');
  return `${header}\n${body}\n`;
}

/** Runs the generator on a reduced schema. */
async function generate(schema, folder) {
  // Without these, a library of the generator queries a host on the network and a terraform binary, whose results are not used.
  process.env.CHECKPOINT_DISABLE = '1';
  process.env.TERRAFORM_BINARY_NAME = 'terraform-is-not-needed';
  const generatorPackage = require.resolve('@cdktf/provider-generator/package.json');
  const fromGenerator = createRequire(generatorPackage);
  const { CodeMaker } = fromGenerator('codemaker');
  const { ConstructsMakerProviderTarget, LANGUAGES, TerraformProviderConstraint } = fromGenerator('@cdktf/commons');
  // The index of the package loads jsii, which is not installed.
  const { TerraformProviderGenerator } = require(join(dirname(generatorPackage), 'lib/get/generator/provider-generator'));

  // The generator needs a host name in the key; this is its default for sources without one.
  const address = `${['registry', 'terraform', 'io'].join('.')}/${PROVIDER.source}`;
  const generator = new TerraformProviderGenerator(new CodeMaker(), {
    format_version: '1.0',
    provider_versions: { [address]: PROVIDER.version },
    provider_schemas: { [address]: schema },
  });
  const { name, source, constraint: version } = PROVIDER;
  const constraint = new TerraformProviderConstraint({ name, source, version });
  generator.generate(new ConstructsMakerProviderTarget(constraint, LANGUAGES[0]));
  await generator.save(folder);
  return join(folder, 'providers', name);
}

async function write(schema, out) {
  const scratch = mkdtempSync(join(tmpdir(), 'openstack-bindings-'));
  try {
    const generated = await generate(schema, scratch);
    const found = readdirSync(generated, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    if (
      found
        .map(({ name }) => name)
        .sort()
        .join() !== FOLDERS.join()
    ) {
      throw new Error(
        `The generator wrote ${found
          .map(({ name }) => name)
          .sort()
          .join(', ')}; expected ${FOLDERS.join(', ')}.`,
      );
    }
    const cleaned = join(scratch, 'cleaned');
    for (const folder of FOLDERS) {
      const sources = readdirSync(join(generated, folder), { recursive: true }).filter((file) => file.endsWith('.ts'));
      for (const file of sources) {
        const target = join(cleaned, folder, file);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, clean(readFileSync(join(generated, folder, file), 'utf8')));
      }
    }
    rmSync(out, { recursive: true, force: true });
    cpSync(cleaned, out, { recursive: true });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function parseSchema(file) {
  if (!existsSync(file)) throw new InputError(`File not found: ${file}.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InputError(`${file} is not JSON: ${error.message}\nUse only the output of \`terraform providers schema -json\`.`);
  }
}

async function main(args) {
  const [file, flag, folder] = args;
  if (!file || file.startsWith('-') || args.length > 3 || (flag !== undefined && (flag !== '--out' || !folder))) {
    throw new InputError(
      `Invalid arguments: ${args.join(' ') || 'none'}.\nUsage: npm run imports -- SCHEMA.json [--out FOLDER]\n` +
        'SCHEMA.json is the output of `terraform providers schema -json`; see imports/README.md.',
    );
  }
  const out = folder ?? join(__dirname, '..', 'imports', PROVIDER.name);
  await write(reduceSchema(parseSchema(file)), resolve(out));
  console.log(`${FOLDERS.length} bindings of ${PROVIDER.source} ${PROVIDER.version} written to ${relative(process.cwd(), resolve(out))}`);
}

module.exports = { FOLDERS, PROVIDER };

if (require.main === module) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof InputError ? error.message : error);
    process.exitCode = 1;
  });
}
