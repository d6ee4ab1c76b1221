import { App, Testing } from 'cdk8s';
import fc from 'fast-check';
import { externalS3 } from '../../../lib/endpoints';
import { ledgerOf } from '../../../lib/kubernetes';
import { DaskCluster, type DaskClusterProps, type WorkerSize, workerLimits } from '../../../lib/services/dask';
import { bytes, type Memory, nodePool, secret, sharedVolume, storageClass } from '../../../lib/site';
import { mayConnect, podsOf } from '../../fixtures/network';
import { briefly, existing, type Manifest, nodes, only, problemsOf, refused } from '../../fixtures/site';

const fast = nodePool('fast', { flavor: { vcpus: 64, memory: '256GiB' }, labels: { speed: 'fast' } });
const site = existing({ pools: [nodes, fast], storage: { default: storageClass('local-path'), classes: [storageClass('fast')] } });
const cluster = (props: Partial<DaskClusterProps> = {}, id = 'dask') => new DaskCluster(new App(), id, { site, on: nodes, ...props });
const rendered = (chart: DaskCluster) => Testing.synth(chart) as Manifest[];
const problems = (chart: DaskCluster) => ledgerOf(chart).problems.all;

function deployment(chart: DaskCluster, name: string): Manifest {
  const found = rendered(chart).find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  if (!found) throw new Error(`no Deployment ${name}`);
  return found;
}

const container = (chart: DaskCluster, part: 'scheduler' | 'worker') => deployment(chart, `dask-${part}`).spec.template.spec.containers[0];

/** Value of a command-line option. */
function flag(chart: DaskCluster, part: 'scheduler' | 'worker', name: string): string {
  const { command = [], args = [] } = container(chart, part);
  const commandLine: string[] = [...command, ...args];
  const index = commandLine.indexOf(name);
  if (index < 0) throw new Error(`no ${name} in ${commandLine.join(' ')}`);
  return commandLine[index + 1] ?? '';
}

describe('workerLimits', () => {
  const MiB = 2 ** 20;
  const sizes = fc.record({
    cpu: fc.oneof(
      fc.integer({ min: 1, max: 128 }),
      fc.integer({ min: 1, max: 9999 }).map((millis) => `${millis}m` as const),
    ),
    memory: fc.integer({ min: 256, max: 200_000 }).map((amount): Memory => `${amount}MiB`),
  });
  const limits = fc.option(
    fc.integer({ min: 1, max: 250_000 }).map((amount): Memory => `${amount}MiB`),
    { nil: undefined },
  );
  const threads = fc.option(fc.integer({ min: 1, max: 64 }), { nil: undefined });

  test('at least 256 MiB for the nanny and 512 MiB for the worker, else INVALID_DASK_MEMORY_LIMIT', () => {
    fc.assert(
      fc.property(sizes, limits, threads, (size, limit, count) => {
        const pod = bytes(size.memory);
        const requested = limit === undefined ? Math.min(Math.floor(pod * 0.9), pod - 256 * 2 ** 20) : bytes(limit);
        const fits = requested >= 512 * MiB && pod - requested >= 256 * MiB;
        const codes = problemsOf(() => workerLimits(size, limit, count)).map(({ code }) => code);
        expect(codes).toEqual(fits ? [] : ['INVALID_DASK_MEMORY_LIMIT']);
        if (fits) expect(workerLimits(size, limit, count).memory).toBe(requested);
      }),
    );
  });

  test('the memory limit of the worker is below the limit of the pod', () => {
    fc.assert(
      fc.property(sizes, limits, (size, limit) => {
        fc.pre(problemsOf(() => workerLimits(size, limit)).length === 0);
        expect(workerLimits(size, limit).memory).toBeLessThan(bytes(size.memory));
        expect(Number.isInteger(workerLimits(size, limit).memory)).toBe(true);
      }),
    );
  });

  test('threads default to the whole cores, at least one', () => {
    const of = (cpu: WorkerSize['cpu'], count?: number) => workerLimits({ cpu, memory: '8GiB' }, undefined, count).threads;
    expect([of(4), of(4.9), of('2500m'), of('500m'), of(4, 1), of(1, 8)]).toEqual([4, 4, 2, 1, 1, 8]);
  });

  test('invalid sizes are rejected with a fix that is valid', () => {
    const size = { cpu: 2, memory: '8GiB' } as const;
    expect(refused('INVALID_DASK_MEMORY_LIMIT', () => workerLimits(size, '16GiB'))).toMatchObject({
      given: 'a worker with a memory limit of 16384 MiB in a pod with 8192 MiB',
      fix: 'increase worker.memory, or set memoryLimit to 7936MiB',
    });
    // The suggested limit is accepted.
    expect(workerLimits(size, '7936MiB').memory).toBe(7936 * MiB);
    expect(refused('INVALID_DASK_MEMORY_LIMIT', () => workerLimits({ cpu: 1, memory: '512MiB' })).fix).toBe('increase worker.memory');
    for (const count of [0, 1.5, Number.NaN, '2' as never]) refused('INVALID_DASK_THREADS', () => workerLimits(size, undefined, count));
    for (const [cpu, memory] of [
      ['two', '8GiB'],
      [2, '64 gigs'],
    ])
      refused('INVALID_QUANTITY', () => workerLimits({ cpu, memory } as never));
  });
});

describe('a cluster with default options', () => {
  const chart = cluster();

  test('has one scheduler and two workers with 2 cores and 8 GiB', () => {
    expect(deployment(chart, 'dask-scheduler').spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    expect(deployment(chart, 'dask-worker').spec).toMatchObject({ replicas: 2, strategy: { type: 'RollingUpdate' } });
    expect(container(chart, 'worker').resources.requests).toMatchObject({ cpu: '2', memory: '8Gi' });
    expect(container(chart, 'scheduler').resources.requests).toMatchObject({ cpu: '1', memory: '4Gi' });
    expect(briefly(problems(chart))).toEqual([]);
  });

  test('passes threads and memory limit to the worker', () => {
    expect(flag(chart, 'worker', '--nthreads')).toBe('2');
    expect(flag(chart, 'worker', '--memory-limit')).toBe(`${Math.floor(8 * 2 ** 30 * 0.9)}B`);
    expect(flag(chart, 'worker', '--nworkers')).toBe('1');
    expect(flag(chart, 'worker', '--death-timeout')).toBe('60');
  });

  test('command line, container ports and probes use the same ports', () => {
    const ports = (part: 'scheduler' | 'worker') =>
      Object.fromEntries(container(chart, part).ports.map(({ name, containerPort }: any) => [name, containerPort]));
    expect(ports('scheduler')).toEqual({
      comm: Number(flag(chart, 'scheduler', '--port')),
      dashboard: Number(flag(chart, 'scheduler', '--dashboard-address').slice(1)),
    });
    expect(ports('worker')).toEqual({
      comm: Number(flag(chart, 'worker', '--worker-port')),
      nanny: Number(flag(chart, 'worker', '--nanny-port')),
      dashboard: Number(flag(chart, 'worker', '--dashboard-address').slice(1)),
    });
    for (const part of ['scheduler', 'worker'] as const) {
      const { startupProbe, readinessProbe, livenessProbe } = container(chart, part);
      expect([startupProbe, readinessProbe].map(({ httpGet }) => httpGet)).toEqual([
        { path: '/health', port: 'dashboard' },
        { path: '/health', port: 'dashboard' },
      ]);
      expect(livenessProbe).not.toEqual(readinessProbe);
    }
  });

  test('workers connect to the address of the endpoint', () => {
    expect(chart.endpoint).toMatchObject({
      kind: 'endpoint',
      protocol: 'dask',
      address: 'tcp://dask-scheduler.dask.svc.cluster.local:8786',
      dashboard: 'http://dask-scheduler.dask.svc.cluster.local:8787',
    });
    expect(container(chart, 'worker').command).toEqual(['dask', 'worker', chart.endpoint.address]);
    expect(chart.endpoint.binding.reach?.map(({ port }) => port)).toEqual([8786, 8787]);
  });

  test('ephemeral storage includes the spill volume', () => {
    const { resources, volumeMounts } = container(cluster({ spill: '20GiB' }), 'worker');
    expect(resources.limits['ephemeral-storage']).toBe('21Gi');
    expect(volumeMounts.map(({ mountPath }: any) => mountPath)).toEqual([
      '/tmp',
      flag(chart, 'worker', '--local-directory'),
      '/etc/dask-worker',
    ]);
    expect(deployment(cluster({ spill: '20GiB' }), 'dask-worker').spec.template.spec.volumes).toContainEqual({
      name: 'spill',
      emptyDir: { sizeLimit: '20Gi' },
    });
  });

  test('NetworkPolicies allow only the required flows between scheduler and workers', () => {
    const objects = rendered(chart);
    const open: string[] = [];
    for (const from of podsOf(objects)) {
      for (const to of podsOf(objects)) {
        for (const port of [8786, 8787, 8788, 8789, 8790])
          if (mayConnect(objects, from, to, port)) open.push(`${from.name} ${to.name} ${port}`);
      }
    }
    expect(open).toEqual([
      'dask-scheduler dask-worker 8788',
      'dask-scheduler dask-worker 8789',
      'dask-scheduler dask-worker 8790',
      'dask-worker dask-scheduler 8786',
      'dask-worker dask-worker 8788',
    ]);
  });

  test('the summary lists workers, threads and memory', () => {
    expect(ledgerOf(chart).summaryNotes).toEqual([{ service: 'dask', text: '2 workers, each 2 threads and 7.2 GiB for data' }]);
  });
});

test('a cluster with every option', () => {
  const props: Required<DaskClusterProps> = {
    site,
    namespace: 'compute',
    patch: [{ object: 'Deployment/dask-worker', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'cms' }] }],
    on: [fast, nodes],
    workers: 5,
    worker: { cpu: '3500m', memory: '16GiB' },
    memoryLimit: '12GiB',
    threads: 6,
    scheduler: { cpu: 2, memory: '6GiB' },
    spill: '5GiB',
    deathTimeout: '2m',
    image: 'registry.example/dask:1',
    memoryShares: { target: 0.5, spill: false, pause: 0.9, terminate: 0.98 },
    resources: { GPU: 2 },
    spillOn: storageClass('fast'),
    lifetime: { after: '1h', stagger: '5m' },
    retirement: '10m',
    accelerator: 'none',
    groups: { big: { workers: 1, worker: { cpu: 16, memory: '64GiB' }, memoryLimit: '60GiB' } },
    env: { OMP_NUM_THREADS: '2' },
    uses: [
      externalS3({
        url: 'https://s3.example.org',
        accessKey: secret('store', 'access'),
        secretKey: secret('store', 'secret'),
        bucket: 'data',
        authority: secret('store', 'ca.crt'),
        cidrs: ['192.0.2.7/32'],
      }),
    ],
    internet: true,
    volumes: [sharedVolume('data', { at: '/data', from: { claim: 'data' } })],
    tls: { secret: 'dask-certificate', authority: 'ca.crt' },
    metrics: { from: { kind: 'pods', namespace: 'monitoring', labels: { app: 'prometheus' } } },
  };
  const chart = cluster(props);

  expect(deployment(chart, 'dask-worker')).toMatchObject({
    metadata: { namespace: 'compute', labels: { team: 'cms' } },
    spec: { replicas: 5 },
  });
  const workerEnv = (name: string) => container(chart, 'worker').env.find((one: { name: string }) => one.name === name);
  expect(workerEnv('AWS_ENDPOINT_URL').value).toBe('https://s3.example.org');
  expect(workerEnv('AWS_SECRET_ACCESS_KEY').valueFrom.secretKeyRef).toEqual({ name: 'store', key: 'secret' });
  expect(workerEnv('AWS_CA_BUNDLE').value).toBe('/etc/s3-authority/ca.crt');
  const egress = (rendered(chart).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'dask-worker') as Manifest)
    .spec.egress;
  expect(egress).toContainEqual({ to: [{ ipBlock: { cidr: '192.0.2.7/32' } }], ports: [{ port: 443, protocol: 'TCP' }] });
  expect(JSON.stringify(egress)).toContain('0.0.0.0/0');
  expect(flag(chart, 'worker', '--nthreads')).toBe('6');
  expect(flag(chart, 'worker', '--memory-limit')).toBe(`${12 * 2 ** 30}B`);
  expect(flag(chart, 'worker', '--death-timeout')).toBe('120');
  expect(container(chart, 'worker').resources.requests).toEqual({ cpu: '3500m', memory: '16Gi', 'ephemeral-storage': '1Gi' });
  expect(container(chart, 'scheduler').resources.requests).toMatchObject({ cpu: '2', memory: '6Gi' });
  expect([container(chart, 'scheduler').image, container(chart, 'worker').image]).toEqual([props.image, props.image]);
  expect(chart.endpoint.address).toBe('tls://dask-scheduler.compute.svc.cluster.local:8786');
  // The scheduler goes to the first pool, the workers to any.
  expect(deployment(chart, 'dask-scheduler').spec.template.spec.nodeSelector).toEqual({ speed: 'fast' });
  const { nodeSelectorTerms } = deployment(chart, 'dask-worker').spec.template.spec.affinity.nodeAffinity
    .requiredDuringSchedulingIgnoredDuringExecution;
  expect(nodeSelectorTerms).toHaveLength(2);
  expect(briefly(problems(chart))).toEqual([]);
});

test('a single worker has the exception `singleton`; several have a PodDisruptionBudget', () => {
  const kinds = (chart: DaskCluster) =>
    rendered(chart)
      .filter(({ kind }) => kind === 'PodDisruptionBudget')
      .map(({ metadata }) => metadata.name);
  expect(deployment(cluster({ workers: 1 }), 'dask-worker').metadata.annotations).toHaveProperty([
    'analysis-facility.io/exception.singleton',
  ]);
  expect(kinds(cluster({ workers: 1 }))).toEqual([]);
  expect(deployment(cluster(), 'dask-worker').metadata.annotations).toBeUndefined();
  expect(kinds(cluster())).toEqual(['dask-worker']);
});

describe('findings have the path of the prop', () => {
  test.each<[string, string, Partial<DaskClusterProps>]>([
    ['INVALID_DASK_MEMORY_LIMIT', 'cosenza/dask/worker', { worker: { cpu: 2, memory: '4GiB' }, memoryLimit: '8GiB' }],
    ['INVALID_DASK_MEMORY_LIMIT', 'cosenza/dask/worker', { worker: { cpu: 2, memory: '600MiB' } }],
    ['INVALID_DASK_THREADS', 'cosenza/dask/worker', { threads: 0 }],
    ['INVALID_COUNT', 'cosenza/dask/workers', { workers: 0 }],
    ['INVALID_COUNT', 'cosenza/dask/workers', { workers: 2.5 }],
    ['INVALID_QUANTITY', 'cosenza/dask/spill', { spill: '10G' as never }],
    ['INVALID_QUANTITY', 'cosenza/dask/deathTimeout', { deathTimeout: '60' as never }],
  ])('%s at %s', (code, path, props) => {
    const chart = cluster(props);
    expect(briefly(problems(chart))).toEqual([`${code} at ${path}`]);
    only(problems(chart), code);
    expect(() => rendered(chart)).toThrow(new RegExp(code));
  });

  test('an invalid quantity causes no further findings', () => {
    expect(new Set(problems(cluster({ worker: { cpu: 2, memory: '64 gigs' as never } })).map(({ code }) => code))).toEqual(
      new Set(['INVALID_QUANTITY']),
    );
  });

  test('missing pool', () => {
    expect(briefly(problems(cluster({ on: undefined as never })))).toEqual([
      'UNKNOWN_POOL at cosenza/dask/scheduler/on',
      'UNKNOWN_POOL at cosenza/dask/worker/on',
    ]);
  });
});
