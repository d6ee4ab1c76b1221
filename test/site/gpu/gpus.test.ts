import { defineSite, existingCluster, nodePool, type Site } from '../../../lib';
import { amdGpus, fpga, type Gpus, intelGpus, mig, mps, pluginGpus, timeSlicing, vgpu, wholeGpus } from '../../../lib/gpu';
import { master, provisioned } from '../../fixtures/site';

const flavor = { vcpus: 64, memory: '512GiB' } as const;
const V100 = { product: 'Tesla-V100-PCIE-32GB', memory: '32GiB' } as const;

function siteOf(gpus: Gpus, keys = ['a', 'b'], more = {}): Site {
  const pool = nodePool('gpu', { keys, flavor: { ...flavor, ...more }, labels: { kind: 'gpu' }, gpus });
  return defineSite('lab', { cluster: existingCluster({ version: '1.34', apiServers: ['10.0.0.1:6443'] }), pools: [pool] });
}

describe('what the nodes of a pool offer', () => {
  test.each<[string, Gpus, Record<string, number>]>([
    [
      'instances, each profile by itself',
      mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 1, '2g.20gb': 1, '1g.10gb': 2 } }),
      {
        'nvidia.com/mig-3g.40gb': 2,
        'nvidia.com/mig-2g.20gb': 2,
        'nvidia.com/mig-1g.10gb': 4,
      },
    ],
    ['a profile with an attribute', mig('a100-80gb', { layout: { '1g.10gb+me': 1 } }), { 'nvidia.com/mig-1g.10gb.me': 1 }],
    [
      'a layout for each card',
      mig('a100-80gb', { perNode: 2, layout: [{ '3g.40gb': 2 }, { '1g.10gb': 7 }] }),
      {
        'nvidia.com/mig-3g.40gb': 2,
        'nvidia.com/mig-1g.10gb': 7,
      },
    ],
    ['instances under one name', mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 2 }, strategy: 'single' }), { 'nvidia.com/gpu': 4 }],
    ['cards', wholeGpus('a100-80gb', 4), { 'nvidia.com/gpu': 4 }],
    ['shared cards', timeSlicing(wholeGpus(V100, 2), { replicas: 4 }), { 'nvidia.com/gpu.shared': 8 }],
    ['shared instances', timeSlicing(mig('a30-24gb', { layout: { '1g.6gb': 4 } }), { replicas: 2 }), { 'nvidia.com/mig-1g.6gb.shared': 8 }],
    ['cards under MPS', mps(wholeGpus('a100-40gb', 1), { replicas: 10 }), { 'nvidia.com/gpu.shared': 10 }],
    ['virtual cards', vgpu('NVIDIA A100-3-20C', 2), { 'nvidia.com/gpu': 2 }],
    ['cards of AMD', amdGpus(8), { 'amd.com/gpu': 8 }],
    ['cards of Intel', intelGpus(2, 'i915'), { 'gpu.intel.com/i915': 2 }],
    ['programmable gates', fpga('amd.com/xilinx_u55c_gen3x16_xdma_base_3-0', 1), { 'amd.com/xilinx_u55c_gen3x16_xdma_base_3-0': 1 }],
  ])('%s', (_, gpus, devices) => {
    const site = siteOf(gpus);
    expect(site.problems).toEqual([]);
    expect(site.nodes.map((node) => node.devices)).toEqual([devices, devices]);
  });

  test('another layout on one node', () => {
    const site = siteOf(mig('a100-80gb', { perNode: 1, layout: { '3g.40gb': 2 }, layouts: { b: { '7g.80gb': 1 } } }));
    expect(site.nodes.map((node) => node.devices)).toEqual([
      { 'nvidia.com/mig-3g.40gb': 2, 'nvidia.com/mig-7g.80gb': 0 },
      { 'nvidia.com/mig-3g.40gb': 0, 'nvidia.com/mig-7g.80gb': 1 },
    ]);
  });
});

describe('labels and taints of the nodes', () => {
  test('tell the layout by its contents', () => {
    const site = siteOf(
      mig('a100-80gb', {
        perNode: 2,
        layout: { '3g.40gb': 2 },
        layouts: { b: [{ '3g.40gb': 1, '1g.10gb+me': 1 }, { '7g.80gb': 1 }] },
        product: 'NVIDIA-A100-80GB-PCIe',
      }),
    );
    const parts = {
      'nvidia.com/gpu.deploy.device-plugin': 'true',
      'nvidia.com/gpu.deploy.gpu-feature-discovery': 'true',
      'nvidia.com/gpu.deploy.dcgm-exporter': 'true',
    };
    expect(site.nodes.map(({ labels }) => labels)).toEqual([
      {
        ...parts,
        'nvidia.com/device-plugin.config': 'mig-mixed',
        'nvidia.com/gpu.product': 'NVIDIA-A100-80GB-PCIe',
        'nvidia.com/mig.config': 'a100-80gb-2x3g.40gb',
        kind: 'gpu',
      },
      {
        ...parts,
        'nvidia.com/device-plugin.config': 'mig-mixed',
        'nvidia.com/gpu.product': 'NVIDIA-A100-80GB-PCIe',
        'nvidia.com/mig.config': 'a100-80gb-1x3g.40gb-1x1g.10gb.me_1x7g.80gb',
        kind: 'gpu',
      },
    ]);
    expect(site.nodes[0]?.taints).toEqual([{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }]);
  });

  test('a name that would be too long for a label is a digest', () => {
    const long = { '1g.24gb+me.all': 1, '1g.24gb+gfx': 1, '1g.24gb-me': 1, '1g.24gb': 1 } as const;
    const [node] = siteOf(mig('rtx-pro-6000-blackwell-96gb', { layout: long })).nodes;
    expect(node?.labels['nvidia.com/mig.config']).toMatch(/^rtx-pro-6000-blackwell-96gb-[0-9a-f]{8}$/);
  });

  test('of a whole card its product, under `single` with the profile', () => {
    const product = (gpus: Gpus) => siteOf(gpus).nodes[0]?.labels['nvidia.com/gpu.product'];
    expect(product(wholeGpus(V100))).toBe('Tesla-V100-PCIE-32GB');
    expect(product(mig('a100-80gb', { layout: { '3g.40gb': 2 }, strategy: 'single', product: 'NVIDIA-A100-80GB-PCIe' }))).toBe(
      'NVIDIA-A100-80GB-PCIe-MIG-3g.40gb',
    );
  });

  test('cards that all pods may sit beside, and those of other makers, have no taint', () => {
    expect(siteOf(wholeGpus('a30-24gb', 1, { dedicated: false })).nodes[0]?.taints).toEqual([]);
    expect(siteOf(amdGpus()).nodes[0]?.taints).toEqual([]);
  });
});

describe('what a pod asks a pool for', () => {
  const sliced = nodePool('gpu', { flavor, gpus: mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 2 } }) });
  const shared = nodePool('shared', { flavor, gpus: timeSlicing(wholeGpus(V100), { replicas: 4 }) });

  test('is a value that names resource, pool and title', () => {
    expect(sliced.slice('3g.40gb')).toEqual({
      kind: 'accelerator',
      resource: 'nvidia.com/mig-3g.40gb',
      count: 1,
      on: sliced,
      title: '3g.40gb of NVIDIA A100 80GB',
    });
    expect(shared.gpu()).toMatchObject({ resource: 'nvidia.com/gpu.shared', title: 'a whole Tesla-V100-PCIE-32GB, shared by 4' });
  });

  test('a slice that the pool lacks is told with what it has', () => {
    const wanted = JSON.parse('"3g.40bg"');
    expect(() => sliced.slice(wanted)).toThrow(
      "UNKNOWN_GPU_SLICE at pools/gpu/gpus\n  given:   '3g.40bg'\n  allowed: what pool 'gpu' has: 3g.40gb\n  fix:     did you mean '3g.40gb'?",
    );
    expect(() => nodePool('cpu', { flavor } as never as { flavor: typeof flavor; gpus: ReturnType<typeof amdGpus> }).gpu()).toThrow(
      "nothing: pool 'cpu' has no cards",
    );
  });

  test('two places on a shared card are refused, and counts that are none', () => {
    expect(() => shared.gpu(2)).toThrow('UNSUPPORTED_SHARED_GPU_COUNT');
    expect(() => sliced.slice('3g.40gb', 0)).toThrow('INVALID_COUNT');
  });
});

describe('the product of a card', () => {
  test('is told as the label says it', () => {
    const site = siteOf(mig('a100-80gb', { layout: { '3g.40gb': 2 }, product: ' NVIDIA A100 80GB (PCIe)' }));
    expect(site.problems.find(({ code }) => code === 'INVALID_GPU_PRODUCT')).toMatchObject({
      path: 'lab/pools/gpu/gpus/product',
      fix: expect.stringMatching("write 'NVIDIA-A100-80GB-PCIe'"),
    });
  });
});

describe('cards that cannot be so', () => {
  test.each<[string, () => Site, string[]]>([
    ['no card', () => siteOf(wholeGpus('a100-80gb', 0)), ['INVALID_COUNT']],
    ['a list that is too short', () => siteOf(mig('a100-80gb', { perNode: 2, layout: [{ '3g.40gb': 2 }] })), ['INVALID_GPU_LAYOUT_COUNT']],
    ['a layout of nothing', () => siteOf(mig('a100-80gb', { layout: {} })), ['MISSING_GPU_LAYOUT']],
    [
      'a node that is not there',
      () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 2 }, layouts: { c: { '7g.80gb': 1 } } })),
      ['UNKNOWN_GPU_NODE'],
    ],
    [
      'two profiles under one name',
      () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 1, '4g.40gb': 1 }, strategy: 'single' })),
      ['CONFLICTING_GPU_STRATEGY'],
    ],
    ['instances that one card cannot hold', () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 3 } })), ['EXCEEDS_GPU_LAYOUT']],
    ['a card that nobody makes', () => siteOf(wholeGpus('a100-81gb' as never)), ['UNKNOWN_GPU_CARD']],
    [
      'a layout on a card that nobody makes',
      () => siteOf(mig('a100-81gb' as never, { layout: {} })),
      ['MISSING_GPU_LAYOUT', 'UNKNOWN_GPU_CARD'],
    ],
    [
      'nodes that are cut differently, under one name',
      () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 2 }, layouts: { b: { '1g.10gb': 7 } }, strategy: 'single' })),
      ['MISSING_HOSTNAMES', 'CONFLICTING_GPU_STRATEGY'],
    ],
    [
      'products as people write them',
      () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 2 }, product: 'NVIDIA A100 80GB PCIe' })),
      ['INVALID_GPU_PRODUCT'],
    ],
    ['a card of its own without a name', () => siteOf(wholeGpus({ product: '', memory: '32GiB' })), ['INVALID_GPU_PRODUCT']],
    ['labels that are none', () => siteOf(pluginGpus('example.com/card', 1, { 'example.com/card': 'a b' })), ['INVALID_LABEL']],
    ['a share of one', () => siteOf(timeSlicing(wholeGpus('a100-80gb'), { replicas: 1 })), ['INVALID_GPU_REPLICAS']],
    [
      'MPS inside MIG',
      () => siteOf(mps(mig('a100-80gb', { layout: { '3g.40gb': 2 } }) as never, { replicas: 2 })),
      ['DUPLICATE_GPU_SHARING'],
    ],
    [
      'a layout on a virtual card',
      () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 2 } }), ['a'], { gpus: { vgpu: 'NVIDIA A100-3-20C', count: 1 } }),
      ['CONFLICTING_GPU_FLAVOR_VGPU'],
    ],
    [
      'a virtual card of another type',
      () => siteOf(vgpu('NVIDIA A100-3-20C'), ['a'], { gpus: { vgpu: 'NVIDIA A100-7-40C', count: 1 } }),
      ['CONFLICTING_GPU_FLAVOR_TYPE'],
    ],
    [
      'a virtual card that is passed through',
      () => siteOf(vgpu('NVIDIA A100-3-20C'), ['a'], { gpus: { passthrough: 'a100', count: 1 } }),
      ['CONFLICTING_GPU_FLAVOR_PASSTHROUGH'],
    ],
    [
      'more cards than the flavor has',
      () => siteOf(wholeGpus('a100-80gb', 2), ['a'], { gpus: { passthrough: 'a100', count: 1 } }),
      ['CONFLICTING_GPU_FLAVOR_COUNT'],
    ],
    ['a resource that is none', () => siteOf(fpga('amd.com/' as never)), ['INVALID_ACCELERATOR']],
  ])('%s', (_, make, expected) => {
    expect(make().problems.map(({ code }) => code)).toEqual(expected);
  });
});

test('a flavor that does not say how its machines get GPUs is a warning, where machines are made', () => {
  const gpu = nodePool('gpu', { flavor: { name: 'g', vcpus: 8, memory: '64GiB' }, image: 'AlmaLinux-9.2', gpus: wholeGpus('a100-80gb') });
  expect(provisioned({ pools: [master({ count: 3 }), gpu] }).warnings).toMatchObject([
    { code: 'MISSING_GPU_FLAVOR', path: 'napoli/pools/gpu/flavor' },
  ]);
});

test('time-slicing is said to isolate nothing', () => {
  expect(siteOf(timeSlicing(wholeGpus('a100-80gb'), { replicas: 2 })).warnings).toMatchObject([
    { code: 'INSECURE_GPU_TIME_SLICING', path: 'lab/pools/gpu/gpus' },
  ]);
});
