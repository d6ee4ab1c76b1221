/**
 * Runs the real scheduler and workers (from PyPI, in the release of the image table) as local processes, started from the generated
 * manifests; see pods.ts. Python environments are kept in the cache folder of the user.
 *
 *   npm run e2e -- dask [--gateway]   with --gateway: only the clusters of Dask Gateway
 *
 * Seen to fail with: `preStop` or `retirement` removed from lib/services/dask/worker.ts (results are computed twice); `--resources`, the
 * memory variables or `MAX_SPILL` removed (workers report other values); `REQUIRE_ENCRYPTION` and `DEFAULT_SCHEME` removed from
 * lib/services/dask/endpoint.ts (the scheduler does not use TLS); another path in a probe (the pods do not start). Each run also checks
 * that a worker without the preStop hook loses results.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { memoryText } from '../../../lib/authoring';
import { bootstrap } from '../../../lib/command/bootstrap';
import { type Finding, phase, suite, table } from '../cluster/report';
import { closed, facility, memoryLimit, open, site, version } from './facility';
import { expect, findings, rows } from './findings';
import { perUser } from './per-user';
import { connects, type Json, type Machine } from './pods';
import { Running } from './running';

const here = __dirname;
async function probes(cluster: Running): Promise<void> {
  const pods = [cluster.scheduler, ...cluster.workers];
  for (const pod of pods) {
    for (const kind of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const)
      expect(`${pod.name}: ${kind}`, await pod.probe(kind), true);
    const url = `http://${pod.address}:${pod === cluster.scheduler ? 8787 : 8790}/metrics`;
    const metrics = (await (await fetch(url)).text()).split('\n').filter((line) => /^dask_(?:scheduler|worker)_/.test(line));
    if (metrics.length < 10) findings.push({ where: `${pod.name}: /metrics`, message: `only ${metrics.length} values` });
    rows.push([`${pod.name}: 3 probes, metrics`, metrics.length]);
  }
}

async function checkSettings(cluster: Running): Promise<void> {
  const told = await cluster.notebook('limits');
  const shares = [0.5, 0.65, 0.85, 0.97];
  const maxSpill = Math.floor(4 * 2 ** 30 * 0.9);
  for (const pod of cluster.workers) {
    const { local, ...limits } = told[pod.name] ?? {};
    const slots = pod.name.includes('slots');
    const wanted = {
      threads: slots ? 2 : 1,
      memory: memoryLimit,
      shares,
      maxSpill,
      resources: slots ? { SLOTS: 2 } : {},
      lifetime: pod.name.includes('old') ? 60 : null,
    };
    expect(`${pod.name}: limits`, limits, wanted);
    expect(`${pod.name}: folder`, String(local).startsWith(join(pod.folder, 'spill')), true);
  }
}

async function s3(cluster: Running, python: string, folder: string): Promise<void> {
  const address = '127.77.0.9';
  const store = spawn(join(python, 'bin/moto_server'), ['-H', address, '-p', '5000'], { stdio: 'ignore', cwd: folder });
  try {
    for (let i = 0; i < 100 && !(await connects(address, 5000)); i++) await new Promise((done) => setTimeout(done, 200));
    const { sum, workers } = await cluster.notebook('s3', '', { AWS_ENDPOINT_URL: `http://${address}:5000` });
    expect('sum over objects of the store', sum, 50_000 * 66);
    rows.push(['workers that read objects of the S3 store', workers]);
  } finally {
    store.kill();
  }
}

/** Stops a worker that has results which no other worker has. */
async function stopWorker(cluster: Running, name: string, hook: boolean): Promise<void> {
  const folder = join(cluster.machine.folder, `computed-${name}`);
  mkdirSync(folder, { recursive: true });
  let held = 0;
  const { right, computations } = await cluster.notebook('compute', folder, {}, async (holds) => {
    held = holds[name] ?? 0;
    const said = await cluster.worker(name).end(hook);
    if (hook) expect(`${name}: hook`, said.trim(), `${name}: results moved to other workers`);
  });
  expect(`${name} stops: results`, right, true);
  if (held === 0) findings.push({ where: `${name} stops`, message: 'the worker had no results, so the check proves nothing' });
  if (hook) expect(`${name} retires: results computed again`, computations - 60, 0);
  else if (computations <= 60)
    findings.push({ where: `${name} stops without preStop hook`, message: 'no result was lost: the check cannot detect a missing hook' });
  rows.push([`${name} stops ${hook ? 'with' : 'without'} preStop hook: results of the worker, computed again`, held, computations - 60]);
}

async function withoutTls(python: string, folder: string): Promise<void> {
  const cluster = new Running(open, python, folder, 0, {});
  try {
    await phase('scheduler and 5 workers in three groups start', () => cluster.start());
    const born = Date.now();
    await phase('probes and metrics endpoints respond', () => probes(cluster));
    await phase('workers report the configured threads, memory, spill, resources and lifetime', () => checkSettings(cluster));
    const before = await cluster.notebook('processes');
    await phase('a computation on objects of an S3 store', () => s3(cluster, python, folder));
    await phase('tasks that request a resource', async () =>
      expect('resources', await cluster.notebook('resources', 'SLOTS'), ['open-worker-slots-0']),
    );
    await phase('results of twice the memory of a worker are spilled', async () => {
      const { spilled, right } = await cluster.notebook('spill', 'open-worker-0');
      expect('spilled results', right, true);
      if (spilled < 2 ** 28) findings.push({ where: 'spill', message: `only ${spilled} bytes` });
      rows.push(['spilled by open-worker-0', memoryText(spilled)]);
    });
    await phase('a worker stops with its preStop hook', () => stopWorker(cluster, 'open-worker-1', true));
    await phase('a worker stops without its preStop hook', () => stopWorker(cluster, 'open-worker-2', false));
    await phase('a worker with a lifetime of one minute is restarted', async () => {
      await new Promise((done) => setTimeout(done, Math.max(0, born + 75_000 - Date.now())));
      await cluster.worker('open-worker-old-0').started();
      const after = await cluster.notebook('processes');
      expect('process id of the restarted worker has changed', after['open-worker-old-0'] !== before['open-worker-old-0'], true);
      expect('process id of another worker has not changed', after['open-worker-slots-0'], before['open-worker-slots-0']);
    });
  } finally {
    await cluster.stop();
  }
}

async function withTls(python: string, folder: string, secrets: Machine['secrets']): Promise<void> {
  const cluster = new Running(closed, python, folder, 1, secrets);
  try {
    await phase('scheduler and 2 workers with the certificate of `facility bootstrap`', () => cluster.start());
    await phase('a notebook with the certificate computes; a worker is retired', () => stopWorker(cluster, 'closed-worker-1', true));
    await phase('clients without the certificate are rejected', async () => {
      const address = `${cluster.scheduler.address}:8786`;
      const plain = { DASK_SCHEDULER_ADDRESS: `tcp://${address}`, DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION: 'False' };
      const [certificate, key] = ['stranger.crt', 'stranger.key'].map((file) => join(folder, file));
      const request = [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1',
        '-subj',
        '/CN=stranger',
      ];
      execFileSync('openssl', [...request, '-keyout', String(key), '-out', String(certificate)], { stdio: 'ignore' });
      const stranger = {
        DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT: String(certificate),
        DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY: String(key),
      };
      for (const [who, env] of Object.entries({ 'without TLS': plain, 'with another certificate': stranger })) {
        const answer = await cluster.notebook('processes', '', { ...env, DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT: '5s' }).then(
          () => 'accepted',
          () => 'rejected',
        );
        expect(`a client ${who}`, answer, 'rejected');
        rows.push([`a client ${who}`, answer]);
      }
    });
    expect('remaining workers', Object.keys(await cluster.notebook('processes')), ['closed-worker-0']);
  } finally {
    await cluster.stop();
  }
}

/** Secrets that `facility bootstrap` creates for the site. */
function bootstrapped(folder: string): Machine['secrets'] {
  const out = join(folder, 'secrets');
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = () => true;
  try {
    bootstrap([facility], [site.name, '--out', out]);
  } finally {
    process.stdout.write = write;
  }
  const documents = readdirSync(out).flatMap((file) =>
    parseAllDocuments(readFileSync(join(out, file), 'utf8')).map((one) => one.toJS() as Json),
  );
  return Object.fromEntries(documents.filter(Boolean).map(({ metadata, stringData }) => [metadata.name, stringData]));
}

async function run(): Promise<readonly Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dask-'));
  try {
    const python = await phase(`Dask ${version}, installed if missing`, () =>
      execFileSync(join(here, 'install.sh'), [version], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim(),
    );
    writeFileSync(join(folder, 'stamp'), version);
    const clusters = process.argv.includes('--gateway') ? [] : [withoutTls(python, folder), withTls(python, folder, bootstrapped(folder))];
    // They mostly wait, and each has its own addresses.
    const results = await Promise.allSettled([...clusters, perUser(python, folder)]);
    for (const it of results) if (it.status === 'rejected') throw it.reason;
    table(rows);
  } catch (error) {
    // Earlier findings are reported too.
    findings.push({ where: 'run', message: error instanceof Error ? error.message : String(error) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return findings;
}

suite('dask', run);
