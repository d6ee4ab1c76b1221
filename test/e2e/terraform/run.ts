// npm run e2e -- terraform [--apply] [--dist FOLDER]
//
// Runs init, validate and plan for every synthesized stack, with the provider that terraform or tofu is configured to use.
// --apply also runs apply, a second plan that must be empty, and destroy: use an OpenStack project without other resources.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = resolve(__dirname, '../../..');
const { values } = parseArgs({
  options: {
    apply: { type: 'boolean', default: false },
    dist: { type: 'string', default: join(root, 'dist') },
  },
});

class Failure extends Error {}

/** The first of `terraform` and `tofu` that is installed. */
function findBinary(): string {
  const binary = ['terraform', 'tofu'].find((name) => spawnSync(name, ['version'], { stdio: 'ignore' }).status === 0);
  if (binary) return binary;
  throw new Failure('Neither terraform nor tofu starts from the PATH: install one of them. Nothing was checked.');
}

function findStacks(): string[] {
  const folder = join(resolve(values.dist), 'terraform/stacks');
  const stacks = (existsSync(folder) ? readdirSync(folder).sort() : []).map((name) => join(folder, name));
  if (stacks.length > 0) return stacks;
  throw new Failure(`There is no stack in ${relative(root, folder)}: run \`npm run synth\` first, or give --dist FOLDER.`);
}

function requireCloud(): void {
  if (process.env.OS_CLOUD || process.env.OS_AUTH_URL) return;
  throw new Failure(
    'Neither OS_CLOUD nor OS_AUTH_URL is set: a plan asks the cloud for images and networks.\n' +
      'Set OS_CLOUD (with clouds.yaml, or OS_CLIENT_CONFIG_FILE), or source the openrc file of the project. Nothing was checked.',
  );
}

type Terraform = (...args: string[]) => void;

function terraformIn(binary: string, folder: string, label: string): Terraform {
  return (...args) => {
    console.log(`== ${label}: ${binary} ${args.join(' ')}`);
    const env = { ...process.env, TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' };
    const { status, signal } = spawnSync(binary, args, { cwd: folder, env, stdio: 'inherit' });
    if (status !== 0) throw new Failure(`${label}: ${binary} ${args.join(' ')} ended with ${status ?? signal}`);
  };
}

/** A copy with its own local state: the state of the site is neither read nor written. */
function copyStack(stack: string, scratch: string): string {
  const copy = join(scratch, basename(stack));
  cpSync(stack, copy, {
    recursive: true,
    filter: (path) => !/^(\.terraform|.*\.tfstate.*|\.terraform\.lock\.hcl)$/.test(basename(path)),
  });
  const backend = { terraform: { backend: { local: { path: 'terraform.tfstate' } } } };
  writeFileSync(join(copy, 'backend_override.tf.json'), JSON.stringify(backend));
  return copy;
}

/** Removes protection of data, which would prevent this run from destroying its resources. */
function allowDestroy(copy: string): void {
  const file = join(copy, 'cdk.tf.json');
  const withoutProtection = (key: string, value: unknown) => (key === 'prevent_destroy' ? undefined : value);
  writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, 'utf8'), withoutProtection), null, 2));
}

function applyAndDestroy(terraform: Terraform, copy: string): void {
  allowDestroy(copy);
  try {
    terraform('apply', '-auto-approve');
    terraform('plan', '-detailed-exitcode');
  } finally {
    terraform('destroy', '-auto-approve');
  }
}

function run(): void {
  const stacks = findStacks();
  const binary = findBinary();
  requireCloud();
  const scratch = mkdtempSync(join(tmpdir(), 'facility-terraform-'));
  const failures: string[] = [];
  for (const stack of stacks) {
    const copy = copyStack(stack, scratch);
    const terraform = terraformIn(binary, copy, basename(stack));
    try {
      terraform('init');
      terraform('validate');
      terraform('plan');
      if (values.apply) applyAndDestroy(terraform, copy);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error.message);
    }
  }
  const done = values.apply ? 'planned, applied, planned again and destroyed' : 'planned';
  if (failures.length === 0) console.log(`${stacks.length} stack(s) ${done} with ${binary}`);
  else if (values.apply) failures.push(`The copies and their state are kept in ${scratch}: look there for what is left in the cloud.`);
  if (failures.length === 0 || !values.apply) rmSync(scratch, { recursive: true, force: true });
  if (failures.length > 0) throw new Failure(failures.join('\n'));
}

// An interrupt stops terraform, which then fails; applied resources are still destroyed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

try {
  run();
} catch (error) {
  console.error(error instanceof Failure ? error.message : error);
  process.exitCode = 1;
}
