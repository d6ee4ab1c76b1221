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
 * The erasure sets of a pool, drive by drive, as the server lays them: the host changes fastest in the list of drives, and the
 * list is cut into equal parts. What is lost is counted, not computed.
 */
function layout({ servers, drivesPerServer }: PoolShape, setSize: number): readonly (readonly number[])[] {
  const hosts = Array.from({ length: drivesPerServer }, () => Array.from({ length: servers }, (_, host) => host)).flat();
  return Array.from({ length: hosts.length / setSize }, (_, set) => hosts.slice(set * setSize, (set + 1) * setSize));
}

/** Drives that are left of the worst hit set when so many servers are gone, whichever they are. */
function left(sets: readonly (readonly number[])[], servers: number, lost: number): number {
  const rest = (set: readonly number[]) => {
    const each = Array.from({ length: servers }, (_, host) => set.filter((one) => one === host).length).sort((a, b) => b - a);
    return set.length - each.slice(0, lost).reduce((sum, one) => sum + one, 0);
  };
  return Math.min(...sets.map(rest));
}

describe('several pools', () => {
  const shape = fc.record({ servers: fc.integer({ min: 1, max: 16 }), drivesPerServer: fc.integer({ min: 1, max: 8 }) });
  const pools = fc.tuple(fc.array(shape, { minLength: 1, maxLength: 4 }), fc.option(fc.nat(8), { nil: undefined }));
  const codesOf = ([first, ...more]: readonly PoolShape[], parity?: number): ErasureCode[] => {
    if (!first) return [];
    const code = erasureCode(first.servers, first.drivesPerServer, parity);
    return [code, ...more.map((one) => furtherErasureCode(one, code))];
  };

  test('bear what is promised, wherever it strikes; one more and one of them stops', () => {
    let judged = 0;
    fc.assert(
      fc.property(pools, ([shapes, parity]) => {
        fc.pre(problemsOf(() => codesOf(shapes, parity)).length === 0);
        judged++;
        const codes = codesOf(shapes, parity);
        const promised = faultTolerance(codes);
        const worst = (lost: number, quorum: 'readQuorum' | 'writeQuorum') =>
          Math.min(
            ...shapes.map((one, pool) => left(layout(one, codes[pool]?.setSize ?? 0), one.servers, lost) - (codes[pool]?.[quorum] ?? 0)),
          );
        expect(worst(promised.serversWriting, 'writeQuorum')).toBeGreaterThanOrEqual(0);
        expect(worst(promised.serversWriting + 1, 'writeQuorum')).toBeLessThan(0);
        expect(worst(promised.serversReading, 'readQuorum')).toBeGreaterThanOrEqual(0);
        expect(worst(promised.serversReading + 1, 'readQuorum')).toBeLessThan(0);
        const drives = codes.map(({ setSize, readQuorum, writeQuorum }) => [setSize - writeQuorum, setSize - readQuorum] as const);
        expect([promised.drivesWriting, promised.drivesReading]).toEqual([
          Math.min(...drives.map(([w]) => w)),
          Math.min(...drives.map(([, r]) => r)),
        ]);
      }),
      { numRuns: 500 },
    );
    expect(judged).toBeGreaterThan(100);
  });

  test('keep locks as long as they keep data: more than half of the servers of a set are left to a writer', () => {
    fc.assert(
      fc.property(shape, fc.option(fc.nat(8), { nil: undefined }), (one, parity) => {
        fc.pre(problemsOf(() => codesOf([one], parity)).length === 0);
        const [code] = codesOf([one], parity);
        const hosts = Math.min(code?.setSize ?? 0, one.servers);
        // internal/dsync/drwmutex.go: a lock needs half of the servers, and one more if it is for writing.
        expect(hosts - (code?.serversLostWriting ?? 0)).toBeGreaterThan(hosts / 2 - 0.5 * (hosts % 2));
        expect(hosts - (code?.serversLostReading ?? 0)).toBeGreaterThanOrEqual(hosts / 2 - 0.5 * (hosts % 2));
      }),
    );
  });

  test('all have the parity of the first', () => {
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

  test('are of several drives each', () => {
    refused('UNSUPPORTED_MINIO_POOL', () => furtherErasureCode({ servers: 1, drivesPerServer: 1 }, erasureCode(4, 1)));
    refused('UNSUPPORTED_MINIO_POOL', () => furtherErasureCode({ servers: 4, drivesPerServer: 1 }, erasureCode(1, 1)));
    expect(furtherErasureCode({ servers: 1, drivesPerServer: 4 }, erasureCode(4, 1))).toMatchObject({ setSize: 4, serversLostReading: 0 });
  });
});

describe('a store that has grown', () => {
  const before = store({ servers: 4, driveSize: '100GiB' });
  const chart = store({
    servers: 4,
    driveSize: '100GiB',
    pools: [{}, { drivesPerServer: 2, driveSize: '1TiB', storageClass: storageClass('fast'), on: others }],
  });
  const [first, second, ...more] = sets(chart);

  test('has a StatefulSet a pool; the first is the one that was there', () => {
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

  test('tells every server of every pool, the old one first and unchanged', () => {
    const all = [
      'http://minio-{0...3}.minio.minio.svc.cluster.local:9000/export-0',
      'http://minio-pool-2-{0...3}.minio-pool-2.minio.svc.cluster.local:9000/export-{0...1}',
    ];
    expect(argumentsOf(first)).toEqual(all);
    expect(argumentsOf(second)).toEqual(all);
    expect(argumentsOf(sets(before)[0])).toEqual(all.slice(0, 1));
  });

  test('is one to its clients: a Service for the servers of all pools, and flows to and among them', () => {
    const objects = rendered(chart);
    const service = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'minio-s3');
    for (const set of [first, second]) expect(set?.spec.template.metadata.labels).toMatchObject(service?.spec.selector);
    const pods = podsOf(objects);
    const open = pods.flatMap((from) => pods.filter((to) => mayConnect(objects, from, to, 9000)).map((to) => `${from.name} ${to.name}`));
    const servers = ['minio', 'minio-pool-2'];
    expect(new Set(open)).toEqual(new Set([...servers, 'minio-setup'].flatMap((from) => servers.map((to) => `${from} ${to}`))));
    expect(chart.endpoint.url).toBe(before.endpoint.url);
  });

  test('says what each pool is for life, and what the store bears', () => {
    expect([first, second].map((set) => set?.metadata.annotations?.['analysis-facility.io/immutable-layout'])).toEqual([
      '4 servers with 1 drive each',
      '4 servers with 2 drives each',
    ]);
    expect(ledgerOf(chart).summaryNotes.map(({ text }) => text)).toEqual([
      'survives the loss of 1 server of each of 2 pools (reading: 1), or of 1 drive of each set (reading: 2); usable 6.2 TiB of 8.4 TiB',
    ]);
    expect(briefly(problems(chart))).toEqual([]);
  });
});

test('a server among several pools is named like the others; one alone keeps its drives by their paths', () => {
  const pools = [{}, { servers: 1, drivesPerServer: 4 }];
  expect(argumentsOf(sets(store({ pools }))[1])?.[1]).toBe(
    'http://minio-pool-2-{0...0}.minio-pool-2.minio.svc.cluster.local:9000/export-{0...3}',
  );
  const [alone] = sets(store({ servers: 1, drivesPerServer: 4 }));
  expect(argumentsOf(alone)).toEqual(['/export-{0...3}']);
  expect(alone?.metadata.annotations).toMatchObject({ 'analysis-facility.io/immutable-layout': '1 server with 4 drives each, alone' });
});

describe('mistakes are told of the pool that has them', () => {
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
