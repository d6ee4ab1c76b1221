import { Token } from 'cdktf';
import type { Facility, FacilityProps } from '../../lib/facility';
import { DaemonSet, Deployment } from '../../lib/kubernetes';
import { DaskCluster } from '../../lib/services/dask';
import { MinIO } from '../../lib/services/minio';
import { nodePool, type Site, storageClass } from '../../lib/site';
import { asking, Bench, deployment, facilityOf, hostPort, one, onHosts, problemsIn, raw, service } from '../fixtures/facility';
import { briefly, existing, nodes, only, provisioned } from '../fixtures/site';

describe('checks of rendered objects', () => {
  const dask = (props: Partial<ConstructorParameters<typeof DaskCluster>[2]>) => (facility: Facility) =>
    void new DaskCluster(facility, 'dask', { on: nodes, ...props });
  const fast = nodePool('fast', { flavor: { vcpus: 4, memory: '8GiB' }, labels: { speed: 'fast' } });

  /** Code, path, and a facility with only this error. */
  const checks: readonly (readonly [
    code: string,
    path: string,
    build: (facility: Facility) => void,
    site?: Site,
    props?: FacilityProps,
  ])[] = [
    ['EXCEEDS_NODE', 'cosenza/dask/Deployment/dask-worker', dask({ worker: { cpu: 17, memory: '8GiB' } })],
    ['EXCEEDS_NODE', 'cosenza/dask/Deployment/dask-worker', dask({ worker: { cpu: 1, memory: '64GiB' } })],
    ['EXCEEDS_NODE', 'cosenza/raw/Deployment/a', (facility) => raw(facility, 'raw', deployment('a', asking('100', '1Gi')))],
    [
      // It fits on one kind of node only, but must run on each.
      'EXCEEDS_NODE',
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
    ['EXCEEDS_CAPACITY', 'cosenza/dask/Deployment/dask-worker', dask({ workers: 40, worker: { cpu: 1, memory: '6GiB' } })],
    ['MISSING_NODE', 'cosenza/raw/Deployment/a', (facility) => raw(facility, 'raw', deployment('a', { nodeSelector: { gpu: 'h100' } }))],
    [
      'MISSING_NODE',
      'cosenza/raw/Deployment/a',
      (facility) =>
        raw(
          facility,
          'raw',
          deployment('a', { nodeSelector: { speed: 'fast' }, tolerations: [{ key: 'gpu', operator: 'Equal', value: 'other' }] }),
        ),
      existing({ pools: [nodes, { ...fast, taints: [{ key: 'gpu', value: 'a100', effect: 'NoSchedule' }] }] }),
    ],
    ['EXCEEDS_NODES', 'cosenza/minio/StatefulSet/minio', (facility) => void new MinIO(facility, 'minio', { on: nodes, servers: 4 })],
    [
      'DUPLICATE_OBJECT',
      'cosenza/b/ConfigMap/same',
      (facility) => {
        raw(facility, 'a', { kind: 'ConfigMap', metadata: { name: 'same', namespace: 'shared' } });
        raw(facility, 'b', { kind: 'ConfigMap', metadata: { name: 'same', namespace: 'shared' } });
      },
    ],
    [
      'DUPLICATE_HOST',
      'cosenza/two/Ingress/two-s3',
      (facility) => {
        for (const id of ['one', 'two']) new MinIO(facility, id, { on: nodes, servers: 1, host: 's3.example.org' });
      },
    ],
    [
      'DUPLICATE_HOST',
      'cosenza/b/Ingress/y',
      (facility) => {
        raw(facility, 'a', onHosts('x', 'it.example.org'));
        raw(facility, 'b', onHosts('y', 'it.example.org'));
      },
    ],
    [
      'DUPLICATE_HOST',
      'cosenza/b/HTTPRoute/y',
      (facility) => {
        raw(facility, 'a', onHosts('x', 'it.example.org'));
        raw(facility, 'b', {
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'HTTPRoute',
          metadata: { name: 'y' },
          spec: { hostnames: ['other.example.org', 'it.example.org'], rules: [{ matches: [{ path: { value: '/' } }] }] },
        });
      },
    ],
    ['UNKNOWN_SELECTOR', 'cosenza/raw/Service/a', (facility) => raw(facility, 'raw', deployment('a'), service('a', { app: 'b' }))],
    [
      'UNKNOWN_SELECTOR',
      'cosenza/b/Service/a',
      (facility) => {
        raw(facility, 'a', deployment('a'));
        raw(facility, 'b', service('a', { app: 'a' }));
      },
    ],
    [
      'UNKNOWN_SELECTOR',
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
      'UNKNOWN_SELECTOR',
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
      'UNKNOWN_STORAGE_CLASS',
      'cosenza/minio/StatefulSet/minio',
      (facility) => void new MinIO(facility, 'minio', { on: nodes, servers: 1, storageClass: storageClass('local-pth') }),
    ],
    [
      'MISSING_STORAGE_CLASS',
      'cosenza/minio/minio/claims/export-0',
      (facility) => void new MinIO(facility, 'minio', { on: nodes, servers: 1 }),
      existing({ storage: {} }),
    ],
    [
      'MISSING_STORAGE_CLASS',
      'cosenza/raw/PersistentVolumeClaim/a',
      (facility) => raw(facility, 'raw', { kind: 'PersistentVolumeClaim', metadata: { name: 'a' }, spec: {} }),
    ],
    [
      'MISSING_REFERENCE',
      'cosenza/raw/Deployment/a',
      (facility) => raw(facility, 'raw', deployment('a', { volumes: [{ name: 'v', configMap: { name: 'gone' } }] })),
    ],
    [
      'MISSING_REFERENCE',
      'cosenza/raw/Deployment/a',
      (facility) => raw(facility, 'raw', deployment('a', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'gone' } }] })),
    ],
    ['MISSING_REFERENCE', 'cosenza/raw/Deployment/a', (facility) => raw(facility, 'raw', deployment('a', { serviceAccountName: 'gone' }))],
    ['RESERVED_HOST_PORT', 'cosenza/raw/Deployment/a', (facility) => raw(facility, 'raw', deployment('a', hostPort(10250)))],
    [
      'RESERVED_HOST_PORT',
      'cosenza/raw/Deployment/a',
      (facility) =>
        raw(
          facility,
          'raw',
          deployment('a', { hostNetwork: true, containers: [{ name: 'm', image: 'x', ports: [{ containerPort: 6443 }] }] }),
        ),
    ],
    ['RESERVED_HOST_PORT', 'napoli/raw/Deployment/a', (facility) => raw(facility, 'raw', deployment('a', hostPort(443))), provisioned()],
    [
      'DUPLICATE_HOST_PORT',
      'cosenza/raw/Deployment/b',
      (facility) => raw(facility, 'raw', deployment('a', hostPort(8443)), deployment('b', hostPort(8443))),
    ],
    [
      'INVALID_TOKEN_IN_MANIFEST',
      'cosenza/raw/ConfigMap/a',
      (facility) => raw(facility, 'raw', { kind: 'ConfigMap', metadata: { name: 'a' }, data: { host: '${TfToken[TOKEN.7]}' } }),
    ],
    ['EXCEEDS_QUOTA', 'cosenza/quotas/dask', dask({}), existing(), { quotas: { dask: { cpu: 5, memory: '64GiB' } } }],
    ['EXCEEDS_QUOTA', 'cosenza/quotas/dask', dask({}), existing(), { quotas: { dask: { cpu: 8, memory: '8GiB' } } }],
    ['UNKNOWN_QUOTA_NAMESPACE', 'cosenza/quotas/dsak', dask({}), existing(), { quotas: { dsak: { cpu: 8, memory: '64GiB' } } }],
    ['INVALID_QUANTITY', 'cosenza/quotas/dask/memory', dask({}), existing(), { quotas: { dask: { cpu: 8, memory: '64 gigs' as never } } }],
    ['CONFLICTING_SITE', 'cosenza/bench', (facility) => void new Bench(facility, 'bench', () => undefined, { site: existing() })],
    [
      'UNKNOWN_POOL',
      'cosenza/bench/part/on',
      (facility) =>
        void new Bench(facility, 'bench', (chart) => void new Deployment(chart, 'part', { on: { ...nodes }, containers: { main: one } })),
    ],
    ['UNKNOWN_PATCH_OBJECT', 'cosenza/dask/patch', dask({ patch: [{ object: 'Deployment/worker', operations: [] }] })],
    [
      'UNSUPPORTED_CHART_DEPENDENCY',
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

  test('accepts similar valid objects', () => {
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

  test('accepts the same host port on different nodes', () => {
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

describe('Terraform tokens in a manifest', () => {
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
    expect(only(data(value()), 'INVALID_TOKEN_IN_MANIFEST').given).toBe(
      `a value that Terraform knows only after apply (cdktf token) in field ${field}`,
    );
  });

  test('in a file of a service, and in the name of a host', () => {
    const problems = problemsIn(
      (facility) => void new MinIO(facility, 'minio', { on: nodes, servers: 1, region: Token.asString(unknown) }),
    );
    expect(problems.map(({ code }) => code)).toContain('INVALID_TOKEN_IN_MANIFEST');
  });
});
