import { App, Testing } from 'cdk8s';
import fc from 'fast-check';
import { ledgerOf } from '../../../lib/kubernetes';
import {
  DaskCluster,
  type DaskClusterProps,
  type DaskTlsProps,
  daskTlsVariables,
  daskVersion,
  type MemoryShares,
  memoryShares,
  type WorkerLifetime,
} from '../../../lib/services/dask';
import { bytes, nodePool, type PodPeer, secret, storageClass } from '../../../lib/site';
import { notebookVariables } from '../../fixtures/endpoints';
import { mayConnect, podsOf } from '../../fixtures/network';
import { briefly, existing, type Manifest, nodes, problemsOf } from '../../fixtures/site';

const gpus = nodePool('gpus', { flavor: { vcpus: 16, memory: '64GiB' }, labels: { gpu: 'a100' } });
const fast = storageClass('fast');
const site = existing({ pools: [nodes, gpus], storage: { default: storageClass('local-path'), classes: [fast] } });
const cluster = (props: Partial<DaskClusterProps> = {}) => new DaskCluster(new App(), 'dask', { site, on: nodes, ...props });
const rendered = (chart: DaskCluster) => Testing.synth(chart) as Manifest[];
const problems = (chart: DaskCluster) => briefly(ledgerOf(chart).problems.all);
const spec = (chart: DaskCluster, name: string) =>
  rendered(chart).find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)?.spec.template.spec;
const env = (chart: DaskCluster, name: string): Record<string, string> =>
  Object.fromEntries(spec(chart, name).containers[0].env.map((one: any) => [one.name, one.value]));
const option = (chart: DaskCluster, flag: string, name = 'dask-worker'): string | undefined => {
  const { args } = spec(chart, name).containers[0];
  return args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
};

describe('memory thresholds', () => {
  const MEMORY = 'DASK_DISTRIBUTED__WORKER__MEMORY__';

  test('are always set, so that configuration files in the image have no effect', () => {
    expect(env(cluster(), 'dask-worker')).toMatchObject({
      [`${MEMORY}TARGET`]: '0.6',
      [`${MEMORY}SPILL`]: '0.7',
      [`${MEMORY}PAUSE`]: '0.8',
      [`${MEMORY}TERMINATE`]: '0.95',
    });
  });

  test('may be disabled', () => {
    const given: Required<MemoryShares> = { target: false, spill: false, pause: 0.85, terminate: 0.9 };
    expect(env(cluster({ memoryShares: given }), 'dask-worker')).toMatchObject({
      [`${MEMORY}TARGET`]: 'False',
      [`${MEMORY}PAUSE`]: '0.85',
    });
  });

  test('workers spill to at most 90 % of the volume', () => {
    const maxSpill = Number(env(cluster({ spill: '20GiB' }), 'dask-worker')[`${MEMORY}MAX_SPILL`]);
    expect(maxSpill).toBe(Math.floor(bytes('20GiB') * 0.9));
  });

  test('must be in ascending order', () => {
    const share = fc.oneof(fc.constant(false as const), fc.double({ min: -0.1, max: 1.2, noNaN: true }));
    fc.assert(
      fc.property(share, share, share, fc.double({ min: -0.1, max: 1.2, noNaN: true }), (target, spill, pause, terminate) => {
        const numbers = [target, spill, pause, terminate].filter((one) => one !== false);
        const rising = numbers.every((one, i) => one > 0 && one <= 1 && (i === 0 || one > (numbers[i - 1] ?? 0)));
        const codes = problemsOf(() => memoryShares({ target, spill, pause, terminate })).map(({ code }) => code);
        expect(codes).toEqual(rising ? [] : ['INVALID_DASK_MEMORY_SHARES']);
      }),
    );
    for (const wrong of [{ terminate: false as never }, { pause: 0.65 }, { target: Number.NaN }]) {
      expect(problems(cluster({ memoryShares: wrong }))).toEqual(['INVALID_DASK_MEMORY_SHARES at cosenza/dask/memoryShares']);
    }
  });
});

test('spillOn: each worker has a separate spill volume, which is not ephemeral storage of the node', () => {
  const chart = cluster({ spill: '200GiB', spillOn: fast });
  const { volumes, containers } = spec(chart, 'dask-worker');
  expect(volumes.find(({ name }: any) => name === 'spill').ephemeral.volumeClaimTemplate.spec).toEqual({
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'fast',
    resources: { requests: { storage: '200Gi' } },
  });
  expect(containers[0].resources.limits['ephemeral-storage']).toBe('1Gi');
});

describe('groups', () => {
  const chart = cluster({
    workers: 3,
    threads: 1,
    groups: {
      gpu: { on: gpus, workers: 1, worker: { cpu: 8, memory: '32GiB' }, threads: 8, resources: { GPU: 1, MEMORY: 2.5 } },
      spare: {},
    },
  });

  test('inherit the options of the cluster', () => {
    expect(problems(chart)).toEqual([]);
    expect([
      option(chart, '--nthreads', 'dask-worker'),
      option(chart, '--nthreads', 'dask-worker-gpu'),
      option(chart, '--nthreads', 'dask-worker-spare'),
    ]).toEqual(['1', '8', '1']);
    expect(option(chart, '--resources', 'dask-worker-gpu')).toBe('GPU=1 MEMORY=2.5');
    expect(option(chart, '--resources', 'dask-worker')).toBeUndefined();
    expect(spec(chart, 'dask-worker-gpu').nodeSelector).toEqual({ gpu: 'a100' });
    expect(
      rendered(chart)
        .filter(({ kind }) => kind === 'Deployment')
        .map(({ metadata, spec }) => [metadata.name, spec.replicas]),
    ).toEqual([
      ['dask-scheduler', 1],
      ['dask-worker', 3],
      ['dask-worker-gpu', 1],
      ['dask-worker-spare', 3],
    ]);
  });

  test('exchange results with each other and with the scheduler', () => {
    const objects = rendered(chart);
    const pods = podsOf(objects);
    const workers = pods.filter(({ name }) => name.includes('worker'));
    const [scheduler] = pods.filter(({ name }) => name.includes('scheduler'));
    if (!scheduler) throw new Error('no scheduler');
    for (const from of workers) {
      expect(workers.filter((to) => !mayConnect(objects, from, to, 8788))).toEqual([]);
      expect(workers.filter((to) => mayConnect(objects, from, to, 8789))).toEqual([]);
      expect([mayConnect(objects, from, scheduler, 8786), mayConnect(objects, scheduler, from, 8789)]).toEqual([true, true]);
    }
  });

  test('findings have the path of the group', () => {
    expect(problems(cluster({ groups: { gpu: { threads: 0, resources: { 'G PU': 1 } }, Big: {} } }))).toEqual(
      expect.arrayContaining([
        'INVALID_DASK_THREADS at cosenza/dask/groups/gpu/worker',
        'INVALID_DASK_RESOURCE at cosenza/dask/groups/gpu/resources',
        'INVALID_NAME at cosenza/dask/groups/Big',
      ]),
    );
    for (const amount of [0, -1, Number.NaN, '1' as never]) {
      expect(problems(cluster({ resources: { GPU: amount } }))).toEqual(['INVALID_DASK_RESOURCE at cosenza/dask/resources']);
    }
  });
});

describe('a stopping worker', () => {
  test('moves its results in the preStop hook, within the grace period', () => {
    const { containers, terminationGracePeriodSeconds } = spec(cluster({ retirement: '5m' }), 'dask-worker');
    expect(containers[0].lifecycle.preStop.exec.command).toEqual(['python', '/etc/dask-worker/retire.py']);
    expect(env(cluster({ retirement: '5m' }), 'dask-worker')).toMatchObject({
      RETIREMENT_SECONDS: '300',
      DASK_SCHEDULER_ADDRESS: cluster().endpoint.address,
    });
    expect(terminationGracePeriodSeconds).toBe(360);
    // The hook retires the worker by this name.
    expect(option(cluster(), '--name')).toBe('$(POD_NAME)');
  });

  test('restarts after its lifetime, with a random stagger', () => {
    const lifetime: Required<WorkerLifetime> = { after: '1h', stagger: '90s' };
    const chart = cluster({ lifetime });
    expect([option(chart, '--lifetime'), option(chart, '--lifetime-stagger')]).toEqual(['3600s', '90s']);
    expect(spec(chart, 'dask-worker').containers[0].args).toContain('--lifetime-restart');
    expect(option(cluster({ lifetime: { after: '1h' } }), '--lifetime-stagger')).toBe('360s');
    for (const wrong of [{ after: '30s' }, { after: '10m', stagger: '10m' }] as const) {
      expect(problems(cluster({ lifetime: wrong }))).toEqual(['INVALID_DASK_LIFETIME at cosenza/dask/lifetime']);
    }
    expect(problems(cluster({ retirement: 'soon' as never }))).toEqual(
      expect.arrayContaining(['INVALID_QUANTITY at cosenza/dask/retirement']),
    );
  });
});

describe('TLS', () => {
  test('applies to scheduler, workers and clients', () => {
    const chart = cluster({ tls: {} });
    const { address, tls } = chart.endpoint;
    expect(address).toMatch(/^tls:/);
    expect(tls).toEqual({
      certificate: secret('dask-tls', 'tls.crt'),
      key: secret('dask-tls', 'tls.key'),
      authority: secret('dask-tls', 'tls.crt'),
    });
    for (const name of ['dask-scheduler', 'dask-worker']) {
      const { volumes, containers } = spec(chart, name);
      expect(volumes).toContainEqual({
        name: 'tls',
        secret: {
          secretName: 'dask-tls',
          defaultMode: 0o440,
          items: [
            { key: 'tls.crt', path: 'tls.crt' },
            { key: 'tls.key', path: 'tls.key' },
          ],
        },
      });
      expect(containers[0].volumeMounts).toContainEqual({ name: 'tls', mountPath: '/etc/dask-tls', readOnly: true });
      expect(env(chart, name)).toMatchObject({
        DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION: 'True',
        DASK_DISTRIBUTED__COMM__DEFAULT_SCHEME: 'tls',
      });
    }
    expect(env(chart, 'dask-worker')).toMatchObject(tls ? daskTlsVariables(tls, 'worker', 'client') : {});
    expect(notebookVariables(chart.endpoint)).toMatchObject(tls ? daskTlsVariables(tls, 'client') : {});
    expect(ledgerOf(chart).secrets.map(({ secret: { name, key }, origin }) => [name, key, origin.kind])).toEqual([
      ['dask-tls', 'tls.crt', 'certificate'],
    ]);
  });

  test('with a CA certificate of the operator', () => {
    const given: Required<DaskTlsProps> = { secret: 'from-cert-manager', authority: 'ca.crt' };
    const chart = cluster({ tls: given });
    expect(env(chart, 'dask-scheduler')).toMatchObject({ DASK_DISTRIBUTED__COMM__TLS__CA_FILE: '/etc/dask-tls/ca.crt' });
    expect(ledgerOf(chart).secrets.map(({ secret: { name, key }, origin }) => [name, key, origin.kind])).toEqual([
      ['from-cert-manager', 'tls.crt', 'certificate'],
      ['from-cert-manager', 'ca.crt', 'operator'],
    ]);
  });

  test('is disabled by default', () => {
    expect(cluster().endpoint.address).toMatch(/^tcp:/);
    expect(cluster().endpoint.tls).toBeUndefined();
    expect(Object.keys(env(cluster(), 'dask-scheduler')).filter((name) => name.includes('TLS'))).toEqual([]);
  });
});

test('metrics are open only to the pods in metrics.from', () => {
  const from: PodPeer = { kind: 'pods', namespace: 'monitoring', labels: { app: 'prometheus' } };
  const chart = cluster({ metrics: { from } });
  const ingress = (name: string) =>
    rendered(chart).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === name)?.spec.ingress;
  const peer = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
    podSelector: { matchLabels: { app: 'prometheus' } },
  };
  expect(ingress('dask-scheduler')).toContainEqual({ from: [peer], ports: [{ port: 8787, protocol: 'TCP' }] });
  expect(ingress('dask-worker')).toContainEqual({ from: [peer], ports: [{ port: 8790, protocol: 'TCP' }] });
  expect(briefly(ledgerOf(chart).problems.warnings)).toEqual(['MISSING_DASK_METRICS at cosenza/dask/metrics']);
  expect(ledgerOf(cluster({ metrics: { from }, image: 'registry.example/dask-with-metrics:1' })).problems.warnings).toEqual([]);
});

test('env overrides default variables', () => {
  const chart = cluster({ env: { OMP_NUM_THREADS: '4', DASK_TEMPORARY_DIRECTORY: '/spill' } });
  for (const name of ['dask-scheduler', 'dask-worker'])
    expect(env(chart, name)).toMatchObject({ OMP_NUM_THREADS: '4', DASK_TEMPORARY_DIRECTORY: '/spill' });
});

test('env accepts keys of Secrets; a value that looks like a secret is a warning', () => {
  const chart = cluster({
    env: { DB_PASSWORD: secret('db', 'password'), API_TOKEN: 'hunter2', TOKEN_URL: 'https://iam.example.org', KEY: '' },
  });
  const reference = { valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } };
  for (const { spec } of rendered(chart).filter(({ kind }) => kind === 'Deployment'))
    expect(spec.template.spec.containers[0].env).toContainEqual({ name: 'DB_PASSWORD', ...reference });
  expect(ledgerOf(chart).secrets).toEqual([
    expect.objectContaining({
      secret: secret('db', 'password'),
      origin: { kind: 'operator', what: 'value of DB_PASSWORD in scheduler and workers' },
    }),
  ]);
  const { warnings } = ledgerOf(chart).problems;
  expect(warnings).toMatchObject([
    { code: 'INSECURE_VARIABLE', path: 'cosenza/dask/env', given: expect.stringContaining('API_TOKEN of scheduler and workers') },
  ]);
  expect(JSON.stringify(warnings)).not.toContain('hunter2');
});

test('daskVersion reads the version only from tags of Dask images', () => {
  expect(cluster().endpoint.version).toBe('2025.11.0');
  expect(cluster({ image: 'registry.example/mine:7' }).endpoint.version).toBeUndefined();
  const stated = {
    'ghcr.io/dask/dask:2025.11.0': '2025.11.0',
    'ghcr.io/dask/dask-notebook:2025.5.1-py3.12': '2025.5.1',
    'registry.example:5000/a/my-dask:2024.1.0@sha256:00': '2024.1.0',
    'docker.io/pangeo/base-notebook:2025.01.10': undefined,
    'ghcr.io/dask/dask:latest': undefined,
    'registry.example/dask/tool:2025.1.1': undefined,
    'ghcr.io/dask/dask@sha256:00': undefined,
  };
  expect(Object.fromEntries(Object.keys(stated).map((image) => [image, daskVersion(image)]))).toEqual(stated);
});
