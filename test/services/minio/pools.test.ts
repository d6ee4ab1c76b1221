import { App, Testing } from 'cdk8s';
import fc from 'fast-check';
import { ledgerOf } from '../../../lib/kubernetes';
import {
  type ErasureCode,
  erasureCode,
  faultTolerance,
  furtherErasureCode,
  MinIO,
  type MinIOProps,
  type PoolShape,
} from '../../../lib/services/minio';
import { nodePool, storageClass } from '../../../lib/site';
import { mayConnect, podsOf } from '../../fixtures/network';
import { briefly, existing, type Manifest, nodes, only, problemsOf, refused } from '../../fixtures/site';

const others = nodePool('others', { count: 4, flavor: { vcpus: 16, memory: '64GiB' }, labels: { pool: 'others' } });
const site = existing({ pools: [nodes, others], storage: { default: storageClass('local-path'), classes: [storageClass('fast')] } });
const store = (props: Partial<MinIOProps> = {}) => new MinIO(new App(), 'minio', { site, on: nodes, ...props });
const rendered = (chart: MinIO) => Testing.synth(chart) as Manifest[];
const sets = (chart: MinIO) => rendered(chart).filter(({ kind }) => kind === 'StatefulSet');
const problems = (chart: MinIO) => ledgerOf(chart).problems.all;
const argumentsOf = (set: Manifest | undefined) =>
  set?.spec.template.spec.containers[0].args.filter((one: string) => /^http|^\//.test(one));

/**
 * Host numbers of the drives of each erasure set of a pool, as the server assigns them: in the list of drives the host changes fastest, and
 * the list is cut into sets of equal size. The tests count failures in this list instead of computing them.
 */
function layout({ servers, drivesPerServer }: PoolShape, setSize: number): readonly (readonly number[])[] {
  const hosts = Array.from({ length: drivesPerServer }, () => Array.from({ length: servers }, (_, host) => host)).flat();
  return Array.from({ length: hosts.length / setSize }, (_, set) => hosts.slice(set * setSize, (set + 1) * setSize));
}

/** Number of remaining drives in the most affected set, for the worst combination of failed servers. */
function remainingDrives(sets: readonly (readonly number[])[], servers: number, lost: number): number {
  const remaining = (set: readonly number[]) => {
    const each = Array.from({ length: servers }, (_, host) => set.filter((one) => one === host).length).sort((a, b) => b - a);
    return set.length - each.slice(0, lost).reduce((sum, one) => sum + one, 0);
  };
  return Math.min(...sets.map(remaining));
}

describe('several pools', () => {
  const shape = fc.record({ servers: fc.integer({ min: 1, max: 16 }), drivesPerServer: fc.integer({ min: 1, max: 8 }) });
  const pools = fc.tuple(fc.array(shape, { minLength: 1, maxLength: 4 }), fc.option(fc.nat(8), { nil: undefined }));
  const codesOf = ([first, ...more]: readonly PoolShape[], parity?: number): ErasureCode[] => {
    if (!first) return [];
    const code = erasureCode(first.servers, first.drivesPerServer, parity);
    return [code, ...more.map((one) => furtherErasureCode(one, code))];
  };

  test('tolerate the stated number of failed servers in any combination, and not one more', () => {
    let checked = 0;
    fc.assert(
      fc.property(pools, ([shapes, parity]) => {
        fc.pre(problemsOf(() => codesOf(shapes, parity)).length === 0);
        checked++;
        const codes = codesOf(shapes, parity);
        const tolerance = faultTolerance(codes);
        const worst = (lost: number, quorum: 'readQuorum' | 'writeQuorum') =>
          Math.min(
            ...shapes.map(
              (one, pool) => remainingDrives(layout(one, codes[pool]?.setSize ?? 0), one.servers, lost) - (codes[pool]?.[quorum] ?? 0),
            ),
          );
        expect(worst(tolerance.serversWriting, 'writeQuorum')).toBeGreaterThanOrEqual(0);
        expect(worst(tolerance.serversWriting + 1, 'writeQuorum')).toBeLessThan(0);
        expect(worst(tolerance.serversReading, 'readQuorum')).toBeGreaterThanOrEqual(0);
        expect(worst(tolerance.serversReading + 1, 'readQuorum')).toBeLessThan(0);
        const drives = codes.map(({ setSize, readQuorum, writeQuorum }) => [setSize - writeQuorum, setSize - readQuorum] as const);
        expect([tolerance.drivesWriting, tolerance.drivesReading]).toEqual([
          Math.min(...drives.map(([w]) => w)),
          Math.min(...drives.map(([, r]) => r)),
        ]);
      }),
      { numRuns: 500 },
    );
    expect(checked).toBeGreaterThan(100);
  });

  test('locks have quorum whenever data has: more than half of the servers of a set remain for writes', () => {
    fc.assert(
      fc.property(shape, fc.option(fc.nat(8), { nil: undefined }), (one, parity) => {
        fc.pre(problemsOf(() => codesOf([one], parity)).length === 0);
        const [code] = codesOf([one], parity);
        const hosts = Math.min(code?.setSize ?? 0, one.servers);
        // internal/dsync/drwmutex.go: a read lock needs half of the servers, a write lock one more.
        expect(hosts - (code?.serversLostWriting ?? 0)).toBeGreaterThan(hosts / 2 - 0.5 * (hosts % 2));
        expect(hosts - (code?.serversLostReading ?? 0)).toBeGreaterThanOrEqual(hosts / 2 - 0.5 * (hosts % 2));
      }),
    );
  });

  test('have the parity of the first pool', () => {
    const first = erasureCode(4, 2);
    expect(first.parity).toBe(4);
    expect(furtherErasureCode({ servers: 16, drivesPerServer: 1 }, first)).toMatchObject({ setSize: 16, parity: 4 });
    expect(furtherErasureCode({ servers: 4, drivesPerServer: 3 }, erasureCode(4, 1))).toMatchObject({
      setSize: 12,
      parity: 2,
      readQuorum: 10,
    });
    const { allowed, fix } = refused('CONFLICTING_MINIO_PARITY', () => furtherErasureCode({ servers: 4, drivesPerServer: 1 }, first));
    expect([allowed, fix]).toEqual([expect.stringContaining('at least 8 drives'), expect.stringContaining('parity: 2')]);
  });

  test('have at least two drives each', () => {
    refused('UNSUPPORTED_MINIO_POOL', () => furtherErasureCode({ servers: 1, drivesPerServer: 1 }, erasureCode(4, 1)));
    refused('UNSUPPORTED_MINIO_POOL', () => furtherErasureCode({ servers: 4, drivesPerServer: 1 }, erasureCode(1, 1)));
    expect(furtherErasureCode({ servers: 1, drivesPerServer: 4 }, erasureCode(4, 1))).toMatchObject({ setSize: 4, serversLostReading: 0 });
  });
});

describe('an expanded store', () => {
  const before = store({ servers: 4, driveSize: '100GiB' });
  const chart = store({
    servers: 4,
    driveSize: '100GiB',
    pools: [{}, { drivesPerServer: 2, driveSize: '1TiB', storageClass: storageClass('fast'), on: others }],
  });
  const [first, second, ...more] = sets(chart);

  test('has one StatefulSet per pool; the first is unchanged', () => {
    expect(more).toEqual([]);
    expect([first?.metadata.name, second?.metadata.name]).toEqual(['minio', 'minio-pool-2']);
    const [old] = sets(before);
    const fixed = ({ serviceName, selector, podManagementPolicy, volumeClaimTemplates, replicas }: any) => ({
      serviceName,
      selector,
      podManagementPolicy,
      volumeClaimTemplates,
      replicas,
    });
    expect(fixed(first?.spec)).toEqual(fixed(old?.spec));
    expect(second?.spec).toMatchObject({ replicas: 4, serviceName: 'minio-pool-2' });
    expect(second?.spec.volumeClaimTemplates.map(({ spec }: Manifest) => [spec.storageClassName, spec.resources.requests.storage])).toEqual(
      [
        ['fast', '1Ti'],
        ['fast', '1Ti'],
      ],
    );
    expect(second?.spec.template.spec.nodeSelector).toEqual({ pool: 'others' });
  });

  test('all servers get the arguments of all pools, in the same order', () => {
    const all = [
      'http://minio-{0...3}.minio.minio.svc.cluster.local:9000/export-0',
      'http://minio-pool-2-{0...3}.minio-pool-2.minio.svc.cluster.local:9000/export-{0...1}',
    ];
    expect(argumentsOf(first)).toEqual(all);
    expect(argumentsOf(second)).toEqual(all);
    expect(argumentsOf(sets(before)[0])).toEqual(all.slice(0, 1));
  });

  test('clients use one Service for the servers of all pools', () => {
    const objects = rendered(chart);
    const service = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'minio-s3');
    for (const set of [first, second]) expect(set?.spec.template.metadata.labels).toMatchObject(service?.spec.selector);
    const pods = podsOf(objects);
    const open = pods.flatMap((from) => pods.filter((to) => mayConnect(objects, from, to, 9000)).map((to) => `${from.name} ${to.name}`));
    const servers = ['minio', 'minio-pool-2'];
    expect(new Set(open)).toEqual(new Set([...servers, 'minio-setup'].flatMap((from) => servers.map((to) => `${from} ${to}`))));
    expect(chart.endpoint.url).toBe(before.endpoint.url);
  });

  test('has immutable-layout annotations, and a summary with fault tolerance', () => {
    expect([first, second].map((set) => set?.metadata.annotations?.['analysis-facility.io/immutable-layout'])).toEqual([
      '4 servers with 1 drive each',
      '4 servers with 2 drives each',
    ]);
    expect(ledgerOf(chart).summaryNotes.map(({ text }) => text)).toEqual([
      'tolerates the failure of 1 server of each of 2 pools (reads: 1), or of 1 drive of each set (reads: 2); usable 6.2 TiB of 8.4 TiB',
    ]);
    expect(briefly(problems(chart))).toEqual([]);
  });
});

test('a single server in several pools has a host name in its argument; a store with a single server has only paths', () => {
  const pools = [{}, { servers: 1, drivesPerServer: 4 }];
  expect(argumentsOf(sets(store({ pools }))[1])?.[1]).toBe(
    'http://minio-pool-2-{0...0}.minio-pool-2.minio.svc.cluster.local:9000/export-{0...3}',
  );
  const [alone] = sets(store({ servers: 1, drivesPerServer: 4 }));
  expect(argumentsOf(alone)).toEqual(['/export-{0...3}']);
  expect(alone?.metadata.annotations).toMatchObject({ 'analysis-facility.io/immutable-layout': '1 server with 4 drives each, alone' });
});

describe('findings have the path of the pool', () => {
  test.each<[string, string, Partial<MinIOProps>]>([
    ['INVALID_MINIO_DRIVES', 'cosenza/minio/pools/1', { pools: [{}, { servers: 17 }] }],
    ['INVALID_MINIO_PARITY', 'cosenza/minio/pools/0', { parity: 3, pools: [{ servers: 4 }] }],
    ['UNSUPPORTED_MINIO_POOL', 'cosenza/minio/pools/1', { pools: [{}, { servers: 1 }] }],
    ['CONFLICTING_MINIO_PARITY', 'cosenza/minio/pools/1', { pools: [{ drivesPerServer: 2 }, {}] }],
    ['MISSING_MINIO_POOL', 'cosenza/minio/pools', { pools: [] }],
  ])('%s at %s', (code, path, props) => {
    const chart = store(props);
    expect(briefly(problems(chart))).toEqual([`${code} at ${path}`]);
    only(problems(chart), code);
  });
});
