/** Napoli's store as committed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { napoli } from '../../../apps/napoli/facility';
import { phase } from '../cluster/report';
import { within } from '../cluster/time';
import { type Damage, damaged } from './damage';
import { proveJob } from './job';
import { describe } from './objects';
import { type Promised, promised } from './promise';
import { client, type Environment, Proofs } from './proof';
import { Store } from './store';

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
  const bears = promised(napoli.output().summaryNotes.find(({ service }) => service === 'minio')?.text ?? '');
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
    await phase('napoli: the Job, until a run changes nothing', async () => {
      await proveJob(store, proofs);
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
      await proofs.expectInTheEnd('boto3 and s3fs', () => client(notebook, 'notebook', bucket), 'ok');
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
  await proofs.expectInTheEnd('an object, written before', () => client(notebook, 'put', bucket, 'before'), 'ok');
  for (let lost = 1; lost <= serversReading + 1; lost++) {
    await phase(`napoli: ${lost} of ${store.all.length} servers lost`, async () => {
      await store.kill(store.all.length - lost);
      await store.settle();
      const [reads, writes] = [lost <= serversReading, lost <= serversWriting];
      const health = (path: string) => () => store.ask(0, path);
      await Promise.all([
        proofs.expectBorne(`reading with ${lost} lost`, () => client(notebook, 'get', bucket, 'before'), reads),
        proofs.expectBorne(`writing with ${lost} lost`, () => client(notebook, 'put', bucket, `lost-${lost}`), writes),
        proofs.expectInTheEnd(`health with ${lost} lost`, health('/minio/health/cluster'), writes ? 200 : 503),
        proofs.expectInTheEnd(`health for readers with ${lost} lost`, health('/minio/health/cluster/read'), reads ? 200 : 503),
        proofs.expectInTheEnd(`liveness with ${lost} lost`, () => store.probe(0, 'livenessProbe'), 200),
      ]);
    });
  }
  await phase('napoli: they come back', async () => {
    store.start(...store.all.slice(store.all.length - serversReading - 1));
    proofs.expect('health afterwards', await store.healthy(90), true);
    await proofs.expectInTheEnd('the object, afterwards', () => client(notebook, 'get', bucket, 'before'), 'ok');
    for (let lost = 1; lost <= serversWriting; lost++)
      await proofs.expectInTheEnd('what was written in between', () => client(notebook, 'get', bucket, `lost-${lost}`), 'ok');
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
    await proofs.expectInTheEnd('writing afterwards, as a notebook does', () => client(notebook, 'patient', bucket, 'after'), 'ok');
    proofs.expect('health afterwards', await store.healthy(60), true);
    // Health counts what every server says of its own drives.
    await proofs.expectInTheEnd('writing afterwards', () => client(notebook, 'put', bucket, 'after'), 'ok');
    await proofs.expectInTheEnd('reading afterwards', () => client(notebook, 'get', bucket, 'before'), 'ok');
  });
}
