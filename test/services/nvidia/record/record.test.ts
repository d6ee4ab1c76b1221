import { defineSite, existingCluster, type NodePool, type NodePoolProps, nodePool, type Site } from '../../../../lib';
import { type Gpus, mig, mps, timeSlicing, vgpu, wholeGpus } from '../../../../lib/gpu';
import { gpuFiles } from '../../../../lib/services/nvidia/record/files';
import { fitted, gpuLines, layoutText } from '../../../../lib/services/nvidia/record/layout-text';
import { gpuRecord, recordText } from '../../../../lib/services/nvidia/record/record';
import { gpuSvg } from '../../../../lib/services/nvidia/record/svg';

const flavor = { vcpus: 64, memory: '512GiB' } as const;

function siteOf(...pools: NodePool[]): Site {
  return defineSite('lab', { cluster: existingCluster({ version: '1.34', apiServers: ['10.0.0.1:6443'] }), pools });
}

const pool = (gpus: Gpus, props: Partial<NodePoolProps> = {}, name = 'gpu') =>
  nodePool(name, { flavor, labels: { kind: name }, ...props, gpus });

function record(...pools: NodePool[]) {
  const made = gpuRecord(siteOf(...pools));
  if (!made) throw new Error('no GPUs');
  return made;
}

const mixed = mig('a100-80gb', { perNode: 2, layout: [{ '3g.40gb': 2 }, { '1g.10gb': 7 }] });

describe('gpus.json', () => {
  test('has placements of instances, resources and labels', () => {
    expect(recordText(record(pool(mixed, { hostnames: ['gpu01.example.org'] })))).toMatchInlineSnapshot(`
"{
  "schema": "analysis-facility.io/gpus/v1",
  "site": "lab",
  "pools": [
    {
      "name": "gpu",
      "sharing": "mig",
      "model": "a100-80gb",
      "title": "NVIDIA A100 80GB",
      "gpusPerNode": 2,
      "units": 8,
      "slices": 7,
      "taints": ["nvidia.com/gpu:NoSchedule"],
      "layouts": [
        {
          "name": "2x3g.40gb",
          "instances": [
            { "profile": "3g.40gb", "start": 0, "units": 4, "slices": 3 },
            { "profile": "3g.40gb", "start": 4, "units": 4, "slices": 3 }
          ],
          "free": { "slices": 0, "units": 0 },
          "lost": { "slices": 1, "units": 0 }
        },
        {
          "name": "7x1g.10gb",
          "instances": [
            { "profile": "1g.10gb", "start": 0, "units": 1, "slices": 1 },
            { "profile": "1g.10gb", "start": 1, "units": 1, "slices": 1 },
            { "profile": "1g.10gb", "start": 2, "units": 1, "slices": 1 },
            { "profile": "1g.10gb", "start": 3, "units": 1, "slices": 1 },
            { "profile": "1g.10gb", "start": 4, "units": 1, "slices": 1 },
            { "profile": "1g.10gb", "start": 5, "units": 1, "slices": 1 },
            { "profile": "1g.10gb", "start": 6, "units": 1, "slices": 1 }
          ],
          "free": { "slices": 0, "units": 0 },
          "lost": { "slices": 0, "units": 1 }
        }
      ],
      "nodes": [
        {
          "name": "gpu01.example.org",
          "gpus": ["2x3g.40gb", "7x1g.10gb"],
          "resources": { "nvidia.com/mig-1g.10gb": 7, "nvidia.com/mig-3g.40gb": 2 },
          "labels": {
            "nvidia.com/device-plugin.config": "mig-mixed",
            "nvidia.com/gpu.deploy.dcgm-exporter": "true",
            "nvidia.com/gpu.deploy.device-plugin": "true",
            "nvidia.com/gpu.deploy.gpu-feature-discovery": "true",
            "nvidia.com/mig.config": "a100-80gb-2x3g.40gb_7x1g.10gb"
          }
        }
      ]
    }
  ]
}
"
`);
  });

  test('does not depend on the order of profiles in a layout', () => {
    const one = record(pool(mig('a100-80gb', { layout: { '3g.40gb': 1, '1g.10gb': 2 } })));
    const other = record(pool(mig('a100-80gb', { layout: { '1g.10gb': 2, '3g.40gb': 1 } })));
    expect(one.pools[0]?.layouts).toEqual(other.pools[0]?.layouts);
    expect(recordText(one)).toBe(recordText(record(pool(mig('a100-80gb', { layout: { '3g.40gb': 1, '1g.10gb': 2 } })))));
  });

  test.each<[string, Gpus, object]>([
    ['whole', wholeGpus('a30-24gb', 2), { sharing: 'whole', model: 'a30-24gb', title: 'NVIDIA A30 24GB', gpusPerNode: 2, layouts: [] }],
    ['shared', mps(wholeGpus('a30-24gb'), { replicas: 3 }), { sharing: 'mps', replicas: 3, layouts: [] }],
    ['virtual', vgpu('NVIDIA A100-3-20C'), { sharing: 'vgpu', model: 'NVIDIA A100-3-20C', layouts: [] }],
    [
      'shared MIG instances',
      timeSlicing(mig('a30-24gb', { layout: { '2g.12gb': 2 } }), { replicas: 2 }),
      { sharing: 'time-slicing', units: 4, slices: 4, layouts: [{ name: '2x2g.12gb' }] },
    ],
    [
      'a GPU model whose placements are not published',
      mig('rtx-pro-5000-blackwell-48gb', { layout: { '1g.12gb-me': 3 } }),
      { sharing: 'mig', layouts: [{ name: '3x1g.12gb-me', instances: [] }] },
    ],
  ])('%s', (_, gpus, expected) => expect(record(pool(gpus)).pools[0]).toMatchObject(expected));

  test('has a label selector if the nodes have no host names', () => {
    expect(record(pool(mixed)).pools[0]?.selector).toBe('kind=gpu');
    expect(record(pool(mixed, { hostnames: ['a'] })).pools[0]?.selector).toBeUndefined();
  });

  test('is not written for a site without GPUs', () => {
    const site = siteOf(nodePool('cpu', { flavor, labels: { kind: 'cpu' } }));
    expect(gpuRecord(site)).toBeUndefined();
    expect(gpuFiles(site)).toEqual([]);
  });
});

describe('GPUs in the summary', () => {
  test('layouts are drawn to scale, with unused capacity', () => {
    const gpus = mig('a100-80gb', { layout: { '3g.40gb': 2 }, layouts: { 2: { '1g.10gb': 7 }, 3: { '4g.40gb': 1, '1g.10gb+me': 1 } } });
    expect(gpuLines(record(pool(gpus, { count: 3, hostnames: ['a', 'b', 'c'] })))).toEqual([
      'gpu: 3 nodes × 1 × NVIDIA A100 80GB, MIG: 7 × nvidia.com/mig-1g.10gb, 1 × nvidia.com/mig-1g.10gb.me, ' +
        '2 × nvidia.com/mig-3g.40gb, 1 × nvidia.com/mig-4g.40gb',
      '[3g.40gb        |3g.40gb        ] 1 GPU, 1 of 7 compute slices unusable',
      '[1g |1g |1g |1g |1g |1g |1g |···] 1 GPU, 1 of 8 memory units unusable',
      '[4g.40gb        |·······|1g |···] 1 GPU, 1 of 8 memory units unusable; 2 of 7 compute slices and 2 of 8 memory units free for more instances',
    ]);
  });

  test('GPUs without MIG are one line per pool', () => {
    expect(gpuLines(record(pool(timeSlicing(wholeGpus('a30-24gb', 2), { replicas: 4 }), { count: 3 })))).toEqual([
      'gpu: 3 nodes × 2 × NVIDIA A30 24GB, each shared by 4 pods (time-slicing): 24 × nvidia.com/gpu.shared',
    ]);
  });

  test('layouts without published placements are shown by name', () => {
    const gpus = mig('rtx-pro-5000-blackwell-48gb', { layout: { '1g.12gb-me': 3 } });
    expect(gpuLines(record(pool(gpus)))[1]).toBe('[3x1g.12gb-me] 1 GPU');
  });

  test('the width of a unit depends on the number of units of the GPU', () => {
    const lines = (gpus: Gpus) => gpuLines(record(pool(gpus)))[1];
    expect(lines(mig('a30-24gb', { layout: { '2g.12gb': 1, '1g.6gb': 2 } }))).toBe('[1g.6gb |1g.6gb |2g.12gb        ] 1 GPU');
    expect(lines(mig('rtx-pro-6000-blackwell-96gb', { layout: { '2g.48gb': 2 } }))).toBe('[2g.48gb          |2g.48gb          ] 1 GPU');
    expect(layoutText({ name: 'x', instances: [], free: { slices: 0, units: 0 }, lost: { slices: 0, units: 0 } }, 8)).toBe('[x]');
  });

  test.each([
    ['1g.10gb+me', 12, '1g.10gb+me  '],
    ['1g.10gb+me', 7, '1g+me  '],
    ['1g.10gb+me', 3, '1g '],
    ['1g.12gb-me', 5, '1g-me'],
    ['3g.40gb', 1, ' '],
  ])('%s in %d characters', (profile, room, expected) => expect(fitted(profile, room)).toBe(expected));
});

describe('gpus.svg', () => {
  const svg = gpuSvg(record(pool(mixed, { hostnames: ['gpu01.example.org'] })));

  test('draws instances on memory units and compute slices, to scale', () => {
    const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="(\d+)" rx="4" fill="#6d28d9"/g)].map((match) =>
      match.slice(1).map(Number),
    );
    // 704 pixels for 8 memory units and for 7 compute slices, with a border of one pixel on each side.
    expect(boxes.map(([x = 0, , width = 0, height]) => [Math.round(x - 233), Math.round(width + 2), height])).toEqual([
      [0, 352, 54],
      [0, 302, 28],
      [352, 352, 54],
      [302, 302, 28],
    ]);
    expect(svg.match(/url\(#hatch\)/g)).toHaveLength(2);
    expect(svg.match(/>1g\.10gb</g)).toHaveLength(7);
    expect(svg).toContain('>gpu01.example.org: GPU 1<');
    expect(svg).toContain('>1 of 7 compute slices unusable<');
  });

  test('shows memory and multiprocessors of profiles', () => {
    expect(svg.match(/>39\.3 GiB</g)).toHaveLength(2);
    expect(svg.match(/>42 SM</g)).toHaveLength(2);
  });

  test('escapes product names, has no script, and supports dark mode', () => {
    const named = gpuSvg(record(pool(wholeGpus({ product: `<b>&"'`, memory: '1GiB' }))));
    expect(named).toContain('&#60;b&#62;&#38;&#34;&#39;');
    expect(named).not.toContain('<b>');
    expect(svg).not.toContain('<script');
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
  });

  test('shows sharing of shared and virtual GPUs', () => {
    const drawn = gpuSvg(
      record(
        pool(mps(wholeGpus('a30-24gb'), { replicas: 4 }), {}, 'a'),
        pool(timeSlicing(wholeGpus('a30-24gb'), { replicas: 4 }), {}, 'b'),
        pool(vgpu('NVIDIA A100-3-20C'), {}, 'c'),
        pool(mig('rtx-pro-5000-blackwell-48gb', { layout: { '1g.12gb-me': 3 } }), {}, 'd'),
      ),
    );
    expect(drawn.match(/>1\/4</g)).toHaveLength(4);
    for (const label of ['shared by 4 pods, without isolation', 'partitioned by the hypervisor', 'placements are not published'])
      expect(drawn).toContain(`>${label}<`);
  });
});
