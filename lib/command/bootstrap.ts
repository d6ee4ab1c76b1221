import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { compare, failure, optionInvalid } from '../errors';
import type { Facility } from '../facility';
import type { SecretNeed } from '../kubernetes';
import { opensslMissing, secretsInGit, siteUnknown } from './messages';

/** Values by `name/key`: a Secret has the same value in every namespace. */
type Values = Map<string, string>;

/** Steps that the operator must do by hand. */
interface Notes {
  readonly missing: string[];
  readonly shared: string[];
}

/**
 * `npx facility bootstrap <site> [--out FOLDER] [--set NAME/KEY=FILE]…`: writes the Secrets that the site refers to, with their values, one file per
 * namespace, to be sealed or applied. Existing values are kept.
 */
export function bootstrap(facilities: readonly Facility[], given: readonly string[]): void {
  const { site, out, values } = optionsOf(given, facilities);
  const facility = facilities.find((one) => one.site.name === site);
  if (!facility)
    throw failure(
      siteUnknown(
        site,
        facilities.map((one) => one.site.name),
      ),
    );
  const { secrets } = facility.output();
  checkIgnoredByGit(out);
  const before = existingSecrets(out);
  for (const [key, value] of valuesOf(before)) if (!values.has(key)) values.set(key, value);
  const notes: Notes = { missing: [], shared: [] };
  fill(values, secrets, notes);
  const written = write(out, before, secrets, values);
  process.stdout.write(report(out, written, notes));
}

interface Options {
  readonly site: string;
  readonly out: string;
  readonly values: Values;
}

function optionsOf(given: readonly string[], facilities: readonly Facility[]): Options {
  const values: Values = new Map();
  const positional: string[] = [];
  let out: string | undefined;
  for (let index = 0; index < given.length; index++) {
    const argument = given[index] ?? '';
    if (argument === '--out') out = given[++index];
    else if (argument === '--set') {
      const [, key, file] = /^([^/=]+\/[^=]+)=(.+)$/.exec(given[++index] ?? '') ?? [];
      if (!key || !file || !existsSync(file))
        throw failure(optionInvalid(`--set ${given[index]}`, '--set SECRET/KEY=FILE with an existing file'));
      values.set(key, readFileSync(file, 'utf8').trimEnd());
    } else if (argument.startsWith('-')) throw failure(optionInvalid(argument, '--out FOLDER, --set SECRET/KEY=FILE'));
    else positional.push(argument);
  }
  const [site, ...more] = positional;
  if (!site || more.length > 0) {
    const names = facilities.map((one) => one.site.name).join(', ');
    throw failure(optionInvalid(positional.join(' ') || 'no site', `npx facility bootstrap SITE, with one of ${names}`));
  }
  return { site, out: out ?? join('secrets', site), values };
}

/** Rejects a folder that Git tracks: committed values stay readable in the history. */
function checkIgnoredByGit(folder: string): void {
  let existing = folder;
  while (!existsSync(existing)) existing = join(existing, '..');
  const git = (...args: string[]) => spawnSync('git', ['-C', existing, ...args], { encoding: 'utf8' });
  if (git('--version').error && insideRepository(existing)) throw failure(secretsInGit(folder, undefined));
  if (git('rev-parse', '--is-inside-work-tree').stdout?.trim() !== 'true') return;
  const probe = join(process.cwd(), folder, 'any.yaml');
  const path = folder.startsWith('/') ? join(folder, 'any.yaml') : probe;
  if (git('check-ignore', '-q', path).status === 0) return;
  const prefix = git('rev-parse', '--show-prefix').stdout.trim();
  throw failure(secretsInGit(folder, join(prefix, relative(existing, folder)).replace(/^\.$|\/$/, '')));
}

/** Without the command `git`, ignored folders are unknown, so every folder of a repository is rejected. */
function insideRepository(path: string): boolean {
  const folder = resolve(path);
  return existsSync(join(folder, '.git')) || (dirname(folder) !== folder && insideRepository(dirname(folder)));
}

/** Secrets of one namespace by name. */
type Secrets = Map<string, { readonly type: string; readonly data: Record<string, string> }>;

/** Secrets of an earlier run, by namespace. Those that are no longer required are kept: they may be the only key to existing data. */
function existingSecrets(folder: string): ReadonlyMap<string, Secrets> {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  return new Map(files.map((file) => [file.slice(0, -'.yaml'.length), secretsOf(readFileSync(join(folder, file), 'utf8'))]));
}

function secretsOf(text: string): Secrets {
  const read = parseAllDocuments(text).map(
    (document) => document.toJS() as { metadata?: { name?: string }; type?: string; stringData?: Record<string, string> } | null,
  );
  return new Map(
    read.flatMap((one) =>
      one?.metadata?.name ? [[one.metadata.name, { type: one.type ?? 'Opaque', data: one.stringData ?? {} }] as const] : [],
    ),
  );
}

function valuesOf(folder: ReadonlyMap<string, Secrets>): Values {
  const entries = [...folder.values()].flatMap((secrets) => [...secrets]);
  return new Map(entries.flatMap(([name, { data }]) => Object.entries(data).map(([key, value]) => [`${name}/${key}`, value] as const)));
}

const ORDER = { fixed: 0, certificate: 1, random: 2, shared: 3, derived: 4, same: 5, operator: 6 } as const;

function fill(values: Values, secrets: readonly SecretNeed[], notes: Notes): void {
  // Origins that create a value come before those that copy an existing one.
  const sorted = [...secrets].sort((a, b) => ORDER[a.origin.kind] - ORDER[b.origin.kind] || compare(keyOf(a), keyOf(b)));
  for (const need of sorted) {
    const key = keyOf(need);
    const { origin } = need;
    if (origin.kind === 'shared') notes.shared.push(`${key}: ${origin.with}`);
    const known = values.get(key);
    if (known !== undefined && !(origin.kind === 'derived' && origin.isStale?.(known))) continue;
    switch (origin.kind) {
      case 'random':
      case 'shared':
        values.set(key, randomBytes(origin.bytes).toString('hex'));
        break;
      case 'fixed':
        values.set(key, origin.value);
        break;
      case 'certificate':
        if (values.has(`${need.secret.name}/tls.crt`))
          throw failure(
            optionInvalid(`${need.secret.name}/tls.crt without ${need.secret.name}/tls.key`, 'a certificate together with its key'),
          );
        for (const [name, text] of certificate(hostsOf(need.secret.name, secrets))) values.set(`${need.secret.name}/${name}`, text);
        break;
      case 'derived': {
        const value = values.get(`${origin.from.name}/${origin.from.key}`);
        if (value === undefined) notes.missing.push(`${key}: ${origin.what}`);
        else values.set(key, origin.derive(value));
        break;
      }
      case 'same': {
        const value = values.get(`${origin.as.name}/${origin.as.key}`);
        if (value !== undefined) values.set(key, value);
        break;
      }
      case 'operator':
        notes.missing.push(`${key}: ${origin.what}`);
        break;
    }
  }
}

/** All host names of a certificate. */
function hostsOf(name: string, secrets: readonly SecretNeed[]): readonly string[] {
  const hosts = secrets.flatMap(({ secret, origin }) => (secret.name === name && origin.kind === 'certificate' ? origin.hosts : []));
  return [...new Set(hosts)];
}

function keyOf({ secret }: SecretNeed): string {
  return `${secret.name}/${secret.key}`;
}

/** A self-signed certificate. Created with openssl, because Node.js can create keys, but not certificates. */
function certificate(hosts: readonly string[]): readonly (readonly [string, string])[] {
  const folder = mkdtempSync(join(tmpdir(), 'facility-'));
  const path = (name: string) => join(folder, name);
  try {
    const names = hosts.map((host) => `DNS:${host}`).join(',');
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '365'],
        ...['-subj', `/CN=${(hosts[0] ?? '').slice(0, 64)}`, '-addext', `subjectAltName=${names}`],
        ...['-keyout', path('tls.key'), '-out', path('tls.crt')],
      ],
      { stdio: 'ignore' },
    );
    return ['tls.crt', 'tls.key'].map((name) => [name, readFileSync(path(name), 'utf8')] as const);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? failure(opensslMissing()) : error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder: string, before: ReadonlyMap<string, Secrets>, secrets: readonly SecretNeed[], values: Values): readonly string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const namespaces = [...new Set(secrets.map(({ namespace }) => namespace))].sort(compare);
  return namespaces.map((namespace) => {
    const objects: Secrets = new Map(before.get(namespace));
    for (const { secret, origin } of secrets.filter((need) => need.namespace === namespace)) {
      const object = objects.get(secret.name) ?? { type: typeOf(secret.key, origin.kind), data: {} };
      objects.set(secret.name, object);
      const keys = origin.kind === 'certificate' ? ['tls.crt', 'tls.key'] : [secret.key];
      for (const key of keys) {
        const value = values.get(`${secret.name}/${key}`);
        if (value !== undefined) object.data[key] = value;
      }
    }
    const documents = [...objects]
      .filter(([, { data }]) => Object.keys(data).length > 0)
      .sort(([a], [b]) => compare(a, b))
      .map(([name, { type, data }]) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, stringData: data }));
    const file = join(folder, `${namespace}.yaml`);
    writeFileSync(file, documents.map((document) => stringify(document, { version: '1.1', sortMapEntries: false })).join('---\n'), {
      mode: 0o600,
    });
    // `writeFileSync` does not change the mode of an existing file.
    chmodSync(file, 0o600);
    return `${file}: ${documents.map(({ metadata }) => metadata.name).join(', ') || 'no Secrets'}`;
  });
}

function typeOf(key: string, kind: SecretNeed['origin']['kind']): string {
  if (kind === 'certificate') return 'kubernetes.io/tls';
  return key === '.dockerconfigjson' ? 'kubernetes.io/dockerconfigjson' : 'Opaque';
}

function report(folder: string, written: readonly string[], notes: Notes): string {
  const list = (title: string, entries: readonly string[]) =>
    entries.length > 0 ? [title, ...[...new Set(entries)].map((entry) => `  ${entry}`)] : [];
  return `${[
    ...written,
    ...list('shared with an external service (register the value there, or write its value into the file):', notes.shared),
    ...list('missing values; add them with --set SECRET/KEY=FILE:', notes.missing),
    `when the namespaces of 00-cluster.k8s.yaml exist, run: kubectl apply --server-side -f ${folder}`,
  ].join('\n')}\n`;
}
