import fc from 'fast-check';
import { defineSite, type NodePoolProps, nodePool, rke2, type Site } from '../../lib/site';
import { cloud } from '../fixtures/site';

const image = 'AlmaLinux-9.2';
const flavor = { name: 'm1', vcpus: 4, memory: '8GiB' } as const;
const pool = (name: string, props: Partial<NodePoolProps>) => nodePool(name, { flavor, image, ...props });
const masters = pool('master', { roles: ['controlplane', 'etcd'], keys: ['1'] });
const site = (...pools: readonly ReturnType<typeof pool>[]) =>
  defineSite('napoli', { cluster: rke2({ version: '1.31.4' }), cloud: cloud({ cidr: '10.64.0.0/22' }), pools: [masters, ...pools] });
const addresses = ({ nodes }: Site) => Object.fromEntries(nodes.map(({ name, address }) => [name, address]));

describe('node addresses', () => {
  test('do not change when another key is removed', () => {
    const before = addresses(site(pool('worker', { keys: ['2', '3', '4', '5', '6', '7'] })));
    const after = addresses(site(pool('worker', { keys: ['2', '3', '4', '6', '7'] })));

    expect(before['napoli-worker-2']).toBe('10.64.0.105');
    expect(before['napoli-worker-6']).toBe('10.64.0.109');
    const { 'napoli-worker-5': removed, ...rest } = before;
    expect(removed).toBe('10.64.0.108');
    expect(after).toEqual(rest);
  });

  test('depend only on the key, and are unique', () => {
    const keys = fc.uniqueArray(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(keys, keys, (first, second) => {
        const [before, after] = [first, second].map((each) => site(pool('worker', { keys: each.map(String) })));
        if (!before || !after) throw new Error('no site');
        const common = Object.keys(addresses(before)).filter((name) => name in addresses(after));
        expect(before.problems).toEqual([]);
        expect(common.map((name) => addresses(after)[name])).toEqual(common.map((name) => addresses(before)[name]));
        expect(new Set(Object.values(addresses(after))).size).toBe(after.nodes.length);
      }),
      { numRuns: 50 },
    );
  });

  test('are counted for letters as for numbers', () => {
    const given = addresses(site(pool('worker', { firstAddress: '10.64.1.10', keys: ['a', 'c'] })));

    expect(given).toMatchObject({ 'napoli-worker-a': '10.64.1.10', 'napoli-worker-c': '10.64.1.12' });
  });

  test('must be given for other keys, and the error suggests a free address', () => {
    const keys = ['1', 'gpu01', 'gpu02'];
    const [first, second] = site(pool('worker', { keys, firstAddress: '10.64.1.10' })).problems;
    expect(first?.fix).toBe("write addresses: { gpu01: '10.64.1.11' }");
    expect(second?.fix).toBe("write addresses: { gpu02: '10.64.1.12' }");

    const given = site(pool('worker', { keys, firstAddress: '10.64.1.10', addresses: { gpu01: '10.64.1.11', gpu02: '10.64.1.12' } }));
    expect(given.problems).toEqual([]);
    expect(addresses(given)).toMatchObject({ 'napoli-worker-1': '10.64.1.10', 'napoli-worker-gpu02': '10.64.1.12' });
  });

  test('a renamed pool keeps the node names', () => {
    expect(addresses(site(pool('compute', { keys: ['2'], renamedFrom: 'worker' })))).toMatchObject({ 'napoli-worker-2': '10.64.0.105' });
  });
});

test('a pool may have zero nodes', () => {
  const { nodes, problems } = site(pool('gpu', { count: 0 }), pool('worker', {}));

  expect(problems).toEqual([]);
  expect(nodes.map(({ name }) => name)).toEqual(['napoli-master-1', 'napoli-worker-1']);
});
