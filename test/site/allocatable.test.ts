import { kubeletArguments, type NodePoolProps, nodePool, rke1, rke2, type Site } from '../../lib/site';
import { briefly, existing, master, only, provisioned, untyped, worker } from '../fixtures/site';

const GiB = 2 ** 30;
const MiB = 2 ** 20;
const flavor = { name: 'w1', vcpus: 32, memory: '64GiB', disk: '100GiB' } as const;
const ours = (props: Partial<NodePoolProps>, version = rke2({ version: '1.30.4' })): Site =>
  provisioned({ cluster: version, pools: [master(), worker({ flavor, ...props })] });
const last = (site: Site) => site.nodes.at(-1)?.allocatable;
const own = (site: Site) => kubeletArguments(site.cluster, site.pools.at(-1) ?? worker());

describe('reservations in kubelet arguments and capacity checks', () => {
  // Usable memory and disk of 64 GiB and 100 GiB.
  const memory = 64 * GiB - GiB - 512 * MiB;
  const disk = 100 * GiB - Math.ceil((100 * GiB) / 64) - 1.5 * GiB;

  test.each<[string, Partial<NodePoolProps>, Record<string, string>, object]>([
    [
      'defaults',
      {},
      {
        'kube-reserved': 'cpu=500m,memory=1Gi',
        'eviction-hard': 'memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%',
      },
      { cpu: 31.5, memory: memory - GiB - 100 * MiB, disk: disk - Math.ceil(disk / 10), pods: 110 },
    ],
    [
      'all reservations',
      {
        reserved: {
          cpu: 1,
          memory: '2GiB',
          disk: '4GiB',
          system: { cpu: '250m', memory: '512MiB', disk: '1GiB' },
          eviction: { memory: '500MiB', disk: '5GiB' },
        },
      },
      {
        'kube-reserved': 'cpu=1,memory=2Gi,ephemeral-storage=4Gi',
        'system-reserved': 'cpu=250m,memory=512Mi,ephemeral-storage=1Gi',
        'eviction-hard': 'memory.available<500Mi,nodefs.available<5Gi,nodefs.inodesFree<5%,imagefs.available<15%',
      },
      { cpu: 30.75, memory: memory - 2.5 * GiB - 500 * MiB, disk: disk - 10 * GiB, pods: 110 },
    ],
    [
      'a percentage of the memory',
      { reserved: { cpu: 1, memory: '1GiB', eviction: { memory: '5%' } } },
      {
        'kube-reserved': 'cpu=1,memory=1Gi',
        'eviction-hard': expect.stringContaining('memory.available<5%,nodefs.available<10%') as never,
      },
      { cpu: 31, memory: memory - GiB - Math.ceil(memory * 0.05) },
    ],
  ])('%s', (_, props, written, allocatable) => {
    expect(own(ours(props))).toEqual(written);
    expect(last(ours(props))).toMatchObject(allocatable);
  });

  test('kubelet arguments of the operator take precedence and are subtracted', () => {
    const kubelet = {
      'max-pods': '60',
      'kube-reserved': 'cpu=2,memory=3Gi,pid=1000',
      'system-reserved': 'cpu=100m,memory=0.5Gi,ephemeral-storage=1Gi',
      'eviction-hard': 'nodefs.available<20%',
    };
    const site = ours({}, rke2({ version: '1.30.4', arguments: { kubelet } }));
    expect(own(site)).toEqual(kubelet);
    // Without a memory threshold, no memory is reserved for eviction.
    expect(last(site)).toEqual({ cpu: 29.9, memory: memory - 3.5 * GiB, disk: disk - GiB - Math.ceil(disk * 0.2), pods: 60 });
  });

  test.each([
    ['max-pods', 'many'],
    ['max-pods', '0'],
    ['max-pods', '1e2'],
    ['max-pods', '110 '],
    ['kube-reserved', 'cpus=1'],
    ['kube-reserved', 'cpu'],
    ['kube-reserved', 'cpu=-1'],
    ['system-reserved', 'memory=1GiB'],
    ['eviction-hard', 'memory.available=100Mi'],
    ['eviction-hard', 'memory.available<101%'],
    ['eviction-hard', 'memory<10%'],
  ])('INVALID_KUBELET_ARGUMENT: %s=%s', (name, value) => {
    const site = ours({}, rke2({ version: '1.30.4', arguments: { kubelet: { [name]: value } } }));
    expect(briefly(site.problems)).toEqual([`INVALID_KUBELET_ARGUMENT at napoli/cluster/arguments/kubelet/${name}`]);
  });

  test('blanks around the parts of a kubelet argument are allowed', () => {
    const site = ours({}, rke2({ version: '1.30.4', arguments: { kubelet: { 'kube-reserved': ' cpu = 1, memory=1Gi' } } }));
    expect(site.problems).toEqual([]);
    expect(last(site)?.cpu).toBe(31);
  });

  test('INVALID_QUANTITY: all quantities of `reserved` are reported', () => {
    const site = ours({ reserved: untyped({ cpu: 'one', memory: '1Gi', eviction: { disk: 'x' } }) });
    expect(briefly(site.problems)).toEqual(
      ['cpu', 'eviction/disk', 'memory'].map((path) => `INVALID_QUANTITY at napoli/pools/worker/reserved/${path}`),
    );
  });

  test('EXCEEDS_FLAVOR: reservations leave no resources for pods', () => {
    expect(only(ours({ reserved: { cpu: 1, memory: '63GiB' } }).problems, 'EXCEEDS_FLAVOR')).toMatchObject({
      path: 'napoli/pools/worker/reserved',
      given: 'reserved memory that leaves none of 64GiB for pods',
    });
    expect(only(ours({ reserved: { cpu: 32, memory: '1GiB' } }).problems, 'EXCEEDS_FLAVOR').given).toContain('none of 32 cores');
  });

  test('CONFLICTING_RESERVED: RKE has the same kubelet arguments on all nodes, RKE2 has not', () => {
    const reserved = { cpu: 2, memory: '2GiB' } as const;
    const site = (cluster: Site['cluster']) => provisioned({ cluster, pools: [master(), worker({ reserved })] });
    expect(only(site(rke1({ version: '1.27.16' })).problems, 'CONFLICTING_RESERVED')).toMatchObject({
      path: 'napoli/pools',
      given: 'pools master, worker with different values of `reserved`',
    });
    expect(briefly(site(rke2({ version: '1.30.4' })).problems)).toEqual([]);
    const both = provisioned({ pools: [master({ reserved }), worker({ reserved })] });
    expect(briefly(both.problems)).toEqual([]);
  });

  test('CONFLICTING_RESERVED: `reserved` and kubelet arguments', () => {
    const site = ours(
      { reserved: { cpu: 1, memory: '1GiB' } },
      rke2({ version: '1.30.4', arguments: { kubelet: { 'kube-reserved': 'cpu=2' } } }),
    );
    expect(only(site.problems, 'CONFLICTING_RESERVED').fix).toBe("remove 'kube-reserved' from the arguments of the cluster");
  });
});

describe('allocatable resources of existing nodes', () => {
  const reporting = (allocatable: unknown, props: Partial<NodePoolProps> = {}) =>
    existing({
      pools: [nodePool('p', { flavor: { vcpus: 16, memory: '64GiB' }, labels: { a: 'b' }, allocatable: untyped(allocatable), ...props })],
    });

  test('replace flavor and reservations', () => {
    const site = reporting({ cpu: '15890m', memory: '60763780Ki', 'ephemeral-storage': '94992122580', pods: '250', 'hugepages-1Gi': '0' });
    expect(site.problems).toEqual([]);
    expect(site.nodes[0]?.allocatable).toEqual({ cpu: 15.89, memory: 60763780 * 1024, disk: 94992122580, pods: 250 });
    expect(reporting({ cpu: '8', memory: '1Pi' }).nodes[0]?.allocatable).toEqual({
      cpu: 8,
      memory: 2 ** 50,
      disk: Number.POSITIVE_INFINITY,
      pods: 110,
    });
  });

  test('devices: the smaller of the reported and the described number', () => {
    const { nodes } = reporting(
      { cpu: '8', memory: '64Gi', 'example.com/fpga': '2', 'example.com/card': '1' },
      { gpus: { kind: 'gpus', sharing: 'plugin', resource: 'example.com/card', perNode: 4 } },
    );
    expect(nodes[0]?.devices).toEqual({ 'example.com/fpga': 2, 'example.com/card': 1 });
  });

  test('INVALID_QUANTITY: values that are not Kubernetes quantities', () => {
    expect(briefly(reporting({ cpu: '8 cores', memory: '64GiB', pods: 'many', 'example.com/fpga': 'x' }).problems)).toEqual([
      'INVALID_QUANTITY at cosenza/pools/p/allocatable/cpu',
      'INVALID_QUANTITY at cosenza/pools/p/allocatable/memory',
      'INVALID_QUANTITY at cosenza/pools/p/allocatable/pods',
      'INVALID_QUANTITY at cosenza/pools/p/allocatable/example.com/fpga',
    ]);
  });

  test('INVALID_QUANTITY: negative amounts', () => {
    expect(briefly(reporting({ cpu: '-1', memory: '64Gi', 'example.com/fpga': '-2' }).problems)).toEqual([
      'INVALID_QUANTITY at cosenza/pools/p/allocatable/cpu',
      'INVALID_QUANTITY at cosenza/pools/p/allocatable/example.com/fpga',
    ]);
  });

  test('extended resources are props, not unknown ones', () => {
    expect(reporting({ cpu: '8', memory: '64Gi', 'example.com/fpga': '2' }).warnings).toEqual([]);
  });

  test('UNSUPPORTED_ALLOCATABLE unless the cluster exists', () => {
    const site = ours({ allocatable: { cpu: '8', memory: '16Gi' } });
    expect(only(site.problems, 'UNSUPPORTED_ALLOCATABLE').path).toBe('napoli/pools/worker/allocatable');
  });
});
