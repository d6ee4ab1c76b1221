/** Napoli's store as committed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { napoli } from '../../../apps/napoli/facility';
import { phase } from '../cluster/report';
import { type Damage, damaged } from './damage';
import { describe } from './objects';
import { type Promised, promised } from './promise';
import { client, type Environment, Proofs } from './proof';
import { changes, stateOf } from './state';
import { inTheEnd, Store, within } from './store';

const project = resolve(__dirname, '../../..');

/** `broken` damages what is committed, to see that the suite notices. */
export async function proveNapoli(work: string, broken?: Damage): Promise<Proofs> {
  const proofs = new Proofs('napoli');
  const secrets = join(work, 'secrets');
  mkdirSync(work, { recursive: true });
  await phase('napoli: Secrets by facility bootstrap', () =>
    execFileSync('npm', ['run', '-s', 'facility', '--', 'bootstrap', 'napoli', '--out', secrets], {
      cwd: project,
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const committed = describe(join(project, 'dist/manifests/napoli'), secrets);
  const described = broken ? damaged(committed, broken) : committed;
  const { notebook } = described;
  const bucket = notebook.S3_BUCKET ?? '';
  const store = new Store(described, work);
  const bears = promised(napoli.output().promises.find(({ service }) => service === 'minio')?.text ?? '');
  proofs.expect('servers', store.all.length, 4);
  try {
    await phase('napoli: one server waits, and is not restarted for it', async () => {
      store.start(0);
      proofs.expect('startup probe of a server alone', await within(30, async () => (await store.probe(0, 'startupProbe')) === 200), true);
      proofs.expect('liveness probe of a server alone', await store.probe(0, 'livenessProbe'), 200);
      proofs.expect('health of the cluster, seen by a server alone', await store.ask(0, '/minio/health/cluster'), 503);
    });
    await phase(`napoli: ${store.all.length} servers form the store`, async () => {
      store.start(...store.all.slice(1));
      if (!(await store.healthy(90))) throw new Error(`the store does not form:\n${store.lastWords}`);
      for (const index of store.all) {
        for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const)
          proofs.expect(`${probe} of server ${index}`, await store.probe(index, probe), 200);
      }
    });
    await phase('napoli: the Job, twice', async () => {
      const first = await store.setup();
      proofs.expect(`the Job\n${first.output}`, first.status, 0);
      const before = await stateOf(store);
      const second = await store.setup();
      proofs.expect(`the Job again\n${second.output}`, second.status, 0);
      proofs.expect('what the second run changed', changes(before, await stateOf(store)), []);
      proofs.expect('metrics without a token', await store.ask(0, '/minio/v2/metrics/cluster'), 403);
    });
    await phase('napoli: a notebook with boto3 and s3fs', async () => {
      proofs.expect('the variables of a notebook', Object.keys(notebook).sort(), [
        'AWS_ACCESS_KEY_ID',
        'AWS_DEFAULT_REGION',
        'AWS_ENDPOINT_URL',
        'AWS_SECRET_ACCESS_KEY',
        'S3_BUCKET',
      ]);
      proofs.expect('boto3 and s3fs', await client(notebook, 'notebook', bucket), 'ok');
    });
    await proveLosses(store, proofs, { bucket, notebook, ...bears });
    await proveRollout(store, proofs, { bucket, notebook });
  } finally {
    await store.stop();
  }
  return proofs;
}

interface Client {
  readonly bucket: string;
  readonly notebook: Environment;
}

async function proveLosses(store: Store, proofs: Proofs, promise: Client & Promised): Promise<void> {
  const { bucket, notebook, serversWriting, serversReading } = promise;
  proofs.expect('an object, written before', await client(notebook, 'put', bucket, 'before'), 'ok');
  for (let lost = 1; lost <= serversReading + 1; lost++) {
    await phase(`napoli: ${lost} of ${store.all.length} servers lost`, async () => {
      await store.kill(store.all.length - lost);
      await store.settle();
      const [reads, writes] = [lost <= serversReading, lost <= serversWriting];
      const [read, written, health, healthOfReaders, live] = await Promise.all([
        client(notebook, 'get', bucket, 'before'),
        client(notebook, 'put', bucket, `lost-${lost}`),
        store.ask(0, '/minio/health/cluster'),
        store.ask(0, '/minio/health/cluster/read'),
        store.probe(0, 'livenessProbe'),
      ]);
      proofs.expect(`reading with ${lost} lost`, read === 'ok', reads);
      proofs.expect(`writing with ${lost} lost`, written === 'ok', writes);
      proofs.expect(`health with ${lost} lost`, health, writes ? 200 : 503);
      proofs.expect(`health for readers with ${lost} lost`, healthOfReaders, reads ? 200 : 503);
      proofs.expect(`liveness with ${lost} lost`, live, 200);
    });
  }
  await phase('napoli: they come back', async () => {
    store.start(...store.all.slice(store.all.length - serversReading - 1));
    proofs.expect('health afterwards', await store.healthy(90), true);
    proofs.expect('the object, afterwards', await inTheEnd(() => client(notebook, 'get', bucket, 'before')), true);
    for (let lost = 1; lost <= serversWriting; lost++)
      proofs.expect('what was written in between', await inTheEnd(() => client(notebook, 'get', bucket, `lost-${lost}`)), true);
  });
}

/** As the StatefulSet controller rolls a change out: the last one first, the next when that one is ready. */
async function proveRollout(store: Store, proofs: Proofs, { bucket, notebook }: Client): Promise<void> {
  await phase('napoli: a changed configuration, one server after the other', async () => {
    store.change({ MINIO_BROWSER: 'off' });
    for (const index of [...store.all].reverse()) {
      await store.kill(index);
      store.start(index);
      proofs.expect(
        `server ${index} is ready for the next to follow`,
        await within(60, async () => (await store.probe(index, 'readinessProbe')) === 200),
        true,
      );
    }
    // At once: a notebook does not wait for health either.
    proofs.expect('writing afterwards, as a notebook does', await inTheEnd(() => client(notebook, 'patient', bucket, 'after')), true);
    proofs.expect('health afterwards', await store.healthy(60), true);
    // Health counts what every server says of its own drives.
    proofs.expect('writing afterwards', await inTheEnd(() => client(notebook, 'put', bucket, 'after')), true);
    proofs.expect('reading afterwards', await inTheEnd(() => client(notebook, 'get', bucket, 'before')), true);
  });
}
