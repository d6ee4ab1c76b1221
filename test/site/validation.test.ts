import fc from 'fast-check';
import type { Problem } from '../../lib/errors';
import { Facility } from '../../lib/facility';
import {
  addressNumber,
  allocationPool,
  cinder,
  contains,
  defineSite,
  mig,
  type NodePoolProps,
  nodePool,
  range,
  rke1,
  rke2,
  storageClass,
} from '../../lib/site';
import { briefly, cloud, existing, master, only, problemsOf, provisioned, untyped, worker } from '../fixtures/site';

describe('validation of a site', () => {
  const flavor = { name: 'm1', vcpus: 4, memory: '8GiB' } as const;
  const image = 'AlmaLinux-9.2';
  const all = ['controlplane', 'etcd', 'worker'] as const;
  const pool = (name: string, props: Partial<NodePoolProps> = {}) => nodePool(name, { flavor, image, ...props });
  const withWorker = (props: Partial<NodePoolProps>) => provisioned({ pools: [master(), worker(props)] });
  const withCloud = (props: object) => provisioned({ cloud: cloud(props) });

  /** One row per rule: code, path, and a site that violates only this rule. */
  const invalid: readonly (readonly [code: string, path: string, site: () => { readonly problems: readonly Problem[] }])[] = [
    ['INVALID_NAME', 'na_poli', () => existing({ pools: [pool('a')] }, {}, 'na_poli')],
    ['INVALID_NAME', 'napoli/pools/big_mem', () => provisioned({ pools: [master(), pool('big_mem', { keys: [] })] })],
    ['INVALID_NAME', 'napoli/pools/worker/keys', () => withWorker({ keys: ['a.b'] })],
    ['INVALID_NAME', 'napoli/pools/worker/dataVolumes/Data', () => withWorker({ dataVolumes: [{ name: 'Data', size: '1TiB' }] })],
    ['INVALID_NAME', 'cosenza/storage/local_path', () => existing({ storage: { classes: [storageClass('local_path')] } })],
    ['EXCEEDS_NAME_LENGTH', 'a'.repeat(41), () => existing({}, {}, 'a'.repeat(41))],
    ['INVALID_QUANTITY', 'napoli/pools/worker/flavor/memory', () => withWorker({ flavor: { ...flavor, memory: untyped('64 gigs') } })],
    ['INVALID_QUANTITY', 'napoli/pools/worker/flavor/disk', () => withWorker({ flavor: { ...flavor, disk: untyped('100G') } })],
    ['INVALID_QUANTITY', 'napoli/pools/worker/reserved/cpu', () => withWorker({ reserved: { cpu: untyped('half'), memory: '1GiB' } })],
    ['INVALID_QUANTITY', 'napoli/pools/worker/reserved/memory', () => withWorker({ reserved: { cpu: 1, memory: untyped(1) } })],
    ['INVALID_QUANTITY', 'napoli/pools/worker/bootVolume/size', () => withWorker({ bootVolume: { size: untyped('big') } })],
    [
      'INVALID_QUANTITY',
      'napoli/pools/worker/dataVolumes/data/size',
      () => withWorker({ dataVolumes: [{ name: 'data', size: untyped('1T') }] }),
    ],
    ['INVALID_ADDRESS', 'napoli/cloud/publicAddress', () => provisioned({}, { publicAddress: '192.0.2' })],
    ['INVALID_ADDRESS', 'napoli/cloud/nameServers', () => provisioned({}, { nameServers: ['dns.example.org'] })],
    ['INVALID_ADDRESS', 'napoli/pools/worker/firstAddress', () => withWorker({ firstAddress: '10.64.0' })],
    ['INVALID_ADDRESS', 'napoli/pools/worker/2/address', () => withWorker({ addresses: ['10.64.0.20', 'ten', '10.64.0.22'] })],
    ['INVALID_CIDR', 'napoli/cloud/cidr', () => provisioned({}, { cidr: '10.64.0.5/24' })],
    ['INVALID_CIDR', 'napoli/cloud/admins', () => provisioned({}, { admins: ['192.0.2.1'] })],
    ['INVALID_CIDR', 'cosenza/cluster/podCidr', () => existing({}, { podCidr: 'flannel' })],
    ['INVALID_CIDR', 'cosenza/cluster/serviceCidr', () => existing({}, { serviceCidr: '10.96.0.1/12' })],
    ['MISSING_POOLS', 'cosenza/pools', () => existing({ pools: [] })],
    ['UNSUPPORTED_VERSION', 'cosenza/cluster/version', () => existing({}, { version: '1.26.9' })],
    ['UNSUPPORTED_VERSION', 'cosenza/cluster/version', () => existing({}, { version: 'newest' })],
    ['INVALID_API_SERVER', 'cosenza/cluster/apiServers', () => existing({}, { apiServers: ['k8s.example.org:6443'] })],
    ['INVALID_API_SERVER', 'cosenza/cluster/apiServers', () => existing({}, { apiServers: ['10.0.0.10:https'] })],
    ['INVALID_API_SERVER', 'cosenza/cluster/apiServers', () => existing({}, { apiServers: [] })],
    ['DUPLICATE_POOL', 'cosenza/pools', () => existing({ pools: [pool('a'), pool('a')] })],
    ['INVALID_COUNT', 'napoli/pools/worker/count', () => withWorker({ count: -1 })],
    ['INVALID_COUNT', 'napoli/pools/worker/count', () => withWorker({ count: 2.5 })],
    ['EXCEEDS_NODE_COUNT', 'napoli/pools/worker/count', () => withWorker({ count: 1e6 })],
    [
      'EXCEEDS_NODE_COUNT',
      'cosenza/pools',
      () => existing({ pools: [pool('a', { count: 2501 }), pool('b', { count: 2500, labels: { pool: 'b' } })] }),
    ],
    ['INVALID_PROP_TYPE', 'napoli/cloud/network', () => provisioned({}, { network: '' })],
    ['INVALID_PROP_TYPE', 'napoli/cloud/externalNetwork', () => provisioned({}, { externalNetwork: '' })],
    ['INVALID_PROP_TYPE', 'napoli/pools/worker/networks/1', () => withWorker({ networks: ['storage', ''] })],
    ['INVALID_PROP_TYPE', 'napoli/pools/worker/availabilityZone', () => withWorker({ availabilityZone: '' })],
    ['INVALID_PROP_TYPE', 'napoli/pools/worker/renamedFrom/0', () => withWorker({ renamedFrom: [''] })],
    [
      'INVALID_PROP_TYPE',
      'napoli/pools/worker/dataVolumes/data/type',
      () => withWorker({ dataVolumes: [{ name: 'data', size: '1TiB', type: '' }] }),
    ],
    ['INVALID_QUANTITY', 'napoli/pools/worker/flavor/memory', () => withWorker({ flavor: { ...flavor, memory: '0GiB' } })],
    ['INVALID_QUANTITY', 'napoli/pools/worker/flavor/disk', () => withWorker({ flavor: { ...flavor, disk: '0GiB' } })],
    ['INVALID_QUANTITY', 'napoli/pools/worker/bootVolume/size', () => withWorker({ bootVolume: { size: '0GiB' } })],
    ['INVALID_QUANTITY', 'napoli/pools/worker/dataVolumes/data/size', () => withWorker({ dataVolumes: [{ name: 'data', size: '0TiB' }] })],
    [
      'CONFLICTING_ZONES',
      'napoli/pools/worker/dataVolumes/b/availabilityZone',
      () =>
        withWorker({
          dataVolumes: [
            { name: 'a', size: '1TiB', availabilityZone: 'one' },
            { name: 'b', size: '1TiB', availabilityZone: 'two' },
          ],
        }),
    ],
    [
      'CONFLICTING_ZONES',
      'napoli/pools/worker/bootVolume/availabilityZone',
      () =>
        withWorker({
          dataVolumes: [{ name: 'a', size: '1TiB', availabilityZone: 'one' }],
          bootVolume: { size: '50GiB', availabilityZone: 'two' },
        }),
    ],
    ...['10.0.0.1:6443:1', '10.0.0.1:', '10.0.0.1:0x1', '10.0.0.1:0', '[2001:db8::1]6443', '[10.0.0.1'].map(
      (server) => ['INVALID_API_SERVER', 'cosenza/cluster/apiServers', () => existing({}, { apiServers: [server] })] as const,
    ),
    ['INVALID_API_SERVER', 'cosenza/cluster/apiServers', () => existing({}, { apiServers: ['10.0.0.1', '10.0.0.1:6443'] })],
    ['INVALID_COUNT', 'napoli/pools/worker/flavor/vcpus', () => withWorker({ flavor: { ...flavor, vcpus: 0 } })],
    ['INVALID_COUNT', 'napoli/pools/worker/flavor/vcpus', () => withWorker({ flavor: { ...flavor, vcpus: 7.5 } })],
    ['DUPLICATE_KEY', 'napoli/pools/worker/keys', () => withWorker({ keys: ['a', 'b', 'a'] })],
    ['MISSING_KEY_ADDRESS', 'napoli/pools/worker/gpu01/address', () => withWorker({ keys: ['1', 'gpu01'] })],
    ['UNKNOWN_KEY', 'napoli/pools/worker/addresses/3', () => withWorker({ keys: ['1', '2'], addresses: { 3: '10.64.0.40' } })],
    ['CONFLICTING_RETIRED_KEY', 'napoli/pools/worker/retired/2', () => withWorker({ keys: ['1', '2'], retired: { 2: 'keep-volumes' } })],
    ['UNKNOWN_PROP', 'napoli/cloud/netwrok', () => withCloud(untyped({ netwrok: 'provider' }))],
    ['UNKNOWN_PROP', 'napoli/cloud/vlan', () => withCloud(untyped({ vlan: 12 }))],
    ['CONFLICTING_NETWORK', 'napoli/cloud/subnet', () => withCloud({ subnet: 'nodes' })],
    ['CONFLICTING_NETWORK', 'napoli/cloud/mtu', () => withCloud({ network: 'provider', mtu: 1450 })],
    ['INVALID_ROUTER', 'napoli/cloud/router', () => withCloud({ router: 'lab-router' })],
    ['MISSING_EXTERNAL_NETWORK', 'napoli/cloud/externalNetwork', () => withCloud(untyped({ externalNetwork: undefined }))],
    [
      'CONFLICTING_ZONES',
      'napoli/pools/worker/dataVolumes/data/availabilityZone',
      () => withWorker({ availabilityZone: 'a', dataVolumes: [{ name: 'data', size: '1TiB', availabilityZone: 'b' }] }),
    ],
    [
      'EXCEEDS_VOLUMES',
      'napoli/pools/worker/dataVolumes',
      () => withWorker({ dataVolumes: Array.from({ length: 26 }, (_, index) => ({ name: `d${index}`, size: '1GiB' as const })) }),
    ],
    ['INVALID_HOSTNAME_COUNT', 'cosenza/pools/a/hostnames', () => existing({ pools: [pool('a', { count: 2, hostnames: ['gpu01'] })] })],
    ['INVALID_HOSTNAME', 'cosenza/pools/a/hostnames', () => existing({ pools: [pool('a', { hostnames: ['gpu_01'] })] })],
    ['INVALID_HOSTNAME', 'cosenza/pools/a/hostnames', () => existing({ pools: [pool('a', { hostnames: [`${'a.'.repeat(127)}a`] })] })],
    [
      'DUPLICATE_HOSTNAME',
      'cosenza/pools/a/hostnames',
      () => existing({ pools: [pool('a', { count: 2, hostnames: ['gpu01', 'gpu01'] })] }),
    ],
    ['DUPLICATE_HOSTNAME', 'cosenza/pools/b/hostnames', () => existing({ pools: [pool('a'), pool('b', { hostnames: ['cosenza-a-1'] })] })],
    ['UNSUPPORTED_HOSTNAMES', 'napoli/pools/worker/hostnames', () => withWorker({ count: 1, hostnames: ['gpu01'] })],
    [
      'MISSING_HOSTNAMES',
      'cosenza/pools/a/hostnames',
      () =>
        existing({
          pools: [pool('a', { count: 2, gpus: mig('a100-80gb', { layout: { '3g.40gb': 2 }, layouts: { 2: { '7g.80gb': 1 } } }) })],
        }),
    ],
    ['INVALID_ADDRESS_COUNT', 'cosenza/pools/a/addresses', () => existing({ pools: [pool('a', { count: 2, addresses: ['10.0.0.1'] })] })],
    ['UNKNOWN_ROLE', 'napoli/pools/worker/roles', () => withWorker({ roles: ['worker', untyped('gpu')] })],
    ['MISSING_ROLE', 'napoli/pools', () => provisioned({ pools: [pool('a', { roles: ['controlplane', 'worker'] })] })],
    ['INVALID_ETCD_COUNT', 'napoli/pools', () => provisioned({ pools: [master({ count: 2 }), worker()] })],
    ['INVALID_LABEL', 'napoli/pools/worker/labels', () => withWorker({ labels: { 'two words': 'x' } })],
    ['INVALID_LABEL', 'napoli/pools/worker/taints', () => withWorker({ taints: [{ key: 'a/b/c', effect: 'NoSchedule' }] })],
    ['INVALID_TAINT', 'napoli/pools/worker/taints', () => withWorker({ taints: [{ key: 'gpu', effect: untyped('NoRun') }] })],
    [
      'DUPLICATE_VOLUME',
      'napoli/pools/worker/dataVolumes',
      () =>
        withWorker({
          dataVolumes: [
            { name: 'd', size: '1TiB' },
            { name: 'd', size: '2TiB' },
          ],
        }),
    ],
    ['CONFLICTING_CIDR', 'napoli/cluster/podCidr', () => provisioned({ cluster: rke1({ version: '1.27.16', podCidr: '10.64.0.0/16' }) })],
    [
      'CONFLICTING_CIDR',
      'napoli/cluster/serviceCidr',
      () => provisioned({ cluster: rke1({ version: '1.27.16', serviceCidr: '10.42.128.0/17' }) }),
    ],
    ['EXCEEDS_POD_CIDR', 'napoli/cluster/podCidr', () => provisioned({ cluster: rke1({ version: '1.27.16', podCidr: '10.42.0.0/23' }) })],
    [
      'MISSING_NODE_ADDRESS',
      'napoli/pools/a/1/address',
      () => defineSite('napoli', { cluster: rke1({ version: '1.27.16' }), pools: [pool('a', { roles: all })] }),
    ],
    [
      'DUPLICATE_ADDRESS',
      'napoli/pools/worker/1/address',
      () => provisioned({ pools: [master({ firstAddress: '10.64.0.20' }), worker({ count: 1, firstAddress: '10.64.0.20' })] }),
    ],
    ['INVALID_ADDRESS_RANGE', 'napoli/pools/worker/1/address', () => withWorker({ count: 1, firstAddress: '10.65.0.1' })],
    ['RESERVED_ADDRESS', 'napoli/pools/worker/1/address', () => withWorker({ count: 1, firstAddress: '10.64.0.1' })],
    ['RESERVED_ADDRESS', 'napoli/pools/worker/1/address', () => withWorker({ count: 1, firstAddress: '10.64.0.192' })],
    ['RESERVED_ADDRESS', 'napoli/cloud/publicAddress', () => provisioned({}, { publicAddress: '10.64.0.9' })],
    ['RESERVED_ADDRESS', 'cosenza/pools/a/1/address', () => existing({ pools: [pool('a', { addresses: ['10.42.7.1'] })] })],
    ['DUPLICATE_STORAGE', 'cosenza/storage', () => existing({ storage: { classes: [storageClass('a'), storageClass('a')] } })],
    ['UNSUPPORTED_STORAGE', 'cosenza/storage/cinder', () => existing({ storage: { default: cinder() } })],
    ['MISSING_POOL_FIELD', 'napoli/pools/worker/image', () => withWorker({ image: undefined })],
    ['MISSING_POOL_FIELD', 'napoli/pools/worker/flavor/name', () => withWorker({ flavor: { vcpus: 4, memory: '8GiB' } })],
    ['INVALID_SSH_KEY', 'napoli/cloud/sshKey', () => provisioned({}, { sshKey: '-----BEGIN OPENSSH PRIVATE KEY-----' })],
    [
      'MISSING_INGRESS_ON_ENTRY',
      'napoli/cloud/entry',
      () => provisioned({ pools: [master({ roles: ['controlplane', 'etcd'] }), worker()] }, { publicAddress: '192.0.2.10' }),
    ],
    ['INVALID_IMAGE', 'napoli/images/dask', () => provisioned({ images: { dask: 'dask dask' } })],
    ['INVALID_IMAGE', 'napoli/registry', () => provisioned({ registry: 'https://harbor.example.org' })],
    ['INVALID_URL', 'napoli/cloud/authUrl', () => provisioned({}, { authUrl: 'keystone.example.org:5000' })],
  ];

  test.each(invalid)('%s at %s', (code, path, site) => {
    const { problems } = site();
    expect(briefly(problems)).toEqual([`${code} at ${path}`]);
    only(problems, code);
  });

  test('all errors are reported together', () => {
    const site = defineSite('na_poli', {
      cluster: rke1({ version: '1.20', podCidr: '10.64.0.0/16' }),
      pools: [master({ count: 2 }), worker({ flavor: { ...flavor, memory: untyped('64 gigs') }, firstAddress: '10.65.0.1' })],
      cloud: cloud({ sshKey: '' }),
    });
    expect(new Set(site.problems.map(({ code }) => code))).toEqual(
      new Set([
        'INVALID_NAME',
        'UNSUPPORTED_VERSION',
        'CONFLICTING_CIDR',
        'INVALID_ETCD_COUNT',
        'INVALID_QUANTITY',
        'INVALID_ADDRESS_RANGE',
        'INVALID_SSH_KEY',
      ]),
    );
  });

  test('warns about a single etcd node', () => {
    expect(provisioned().warnings).toEqual([
      expect.objectContaining({ code: 'MISSING_ETCD_REDUNDANCY', path: 'napoli/pools', given: expect.stringContaining('napoli-master-1') }),
    ]);
    expect(provisioned({ pools: [master({ count: 3 }), worker()] })).toMatchObject({ warnings: [], problems: [] });
  });

  test('an invalid network is reported once, not for every node', () => {
    expect(briefly(provisioned({}, { cidr: 'any' }).problems)).toEqual(['INVALID_CIDR at napoli/cloud/cidr']);
  });

  test('labels and taints must be valid in Kubernetes', () => {
    const labels = { 'node.example.org/purpose': 'analysis', gpu: '', 'a.b_c-d': 'X.y_z-1' };
    expect(withWorker({ labels, taints: [{ key: 'example.org/gpu', value: 'yes', effect: 'NoExecute' }] }).problems).toEqual([]);
    for (const key of ['', '-a', 'a-', 'a'.repeat(64), 'Upper.example/a', '/a', 'a/']) {
      expect([key, withWorker({ labels: { [key]: 'x' } }).problems.length]).toEqual([key, 1]);
    }
    for (const value of ['-x', 'x y', 'é', 'a'.repeat(64)])
      expect([value, withWorker({ labels: { a: value } }).problems.length]).toEqual([value, 1]);
  });

  describe('default addresses', () => {
    const sizes = fc.integer({ min: 20, max: 28 });

    test('are unique, inside the network and before the allocation pool', () => {
      fc.assert(
        fc.property(sizes, fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), (length, counts) => {
          const network = range(`10.64.0.0/${length}`);
          const size = network.last - network.first + 1;
          // Three quarters of the network, without reserved addresses, in eight blocks.
          const block = Math.floor(((size * 3) / 4 - (size >= 64 ? 10 : 2)) / 8);
          const pools = counts.map((count, index) =>
            pool(`p${index}`, { count: 1 + (count % block), roles: index === 0 ? all : ['worker'] }),
          );
          const cluster = rke1({ version: '1.27.16', podCidr: '10.128.0.0/9' });
          const site = defineSite('s', { cluster, pools, cloud: cloud({ cidr: network.cidr }) });
          const reserved = allocationPool(cloud({ cidr: network.cidr }));

          expect(briefly(site.problems.filter(({ code }) => code.includes('ADDRESS')))).toEqual([]);
          expect(new Set(site.nodes.map(({ address }) => address)).size).toBe(site.nodes.length);
          const numbers = site.nodes.map(({ address }) => addressNumber(address));
          const end = addressNumber(reserved.first);
          expect(numbers.filter((number) => !contains(network, number) || number <= network.first + 1 || number >= end)).toEqual([]);
        }),
        { numRuns: 60 },
      );
    });

    test('are valid or reported, for any number of nodes', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 22, max: 30 }),
          fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
          (length, counts) => {
            const pools = counts.map((count, index) => pool(`p${index}`, { count }));
            const site = defineSite('s', {
              cluster: rke1({ version: '1.27.16', podCidr: '10.128.0.0/9' }),
              pools,
              cloud: cloud({ cidr: `10.64.0.0/${length}` }),
            });
            const network = range(`10.64.0.0/${length}`);
            const numbers = site.nodes.map(({ address }) => addressNumber(address));
            const valid = new Set(numbers).size === numbers.length && numbers.every((number) => contains(network, number));
            const refused = site.problems.some(({ code }) => code.includes('ADDRESS'));
            expect(valid || refused).toBe(true);
          },
        ),
        { numRuns: 60 },
      );
    });

    test('do not change when another pool grows', () => {
      const addresses = (count: number) =>
        provisioned({ pools: [master({ count }), worker()] })
          .nodes.filter((node) => node.pool.name === 'worker')
          .map(({ address }) => address);
      expect(addresses(3)).toEqual(addresses(1));
      expect(addresses(1)).toEqual(['10.64.0.32', '10.64.0.33', '10.64.0.34']);
    });
  });
});

const siteWithWorker = (props: Partial<NodePoolProps>) => provisioned({ pools: [master(), worker(props)] });

test.each([
  ['the gateway', () => siteWithWorker({ count: 1, firstAddress: '10.64.0.1' }), 'to addresses from 10.64.0.2 to 10.64.0.254'],
  [
    'the allocation pool',
    () => siteWithWorker({ count: 1, firstAddress: '10.64.0.192' }),
    'to addresses outside 10.64.0.192 to 10.64.0.254',
  ],
  ['the node network', () => provisioned({}, { publicAddress: '10.64.0.9' }), 'write an address that `openstack floating ip list` prints'],
] as const)('the fix for an address that belongs to %s', (_, make, fix) => {
  expect(only(make().problems, 'RESERVED_ADDRESS').fix).toContain(fix);
});

test('the fix for a missing image or flavor is a value and the command that lists them', () => {
  expect(only(siteWithWorker({ image: undefined }).problems, 'MISSING_POOL_FIELD').fix).toBe(
    "write image: 'AlmaLinux-9.2' in the pool, with a name that `openstack image list` prints",
  );
  expect(only(siteWithWorker({ flavor: { vcpus: 4, memory: '8GiB' } }).problems, 'MISSING_POOL_FIELD').fix).toContain(
    "write name: 'm1.large' in the flavor of the pool",
  );
});

test('a million nodes are refused before they are derived', () => {
  const { problems, nodes } = siteWithWorker({ count: 1e6 });
  expect(only(problems, 'EXCEEDS_NODE_COUNT')).toMatchObject({
    given: '1000000 nodes',
    allowed: 'at most 5000 nodes in a cluster, which Kubernetes supports',
  });
  expect(nodes).toHaveLength(2);
});

test('the address of an API server may be IPv6, with and without a port', () => {
  const { cluster } = existing({}, { apiServers: ['2001:db8::1', '[2001:db8::2]', '[2001:db8::3]:443'] });
  expect(cluster).toMatchObject({
    apiServers: ['2001:db8::1/128', '2001:db8::2/128', '2001:db8::3/128'],
    apiPorts: [6443, 6443, 443],
  });
});

test("an invalid range hides no other error, also with a load balancer's address in it", () => {
  const site = provisioned(
    { cluster: rke2({ version: '1.31.9' }), pools: [master(), worker({ flavor: { ...worker().flavor, vcpus: 0 } })] },
    { cidr: '10.64.0.0/33', entry: 'load-balancer', publicAddress: '192.0.2.9', nameServers: ['dns'] },
  );
  expect(briefly(site.problems)).toEqual([
    'INVALID_COUNT at napoli/pools/worker/flavor/vcpus',
    'INVALID_CIDR at napoli/cloud/cidr',
    'INVALID_ADDRESS at napoli/cloud/nameServers',
  ]);
  expect(briefly(problemsOf(() => new Facility(site).output()))).toEqual([
    'INVALID_CIDR at napoli/cloud/cidr',
    'INVALID_ADDRESS at napoli/cloud/nameServers',
    'INVALID_COUNT at napoli/pools/worker/flavor/vcpus',
  ]);
});
