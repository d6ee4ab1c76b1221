import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, Chart, Testing } from 'cdk8s';
import { Token } from 'cdktf';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { Problems } from '../lib/errors';
import { type Built, type BuiltObject, Facility, type FacilityProps, type Quota, summary } from '../lib/facility';
import { checkCapacity } from '../lib/facility/checks/capacity';
import { nodesFor, quantity } from '../lib/facility/pods';
import { DaemonSet, Deployment, ledgerOf, type Patch, ServiceChart, type ServiceProps, SpawnedPods } from '../lib/kubernetes';
import { DaskCluster } from '../lib/services/dask';
import { environment, JupyterHub, oidc, size } from '../lib/services/jupyterhub';
import { MinIO } from '../lib/services/minio';
import { cinder, type Memory, type NodePool, nodePool, oidcIssuer, rke1, type Site, storageClass } from '../lib/site';
import { mayConnect, type Party, podsOf } from './fixture-network';
import { briefly, existing, type Manifest, master, nodes, only, problemsOf, provisioned, worker } from './fixture-site';

const one = { image: 'registry.example/one:1', resources: { cpu: 1, memory: '1GiB' } } as const;

/** A service that the test fills. */
class Bench extends ServiceChart {
  constructor(facility: Facility, id: string, build: (chart: Bench) => void, props: ServiceProps = {}) {
    super(facility, id, props, 'bench');
    build(this);
  }
}

/** Objects that somebody wrote by hand, in a chart of their own. */
function raw(facility: Facility, id: string, ...objects: readonly { readonly [field: string]: any }[]): void {
  const chart = new Chart(facility, id, { namespace: id, disableResourceNameHashes: true });
  for (const [index, { apiVersion = 'v1', kind, ...fields }] of objects.entries())
    new ApiObject(chart, `object-${index}`, { apiVersion, kind, ...fields });
}

const facilityOf = (build: (facility: Facility) => void, site: Site = existing(), props: FacilityProps = {}) => {
  const facility = new Facility(site, props);
  build(facility);
  return facility;
};
const problemsIn = (build: (facility: Facility) => void, site?: Site, props?: FacilityProps) => facilityOf(build, site, props).problems();
const manifests = (facility: Facility) => facility.output().objects.map(({ object }) => object as Manifest);
const deployment = (name: string, spec: { readonly [field: string]: any } = {}, replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'x.example/y:1' }], ...spec } },
  },
});
const asking = (cpu: string, memory: string) => ({
  containers: [{ name: 'main', image: 'x.example/y:1', resources: { requests: { cpu, memory } } }],
});
const service = (name: string, selector: Record<string, string>) => ({
  kind: 'Service',
  metadata: { name },
  spec: { selector, ports: [{ port: 80 }] },
});
const onHosts = (name: string, host: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name },
  spec: { rules: [{ host }] },
});
const hostPort = (port: number, protocol = 'TCP') => ({
  containers: [{ name: 'main', image: 'x.example/y:1', ports: [{ containerPort: port, hostPort: port, protocol }] }],
});

describe('checks over everything', () => {
  const dask = (props: Partial<ConstructorParameters<typeof DaskCluster>[2]>) => (facility: Facility) =>
    void new DaskCluster(facility, 'dask', { on: nodes, ...props });
  const fast = nodePool('fast', { flavor: { vcpus: 4, memory: '8GiB' }, labels: { speed: 'fast' } });

  /** Code, where it is told, and what breaks it and nothing else. */
  const checks: readonly (readonly [
    code: string,
    path: string,
    build: (facility: Facility) => void,
    site?: Site,
    props?: FacilityProps,
  ])[] = [
    ['POD_TOO_LARGE', 'cosenza/dask/Deployment/dask-worker', dask({ worker: { cpu: 17, memory: '8GiB' } })],
    ['POD_TOO_LARGE', 'cosenza/dask/Deployment/dask-worker', dask({ worker: { cpu: 1, memory: '64GiB' } })],
    ['POD_TOO_LARGE', 'cosenza/raw/Deployment/a', (facility) => raw(facility, 'raw', deployment('a', asking('100', '1Gi')))],
    [
      // On one kind of node there is room; but it must run on each.
      'POD_TOO_LARGE',
      'cosenza/bench/DaemonSet/bench-each',
      (facility) =>
        void new Bench(
          facility,
          'bench',
          (chart) =>
            void new DaemonSet(chart, 'each', {
              on: [nodes, fast],
              containers: { main: { ...one, resources: { cpu: 8, memory: '1GiB' } } },
            }),
        ),
      existing({ pools: [nodes, fast] }),
    ],
    ['PODS_TOO_MANY', 'cosenza/dask/Deployment/dask-worker', dask({ workers: 40, worker: { cpu: 1, memory: '6GiB' } })],
    [
      'POD_WITHOUT_NODE',
      'cosenza/raw/Deployment/a',
      (facility) => raw(facility, 'raw', deployment('a', { nodeSelector: { gpu: 'h100' } })),
    ],
    [
      'POD_WITHOUT_NODE',
      'cosenza/raw/Deployment/a',
      (facility) =>
        raw(
          facility,
          'raw',
          deployment('a', { nodeSelector: { speed: 'fast' }, tolerations: [{ key: 'gpu', operator: 'Equal', value: 'other' }] }),
        ),
      existing({ pools: [nodes, { ...fast, taints: [{ key: 'gpu', value: 'a100', effect: 'NoSchedule' }] }] }),
    ],
    [
      'REPLICAS_EXCEED_NODES',
      'cosenza/minio/StatefulSet/minio',
      (facility) => void new MinIO(facility, 'minio', { on: nodes, servers: 4 }),
    ],
    [
      'OBJECT_TWICE',
      'cosenza/b/ConfigMap/same',
      (facility) => {
        raw(facility, 'a', { kind: 'ConfigMap', metadata: { name: 'same', namespace: 'shared' } });
        raw(facility, 'b', { kind: 'ConfigMap', metadata: { name: 'same', namespace: 'shared' } });
      },
    ],
    [
      'HOST_TWICE',
      'cosenza/two/Ingress/two-s3',
      (facility) => {
        for (const id of ['one', 'two']) new MinIO(facility, id, { on: nodes, servers: 1, host: 's3.example.org' });
      },
    ],
    [
      'HOST_TWICE',
      'cosenza/b/Ingress/y',
      (facility) => {
        raw(facility, 'a', onHosts('x', 'it.example.org'));
        raw(facility, 'b', onHosts('y', 'it.example.org'));
      },
    ],
    ['SELECTOR_EMPTY', 'cosenza/raw/Service/a', (facility) => raw(facility, 'raw', deployment('a'), service('a', { app: 'b' }))],
    [
      'SELECTOR_EMPTY',
      'cosenza/b/Service/a',
      (facility) => {
        raw(facility, 'a', deployment('a'));
        raw(facility, 'b', service('a', { app: 'a' }));
      },
    ],
    [
      'SELECTOR_EMPTY',
      'cosenza/raw/PodDisruptionBudget/a',
      (facility) =>
        raw(facility, 'raw', {
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: { name: 'a' },
          spec: { selector: { matchLabels: { app: 'b' } } },
        }),
    ],
    [
      'SELECTOR_EMPTY',
      'cosenza/raw/NetworkPolicy/a',
      (facility) =>
        raw(facility, 'raw', {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'a' },
          spec: { podSelector: { matchLabels: { app: 'b' } } },
        }),
    ],
    [
      'STORAGE_CLASS_UNKNOWN',
      'cosenza/minio/StatefulSet/minio',
      (facility) => void new MinIO(facility, 'minio', { on: nodes, servers: 1, storageClass: storageClass('local-pth') }),
    ],
    [
      'STORAGE_CLASS_MISSING',
      'cosenza/minio/minio/claims/export-0',
      (facility) => void new MinIO(facility, 'minio', { on: nodes, servers: 1 }),
      existing({ storage: {} }),
    ],
    [
      'STORAGE_CLASS_MISSING',
      'cosenza/raw/PersistentVolumeClaim/a',
      (facility) => raw(facility, 'raw', { kind: 'PersistentVolumeClaim', metadata: { name: 'a' }, spec: {} }),
    ],
    [
      'REFERENCE_MISSING',
      'cosenza/raw/Deployment/a',
      (facility) => raw(facility, 'raw', deployment('a', { volumes: [{ name: 'v', configMap: { name: 'gone' } }] })),
    ],
    [
      'REFERENCE_MISSING',
      'cosenza/raw/Deployment/a',
      (facility) => raw(facility, 'raw', deployment('a', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'gone' } }] })),
    ],
    ['REFERENCE_MISSING', 'cosenza/raw/Deployment/a', (facility) => raw(facility, 'raw', deployment('a', { serviceAccountName: 'gone' }))],
    ['HOST_PORT_TAKEN', 'cosenza/raw/Deployment/a', (facility) => raw(facility, 'raw', deployment('a', hostPort(10250)))],
    [
      'HOST_PORT_TAKEN',
      'cosenza/raw/Deployment/a',
      (facility) =>
        raw(
          facility,
          'raw',
          deployment('a', { hostNetwork: true, containers: [{ name: 'm', image: 'x', ports: [{ containerPort: 6443 }] }] }),
        ),
    ],
    ['HOST_PORT_TAKEN', 'napoli/raw/Deployment/a', (facility) => raw(facility, 'raw', deployment('a', hostPort(443))), provisioned()],
    [
      'HOST_PORT_TWICE',
      'cosenza/raw/Deployment/b',
      (facility) => raw(facility, 'raw', deployment('a', hostPort(8443)), deployment('b', hostPort(8443))),
    ],
    [
      'TOKEN_IN_MANIFEST',
      'cosenza/raw/ConfigMap/a',
      (facility) => raw(facility, 'raw', { kind: 'ConfigMap', metadata: { name: 'a' }, data: { host: '${TfToken[TOKEN.7]}' } }),
    ],
    ['QUOTA_TOO_SMALL', 'cosenza/quotas/dask', dask({}), existing(), { quotas: { dask: { cpu: 5, memory: '64GiB' } } }],
    ['QUOTA_TOO_SMALL', 'cosenza/quotas/dask', dask({}), existing(), { quotas: { dask: { cpu: 8, memory: '8GiB' } } }],
    ['QUANTITY_UNKNOWN', 'cosenza/quotas/dask/memory', dask({}), existing(), { quotas: { dask: { cpu: 8, memory: '64 gigs' as never } } }],
    ['SITE_DIFFERS', 'cosenza/bench', (facility) => void new Bench(facility, 'bench', () => undefined, { site: existing() })],
    [
      'POOL_NOT_IN_SITE',
      'cosenza/bench/part/on',
      (facility) =>
        void new Bench(facility, 'bench', (chart) => void new Deployment(chart, 'part', { on: { ...nodes }, containers: { main: one } })),
    ],
    ['PATCH_WITHOUT_OBJECT', 'cosenza/dask/patch', dask({ patch: [{ object: 'Deployment/worker', operations: [] }] })],
    [
      'CHART_DEPENDENCY',
      'cosenza/b',
      (facility) => {
        const [a, b] = ['a', 'b'].map(
          (id) => new Bench(facility, id, (chart) => void new Deployment(chart, 'part', { on: nodes, containers: { main: one } })),
        );
        if (a && b) b.addDependency(a);
      },
    ],
  ];

  test.each(checks.map(([code, path, ...facility]) => ({ code, path, facility })))('$code at $path', ({ code, path, facility }) => {
    const problems = problemsIn(...facility);
    expect(briefly(problems)).toEqual([`${code} at ${path}`]);
    only(problems, code);
  });

  test('every message of this room has a test', () => {
    const codes = [...readFileSync(join(__dirname, '../lib/errors/facility.ts'), 'utf8').matchAll(/code: '(\w+)'/g)].map(
      ([, code]) => code ?? '',
    );
    // Those of what was written before, and of devices, have files of their own.
    const elsewhere = ['command-committed', 'facility-devices']
      .map((name) => readFileSync(join(__dirname, `${name}.test.ts`), 'utf8'))
      .join();
    expect(codes.filter((code) => !checks.some(([known]) => known === code) && !elsewhere.includes(code))).toEqual([]);
  });

  test('what looks similar and is fine', () => {
    const facility = facilityOf((each) => {
      raw(
        each,
        'raw',
        deployment('a', {
          volumes: [
            { name: 'ca', configMap: { name: 'kube-root-ca.crt' } },
            { name: 'o', configMap: { name: 'gone', optional: true } },
          ],
          serviceAccountName: 'default',
          ...hostPort(8443),
        }),
        deployment('udp', hostPort(8443, 'UDP')),
        service('a', { app: 'a' }),
        { kind: 'Service', metadata: { name: 'outside' }, spec: { type: 'ExternalName', externalName: 'example.org' } },
        {
          ...onHosts('x', 'it.example.org'),
          spec: { rules: [{ host: 'it.example.org', http: { paths: [{ path: '/a' }, { path: '/b' }] } }] },
        },
        { ...onHosts('y', 'it.example.org'), spec: { rules: [{ host: 'it.example.org', http: { paths: [{ path: '/c' }] } }] } },
        { kind: 'ConfigMap', metadata: { name: 'text' }, data: { number: '-1.5e+28', text: 'TfToken', other: '${token}' } },
      );
      raw(each, 'other', deployment('a'), { kind: 'ConfigMap', metadata: { name: 'text' } });
    });
    expect(briefly(facility.problems())).toEqual([]);
  });

  test('two pods that share a port of the node may, on different nodes', () => {
    const site = existing({ pools: [nodes, fast] });
    const build = (facility: Facility) =>
      raw(
        facility,
        'raw',
        deployment('a', { ...hostPort(8443), nodeSelector: { speed: 'fast' } }),
        deployment('b', { ...hostPort(8443), nodeSelector: { 'node.example.org/purpose': 'analysis' } }),
      );
    expect(briefly(problemsIn(build, site))).toEqual([]);
  });
});

describe('values of Terraform in a manifest', () => {
  const data = (value: unknown) =>
    problemsIn((facility) => raw(facility, 'raw', { kind: 'ConfigMap', metadata: { name: 'a' }, data: value }));
  const unknown = { resolve: () => 'known after apply', creationStack: [] };

  test.each([
    ['a text', () => ({ url: `https://${Token.asString(unknown)}/` }), '/data/url'],
    ['a list', () => ({ hosts: Token.asList(unknown) }), '/data/hosts/0'],
    ['a number', () => ({ port: Token.asNumber(unknown) }), '/data/port'],
    ['a number inside a text', () => ({ port: `--port=${Token.asNumber(unknown)}` }), '/data/port'],
    ['a map', () => ({ labels: Token.asStringMap(unknown) }), '/data/labels'],
    ['a key', () => ({ [Token.asString(unknown)]: 'x' }), '/data'],
    ['a list inside a map', () => ({ a: { b: [{ c: Token.asString(unknown) }] } }), '/data/a/b/0/c'],
  ])('as %s', (_, value, field) => {
    expect(only(data(value()), 'TOKEN_IN_MANIFEST').given).toBe(`a value of Terraform at ${field}`);
  });

  test('in a file of a service, and in the name of a host', () => {
    const problems = problemsIn(
      (facility) => void new MinIO(facility, 'minio', { on: nodes, servers: 1, region: Token.asString(unknown) }),
    );
    expect(problems.map(({ code }) => code)).toContain('TOKEN_IN_MANIFEST');
  });
});

describe('all of it at once', () => {
  const again = nodePool('again', { flavor: { vcpus: 4, memory: '8GiB' }, image: 'AlmaLinux-9.2', firstAddress: '10.64.0.32' });
  const workers = worker();
  const site = provisioned({
    cluster: rke1({ version: '1.27.16', podCidr: '10.64.0.0/16' }),
    pools: [
      master({ count: 2 }),
      workers,
      again,
      nodePool('odd', { flavor: { name: 'x', vcpus: 4, memory: '64 gigs' as Memory }, image: 'x' }),
    ],
  });
  const facility = facilityOf((each) => {
    new MinIO(each, 'minio', { on: workers, servers: 1, host: 'same.example.org' });
    new MinIO(each, 'my_store', {
      on: workers,
      servers: 1,
      host: 'same.example.org',
      storageClass: storageClass('cindr'),
      region: '${TfToken[TOKEN.1]}',
    });
    new DaskCluster(each, 'dask', { on: workers, worker: { cpu: 40, memory: '8GiB' }, memoryLimit: '16GiB' });
    new DaskCluster(each, 'elsewhere', { on: nodes });
    new DaskCluster(each, 'vague', {
      on: workers,
      worker: { cpu: 1, memory: '64 gigs' as Memory },
      patch: [{ object: 'Nothing/here', operations: [] }],
    });
    new JupyterHub(each, 'hub', {
      on: workers,
      host: 'hub.example.org',
      login: oidc({ issuer: oidcIssuer('https://iam.example.org/'), client: 'hub' }),
      environments: [environment('python')],
      sizes: [size('small', { cpu: 1, memory: '2GiB' }), size('huge', { cpu: 64, memory: '512GiB' })],
    });
    raw(each, 'raw', deployment('a', { ...hostPort(6443), serviceAccountName: 'gone' }), service('a', { app: 'b' }), {
      ...service('a', { app: 'a' }),
    });
  }, site);
  const problems = facility.problems();

  test('every mistake is told, in one go', () => {
    expect([...new Set(problems.map(({ code }) => code))].sort()).toEqual([
      'ADDRESS_TWICE',
      'CIDR_OVERLAP',
      'CLOUD_NEEDS_FIELD',
      'DASK_MEMORY_LIMIT',
      'ETCD_EVEN',
      'HOST_PORT_TAKEN',
      'HOST_TWICE',
      'HUB_NOBODY_MAY_LOG_IN',
      'NAME_INVALID',
      'OBJECT_TWICE',
      'PATCH_WITHOUT_OBJECT',
      'POD_TOO_LARGE',
      'POD_WITHOUT_NODE',
      'POOL_NOT_IN_SITE',
      'QUANTITY_UNKNOWN',
      'REFERENCE_MISSING',
      'SELECTOR_EMPTY',
      'STORAGE_CLASS_MISSING',
      'STORAGE_CLASS_UNKNOWN',
      'TOKEN_IN_MANIFEST',
    ]);
  });

  test('each says where, what was given, what is allowed, and what to do', () => {
    for (const { path, given, allowed, fix, code } of problems) {
      expect([code, path]).toEqual([code, expect.stringMatching(/^napoli\/./)]);
      for (const text of [given, allowed, fix]) expect([code, text]).toEqual([code, expect.stringMatching(/\S/)]);
      expect([code, allowed + fix]).toEqual([code, expect.not.stringMatching(/NaN|undefined|\[object/)]);
    }
  });

  test('they are thrown together, sorted, by whoever asks for the output, and nothing is written', () => {
    const thrown = problemsOf(() => facility.output());
    expect(thrown).toHaveLength(problems.length);
    expect(briefly(thrown)).toEqual(
      [...briefly(thrown)].sort((a, b) => (a.split(' at ')[1] ?? '').localeCompare(b.split(' at ')[1] ?? '', 'en') && 0),
    );
    const keys = thrown.map(({ path, code }) => `${path}\u0000${code}`);
    expect(keys).toEqual([...keys].sort());
    expect(problemsOf(() => facility.synthYaml())).toHaveLength(problems.length);
  });
});

describe('room for pods', () => {
  const GiB = 2 ** 30;
  const pod = (name: string, cpu: number, memory: number, replicas: number, pool?: string): BuiltObject =>
    ({
      ...deployment(name, { ...asking(`${cpu}m`, `${memory}Mi`), ...(pool ? { nodeSelector: { pool } } : {}) }, replicas),
      metadata: { name, namespace: 'a' },
    }) as BuiltObject;

  function judge(site: Site, objects: readonly BuiltObject[]): { readonly codes: readonly string[]; readonly warnings: readonly string[] } {
    const problems = new Problems();
    const warnings: string[] = [];
    const built: Built = {
      site,
      objects: objects.map((object) => ({ chart: 'a', path: object.metadata.name, object })),
      ledger: ledgerOf(new Chart(Testing.app(), 'a')),
    };
    checkCapacity(built, problems, warnings);
    return { codes: problems.all.map(({ code }) => code), warnings };
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

  test('what was placed one by one is never refused', () => {
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

  test('the last thousandth of a core and the last mebibyte can be used, and no more', () => {
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
        expect(judge(site, [pod('not', millis, 1, count + 1)]).codes).toEqual([count === 0 ? 'POD_TOO_LARGE' : 'PODS_TOO_MANY']);
      }),
    );
  });

  test('what no node can hold is refused, and what all together cannot hold', () => {
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
          if (most === 0) expect(codes).toEqual(['POD_TOO_LARGE']);
          else if (replicas <= most) expect(codes).toEqual([]);
          // Beyond what the nodes hold: refused if the sums say so, else at least said.
          else expect(codes.length + warnings.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('what fits by its sum, and only not piece by piece, is a warning: another order might do', () => {
    const site = existing({
      pools: [nodePool('p', { count: 2, flavor: { vcpus: 4, memory: '16GiB' }, labels: { a: 'b' }, reserved: { cpu: 1, memory: '1GiB' } })],
    });
    expect(judge(site, [pod('odd', 2000, 1024, 3)])).toEqual({
      codes: [],
      warnings: ['odd: no room was found for all of its pods beside the others; 6 cores and 3 GiB of 6 cores and 30 GiB are asked for'],
    });
  });

  test('a node lost is a warning that names who would wait', () => {
    const site = existing({ pools: [nodePool('p', { count: 2, flavor: { vcpus: 4, memory: '16GiB' }, labels: { a: 'b' } })] });
    expect(judge(site, [pod('roomy', 1000, 1024, 3)]).warnings).toEqual([]);
    expect(judge(site, [pod('tight', 1000, 1024, 4)]).warnings).toEqual(["with one node of pool 'p' lost, there is no room for tight"]);
  });

  test('what runs on every node takes its share first', () => {
    const site = existing({ pools: [nodePool('p', { count: 2, flavor: { vcpus: 4, memory: '16GiB' }, labels: { a: 'b' } })] });
    const daemon = { ...pod('daemon', 1000, 1024, 1), kind: 'DaemonSet' };
    expect(judge(site, [pod('big', 3000, 1024, 2)]).codes).toEqual([]);
    expect(judge(site, [pod('big', 3000, 1024, 2), daemon]).codes).toEqual(['POD_TOO_LARGE']);
  });

  test('pods of run time are judged one by one, wherever they may go', () => {
    const facility = facilityOf((each) => {
      new Bench(each, 'bench', (chart) => {
        const { labels } = new SpawnedPods(chart, 'user');
        const pods = { namespace: 'bench', labels, on: [nodes], path: 'cosenza/bench/sizes/x' };
        ledgerOf(chart).runtimePods.push(
          { ...pods, what: 'fits', cpu: 15, memory: 60 * GiB },
          { ...pods, what: 'huge', cpu: 1, memory: 100 * GiB },
        );
      });
    });
    expect(briefly(facility.problems())).toEqual(['POD_TOO_LARGE at cosenza/bench/sizes/x']);
  });

  test('the largest init container counts, if it asks for more than all others together', () => {
    const { initContainers } = { initContainers: [{ name: 'i', image: 'x', resources: { requests: { cpu: '17', memory: '1Gi' } } }] };
    expect(briefly(problemsIn((facility) => raw(facility, 'raw', deployment('a', { ...asking('1', '1Gi'), initContainers }))))).toEqual([
      'POD_TOO_LARGE at cosenza/raw/Deployment/a',
    ]);
  });

  test('quantities as Kubernetes writes them', () => {
    expect(['100m', '1', '0.5', '2Gi', '1500Mi', '1G', '1k', 1000].map(quantity)).toEqual([
      0.1,
      1,
      0.5,
      2 * GiB,
      1500 * 2 ** 20,
      1e9,
      1000,
      1000,
    ]);
    expect(['', 'x', '1Zi', '-1', undefined].map(quantity)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (millis) => expect(Math.round(quantity(`${millis}m`) * 1000)).toBe(millis)),
    );
  });

  test('nodes are chosen as the scheduler would: by selector, affinity, taints', () => {
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

describe('who may reach whom', () => {
  const facility = facilityOf((each) => {
    const store = new MinIO(each, 'minio', { on: nodes, servers: 3, drivesPerServer: 2, host: 's3.example.org' });
    const dask = new DaskCluster(each, 'dask', { on: nodes });
    new Bench(each, 'client', (chart) => {
      const analysis = new Deployment(chart, 'analysis', { on: nodes, containers: { main: { ...one, ports: { web: 8080 } } } });
      analysis.mayReach(store.endpoint.reach, ...dask.endpoint.reach, { peer: { kind: 'internet' } });
      new Deployment(chart, 'stranger', { on: nodes, containers: { main: { ...one, ports: { web: 8080 } } } });
    });
  });
  const objects = manifests(facility);
  const pods = podsOf(objects);
  const outside: readonly Party[] = [
    { name: 'ingress', namespace: 'ingress-nginx', labels: { 'app.kubernetes.io/name': 'ingress-nginx' } },
    { name: 'somebody', namespace: 'ingress-nginx', labels: {} },
    { name: 'dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    { name: 'impostor', namespace: 'default', labels: { 'app.kubernetes.io/instance': 'client-analysis' } },
    { name: 'world', address: '8.8.8.8' },
    { name: 'metadata', address: '169.254.169.254' },
    { name: 'api', address: '10.0.0.10' },
    { name: 'lan', address: '192.168.7.7' },
  ];
  const ports = [...new Set([...pods.flatMap((each) => each.ports.map(({ port }) => port)), 53, 80, 443, 6443, 8443])];

  test('is what was declared, exactly: no port more, nobody else, both ends open', () => {
    const open = new Set<string>();
    const ours = new Set(pods.map(({ name }) => name));
    for (const from of [...pods, ...outside]) {
      for (const to of [...pods, ...outside]) {
        // Between two strangers it is no business of the facility.
        if (!ours.has(from.name) && !ours.has(to.name)) continue;
        for (const port of ports)
          if (mayConnect(objects, from, to, port))
            open.add(to.name === 'world' ? `${from.name} -> world` : `${from.name} -> ${to.name} ${port}`);
      }
    }
    const toDns = [...ours].map((name) => `${name} -> dns 53`);
    expect([...open].sort()).toEqual(
      [
        ...toDns,
        'client-analysis -> dask-scheduler 8786',
        'client-analysis -> dask-scheduler 8787',
        'client-analysis -> minio 9000',
        'client-analysis -> world',
        'dask-scheduler -> dask-worker 8788',
        'dask-scheduler -> dask-worker 8789',
        'dask-scheduler -> dask-worker 8790',
        'dask-worker -> dask-scheduler 8786',
        'dask-worker -> dask-worker 8788',
        'ingress -> minio 9000',
        'minio -> minio 9000',
        'minio-setup -> minio 9000',
      ].sort(),
    );
  });

  test('every pod is under one policy, of its own name', () => {
    for (const { name, namespace, labels } of pods) {
      const own = objects.filter(
        ({ kind, metadata, spec }) =>
          kind === 'NetworkPolicy' &&
          metadata.namespace === namespace &&
          Object.entries(spec.podSelector.matchLabels).every(([key, value]) => labels[key] === value),
      );
      expect(own.map(({ metadata }) => metadata.name)).toEqual([name]);
    }
  });

  test('the ledger tells the same', () => {
    const declared = facility.output().flows.filter(({ to }) => to.peer.kind === 'pods' && to.peer.namespace !== 'kube-system');
    expect(new Set(declared.map(({ to }) => to.port))).toEqual(new Set([8786, 8787, 8788, 8789, 8790, 9000]));
  });
});

describe('what a facility writes', () => {
  const minimal = () =>
    facilityOf(
      (each) =>
        void new DaskCluster(each, 'dask', { on: nodes, workers: 4, worker: { cpu: '1500m', memory: '2GiB' }, memoryLimit: '1GiB' }),
    );
  const named = (objects: readonly Manifest[], kind: string, name?: string) =>
    objects.filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name));

  test('a file a system, namespaces first', () => {
    const { files, charts } = minimal().output();
    expect([...files.keys()]).toEqual(['00-cluster.k8s.yaml', 'dask.k8s.yaml']);
    expect(charts).toEqual([...files.keys()]);
    const kinds = parseAllDocuments(files.get('00-cluster.k8s.yaml') ?? '').map((document) => document.toJS().kind);
    expect(kinds).toEqual(['PriorityClass', 'PriorityClass', 'PriorityClass', 'PriorityClass', 'Namespace', 'ResourceQuota', 'LimitRange']);
  });

  test('the same twice', () => {
    const [first, second] = [minimal(), minimal()].map((facility) => [...facility.output().files]);
    expect(first).toEqual(second);
    expect(minimal().synthYaml()).toBe(minimal().synthYaml());
    expect(parseAllDocuments(minimal().synthYaml())).toHaveLength(minimal().output().objects.length);
  });

  test('namespaces admit restricted pods alone, and no more than was planned', () => {
    const objects = manifests(minimal());
    expect(named(objects, 'Namespace')[0]?.metadata).toMatchObject({
      name: 'dask',
      labels: {
        'pod-security.kubernetes.io/enforce': 'restricted',
        'pod-security.kubernetes.io/audit': 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
    });
    // Scheduler 1 + 4 × 1.5, and one worker more while they are rolled; 4 GiB + 5 × 2 GiB.
    expect(named(objects, 'ResourceQuota')[0]).toMatchObject({
      metadata: { namespace: 'dask' },
      spec: { hard: { 'requests.cpu': '9', 'requests.memory': '14Gi', 'services.loadbalancers': '0', 'services.nodeports': '0' } },
    });
    expect(named(objects, 'LimitRange')[0]?.spec.limits[0]).toMatchObject({ type: 'Container', defaultRequest: { cpu: '100m' } });
  });

  test('a quota that is given is taken as it is', () => {
    const props: Required<FacilityProps> = {
      outdir: 'unused',
      quotas: { dask: { cpu: 20, memory: '40GiB' } satisfies Required<Quota> },
      cinderCsi: { replicas: 3 },
      cloudController: { clusterName: 'other' },
    };
    const facility = facilityOf((each) => void new DaskCluster(each, 'dask', { on: nodes }), existing(), props);
    expect(facility.outdir).toBe('unused');
    expect(named(manifests(facility), 'ResourceQuota')[0]?.spec.hard).toMatchObject({ 'requests.cpu': '20', 'requests.memory': '40Gi' });
  });

  test('a quota of exactly what is asked for is enough, in tenths of cores as well', () => {
    const build = (each: Facility) => raw(each, 'raw', deployment('a', asking('100m', '1Gi'), 0));
    const three = (each: Facility) =>
      void new Bench(each, 'bench', (chart) => {
        for (const id of ['a', 'b', 'c'])
          new Deployment(chart, id, {
            on: nodes,
            strategy: 'Recreate',
            exceptions: { recreate: 'a rollout would want a second pod' },
            containers: { main: { ...one, resources: { cpu: '100m', memory: '1GiB' } } },
          });
      });
    expect(briefly(problemsIn(build))).toEqual([]);
    expect(briefly(problemsIn(three, existing(), { quotas: { bench: { cpu: '300m', memory: '3GiB' } } }))).toEqual([]);
  });

  test('what users may start is in the quota, as far as there are nodes for it', () => {
    const quota = (most?: number) => {
      const facility = facilityOf(
        (each) =>
          void new Bench(each, 'bench', (chart) => {
            const { labels } = new SpawnedPods(chart, 'user');
            ledgerOf(chart).runtimePods.push({
              what: 'x',
              namespace: 'bench',
              labels,
              on: [nodes],
              cpu: 2,
              memory: 2 ** 30,
              path: 'x',
              ...(most ? { most } : {}),
            });
          }),
      );
      return named(manifests(facility), 'ResourceQuota')[0]?.spec.hard['requests.cpu'];
    };
    expect(quota(5)).toBe('10');
    expect(quota()).toBe('47');
  });

  test('pods have a priority of this site', () => {
    const objects = manifests(minimal());
    expect(named(objects, 'PriorityClass').map(({ metadata, value }) => [metadata.name, value])).toEqual([
      ['cosenza-system', 1_000_000],
      ['cosenza-service', 100_000],
      ['cosenza-user', 10_000],
      ['cosenza-batch', 1000],
    ]);
    expect(named(objects, 'Deployment', 'dask-worker')[0]?.spec.template.spec.priorityClassName).toBe('cosenza-service');
  });

  test('two services in one namespace share it', () => {
    const facility = facilityOf((each) => {
      for (const id of ['a', 'b']) new DaskCluster(each, id, { on: nodes, namespace: 'shared' });
    });
    expect(named(manifests(facility), 'Namespace').map(({ metadata }) => metadata.name)).toEqual(['shared']);
  });

  test('on OpenStack, driver and classes for the volumes that are asked for', () => {
    const site = provisioned({ storage: { default: cinder() } }, { cloudController: true });
    const facility = new Facility(site);
    expect(briefly(facility.problems())).toEqual([]);
    expect(facility.output().charts).toEqual(['00-cluster.k8s.yaml', 'cinder-csi.k8s.yaml', 'openstack-cloud-controller.k8s.yaml']);
    const objects = manifests(facility);
    expect(named(objects, 'Namespace').map(({ metadata }) => metadata.labels['pod-security.kubernetes.io/enforce'])).toEqual([
      'privileged',
      'privileged',
    ]);
    expect(named(objects, 'StorageClass').map(({ metadata }) => metadata.name)).toEqual(['cinder']);
    const told = manifests(new Facility(site, { cinderCsi: { replicas: 3 }, cloudController: { clusterName: 'other' } }));
    expect(named(told, 'Deployment', 'cinder-csi-controller')[0]?.spec.replicas).toBe(3);
    expect(named(told, 'DaemonSet', 'openstack-cloud-controller-manager')[0]?.spec.template.spec.containers[0].args).toContain(
      '--cluster-name=other',
    );
    expect(new Facility(provisioned()).output().charts).toEqual(['00-cluster.k8s.yaml']);
  });

  test('ports on the nodes are made known to who guards the nodes', () => {
    const facility = facilityOf((each) =>
      raw(each, 'raw', deployment('a', hostPort(8443)), {
        ...service('a', { app: 'a' }),
        spec: {
          type: 'NodePort',
          selector: { app: 'a' },
          ports: [{ name: 'web', port: 80, nodePort: 30080 }],
          loadBalancerSourceRanges: ['192.0.2.0/24'],
        },
      }),
    );
    expect(facility.exposures()).toEqual([
      { protocol: 'tcp', first: 8443, last: 8443, from: ['0.0.0.0/0'], purpose: 'raw/a' },
      { protocol: 'tcp', first: 30080, last: 30080, from: ['192.0.2.0/24'], purpose: 'raw/a web' },
    ]);
  });

  test('a summary for those who run it', () => {
    const facility = facilityOf((each) => {
      new MinIO(each, 'minio', { on: nodes, servers: 1, host: 's3.example.org' });
      new Bench(each, 'bench', (chart) => {
        const { labels } = new SpawnedPods(chart, 'user');
        ledgerOf(chart).runtimePods.push({
          what: 'notebook',
          namespace: 'bench',
          labels,
          on: [nodes],
          cpu: 4,
          memory: 16 * 2 ** 30,
          path: 'x',
        });
      });
    });
    expect(summary(facility.output()).split('\n')).toEqual([
      '  nodes      3, existing 1.30: analysis 3 × 16 cores, 64GiB',
      expect.stringMatching(/^ {2}charts {5}3, \d+ objects$/),
      '  asked for  1.1 of 46.5 cores, 4.3 GiB of 189 GiB',
      '  room for   9 × notebook at a time, if nothing else ran on analysis',
      '  minio      usable 100 GiB of 100 GiB',
      '  url        https://s3.example.org',
      '  warning    minio: no parity: what is on a drive is lost with it',
    ]);
  });

  test('patches are seen by the checks', () => {
    const patch: Patch[] = [{ object: 'Deployment/dask-worker', operations: [{ op: 'replace', path: '/spec/replicas', value: 3000 }] }];
    const facility = facilityOf((each) => void new DaskCluster(each, 'dask', { on: nodes, patch }));
    expect(briefly(facility.problems())).toEqual(['PODS_TOO_MANY at cosenza/dask/Deployment/dask-worker']);
    const fine = facilityOf(
      (each) =>
        void new DaskCluster(each, 'dask', {
          on: nodes,
          patch: [{ object: 'Deployment/dask-worker', operations: [{ op: 'replace', path: '/spec/replicas', value: 3 }] }],
        }),
    );
    expect(named(manifests(fine), 'Deployment', 'dask-worker')[0]?.spec.replicas).toBe(3);
  });

  test('charts that are made after it was finished are refused, not left out', () => {
    const facility = minimal();
    facility.problems();
    expect(() => new DaskCluster(facility, 'late', { on: nodes })).toThrow();
  });

  test('one chart can be looked at alone, as snapshot tests do', () => {
    const facility = new Facility(existing());
    const dask = new DaskCluster(facility, 'dask', { on: nodes });
    expect((Testing.synth(dask) as Manifest[]).map(({ kind }) => kind)).toContain('Deployment');
  });

  describe('to a folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'facility-test-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test('holds its files and nothing else; a facility with mistakes leaves it as it was', () => {
      const outdir = join(folder, 'deep', 'cosenza');
      mkdirSync(outdir, { recursive: true });
      writeFileSync(join(outdir, 'old.k8s.yaml'), 'old');
      facilityOf((each) => void new DaskCluster(each, 'dask', { on: nodes, workers: 0 }), existing(), { outdir }).problems();
      expect(
        problemsOf(() =>
          facilityOf((each) => void new DaskCluster(each, 'dask', { on: nodes, workers: 0 }), existing(), { outdir }).synth(),
        ),
      ).toHaveLength(1);
      expect(readdirSync(outdir)).toEqual(['old.k8s.yaml']);
      facilityOf((each) => void new DaskCluster(each, 'dask', { on: nodes }), existing(), { outdir }).synth();
      expect(readdirSync(outdir)).toEqual(['00-cluster.k8s.yaml', 'dask.k8s.yaml']);
      expect(readdirSync(join(folder, 'deep'))).toEqual(['cosenza']);
      expect(existsSync(join(outdir, 'old.k8s.yaml'))).toBe(false);
    });
  });
});
