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

test('a pool is asked for what its cards are cut into, in whatever form that was written', () => {
  const asked: readonly Accelerator[] = [
    sliced.slice('3g.40gb'),
    uneven.slice('1g.10gb'),
    listed.slice('7g.80gb'),
    shared.slice('1g.6gb'),
    whole.gpu(2),
    nodePool('amd', { flavor, gpus: amdGpus(2) }).gpu(),
    nodePool('virtual', { flavor, gpus: vgpu('NVIDIA A100-3-20C') }).gpu(),
  ];
  expect(asked.map(({ resource, count }) => `${count} ${resource}`)).toEqual([
    '1 nvidia.com/mig-3g.40gb',
    '1 nvidia.com/mig-1g.10gb',
    '1 nvidia.com/mig-7g.80gb',
    '1 nvidia.com/mig-1g.6gb.shared',
    '2 nvidia.com/gpu',
    '1 amd.com/gpu',
    '1 nvidia.com/gpu',
  ]);
});

test('what does not compile is refused at run time as well', () => {
  // @ts-expect-error a slice that the pool lacks
  expect(thrown(() => sliced.slice('1g.10gb'))).toEqual(['UNKNOWN_GPU_SLICE']);
  // @ts-expect-error a slice that no node of the pool has
  expect(thrown(() => uneven.slice('2g.20gb'))).toEqual(['UNKNOWN_GPU_SLICE']);
  // @ts-expect-error a whole card of a pool that cuts them
  expect(thrown(() => sliced.gpu())).toEqual(['UNKNOWN_GPU_SLICE']);
  // @ts-expect-error a slice of a pool whose cards are whole
  expect(thrown(() => whole.slice('3g.40gb'))).toEqual(['UNKNOWN_GPU_SLICE']);
  // @ts-expect-error a slice of nodes without cards
  expect(thrown(() => plain.slice('3g.40gb'))).toEqual(['UNKNOWN_GPU_SLICE']);
  // @ts-expect-error a profile that the card lacks: it is one of the A100 80GB
  expect(codesOf(mig('a100-40gb', { layout: { '3g.40gb': 1 } }))).toEqual(['UNKNOWN_GPU_PROFILE']);
  // @ts-expect-error a profile that the card lacks, beside one that it has
  expect(codesOf(mig('a100-80gb', { layout: { '3g.40gb': 1, '3g.20gb': 1 } }))).toEqual(['UNKNOWN_GPU_PROFILE']);
  // @ts-expect-error on one node alone
  expect(codesOf(mig('a100-80gb', { layout: { '3g.40gb': 1 }, layouts: { '1': { '1g.5gb': 1 } } }))).toEqual(['UNKNOWN_GPU_PROFILE']);
  // @ts-expect-error a card that nobody makes
  expect(codesOf(mig('a100-81gb', { layout: { '3g.40gb': 1 } }))).toEqual(['UNKNOWN_GPU_CARD']);
  // @ts-expect-error MPS inside MIG
  expect(codesOf(mps(halves, { replicas: 2 }))).toEqual(['DUPLICATE_GPU_SHARING']);
  // @ts-expect-error MPS of what is time-sliced
  expect(codesOf(mps(timeSlicing(wholeGpus('a100-80gb'), { replicas: 2 }), { replicas: 2 }))).toEqual(['DUPLICATE_GPU_SHARING']);
  // @ts-expect-error turns of virtual cards
  expect(codesOf(timeSlicing(vgpu('NVIDIA A100-3-20C'), { replicas: 2 }))).toEqual(['DUPLICATE_GPU_SHARING']);
  // @ts-expect-error a strategy that the plugin does not know
  expect(codesOf(mig('a100-80gb', { layout: { '3g.40gb': 2 }, strategy: 'none' }))).toEqual(['UNKNOWN_GPU_STRATEGY']);
});

/** Lines that need no run. */
const refusedByTheCompiler = () => [
  // @ts-expect-error a virtual card has no layout
  vgpu('NVIDIA A100-3-20C', 1, { layout: { '3g.40gb': 2 } }),
  // @ts-expect-error a flavor has its cards in one way
  { vcpus: 1, memory: '1GiB', gpus: { passthrough: 'a', trait: 'CUSTOM_A', count: 1 } } satisfies Flavor,
  // @ts-expect-error traits of clouds begin with CUSTOM_
  { vcpus: 1, memory: '1GiB', gpus: { vgpu: 'a', trait: 'A100', count: 1 } } satisfies Flavor,
];

test('what the compiler refuses is listed, each with its reason', () => expect(refusedByTheCompiler).toBeInstanceOf(Function));
