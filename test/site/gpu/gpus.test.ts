import { defineSite, existingCluster, nodePool, type Site } from '../../../lib';
import { amdGpus, fpga, type Gpus, intelGpus, mig, mps, pluginGpus, timeSlicing, vgpu, wholeGpus } from '../../../lib/gpu';
import { master, provisioned } from '../../fixtures/site';

const flavor = { vcpus: 64, memory: '512GiB' } as const;
const V100 = { product: 'Tesla-V100-PCIE-32GB', memory: '32GiB' } as const;

function siteOf(gpus: Gpus, keys = ['a', 'b'], more = {}): Site {
  const pool = nodePool('gpu', { keys, flavor: { ...flavor, ...more }, labels: { kind: 'gpu' }, gpus });
  return defineSite('lab', { cluster: existingCluster({ version: '1.34', apiServers: ['10.0.0.1:6443'] }), pools: [pool] });
}

describe('extended resources of the nodes', () => {
  test.each<[string, Gpus, Record<string, number>]>([
    [
      'MIG instances, one resource per profile',
      mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 1, '2g.20gb': 1, '1g.10gb': 2 } }),
      {
        'nvidia.com/mig-3g.40gb': 2,
        'nvidia.com/mig-2g.20gb': 2,
        'nvidia.com/mig-1g.10gb': 4,
      },
    ],
    ['a profile with an attribute', mig('a100-80gb', { layout: { '1g.10gb+me': 1 } }), { 'nvidia.com/mig-1g.10gb.me': 1 }],
    [
      'a layout per GPU',
      mig('a100-80gb', { perNode: 2, layout: [{ '3g.40gb': 2 }, { '1g.10gb': 7 }] }),
      {
        'nvidia.com/mig-3g.40gb': 2,
        'nvidia.com/mig-1g.10gb': 7,
      },
    ],
    ['MIG strategy single', mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 2 }, strategy: 'single' }), { 'nvidia.com/gpu': 4 }],
    ['whole GPUs', wholeGpus('a100-80gb', 4), { 'nvidia.com/gpu': 4 }],
    ['time-sliced GPUs', timeSlicing(wholeGpus(V100, 2), { replicas: 4 }), { 'nvidia.com/gpu.shared': 8 }],
    [
      'time-sliced MIG instances',
      timeSlicing(mig('a30-24gb', { layout: { '1g.6gb': 4 } }), { replicas: 2 }),
      { 'nvidia.com/mig-1g.6gb.shared': 8 },
    ],
    ['GPUs shared by MPS', mps(wholeGpus('a100-40gb', 1), { replicas: 10 }), { 'nvidia.com/gpu.shared': 10 }],
    ['vGPUs', vgpu('NVIDIA A100-3-20C', 2), { 'nvidia.com/gpu': 2 }],
    ['AMD GPUs', amdGpus(8), { 'amd.com/gpu': 8 }],
    ['Intel GPUs', intelGpus(2, 'i915'), { 'gpu.intel.com/i915': 2 }],
    ['FPGAs', fpga('amd.com/xilinx_u55c_gen3x16_xdma_base_3-0', 1), { 'amd.com/xilinx_u55c_gen3x16_xdma_base_3-0': 1 }],
  ])('%s', (_, gpus, devices) => {
    const site = siteOf(gpus);
    expect(site.problems).toEqual([]);
    expect(site.nodes.map((node) => node.devices)).toEqual([devices, devices]);
  });

  test('a different layout on one node', () => {
    const site = siteOf(mig('a100-80gb', { perNode: 1, layout: { '3g.40gb': 2 }, layouts: { b: { '7g.80gb': 1 } } }));
    expect(site.nodes.map((node) => node.devices)).toEqual([
      { 'nvidia.com/mig-3g.40gb': 2, 'nvidia.com/mig-7g.80gb': 0 },
      { 'nvidia.com/mig-3g.40gb': 0, 'nvidia.com/mig-7g.80gb': 1 },
    ]);
  });
});

describe('labels and taints of the nodes', () => {
  test('the MIG configuration name is derived from the layout', () => {
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

  test('a configuration name that is too long for a label is hashed', () => {
    const long = { '1g.24gb+me.all': 1, '1g.24gb+gfx': 1, '1g.24gb-me': 1, '1g.24gb': 1 } as const;
    const [node] = siteOf(mig('rtx-pro-6000-blackwell-96gb', { layout: long })).nodes;
    expect(node?.labels['nvidia.com/mig.config']).toMatch(/^rtx-pro-6000-blackwell-96gb-[0-9a-f]{8}$/);
  });

  test('product label of a whole GPU, and with the profile for strategy single', () => {
    const product = (gpus: Gpus) => siteOf(gpus).nodes[0]?.labels['nvidia.com/gpu.product'];
    expect(product(wholeGpus(V100))).toBe('Tesla-V100-PCIE-32GB');
    expect(product(mig('a100-80gb', { layout: { '3g.40gb': 2 }, strategy: 'single', product: 'NVIDIA-A100-80GB-PCIe' }))).toBe(
      'NVIDIA-A100-80GB-PCIe-MIG-3g.40gb',
    );
  });

  test('no taint with dedicated: false, and none for other vendors', () => {
    expect(siteOf(wholeGpus('a30-24gb', 1, { dedicated: false })).nodes[0]?.taints).toEqual([]);
    expect(siteOf(amdGpus()).nodes[0]?.taints).toEqual([]);
  });
});

describe('GPU requests', () => {
  const sliced = nodePool('gpu', { flavor, gpus: mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 2 } }) });
  const shared = nodePool('shared', { flavor, gpus: timeSlicing(wholeGpus(V100), { replicas: 4 }) });

  test('contain resource, pool and title', () => {
    expect(sliced.slice('3g.40gb')).toEqual({
      kind: 'accelerator',
      resource: 'nvidia.com/mig-3g.40gb',
      count: 1,
      on: sliced,
      title: '3g.40gb of NVIDIA A100 80GB',
    });
    expect(shared.gpu()).toMatchObject({ resource: 'nvidia.com/gpu.shared', title: 'a whole Tesla-V100-PCIE-32GB, shared by 4' });
  });

  test('an unknown slice is reported with the profiles of the pool', () => {
    const wanted = JSON.parse('"3g.40bg"');
    expect(() => sliced.slice(wanted)).toThrow(
      "UNKNOWN_GPU_SLICE at pools/gpu/gpus\n  given:   '3g.40bg'\n  allowed: resources of pool 'gpu': 3g.40gb\n  fix:     write '3g.40gb'",
    );
    expect(() => nodePool('cpu', { flavor } as never as { flavor: typeof flavor; gpus: ReturnType<typeof amdGpus> }).gpu()).toThrow(
      "none: pool 'cpu' has no GPUs",
    );
  });

  test('rejects several replicas of a shared GPU, and invalid counts', () => {
    expect(() => shared.gpu(2)).toThrow('UNSUPPORTED_SHARED_GPU_COUNT');
    expect(() => sliced.slice('3g.40gb', 0)).toThrow('INVALID_COUNT');
  });
});

describe('product label', () => {
  test('a valid value is suggested', () => {
    const site = siteOf(mig('a100-80gb', { layout: { '3g.40gb': 2 }, product: ' NVIDIA A100 80GB (PCIe)' }));
    expect(site.problems.find(({ code }) => code === 'INVALID_GPU_PRODUCT')).toMatchObject({
      path: 'lab/pools/gpu/gpus/product',
      fix: expect.stringMatching("write 'NVIDIA-A100-80GB-PCIe'"),
    });
  });
});

describe('invalid GPU descriptions', () => {
  test.each<[string, () => Site, string[]]>([
    ['no GPUs per node', () => siteOf(wholeGpus('a100-80gb', 0)), ['INVALID_COUNT']],
    [
      'a layout list that is too short',
      () => siteOf(mig('a100-80gb', { perNode: 2, layout: [{ '3g.40gb': 2 }] })),
      ['INVALID_GPU_LAYOUT_COUNT'],
    ],
    ['an empty layout', () => siteOf(mig('a100-80gb', { layout: {} })), ['MISSING_GPU_LAYOUT']],
    [
      'a layout for an unknown node',
      () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 2 }, layouts: { c: { '7g.80gb': 1 } } })),
      ['UNKNOWN_GPU_NODE'],
    ],
    [
      'two profiles with strategy single',
      () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 1, '4g.40gb': 1 }, strategy: 'single' })),
      ['CONFLICTING_GPU_STRATEGY'],
    ],
    ['a layout that does not fit', () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 3 } })), ['EXCEEDS_GPU_LAYOUT']],
    ['an unknown GPU model', () => siteOf(wholeGpus('a100-81gb' as never)), ['UNKNOWN_GPU_MODEL']],
    [
      'a layout on an unknown GPU model',
      () => siteOf(mig('a100-81gb' as never, { layout: {} })),
      ['MISSING_GPU_LAYOUT', 'UNKNOWN_GPU_MODEL'],
    ],
    [
      'different layouts per node with strategy single',
      () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 2 }, layouts: { b: { '1g.10gb': 7 } }, strategy: 'single' })),
      ['MISSING_HOSTNAMES', 'CONFLICTING_GPU_STRATEGY'],
    ],
    [
      'a product name with spaces',
      () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 2 }, product: 'NVIDIA A100 80GB PCIe' })),
      ['INVALID_GPU_PRODUCT'],
    ],
    ['an empty product name', () => siteOf(wholeGpus({ product: '', memory: '32GiB' })), ['INVALID_GPU_PRODUCT']],
    ['an invalid label', () => siteOf(pluginGpus('example.com/card', 1, { 'example.com/card': 'a b' })), ['INVALID_LABEL']],
    ['one replica', () => siteOf(timeSlicing(wholeGpus('a100-80gb'), { replicas: 1 })), ['INVALID_GPU_REPLICAS']],
    [
      'MPS inside MIG',
      () => siteOf(mps(mig('a100-80gb', { layout: { '3g.40gb': 2 } }) as never, { replicas: 2 })),
      ['DUPLICATE_GPU_SHARING'],
    ],
    [
      'a MIG layout on a vGPU flavor',
      () => siteOf(mig('a100-80gb', { layout: { '3g.40gb': 2 } }), ['a'], { gpus: { vgpu: 'NVIDIA A100-3-20C', count: 1 } }),
      ['CONFLICTING_GPU_FLAVOR_VGPU'],
    ],
    [
      'a vGPU type other than that of the flavor',
      () => siteOf(vgpu('NVIDIA A100-3-20C'), ['a'], { gpus: { vgpu: 'NVIDIA A100-7-40C', count: 1 } }),
      ['CONFLICTING_GPU_FLAVOR_TYPE'],
    ],
    [
      'a vGPU on a flavor with PCI passthrough',
      () => siteOf(vgpu('NVIDIA A100-3-20C'), ['a'], { gpus: { passthrough: 'a100', count: 1 } }),
      ['CONFLICTING_GPU_FLAVOR_PASSTHROUGH'],
    ],
    [
      'more GPUs than the flavor has',
      () => siteOf(wholeGpus('a100-80gb', 2), ['a'], { gpus: { passthrough: 'a100', count: 1 } }),
      ['CONFLICTING_GPU_FLAVOR_COUNT'],
    ],
    ['an invalid resource name', () => siteOf(fpga('amd.com/' as never)), ['INVALID_ACCELERATOR']],
  ])('%s', (_, make, expected) => {
    expect(make().problems.map(({ code }) => code)).toEqual(expected);
  });
});

test('warns about a flavor without `gpus` if virtual machines are created', () => {
  const gpu = nodePool('gpu', { flavor: { name: 'g', vcpus: 8, memory: '64GiB' }, image: 'AlmaLinux-9.2', gpus: wholeGpus('a100-80gb') });
  expect(provisioned({ pools: [master({ count: 3 }), gpu] }).warnings).toMatchObject([
    { code: 'MISSING_GPU_FLAVOR', path: 'napoli/pools/gpu/flavor' },
  ]);
});

test('warns about time-slicing', () => {
  expect(siteOf(timeSlicing(wholeGpus('a100-80gb'), { replicas: 2 })).warnings).toMatchObject([
    { code: 'INSECURE_GPU_TIME_SLICING', path: 'lab/pools/gpu/gpus' },
  ]);
});
