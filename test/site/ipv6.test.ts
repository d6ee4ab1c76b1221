import fc from 'fast-check';
import {
  addressNumber6,
  addressText6,
  containsCidr,
  defineSite,
  existingCluster,
  hostTarget,
  nodePool,
  noProxy,
  type OpenStackProps,
  range6,
  rke1,
  rke2,
  type Site,
} from '../../lib/site';
import { briefly, cloud, existing, master, only, refused, worker } from '../fixtures/site';

const ipv6 = { podCidr: 'fd00:42::/56', serviceCidr: 'fd00:43::/112' };

interface Dual {
  readonly cluster?: object;
  readonly cloud?: Partial<OpenStackProps>;
}

const site = ({ cluster = {}, cloud: clouds = {} }: Dual = {}): Site =>
  defineSite('napoli', {
    cluster: rke2({ version: '1.31.9', ipv6, ...cluster }),
    cloud: cloud({ ipv6: { cidr: '2001:db8:0:1::/64' }, ...clouds }),
    pools: [master(), worker({ keys: ['1', '3'] })],
  });

describe('IPv6 addresses', () => {
  test('text and number convert into each other', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const number = addressNumber6(text);
        expect(addressNumber6(addressText6(number))).toBe(number);
      }),
    );
    expect(addressText6(addressNumber6('2001:0db8:0:0:0:0:0:000b'))).toBe('2001:db8::b');
  });

  test.each([['10.0.0.1'], ['2001:db8::1%eth0'], ['2001:db8::g'], ['']])('%j is not an IPv6 address', (text) => {
    refused('INVALID_ADDRESS', () => addressNumber6(text));
  });

  test('a range must have the canonical form', () => {
    expect(range6('2001:db8::/64')).toEqual({
      cidr: '2001:db8::/64',
      length: 64,
      first: addressNumber6('2001:db8::'),
      last: addressNumber6('2001:db8::ffff:ffff:ffff:ffff'),
    });
    expect(refused('INVALID_CIDR', () => range6('2001:DB8:0::/64')).fix).toBe("write '2001:db8::/64'");
    expect(refused('INVALID_CIDR', () => range6('2001:db8::1/64')).fix).toBe("write '2001:db8::/64'");
    for (const text of ['10.0.0.0/8', '2001:db8::', '2001:db8::/129', '::/x']) refused('INVALID_CIDR', () => range6(text));
  });

  test('ranges of different families do not contain each other', () => {
    expect([
      containsCidr('::/0', '2001:db8::1/128'),
      containsCidr('::/0', '10.0.0.0/8'),
      containsCidr('0.0.0.0/0', '2001:db8::/32'),
    ]).toEqual([true, false, false]);
  });

  test('hosts and ranges of a target may be IPv6', () => {
    expect(hostTarget('[2001:db8::5]', 443).peer).toEqual({ kind: 'addresses', cidrs: ['2001:db8::5/128'] });
    expect(hostTarget('s3.example.org', 443, ['10.1.2.3/32', '2001:db8::5/128']).peer).toEqual({
      kind: 'addresses',
      cidrs: ['10.1.2.3/32', '2001:db8::5/128'],
    });
  });
});

describe('a dual-stack site', () => {
  test('nodes have the same offset in both ranges', () => {
    expect(briefly(site().problems)).toEqual([]);
    expect(site().nodes.map(({ address, address6 }) => [address, address6])).toEqual([
      ['10.64.0.10', '2001:db8:0:1::a'],
      ['10.64.0.32', '2001:db8:0:1::20'],
      ['10.64.0.34', '2001:db8:0:1::22'],
    ]);
  });

  test('`admins` may be IPv6 ranges, unlike in an IPv4 site', () => {
    const admins = ['192.0.2.0/24', '2001:db8:ffff::/48'];
    expect(briefly(site({ cloud: { admins } }).problems)).toEqual([]);
    expect(briefly(site({ cluster: { ipv6: undefined }, cloud: { admins, ipv6: undefined } }).problems)).toEqual([
      'INVALID_CIDR at napoli/cloud/admins',
    ]);
  });

  test('IPv6 ranges are in NO_PROXY', () => {
    expect(noProxy(site())).toEqual(expect.arrayContaining(['::1', '2001:db8:0:1::/64', 'fd00:42::/56', 'fd00:43::/112']));
    expect(noProxy(site({ cluster: { ipv6: undefined }, cloud: { ipv6: undefined } })).join()).not.toContain('::');
  });

  test.each<[string, Site, string]>([
    ['no range for nodes', site({ cloud: { ipv6: undefined } }), 'MISSING_IPV6 at napoli/cloud/ipv6'],
    ['no ranges for pods and Services', site({ cluster: { ipv6: undefined } }), 'MISSING_IPV6 at napoli/cluster/ipv6'],
    ['fewer addresses than IPv4', site({ cloud: { ipv6: { cidr: '2001:db8:0:1::/124' } } }), 'EXCEEDS_IPV6_CIDR at napoli/cloud/ipv6/cidr'],
    [
      'too many Services',
      site({ cluster: { ipv6: { ...ipv6, serviceCidr: 'fd00:43::/64' } } }),
      'INVALID_IPV6_SERVICE_CIDR at napoli/cluster/ipv6/serviceCidr',
    ],
    [
      'a pod range for only one node',
      site({ cluster: { ipv6: { ...ipv6, podCidr: 'fd00:42::/64' } } }),
      'INVALID_IPV6_POD_CIDR at napoli/cluster/ipv6/podCidr',
    ],
    [
      'a pod range with too many node ranges',
      site({ cluster: { ipv6: { ...ipv6, podCidr: 'fd00::/32' } } }),
      'INVALID_IPV6_POD_CIDR at napoli/cluster/ipv6/podCidr',
    ],
    ['an IPv4 range', site({ cluster: { ipv6: { ...ipv6, podCidr: '10.50.0.0/16' } } }), 'INVALID_CIDR at napoli/cluster/ipv6/podCidr'],
    [
      'node-cidr-mask-size for both families',
      site({ cluster: { arguments: { 'kube-controller-manager': { 'node-cidr-mask-size': '24' } } } }),
      'UNSUPPORTED_NODE_CIDR_MASK at napoli/cluster/arguments',
    ],
    [
      'RKE',
      defineSite('napoli', {
        cluster: rke1({ version: '1.27.16', ipv6 }),
        cloud: cloud({ ipv6: { cidr: '2001:db8:0:1::/64' } }),
        pools: [master(), worker()],
      }),
      'UNSUPPORTED_IPV6 at napoli/cluster/ipv6',
    ],
  ])('%s is an error', (_, given, expected) => {
    expect(briefly(given.problems)).toEqual([expected]);
    only(given.problems, expected.split(' ')[0] ?? '');
  });

  test('the fix for overlapping ranges works', () => {
    const given = (podCidr: string) => site({ cluster: { ipv6: { ...ipv6, podCidr } } });
    const { path, fix } = only(given('2001:db8::/56').problems, 'CONFLICTING_CIDR');
    const free = /'(\S+)'/.exec(fix)?.[1] ?? '';
    expect([path, free]).toEqual(['napoli/cluster/ipv6/podCidr', 'fd00:42::/56']);
    expect(briefly(given(free).problems)).toEqual([]);
  });

  test('existing nodes need an IPv6 address each', () => {
    const bare = (addresses6?: object) =>
      defineSite('lab', {
        cluster: rke2({ version: '1.31.9', ipv6 }),
        pools: [master({ addresses: ['10.9.0.1'], ...(addresses6 ? { addresses6: addresses6 as never } : {}) })],
      });
    expect(briefly(bare().problems)).toEqual(['MISSING_IPV6_ADDRESS at lab/pools/master/addresses6']);
    expect(briefly(bare({ 1: '2001:db8::1' }).problems)).toEqual([]);
    expect(bare(['2001:db8::1']).nodes[0]?.address6).toBe('2001:db8::1');
  });
});

test('an existing cluster may have API servers with IPv6 addresses', () => {
  const cluster = existingCluster({ version: '1.31', apiServers: ['[2001:db8::10]:6443', '10.0.0.10:6443'], ipv6 });
  expect(cluster).toMatchObject({ apiServers: ['2001:db8::10/128', '10.0.0.10/32'], apiPorts: [6443, 6443], ipv6 });
  expect(briefly(existing({ cluster }).problems)).toEqual([]);
  expect(briefly(existing({ cluster: existingCluster({ version: '1.31', apiServers: ['[2001:db8::x]:6443'] }) }).problems)).toEqual([
    'INVALID_API_SERVER at cosenza/cluster/apiServers',
  ]);
});

describe('addresses6 of existing machines', () => {
  const ipv6 = { podCidr: 'fd00:42::/56', serviceCidr: 'fd00:43::/112' };
  const machines = (addresses6: unknown, props: object = { ipv6 }) =>
    defineSite('lab', {
      cluster: existingCluster({ version: '1.31', apiServers: ['10.0.0.10:6443'], ...props }),
      pools: [nodePool('worker', { count: 3, flavor: { vcpus: 4, memory: '8GiB' }, addresses6: addresses6 as never })],
    });

  test.each([
    [['2001:db8::1', 'ten', '2001:db8::3'], 'INVALID_ADDRESS at lab/pools/worker/2/address6'],
    [['2001:db8::1', '2001:db8::2', '2001:db8:0::1'], 'DUPLICATE_ADDRESS at lab/pools/worker/3/address6'],
    [['2001:db8::1', '2001:db8::2', 'fd00:42::7'], 'RESERVED_ADDRESS at lab/pools/worker/3/address6'],
    [['2001:db8::1', '2001:db8::2'], 'INVALID_ADDRESS_COUNT at lab/pools/worker/addresses6'],
    [{ 1: '2001:db8::1', 9: '2001:db8::9' }, 'UNKNOWN_KEY at lab/pools/worker/addresses6/9'],
  ])('%j', (addresses6, expected) => expect(briefly(machines(addresses6).problems)).toEqual([expected]));

  test('valid ones are accepted, and without ranges of the cluster they are refused', () => {
    const valid = ['2001:db8::1', '2001:db8::2', '2001:db8::3'];
    expect(machines(valid).problems).toEqual([]);
    expect(briefly(machines(valid, {}).problems)).toEqual(['MISSING_IPV6 at lab/pools/worker/addresses6']);
  });

  test('on a cloud they are inside its range', () => {
    const addresses6 = ['2001:db8:0:2::b'];
    const site = defineSite('lab', {
      cluster: rke2({ version: '1.31.9', ipv6 }),
      pools: [master({ addresses6 })],
      cloud: cloud({ ipv6: { cidr: '2001:db8:0:1::/64' } }),
    });
    expect(briefly(site.problems)).toEqual(['INVALID_ADDRESS_RANGE at lab/pools/master/1/address6']);
  });
});
