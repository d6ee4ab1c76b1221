import fc from 'fast-check';
import { infrastructureProblems, infrastructureWarnings, terraformJson } from '../../lib/infrastructure';
import { ruleKey, securityRules } from '../../lib/infrastructure/security-rules';
import { type Exposure, nodePool, rke1, type Site } from '../../lib/site';
import { bari, codes, condor, image, master, napoli, small, worker } from '../fixtures/infrastructure';
import { briefly } from '../fixtures/site';

describe('laws', () => {
  const own: [string, Site, Exposure[], string][] = [
    [
      'two nodes of one name',
      napoli(
        {},
        {
          pools: [
            master(),
            nodePool('a', { flavor: small, image, keys: ['b-1'], addresses: ['10.64.0.99'] }),
            nodePool('a-b', { flavor: small, image }),
          ],
        },
      ),
      [],
      'DUPLICATE_NODE_NAME napoli/pools/a-b',
    ],
    [
      'one flavor of two sizes',
      napoli({}, { pools: [master(), worker({ flavor: { ...small, vcpus: 9 } })] }),
      [],
      'CONFLICTING_FLAVOR napoli/pools/worker/flavor',
    ],
    [
      'an allocation pool outside',
      napoli({ allocationPool: { first: '10.64.0.200', last: '10.64.1.10' } }),
      [],
      'INVALID_ALLOCATION_POOL napoli/cloud/allocationPool',
    ],
    [
      'an allocation pool upside down',
      napoli({ allocationPool: { first: '10.64.0.220', last: '10.64.0.210' } }),
      [],
      'INVALID_ALLOCATION_POOL napoli/cloud/allocationPool',
    ],
    [
      'a bastion on a node',
      bari({ bastion: { flavor: 'f', image, address: '10.65.0.10' } }),
      [],
      'CONFLICTING_ADDRESS bari/cloud/bastion/address',
    ],
    [
      'a bastion in the allocation pool',
      bari({ bastion: { flavor: 'f', image, address: '10.65.0.200' } }),
      [],
      'CONFLICTING_ADDRESS bari/cloud/bastion/address',
    ],
    [
      'a bastion elsewhere',
      bari({ bastion: { flavor: 'f', image, address: '10.66.0.200' } }),
      [],
      'INVALID_ADDRESS_RANGE bari/cloud/bastion/address',
    ],
    [
      'a load balancer on a node',
      bari({}, { pools: [master(), worker({ firstAddress: '10.65.0.188' })] }),
      [],
      'CONFLICTING_ADDRESS bari/cloud/entry',
    ],
    [
      'a load balancer on the bastion',
      bari({ bastion: { flavor: 'f', image, address: '10.65.0.190' } }),
      [],
      'CONFLICTING_ADDRESS bari/cloud/entry',
    ],
    [
      'a reserved address without a name',
      napoli({ floatingIp: 'reserved', publicAddress: undefined }),
      [],
      'MISSING_PUBLIC_ADDRESS napoli/cloud/publicAddress',
    ],
    ['an MTU that carries nothing', napoli({ mtu: 150 }), [], 'INVALID_MTU napoli/cloud/mtu'],
    [
      'a state in somebody’s folder',
      napoli({ state: { kind: 'local', path: '/home/ops/state' } }),
      [],
      'INVALID_STATE_PATH napoli/cloud/state/path',
    ],
    ['ports upside down', napoli(), [{ ...condor, last: 30000 }], 'INVALID_PORTS napoli/exposures/HTCondor collector'],
    [
      'a wide exposure behind a load balancer',
      bari(),
      [{ ...condor, first: 30600 }],
      'INSECURE_EXPOSURE bari/exposures/HTCondor collector',
    ],
    [
      'an exposure on a port of the load balancer',
      bari(),
      [{ ...condor, first: 443, last: 443 }],
      'DUPLICATE_LISTENER bari/exposures/HTCondor collector',
    ],
  ];
  test.each(own)('%s', (_, site, exposures, expected) => {
    expect(site.problems).toEqual([]);
    expect(codes(site, exposures)).toEqual([expected]);
    expect(() => terraformJson(site, exposures)).toThrow(expected.replace(' ', ' at '));
  });

  test('a site with problems of its own is refused for those', () => {
    const broken = napoli({ admins: ['nonsense'] });
    expect(infrastructureProblems(broken, [])).toEqual([]);
    expect(() => terraformJson(broken, [])).toThrow(/INVALID_CIDR at napoli\/cloud\/admins/);
  });

  test('wide exposures are fine where no load balancer stands', () => {
    expect(codes(napoli(), [{ ...condor, first: 30000, last: 32767 }])).toEqual([]);
  });

  test('more rules than a new project may have are announced', () => {
    const many = Array.from({ length: 100 }, (_, index): Exposure => ({ ...condor, first: 30000 + index, last: 30000 + index }));
    expect(infrastructureWarnings(napoli(), many)).toMatchObject([
      { code: 'EXCEEDS_DEFAULT_QUOTA', path: 'napoli/cloud', given: expect.stringMatching(/^1\d\d security-group rules in \d groups/) },
    ]);
    expect(infrastructureWarnings(napoli(), [])).toEqual([]);
  });

  test('administrators are somebody, and not everybody', () => {
    const warned = (...admins: string[]) => infrastructureWarnings(napoli({ admins }), []);
    expect(warned('0.0.0.0/0', '192.0.2.0/24')).toEqual([
      expect.objectContaining({ code: 'INSECURE_ADMINS', given: expect.stringContaining('0.0.0.0/0 in cloud.admins') }),
    ]);
    expect(warned()).toEqual([expect.objectContaining({ code: 'MISSING_ADMINS', path: 'napoli/cloud/admins' })]);
    expect(warned('192.0.2.7/32', '10.0.0.0/8')).toEqual([]);
  });

  test('a network plugin of the operator’s own is pointed at what OpenStack drops', () => {
    const own = napoli({}, { cluster: rke1({ version: '1.27.16', network: 'none' }) });
    expect(briefly(infrastructureWarnings(own, []))).toContain('UNKNOWN_POD_NETWORK at napoli/cluster/network');
  });

  test('whatever is exposed, no two rules are equal and each exposure is let in', () => {
    const site = napoli() as Parameters<typeof securityRules>[0];
    const exposure = fc
      .record({
        protocol: fc.constantFrom('tcp' as const, 'udp' as const),
        ports: fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 })),
        from: fc.uniqueArray(fc.constantFrom('0.0.0.0/0', '10.64.0.0/24', '198.51.100.0/24', '203.0.113.7/32'), {
          minLength: 1,
        }),
        purpose: fc.string({ minLength: 1, maxLength: 300 }),
      })
      .map(({ ports, ...rest }): Exposure => ({ ...rest, first: Math.min(...ports), last: Math.max(...ports) }));
    fc.assert(
      fc.property(fc.array(exposure, { maxLength: 8 }), (exposures) => {
        const placed = securityRules(site, exposures);
        const keys = placed.map(ruleKey);
        expect(new Set(keys).size).toBe(keys.length);
        for (const rule of placed) expect(rule.purpose.length).toBeLessThanOrEqual(255);
        for (const { protocol, first, last, from } of exposures) {
          for (const cidr of from)
            expect(placed).toContainEqual(expect.objectContaining({ group: 'nodes', protocol, first, last, from: cidr }));
        }
      }),
    );
  });
});
