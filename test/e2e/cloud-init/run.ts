/**
 * cloud-init accepts the user data of every node without deprecated keys, and every script in them parses.
 *
 *   npm run e2e -- cloud-init [--dist FOLDER ...]
 *
 * Seen to fail: with `hostnam` for `hostname`, which cloud-init itself would not report; with a command that lacks its `fi`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { type Finding, folders, phase, suite, table } from '../cluster/report';
import { userData } from './sites';

/** Maximum size of user data in Nova, in base64 characters. */
const largest = 65_535;

interface UserData {
  readonly where: string;
  readonly text: string;
}

interface Script {
  readonly name: string;
  readonly text: string;
}

type Command = string | readonly string[];

interface CloudConfig {
  readonly write_files?: readonly { readonly path: string; readonly content?: string; readonly encoding?: string }[];
  readonly runcmd?: readonly Command[];
  readonly bootcmd?: readonly Command[];
}

async function run(args: readonly string[]): Promise<Finding[]> {
  const written = folders(args, '--dist', [resolve(__dirname, '../../../dist')]).flatMap((it) => [...inTerraform(it), ...inCluster(it)]);
  const all = [...written, ...userData()];
  if (written.length === 0) throw new Error('no user data found: run `npm run synth` first');
  const cloudInit = await phase('cloud-init, installed where missing', () => {
    return execFileSync(join(__dirname, 'install.sh'), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  });
  const examined = await phase(`${all.length} user data`, () => all.map((it) => examine(it, cloudInit)));
  table([['user data', 'base64', 'scripts'], ...examined.map((it) => [it.where, it.size, it.scripts])]);
  return examined.flatMap((it) => it.findings);
}

function examine(userData: UserData, cloudInit: string) {
  const { where, text } = userData;
  const size = Buffer.from(text).toString('base64').length;
  const tooLarge = size > largest ? [{ where, message: `${size} characters of base64; Nova takes ${largest}` }] : [];
  const refusal = refused(userData, cloudInit);
  // Invalid user data contain no scripts to check.
  const found = refusal.length === 0 ? scripts(text) : [];
  return { where, size, scripts: found.length, findings: [...tooLarge, ...refusal, ...found.flatMap((it) => unparsed(userData, it))] };
}

function inTerraform(dist: string): UserData[] {
  const stacks = join(dist, 'terraform/stacks');
  if (!existsSync(stacks)) return [];
  return readdirSync(stacks).flatMap((stack) => {
    const { resource = {} } = JSON.parse(readFileSync(join(stacks, stack, 'cdk.tf.json'), 'utf8')) as {
      resource?: Record<string, Record<string, { user_data?: string }>>;
    };
    return Object.entries(resource).flatMap(([type, named]) =>
      Object.entries(named).flatMap(([name, { user_data }]) =>
        user_data === undefined ? [] : [{ where: `${stack}: ${type}.${name}`, text: asApplied(user_data) }],
      ),
    );
  });
}

function inCluster(dist: string): UserData[] {
  const cluster = join(dist, 'cluster');
  if (!existsSync(cluster)) return [];
  return readdirSync(cluster, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((it) => it.isFile() && /(^|\/)cloud-init(\/|$)/.test(relative(cluster, it.parentPath)))
    .map((it) => join(it.parentPath, it.name))
    .map((path) => ({ where: relative(dist, path), text: readFileSync(path, 'utf8') }));
}

/** Resolves Terraform template escapes; variables that are only known at apply are replaced by a placeholder. */
function asApplied(template: string): string {
  return template.replace(/\$\$\{|%%\{|[$%]\{[^}]*\}/g, (it) => (it === '$${' || it === '%%{' ? it.slice(1) : 'known-at-apply'));
}

/** The exit code is not sufficient: it is 0 for deprecated keys, and unknown top-level keys are not reported at all. */
function refused({ where, text }: UserData, cloudInit: string): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'user-data-'));
  try {
    const file = join(folder, 'user-data');
    writeFileSync(file, text);
    const { status, stdout, stderr } = spawnSync(cloudInit, ['schema', '--config-file', file], { encoding: 'utf8' });
    const said = `${stdout}${stderr}`.replaceAll(file, 'user data');
    if (status !== 0 || /deprecat/i.test(said)) return [{ where, message: said }];
    const unknown = Object.keys((parse(text) as object | null) ?? {}).filter((it) => !knownWords().has(it));
    return unknown.length === 0 ? [] : [{ where, message: `cloud-init has no module for ${unknown.join(', ')} and would not say so` }];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Schema {
  readonly $defs: Readonly<Record<string, { readonly properties?: object }>>;
}

let words: Set<string> | undefined;

/** Top-level keys of all cloud-init modules, from its schema. */
function knownWords(): Set<string> {
  if (words) return words;
  const locate = 'import cloudinit.config, os; print(os.path.dirname(cloudinit.config.__file__))';
  // The Python of Debian, because the package is only installed for it.
  const folder = execFileSync('/usr/bin/python3', ['-c', locate], { encoding: 'utf8' }).trim();
  const { $defs } = JSON.parse(readFileSync(join(folder, 'schemas/schema-cloud-config-v1.json'), 'utf8')) as Schema;
  words = new Set(Object.values($defs).flatMap((it) => Object.keys(it.properties ?? {})));
  return words;
}

function scripts(text: string): Script[] {
  const { write_files = [], runcmd = [], bootcmd = [] } = parse(text) as CloudConfig;
  const files = write_files.map(({ path, content = '', encoding = '' }) => ({ name: path, text: decoded(content, encoding) }));
  const lines = [...bootcmd, ...runcmd].filter((it) => typeof it === 'string');
  const commands = lines.map((it) => ({ name: `command \`${it.split('\n')[0]}\``, text: it.startsWith('#!') ? it : `#!/bin/sh\n${it}` }));
  return [...files.filter((it) => it.text.startsWith('#!')), ...commands];
}

function decoded(content: string, encoding: string): string {
  const base64ed = /b64|base64/.test(encoding);
  const bytes = base64ed ? Buffer.from(content, 'base64') : Buffer.from(content, 'binary');
  if (/gz/.test(encoding)) return gunzipSync(bytes).toString();
  return base64ed ? bytes.toString() : content;
}

const parsers: Readonly<Record<string, readonly string[]>> = {
  sh: ['sh', '-n'],
  bash: ['bash', '-n'],
  python3: ['python3', '-c', 'import ast, sys; ast.parse(sys.stdin.read())'],
};

function unparsed({ where }: UserData, { name, text }: Script): Finding[] {
  const interpreter = /^#!\s*(?:\S*\/env\s+(?:-S\s+)?)?(?:\S*\/)?(\S+)/.exec(text)?.[1] ?? '';
  const [command, ...args] = parsers[interpreter] ?? [];
  if (!command) return [{ where: `${where}: ${name}`, message: `no parser for scripts of ${interpreter}` }];
  const { status, stderr } = spawnSync(command, args, { input: text, encoding: 'utf8' });
  return status === 0 ? [] : [{ where: `${where}: ${name}`, message: stderr }];
}

void suite('cloud-init', () => run(process.argv.slice(2)));
