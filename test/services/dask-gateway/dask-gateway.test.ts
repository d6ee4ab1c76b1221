import { App, Testing } from 'cdk8s';
import { DaskCluster, DaskGateway, type DaskGatewayProps, Facility, nodePool, secret, sharedVolume } from '../../../lib';
import { bytes, ledgerOf } from '../../../lib/authoring';
import { externalS3 } from '../../../lib/endpoints';
import { accelerator, pluginGpus } from '../../../lib/gpu';
import { notebookVariables } from '../../fixtures/endpoints';
import { mayConnect, podsOf } from '../../fixtures/network';
import { briefly, existing, type Manifest, nodes } from '../../fixtures/site';

const big = nodePool('big', {
  flavor: { vcpus: 64, memory: '256GiB' },
  labels: { size: 'big' },
  gpus: pluginGpus('example.com/gpu', 3),
});
const site = existing({ pools: [nodes, big] });
const gateway = (props: Partial<DaskGatewayProps> = {}) => new DaskGateway(new App(), 'dask-gateway', { site, on: nodes, ...props });
const rendered = (chart: DaskGateway) => Testing.synth(chart) as Manifest[];
const problems = (chart: DaskGateway) => briefly(ledgerOf(chart).problems.all);
const settings = (chart: DaskGateway) =>
  JSON.parse(rendered(chart).find(({ kind, data }) => kind === 'ConfigMap' && data['gateway.json'])?.data['gateway.json'] ?? '{}');
const object = (chart: DaskGateway, kind: string, name: string) =>
  rendered(chart).find((one) => one.kind === kind && one.metadata.name === name);

test('a gateway with default options', () => {
  const chart = gateway();
  expect(problems(chart)).toEqual([]);
  expect(settings(chart)).toMatchObject({
    instance: 'dask-gateway',
    namespace: 'dask-gateway',
    hub: { apiUrl: 'http://jupyterhub-hub.jupyterhub.svc.cluster.local:8081/hub/api', service: 'dask-gateway' },
    image: 'ghcr.io/dask/dask-gateway:2026.3.0',
    images: ['ghcr.io/dask/dask-gateway:2026.3.0'],
    worker: { cpu: 1, memory: bytes('4GiB') },
    largestWorker: { cpu: 4, memory: bytes('16GiB') },
    scheduler: { cpu: 1, memory: bytes('2GiB') },
    idleTimeout: 3600,
    limits: { clusters: 1, workers: 10, cpu: 41, memory: bytes('162GiB') },
    groups: {},
  });
  expect(ledgerOf(chart).summaryNotes.map(({ text }) => text)).toEqual([
    '1 cluster per user, each with at most 10 workers and 162 GiB; stopped after 1h of inactivity',
  ]);
});

test('a gateway with every option', () => {
  const s3 = externalS3({
    url: 'https://192.0.2.7:9000',
    accessKey: secret('store', 'access'),
    secretKey: secret('store', 'secret'),
    authority: secret('store-ca', 'ca.crt'),
  });
  const props: Required<DaskGatewayProps> = {
    site,
    namespace: 'compute',
    patch: [{ object: 'Deployment/dask-gateway-api', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'cms' }] }],
    on: nodes,
    clustersOn: big,
    hub: { id: 'hub', namespace: 'users' },
    image: 'registry.example/notebook:1',
    images: ['registry.example/root:2'],
    worker: { cpu: 2, memory: '8GiB' },
    largestWorker: { cpu: 8, memory: '32GiB' },
    accelerators: { gpu: accelerator('example.com/gpu') },
    scheduler: { cpu: '500m', memory: '1GiB' },
    limits: { clusters: 2, workers: 5, cpu: 20, memory: '60GiB' },
    groups: { cms: { workers: 50, cpu: 200, memory: '900GiB' } },
    idleTimeout: '15m',
    spill: '30GiB',
    uses: [s3],
    volumes: [sharedVolume('data', { at: '/data', from: { claim: 'data' } })],
    env: { OMP_NUM_THREADS: '1' },
    internet: false,
    traefikDefinitions: false,
    api: { cpu: '200m', memory: '512MiB' },
    controller: { cpu: '300m', memory: '512MiB' },
    proxy: { cpu: 1, memory: '1GiB' },
  };
  const chart = gateway(props);
  expect(problems(chart)).toEqual([]);
  const configured = settings(chart);
  expect(configured).toMatchObject({
    namespace: 'compute',
    hub: { apiUrl: 'http://hub-hub.users.svc.cluster.local:8081/hub/api' },
    images: ['registry.example/notebook:1', 'registry.example/root:2'],
    worker: { cpu: 2, memory: bytes('8GiB') },
    largestWorker: { cpu: 8 },
    scheduler: { cpu: 0.5, memory: bytes('1GiB') },
    limits: { clusters: 2, workers: 5, cpu: 20, memory: bytes('60GiB') },
    groups: { cms: { clusters: 2, workers: 50, cpu: 200, memory: bytes('900GiB') } },
    idleTimeout: 900,
    environment: { OMP_NUM_THREADS: '1', HOME: '/tmp' },
    workerPods: {
      labels: { 'app.kubernetes.io/instance': 'dask-gateway-worker' },
      pod: {
        nodeSelector: { size: 'big' },
        volumes: [
          { name: 'tmp', emptyDir: { sizeLimit: '30Gi' } },
          { name: 'volume-data', persistentVolumeClaim: { claimName: 'data', readOnly: true } },
          { name: 's3-authority', secret: { secretName: 'store-ca' } },
        ],
      },
    },
  });
  expect(configured.workerPods.container.env).toContainEqual({
    name: 'AWS_ACCESS_KEY_ID',
    valueFrom: { secretKeyRef: { name: 'store', key: 'access' } },
  });
  expect(object(chart, 'Deployment', 'dask-gateway-api')?.metadata).toMatchObject({ namespace: 'compute', labels: { team: 'cms' } });
  const cpu = (part: string) =>
    object(chart, 'Deployment', `dask-gateway-${part}`)?.spec.template.spec.containers[0].resources.requests.cpu;
  expect([cpu('api'), cpu('controller'), cpu('proxy')]).toEqual(['200m', '300m', '1']);
  expect(
    rendered(chart)
      .filter(({ kind }) => kind === 'CustomResourceDefinition')
      .map(({ metadata }) => metadata.name),
  ).toEqual(['daskclusters.gateway.dask.org']);
  expect(ledgerOf(chart).secrets.map(({ secret: { key } }) => key)).toEqual(['access', 'secret', 'ca.crt']);
});

describe('pods of clusters', () => {
  test.each(['schedulerPods', 'workerPods'])(
    '%s comply with Pod Security restricted and leave the component label to the controller',
    (name) => {
      const { pod, container, labels } = settings(gateway())[name];
      expect(pod).toMatchObject({
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
      // The controller sets this label itself and selects its pods by it.
      expect(labels).not.toHaveProperty(['app.kubernetes.io/component']);
    },
  );

  test('NetworkPolicies allow only the required flows', () => {
    const chart = new DaskGateway(new Facility(site), 'dask-gateway', { on: nodes });
    const objects = rendered(chart);
    const party = (part: string) => ({
      name: part,
      namespace: 'dask-gateway',
      labels: { 'app.kubernetes.io/instance': `dask-gateway-${part}` },
    });
    const parties = ['api', 'controller', 'proxy', 'scheduler', 'worker'].map(party);
    const ports = [8000, 8786, 8787, 8788, 8790, 8791];
    const open = parties.flatMap((from) =>
      parties.flatMap((to) => ports.filter((port) => mayConnect(objects, from, to, port)).map((port) => `${from.name} ${to.name} ${port}`)),
    );
    expect(open).toEqual([
      'api scheduler 8788',
      'proxy api 8000',
      'proxy scheduler 8786',
      'proxy scheduler 8787',
      'scheduler api 8000',
      'scheduler worker 8787',
      'scheduler worker 8790',
      'scheduler worker 8791',
      'worker scheduler 8786',
      'worker worker 8790',
    ]);
    expect(podsOf(objects).map(({ name }) => name)).toHaveLength(3);
  });

  test('have fixed ports, and memory thresholds below the limit of the pod', () => {
    const { workerCommand, environment } = settings(gateway());
    expect(workerCommand).toEqual(expect.arrayContaining(['--worker-port', '8790', '--nanny-port', '8791']));
    expect(Number(environment.DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE)).toBeLessThan(0.95 * 0.9 + 0.001);
  });
});

test('no role has wildcards; ClusterRoles only list and watch', () => {
  const roles = rendered(gateway()).filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
  expect(JSON.stringify(roles)).not.toContain('"*"');
  const verbs = roles.filter(({ kind }) => kind === 'ClusterRole').flatMap(({ rules }) => rules.flatMap((rule: any) => rule.verbs));
  expect(new Set(verbs)).toEqual(new Set(['list', 'watch']));
});

test('the endpoint has identity, scopes, flows and variables', () => {
  const { endpoint } = gateway();
  expect(endpoint.binding.identity).toEqual({
    service: 'dask-gateway',
    hub: { id: 'jupyterhub', namespace: 'jupyterhub' },
    scopes: ['access:services!service=dask-gateway', 'read:users:name!user', 'read:users:groups!user'],
  });
  expect(endpoint.binding.reach?.map(({ port }) => port)).toEqual([8000, 8786]);
  expect(notebookVariables(endpoint)).toMatchObject({
    DASK_GATEWAY__ADDRESS: 'http://dask-gateway-proxy.dask-gateway.svc.cluster.local:8000',
    DASK_GATEWAY__PROXY_ADDRESS: 'gateway://dask-gateway-proxy.dask-gateway.svc.cluster.local:8786',
    DASK_GATEWAY__PUBLIC_ADDRESS: '{JUPYTERHUB_SERVICE_PREFIX}proxy/dask-gateway-proxy.dask-gateway.svc.cluster.local:8000',
    DASK_GATEWAY__AUTH__TYPE: 'jupyterhub',
    DASK_GATEWAY__CLUSTER__OPTIONS__IMAGE: '{JUPYTER_IMAGE_SPEC}',
    DASK_LABEXTENSION__FACTORY__CLASS: 'GatewayCluster',
  });
});

describe('invalid props', () => {
  test.each<[string, Partial<DaskGatewayProps>]>([
    ['INVALID_GATEWAY_LIMIT at cosenza/dask-gateway/limits', { limits: { clusters: 0 } }],
    ['INVALID_GATEWAY_LIMIT at cosenza/dask-gateway/limits', { limits: { cpu: 1 } }],
    ['INVALID_GATEWAY_LIMIT at cosenza/dask-gateway/groups/cms', { groups: { cms: { memory: '5GiB' } } }],
    ['INVALID_GATEWAY_LIMIT at cosenza/dask-gateway/groups/cms', { groups: { cms: { workers: 1.5 } } }],
    ['INVALID_GATEWAY_WORKER at cosenza/dask-gateway/worker', { worker: { cpu: 5, memory: '4GiB' } }],
    ['INVALID_GATEWAY_WORKER at cosenza/dask-gateway/worker', { worker: { cpu: 1, memory: '512MiB' } }],
    ['INVALID_IMAGE at cosenza/dask-gateway/images', { images: ['two words'] }],
    ['INVALID_QUANTITY at cosenza/dask-gateway/idleTimeout', { idleTimeout: 'soon' as never }],
    ['INVALID_QUANTITY at cosenza/dask-gateway/spill', { spill: '1 gig' as never }],
  ])('%s', (problem, props) => {
    expect(problems(gateway(props))).toEqual([problem]);
  });
});

test('EXCEEDS_NODE: the largest worker and its ephemeral storage must fit on a node', () => {
  const findings = (props: Partial<DaskGatewayProps>, disk?: '50GiB') => {
    const pool = { ...nodes, flavor: { ...nodes.flavor, disk } };
    const facility = new Facility(existing({ pools: [pool] }));
    new DaskGateway(facility, 'dask-gateway', { on: pool, ...props });
    return briefly(facility.problems()).filter((problem) => problem.startsWith('EXCEEDS_NODE'));
  };
  expect(findings({ largestWorker: { cpu: 8, memory: '32GiB' } })).toEqual([]);
  expect(findings({ largestWorker: { cpu: 8, memory: '128GiB' } })).toEqual(['EXCEEDS_NODE at cosenza/dask-gateway/largestWorker']);
  expect(findings({ spill: '60GiB' })).toEqual([]);
  expect(findings({ spill: '60GiB' }, '50GiB')).toEqual(['EXCEEDS_NODE at cosenza/dask-gateway/worker']);
});

test('a gateway in a facility with other services creates its CustomResourceDefinitions', () => {
  const facility = new Facility(existing());
  new DaskCluster(facility, 'dask', { on: nodes });
  new DaskGateway(facility, 'gateway', { on: nodes });
  const definitions = facility.output().objects.filter(({ object }) => object.kind === 'CustomResourceDefinition');

  expect(definitions.map(({ object }) => object.metadata.name)).toContain('daskclusters.gateway.dask.org');
});

test('only the first gateway creates CustomResourceDefinitions', () => {
  const facility = new Facility(existing());
  for (const id of ['gateway-a', 'gateway-b']) new DaskGateway(facility, id, { on: nodes, hub: { id: 'hub' } });
  const definitions = facility.output().objects.filter(({ object }) => object.kind === 'CustomResourceDefinition');

  expect(briefly(facility.problems())).toEqual([]);
  expect(new Set(definitions.map(({ chart }) => chart))).toEqual(new Set(['gateway-a']));
  expect(definitions.map(({ object }) => object.metadata.name)).toContain('daskclusters.gateway.dask.org');
});
