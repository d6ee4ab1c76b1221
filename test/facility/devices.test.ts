import { ApiObject, Chart } from 'cdk8s';
import { Facility, NvidiaGpus, nodePool, type Site } from '../../lib';
import { accelerator, mig } from '../../lib/gpu';
import { Deployment, ServiceChart, type ServiceProps } from '../../lib/kubernetes';
import type { Accelerator } from '../../lib/site';
import { installed } from '../fixtures/gpus';
import { existing, only, problemsOf } from '../fixtures/site';

const gpus = nodePool('gpu', {
  count: 2,
  flavor: { vcpus: 64, memory: '512GiB' },
  labels: { kind: 'gpu' },
  gpus: mig('a100-80gb', { perNode: 1, layout: { '3g.40gb': 2 } }),
});
const cpus = nodePool('cpu', { count: 1, flavor: { vcpus: 8, memory: '32GiB' }, labels: { kind: 'cpu' } });
const site: Site = existing({ pools: [cpus, gpus] });

interface WorkProps extends ServiceProps {
  readonly accelerator?: Accelerator;
  readonly replicas?: number;
  readonly on?: typeof cpus;
}

/** Some pods that compute. */
class Work extends ServiceChart {
  constructor(facility: Facility, props: WorkProps) {
    super(facility, 'work', props, { name: 'work' });
    new Deployment(this, 'part', {
      on: props.on ?? gpus,
      replicas: props.replicas ?? 2,
      containers: { main: { image: 'x.example/y:1', resources: { cpu: 1, memory: '1GiB' }, accelerator: props.accelerator } },
    });
  }
}

const built = (props: WorkProps) => {
  const facility = new Facility(site);
  new Work(facility, props);
  return facility;
};
const find = (facility: Facility, kind: string) =>
  facility.output().objects.find(({ object }) => object.kind === kind && object.metadata.namespace === 'work')?.object;

test('a pod with a slice asks for it twice over, tolerates the taint of its nodes, and counts in the quota', () => {
  const facility = built({ accelerator: gpus.slice('3g.40gb') });
  const { spec } = find(facility, 'Deployment')?.spec.template ?? {};
  const resources = { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi', 'nvidia.com/mig-3g.40gb': '1' };
  expect(spec.containers[0].resources).toEqual({ requests: resources, limits: { ...resources, cpu: '2' } });
  expect(spec.containers[0].env).toBeUndefined();
  expect(spec.nodeSelector).toEqual({ kind: 'gpu' });
  expect(spec.tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
  expect(find(facility, 'ResourceQuota')?.spec.hard).toMatchObject({ 'requests.nvidia.com/mig-3g.40gb': '3' });
});

test('a pod beside the cards that asks for none sees none', () => {
  expect(find(built({}), 'Deployment')?.spec.template.spec.containers[0].env).toEqual([{ name: 'NVIDIA_VISIBLE_DEVICES', value: 'void' }]);
  expect(find(built({ on: cpus }), 'Deployment')?.spec.template.spec.containers[0].env).toBeUndefined();
});

test('labels and taints of an accelerator of no pool go into the pod', () => {
  const other = nodePool('fpga', {
    flavor: { vcpus: 8, memory: '32GiB' },
    labels: { kind: 'fpga', shell: 'u55c' },
    taints: [{ key: 'fpga', effect: 'NoSchedule' }],
    gpus: { kind: 'gpus', sharing: 'plugin', resource: 'amd.com/u55c', perNode: 1 },
  });
  const facility = new Facility(existing({ pools: [cpus, other] }));
  new Work(facility, {
    on: other,
    replicas: 1,
    accelerator: accelerator('amd.com/u55c', { labels: { shell: 'u55c' }, taints: [{ key: 'fpga', effect: 'NoSchedule' }] }),
  });
  const { spec } = find(facility, 'Deployment')?.spec.template ?? {};
  expect(spec.nodeSelector).toEqual({ kind: 'fpga', shell: 'u55c' });
  expect(spec.tolerations).toEqual([{ key: 'fpga', operator: 'Exists', effect: 'NoSchedule' }]);
});

test('MISSING_DEVICE: no node of the pod has what it asks for', () => {
  expect(
    only(
      problemsOf(() => built({ on: cpus, accelerator: gpus.slice('3g.40gb') }).output()),
      'MISSING_DEVICE',
    ),
  ).toMatchObject({
    path: 'cosenza/work/Deployment/work-part',
    given:
      'work-part requests 1 nvidia.com/mig-3g.40gb on one node: 0/3 nodes are available: 1 Insufficient nvidia.com/mig-3g.40gb (cosenza-cpu-1), 2 node(s) had untolerated taint {nvidia.com/gpu:NoSchedule} (cosenza-gpu-1, cosenza-gpu-2)',
    allowed: 'at most what a single node of its pools has: none',
    fix: 'place the pod on nodes with nvidia.com/mig-3g.40gb, or change `gpus` of the pool of cosenza-cpu-1',
  });
  expect(
    only(
      problemsOf(() => built({ accelerator: gpus.slice('3g.40gb', 3) }).output()),
      'MISSING_DEVICE',
    ).allowed,
  ).toBe('at most what a single node of its pools has: 2 nvidia.com/mig-3g.40gb');
});

test('EXCEEDS_CAPACITY: more slices than there are', () => {
  expect(
    only(
      problemsOf(() => built({ replicas: 5, accelerator: gpus.slice('3g.40gb') }).output()),
      'EXCEEDS_CAPACITY',
    ),
  ).toMatchObject({
    given:
      "5 pods of work-part, of which 4 can be scheduled: 0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector (cosenza-cpu-1), 2 Insufficient nvidia.com/mig-3g.40gb (cosenza-gpu-1, cosenza-gpu-2)",
    fix: expect.stringMatching(/^lower the number of pods to 4; or: /),
  });
});

test('INVALID_DEVICE_REQUEST: Kubernetes would refuse the pod', () => {
  const facility = new Facility(site);
  const resources = { requests: { cpu: '1', memory: '1Gi', 'nvidia.com/mig-3g.40gb': '1' } };
  new ApiObject(new Chart(facility, 'raw', { disableResourceNameHashes: true }), 'pod', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a' },
    spec: {
      nodeSelector: { kind: 'gpu' },
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'main', image: 'x.example/y:1', resources }],
    },
  });
  expect(only(facility.problems(), 'INVALID_DEVICE_REQUEST')).toMatchObject({
    path: 'cosenza/raw/Pod/a',
    given: 'container main requests nvidia.com/mig-3g.40gb without an equal limit',
  });
});

test('with one of the nodes lost, those that compute are told to wait', () => {
  const [warning] = built({ replicas: 4, accelerator: gpus.slice('3g.40gb') })
    .output()
    .warnings.filter(({ code }) => code === 'MISSING_SPARE_CAPACITY');
  expect(warning).toMatchObject({ path: 'cosenza/pools/gpu', given: expect.stringContaining('work-part cannot be scheduled') });
});

test('MISSING_GPU_SOFTWARE: GPUs without device plugin, where the library installs Kubernetes', () => {
  const warned = (facility: Facility) => facility.output().warnings.filter(({ code }) => code === 'MISSING_GPU_SOFTWARE');
  const installedWith = (services: (facility: Facility) => void = () => undefined) => {
    const facility = new Facility(installed(gpus));
    services(facility);
    return warned(facility);
  };
  expect(installedWith()).toEqual([
    expect.objectContaining({
      path: expect.stringMatching(/\/pools$/),
      given: expect.stringContaining('GPUs in gpu, but no device plugin'),
    }),
  ]);
  expect(installedWith((facility) => void new NvidiaGpus(facility, 'cards'))).toEqual([]);
  expect(installedWith((facility) => void new NvidiaGpus(facility, 'cards', { by: 'plain' }))).toEqual([]);
  // On an existing cluster the operator may be installed already.
  expect(warned(built({}))).toEqual([]);
});
