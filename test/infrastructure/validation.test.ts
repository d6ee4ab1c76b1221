import fc from 'fast-check';
import { infrastructureProblems, infrastructureWarnings, terraformJson } from '../../lib/infrastructure';
import { ruleKey, securityRules } from '../../lib/infrastructure/security-rules';
import { type Exposure, nodePool, rke1, type Site } from '../../lib/site';
import { bari, codes, condor, image, master, napoli, small, worker } from '../fixtures/infrastructure';
import { briefly } from '../fixtures/site';

describe('validation', () => {
  const errors: [string, Site, Exposure[], string][] = [
    [
      'duplicate node names',
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
      'a flavor with two sizes',
      napoli({}, { pools: [master(), worker({ flavor: { ...small, vcpus: 9 } })] }),
      [],
      'CONFLICTING_FLAVOR napoli/pools/worker/flavor',
    ],
    [
      'an allocation pool outside of the network',
      napoli({ allocationPool: { first: '10.64.0.200', last: '10.64.1.10' } }),
      [],
      'INVALID_ALLOCATION_POOL napoli/cloud/allocationPool',
    ],
    [
      'an allocation pool in descending order',
      napoli({ allocationPool: { first: '10.64.0.220', last: '10.64.0.210' } }),
      [],
      'INVALID_ALLOCATION_POOL napoli/cloud/allocationPool',
    ],
    [
      'a bastion with the address of a node',
      bari({ bastion: { flavor: 'f', image, address: '10.65.0.10' } }),
      [],
      'CONFLICTING_ADDRESS bari/cloud/bastion/address',
    ],
    [
      'a bastion with an address in the allocation pool',
      bari({ bastion: { flavor: 'f', image, address: '10.65.0.200' } }),
      [],
      'CONFLICTING_ADDRESS bari/cloud/bastion/address',
    ],
    [
      'a bastion with an address outside of the network',
      bari({ bastion: { flavor: 'f', image, address: '10.66.0.200' } }),
      [],
      'INVALID_ADDRESS_RANGE bari/cloud/bastion/address',
    ],
    [
      'a load balancer with the address of a node',
      bari({}, { pools: [master(), worker({ firstAddress: '10.65.0.188' })] }),
      [],
      'CONFLICTING_ADDRESS bari/cloud/entry',
    ],
    [
      'a load balancer with the address of the bastion',
      bari({ bastion: { flavor: 'f', image, address: '10.65.0.190' } }),
      [],
      'CONFLICTING_ADDRESS bari/cloud/entry',
    ],
    [
      'a reserved floating IP without publicAddress',
      napoli({ floatingIp: 'reserved', publicAddress: undefined }),
      [],
      'MISSING_PUBLIC_ADDRESS napoli/cloud/publicAddress',
    ],
    ['an MTU below the minimum', napoli({ mtu: 150 }), [], 'INVALID_MTU napoli/cloud/mtu'],
    [
      'a state with an absolute path',
      napoli({ state: { kind: 'local', path: '/home/ops/state' } }),
      [],
      'INVALID_STATE_PATH napoli/cloud/state/path',
    ],
    ['ports in descending order', napoli(), [{ ...condor, last: 30000 }], 'INVALID_PORTS napoli/exposures/HTCondor collector'],
    ['too many ports behind a load balancer', bari(), [{ ...condor, first: 30600 }], 'INSECURE_EXPOSURE bari/exposures/HTCondor collector'],
    [
      'an exposure with a port that the load balancer already uses',
      bari(),
      [{ ...condor, first: 443, last: 443 }],
      'DUPLICATE_LISTENER bari/exposures/HTCondor collector',
    ],
  ];
  test.each(errors)('%s', (_, site, exposures, expected) => {
    expect(site.problems).toEqual([]);
    expect(codes(site, exposures)).toEqual([expected]);
    expect(() => terraformJson(site, exposures)).toThrow(expected.replace(' ', ' at '));
  });

  test('errors of the site are reported without infrastructure errors', () => {
    const broken = napoli({ admins: ['nonsense'] });
    expect(infrastructureProblems(broken, [])).toEqual([]);
    expect(() => terraformJson(broken, [])).toThrow(/INVALID_CIDR at napoli\/cloud\/admins/);
  });

  test('many ports are accepted without a load balancer', () => {
    expect(codes(napoli(), [{ ...condor, first: 30000, last: 32767 }])).toEqual([]);
  });

  test('more security group rules than the default quota are a warning', () => {
    const many = Array.from({ length: 100 }, (_, index): Exposure => ({ ...condor, first: 30000 + index, last: 30000 + index }));
    expect(infrastructureWarnings(napoli(), many)).toMatchObject([
      { code: 'EXCEEDS_DEFAULT_QUOTA', path: 'napoli/cloud', given: expect.stringMatching(/^1\d\d security group rules in \d groups/) },
    ]);
    expect(infrastructureWarnings(napoli(), [])).toEqual([]);
  });

  test('no admins, and admins with a wide range, are warnings', () => {
    const warningsFor = (...admins: string[]) => infrastructureWarnings(napoli({ admins }), []);
    expect(warningsFor('0.0.0.0/0', '192.0.2.0/24')).toEqual([
      expect.objectContaining({ code: 'INSECURE_ADMINS', given: expect.stringContaining('0.0.0.0/0 in cloud.admins') }),
    ]);
    expect(warningsFor()).toEqual([expect.objectContaining({ code: 'MISSING_ADMINS', path: 'napoli/cloud/admins' })]);
    expect(warningsFor('192.0.2.7/32', '10.0.0.0/8')).toEqual([]);
  });

  test("network 'none' is a warning", () => {
    const site = napoli({}, { cluster: rke1({ version: '1.27.16', network: 'none' }) });
    expect(briefly(infrastructureWarnings(site, []))).toContain('UNKNOWN_POD_NETWORK at napoli/cluster/network');
  });

  test('property: rules are unique and allow all exposures', () => {
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
