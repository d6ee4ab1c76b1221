import { type Accelerator, amdGpus, type Flavor, mig, mps, nodePool, timeSlicing, vgpu, wholeGpus } from '../../../lib/site';
import { existing, problemsOf } from '../../fixtures/site';

const flavor = { vcpus: 64, memory: '512GiB' } as const;
const thrown = (act: () => unknown) => problemsOf(act).map(({ code }) => code);
const codesOf = (gpus: Parameters<typeof nodePool>[1]['gpus']) =>
  existing({ pools: [nodePool('gpu', { flavor, labels: { kind: 'gpu' }, gpus })] }).problems.map(({ code }) => code);

const halves = mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 2 } });
const sliced = nodePool('sliced', { flavor, gpus: halves });
const uneven = nodePool('uneven', {
  keys: ['a', 'b'],
  flavor,
  gpus: mig('a100-80gb', { layout: { '3g.40gb': 2 }, layouts: { b: { '1g.10gb': 7 } } }),
});
const listed = nodePool('listed', { flavor, gpus: mig('a100-80gb', { perNode: 2, layout: [{ '3g.40gb': 2 }, { '7g.80gb': 1 }] }) });
const shared = nodePool('shared', { flavor, gpus: timeSlicing(mig('a30-24gb', { layout: { '1g.6gb': 4 } }), { replicas: 2 }) });
const whole = nodePool('whole', { flavor, gpus: wholeGpus('h100-80gb', 4) });
const plain = nodePool('plain', { flavor });

test('a pool offers the profiles of its GPUs, for every form of the layout', () => {
  const requested: readonly Accelerator[] = [
    sliced.slice('3g.40gb'),
    uneven.slice('1g.10gb'),
    listed.slice('7g.80gb'),
    shared.slice('1g.6gb'),
    whole.gpu(2),
    nodePool('amd', { flavor, gpus: amdGpus(2) }).gpu(),
    nodePool('virtual', { flavor, gpus: vgpu('NVIDIA A100-3-20C') }).gpu(),
  ];
  expect(requested.map(({ resource, count }) => `${count} ${resource}`)).toEqual([
    '1 nvidia.com/mig-3g.40gb',
    '1 nvidia.com/mig-1g.10gb',
    '1 nvidia.com/mig-7g.80gb',
    '1 nvidia.com/mig-1g.6gb.shared',
    '2 nvidia.com/gpu',
    '1 amd.com/gpu',
    '1 nvidia.com/gpu',
  ]);
});

test('values that do not compile are also rejected at run time', () => {
  // @ts-expect-error a profile that the pool does not have
  expect(thrown(() => sliced.slice('1g.10gb'))).toEqual(['UNKNOWN_GPU_SLICE']);
  // @ts-expect-error a profile that no node of the pool has
  expect(thrown(() => uneven.slice('2g.20gb'))).toEqual(['UNKNOWN_GPU_SLICE']);
  // @ts-expect-error a whole GPU of a pool with MIG
  expect(thrown(() => sliced.gpu())).toEqual(['UNKNOWN_GPU_SLICE']);
  // @ts-expect-error a slice of a pool with whole GPUs
  expect(thrown(() => whole.slice('3g.40gb'))).toEqual(['UNKNOWN_GPU_SLICE']);
  // @ts-expect-error a slice of a pool without GPUs
  expect(thrown(() => plain.slice('3g.40gb'))).toEqual(['UNKNOWN_GPU_SLICE']);
  // @ts-expect-error a profile of another model: the A100 80GB
  expect(codesOf(mig('a100-40gb', { layout: { '3g.40gb': 1 } }))).toEqual(['UNKNOWN_GPU_PROFILE']);
  // @ts-expect-error a valid and an invalid profile
  expect(codesOf(mig('a100-80gb', { layout: { '3g.40gb': 1, '3g.20gb': 1 } }))).toEqual(['UNKNOWN_GPU_PROFILE']);
  // @ts-expect-error an invalid profile in the layout of a single node
  expect(codesOf(mig('a100-80gb', { layout: { '3g.40gb': 1 }, layouts: { '1': { '1g.5gb': 1 } } }))).toEqual(['UNKNOWN_GPU_PROFILE']);
  // @ts-expect-error an unknown GPU model
  expect(codesOf(mig('a100-81gb', { layout: { '3g.40gb': 1 } }))).toEqual(['UNKNOWN_GPU_MODEL']);
  // @ts-expect-error MPS inside MIG
  expect(codesOf(mps(halves, { replicas: 2 }))).toEqual(['DUPLICATE_GPU_SHARING']);
  // @ts-expect-error MPS of time-sliced GPUs
  expect(codesOf(mps(timeSlicing(wholeGpus('a100-80gb'), { replicas: 2 }), { replicas: 2 }))).toEqual(['DUPLICATE_GPU_SHARING']);
  // @ts-expect-error time-slicing of vGPUs
  expect(codesOf(timeSlicing(vgpu('NVIDIA A100-3-20C'), { replicas: 2 }))).toEqual(['DUPLICATE_GPU_SHARING']);
  // @ts-expect-error an unknown strategy
  expect(codesOf(mig('a100-80gb', { layout: { '3g.40gb': 2 }, strategy: 'none' }))).toEqual(['UNKNOWN_GPU_STRATEGY']);
});

/** Compile errors; the function is not called. */
const compileErrors = () => [
  // @ts-expect-error a vGPU has no layout
  vgpu('NVIDIA A100-3-20C', 1, { layout: { '3g.40gb': 2 } }),
  // @ts-expect-error a trait is only valid with a vGPU
  { vcpus: 1, memory: '1GiB', gpus: { passthrough: 'a', trait: 'CUSTOM_A', count: 1 } } satisfies Flavor,
  // @ts-expect-error custom traits start with CUSTOM_
  { vcpus: 1, memory: '1GiB', gpus: { vgpu: 'a', trait: 'A100', count: 1 } } satisfies Flavor,
];

test('compile errors of GPU props', () => expect(compileErrors).toBeInstanceOf(Function));
