import fc from 'fast-check';
import { addressText, contains, overlaps, range, rke1, rke2, type Site } from '../../lib/site';
import { freeRange } from '../../lib/site/free-range';
import { briefly, existing, master, only, provisioned, worker } from '../fixtures/site';

const cidrs = fc
  .tuple(fc.constantFrom(10, 172, 192, 100), fc.nat(2 ** 24 - 1), fc.integer({ min: 2, max: 32 }))
  .map(([first, rest, length]) => {
    const size = 2 ** (32 - length);
    return `${addressText(Math.floor((first * 2 ** 24 + rest) / size) * size)}/${length}`;
  });

describe('a free range', () => {
  test('has the requested length, is private and does not overlap with ranges in use', () => {
    fc.assert(
      fc.property(fc.array(cidrs, { maxLength: 30 }), fc.integer({ min: 8, max: 30 }), (taken, length) => {
        const others = taken.map((cidr) => range(cidr));
        const free = freeRange(length, others, '10.42.0.0/16');
        if (free === undefined) return;
        expect(free.endsWith(`/${length}`)).toBe(true);
        expect(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].some((cidr) => contains(range(cidr), range(free)))).toBe(
          true,
        );
        expect(others.filter((other) => overlaps(other, range(free)))).toEqual([]);
      }),
    );
  });

  test('is found if one exists', () => {
    fc.assert(
      fc.property(fc.array(cidrs, { maxLength: 30 }), fc.integer({ min: 10, max: 14 }), (taken, length) => {
        const others = taken.map((cidr) => range(cidr));
        const size = 2 ** (32 - length);
        const all = ['10.0.0.0/8', '172.16.0.0/12', '100.64.0.0/10'].flatMap((cidr) => {
          const { first, last } = range(cidr);
          return Array.from(
            { length: Math.floor((last - first + 1) / size) },
            (_, index) => `${addressText(first + index * size)}/${length}`,
          );
        });
        const exists = all.some((cidr) => !others.some((other) => overlaps(other, range(cidr))));
        expect(freeRange(length, others) !== undefined).toBe(exists);
      }),
    );
  });

  test('is the preferred range if that is free', () => {
    expect(freeRange(16, [], '10.42.0.0/16')).toBe('10.42.0.0/16');
    expect(freeRange(16, [range('10.42.128.0/17'), range('10.43.0.0/16')], '10.42.0.0/16')).toBe('10.44.0.0/16');
    expect(freeRange(16, [range('10.0.0.0/8')], '10.42.0.0/16')).toBe('172.16.0.0/16');
    expect(freeRange(8, [range('10.255.0.0/16')])).toBeUndefined();
  });
});

describe('ranges of a site', () => {
  const site = (props: object, kubelet: Record<string, string> = {}, controller: Record<string, string> = {}): Site =>
    provisioned({
      cluster: rke2({ version: '1.31.9', arguments: { kubelet, 'kube-controller-manager': controller }, ...props }),
      pools: [master(), worker({ count: 3 })],
    });

  test('the fix for overlapping ranges works', () => {
    for (const name of ['podCidr', 'serviceCidr'] as const) {
      const { fix } = only(site({ [name]: '10.64.0.0/16' }).problems, 'CONFLICTING_CIDR');
      const free = /'(\S+)'/.exec(fix)?.[1];
      expect(free).toBe(name === 'podCidr' ? '10.42.0.0/16' : '10.43.0.0/16');
      expect(briefly(site({ [name]: free }).problems)).toEqual([]);
    }
  });

  test('the suggested range does not contain administrators, name servers or existing nodes', () => {
    const taken = provisioned(
      { cluster: rke1({ version: '1.27.16', podCidr: '10.64.0.0/16' }) },
      { admins: ['10.42.0.0/16', '10.44.0.0/14'], nameServers: ['10.48.0.53'] },
    );
    expect(only(taken.problems, 'CONFLICTING_CIDR').fix).toContain("podCidr: '10.49.0.0/16'");
  });

  test('for an existing cluster, the fix shows how to read its ranges', () => {
    const given = existing({}, { podCidr: '10.96.0.0/12', serviceCidr: '10.96.0.0/12' });
    expect(only(given.problems, 'CONFLICTING_CIDR').fix).toContain('kubectl cluster-info dump');
  });

  test('the pod range must have a part for each node', () => {
    const small = only(site({ podCidr: '10.42.0.0/23' }).problems, 'EXCEEDS_POD_CIDR');
    expect(small.given).toBe('4 nodes with podCidr 10.42.0.0/23');
    expect(small.allowed).toBe('at most 2 nodes: each node gets a /24 of the range');
    expect(small.fix).toContain("podCidr: '10.42.0.0/16'");
    expect(briefly(site({ podCidr: '10.42.0.0/22' }).problems)).toEqual([]);
    expect(briefly(site({ podCidr: '10.42.0.0/24' }, { 'max-pods': '60' }, { 'node-cidr-mask-size': '26' }).problems)).toEqual([]);
    expect(only(site({ podCidr: '10.42.0.0/23' }, {}, { 'node-cidr-mask-size': '24' }).problems, 'EXCEEDS_POD_CIDR').given).toContain(
      '4 nodes',
    );
  });

  test('the range of a node must have an address for each pod (max-pods), and the fix works', () => {
    const problem = only(site({}, { 'max-pods': '300' }).problems, 'EXCEEDS_NODE_CIDR');
    expect(problem.given).toBe('max-pods 300 with a /24 of pod addresses per node');
    expect(problem.allowed).toContain('at most 253 pods per node');
    expect(problem.fix).toContain("'node-cidr-mask-size': '23'");
    expect(problem.fix).not.toContain('podCidr');
    expect(briefly(site({}, { 'max-pods': '300' }, { 'node-cidr-mask-size': '23' }).problems)).toEqual([]);
    expect(briefly(site({}, { 'max-pods': '253' }).problems)).toEqual([]);
    expect(only(site({}, { 'max-pods': '254' }).problems, 'EXCEEDS_NODE_CIDR').path).toBe('napoli/cluster/podCidr');
    expect(only(site({}, {}, { 'node-cidr-mask-size-ipv4': '26' }).problems, 'EXCEEDS_NODE_CIDR').allowed).toContain('at most 61 pods');
  });

  test('the fix also suggests a larger pod range if necessary', () => {
    const given = (podCidr: string, mask: string) => site({ podCidr }, { 'max-pods': '300' }, { 'node-cidr-mask-size': mask });
    const { fix } = only(given('10.42.0.0/22', '24').problems, 'EXCEEDS_NODE_CIDR');
    expect(fix).toContain("'node-cidr-mask-size': '23' } } and podCidr: '10.42.0.0/16'");
    expect(briefly(given('10.42.0.0/16', '23').problems)).toEqual([]);
  });

  test('network plugins with their own address management are not checked', () => {
    const many = { kubelet: { 'max-pods': '300' } };
    expect(briefly(site({ network: 'calico' }, { 'max-pods': '300' }).problems)).toEqual([]);
    const weave = rke1({ version: '1.27.16', network: 'weave', arguments: many });
    expect(briefly(provisioned({ cluster: weave }).problems)).toEqual([]);
    const calico = rke1({ version: '1.27.16', network: 'calico', arguments: many });
    expect(briefly(provisioned({ cluster: calico }).problems)).toEqual(['EXCEEDS_NODE_CIDR at napoli/cluster/podCidr']);
  });

  test.each(['15', '33', 'large', '24.5'])('INVALID_NODE_CIDR_MASK: node-cidr-mask-size %s', (mask) => {
    expect(briefly(site({}, {}, { 'node-cidr-mask-size': mask }).problems)).toEqual(['INVALID_NODE_CIDR_MASK at napoli/cluster/podCidr']);
  });

  test('the node mask is at most 16 bits longer than that of the pod range', () => {
    expect(only(site({ podCidr: '11.0.0.0/8' }, {}, { 'node-cidr-mask-size': '25' }).problems, 'INVALID_NODE_CIDR_MASK').allowed).toContain(
      'from 8 (podCidr) to 24',
    );
  });

  test('the fix for a node address inside the pod range is a free range', () => {
    const given = provisioned({
      cloud: undefined,
      pools: [master({ addresses: ['10.42.3.4'] }), worker({ count: 1, addresses: ['10.9.0.2'] })],
    });
    const problem = only(given.problems, 'RESERVED_ADDRESS');
    expect(problem.given).toBe('node address 10.42.3.4 inside podCidr 10.42.0.0/16');
    expect(problem.fix).toContain("podCidr: '10.44.0.0/16'");
  });
});

test('API servers may have different ports', () => {
  const { cluster } = existing({}, { apiServers: ['10.0.0.10:6443', '10.0.0.11:7443', '10.0.0.12'] });
  expect(cluster).toMatchObject({
    apiServers: ['10.0.0.10/32', '10.0.0.11/32', '10.0.0.12/32'],
    apiPorts: [6443, 7443, 6443],
    apiPort: 6443,
  });
  const wrong = existing({}, { apiServers: ['10.0.0.10:6443', '10.0.0.11:70000'] });
  expect(only(wrong.problems, 'INVALID_API_SERVER').given).toBe("'10.0.0.11:70000'");
});
