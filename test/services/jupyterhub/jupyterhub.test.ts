import {
  type EnvironmentProps,
  environment,
  type HomeProps,
  hubService,
  type JupyterHubProps,
  type SizeProps,
  size,
} from '../../../lib/services/jupyterhub';
import { accelerator, secret, storageClass } from '../../../lib/site';
import {
  dask,
  data,
  errors,
  gateway,
  gpuOption,
  hub,
  type Json,
  large,
  minimal,
  monitoring,
  poolsIn,
  reached,
  s3,
  site,
  sizeOf,
  workers,
} from '../../fixtures/hub';

describe('environments, sizes and options', () => {
  test('profiles keep the order of environments and sizes; each has all sizes', () => {
    const { facts } = hub({ environments: [environment('zeta'), environment('alpha', { title: 'Alpha', description: 'first letter' })] });
    expect(facts.profiles.map(({ slug, display_name, description }: Json) => [slug, display_name, description])).toEqual([
      ['zeta', 'zeta', undefined],
      ['alpha', 'Alpha', 'first letter'],
    ]);
    for (const profile of facts.profiles) expect(Object.keys(profile.profile_options.size.choices)).toEqual(['small', 'large']);
  });

  test('a size sets requests and limits of CPU, memory and ephemeral storage', () => {
    expect(sizeOf(hub().facts)).toMatchObject({
      cpu_guarantee: 2,
      cpu_limit: 2,
      mem_guarantee: 4 * 2 ** 30,
      mem_limit: 4 * 2 ** 30,
      extra_resource_guarantees: { 'ephemeral-storage': '10Gi' },
      extra_resource_limits: { 'ephemeral-storage': '10Gi' },
    });
  });

  test('every prop of a size', () => {
    const all: Required<SizeProps> = {
      title: 'Two',
      cpu: '1500m',
      cpuLimit: 3,
      memory: '6GiB',
      disk: '20GiB',
      on: [workers, large],
      groups: ['cms'],
      image: 'registry.example.org/two:2',
      env: { TWO: '2' },
      volumes: [data],
      accelerator: accelerator('example.com/gpu', { count: 2, labels: { gpu: 'big' }, env: { GPUS: 'all' } }),
      cull: { after: '30m' },
    };
    const { facts, ledger } = hub({ sizes: [size('two', all)] });
    expect(facts.profiles[0].profile_options.size.choices.two).toMatchObject({ groups: ['cms'], cull_after: 1800 });
    expect(facts.profiles[0].profile_options.size.choices.two.display_name).toBe('Two');
    expect(sizeOf(facts, 0, 'two')).toMatchObject({
      cpu_guarantee: 1.5,
      cpu_limit: 3,
      mem_limit: 6 * 2 ** 30,
      image: 'registry.example.org/two:2',
      environment: { TWO: '2', GPUS: 'all' },
      extra_resource_limits: { 'ephemeral-storage': '20Gi', 'example.com/gpu': '2' },
      node_selector: { gpu: 'big' },
      node_affinity_required: {
        'pool-0': { matchExpressions: [{ key: 'pool', operator: 'In', values: ['worker'] }] },
        'pool-1': { matchExpressions: [{ key: 'pool', operator: 'In', values: ['large'] }] },
      },
      tolerations: { 'pool-0': { key: 'large', operator: 'Exists', value: null, effect: 'NoSchedule' } },
      volumes: { 'volume-data': { name: 'volume-data', persistentVolumeClaim: { claimName: 'data', readOnly: true } } },
      volume_mounts: { 'volume-data': { name: 'volume-data', mountPath: '/data', readOnly: true } },
    });
    const spec = ledger.runtimePods[0]?.spec as Json;
    expect(poolsIn(spec)).toEqual(['worker', 'large']);
    expect(spec).toMatchObject({
      nodeSelector: { gpu: 'big' },
      tolerations: [{ key: 'large', operator: 'Exists', effect: 'NoSchedule' }],
      containers: [
        {
          name: 'notebook',
          image: 'registry.example.org/two:2',
          ports: [{ containerPort: 8888 }],
          resources: {
            requests: { cpu: 1.5, memory: 6 * 2 ** 30, 'ephemeral-storage': '20Gi', 'example.com/gpu': '2' },
            limits: { cpu: 3, memory: 6 * 2 ** 30, 'ephemeral-storage': '20Gi', 'example.com/gpu': '2' },
          },
        },
      ],
    });
    expect(spec?.volumes).toContainEqual({ name: 'volume-data', persistentVolumeClaim: { claimName: 'data', readOnly: true } });
  });

  test('every prop of an environment', () => {
    const wide = size('wide', { cpu: 16, memory: '128GiB', on: large });
    const all: Required<EnvironmentProps> = {
      title: 'ROOT',
      description: 'C++',
      image: 'registry.example.org/root:6.34',
      env: { JSON: '{"a": {}}', TOKEN: secret('tokens', 'root') },
      uses: [dask],
      sizes: [wide],
      options: [gpuOption],
      groups: ['cms', 'atlas'],
      volumes: [data],
      on: workers,
      accelerator: 'none',
      share: { servers: 3, oversubscribe: true },
      cull: { after: '20m' },
    };
    const { facts, ledger } = hub({ environments: [environment('root', all)] });
    expect(facts.profiles[0]).toMatchObject({
      display_name: 'ROOT',
      groups: ['cms', 'atlas'],
      cull_after: 1200,
      kubespawner_override: {
        node_affinity_required: { 'pool-0': { matchExpressions: [{ key: 'pool', operator: 'In', values: ['worker'] }] } },
        image: 'registry.example.org/root:6.34',
        priority_class_name: 'napoli-jupyterhub-root',
        environment: { JSON: '{"a": {}}', TOKEN: { valueFrom: { secretKeyRef: { name: 'tokens', key: 'root' } } } },
      },
    });
    expect(Object.keys(facts.profiles[0].profile_options.size.choices)).toEqual(['wide']);
    expect(Object.keys(facts.profiles[0].profile_options)).toEqual(['size', 'gpu']);
    expect(sizeOf(facts, 0, 'wide').node_affinity_required['pool-0'].matchExpressions[0].values).toEqual(['large']);
    expect(ledger.runtimePods.map(({ what }) => what)).toEqual([
      "notebook server 'wide' of 'root'",
      "notebook server 'wide' of 'root' with gpu 'one'",
    ]);
    expect(ledger.secrets.map(({ secret }) => secret.name)).toContain('tokens');
  });

  test('each size is a runtime pod in the ledger, with the maximum number', () => {
    const { ledger } = hub({ activeServers: 12 });
    expect(ledger.runtimePods).toHaveLength(2);
    expect(ledger.runtimePods[1]).toMatchObject({
      what: "notebook server 'large'",
      namespace: 'jupyterhub',
      labels: { 'app.kubernetes.io/instance': 'jupyterhub-user' },
      spec: { containers: [{ resources: { requests: { cpu: 8, memory: 32 * 2 ** 30, 'ephemeral-storage': '10Gi' } } }] },
      most: 12,
      path: 'napoli/jupyterhub/sizes/large',
    });
  });
});

describe('NetworkPolicies', () => {
  const { policy } = hub({ uses: [s3, dask] });

  test('egress of notebook servers: only hub, proxy, DNS, object store, Dask and the public Internet', () => {
    expect(reached(policy('user').egress)).toEqual({
      'jupyterhub/jupyterhub-hub': [8081],
      'jupyterhub/jupyterhub-proxy': [8000],
      'kube-system/kube-dns': [53],
      '192.0.2.7/32': [9000],
      'dask/scheduler': [8786, 8787],
      '0.0.0.0/0': [],
    });
    expect(policy('user').egress.find((rule: Json) => rule.to[0].ipBlock?.except).to[0].ipBlock.except).toContain('169.254.0.0/16');
  });

  test('ingress of notebook servers: only hub and proxy', () => {
    expect(reached(policy('user').ingress)).toEqual({ 'jupyterhub/jupyterhub-hub': [8888], 'jupyterhub/jupyterhub-proxy': [8888] });
  });

  test('the hub: egress to the proxy API, notebook servers, the OpenID Connect provider, the API server and DNS', () => {
    expect(reached(policy('hub').egress)).toEqual({
      'jupyterhub/jupyterhub-proxy': [8001],
      'jupyterhub/jupyterhub-user': [8888],
      'kube-system/kube-dns': [53],
      '192.0.2.80/32': [443],
      '10.0.0.10/32': [6443],
    });
    expect(reached(policy('hub').ingress)).toEqual({ 'jupyterhub/jupyterhub-proxy': [8081], 'jupyterhub/jupyterhub-user': [8081] });
  });

  test('the proxy: ingress from the ingress controller, and from the hub to its API', () => {
    expect(reached(policy('proxy').egress)).toEqual({
      'jupyterhub/jupyterhub-hub': [8081],
      'jupyterhub/jupyterhub-user': [8888],
      'kube-system/kube-dns': [53],
    });
    expect(reached(policy('proxy').ingress)).toEqual({
      'ingress-nginx': [8000],
      'jupyterhub/jupyterhub-user': [8000],
      'jupyterhub/jupyterhub-hub': [8001],
    });
  });

  test('egress of notebook servers with `internet: false` and without endpoints: hub, proxy and DNS', () => {
    expect(Object.keys(reached(hub({ internet: false }).policy('user').egress))).toEqual([
      'jupyterhub/jupyterhub-hub',
      'jupyterhub/jupyterhub-proxy',
      'kube-system/kube-dns',
    ]);
  });
});

test('`reach` opens further destinations; the metadata service and the API server are INSECURE_HUB_REACH', () => {
  const licenses = (cidr: string) => ({ reach: [{ peer: { kind: 'addresses', cidrs: [cidr] }, port: 27000 }] }) as const;
  expect(reached(hub({ internet: false, ...licenses('10.0.7.11/32') }).policy('user').egress)).toMatchObject({ '10.0.7.11/32': [27000] });
  for (const reach of [licenses('169.254.0.0/16').reach, licenses('10.0.0.0/24').reach, [{ peer: { kind: 'api-server' } } as const]])
    expect(errors({ reach })).toEqual(['INSECURE_HUB_REACH napoli/jupyterhub/reach']);
});

describe('notebook servers', () => {
  test('have variables of the object store and Dask; credentials come from a Secret in the hub’s namespace', () => {
    const { facts, ledger } = hub({ uses: [s3, dask] });
    expect(facts.notebooks.base.environment).toEqual({
      AWS_ENDPOINT_URL: 'https://192.0.2.7:9000',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: { valueFrom: { secretKeyRef: { name: 'store', key: 'access' } } },
      AWS_SECRET_ACCESS_KEY: { valueFrom: { secretKeyRef: { name: 'store', key: 'secret' } } },
      S3_BUCKET: 'data',
      DASK_SCHEDULER_ADDRESS: 'tcp://dask-scheduler.dask.svc.cluster.local:8786',
      DASK_DISTRIBUTED__DASHBOARD__LINK: '{JUPYTERHUB_SERVICE_PREFIX}proxy/dask-scheduler.dask.svc.cluster.local:8787/status',
    });
    expect(ledger.secrets.filter(({ secret }) => secret.name === 'store').map(({ namespace }) => namespace)).toEqual([
      'jupyterhub',
      'jupyterhub',
    ]);
  });

  test('jupyter-server-proxy may open the Dask dashboard', () => {
    const { objects, facts } = hub({ uses: [dask] });
    const config = objects.find((object) => object.data?.['jupyter_server_config.json']);
    const { volumes, volume_mounts } = facts.notebooks.base;
    expect(volumes).toMatchObject({ 'user-files': { name: 'user-files', configMap: { name: config?.metadata.name } } });
    expect(volume_mounts['user-files'].name).toBe('user-files');
    expect(JSON.parse(config?.data['jupyter_server_config.json']).ServerProxy.host_allowlist).toContain(
      'dask-scheduler.dask.svc.cluster.local',
    );
  });

  test('have the labels that their NetworkPolicy selects, and no RBAC permissions', () => {
    const { facts, policy, object } = hub();
    expect(facts.notebooks.labels).toMatchObject(policy('user').podSelector.matchLabels);
    expect(facts.notebooks.serviceAccount).toBe('jupyterhub-user');
    expect(object('ServiceAccount', 'jupyterhub-user').automountServiceAccountToken).toBe(false);
    expect(object('RoleBinding', 'jupyterhub-user')).toEqual({});
  });

  test('every prop of home directories', () => {
    const all: Required<HomeProps> = { size: '25GiB', storageClass: storageClass('shared'), deleteWithUser: true };
    expect(hub({ home: all }).facts.notebooks.home).toEqual({
      storageClass: 'shared',
      capacity: '25Gi',
      accessModes: ['ReadWriteOnce'],
      deleteWithUser: true,
      labels: {},
      annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false', 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
    });
    expect(hub({ home: {} }).facts.notebooks.home).toMatchObject({
      deleteWithUser: false,
      labels: { 'analysis-facility.io/data': 'keep' },
    });
    const noHomes = hub({ home: 'none' });
    expect(noHomes.facts.notebooks.home).toBeNull();
    expect(noHomes.ledger.problems.warnings).toMatchObject([{ code: 'MISSING_HUB_HOMES', path: 'napoli/jupyterhub/home' }]);
  });
});

test('every prop of a hub', () => {
  const all: Required<JupyterHubProps> = {
    ...minimal,
    namespace: 'notebooks',
    site: site({ images: { jupyterhub: 'registry.example.org/hub:1' } }),
    patch: [{ object: 'Service/jupyterhub-hub', operations: [{ op: 'add', path: '/metadata/annotations', value: { team: 'cms' } }] }],
    on: workers,
    notebooksOn: large,
    tls: { clusterIssuer: 'letsencrypt' },
    home: { size: '1GiB' },
    accounts: { uid: 1001, groups: { cms: { gid: 7000 } } },
    uses: [s3, dask, gateway({ id: 'jupyterhub', namespace: 'notebooks' })],
    env: { LATEX: '\\frac{a}{b}', KEY: secret('mine', 'key') },
    internet: false,
    reach: [{ peer: { kind: 'addresses', cidrs: ['10.0.7.11/32'] }, port: 27000 }],
    activeServers: 40,
    concurrentStarts: 8,
    startTimeout: '3m',
    options: [gpuOption],
    volumes: [data],
    namedServers: 3,
    pullImages: true,
    placeholders: { count: 2, size: { cpu: 1, memory: '2GiB', on: large } },
    services: [hubService('booking', { scopes: ['list:users', 'read:servers!group=cms'] })],
    metrics: { from: monitoring, access: 'token' },
    texts: { announcement: 'Down on Monday', size: 'How large' },
    cull: { after: '2h', every: '5m', oldest: '7d', kernels: { after: '30m', every: '1m', connected: false } },
    database: { size: '3GiB', storageClass: storageClass('slow') },
    hub: { cpu: 1, memory: '2GiB' },
    proxy: { cpu: 2, memory: '1GiB' },
    settings: { JupyterHub: { admin_access: false } },
  };
  const { facts, object, container, chart } = hub(all);
  expect(chart.url).toBe('https://jupyter.example.org');
  expect(facts).toMatchObject({
    publicUrl: 'https://jupyter.example.org',
    hubUrl: 'http://jupyterhub-hub.notebooks.svc.cluster.local:8081',
    activeServers: 40,
    concurrentStarts: 8,
    startTimeout: 180,
    namedServers: 3,
    cull: { after: 7200, every: 300, oldest: 604800 },
    activityInterval: 20,
    texts: { announcement: 'Down on Monday', size: 'How large' },
    services: [
      { name: 'booking', scopes: ['list:users', 'read:servers!group=cms'], tokenVariable: 'HUB_SERVICE_BOOKING' },
      { name: 'metrics', scopes: ['read:metrics'], tokenVariable: 'HUB_SERVICE_METRICS' },
    ],
    settings: { JupyterHub: { admin_access: false } },
  });
  expect(facts.notebooks.base.environment).toMatchObject({
    LATEX: '\\frac{a}{b}',
    KEY: { valueFrom: { secretKeyRef: { name: 'mine', key: 'key' } } },
  });
  expect(facts.notebooks.accounts).toMatchObject({ default: { uid: 1001, gid: 100 }, groups: { cms: { gid: 7000 } } });
  expect(facts.notebooks.args).toEqual([
    '--MappingKernelManager.cull_idle_timeout=1800',
    '--MappingKernelManager.cull_interval=60',
    '--MappingKernelManager.cull_connected=False',
  ]);
  expect(facts.notebooks.base).toMatchObject({
    node_affinity_required: { 'pool-0': { matchExpressions: [{ key: 'pool', operator: 'In', values: ['large'] }] } },
    tolerations: { 'pool-0': { key: 'large' } },
    volume_mounts: { 'volume-data': { mountPath: '/data' } },
  });
  expect(facts.profiles[0].profile_options.size.display_name).toBe('How large');
  expect(Object.keys(facts.profiles[0].profile_options)).toEqual(['size', 'gpu']);
  expect(object('DaemonSet', 'jupyterhub-pull-large').spec.template.spec.initContainers).toHaveLength(2);
  expect(object('Deployment', 'jupyterhub-placeholder').spec.replicas).toBe(2);
  expect(object('PersistentVolumeClaim', 'jupyterhub-hub').spec).toMatchObject({
    storageClassName: 'slow',
    resources: { requests: { storage: '3Gi' } },
  });
  expect(container('hub')).toMatchObject({ image: 'registry.example.org/hub:1', resources: { requests: { cpu: '1', memory: '2Gi' } } });
  expect(container('proxy').resources.requests).toMatchObject({ cpu: '2', memory: '1Gi' });
  expect(object('Ingress', 'jupyterhub-web')).toMatchObject({
    metadata: { namespace: 'notebooks', annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' } },
    spec: {
      rules: [
        { host: 'jupyter.example.org', http: { paths: [{ backend: { service: { name: 'jupyterhub-proxy', port: { name: 'http' } } } }] } },
      ],
    },
  });
});
