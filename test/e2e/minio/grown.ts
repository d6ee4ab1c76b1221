/** A store with every option on, which grows by a pool without losing an object; its app is grown-app.ts. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { phase } from '../cluster/report';
import { lastAnswer, within } from '../cluster/time';
import { proveJob } from './job';
import { GATEWAY } from './machines';
import { describe } from './objects';
import { type Client, People } from './people';
import { type Promised, promised } from './promise';
import { client, type Environment, Proofs } from './proof';
import { proveRights } from './rights';
import { type Drive, Store } from './store';

const ISSUER = `http://${GATEWAY}:8080`;
const STORE: Client = { client_id: 'store', client_secret: 'a secret of the store' };
const OTHER: Client = { client_id: 'other', client_secret: 'a secret of another' };
const NO = 'AccessDenied';

export async function proveGrown(work: string): Promise<Proofs> {
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
    return [promised(first), promised(second)] as const;
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
    await phase('grown: one pool, and objects in it', async () => {
      store.describe(before);
      store.start(...store.pool(0));
      if (!(await store.healthy(90))) throw new Error(`the first pool does not form:\n${store.lastWords}`);
      const { status, output } = await store.setup();
      proofs.expect(`the Job\n${output}`, status, 0);
      for (const [bucket, key] of [
        ['scratch', 'old'],
        ['results', 'one'],
      ] as const)
        await proofs.expectInTheEnd(`an object in ${bucket}`, () => client(as('analysis'), 'put', bucket, key), 'ok');
    });
    await phase('grown: people with the policies of their tokens', () => proveClaims(proofs, as('analysis'), people));
    await proveDrives(store, proofs, as('analysis'), onePool);
    await phase('grown: all servers at once with both pools', async () => {
      await store.kill(...store.pool(0));
      store.describe(after);
      store.start(...store.all);
      if (!(await store.healthy(90))) throw new Error(`the two pools do not form:\n${store.lastWords}`);
      const pools = async () => new Set((await store.mc('admin', 'info', 'store'))?.match(/"pool_index":\d+/g)).size;
      await proofs.expectInTheEnd('pools', pools, 2);
      await proofs.expectInTheEnd('the object of before', () => client(as('analysis'), 'get', 'scratch', 'old'), 'ok');
    });
    await phase('grown: the Job, until a run changes nothing', () => proveJob(store, proofs));
    await phase('grown: who may do what', () => proveRights(store, proofs, as));
    await phase('grown: people with the policy of their provider', () => proveRole(store, proofs, as('analysis'), people));
    await proveServers(store, proofs, as('analysis'), twoPools);
  } finally {
    people.stop();
    await store.stop();
  }
  return proofs;
}

/** What a policy that lists one bucket gives to those who come by a token, and nothing else. */
const AUDITOR = { list: 'ok', read: NO, write: NO, 'list elsewhere': NO };
const NO_ROLE = 'arn:aws:iam::000000000000:role/any';
const BUCKETS = ['results', 'one', 'scratch'] as const;

/** The code of a refusal, or `ok` for who was let in. */
const refusal = (given: unknown) => (typeof given === 'string' ? given.split(':')[0] : 'ok');

async function proveClaims(proofs: Proofs, env: Environment, people: People): Promise<void> {
  const ask = async (who: Client, person: string) => client(env, 'federated', await people.token(who, person), NO_ROLE, ...BUCKETS);
  const told = async (who: Client, person: string) => refusal(await ask(who, person));
  await proofs.expectInTheEnd('somebody whose token names a policy', () => ask(STORE, 'alice.auditor'), AUDITOR);
  await proofs.expectInTheEnd('somebody whose token names none', () => told(STORE, 'bob'), 'InvalidParameterValue');
  await proofs.expectInTheEnd(
    'somebody whose token names one that is not there',
    () => told(STORE, 'carol.nothing'),
    'InvalidParameterValue',
  );
  await proofs.expectInTheEnd('somebody with a token for another client', () => told(OTHER, 'alice.auditor'), 'InvalidParameterValue');
}

async function proveRole(store: Store, proofs: Proofs, env: Environment, people: People): Promise<void> {
  // The address of the role, as an operator finds it for those who log in.
  const find = async () => /arn:minio:iam:[^"]*/.exec((await store.mc('idp', 'openid', 'list', 'store')) ?? '')?.[0] ?? '';
  const role = await lastAnswer(60, find, (given) => given !== '');
  const ask = async (who: Client, arn: string) => client(env, 'federated', await people.token(who, 'bob'), arn, ...BUCKETS);
  await proofs.expectInTheEnd('somebody of the provider', () => ask(STORE, role), AUDITOR);
  const told = async (who: Client, arn: string) => refusal(await ask(who, arn));
  await proofs.expectInTheEnd('somebody with a token for another client', () => told(OTHER, role), 'InvalidParameterValue');
  await proofs.expectInTheEnd('somebody who names another role', () => told(STORE, NO_ROLE), 'InvalidParameterValue');
}

/** Whether an object of before can be read and written anew, and what the health says of it. */
async function proveState(store: Store, proofs: Proofs, env: Environment, [what, reads, writes]: readonly [string, boolean, boolean]) {
  const health = (path: string) => () => store.ask(0, path);
  await Promise.all([
    proofs.expectBorne(`reading with ${what}`, () => client(env, 'get', 'scratch', 'old'), reads),
    proofs.expectBorne(`writing with ${what}`, () => client(env, 'put', 'scratch', 'old'), writes),
    proofs.expectInTheEnd(`health with ${what}`, health('/minio/health/cluster'), writes ? 200 : 503),
    proofs.expectInTheEnd(`health for readers with ${what}`, health('/minio/health/cluster/read'), reads ? 200 : 503),
  ]);
}

/**
 * Drives are lost one after the other, each in another server as long as there is one. With a second pool it could not be seen: what is
 * written finds its way into that one.
 */
async function proveDrives(store: Store, proofs: Proofs, env: Environment, { drivesWriting, drivesReading }: Promised): Promise<void> {
  const servers = store.pool(0);
  const drives: readonly Drive[] = Array.from({ length: drivesReading + 1 }, (_, index) => ({
    server: servers.at(-1 - (index % servers.length)) ?? 0,
    drive: Math.floor(index / servers.length),
  }));
  for (const [index, drive] of drives.entries()) {
    const lost = index + 1;
    await phase(`grown: ${lost} of the drives of a set lost, their servers run`, async () => {
      store.loseDrive(drive);
      if (lost < drivesWriting) return;
      await store.settle();
      await proveState(store, proofs, env, [`${lost} drives lost`, lost <= drivesReading, lost <= drivesWriting]);
    });
  }
  await phase('grown: the drives come back', async () => {
    for (const drive of drives) store.returnDrive(drive);
    proofs.expect('health', await store.healthy(60), true);
    await proveState(store, proofs, env, ['all drives', true, true]);
  });
  await phase('grown: a volume is lost with its pod, and healed', async () => {
    const drive = { server: servers.at(-1) ?? 0, drive: 1 };
    proofs.expect('a piece of the object is on the drive', store.holds(drive, 'scratch', 'old'), true);
    await store.kill(drive.server);
    store.replaceDrive(drive);
    store.start(drive.server);
    proofs.expect('the piece is on the new drive', await within(60, () => store.holds(drive, 'scratch', 'old')), true);
    proofs.expect('health', await store.healthy(60), true);
  });
}

/** So many servers of each pool may go, and one more of the weakest stops the store: the words of the summary. */
async function proveServers(store: Store, proofs: Proofs, env: Environment, { serversWriting, serversReading }: Promised): Promise<void> {
  const lost = [0, 1].flatMap((pool) => store.pool(pool).slice(-serversWriting));
  const more = store.pool(0).slice(-serversReading - 1, -serversWriting);
  await phase(`grown: ${serversWriting} server of each pool lost`, async () => {
    await store.kill(...lost);
    await store.settle();
    await proveState(store, proofs, env, ['servers lost', true, true]);
  });
  await phase('grown: and one more of the first pool', async () => {
    await store.kill(...more);
    await store.settle();
    await proveState(store, proofs, env, ['one server more lost', false, false]);
  });
  await phase('grown: they come back', async () => {
    store.start(...lost, ...more);
    proofs.expect('health', await store.healthy(90), true);
    await proofs.expectInTheEnd('the object of before', () => client(env, 'get', 'scratch', 'old'), 'ok');
  });
}
