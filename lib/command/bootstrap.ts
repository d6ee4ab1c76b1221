import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { compare, failure, optionInvalid } from '../errors';
import type { Facility } from '../facility';
import type { SecretNeed } from '../kubernetes';
import { opensslMissing, secretsInGit, siteUnknown } from './messages';

/** Values by `name/key`: one Secret has the same value in every namespace that wants it. */
type Values = Map<string, string>;

/** What is still to be done by hand, in words. */
interface Notes {
  readonly missing: string[];
  readonly shared: string[];
}

/**
 * `facility bootstrap <site> [--out FOLDER] [--set NAME/KEY=FILE]…`: the Secrets that the site refers to, with real values,
 * one file a namespace, to be sealed or applied. Values that are there already stay as they are.
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
  refuseGit(out);
  const before = existing(out);
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
  const words: string[] = [];
  let out: string | undefined;
  for (let index = 0; index < given.length; index++) {
    const word = given[index] ?? '';
    if (word === '--out') out = given[++index];
    else if (word === '--set') {
      const [, key, file] = /^([^/=]+\/[^=]+)=(.+)$/.exec(given[++index] ?? '') ?? [];
      if (!key || !file || !existsSync(file))
        throw failure(optionInvalid(`--set ${given[index]}`, '--set SECRET/KEY=FILE, of a file that exists'));
      values.set(key, readFileSync(file, 'utf8').trimEnd());
    } else if (word.startsWith('-')) throw failure(optionInvalid(word, '--out FOLDER, --set SECRET/KEY=FILE'));
    else words.push(word);
  }
  const [site, ...more] = words;
  if (!site || more.length > 0) {
    const names = facilities.map((one) => one.site.name).join(', ');
    throw failure(optionInvalid(words.join(' ') || 'no site', `facility bootstrap SITE, of ${names}`));
  }
  return { site, out: out ?? join('secrets', site), values };
}

/** Secret values in a repository are read by everybody who reads it, for ever. */
function refuseGit(folder: string): void {
  let place = folder;
  while (!existsSync(place)) place = join(place, '..');
  const git = (...words: string[]) => spawnSync('git', ['-C', place, ...words], { encoding: 'utf8' });
  if (git('--version').error && insideRepository(place)) throw failure(secretsInGit(folder));
  if (git('rev-parse', '--is-inside-work-tree').stdout?.trim() !== 'true') return;
  const probe = join(process.cwd(), folder, 'any.yaml');
  const path = folder.startsWith('/') ? join(folder, 'any.yaml') : probe;
  if (git('check-ignore', '-q', path).status !== 0) throw failure(secretsInGit(folder));
}

/** Without Git on this machine, nobody can say what it ignores. */
function insideRepository(place: string): boolean {
  const folder = resolve(place);
  return existsSync(join(folder, '.git')) || (dirname(folder) !== folder && insideRepository(dirname(folder)));
}

/** Secrets of one namespace by name. */
type Secrets = Map<string, { readonly type: string; readonly data: Record<string, string> }>;

/** What an earlier run wrote, by namespace. What nobody needs any more stays: it may be the only key to somebody's data. */
function existing(folder: string): ReadonlyMap<string, Secrets> {
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

const RANK = { fixed: 0, certificate: 1, random: 2, shared: 3, same: 4, operator: 5 } as const;

function fill(values: Values, secrets: readonly SecretNeed[], notes: Notes): void {
  // Who owns a value decides how it is made; who borrows it takes what there is.
  const owners = [...secrets].sort((a, b) => RANK[a.origin.kind] - RANK[b.origin.kind] || compare(keyOf(a), keyOf(b)));
  for (const need of owners) {
    const key = keyOf(need);
    const { origin } = need;
    if (origin.kind === 'shared') notes.shared.push(`${key}: ${origin.with}`);
    if (values.has(key)) continue;
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
          throw failure(optionInvalid(`${need.secret.name}/tls.crt alone`, 'a certificate together with its key'));
        for (const [name, text] of certificate(hostsOf(need.secret.name, secrets))) values.set(`${need.secret.name}/${name}`, text);
        break;
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

/** All host names that one certificate is for. */
function hostsOf(name: string, secrets: readonly SecretNeed[]): readonly string[] {
  const hosts = secrets.flatMap(({ secret, origin }) => (secret.name === name && origin.kind === 'certificate' ? origin.hosts : []));
  return [...new Set(hosts)];
}

function keyOf({ secret }: SecretNeed): string {
  return `${secret.name}/${secret.key}`;
}

/** A certificate that clients do not trust yet, so that the ingress has one; Node can make keys, but no certificates. */
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
    // The mode of a file that was there before would stay.
    chmodSync(file, 0o600);
    return `${file}: ${documents.map(({ metadata }) => metadata.name).join(', ') || 'nothing yet'}`;
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
    ...list('to be agreed with somebody outside (register the value there, or put theirs into the file):', notes.shared),
    ...list('only you have these; add them with --set SECRET/KEY=FILE:', notes.missing),
    `apply, once the namespaces of 00-cluster.k8s.yaml are there: kubectl apply --server-side -f ${folder}`,
  ].join('\n')}\n`;
}
