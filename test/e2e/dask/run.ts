/**
 * The real scheduler and workers (PyPI, the release of the image table), started from our manifests in separate processes:
 * how, says pods.ts. Python environments are kept in the user's cache folder.
 *
 *   npm run e2e -- dask [--gateway]   the second: the per-user clusters alone
 *
 * Seen to fail when it is broken on purpose: with `preStop` or `retirement` taken from lib/services/dask/worker.ts results are
 * computed twice; with `--resources`, the memory variables or `MAX_SPILL` left out the workers report others; with
 * `REQUIRE_ENCRYPTION` and `DEFAULT_SCHEME` left out of lib/site/dask.ts the scheduler does not speak TLS; with another path in a probe
 * the pods do not start. That a worker without its hook loses results is part of every run.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type DaskCluster, daskVariables, memoryText } from '../../../lib';
import { bootstrap } from '../../../lib/command/bootstrap';
import { type Finding, phase, suite, table } from '../cluster/report';
import { closed, facility, memoryLimit, open, site, version } from './facility';
import { GatewayOnServer } from './gateway';
import { connects, type Json, locally, type Machine, Pod } from './pods';

const here = __dirname;
const findings: Finding[] = [];
const rows: (string | number)[][] = [];

function expect(where: string, was: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(was), JSON.stringify(wanted)];
  if (one !== other) findings.push({ where, message: `was ${one}, not ${other}` });
}

/** Scheduler and workers of one cluster, and what its notebooks are told. */
class Running {
  readonly machine: Machine;
  readonly scheduler: Pod;
  readonly workers: readonly Pod[];

  constructor(
    private readonly chart: DaskCluster,
    python: string,
    folder: string,
    subnet: number,
    secrets: Machine['secrets'],
  ) {
    const objects: Json[] = chart.toJson();
    const address = (index: number) => `127.77.${subnet}.${10 + index}`;
    const { hostname } = new URL(chart.endpoint.dashboard);
    this.machine = { python, folder: join(folder, chart.node.id), names: { [hostname]: address(0) }, objects, secrets };
    const pods = objects
      .filter(({ kind }) => kind === 'Deployment')
      .flatMap(({ metadata, spec }) =>
        Array.from({ length: spec.replicas }, (_, i) => ({ name: `${metadata.name}-${i}`, spec: spec.template.spec })),
      )
      .map(({ name, spec }, index) => new Pod(this.machine, spec, name, address(index)));
    const [scheduler, ...workers] = pods;
    if (!scheduler) throw new Error('no pods');
    this.scheduler = scheduler;
    this.workers = workers;
  }

  worker(name: string): Pod {
    const found = this.workers.find((pod) => pod.name === name);
    if (!found) throw new Error(`no worker ${name}`);
    return found;
  }

  async start(): Promise<void> {
    for (const pod of [this.scheduler, ...this.workers]) {
      pod.start();
      if (pod === this.scheduler) await pod.started();
    }
    await Promise.all(this.workers.map((pod) => pod.started()));
  }

  /** What a user's program says; `between` is done when it has printed its first line. */
  async notebook(
    what: string,
    argument = '',
    env: Readonly<Record<string, string>> = {},
    between?: (said: Json) => Promise<void>,
  ): Promise<Json> {
    const told = Object.entries(daskVariables(this.chart.endpoint)).map(([name, value]) => [
      name,
      locally(this.machine, this.scheduler.folder, '', value),
    ]);
    const program = spawn(join(this.machine.python, 'bin/python'), [join(here, 'notebook.py'), what, argument], {
      // The scheduler has the same Secret at the same place as a notebook.
      env: {
        PATH: process.env.PATH,
        HOME: this.machine.folder,
        JUPYTERHUB_SERVICE_PREFIX: '/user/alice/',
        ...Object.fromEntries(told),
        ...env,
      },
    });
    let [said, complained, asked] = ['', '', false];
    const over = new Promise<number | null>((done) => program.once('exit', (code) => done(code)));
    program.stderr.on('data', (text) => {
      complained += text;
    });
    const failures: unknown[] = [];
    program.stdout.on('data', (text) => {
      said += text;
      if (!between || asked || !said.includes('\n')) return;
      asked = true;
      between(JSON.parse(said.split('\n')[0] ?? ''))
        .catch((error) => failures.push(error))
        .finally(() => program.stdin.end('\n'));
    });
    const code = await over;
    if (failures.length > 0) throw failures[0];
    if (code !== 0) throw new Error(`${what}: ${complained.slice(-1500)}`);
    return JSON.parse(said.trim().split('\n').at(-1) ?? '');
  }

  async stop(): Promise<void> {
    await Promise.all([this.scheduler, ...this.workers].map((pod) => pod.signal('SIGTERM', 15)));
  }
}

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

async function understood(cluster: Running): Promise<void> {
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
    rows.push(['objects of the store added up, on workers', workers]);
  } finally {
    store.kill();
  }
}

/** Results that only one worker has, and what becomes of them when it goes. */
async function leaves(cluster: Running, name: string, hook: boolean): Promise<void> {
  const folder = join(cluster.machine.folder, `computed-${name}`);
  mkdirSync(folder, { recursive: true });
  let held = 0;
  const { right, computations } = await cluster.notebook('compute', folder, {}, async (holds) => {
    held = holds[name] ?? 0;
    const said = await cluster.worker(name).end(hook);
    if (hook) expect(`${name}: hook`, said.trim(), `${name}: handed over`);
  });
  expect(`${name} goes: results`, right, true);
  if (held === 0) findings.push({ where: `${name} goes`, message: 'it held nothing: nothing is proved' });
  if (hook) expect(`${name} retires: results computed again`, computations - 60, 0);
  else if (computations <= 60)
    findings.push({ where: `${name} goes without its hook`, message: 'no result was lost, so the hook is not needed' });
  rows.push([`${name} goes ${hook ? 'as the kubelet ends it' : 'without its hook'}: held, computed again`, held, computations - 60]);
}

async function inTheOpen(python: string, folder: string): Promise<void> {
  const cluster = new Running(open, python, folder, 0, {});
  try {
    await phase('scheduler and 5 workers in three groups start', () => cluster.start());
    const born = Date.now();
    await phase('probes and metrics answer', () => probes(cluster));
    await phase('workers understood threads, memory, spill, resources, lifetime', () => understood(cluster));
    const before = await cluster.notebook('processes');
    await phase('a computation over objects of an S3 store', () => s3(cluster, python, folder));
    await phase('tasks that ask for a resource', async () =>
      expect('resources', await cluster.notebook('resources', 'SLOTS'), ['open-worker-slots-0']),
    );
    await phase('twice the memory of a worker spills', async () => {
      const { spilled, right } = await cluster.notebook('spill', 'open-worker-0');
      expect('spilled results', right, true);
      if (spilled < 2 ** 28) findings.push({ where: 'spill', message: `only ${spilled} bytes` });
      rows.push(['spilled by open-worker-0', memoryText(spilled)]);
    });
    await phase('a worker ends as the kubelet ends it', () => leaves(cluster, 'open-worker-1', true));
    await phase('a worker ends without its hook', () => leaves(cluster, 'open-worker-2', false));
    await phase('a worker of one minute is started anew', async () => {
      await new Promise((done) => setTimeout(done, Math.max(0, born + 75_000 - Date.now())));
      await cluster.worker('open-worker-old-0').started();
      const after = await cluster.notebook('processes');
      expect('process of the old worker is another', after['open-worker-old-0'] !== before['open-worker-old-0'], true);
      expect('process of another worker is the same', after['open-worker-slots-0'], before['open-worker-slots-0']);
    });
  } finally {
    await cluster.stop();
  }
}

async function withTls(python: string, folder: string, secrets: Machine['secrets']): Promise<void> {
  const cluster = new Running(closed, python, folder, 1, secrets);
  try {
    await phase('scheduler and 2 workers with the certificate of `facility bootstrap`', () => cluster.start());
    await phase('a notebook with the certificate computes, and a worker retires', () => leaves(cluster, 'closed-worker-1', true));
    await phase('whoever has none is refused', async () => {
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
          () => 'let in',
          () => 'refused',
        );
        expect(`a client ${who}`, answer, 'refused');
        rows.push([`a client ${who}`, answer]);
      }
    });
    expect('processes that remain', Object.keys(await cluster.notebook('processes')), ['closed-worker-0']);
  } finally {
    await cluster.stop();
  }
}

/** From a user's wish to a computation, within limits, and back to nothing. */
async function perUser(python: string, folder: string): Promise<void> {
  const gateway = new GatewayOnServer(python, join(folder, 'gateway'));
  try {
    await phase('gateway, controller and proxy on a real kube-apiserver, with their own rights', () => gateway.start());
    const { name, options } = await phase('alice starts a cluster', () => gateway.user('alice', 'start'));
    expect("options: the notebook's own image", options.image, gateway.image);
    const scheduler = await gateway.until('a scheduler pod', () => gateway.podsOf(name, 'dask-scheduler')[0]);
    expect('scheduler: image', scheduler.spec.containers[0].image, gateway.image);
    expect('scheduler: account', scheduler.spec.serviceAccountName, 'dask-gateway-scheduler');
    await phase('what is too much is refused', async () => {
      const { large, image } = await gateway.user('bob', 'refusals');
      const answers = { 'a second cluster': await gateway.user('alice', 'again'), 'a worker of 64 cores': large, 'another image': image };
      const wanted = ['has 1 of 1 clusters', 'worker_cores must be <= 4', 'is not one of'];
      Object.entries(answers).forEach(([what, answer], i) => {
        if (!String(answer).includes(wanted[i] ?? '')) findings.push({ where: what, message: `was answered: ${answer}` });
      });
      const carol = await gateway.user('carol', 'list').then(
        () => 'let in',
        () => 'refused',
      );
      expect('a token for something else', carol, 'refused');
      const bob = await gateway.user('bob', 'start');
      const of = (cluster: string) =>
        gateway.get('daskclusters.gateway.dask.org', cluster.split('.')[1] ?? '').spec.config.cluster_max_workers;
      expect('workers of a user, of a user of the group', [of(name), of(bob.name)], [3, 30]);
      expect("bob's list", await gateway.user('bob', 'list'), [bob.name]);
    });
    await phase('controller makes service, routes and worker', async () => {
      gateway.pretendRunning(scheduler);
      gateway.endpointsOf(
        await gateway.until('the Service', () => gateway.get('services', '-l', 'app.kubernetes.io/component=dask-scheduler').items[0]),
      );
      await gateway.until('it is running', () =>
        gateway.get('daskclusters.gateway.dask.org', name.split('.')[1]).status?.phase === 'Running' ? true : undefined,
      );
      expect(
        'routes',
        ['ingressroutes.traefik.io', 'ingressroutetcps.traefik.io'].map((kind) => gateway.get(kind).items.length),
        [1, 1],
      );
      gateway.kubectl(
        'patch',
        'daskclusters.gateway.dask.org',
        name.split('.')[1],
        '-n',
        'dask-gateway',
        '--type=merge',
        '-p',
        '{"spec":{"replicas":1}}',
      );
    });
    const worker = await gateway.until('a worker pod', () => gateway.podsOf(name, 'dask-worker')[0]);
    expect('worker: resources', worker.spec.containers[0].resources.limits, {
      cpu: '2',
      'ephemeral-storage': '10Gi',
      memory: '2147483648',
    });
    await phase("the cluster's own pods compute, with the keys that were made for it", async () => {
      const at = '127.77.2.20';
      const running = gateway.process(scheduler, at, at);
      gateway.process(worker, '127.77.2.21', at);
      await running.ready();
      expect('a sum', gateway.compute(running, at), '4950');
    });
    await phase('alice stops it, and nothing is left', async () => {
      await gateway.user('alice', 'stop', name);
      await gateway.until('it is stopped', () =>
        gateway.get('daskclusters.gateway.dask.org', name.split('.')[1]).status?.phase === 'Stopped' ? true : undefined,
      );
      expect(
        'keys of the cluster',
        gateway.get('secrets').items.filter(({ metadata }: Json) => metadata.name.endsWith(name.split('.')[1])).length,
        0,
      );
    });
    rows.push(['clusters of users: started, refused, computed with, stopped', 1, 4, 1, 1]);
  } finally {
    await gateway.stop();
  }
}

/** The Secrets that `facility bootstrap` makes for the site. */
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
    const python = await phase(`Dask ${version}, installed where missing`, () =>
      execFileSync(join(here, 'install.sh'), [version], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim(),
    );
    writeFileSync(join(folder, 'stamp'), version);
    if (!process.argv.includes('--gateway')) {
      await inTheOpen(python, folder);
      await withTls(python, folder, bootstrapped(folder));
    }
    await perUser(python, folder);
    table(rows);
  } catch (error) {
    // What was found before is told as well.
    findings.push({ where: 'then', message: error instanceof Error ? error.message : String(error) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return findings;
}

suite('dask', run);
