import { type BoundMount, type Endpoint, endpoint, externalPostgresql, externalS3, prefixed } from '../../lib/endpoints';
import { Deployment, Job, ledgerOf, type ServiceChart, SpawnedPods, scratch } from '../../lib/kubernetes';
import { daskEndpoint } from '../../lib/services/dask';
import { daskGatewayEndpoint } from '../../lib/services/dask-gateway';
import { hostTarget, secret } from '../../lib/site';
import { mayConnect, type Party } from '../fixtures/network';
import { briefly, nodes, untyped } from '../fixtures/site';
import { Bench, basic, object, one, problems, rendered } from '../fixtures/workload';

const store = (name = 'archive') =>
  externalS3({
    name,
    url: `https://${name}.example.org`,
    accessKey: secret(name, 'a'),
    secretKey: secret(name, 's'),
    cidrs: ['192.0.2.7/32'],
  });
const files: BoundMount = { volume: 'settings', files: { 'server.txt': '192.0.2.7\n' } };
const licences = endpoint({
  name: 'licences',
  variables: { LICENCE: secret('licences', 'key'), PAGE: { inNotebook: '{JUPYTERHUB_SERVICE_PREFIX}proxy/licences' } },
  mounts: {
    '/etc/licences': files,
    '/data': { volume: 'data', claim: 'data', subPath: 'raw' },
    '/scratch': { volume: 'scratch', claim: 's', writable: true },
  },
  reach: [hostTarget('192.0.2.8', 27000)],
});

/** A deployment that uses endpoints. */
const using = (uses: readonly Endpoint[], props: Partial<ConstructorParameters<typeof Deployment>[2]> = {}) =>
  new Bench((bench) => void new Deployment(bench, 'part', { ...basic, uses, ...props }));
const podOf = (chart: ServiceChart) => object(chart, 'Deployment').spec.template.spec;
const party = (name: string): Party => ({ name, namespace: 'bench', labels: { 'app.kubernetes.io/instance': name } });
const outside = (address: string): Party => ({ name: 'outside', address });
const env = (chart: ServiceChart) => podOf(chart).containers[0].env;

describe('a workload that uses endpoints', () => {
  test('has their variables, which its own override', () => {
    const chart = using([store()], { containers: { main: { ...one, env: { AWS_DEFAULT_REGION: 'own' } } } });
    expect(env(chart)).toEqual([
      { name: 'AWS_ENDPOINT_URL', value: 'https://archive.example.org' },
      { name: 'AWS_DEFAULT_REGION', value: 'own' },
      { name: 'AWS_ACCESS_KEY_ID', valueFrom: { secretKeyRef: { name: 'archive', key: 'a' } } },
      { name: 'AWS_SECRET_ACCESS_KEY', valueFrom: { secretKeyRef: { name: 'archive', key: 's' } } },
    ]);
    expect(briefly(problems(chart))).toEqual([]);
  });

  test('has their mounts and its own; variables that only a notebook can expand are omitted', () => {
    const chart = using([licences], { containers: { main: { ...one, mounts: { '/tmp': scratch('tmp', '1MiB') } } } });
    const { containers, volumes } = podOf(chart);
    expect(containers[0].volumeMounts).toEqual([
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'settings-files', mountPath: '/etc/licences', readOnly: true },
      { name: 'data', mountPath: '/data', readOnly: true, subPath: 'raw' },
      { name: 'scratch', mountPath: '/scratch' },
    ]);
    const { name } = object(chart, 'ConfigMap').metadata;
    expect(volumes).toEqual([
      { name: 'tmp', emptyDir: { sizeLimit: '1Mi' } },
      { name: 'settings-files', configMap: { name } },
      { name: 'data', persistentVolumeClaim: { claimName: 'data', readOnly: true } },
      { name: 'scratch', persistentVolumeClaim: { claimName: 's' } },
    ]);
    expect(object(chart, 'ConfigMap')).toMatchObject({
      metadata: { name: expect.stringMatching(/^bench-settings-[0-9a-f]{8}$/) },
      data: { 'server.txt': '192.0.2.7\n' },
    });
    expect(env(chart)).toEqual([{ name: 'LICENCE', valueFrom: { secretKeyRef: { name: 'licences', key: 'key' } } }]);
  });

  test('applies them to every container and init container', () => {
    const chart = using([store()], { initContainers: { before: one }, containers: { main: one, side: one } });
    const { containers, initContainers } = podOf(chart);
    for (const { env } of [...containers, ...initContainers])
      expect(env[0]).toEqual({ name: 'AWS_ENDPOINT_URL', value: 'https://archive.example.org' });
  });

  test('may connect only to their targets', () => {
    const objects = rendered(using([store(), licences]));
    const client = party('bench-part');
    expect(mayConnect(objects, client, outside('192.0.2.7'), 443)).toBe(true);
    expect(mayConnect(objects, client, outside('192.0.2.8'), 27000)).toBe(true);
    expect(mayConnect(objects, client, outside('192.0.2.8'), 443)).toBe(false);
  });

  test('is reached by those who call the clients of an endpoint, and by nobody else', () => {
    const nodes = { kind: 'pods', namespace: 'jobs', labels: { app: 'node' } } as const;
    const called = endpoint({ name: 'called', callers: [{ from: nodes, port: 8786 }] });
    const caller: Party = { name: 'node', namespace: 'jobs', labels: { app: 'node' } };
    const objects = rendered(using([called]));
    expect(mayConnect(objects, caller, party('bench-part'), 8786)).toBe(true);
    expect(mayConnect(objects, caller, party('bench-part'), 8080)).toBe(false);
    expect(mayConnect(objects, { ...caller, labels: { app: 'other' } }, party('bench-part'), 8786)).toBe(false);
    const spawned = new Bench((bench) => void new SpawnedPods(bench, 'user').use([called]));
    expect(mayConnect(rendered(spawned), caller, party('bench-user'), 8786)).toBe(true);
  });

  test('requires their Secrets in its own namespace: those that are declared, and those that are only referred to', () => {
    const origins = ledgerOf(using([store(), licences])).secrets.map(({ namespace, secret: { name, key }, origin }) => [
      namespace,
      name,
      key,
      origin,
    ]);
    expect(origins).toEqual([
      ['bench', 'archive', 'a', { kind: 'operator', what: 'a of https://archive.example.org' }],
      ['bench', 'archive', 's', { kind: 'operator', what: 's of https://archive.example.org' }],
      ['bench', 'licences', 'key', { kind: 'operator', what: 'key of licences' }],
    ]);
  });

  test('shares their ConfigMap with other workloads', () => {
    const chart = new Bench((bench) => {
      for (const part of ['one', 'two']) new Deployment(bench, part, { ...basic, uses: [licences] });
      new Job(bench, 'three', { on: nodes, containers: { main: one }, uses: [licences] });
    });
    expect(rendered(chart).filter(({ kind }) => kind === 'ConfigMap')).toHaveLength(1);
  });
});

describe('RBAC rules of an endpoint', () => {
  const rules = [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get'] }];
  const pods = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
  const pool = endpoint({ name: 'pool', rights: [{ rules: pods }, { namespace: 'jobs', rules }, { namespace: 'jobs', rules: pods }] });
  const account = (name: string) => [{ kind: 'ServiceAccount', name, namespace: 'bench' }];

  test('are roles of its ServiceAccount in all namespaces, with the token and a flow to the API servers', () => {
    const own = [{ apiGroups: [''], resources: ['events'], verbs: ['list'] }];
    const chart = using([pool], { access: { rules: own } });
    const roles = rendered(chart).filter(({ kind }) => kind.startsWith('Role'));
    expect(roles).toMatchObject([
      { kind: 'Role', metadata: { name: 'bench-part', namespace: 'bench' }, rules: [...own, ...pods] },
      { kind: 'RoleBinding', metadata: { name: 'bench-part', namespace: 'bench' }, subjects: account('bench-part') },
      { kind: 'Role', metadata: { name: 'bench-bench-part', namespace: 'jobs' }, rules: [...rules, ...pods] },
      { kind: 'RoleBinding', metadata: { name: 'bench-bench-part', namespace: 'jobs' }, subjects: account('bench-part') },
    ]);
    expect(podOf(chart).automountServiceAccountToken).toBe(true);
    expect(mayConnect(rendered(chart), party('bench-part'), outside('10.0.0.10'), 6443)).toBe(true);
  });

  test('apply to runtime pods, whose daemon must mount the token', () => {
    const made: { pods?: boolean; none?: boolean } = {};
    const chart = new Bench((bench) => {
      made.pods = new SpawnedPods(bench, 'user').use([pool]).token;
      made.none = new SpawnedPods(bench, 'other').use([store()]).token;
    });
    expect(made).toEqual({ pods: true, none: false });
    expect(
      rendered(chart)
        .filter(({ kind }) => kind === 'RoleBinding')
        .map(({ metadata, subjects }) => [metadata.namespace, subjects]),
    ).toEqual([
      ['bench', account('bench-user')],
      ['jobs', account('bench-user')],
    ]);
    expect(mayConnect(rendered(chart), party('bench-user'), outside('10.0.0.10'), 6443)).toBe(true);
    expect(mayConnect(rendered(chart), party('bench-other'), outside('10.0.0.10'), 6443)).toBe(false);
  });

  test('must not contain wildcards', () => {
    const all = endpoint({
      name: 'all',
      rights: [{ namespace: 'jobs', rules: [{ apiGroups: ['*'], resources: ['pods'], verbs: ['get'] }] }],
    });
    expect(briefly(problems(using([all])))).toEqual(['INSECURE_WILDCARD_RULE at cosenza/bench/part/access']);
  });
});

describe('conflicts', () => {
  test('CONFLICTING_ENDPOINTS names both, once for all workloads of a service', () => {
    const chart = new Bench((bench) => {
      for (const part of ['one', 'two']) new Deployment(bench, part, { ...basic, uses: [store(), store('scratch')] });
    });
    expect(problems(chart)).toMatchObject([
      {
        code: 'CONFLICTING_ENDPOINTS',
        path: 'cosenza/bench/uses/scratch',
        given:
          "endpoints 'archive' and 'scratch', which set different values of variable AWS_ENDPOINT_URL, variable AWS_ACCESS_KEY_ID, variable AWS_SECRET_ACCESS_KEY",
      },
    ]);
    expect(problems(using([store(), prefixed('SCRATCH', store('scratch'))]))).toEqual([]);
  });

  test('CONFLICTING_ENDPOINT_MOUNT: a mount path that the container already uses', () => {
    const chart = using([licences], { containers: { main: { ...one, mounts: { '/data/': scratch('data', '1MiB') } } } });
    expect(problems(chart)).toMatchObject([
      {
        code: 'CONFLICTING_ENDPOINT_MOUNT',
        path: 'cosenza/bench/uses/licences',
        given: "mount path '/data' of endpoint 'licences', which is already used by container 'main'",
      },
    ]);
  });

  test('an image that the endpoint rejects', () => {
    const dask = daskEndpoint({ name: 'dask', address: 'tcp://dask.example.org:8786', version: '2025.11.0', reach: [] });
    const image = 'registry.example.org/dask-tool:2024.1.0';
    expect(problems(using([dask], { containers: { main: { ...one, image } } }))).toMatchObject([
      {
        code: 'CONFLICTING_DASK_VERSIONS',
        path: 'cosenza/bench/uses/dask',
        given: `client image ${image} with Dask 2024.1.0, and workers with Dask 2025.11.0`,
        fix: 'use an image with tag 2025.11.0 for the client, or set image of the Dask cluster to one with Dask 2024.1.0',
      },
    ]);
    expect(problems(using([dask], { containers: { main: { ...one, image: image.replace('2024.1.0', '2025.11.0') } } }))).toEqual([]);
  });

  test('a service or undefined instead of an endpoint', () => {
    const chart = using([untyped({ endpoint: store() }), untyped(undefined)]);
    expect(problems(chart)).toMatchObject([
      { code: 'INVALID_PROP_TYPE', path: 'cosenza/bench/uses/0', given: 'an object', allowed: 'an Endpoint', fix: 'pass its `endpoint`' },
      { code: 'INVALID_PROP_TYPE', path: 'cosenza/bench/uses/1', given: 'undefined', allowed: 'an Endpoint' },
    ]);
  });

  test('pods that are not notebooks get a warning for an endpoint that authenticates by a hub', () => {
    const gateway = daskGatewayEndpoint({
      name: 'gateway',
      address: 'http://gateway.example.org',
      proxyAddress: 'gateway://gateway.example.org:8786',
      reach: [],
      hub: { id: 'hub', namespace: 'hub' },
    });
    expect(
      ledgerOf(using([gateway, externalPostgresql({ host: '192.0.2.4', database: 'a', user: 'a', password: secret('a') })])).problems
        .warnings,
    ).toMatchObject([
      {
        code: 'UNSUPPORTED_ENDPOINT_CLIENT',
        path: 'cosenza/bench/uses/gateway',
        given: "endpoint 'gateway', which accepts only tokens of hub 'hub', used by pods that are not notebooks",
        severity: 'warning',
      },
    ]);
  });
});

/** Compile-time checks: each line must be a type error. */
const refusedByTheCompiler = (service: { readonly endpoint: Endpoint }) => [
  // @ts-expect-error a service instead of its endpoint
  using([service]),
  // @ts-expect-error an endpoint instead of a list
  using(service.endpoint),
  // @ts-expect-error a name instead of an endpoint
  using(['dask']),
];
test('each compile-time error is listed with its reason', () => expect(refusedByTheCompiler).toBeInstanceOf(Function));
