/** A store with all options that is expanded by a pool without losing objects; its app is grown-app.ts. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { phase } from '../cluster/report';
import { lastAnswer, within } from '../cluster/time';
import { checkJob } from './job';
import { GATEWAY } from './machines';
import { describe } from './objects';
import { type Client, People } from './people';
import { checkPermissions } from './permissions';
import { client, type Environment, Proofs } from './proof';
import { type Drive, Store } from './store';
import { type FaultTolerance, parseTolerance } from './tolerance';

const ISSUER = `http://${GATEWAY}:8080`;
const STORE: Client = { client_id: 'store', client_secret: 'a secret of the store' };
const OTHER: Client = { client_id: 'other', client_secret: 'a secret of another' };
const NO = 'AccessDenied';

export async function checkGrown(work: string): Promise<Proofs> {
  const proofs = new Proofs('grown');
  mkdirSync(work, { recursive: true });
  const app = (pools: string, command: string, ...given: readonly string[]) =>
    execFileSync(process.execPath, ['--import', require.resolve('tsx'), join(__dirname, 'grown-app.ts'), pools], {
      cwd: work,
      env: { ...process.env, ISSUER, FACILITY_REQUEST: JSON.stringify({ command, arguments: given }) },
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    });
  const secrets = join(work, 'secrets');
  const [onePool, twoPools] = await phase('grown: the app, with one pool and with two', () => {
    const first = app('1', 'synth');
    renameSync(join(work, 'dist'), join(work, 'before'));
    const second = app('2', 'synth');
    app('2', 'bootstrap', 'grown', '--out', secrets);
    return [parseTolerance(first), parseTolerance(second)] as const;
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
  const people = await People.of(ISSUER, [STORE, OTHER]);
  const store = new Store(after, work);
  try {
    await phase('grown: one pool with objects', async () => {
      store.describe(before);
      store.start(...store.pool(0));
      if (!(await store.healthy(90))) throw new Error(`the servers of the first pool do not form the store:\n${store.logTail}`);
      const { status, output } = await store.setup();
      proofs.expect(`the Job\n${output}`, status, 0);
      for (const [bucket, key] of [
        ['scratch', 'old'],
        ['results', 'one'],
      ] as const)
        await proofs.expectEventually(`an object in ${bucket}`, () => client(as('analysis'), 'put', bucket, key), 'ok');
    });
    await phase('grown: login with the policies of a claim', () => checkClaims(proofs, as('analysis'), people));
    await checkDriveFailures(store, proofs, as('analysis'), onePool);
    await phase('grown: restart of all servers with both pools', async () => {
      await store.kill(...store.pool(0));
      store.describe(after);
      store.start(...store.all);
      if (!(await store.healthy(90))) throw new Error(`the servers of both pools do not form the store:\n${store.logTail}`);
      const pools = async () => new Set((await store.mc('admin', 'info', 'store'))?.match(/"pool_index":\d+/g)).size;
      await proofs.expectEventually('pools', pools, 2);
      await proofs.expectEventually('the object written before', () => client(as('analysis'), 'get', 'scratch', 'old'), 'ok');
    });
    await phase('grown: the Job is idempotent', () => checkJob(store, proofs));
    await phase('grown: permissions', () => checkPermissions(store, proofs, as));
    await phase('grown: login with the policy of the provider', () => checkRole(store, proofs, as('analysis'), people));
    await checkServerFailures(store, proofs, as('analysis'), twoPools);
  } finally {
    people.stop();
    await store.stop();
  }
  return proofs;
}

/** Permissions of a session with a policy that only lists one bucket. */
const AUDITOR = { list: 'ok', read: NO, write: NO, 'list elsewhere': NO };
const NO_ROLE = 'arn:aws:iam::000000000000:role/any';
const BUCKETS = ['results', 'one', 'scratch'] as const;

/** Error code, or `ok`. */
const errorCode = (given: unknown) => (typeof given === 'string' ? given.split(':')[0] : 'ok');

async function checkClaims(proofs: Proofs, env: Environment, people: People): Promise<void> {
  const ask = async (who: Client, person: string) => client(env, 'federated', await people.token(who, person), NO_ROLE, ...BUCKETS);
  const errorOf = async (who: Client, person: string) => errorCode(await ask(who, person));
  await proofs.expectEventually('a token with a policy', () => ask(STORE, 'alice.auditor'), AUDITOR);
  await proofs.expectEventually('a token without a policy', () => errorOf(STORE, 'bob'), 'InvalidParameterValue');
  await proofs.expectEventually('a token with an unknown policy', () => errorOf(STORE, 'carol.nothing'), 'InvalidParameterValue');
  await proofs.expectEventually('a token for another client', () => errorOf(OTHER, 'alice.auditor'), 'InvalidParameterValue');
}

async function checkRole(store: Store, proofs: Proofs, env: Environment, people: People): Promise<void> {
  // ARN of the role, as the operator finds it.
  const find = async () => /arn:minio:iam:[^"]*/.exec((await store.mc('idp', 'openid', 'list', 'store')) ?? '')?.[0] ?? '';
  const role = await lastAnswer(60, find, (given) => given !== '');
  const ask = async (who: Client, arn: string) => client(env, 'federated', await people.token(who, 'bob'), arn, ...BUCKETS);
  await proofs.expectEventually('a token of the provider', () => ask(STORE, role), AUDITOR);
  const errorOf = async (who: Client, arn: string) => errorCode(await ask(who, arn));
  await proofs.expectEventually('a token for another client', () => errorOf(OTHER, role), 'InvalidParameterValue');
  await proofs.expectEventually('a token with another role', () => errorOf(STORE, NO_ROLE), 'InvalidParameterValue');
}

/** Checks whether an existing object can be read and overwritten, and the health endpoints. */
async function checkAvailability(
  store: Store,
  proofs: Proofs,
  env: Environment,
  [what, reads, writes]: readonly [string, boolean, boolean],
) {
  const health = (path: string) => () => store.ask(0, path);
  await Promise.all([
    proofs.expectTolerated(`read with ${what}`, () => client(env, 'get', 'scratch', 'old'), reads),
    proofs.expectTolerated(`write with ${what}`, () => client(env, 'put', 'scratch', 'old'), writes),
    proofs.expectEventually(`health with ${what}`, health('/minio/health/cluster'), writes ? 200 : 503),
    proofs.expectEventually(`read health with ${what}`, health('/minio/health/cluster/read'), reads ? 200 : 503),
  ]);
}

/**
 * Drives fail one after the other, each in another server if possible. This needs a single pool: with a second pool, objects would be
 * written to that one.
 */
async function checkDriveFailures(
  store: Store,
  proofs: Proofs,
  env: Environment,
  { drivesWriting, drivesReading }: FaultTolerance,
): Promise<void> {
  const servers = store.pool(0);
  const drives: readonly Drive[] = Array.from({ length: drivesReading + 1 }, (_, index) => ({
    server: servers.at(-1 - (index % servers.length)) ?? 0,
    drive: Math.floor(index / servers.length),
  }));
  for (const [index, drive] of drives.entries()) {
    const lost = index + 1;
    await phase(`grown: ${lost} drives of a set failed, their servers running`, async () => {
      store.loseDrive(drive);
      if (lost < drivesWriting) return;
      await store.settle();
      await checkAvailability(store, proofs, env, [`${lost} drives failed`, lost <= drivesReading, lost <= drivesWriting]);
    });
  }
  await phase('grown: the drives are restored', async () => {
    for (const drive of drives) store.returnDrive(drive);
    proofs.expect('health', await store.healthy(60), true);
    await checkAvailability(store, proofs, env, ['all drives', true, true]);
  });
  await phase('grown: a lost volume is healed', async () => {
    const drive = { server: servers.at(-1) ?? 0, drive: 1 };
    proofs.expect('the drive has a part of the object', store.holds(drive, 'scratch', 'old'), true);
    await store.kill(drive.server);
    store.replaceDrive(drive);
    store.start(drive.server);
    proofs.expect('the new drive has the part of the object', await within(60, () => store.holds(drive, 'scratch', 'old')), true);
    proofs.expect('health', await store.healthy(60), true);
  });
}

/** The stated number of servers of each pool may fail; one more of the weakest pool makes the store unavailable. */
async function checkServerFailures(
  store: Store,
  proofs: Proofs,
  env: Environment,
  { serversWriting, serversReading }: FaultTolerance,
): Promise<void> {
  const lost = [0, 1].flatMap((pool) => store.pool(pool).slice(-serversWriting));
  const more = store.pool(0).slice(-serversReading - 1, -serversWriting);
  await phase(`grown: ${serversWriting} server of each pool failed`, async () => {
    await store.kill(...lost);
    await store.settle();
    await checkAvailability(store, proofs, env, ['servers failed', true, true]);
  });
  await phase('grown: one more server of the first pool failed', async () => {
    await store.kill(...more);
    await store.settle();
    await checkAvailability(store, proofs, env, ['one more server failed', false, false]);
  });
  await phase('grown: the servers are restarted', async () => {
    store.start(...lost, ...more);
    proofs.expect('health', await store.healthy(90), true);
    await proofs.expectEventually('the object written before', () => client(env, 'get', 'scratch', 'old'), 'ok');
  });
}
