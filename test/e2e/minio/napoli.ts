/** The committed store of napoli. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { napoli } from '../../../apps/napoli/facility';
import { phase } from '../cluster/report';
import { within } from '../cluster/time';
import { type Damage, damaged } from './damage';
import { checkJob } from './job';
import { describe } from './objects';
import { client, type Environment, Proofs } from './proof';
import { Store } from './store';
import { type FaultTolerance, parseTolerance } from './tolerance';

const project = resolve(__dirname, '../../..');

/** @param broken fault to add to the committed manifests, to verify that the suite detects it */
export async function checkNapoli(work: string, broken?: Damage): Promise<Proofs> {
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
  const tolerance = parseTolerance(napoli.output().summaryNotes.find(({ service }) => service === 'minio')?.text ?? '');
  proofs.expect('servers', store.all.length, 4);
  try {
    await phase('napoli: a single server waits for the others and is not restarted', async () => {
      store.start(0);
      proofs.expect('startup probe of a single server', await within(30, async () => (await store.probe(0, 'startupProbe')) === 200), true);
      proofs.expect('liveness probe of a single server', await store.probe(0, 'livenessProbe'), 200);
      proofs.expect('cluster health of a single server', await store.ask(0, '/minio/health/cluster'), 503);
    });
    await phase(`napoli: ${store.all.length} servers form the store`, async () => {
      store.start(...store.all.slice(1));
      if (!(await store.healthy(90))) throw new Error(`the servers do not form the store:\n${store.logTail}`);
      for (const index of store.all) {
        for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const)
          proofs.expect(`${probe} of server ${index}`, await store.probe(index, probe), 200);
      }
    });
    await phase('napoli: the Job is idempotent', async () => {
      await checkJob(store, proofs);
      proofs.expect('metrics without a token', await store.ask(0, '/minio/v2/metrics/cluster'), 403);
    });
    await phase('napoli: a notebook with boto3 and s3fs', async () => {
      proofs.expect('variables of a notebook', Object.keys(notebook).sort(), [
        'AWS_ACCESS_KEY_ID',
        'AWS_DEFAULT_REGION',
        'AWS_ENDPOINT_URL',
        'AWS_SECRET_ACCESS_KEY',
        'S3_BUCKET',
      ]);
      await proofs.expectEventually('boto3 and s3fs', () => client(notebook, 'notebook', bucket), 'ok');
    });
    await checkFailures(store, proofs, { bucket, notebook, ...tolerance });
    await checkRollout(store, proofs, { bucket, notebook });
  } finally {
    await store.stop();
  }
  return proofs;
}

interface Client {
  readonly bucket: string;
  readonly notebook: Environment;
}

async function checkFailures(store: Store, proofs: Proofs, promise: Client & FaultTolerance): Promise<void> {
  const { bucket, notebook, serversWriting, serversReading } = promise;
  await proofs.expectEventually('write an object', () => client(notebook, 'put', bucket, 'before'), 'ok');
  for (let lost = 1; lost <= serversReading + 1; lost++) {
    await phase(`napoli: ${lost} of ${store.all.length} servers failed`, async () => {
      await store.kill(store.all.length - lost);
      await store.settle();
      const [reads, writes] = [lost <= serversReading, lost <= serversWriting];
      const health = (path: string) => () => store.ask(0, path);
      await Promise.all([
        proofs.expectTolerated(`read with ${lost} failed`, () => client(notebook, 'get', bucket, 'before'), reads),
        proofs.expectTolerated(`write with ${lost} failed`, () => client(notebook, 'put', bucket, `lost-${lost}`), writes),
        proofs.expectEventually(`health with ${lost} failed`, health('/minio/health/cluster'), writes ? 200 : 503),
        proofs.expectEventually(`read health with ${lost} failed`, health('/minio/health/cluster/read'), reads ? 200 : 503),
        proofs.expectEventually(`liveness with ${lost} failed`, () => store.probe(0, 'livenessProbe'), 200),
      ]);
    });
  }
  await phase('napoli: the servers are restarted', async () => {
    store.start(...store.all.slice(store.all.length - serversReading - 1));
    proofs.expect('health after the restart', await store.healthy(90), true);
    await proofs.expectEventually('read the object after the restart', () => client(notebook, 'get', bucket, 'before'), 'ok');
    for (let lost = 1; lost <= serversWriting; lost++)
      await proofs.expectEventually(
        'read an object that was written during the failure',
        () => client(notebook, 'get', bucket, `lost-${lost}`),
        'ok',
      );
  });
}

/** Rolling update as by the StatefulSet controller: in descending order, each after the previous one is ready. */
async function checkRollout(store: Store, proofs: Proofs, { bucket, notebook }: Client): Promise<void> {
  await phase('napoli: rolling update with a changed configuration', async () => {
    store.change({ MINIO_BROWSER: 'off' });
    for (const index of [...store.all].reverse()) {
      await store.kill(index);
      store.start(index);
      proofs.expect(`server ${index} is ready`, await within(60, async () => (await store.probe(index, 'readinessProbe')) === 200), true);
    }
    // At once, because a notebook does not wait for the health check either.
    await proofs.expectEventually(
      'write after the update, with the retries of boto3',
      () => client(notebook, 'patient', bucket, 'after'),
      'ok',
    );
    proofs.expect('health after the update', await store.healthy(60), true);
    // The health check counts the drives that each server reports about itself.
    await proofs.expectEventually('write after the update', () => client(notebook, 'put', bucket, 'after'), 'ok');
    await proofs.expectEventually('read after the update', () => client(notebook, 'get', bucket, 'before'), 'ok');
  });
}
