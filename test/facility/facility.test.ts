import { oidcIssuer } from '../../lib/endpoints';
import { Deployment } from '../../lib/kubernetes';
import { DaskCluster } from '../../lib/services/dask';
import { environment, JupyterHub, oidc, size } from '../../lib/services/jupyterhub';
import { MinIO } from '../../lib/services/minio';
import { type Memory, nodePool, rke1, storageClass } from '../../lib/site';
import { Bench, deployment, facilityOf, hostPort, manifests, one, raw, service } from '../fixtures/facility';
import { mayConnect, type Party, podsOf } from '../fixtures/network';
import { briefly, master, nodes, problemsOf, provisioned, worker } from '../fixtures/site';

describe('a facility with many errors', () => {
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

  test('reports all errors together', () => {
    expect([...new Set(problems.map(({ code }) => code))].sort()).toEqual([
      'CONFLICTING_CIDR',
      'DUPLICATE_ADDRESS',
      'DUPLICATE_HOST',
      'DUPLICATE_OBJECT',
      'EXCEEDS_NODE',
      'INVALID_DASK_MEMORY_LIMIT',
      'INVALID_ETCD_COUNT',
      'INVALID_NAME',
      'INVALID_QUANTITY',
      'INVALID_TOKEN_IN_MANIFEST',
      'MISSING_HUB_ALLOWED_USERS',
      'MISSING_NODE',
      'MISSING_POOL_FIELD',
      'MISSING_REFERENCE',
      'MISSING_STORAGE_CLASS',
      'RESERVED_HOST_PORT',
      'UNKNOWN_PATCH_OBJECT',
      'UNKNOWN_POOL',
      'UNKNOWN_SELECTOR',
      'UNKNOWN_STORAGE_CLASS',
    ]);
  });

  test('reports each error with path, given value, allowed values and fix', () => {
    for (const { path, given, allowed, fix, code } of problems) {
      expect([code, path]).toEqual([code, expect.stringMatching(/^napoli\/./)]);
      for (const text of [given, allowed, fix]) expect([code, text]).toEqual([code, expect.stringMatching(/\S/)]);
      expect([code, allowed + fix]).toEqual([code, expect.not.stringMatching(/NaN|undefined|\[object/)]);
    }
  });

  test('throws them together, sorted, and writes nothing', () => {
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

describe('NetworkPolicies of a facility', () => {
  const facility = facilityOf((each) => {
    const store = new MinIO(each, 'minio', { on: nodes, servers: 3, drivesPerServer: 2, host: 's3.example.org' });
    const dask = new DaskCluster(each, 'dask', { on: nodes });
    new Bench(each, 'client', (chart) => {
      const analysis = new Deployment(chart, 'analysis', {
        on: nodes,
        containers: { main: { ...one, ports: { web: 8080 } } },
        uses: [store.endpoint, dask.endpoint],
      });
      analysis.mayReach({ peer: { kind: 'internet' } });
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

  test('allow exactly the declared flows, at both ends', () => {
    const open = new Set<string>();
    const own = new Set(pods.map(({ name }) => name));
    for (const from of [...pods, ...outside]) {
      for (const to of [...pods, ...outside]) {
        // Connections between external peers are not restricted.
        if (!own.has(from.name) && !own.has(to.name)) continue;
        for (const port of ports)
          if (mayConnect(objects, from, to, port))
            open.add(to.name === 'world' ? `${from.name} -> world` : `${from.name} -> ${to.name} ${port}`);
      }
    }
    const toDns = [...own].map((name) => `${name} -> dns 53`);
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

  test('every pod has one policy, with the name of its workload', () => {
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

  test('agree with the flows in the ledger', () => {
    const declared = facility.output().flows.filter(({ to }) => to.peer.kind === 'pods' && to.peer.namespace !== 'kube-system');
    expect(new Set(declared.map(({ to }) => to.port))).toEqual(new Set([8786, 8787, 8788, 8789, 8790, 9000]));
  });
});
