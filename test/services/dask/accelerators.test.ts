import {
  choice,
  DaskCluster,
  type DaskClusterProps,
  DaskGateway,
  type DaskGatewayProps,
  environment,
  Facility,
  JupyterHub,
  nodePool,
  option,
  size,
} from '../../../lib';
import { mig, pluginGpus } from '../../../lib/gpu';
import { devicesIn, effectiveRequests } from '../../../lib/scheduling';
import { iam } from '../../fixtures/hub';
import { existing, only } from '../../fixtures/site';

const cpus = nodePool('cpu', { count: 2, flavor: { vcpus: 16, memory: '64GiB' }, labels: { kind: 'cpu' } });
const gpus = nodePool('gpu', {
  count: 2,
  flavor: { vcpus: 64, memory: '512GiB' },
  labels: { kind: 'gpu' },
  gpus: mig('a100-80gb', { perNode: 1, layout: { '3g.40gb': 2 } }),
});
const devicePool = nodePool('card', {
  flavor: { vcpus: 16, memory: '64GiB' },
  labels: { kind: 'card' },
  gpus: pluginGpus('example.com/card', 2),
});
const site = existing({ pools: [cpus, gpus, devicePool] });
const slice = gpus.slice('3g.40gb');
const SLICE = 'nvidia.com/mig-3g.40gb';

const find = (facility: Facility, kind: string, name: string, namespace = 'dask') =>
  facility
    .output()
    .objects.find(({ object }) => object.kind === kind && object.metadata.name === name && object.metadata.namespace === namespace)?.object;
const dask = (props: Partial<DaskClusterProps> = {}) => {
  const facility = new Facility(site);
  new DaskCluster(facility, 'dask', { on: cpus, ...props });
  return facility;
};
const pod = (facility: Facility, name: string) => find(facility, 'Deployment', name)?.spec.template.spec;

describe('a shared cluster', () => {
  test('workers with an accelerator request it and run on its pool; the scheduler stays on the first pool', () => {
    const made = dask({ accelerator: slice });
    const { containers, nodeSelector, tolerations } = pod(made, 'dask-worker');
    expect([containers[0].resources.limits[SLICE], containers[0].resources.requests[SLICE]]).toEqual(['1', '1']);
    expect(nodeSelector).toEqual({ kind: 'gpu' });
    expect(tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
    expect(containers[0].env.map(({ name }: { name: string }) => name)).not.toContain('NVIDIA_VISIBLE_DEVICES');
    expect(pod(made, 'dask-scheduler').nodeSelector).toEqual({ kind: 'cpu' });
  });

  test('a group may have another accelerator or pool, or none', () => {
    const made = dask({
      accelerator: slice,
      groups: {
        card: { accelerator: devicePool.gpu(2), workers: 1 },
        both: { on: [gpus, devicePool] },
        plain: { accelerator: 'none', on: gpus },
      },
    });
    expect(pod(made, 'dask-worker-card').containers[0].resources.limits).toMatchObject({ 'example.com/card': '2' });
    expect(pod(made, 'dask-worker-card').nodeSelector).toEqual({ kind: 'card' });
    expect(pod(made, 'dask-worker-both').containers[0].resources.limits).toMatchObject({ [SLICE]: '1' });
    expect(JSON.stringify(pod(made, 'dask-worker-both').affinity.nodeAffinity)).toContain('card');
    expect(pod(made, 'dask-worker-plain').containers[0].resources.limits).not.toHaveProperty([SLICE]);
    expect(pod(made, 'dask-worker-plain').containers[0].env).toContainEqual({ name: 'NVIDIA_VISIBLE_DEVICES', value: 'void' });
  });

  test('workers with an accelerator are replaced with maxSurge 0', () => {
    const made = dask({ workers: 1, groups: { gpu: { accelerator: slice, workers: 4, worker: { cpu: 8, memory: '64GiB' } } } });
    expect(find(made, 'Deployment', 'dask-worker-gpu')?.spec.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    });
    expect(find(made, 'Deployment', 'dask-worker')?.spec.strategy).toEqual({ type: 'RollingUpdate' });
    expect(find(made, 'ResourceQuota', 'facility')?.spec.hard[`requests.${SLICE}`]).toBe('4');
  });

  test('too many workers exceed the capacity; a pool without the accelerator is rejected', () => {
    expect(only(dask({ accelerator: slice, workers: 5 }).problems(), 'EXCEEDS_CAPACITY').given).toContain(`2 Insufficient ${SLICE}`);
    expect(only(dask({ groups: { gpu: { accelerator: slice, on: cpus } } }).problems(), 'MISSING_DEVICE').path).toContain(
      'dask-worker-gpu',
    );
  });

  test('the summary states whether tasks request the accelerator', () => {
    const worker = { cpu: 4, memory: '16GiB' } as const;
    const promises = (props: Partial<DaskClusterProps>) =>
      dask({ worker, ...props })
        .output()
        .summaryNotes.map(({ text }) => text);
    expect(promises({ accelerator: slice })).toEqual([
      '2 workers, each 4 threads and 14.4 GiB for data, with 1 × 3g.40gb of NVIDIA A100 80GB, but without resources: Dask also schedules tasks there that do not need it',
    ]);
    expect(promises({ accelerator: slice, resources: { GPU: 1 } })).toEqual([
      '2 workers, each 4 threads and 14.4 GiB for data, with 1 × 3g.40gb of NVIDIA A100 80GB, which tasks request by GPU',
    ]);
  });

  test('accelerators of workers are not part of the quota of a hub', () => {
    const made = dask({ accelerator: slice, workers: 3 });
    new JupyterHub(made, 'jupyterhub', {
      on: cpus,
      host: 'jupyter.example.org',
      login: iam({ allowedGroups: ['cms'] }),
      environments: [environment('python')],
      sizes: [size('small', { cpu: 1, memory: '2GiB' })],
      options: [option('card', { choices: [choice('one', { accelerator: slice, cull: { after: '10m' } })] })],
    });
    expect(find(made, 'ResourceQuota', 'facility', 'jupyterhub')?.spec.hard[`requests.${SLICE}`]).toBe('1');
    expect(find(made, 'ResourceQuota', 'facility')?.spec.hard[`requests.${SLICE}`]).toBe('3');
  });

  test('EXCEEDS_GPU_SHARES: shares of a hub plus the slices of workers exceed the capacity', () => {
    const warnings = (workers: number, servers: number, oversubscribe = false) => {
      const made = dask({ accelerator: slice, workers });
      new JupyterHub(made, 'jupyterhub', {
        on: cpus,
        host: 'jupyter.example.org',
        login: iam({ allowedGroups: ['cms'] }),
        environments: [environment('gpu', { accelerator: slice, cull: { after: '10m' }, share: { servers, oversubscribe } })],
        sizes: [size('small', { cpu: 1, memory: '2GiB' })],
      });
      return made.output().warnings.filter(({ code }) => code === 'EXCEEDS_GPU_SHARES');
    };
    expect(warnings(3, 2)).toEqual([
      expect.objectContaining({ given: `shares of 2 ${SLICE} for users and 3 requested by services, on nodes with 4` }),
    ]);
    expect(warnings(3, 1)).toEqual([]);
    expect(warnings(3, 2, true)).toEqual([]);
  });
});

describe('Dask Gateway', () => {
  const gateway = (props: Partial<DaskGatewayProps> = {}) => {
    const facility = new Facility(site);
    new DaskGateway(facility, 'gateway', { on: cpus, ...props });
    return facility;
  };
  const settings = (facility: Facility) => {
    const found = facility.output().objects.find(({ object }) => object.kind === 'ConfigMap' && object.data['gateway.json']);
    return JSON.parse(found?.object.data['gateway.json'] ?? '{}');
  };

  test('accelerators of workers: resources, placement, maximum number and quota', () => {
    const made = gateway({ accelerators: { slice, two: gpus.slice('3g.40gb', 2) } });
    const { accelerators, workerPods } = settings(made);
    expect(accelerators.slice).toMatchObject({
      workers: 4,
      pod: { nodeSelector: { kind: 'gpu' }, tolerations: [{ key: 'nvidia.com/gpu' }], priorityClassName: 'cosenza-user' },
      container: { resources: { limits: { [SLICE]: '1' }, requests: { [SLICE]: '1', 'ephemeral-storage': '10Gi' } }, env: [] },
    });
    expect(accelerators.two.workers).toBe(2);
    expect(workerPods.pod.nodeSelector).toEqual({ kind: 'cpu' });
    expect(made.output().runtimePods.map(({ what, spec }) => [what, devicesIn(effectiveRequests(spec))])).toEqual([
      ["scheduler of a user's Dask cluster", {}],
      ["worker of a user's Dask cluster", {}],
      ["worker of a user's Dask cluster with 'slice'", { [SLICE]: 1 }],
      ["worker of a user's Dask cluster with 'two'", { [SLICE]: 2 }],
    ]);
    // The quota applies to all users together.
    expect(find(made, 'ResourceQuota', 'facility', 'gateway')?.spec.hard[`requests.${SLICE}`]).toBe('4');
  });

  test('workers without an accelerator see no GPUs', () => {
    expect(settings(gateway({ clustersOn: [cpus, gpus] })).workerPods.container.env).toEqual([
      { name: 'NVIDIA_VISIBLE_DEVICES', value: 'void' },
    ]);
  });

  test('INVALID_GATEWAY_ACCELERATOR: a reserved name, and a pool without the accelerator', () => {
    expect(only(gateway({ accelerators: { none: slice } }).problems(), 'INVALID_GATEWAY_ACCELERATOR').path).toBe(
      'cosenza/gateway/accelerators/none',
    );
    expect(only(gateway({ accelerators: { slice: { ...slice, on: cpus } } }).problems(), 'INVALID_GATEWAY_ACCELERATOR').given).toBe(
      `accelerator 'slice': no node of its pools has 1 ${SLICE}`,
    );
  });
});
