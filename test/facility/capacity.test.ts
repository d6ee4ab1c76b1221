import { App, Chart } from 'cdk8s';
import fc from 'fast-check';
import { Problems } from '../../lib/errors';
import type { Facility } from '../../lib/facility';
import { checkCapacity } from '../../lib/facility/checks/capacity';
import { nodesFor } from '../../lib/facility/pods';
import type { Built, BuiltObject } from '../../lib/kubernetes';
import { ledgerOf, SpawnedPods } from '../../lib/kubernetes';
import { type NodePool, nodePool, type Site } from '../../lib/site';
import { asking, Bench, deployment, facilityOf, problemsIn, raw, runtimeSpec } from '../fixtures/facility';
import { briefly, existing, nodes } from '../fixtures/site';

describe('capacity for pods', () => {
  const pod = (name: string, cpu: number, memory: number, replicas: number, pool?: string): BuiltObject =>
    ({
      ...deployment(name, { ...asking(`${cpu}m`, `${memory}Mi`), ...(pool ? { nodeSelector: { pool } } : {}) }, replicas),
      metadata: { name, namespace: 'a' },
    }) as BuiltObject;

  function judge(site: Site, objects: readonly BuiltObject[]): { readonly codes: readonly string[]; readonly warnings: readonly string[] } {
    const problems = new Problems();
    const built: Built = {
      site,
      objects: objects.map((object) => ({ chart: 'a', path: object.metadata.name, object })),
      ledger: ledgerOf(new Chart(new App(), 'a')),
    };
    checkCapacity(built, problems);
    return { codes: problems.all.map(({ code }) => code), warnings: problems.warnings.map(({ code, given }) => `${code}: ${given}`) };
  }

  const pools = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 3 }), vcpus: fc.integer({ min: 1, max: 16 }), memory: fc.integer({ min: 2, max: 32 }) }),
    { minLength: 1, maxLength: 3 },
  );
  const siteOf = (sizes: readonly { readonly count: number; readonly vcpus: number; readonly memory: number }[]) =>
    existing({
      pools: sizes.map(
        ({ count, vcpus, memory }, index): NodePool =>
          nodePool(`p${index}`, {
            count,
            flavor: { vcpus, memory: `${memory}GiB` },
            labels: { pool: `p${index}` },
            reserved: { cpu: '100m', memory: '1GiB' },
          }),
      ),
    });

  test('pods that were scheduled one by one are never rejected', () => {
    const shares = fc.array(
      fc.record({ cpu: fc.integer({ min: 1, max: 4000 }), memory: fc.integer({ min: 1, max: 8192 }), bound: fc.boolean() }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(pools, shares, (sizes, wanted) => {
        const site = siteOf(sizes);
        const rooms = site.nodes.map(({ allocatable, pool }) => ({
          pool: pool.name,
          cpu: Math.round(allocatable.cpu * 1000),
          memory: Math.floor(allocatable.memory / 2 ** 20),
        }));
        const objects = wanted.flatMap(({ cpu, memory, bound }, index) => {
          const room = rooms.find((each) => cpu <= each.cpu && memory <= each.memory);
          if (!room) return [];
          room.cpu -= cpu;
          room.memory -= memory;
          return [pod(`d${index}`, cpu, memory, 1, bound ? room.pool : undefined)];
        });
        expect(judge(site, objects).codes).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('the last millicore and the last mebibyte can be requested, but no more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 900 }), (count, millis) => {
        const site = existing({
          pools: [
            nodePool('p', {
              flavor: { vcpus: 40, memory: '64GiB' },
              reserved: { cpu: `${40_000 - count * millis}m`, memory: '1GiB' },
              labels: { a: 'b' },
            }),
          ],
        });
        expect(judge(site, [pod('fits', millis, 1, count)]).codes).toEqual([]);
        expect(judge(site, [pod('not', millis, 1, count + 1)]).codes).toEqual([count === 0 ? 'EXCEEDS_NODE' : 'EXCEEDS_CAPACITY']);
      }),
    );
  });

  test('requests beyond a single node, or beyond all nodes together, are rejected', () => {
    fc.assert(
      fc.property(
        pools,
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 1, max: 40_000 }),
        fc.integer({ min: 1, max: 30 }),
        (sizes, cpu, memory, replicas) => {
          const site = siteOf(sizes);
          const holds = site.nodes.map(({ allocatable }) =>
            Math.min(Math.floor(Math.round(allocatable.cpu * 1000) / cpu), Math.floor(allocatable.memory / 2 ** 20 / memory)),
          );
          const most = holds.reduce((sum, each) => sum + each, 0);
          const { codes, warnings } = judge(site, [pod('d', cpu, memory, replicas)]);
          if (most === 0) expect(codes).toEqual(['EXCEEDS_NODE']);
          else if (replicas <= most) expect(codes).toEqual([]);
          // Beyond the capacity: an error if the sum of requests exceeds it, otherwise a warning.
          else expect(codes.length + warnings.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('pods that fit only by the sum of requests are a warning: another order of scheduling may fit', () => {
    const site = existing({
      pools: [nodePool('p', { count: 2, flavor: { vcpus: 4, memory: '16GiB' }, labels: { a: 'b' }, reserved: { cpu: 1, memory: '1GiB' } })],
    });
    expect(judge(site, [pod('a', 2000, 1024, 1), pod('b', 2000, 1024, 1), pod('c', 2000, 1024, 1)])).toEqual({
      codes: [],
      warnings: [
        'EXCEEDS_SCHEDULABLE_CAPACITY: c: some of its pods may stay pending when all others run; 6 cores and 3 GiB of 6 cores and 28.3 GiB are requested',
      ],
    });
    // Identical pods: there is no other order.
    expect(judge(site, [pod('odd', 2000, 1024, 3)]).codes).toEqual(['EXCEEDS_CAPACITY']);
  });

  test('the loss of a node is a warning with the pods that would stay pending', () => {
    const site = existing({ pools: [nodePool('p', { count: 2, flavor: { vcpus: 4, memory: '16GiB' }, labels: { a: 'b' } })] });
    expect(judge(site, [pod('roomy', 1000, 1024, 3)]).warnings).toEqual([]);
    expect(judge(site, [pod('tight', 1000, 1024, 4)]).warnings).toEqual([
      "MISSING_SPARE_CAPACITY: pool 'p' without spare capacity: if one of its nodes fails, tight cannot be scheduled",
    ]);
  });

  test('DaemonSets are scheduled first', () => {
    const site = existing({ pools: [nodePool('p', { count: 2, flavor: { vcpus: 4, memory: '16GiB' }, labels: { a: 'b' } })] });
    const daemon = { ...pod('daemon', 1000, 1024, 1), kind: 'DaemonSet' };
    expect(judge(site, [pod('big', 3000, 1024, 2)]).codes).toEqual([]);
    expect(judge(site, [pod('big', 3000, 1024, 2), daemon]).codes).toEqual(['EXCEEDS_NODE']);
  });

  describe('of the disks of the nodes', () => {
    const writing = (disk: string, replicas: number) => ({
      ...pod('a', 100, 100, replicas),
      spec: deployment(
        'a',
        { containers: [{ name: 'main', image: 'x', resources: { requests: { 'ephemeral-storage': disk } } }] },
        replicas,
      ).spec,
    });
    const on = (more: Partial<NodePool>, disk?: '100GiB') =>
      existing({ pools: [nodePool('p', { count: 2, flavor: { vcpus: 4, memory: '16GiB', disk }, labels: { a: 'b' }, ...more })] });

    test.each<[string, Site, string, number, string[]]>([
      ['nine tenths of what the file system holds can be asked for', on({}, '100GiB'), '87Gi', 1, []],
      ['no more', on({}, '100GiB'), '88Gi', 1, ['EXCEEDS_NODE']],
      ['that of the volume that a machine starts from', on({ bootVolume: { size: '40GiB' } }, '100GiB'), '50Gi', 1, ['EXCEEDS_NODE']],
      ['all together', on({}, '100GiB'), '45Gi', 5, ['EXCEEDS_CAPACITY']],
      ['as many as fit', on({}, '100GiB'), '43Gi', 4, []],
      ['where nobody says how large they are', on({}), '9Ti', 30, []],
    ])('%s', (_, site, disk, replicas, codes) => {
      expect(judge(site, [writing(disk, replicas) as BuiltObject]).codes).toEqual(codes);
    });

    test('is listed only if disk space is short', () => {
      const problemsOf = (site: Site, object: object) => problemsIn((facility) => raw(facility, 'raw', object), site)[0];
      expect(problemsOf(on({}, '100GiB'), writing('91Gi', 1))).toMatchObject({
        given:
          'a requests 0 cores, 0 B and 91 GiB of disk: 0/2 nodes are available: 2 Insufficient ephemeral-storage (cosenza-p-1, cosenza-p-2)',
        allowed: 'at most the free resources of the closest matching node: 3.5 cores, 14.1 GiB and 87.2 GiB of disk on cosenza-p-1',
        fix: 'lower its requests to ephemeral-storage: 89337Mi (free on cosenza-p-1), or add larger nodes',
      });
      expect(problemsOf(on({}, '100GiB'), writing('45Gi', 5))?.given).toBe(
        '5 pods of a, of which 2 can be scheduled: 0/2 nodes are available: 2 Insufficient ephemeral-storage (cosenza-p-1, cosenza-p-2)',
      );
      expect(problemsOf(on({}, '100GiB'), deployment('a', asking('9', '1Gi')))?.given).toBe(
        'a requests 9 cores and 1 GiB: 0/2 nodes are available: 2 Insufficient cpu (cosenza-p-1, cosenza-p-2)',
      );
    });
  });

  test('runtime pods are checked one by one, on all nodes where they may run', () => {
    const facility = facilityOf((each) => {
      new Bench(each, 'bench', (chart) => {
        const { labels } = new SpawnedPods(chart, 'user');
        const pods = { namespace: 'bench', labels, path: 'cosenza/bench/sizes/x' };
        ledgerOf(chart).runtimePods.push(
          { ...pods, what: 'fits', spec: runtimeSpec(chart.site, [nodes], { cpu: 15, memory: '60Gi' }) },
          { ...pods, what: 'huge', spec: runtimeSpec(chart.site, [nodes], { cpu: 1, memory: '100Gi' }) },
        );
      });
    });
    expect(briefly(facility.problems())).toEqual(['EXCEEDS_NODE at cosenza/bench/sizes/x']);
  });

  test('a limit on runtime pods beyond the capacity for the smallest size is a warning', () => {
    const other = nodePool('other', { count: 1, flavor: { vcpus: 8, memory: '32GiB' }, labels: { a: 'b' } });
    const warned = (
      ...kinds: readonly { readonly cpu: number; readonly most?: number; readonly on?: NodePool; readonly oversubscribed?: boolean }[]
    ) => {
      const build = (each: Facility) =>
        void new Bench(each, 'bench', (chart) => {
          const { labels } = new SpawnedPods(chart, 'user');
          for (const { on = nodes, cpu, ...kind } of kinds)
            ledgerOf(chart).runtimePods.push({
              what: 'x',
              namespace: 'bench',
              labels,
              spec: runtimeSpec(chart.site, [on], { cpu, memory: '1Gi' }),
              path: 'cosenza/bench/x',
              ...kind,
            });
        });
      return facilityOf(build, existing({ pools: [nodes, other] }))
        .output()
        .warnings.filter(({ code }) => code === 'EXCEEDS_RUNTIME_CAPACITY');
    };
    // Three nodes of 15.5 cores, and one of 7.5.
    expect(warned({ cpu: 5, most: 9 })).toEqual([]);
    expect(warned({ cpu: 5, most: 10 })).toEqual([
      expect.objectContaining({
        path: 'cosenza/bench',
        given: expect.stringContaining('a limit of 10 pods that users can start, on nodes with capacity for 9 of the smallest size'),
      }),
    ]);
    expect(warned({ cpu: 5, most: 10 }, { cpu: 1, most: 10 })).toEqual([]);
    expect(warned({ cpu: 5, most: 10 }, { cpu: 5, most: 10, on: other })).toEqual([]);
    expect(warned({ cpu: 5, most: 11 }, { cpu: 5, most: 11, on: other })).toHaveLength(1);
    expect(warned({ cpu: 5, most: 10, oversubscribed: true }, { cpu: 5 })).toEqual([]);
  });

  test('the largest init container counts if it requests more than all containers together', () => {
    const { initContainers } = { initContainers: [{ name: 'i', image: 'x', resources: { requests: { cpu: '17', memory: '1Gi' } } }] };
    expect(briefly(problemsIn((facility) => raw(facility, 'raw', deployment('a', { ...asking('1', '1Gi'), initContainers }))))).toEqual([
      'EXCEEDS_NODE at cosenza/raw/Deployment/a',
    ]);
  });

  test('nodes are filtered by node selector, affinity and taints, like in the scheduler', () => {
    const tainted = nodePool('gpu', {
      flavor: { vcpus: 8, memory: '32GiB' },
      labels: { gpu: 'a100' },
      taints: [
        { key: 'gpu', value: 'yes', effect: 'NoSchedule' },
        { key: 'soft', effect: 'PreferNoSchedule' },
      ],
    });
    const site = existing({ pools: [nodes, tainted] });
    const found = (spec: object) => [...new Set(nodesFor(site, { containers: [], ...spec }).map(({ pool }) => pool.name))];
    const affinity = (...matchExpressions: object[]) => ({
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } },
    });
    const tolerations = [{ key: 'gpu', operator: 'Exists' }];
    expect(found({})).toEqual(['analysis']);
    expect(found({ tolerations })).toEqual(['analysis', 'gpu']);
    expect(found({ tolerations: [{ operator: 'Exists' }], nodeSelector: { gpu: 'a100' } })).toEqual(['gpu']);
    expect(found({ tolerations: [{ key: 'gpu', value: 'no' }], nodeSelector: { gpu: 'a100' } })).toEqual([]);
    expect(found({ tolerations: [{ key: 'gpu', value: 'yes', effect: 'NoExecute' }], nodeSelector: { gpu: 'a100' } })).toEqual([]);
    expect(found({ tolerations, ...affinity({ key: 'gpu', operator: 'Exists' }) })).toEqual(['gpu']);
    expect(found({ tolerations, ...affinity({ key: 'gpu', operator: 'DoesNotExist' }) })).toEqual(['analysis']);
    expect(found({ tolerations, ...affinity({ key: 'gpu', operator: 'NotIn', values: ['a100'] }) })).toEqual(['analysis']);
    expect(found({ nodeSelector: { 'kubernetes.io/hostname': 'cosenza-analysis-2' } })).toEqual(['analysis']);
    expect(nodesFor(site, { containers: [], nodeSelector: { 'kubernetes.io/hostname': 'cosenza-analysis-2' } })).toHaveLength(1);
  });
});
