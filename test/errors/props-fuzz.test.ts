import * as lib from '../../lib';
import * as gpu from '../../lib/gpu';
import * as jupyterhub from '../../lib/services/jupyterhub';

/** Functions of the library, without their types. */
const untyped = { ...lib, ...gpu, ...jupyterhub } as Record<string, any>;

const image = 'AlmaLinux-9.4';
/** A site with all kinds of props, as plain data. */
const SITE = {
  masters: {
    ...{ count: 3, image, roles: ['controlplane', 'etcd'], labels: { a: 'b' }, taints: [{ key: 'x', value: 'y', effect: 'NoSchedule' }] },
    flavor: { name: 'm1', vcpus: 4, memory: '8GiB', disk: '60GiB' },
  },
  cpu: { count: 4, image, flavor: { name: 'm2', vcpus: 64, memory: '256GiB', disk: '200GiB' } },
  gpu: { count: 2, image, flavor: { name: 'g1', vcpus: 64, memory: '512GiB', disk: '400GiB' } },
  card: 'h100-80gb',
  mig: { perNode: 4, layout: { '1g.10gb': 3, '4g.40gb': 1 } },
  slice: '4g.40gb',
  cluster: { version: '1.33.5', network: 'cilium', ingress: 'nginx' },
  cloud: {
    ...{ region: 'one', cidr: '10.20.0.0/22', externalNetwork: 'public', publicAddress: '192.0.2.44', entry: 'load-balancer' },
    ...{ admins: ['192.0.2.0/24'], nameServers: ['192.0.2.1'] },
    sshKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVuLZTWXO7LJzCX0w0GcHXkfkyXPyPzMEjBR2Wr8HcC admin@example.org',
  },
  storage: 'fast',
  minio: {
    servers: 4,
    driveSize: '200GiB',
    buckets: [{ name: 'scratch', quota: '100GiB' }],
    users: [{ name: 'analysis', access: 'readwrite' }],
  },
  dask: { workers: 4, worker: { cpu: 2, memory: '8GiB' } },
  gateway: { images: ['ghcr.io/dask/dask-notebook:2025.11.0'], limits: { clusters: 2, workers: 10 }, hub: { id: 'hub', namespace: 'hub' } },
  issuer: 'https://iam.example.org/',
  login: { client: 'hub', allowedGroups: ['users'], admins: ['root'] },
  python: { title: 'Python', groups: ['users'] },
  learning: { image: 'registry.example.org/learning:1', share: { servers: 4 }, cull: { after: '20m' } },
  size: { cpu: 2, memory: '8GiB' },
  hub: { host: 'jupyter.example.org', cull: { after: '1h' }, activeServers: 50, texts: { announcement: 'Welcome' } },
  quotas: { hub: { cpu: 400, memory: '3TiB' } },
};

/** Parts of the description that no service reads, parts that a single service reads, and parts that only the hub reads. */
const SITE_PARTS: readonly string[] = ['masters', 'cluster', 'cloud', 'card', 'mig'];
const SERVICE_PARTS = ['minio', 'dask', 'gateway'] as const;
const HUB_PARTS: readonly string[] = ['issuer', 'login', 'python', 'learning', 'size', 'hub'];

/** @param part the part of the description under test: services that do not read it are omitted */
function facilityOf(given: any, part = ''): lib.Facility {
  const { nodePool, environment, size } = untyped;
  const [masters, cpu] = [nodePool('cp', given.masters), nodePool('cpu', given.cpu)];
  const gpus = nodePool('gpu', { ...given.gpu, gpus: untyped.mig(given.card, given.mig) });
  const site = untyped.defineSite('lab', {
    cluster: untyped.rke2(given.cluster),
    cloud: untyped.openstack(given.cloud),
    pools: [masters, cpu, gpus],
    storage: { default: untyped.storageClass(given.storage) },
  });
  const facility = new untyped.Facility(site, { quotas: SITE_PARTS.includes(part) ? {} : given.quotas, outdir: 'none' });
  if (SITE_PARTS.includes(part)) return facility;
  const single = SERVICE_PARTS.find((one) => one === part);
  const make = {
    minio: () => new untyped.MinIO(facility, 'minio', { on: cpu, ...given.minio }),
    dask: (store?: any) => new untyped.DaskCluster(facility, 'dask', { on: cpu, ...given.dask, uses: store ? [store.endpoint] : [] }),
    gateway: () => new untyped.DaskGateway(facility, 'gateway', { on: cpu, ...given.gateway }),
  };
  if (single) {
    make[single]();
    return facility;
  }
  const store = HUB_PARTS.includes(part) ? undefined : make.minio();
  const [dask, gateway] = HUB_PARTS.includes(part) ? [] : [make.dask(store), make.gateway()];
  new untyped.JupyterHub(facility, 'hub', {
    ...{ on: cpu, ...given.hub, uses: [store, dask, gateway].flatMap((one) => one?.endpoint ?? []) },
    login: untyped.indigoIam(given.issuer, given.login),
    environments: [
      environment('python', given.python),
      environment('learning', { ...given.learning, accelerator: gpus.slice(given.slice) }),
    ],
    sizes: [size('small', given.size)],
  });
  return facility;
}

/** Problems of the description. Any exception that is not a FacilityError fails the test. */
function problemsOf(given: any, part = ''): readonly lib.Problem[] {
  try {
    return facilityOf(given, part).problems();
  } catch (error) {
    if (error instanceof lib.FacilityError) return error.problems;
    throw error;
  }
}

type Path = readonly string[];

function paths(value: any, at: Path = []): Path[] {
  if (typeof value !== 'object') return [];
  return Object.keys(value).flatMap((name) => [[...at, name], ...paths(value[name], [...at, name])]);
}

function changed(path: Path, value: unknown): any {
  const site = structuredClone(SITE) as any;
  const owner = path.slice(0, -1).reduce((one, name) => one[name], site);
  owner[path.at(-1) ?? ''] = value;
  return site;
}

const at = (path: Path) => path.reduce((one: any, name) => one[name], SITE);

test('the unchanged description has no problems', () => expect(problemsOf(SITE)).toEqual([]));

test.each([
  ['null', null],
  ['a string', 'some Text'],
  ['a list', [{ strange: 1 }]],
  ['an object', { strange: 1 }],
])('%s as the value of any prop is reported with a fix', (_, value) => {
  const found = paths(SITE).flatMap((path) =>
    problemsOf(changed(path, value), path[0]).map((problem) => ({ at: path.join('.'), ...problem })),
  );
  expect(found.filter(({ fix }) => fix === '')).toEqual([]);
  // Messages print values as they were written.
  expect(
    found.filter((problem) => JSON.stringify(problem).includes('[object')).map(({ at, code, given }) => `${at} ${code} ${given}`),
  ).toEqual([]);
  expect(found.length).toBeGreaterThan(100);
});

/** Props whose keys are chosen by the operator or are GPU profiles. */
const OPEN_KEYS = ['labels', 'quotas', 'layout'];
const hasOpenName = (path: Path) => OPEN_KEYS.includes(path.at(-2) ?? '') || /^\d+$/.test(path.at(-1) ?? '');

test('a prop name with an additional letter is reported with the right name, at every path', () => {
  // Short names resemble too many others, and perNode is optional.
  const names = paths(SITE).filter(
    (path) => path.length > 1 && !hasOpenName(path) && (path.at(-1)?.length ?? 0) > 3 && path.at(-1) !== 'perNode',
  );
  for (const path of names) {
    const site = changed([...path.slice(0, -1), `${path.at(-1)}z`], at(path));
    delete path.slice(0, -1).reduce((one, name) => one[name], site)[path.at(-1) ?? ''];
    const found = problemsOf(site, path[0]).filter(({ code }) => code === 'UNKNOWN_PROP' || code === 'MISSING_PROP');
    expect(`${path.join('.')}: ${found.map(({ fix }) => fix)}`).toContain(`'${path.at(-1)}'`);
  }
  expect(names.length).toBeGreaterThan(40);
});

test('an unknown prop is a warning', () => {
  const objects = paths(SITE).filter(
    // For the cloud, an unknown prop is an error.
    (path) => !Array.isArray(at(path)) && typeof at(path) === 'object' && !OPEN_KEYS.includes(path.at(-1) ?? '') && path[0] !== 'cloud',
  );
  const site = structuredClone(SITE) as any;
  for (const [index, path] of objects.entries()) path.reduce((one, name) => one[name], site)[`surplus${index}`] = 1;
  const unknown = facilityOf(site)
    .output()
    .warnings.filter(({ code, path }) => code === 'UNKNOWN_PROP' && /\/surplus\d+$/.test(path));
  expect(objects.filter((_, index) => unknown.filter(({ path }) => path.endsWith(`/surplus${index}`)).length !== 1)).toEqual([]);
  expect(objects.length).toBeGreaterThan(20);
});
