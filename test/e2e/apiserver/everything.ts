/**
 * A facility with every option on, for the servers to judge: `node --import tsx everything.ts FOLDER` writes its manifests
 * to FOLDER/<site>. What is an option of a service has its place here.
 */
import { join } from 'node:path';
import {
  choice,
  cinder,
  DaskCluster,
  DaskGateway,
  defineSite,
  endpoint,
  environment,
  existingCluster,
  externalS3,
  Facility,
  JupyterHub,
  MinIO,
  NvidiaGpus,
  nodePool,
  oidc,
  oidcIssuer,
  openstack,
  option,
  rke2,
  secret,
  sharedVolume,
  size,
  storageClass,
} from '../../../lib';
import { hostTarget } from '../../../lib/authoring';
import { accelerator, mig, pluginGpus, timeSlicing } from '../../../lib/gpu';
import { dummy, github, hubService, native } from '../../../lib/services/jupyterhub';
import { cut, prometheus, shared, sharing, single, virtual } from './card-pools';
import { modern } from './modern';
import { Others } from './others';

const nfs = storageClass('nfs', { shared: true });

const folder = process.argv[2] ?? '.';
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVuLZTWXO7LJzCX0w0GcHXkfkyXPyPzMEjBR2Wr8HcC test';
const node = { image: 'AlmaLinux-9.4', flavor: { name: 'c32m128', vcpus: 32, memory: '128GiB', disk: '100GiB' } } as const;

const gpus = nodePool('gpus', {
  ...node,
  count: 2,
  gpus: timeSlicing(mig('a100-80gb', { perNode: 2, layout: [{ '3g.40gb': 2 }, { '1g.10gb+me': 1, '2g.20gb': 2 }] }), { replicas: 2 }),
});
const control = nodePool('control', {
  ...node,
  count: 3,
  roles: ['controlplane', 'etcd'],
  taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
});
const core = nodePool('core', { ...node, count: 4 });
const users = nodePool('users', {
  ...node,
  keys: ['a', 'b', 'c'],
  labels: { 'example.org/room': 'B7', 'example.com/card': 'yes' },
  taints: [{ key: 'example.org/dedicated', value: 'users', effect: 'NoSchedule' }],
  dataVolumes: [{ name: 'cache', size: '200GiB', type: 'ssd' }],
  gpus: pluginGpus('example.com/card', 4),
});

const provisioned = new Facility(
  defineSite('provisioned', {
    cluster: rke2({ version: '1.30.4', network: 'canal', ingress: 'nginx', mtu: 1400 }),
    cloud: openstack({
      region: 'RegionOne',
      cidr: '10.65.0.0/22',
      externalNetwork: 'public',
      admins: ['192.0.2.0/24'],
      sshKey: key,
      publicAddress: '203.0.113.20',
      entry: 'load-balancer',
      cloudController: true,
      authUrl: 'https://keystone.example.org:5000/v3',
      mtu: 1500,
    }),
    pools: [control, core, users, gpus, cut, shared],
    storage: {
      default: cinder({ volumeType: 'ssd', availabilityZone: 'nova' }),
      classes: [cinder({ name: 'archive', reclaim: 'Retain' }), nfs],
    },
    registry: 'harbor.example.org/mirror',
  }),
  { outdir: join(folder, 'provisioned'), quotas: { dask: { cpu: 200, memory: '800GiB' } } },
);

const store = new MinIO(provisioned, 'minio', {
  on: core,
  servers: 4,
  drivesPerServer: 2,
  driveSize: '100GiB',
  storageClass: cinder({ name: 'archive', reclaim: 'Retain' }),
  parity: 3,
  apart: 'required',
  resources: { cpu: 2, cpuLimit: 8, memory: '8GiB', disk: '2GiB' },
  pools: [
    {},
    {
      servers: 3,
      drivesPerServer: 4,
      driveSize: '200GiB',
      storageClass: cinder({ volumeType: 'ssd', availabilityZone: 'nova' }),
      on: users,
    },
  ],
  buckets: [
    { name: 'scratch', quota: '10GiB', lifecycle: [{ prefix: 'tmp/', expire: '7d' }], anonymous: 'download' },
    { name: 'results', versioning: true, lifecycle: [{ expireNoncurrent: '30d' }] },
    { name: 'archive', objectLock: { mode: 'governance', keep: '1d' } },
  ],
  users: [
    { name: 'analysis', serviceAccounts: [{ name: 'pipeline', access: [{ actions: ['s3:GetObject'], resources: ['results/*'] }] }] },
    { name: 'reader', access: 'readonly', buckets: ['results'] },
    { name: 'drop-box', access: 'writeonly', buckets: ['scratch'] },
  ],
  policies: [{ name: 'auditor', statements: [{ actions: ['s3:ListBucket'], resources: ['results'] }] }],
  login: {
    issuer: oidcIssuer('https://iam.example.org/', { cidrs: ['203.0.113.0/28'] }),
    client: 'store',
    clientSecret: secret('store-client', 'secret'),
    policies: ['auditor'],
    scopes: ['openid'],
    title: 'IAM',
  },
  metrics: { from: { kind: 'pods', namespace: 'monitoring', labels: { app: 'prometheus' } }, auth: 'public' },
  serverTls: {},
  console: true,
  region: 'eu-south-1',
  host: 's3.example.org',
  consoleHost: 'minio.example.org',
  tls: { clusterIssuer: 'letsencrypt' },
  patch: [{ object: 'StatefulSet/minio', operations: [{ op: 'add', path: '/metadata/annotations/team', value: 'storage' }] }],
});
const dask = new DaskCluster(provisioned, 'dask', {
  on: [core, users],
  workers: 4,
  worker: { cpu: 4, memory: '16GiB' },
  memoryLimit: '14GiB',
  threads: 2,
  scheduler: { cpu: 2, memory: '8GiB' },
  memoryShares: { target: 0.5, spill: 0.6, pause: 0.75, terminate: 0.9 },
  resources: { SLOTS: 4 },
  spill: '20GiB',
  spillOn: cinder({ volumeType: 'ssd', availabilityZone: 'nova' }),
  lifetime: { after: '12h', stagger: '1h' },
  retirement: '5m',
  deathTimeout: '2m',
  groups: {
    large: { on: users, workers: 2, worker: { cpu: 8, memory: '32GiB' }, memoryLimit: '30GiB', threads: 8 },
    card: { accelerator: gpus.slice('3g.40gb'), workers: 3, resources: { GPU: 1 } },
  },
  env: { OMP_NUM_THREADS: '1' },
  tls: { authority: 'ca.crt' },
  metrics: { from: { kind: 'pods', namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus' } } },
});
new JupyterHub(provisioned, 'jupyterhub', {
  on: core,
  notebooksOn: users,
  host: 'jupyter.example.org',
  tls: { secret: 'wildcard-tls' },
  login: oidc({
    issuer: oidcIssuer('https://iam.example.org/', { cidrs: ['203.0.113.0/28'] }),
    client: 'hub',
    clientSecret: secret('iam-client', 'secret'),
    allowedGroups: ['analysis'],
    allowedUsers: ['alice'],
    admins: ['root'],
    adminGroups: ['admins'],
    groupsClaim: 'wlcg.groups',
    usernameClaim: 'email',
    keepTokens: true,
  }),
  environments: [
    environment('python', { title: 'Python', env: { TEMPLATE: '{braces}', TOKEN: secret('notebook-token') } }),
    environment('heavy', {
      image: 'registry.example.org/heavy:1.2',
      groups: ['analysis'],
      on: core,
      volumes: [sharedVolume('scratch', { at: '/scratch', from: { size: '1TiB', storageClass: nfs }, writable: true })],
      share: { servers: 3, oversubscribe: true },
      sizes: [size('huge', { cpu: 16, memory: '64GiB', on: [core, users], cull: { after: '30m' } })],
    }),
    environment('slice', {
      accelerator: gpus.slice('1g.10gb+me'),
      share: { servers: 4 },
      cull: { after: '15m' },
      options: [],
    }),
  ],
  options: [
    option('card', {
      title: 'Accelerator',
      choices: [
        choice('none'),
        choice('one', {
          groups: ['analysis'],
          image: 'registry.example.org/card:1',
          accelerator: accelerator('example.com/card', {
            labels: { 'example.com/card': 'yes' },
            taints: [{ key: 'example.com/card', effect: 'NoSchedule' }],
            env: { CARDS: 'all' },
            on: users,
            title: 'a card',
          }),
          cull: { after: '15m' },
        }),
        choice('more', { resources: { cpu: 4, cpuLimit: 8, memory: '8GiB', disk: '10GiB' } }),
      ],
    }),
  ],
  volumes: [sharedVolume('software', { at: '/software', from: { claim: 'software' }, subPath: 'stable' })],
  namedServers: 2,
  pullImages: true,
  placeholders: { count: 2, size: { cpu: 1, memory: '2GiB', accelerator: gpus.slice('1g.10gb+me') } },
  services: [hubService('booking', { scopes: ['list:users', 'read:servers!group=analysis'] })],
  metrics: { from: { kind: 'pods', namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus' } } },
  texts: { announcement: 'Down on Monday', login: 'Welcome', spawn: 'Choose', home: 'Yours', size: 'How large' },
  sizes: [size('small', { cpu: '500m', cpuLimit: 2, memory: '2GiB' }), size('large', { cpu: 8, memory: '32GiB', disk: '20GiB' })],
  home: { size: '20GiB', deleteWithUser: true },
  uses: [
    store.endpoint,
    dask.endpoint,
    endpoint({
      name: 'scanner',
      variables: { SCANNER: '192.0.2.90' },
      mounts: { '/etc/scanner': { volume: 'scanner', files: { 'settings.json': '{}\n' } } },
      reach: [hostTarget('192.0.2.90', 443)],
      rights: [
        { rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get'] }] },
        { namespace: 'dask', rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] },
      ],
    }),
  ],
  activeServers: 10,
  cull: { after: '2h', every: '5m', oldest: '7d', kernels: { after: '30m' } },
});

new DaskGateway(provisioned, 'dask-gateway', {
  on: core,
  clustersOn: users,
  hub: { id: 'jupyterhub', namespace: 'jupyterhub' },
  image: 'registry.example.org/notebook:1',
  images: ['registry.example.org/heavy:1.2'],
  worker: { cpu: 2, memory: '8GiB' },
  largestWorker: { cpu: 8, memory: '32GiB' },
  accelerators: { slice: gpus.slice('2g.20gb') },
  scheduler: { cpu: 2, memory: '4GiB' },
  limits: { clusters: 1, workers: 4, cpu: 20, memory: '80GiB' },
  groups: { analysis: { clusters: 2, workers: 20 } },
  idleTimeout: '30m',
  spill: '50GiB',
  uses: [store.endpoint],
  env: { OMP_NUM_THREADS: '1' },
  internet: false,
  traefikDefinitions: true,
  api: { cpu: '200m', memory: '512MiB' },
  controller: { cpu: '200m', memory: '512MiB' },
  proxy: { cpu: 1, memory: '512MiB' },
});

new NvidiaGpus(provisioned, 'gpus', {
  by: 'operator',
  namespace: 'gpu-operator',
  driver: 'operator',
  toolkit: 'operator',
  reboot: true,
  metrics: { from: prometheus, monitors: { release: 'monitoring' }, every: '15s', idle: { below: 0.05, after: '1h' } },
  patch: [{ object: 'ClusterPolicy/cluster-policy', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'cards' }] }],
});

new Others(provisioned, [control, core, users], core);

const nodes = nodePool('any', { count: 2, flavor: { vcpus: 16, memory: '64GiB' } });
const bare = new Facility(
  defineSite('bare', {
    test: true,
    cluster: existingCluster({
      version: '1.27',
      apiServers: ['198.51.100.7:443'],
      ingress: { className: 'traefik', namespace: 'traefik' },
      domain: 'cluster.example',
      podCidr: '10.200.0.0/16',
      serviceCidr: '10.201.0.0/16',
      dnsLabels: { 'k8s-app': 'node-local-dns' },
    }),
    pools: [nodes, sharing, single, virtual],
    storage: { default: storageClass('nfs', { shared: true }) },
    images: { dask: 'registry.example.org/dask:1@sha256:0000000000000000000000000000000000000000000000000000000000000000' },
  }),
  { outdir: join(folder, 'bare') },
);
const cluster = new DaskCluster(bare, 'dask', { on: nodes, workers: 1, namespace: 'compute' });
const gateway = new DaskGateway(bare, 'gateway', { on: nodes, hub: { id: 'hub' }, traefikDefinitions: false });
new JupyterHub(bare, 'hub', {
  on: nodes,
  host: 'hub.example.org',
  login: dummy({ allowAll: true }),
  environments: [environment('python')],
  sizes: [size('only', { cpu: 1, memory: '2GiB' })],
  home: 'none',
  internet: false,
  reach: [{ peer: { kind: 'addresses', cidrs: ['192.0.2.77/32'] }, port: 27000 }],
  cull: 'never',
  uses: [
    externalS3({
      url: 'https://s3.example.org',
      accessKey: secret('s3', 'access'),
      secretKey: secret('s3', 'secret'),
      cidrs: ['192.0.2.128/25'],
    }),
    cluster.endpoint,
    gateway.endpoint,
  ],
});

new JupyterHub(bare, 'teaching', {
  on: nodes,
  host: 'teaching.example.org',
  login: native({ allowAll: true, admins: ['root'], groups: { course: ['ada'] }, openSignup: true, passwordLength: 10, failedLogins: 3 }),
  environments: [environment('python')],
  sizes: [size('only', { cpu: 1, memory: '2GiB', groups: ['course'] })],
  home: { shared: { size: '100GiB' }, subPath: 'teaching/{username}' },
  database: {
    url: secret('teaching-db', 'url'),
    reach: { peer: { kind: 'pods', namespace: 'db', labels: { app: 'postgres' } }, port: 5432 },
    upgrade: false,
  },
  metrics: { from: { kind: 'pods', namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus' } }, access: 'open' },
  activeServers: 2,
});
new JupyterHub(bare, 'outreach', {
  on: nodes,
  host: 'outreach.example.org',
  login: github({ client: 'outreach', allowedOrganizations: ['lab'], allowedGroups: ['lab:students'] }),
  environments: [environment('python')],
  sizes: [size('only', { cpu: 1, memory: '2GiB' })],
  activeServers: 2,
});

new NvidiaGpus(bare, 'cards', {
  by: 'plain',
  namespace: 'cards',
  kubeletDir: '/var/lib/kubelet',
  reboot: true,
  metrics: { from: prometheus, monitors: { release: 'monitoring' } },
});

provisioned.synth();
bare.synth();
modern(folder).synth();
