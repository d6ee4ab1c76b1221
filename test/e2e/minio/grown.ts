/** A store with every option on, which grows by a pool without losing an object; its app is grown-app.ts. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { phase } from '../cluster/report';
import { GATEWAY } from './machines';
import { describe } from './objects';
import { client, Proofs } from './proof';
import { stateOf } from './state';
import { Store } from './store';

const ISSUER = `http://${GATEWAY}:8080`;

export async function proveGrown(work: string): Promise<Proofs> {
  const proofs = new Proofs('grown');
  mkdirSync(work, { recursive: true });
  const app = (pools: string, command: string, ...given: readonly string[]) =>
    execFileSync(process.execPath, ['--import', require.resolve('tsx'), join(__dirname, 'grown-app.ts'), pools], {
      cwd: work,
      env: { ...process.env, ISSUER, FACILITY_REQUEST: JSON.stringify({ command, arguments: given }) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const secrets = join(work, 'secrets');
  await phase('grown: the app, with one pool and with two', () => {
    app('1', 'synth');
    renameSync(join(work, 'dist'), join(work, 'before'));
    app('2', 'synth');
    app('2', 'bootstrap', 'grown', '--out', secrets);
  });
  const before = describe(join(work, 'before/manifests/grown'), secrets);
  const after = describe(join(work, 'dist/manifests/grown'), secrets);
  writeFileSync(join(work, 'ca.crt'), after.secrets.get('minio-ca/ca.crt') ?? '');
  const as = (name: string) => ({
    AWS_ENDPOINT_URL: 'https://minio-s3.minio.svc.cluster.local:9000',
    AWS_DEFAULT_REGION: 'eu-south-1',
    AWS_CA_BUNDLE: join(work, 'ca.crt'),
    AWS_ACCESS_KEY_ID: after.secrets.get(`minio-${name}/access-key`) ?? '',
    AWS_SECRET_ACCESS_KEY: after.secrets.get(`minio-${name}/secret-key`) ?? '',
  });
  const token = provider();
  const store = new Store(after, work);
  try {
    await phase('grown: one pool, and an object in it', async () => {
      store.describe(before);
      store.start(...store.pool(0));
      if (!(await store.healthy(90))) throw new Error(`the first pool does not form:\n${store.lastWords}`);
      const { status, output } = await store.setup();
      proofs.expect(`the Job\n${output}`, status, 0);
      proofs.expect('an object', await client(as('analysis'), 'put', 'scratch', 'old'), 'ok');
    });
    await phase('grown: all servers at once with both pools', async () => {
      await store.kill(...store.pool(0));
      store.describe(after);
      store.start(...store.all);
      if (!(await store.healthy(90))) throw new Error(`the two pools do not form:\n${store.lastWords}`);
      proofs.expect('pools', new Set((await store.mc('admin', 'info', 'store'))?.match(/"pool_index":\d+/g)).size, 2);
      proofs.expect('the object of before', await client(as('analysis'), 'get', 'scratch', 'old'), 'ok');
    });
    await phase('grown: the Job, twice more', async () => {
      const first = await store.setup();
      proofs.expect(`the Job\n${first.output}`, first.status, 0);
      const state = await stateOf(store);
      const second = await store.setup();
      proofs.expect(`the Job again\n${second.output}`, second.status, 0);
      proofs.expect('what the second run changed', await stateOf(store), state);
    });
    await phase('grown: who may do what', () => proveRights(store, proofs, as));
    await phase('grown: people of a provider', () => proveLogin(proofs, as('analysis'), token));
    await proveLosses(store, proofs, as('analysis'));
  } finally {
    await store.stop();
  }
  return proofs;
}

const NO = 'AccessDenied';

async function proveRights(store: Store, proofs: Proofs, as: (name: string) => Record<string, string>): Promise<void> {
  const all = { list: 'ok', read: 'ok', write: 'ok', delete: 'ok', make: NO };
  const none = { list: NO, read: NO, write: NO, delete: NO, make: NO };
  await client(as('analysis'), 'put', 'results', 'one');
  for (const [user, bucket, wanted] of [
    ['analysis', 'scratch', all],
    ['analysis', 'results', all],
    ['reader', 'results', { ...none, list: 'ok', read: 'ok' }],
    ['reader', 'scratch', none],
    ['drop-box', 'scratch', { ...none, write: 'ok' }],
    ['drop-box', 'results', none],
    ['custom', 'results', { ...none, read: 'ok' }],
    ['pipeline', 'scratch', all],
    ['viewer', 'scratch', { ...none, list: 'ok' }],
  ] as const) {
    proofs.expect(
      `what ${user} may do in ${bucket}`,
      await client(as(user), 'rights', bucket, bucket === 'scratch' ? 'old' : 'one'),
      wanted,
    );
  }
  proofs.expect('versions of a bucket with versions', await client(as('destroyer'), 'versions', 'results'), { versions: 2, destroy: 'ok' });
  proofs.expect('a locked version', await client(as('destroyer'), 'versions', 'archive'), { versions: 2, destroy: 'InvalidRequest' });
  proofs.expect('a bucket without versions', await client(as('destroyer'), 'versions', 'scratch'), {
    versions: 1,
    destroy: 'nothing to destroy',
  });
  proofs.expect('anonymous reading where it is allowed', await store.ask(0, '/public/'), 200);
  proofs.expect('anonymous reading where it is not', await store.ask(0, '/scratch/'), 403);
  proofs.expect('metrics without a token, where they are public', await store.ask(0, '/minio/v2/metrics/cluster'), 200);
  proofs.expect('the quota', (await store.mc('quota', 'info', 'store/scratch'))?.includes(`"quota":${2 ** 30}`), true);
  proofs.expect('the lifecycle', (await store.mc('ilm', 'export', 'store/scratch'))?.includes('"Days":7'), true);
  proofs.expect('boto3 and s3fs over TLS', await client(as('analysis'), 'notebook', 'scratch'), 'ok');
}

/** A provider that every token of ours convinces, and nobody else's. */
function provider(): (claims: object) => string {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] };
  const discovery = {
    issuer: ISSUER,
    jwks_uri: `${ISSUER}/keys`,
    authorization_endpoint: `${ISSUER}/a`,
    token_endpoint: `${ISSUER}/t`,
    response_types_supported: ['code'],
  };
  createServer((request, response) => response.end(JSON.stringify(request.url === '/keys' ? keys : discovery))).listen(8080, GATEWAY);
  return (claims) => {
    const [header, body] = [{ alg: 'RS256', kid: 'one', typ: 'JWT' }, claims].map((one) =>
      Buffer.from(JSON.stringify(one)).toString('base64url'),
    );
    return `${header}.${body}.${sign('sha256', Buffer.from(`${header}.${body}`), privateKey).toString('base64url')}`;
  };
}

async function proveLogin(proofs: Proofs, env: Record<string, string>, token: (claims: object) => string): Promise<void> {
  const claims = { iss: ISSUER, sub: 'alice', aud: 'store', exp: Math.floor(Date.now() / 1000) + 1800, policy: 'auditor' };
  const ask = (given: object) => client(env, 'federated', token(given), 'arn:aws:iam::000000000000:role/any', 'results', 'one');
  proofs.expect('somebody with a policy', await ask(claims), { list: 'ok', read: NO, write: NO });
  proofs.expect('somebody of another client', String(await ask({ ...claims, aud: 'other' })).startsWith('failed'), true);
  proofs.expect('somebody without a policy', String(await ask({ ...claims, policy: undefined })).startsWith('failed'), true);
}

/** One server of each pool may go, and that is all: the words of the summary. */
async function proveLosses(store: Store, proofs: Proofs, env: Record<string, string>): Promise<void> {
  const last = (pool: number, lost: number) => store.pool(pool).at(-lost) ?? -1;
  await phase('grown: a server of each pool is lost', async () => {
    await store.kill(last(0, 1), last(1, 1));
    await sleep(3000);
    proofs.expect('reading', await client(env, 'get', 'scratch', 'old'), 'ok');
    proofs.expect('writing', await client(env, 'put', 'scratch', 'new'), 'ok');
  });
  await phase('grown: and one more of the second pool', async () => {
    await store.kill(last(1, 2));
    await sleep(3000);
    proofs.expect('writing', (await client(env, 'put', 'scratch', 'newer')) === 'ok', false);
    proofs.expect('health', await store.ask(0, '/minio/health/cluster'), 503);
  });
  await phase('grown: they come back', async () => {
    store.start(last(0, 1), last(1, 1), last(1, 2));
    proofs.expect('health', await store.healthy(90), true);
    for (const key of ['old', 'new']) proofs.expect(`the object ${key}`, await client(env, 'get', 'scratch', key), 'ok');
  });
}
