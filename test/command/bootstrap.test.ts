import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { bootstrap } from '../../lib/command/bootstrap';
import { init } from '../../lib/command/init';
import { Facility } from '../../lib/facility';
import { ServiceChart } from '../../lib/kubernetes';
import { DaskCluster } from '../../lib/services/dask';
import { type SecretKey, type SecretOrigin, secret } from '../../lib/site';
import { contents, folderOf, printed } from '../fixtures/folder';
import { existing, only, problemsOf, refused, worker } from '../fixtures/site';

/** A service that only requires Secrets. */
class Needy extends ServiceChart {
  constructor(facility: Facility, id: string, needs: readonly (readonly [SecretKey, SecretOrigin])[]) {
    super(facility, id, {}, { name: 'needy' });
    for (const [key, origin] of needs) this.needs(key, origin);
  }
}

describe('bootstrap', () => {
  const shared = secret('s3', 'key');
  const facility = new Facility(existing());
  new Needy(facility, 'owner', [
    [shared, { kind: 'random', bytes: 20 }],
    [secret('s3', 'user'), { kind: 'fixed', value: 'yes' }],
    [secret('oidc', 'client'), { kind: 'shared', bytes: 16, with: 'the client at the provider' }],
    [secret('cloud', 'cloud.conf'), { kind: 'operator', what: 'credentials of the cloud' }],
    [secret('web-tls', 'tls.key'), { kind: 'certificate', hosts: ['it.example.org', 'also.example.org'] }],
  ]);
  // A client of an object store only knows that the keys are required.
  new Needy(facility, 'borrower', [[shared, { kind: 'operator', what: 'key of the store' }]]);

  const out = folderOf('secrets');
  const boot = (...words: string[]) => printed(() => bootstrap([facility], ['cosenza', '--out', out, ...words]));
  const secretsIn = (file: string) => parseAllDocuments(readFileSync(join(out, file), 'utf8')).map((document) => document.toJS());
  const valueIn = (file: string, name: string, key: string): string | undefined =>
    secretsIn(file).find(({ metadata }) => metadata.name === name)?.stringData[key];
  let report = '';

  beforeAll(() => {
    report = boot();
  });

  test('writes a file per namespace that only its owner can read', () => {
    expect(readdirSync(out)).toEqual(['borrower.yaml', 'owner.yaml']);
    for (const file of readdirSync(out)) expect(statSync(join(out, file)).mode & 0o777).toBe(0o600);
    expect(statSync(out).mode & 0o077).toBe(0);
    for (const each of secretsIn('owner.yaml'))
      expect(each).toMatchObject({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'owner' } });
    expect(secretsIn('owner.yaml').map(({ metadata, type }) => `${metadata.name} ${type}`)).toEqual([
      'oidc Opaque',
      's3 Opaque',
      'web-tls kubernetes.io/tls',
    ]);
  });

  test('credentials of registries become image pull Secrets', () => {
    const login = new Facility(existing({ imagePullSecrets: ['harbor'] }));
    new DaskCluster(login, 'dask', { on: login.site.pools });
    const [folder, config] = [folderOf('pull'), folderOf('config')];
    const file = join(config, 'config.json');
    mkdirSync(config, { recursive: true });
    writeFileSync(file, '{"auths":{"harbor.example.org":{"auth":"bm9ib2R5"}}}');
    expect(printed(() => bootstrap([login], ['cosenza', '--out', folder]))).toContain(
      'harbor/.dockerconfigjson: credentials of the registries',
    );
    printed(() => bootstrap([login], ['cosenza', '--out', folder, '--set', `harbor/.dockerconfigjson=${file}`]));
    expect(parseAllDocuments(readFileSync(join(folder, 'dask.yaml'), 'utf8')).map((document) => document.toJS())).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'harbor', namespace: 'dask' },
        type: 'kubernetes.io/dockerconfigjson',
        stringData: { '.dockerconfigjson': readFileSync(file, 'utf8') },
      },
    ]);
  });

  test('random values are random, and have the required length', () => {
    expect(valueIn('owner.yaml', 's3', 'key')).toMatch(/^[0-9a-f]{40}$/);
    expect(valueIn('owner.yaml', 'oidc', 'client')).toMatch(/^[0-9a-f]{32}$/);
    const elsewhere = folderOf('secrets-of-others');
    printed(() => bootstrap([facility], ['cosenza', '--out', elsewhere]));
    expect(parseAllDocuments(readFileSync(join(elsewhere, 'borrower.yaml'), 'utf8'))[0]?.toJS().stringData.key).not.toBe(
      valueIn('borrower.yaml', 's3', 'key'),
    );
  });

  test('fixed values are quoted in YAML', () => expect(valueIn('owner.yaml', 's3', 'user')).toBe('yes'));

  test('the same name and key have the same value in every namespace', () => {
    expect(valueIn('borrower.yaml', 's3', 'key')).toBe(valueIn('owner.yaml', 's3', 'key'));
    expect(report).not.toContain('key of the store');
  });

  test('a certificate contains all of its host names', () => {
    expect(valueIn('owner.yaml', 'web-tls', 'tls.key')).toMatch(/^-----BEGIN (EC )?PRIVATE KEY-----/);
    const names = execFileSync('openssl', ['x509', '-noout', '-ext', 'subjectAltName'], {
      input: valueIn('owner.yaml', 'web-tls', 'tls.crt'),
    }).toString();
    expect(names).toMatch(/DNS:it\.example\.org, DNS:also\.example\.org/);
  });

  test('a value that is computed from another is kept until it is stale or its source is missing', () => {
    const chain = new Facility(existing());
    const derive = (value: string) => `signed ${value.length} ${randomBytes(4).toString('hex')}`;
    const key = secret('chain', 'key');
    new Needy(chain, 'chain', [
      [key, { kind: 'random', bytes: 4 }],
      [secret('chain', 'kept'), { kind: 'derived', from: key, what: 'kept', derive }],
      [secret('chain', 'stale'), { kind: 'derived', from: key, what: 'stale', derive, isStale: () => true }],
      [secret('chain', 'orphan'), { kind: 'derived', from: secret('elsewhere', 'key'), what: 'a token of another site', derive }],
    ]);
    const folder = folderOf('chain');
    const data = () => parseAllDocuments(readFileSync(join(folder, 'chain.yaml'), 'utf8'))[0]?.toJS().stringData;
    expect(printed(() => bootstrap([chain], ['cosenza', '--out', folder]))).toContain('chain/orphan: a token of another site');
    const first = data();
    expect(first).toEqual({
      key: expect.stringMatching(/^[0-9a-f]{8}$/),
      kept: expect.stringMatching(/^signed 8 /),
      stale: expect.stringMatching(/^signed 8 /),
    });
    printed(() => bootstrap([chain], ['cosenza', '--out', folder]));
    expect([data().kept, data().key]).toEqual([first.kept, first.key]);
    expect(data().stale).not.toBe(first.stale);
  });

  test('prints the remaining steps, and no values', () => {
    expect(report).toContain('cloud/cloud.conf: credentials of the cloud');
    expect(report).toContain('oidc/client: the client at the provider');
    expect(report).toContain(`kubectl apply --server-side -f ${out}`);
    for (const [name, key] of [
      ['s3', 'key'],
      ['oidc', 'client'],
    ] as const)
      expect(report).not.toContain(valueIn('owner.yaml', name, key));
  });

  test('a second run keeps all values', () => {
    const before = contents(out);
    boot();
    expect(contents(out)).toEqual(before);
  });

  test('restores the mode of a file that others can read', () => {
    chmodSync(join(out, 'owner.yaml'), 0o644);
    boot();
    expect(statSync(join(out, 'owner.yaml')).mode & 0o777).toBe(0o600);
  });

  test('--set adds a value of the operator, or replaces an existing value', () => {
    const file = folderOf('value');
    const value = randomBytes(8).toString('hex');
    writeFileSync(file, `${value}\n`);
    const said = boot('--set', `cloud/cloud.conf=${file}`, '--set', `s3/key=${file}`);
    expect(said).not.toContain('credentials of the cloud');
    expect([
      valueIn('owner.yaml', 'cloud', 'cloud.conf'),
      valueIn('owner.yaml', 's3', 'key'),
      valueIn('borrower.yaml', 's3', 'key'),
    ]).toEqual([value, value, value]);
    boot();
    expect(valueIn('owner.yaml', 'cloud', 'cloud.conf')).toBe(value);
  });

  test.each([
    [['cosenza', '--set', 'nonsense']],
    [['cosenza', '--set', 'a/b=/no/such/file']],
    [['cosenza', '--force']],
    [['cosenza', 'napoli']],
    [[]],
  ])('%j is refused', (words) => void refused('INVALID_OPTION', () => bootstrap([facility], words)));

  test('rejects an unknown site', () => {
    expect(refused('UNKNOWN_SITE', () => bootstrap([facility], ['cosensa', '--out', out])).fix).toBe("write 'cosenza'");
  });

  test('writes no Secrets for a facility with errors', () => {
    const broken = new Facility(existing());
    new DaskCluster(broken, 'dask', { on: worker() });
    expect(problemsOf(() => bootstrap([broken], ['cosenza', '--out', folderOf('never')])).length).toBeGreaterThan(0);
    expect(existsSync(folderOf('never'))).toBe(false);
  });

  test('rejects a folder that Git tracks, and accepts one that it ignores', () => {
    const repository = folderOf('repository');
    mkdirSync(repository);
    execFileSync('git', ['init', '--quiet'], { cwd: repository });
    const write = () => printed(() => bootstrap([facility], ['cosenza', '--out', join(repository, 'secrets/cosenza')]));
    expect(only(problemsOf(write), 'INSECURE_SECRETS_FOLDER').fix).toBe(
      "add '/secrets/cosenza/' to .gitignore in the root of the repository, or choose a folder outside of the repository with --out",
    );
    expect(existsSync(join(repository, 'secrets'))).toBe(false);
    writeFileSync(join(repository, '.gitignore'), '/secrets/\n');
    write();
    expect(readdirSync(join(repository, 'secrets/cosenza'))).toEqual(['borrower.yaml', 'owner.yaml']);
  });
});

describe('init', () => {
  test('creates an app for a new site, named after its folder', () => {
    const folder = folderOf('my-site');
    expect(init([folder], '1.2.3', folderOf('clone'))).toContain(folder);
    const files = contents(folder);
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(['.gitignore', 'cdk8s.yaml', 'facility.ts', 'main.ts', 'package.json', 'site.ts']),
    );
    expect(JSON.stringify(files)).not.toMatch(/\{\{\w+\}\}/);
    expect(files['package.json']).toContain('1.2.3');
    expect(files['.gitignore']).toMatch(/secrets/);
  });

  test('prints how to install the tarball that `npm pack` left in the clone', () => {
    mkdirSync(folderOf('packed'));
    writeFileSync(join(folderOf('packed'), 'cdk8s-analysis-facility-1.2.3.tgz'), '');
    expect(init([folderOf('from-clone')], '1.2.3', folderOf('packed'))).toContain(
      'npm install ../packed/cdk8s-analysis-facility-1.2.3.tgz && npm test',
    );
    expect(init([folderOf('installed')], '1.2.3', folderOf('clone'))).toContain('&& npm install && npm test');
  });

  test('rejects a folder that is not empty, and an invalid name', () => {
    writeFileSync(join(folderOf('my-site'), 'extra'), '');
    refused('CONFLICTING_FOLDER', () => init([folderOf('my-site')], '1.2.3', folderOf('clone')));
    refused('INVALID_NAME', () => init([folderOf('My_Site')], '1.2.3', folderOf('clone')));
    refused('INVALID_OPTION', () => init([], '1.2.3', folderOf('clone')));
  });
});
