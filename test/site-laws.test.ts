import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Problem } from '../lib/errors';
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
  storageClass,
} from '../lib/site';
import { briefly, cloud, existing, master, only, provisioned, untyped, worker } from './fixture-site';

describe('laws of a site', () => {
  const flavor = { name: 'm1', vcpus: 4, memory: '8GiB' } as const;
  const image = 'AlmaLinux-9.2';
  const all = ['controlplane', 'etcd', 'worker'] as const;
  const pool = (name: string, props: Partial<NodePoolProps> = {}) => nodePool(name, { flavor, image, ...props });
  const withWorker = (props: Partial<NodePoolProps>) => provisioned({ pools: [master(), worker(props)] });

  /** One row a law: its code, where it is told, and a site that breaks it and no other. */
  const laws: readonly (readonly [code: string, path: string, site: () => { readonly problems: readonly Problem[] }])[] = [
    ['NAME_INVALID', 'na_poli', () => existing({ pools: [pool('a')] }, {}, 'na_poli')],
    ['NAME_INVALID', 'napoli/pools/big_mem', () => provisioned({ pools: [master(), pool('big_mem', { keys: [] })] })],
    ['NAME_INVALID', 'napoli/pools/worker/keys', () => withWorker({ keys: ['a.b'] })],
    ['NAME_INVALID', 'napoli/pools/worker/dataVolumes/Data', () => withWorker({ dataVolumes: [{ name: 'Data', size: '1TiB' }] })],
    ['NAME_INVALID', 'cosenza/storage/local_path', () => existing({ storage: { classes: [storageClass('local_path')] } })],
    ['NAME_TOO_LONG', 'a'.repeat(41), () => existing({}, {}, 'a'.repeat(41))],
    ['QUANTITY_UNKNOWN', 'napoli/pools/worker/flavor/memory', () => withWorker({ flavor: { ...flavor, memory: untyped('64 gigs') } })],
    ['QUANTITY_UNKNOWN', 'napoli/pools/worker/flavor/disk', () => withWorker({ flavor: { ...flavor, disk: untyped('100G') } })],
    ['QUANTITY_UNKNOWN', 'napoli/pools/worker/reserved/cpu', () => withWorker({ reserved: { cpu: untyped('half'), memory: '1GiB' } })],
    ['QUANTITY_UNKNOWN', 'napoli/pools/worker/reserved/memory', () => withWorker({ reserved: { cpu: 1, memory: untyped(1) } })],
    ['QUANTITY_UNKNOWN', 'napoli/pools/worker/bootVolume/size', () => withWorker({ bootVolume: { size: untyped('big') } })],
    [
      'QUANTITY_UNKNOWN',
      'napoli/pools/worker/dataVolumes/data/size',
      () => withWorker({ dataVolumes: [{ name: 'data', size: untyped('1T') }] }),
    ],
    ['ADDRESS_INVALID', 'napoli/cloud/publicAddress', () => provisioned({}, { publicAddress: '192.0.2' })],
    ['ADDRESS_INVALID', 'napoli/cloud/nameServers', () => provisioned({}, { nameServers: ['dns.example.org'] })],
    ['ADDRESS_INVALID', 'napoli/pools/worker/firstAddress', () => withWorker({ firstAddress: '10.64.0' })],
    ['ADDRESS_INVALID', 'napoli/pools/worker/2/address', () => withWorker({ addresses: ['10.64.0.20', 'ten', '10.64.0.22'] })],
    ['CIDR_INVALID', 'napoli/cloud/cidr', () => provisioned({}, { cidr: '10.64.0.5/24' })],
    ['CIDR_INVALID', 'napoli/cloud/admins', () => provisioned({}, { admins: ['192.0.2.1'] })],
    ['CIDR_INVALID', 'cosenza/cluster/podCidr', () => existing({}, { podCidr: 'flannel' })],
    ['CIDR_INVALID', 'cosenza/cluster/serviceCidr', () => existing({}, { serviceCidr: '10.96.0.1/12' })],
    ['NO_POOLS', 'cosenza/pools', () => existing({ pools: [] })],
    ['VERSION_UNSUPPORTED', 'cosenza/cluster/version', () => existing({}, { version: '1.26.9' })],
    ['VERSION_UNSUPPORTED', 'cosenza/cluster/version', () => existing({}, { version: 'newest' })],
    ['API_SERVER_INVALID', 'cosenza/cluster/apiServers', () => existing({}, { apiServers: ['k8s.example.org:6443'] })],
    ['API_SERVER_INVALID', 'cosenza/cluster/apiServers', () => existing({}, { apiServers: ['10.0.0.10:https'] })],
    ['API_SERVER_INVALID', 'cosenza/cluster/apiServers', () => existing({}, { apiServers: [] })],
    ['POOL_TWICE', 'cosenza/pools', () => existing({ pools: [pool('a'), pool('a')] })],
    ['COUNT_INVALID', 'napoli/pools/worker/count', () => withWorker({ count: 0 })],
    ['COUNT_INVALID', 'napoli/pools/worker/count', () => withWorker({ count: 2.5 })],
    ['COUNT_INVALID', 'napoli/pools/worker/flavor/vcpus', () => withWorker({ flavor: { ...flavor, vcpus: 0 } })],
    ['COUNT_INVALID', 'napoli/pools/worker/flavor/vcpus', () => withWorker({ flavor: { ...flavor, vcpus: 7.5 } })],
    ['KEY_TWICE', 'napoli/pools/worker/keys', () => withWorker({ keys: ['a', 'b', 'a'] })],
    ['HOSTNAMES_COUNT', 'cosenza/pools/a/hostnames', () => existing({ pools: [pool('a', { count: 2, hostnames: ['gpu01'] })] })],
    ['HOSTNAME_INVALID', 'cosenza/pools/a/hostnames', () => existing({ pools: [pool('a', { hostnames: ['gpu_01'] })] })],
    ['HOSTNAME_INVALID', 'cosenza/pools/a/hostnames', () => existing({ pools: [pool('a', { hostnames: [`${'a.'.repeat(127)}a`] })] })],
    ['HOSTNAME_TWICE', 'cosenza/pools/a/hostnames', () => existing({ pools: [pool('a', { count: 2, hostnames: ['gpu01', 'gpu01'] })] })],
    ['HOSTNAME_TWICE', 'cosenza/pools/b/hostnames', () => existing({ pools: [pool('a'), pool('b', { hostnames: ['cosenza-a-1'] })] })],
    ['HOSTNAMES_MADE', 'napoli/pools/worker/hostnames', () => withWorker({ count: 1, hostnames: ['gpu01'] })],
    [
      'HOSTNAMES_MISSING',
      'cosenza/pools/a/hostnames',
      () =>
        existing({
          pools: [pool('a', { count: 2, gpus: mig('a100-80gb', { layout: { '3g.40gb': 2 }, layouts: { 2: { '7g.80gb': 1 } } }) })],
        }),
    ],
    ['ADDRESSES_COUNT', 'cosenza/pools/a/addresses', () => existing({ pools: [pool('a', { count: 2, addresses: ['10.0.0.1'] })] })],
    ['ROLE_UNKNOWN', 'napoli/pools/worker/roles', () => withWorker({ roles: ['worker', untyped('gpu')] })],
    ['ROLE_MISSING', 'napoli/pools', () => provisioned({ pools: [pool('a', { roles: ['controlplane', 'worker'] })] })],
    ['ETCD_EVEN', 'napoli/pools', () => provisioned({ pools: [master({ count: 2 }), worker()] })],
    ['LABEL_INVALID', 'napoli/pools/worker/labels', () => withWorker({ labels: { 'two words': 'x' } })],
    ['LABEL_INVALID', 'napoli/pools/worker/taints', () => withWorker({ taints: [{ key: 'a/b/c', effect: 'NoSchedule' }] })],
    ['TAINT_INVALID', 'napoli/pools/worker/taints', () => withWorker({ taints: [{ key: 'gpu', effect: untyped('NoRun') }] })],
    [
      'VOLUME_TWICE',
      'napoli/pools/worker/dataVolumes',
      () =>
        withWorker({
          dataVolumes: [
            { name: 'd', size: '1TiB' },
            { name: 'd', size: '2TiB' },
          ],
        }),
    ],
    ['CIDR_OVERLAP', 'napoli/cluster/podCidr', () => provisioned({ cluster: rke1({ version: '1.27.16', podCidr: '10.64.0.0/16' }) })],
    [
      'CIDR_OVERLAP',
      'napoli/cluster/serviceCidr',
      () => provisioned({ cluster: rke1({ version: '1.27.16', serviceCidr: '10.42.128.0/17' }) }),
    ],
    ['POD_CIDR_TOO_SMALL', 'napoli/cluster/podCidr', () => provisioned({ cluster: rke1({ version: '1.27.16', podCidr: '10.42.0.0/23' }) })],
    [
      'NODE_ADDRESS_MISSING',
      'napoli/pools/a/1/address',
      () => defineSite('napoli', { cluster: rke1({ version: '1.27.16' }), pools: [pool('a', { roles: all })] }),
    ],
    [
      'ADDRESS_TWICE',
      'napoli/pools/worker/1/address',
      () => provisioned({ pools: [master({ firstAddress: '10.64.0.20' }), worker({ count: 1, firstAddress: '10.64.0.20' })] }),
    ],
    ['ADDRESS_OUTSIDE', 'napoli/pools/worker/1/address', () => withWorker({ count: 1, firstAddress: '10.65.0.1' })],
    ['ADDRESS_RESERVED', 'napoli/pools/worker/1/address', () => withWorker({ count: 1, firstAddress: '10.64.0.1' })],
    ['ADDRESS_RESERVED', 'napoli/pools/worker/1/address', () => withWorker({ count: 1, firstAddress: '10.64.0.192' })],
    ['ADDRESS_RESERVED', 'napoli/cloud/publicAddress', () => provisioned({}, { publicAddress: '10.64.0.9' })],
    ['ADDRESS_RESERVED', 'cosenza/pools/a/1/address', () => existing({ pools: [pool('a', { addresses: ['10.42.7.1'] })] })],
    ['STORAGE_TWICE', 'cosenza/storage', () => existing({ storage: { classes: [storageClass('a'), storageClass('a')] } })],
    ['STORAGE_NEEDS_CLOUD', 'cosenza/storage/cinder', () => existing({ storage: { default: cinder() } })],
    ['CLOUD_NEEDS_FIELD', 'napoli/pools/worker/image', () => withWorker({ image: undefined })],
    ['CLOUD_NEEDS_FIELD', 'napoli/pools/worker/flavor/name', () => withWorker({ flavor: { vcpus: 4, memory: '8GiB' } })],
    ['SSH_KEY_INVALID', 'napoli/cloud/sshKey', () => provisioned({}, { sshKey: '-----BEGIN OPENSSH PRIVATE KEY-----' })],
    [
      'ENTRY_WITHOUT_INGRESS',
      'napoli/cloud/entry',
      () => provisioned({ pools: [master({ roles: ['controlplane', 'etcd'] }), worker()] }, { publicAddress: '192.0.2.10' }),
    ],
    ['IMAGE_INVALID', 'napoli/images/dask', () => provisioned({ images: { dask: 'dask dask' } })],
    ['IMAGE_INVALID', 'napoli/registry', () => provisioned({ registry: 'https://harbor.example.org' })],
    ['URL_INVALID', 'napoli/cloud/authUrl', () => provisioned({}, { authUrl: 'keystone.example.org:5000' })],
  ];

  test.each(laws)('%s at %s', (code, path, site) => {
    const { problems } = site();
    expect(briefly(problems)).toEqual([`${code} at ${path}`]);
    only(problems, code);
  });

  test('every message about a site has a test', () => {
    const source = readFileSync(join(__dirname, '../lib/errors/site.ts'), 'utf8');
    const elsewhere = ['ACCELERATOR_INVALID', 'HOST_INVALID', 'IMAGE_UNKNOWN', 'SECRET_INVALID'];
    const codes = [...source.matchAll(/code: '(\w+)'/g)].map(([, code]) => code);
    expect(codes.filter((code) => !elsewhere.includes(code ?? '')).sort()).toEqual([...new Set(laws.map(([code]) => code))].sort());
  });

  test('all mistakes of a site are told at once', () => {
    const site = defineSite('na_poli', {
      cluster: rke1({ version: '1.20', podCidr: '10.64.0.0/16' }),
      pools: [master({ count: 2 }), worker({ flavor: { ...flavor, memory: untyped('64 gigs') }, firstAddress: '10.65.0.1' })],
      cloud: cloud({ sshKey: '' }),
    });
    expect(new Set(site.problems.map(({ code }) => code))).toEqual(
      new Set([
        'NAME_INVALID',
        'VERSION_UNSUPPORTED',
        'CIDR_OVERLAP',
        'ETCD_EVEN',
        'QUANTITY_UNKNOWN',
        'ADDRESS_OUTSIDE',
        'SSH_KEY_INVALID',
      ]),
    );
  });

  test('one etcd node is a warning that says what is lost; three are none', () => {
    expect(provisioned().warnings).toEqual([expect.stringMatching(/one etcd node \(napoli-master-1\).*lost/)]);
    expect(provisioned({ pools: [master({ count: 3 }), worker()] })).toMatchObject({ warnings: [], problems: [] });
  });

  test('a network that cannot be read is told once, not by every node in it', () => {
    expect(briefly(provisioned({}, { cidr: 'any' }).problems)).toEqual(['CIDR_INVALID at napoli/cloud/cidr']);
  });

  test('labels and taints as Kubernetes accepts them', () => {
    const labels = { 'node.example.org/purpose': 'analysis', gpu: '', 'a.b_c-d': 'X.y_z-1' };
    expect(withWorker({ labels, taints: [{ key: 'example.org/gpu', value: 'yes', effect: 'NoExecute' }] }).problems).toEqual([]);
    for (const key of ['', '-a', 'a-', 'a'.repeat(64), 'Upper.example/a', '/a', 'a/']) {
      expect([key, withWorker({ labels: { [key]: 'x' } }).problems.length]).toEqual([key, 1]);
    }
    for (const value of ['-x', 'x y', 'é', 'a'.repeat(64)])
      expect([value, withWorker({ labels: { a: value } }).problems.length]).toEqual([value, 1]);
  });

  describe('addresses that nobody wrote down', () => {
    const sizes = fc.integer({ min: 20, max: 28 });

    test('lie in the network, below what OpenStack hands out, and are nobody else’s', () => {
      fc.assert(
        fc.property(sizes, fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), (length, counts) => {
          const network = range(`10.64.0.0/${length}`);
          const size = network.last - network.first + 1;
          // Three quarters, less the reserved ones, in eight blocks.
          const block = Math.floor(((size * 3) / 4 - (size >= 64 ? 10 : 2)) / 8);
          const pools = counts.map((count, index) =>
            pool(`p${index}`, { count: 1 + (count % block), roles: index === 0 ? all : ['worker'] }),
          );
          const cluster = rke1({ version: '1.27.16', podCidr: '10.128.0.0/9' });
          const site = defineSite('s', { cluster, pools, cloud: cloud({ cidr: network.cidr }) });
          const handedOut = allocationPool(cloud({ cidr: network.cidr }));

          expect(briefly(site.problems.filter(({ code }) => code.startsWith('ADDRESS')))).toEqual([]);
          expect(new Set(site.nodes.map(({ address }) => address)).size).toBe(site.nodes.length);
          for (const { address } of site.nodes) {
            const number = addressNumber(address);
            expect(contains(network, number)).toBe(true);
            expect(number).toBeGreaterThan(network.first + 1);
            expect(number).toBeLessThan(addressNumber(handedOut.first));
          }
        }),
        { numRuns: 60 },
      );
    });

    test('are either right or refused, whatever the number of nodes', () => {
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
            const right = new Set(numbers).size === numbers.length && numbers.every((number) => contains(network, number));
            const refused = site.problems.some(({ code }) => code.startsWith('ADDRESS'));
            expect(right || refused).toBe(true);
          },
        ),
        { numRuns: 60 },
      );
    });

    test('of one pool do not move when another grows', () => {
      const addresses = (count: number) =>
        provisioned({ pools: [master({ count }), worker()] })
          .nodes.filter((node) => node.pool.name === 'worker')
          .map(({ address }) => address);
      expect(addresses(3)).toEqual(addresses(1));
      expect(addresses(1)).toEqual(['10.64.0.32', '10.64.0.33', '10.64.0.34']);
    });
  });
});
