import { oidcIssuer } from '../../../lib/endpoints';
import { mig } from '../../../lib/gpu';
import {
  type AccessPointProps,
  type CondorSecurityProps,
  type ExecuteProps,
  externalPool,
  type HTCondorPoolProps,
  hostNetwork,
  inCluster,
  type ManagerProps,
  nodePort,
  sharedVolume,
} from '../../../lib/services/htcondor';
import { nodePool, secret, storageClass } from '../../../lib/site';
import { filesOf, find, heads, knobsOf, objectsOf, podOf, poolIn, workers } from '../../fixtures/htcondor';
import { mayConnect, type Party } from '../../fixtures/network';
import { briefly, existing, type Manifest } from '../../fixtures/site';

const party = (part: string, namespace = 'htcondor'): Party => ({
  name: part,
  namespace,
  labels: { 'app.kubernetes.io/instance': `htcondor-${part}` },
});
const outside = (address: string): Party => ({ name: 'outside', address });
const containerOf = (pod: Manifest['spec']) => pod.containers[0];
const gpus = nodePool('gpu', {
  count: 1,
  flavor: { vcpus: 32, memory: '128GiB' },
  labels: { role: 'gpu' },
  addresses: ['10.0.0.51'],
  gpus: mig('a100-80gb', { perNode: 1, layout: { '3g.40gb': 2 } }),
});
const site = existing({ pools: [heads, workers, gpus], storage: { default: storageClass('local-path'), classes: [storageClass('fast')] } });
const prometheus = { kind: 'pods', namespace: 'monitoring', labels: { app: 'prometheus' } } as const;

test('a pool with every option', () => {
  const manager: Required<ManagerProps> = {
    on: heads,
    count: 2,
    addressing: inCluster(),
    spool: { size: '10GiB', storageClass: storageClass('fast') },
    resources: { cpu: 1, memory: '2GiB' },
    negotiatorInterval: '30s',
  };
  const accessPoint: Required<AccessPointProps> = {
    on: heads,
    addressing: nodePort(30618, { address: '192.0.2.10', from: ['198.51.100.0/24'] }),
    spool: { size: '50GiB' },
    users: { alice: 1001, bob: 1002 },
    tenant: 'cms',
    limits: { running: 100, submitted: 1000, perUser: 500, transfers: 10, input: '10GiB', output: '1GiB' },
    jobLease: '1h',
    volumes: [sharedVolume('home', { at: '/home', from: { claim: 'homes' }, writable: true })],
    credentials: {
      localIssuer: {
        name: 'storage',
        issuer: 'https://ap.example.org',
        key: secret('issuer', 'key.pem'),
        keyId: 'one',
        scopes: 'read:/{username}',
        lifetime: '1h',
      },
    },
    resources: { cpu: 2, memory: '8GiB' },
    replicas: 1,
  };
  const execute: Required<ExecuteProps> = {
    on: gpus,
    pods: 1,
    demand: { most: 1, jobsPerPod: 2, idle: '10m', prometheus: 'http://prometheus.monitoring.svc:9090', every: '30s' },
    cpu: 4,
    memory: '16GiB',
    disk: '100GiB',
    diskOn: storageClass('fast'),
    accelerator: gpus.slice('3g.40gb'),
    jobsWithoutGpu: false,
    gpus: 'counted',
    tenants: ['cms'],
    start: 'TARGET.RequestMemory >= 1024',
    attributes: { HasCvmfs: true, Site: 'cosenza' },
    containers: 'apptainer',
    isolation: 'nobody',
    volumes: [sharedVolume('data', { at: '/data', from: { claim: 'data' } })],
    inbound: 'ccb',
    internet: true,
    longestJob: '2h',
    vacate: '5m',
    grace: '3h',
    drainedAtOnce: 2,
    image: 'registry.example.org/condor-gpu:1',
  };
  const security: Required<CondorSecurityProps> = {
    keys: { sign: 'NEXT', accept: ['POOL'] },
    tokenLifetime: '30d',
    userTokenLifetime: '1d',
    scitokens: { issuer: oidcIssuer('https://iam.example.org/'), audience: ['https://ap.example.org'], users: { '73f1-93': 'alice' } },
    ssl: { secret: 'host', authority: 'ca.crt' },
    administrators: ['alice'],
    allow: { ADVERTISE_STARTD: ['glidein@pool.example'] },
    revoked: ['0123abcd'],
  };
  const props: Required<Omit<HTCondorPoolProps, 'site'>> = {
    namespace: 'htcondor',
    patch: [{ object: 'StatefulSet/htcondor-manager', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'cms' }] }],
    on: heads,
    domain: 'pool.example',
    manager,
    accessPoints: { ap: accessPoint },
    execute: { gpu: execute },
    longestJob: '12h',
    security,
    tenants: { cms: { users: ['alice'], quota: 0.6, surplus: false } },
    groups: { other: { quota: 0.4 } },
    flocksTo: [externalPool({ collector: '192.0.2.50', domain: 'other.example', name: 'other', cidrs: ['192.0.2.48/28'] })],
    notebooks: { schedulerPort: 8900, workerPort: 8910 },
    metrics: {
      from: prometheus,
      image: 'registry.example.org/condor-exporter:1',
      command: ['exporter'],
      monitors: { release: 'kps' },
      heldJobs: 5,
    },
    image: 'registry.example.org/condor:25',
    config: { SCHEDD_DEBUG: 'D_FULLDEBUG' },
  };
  const { facility, pool } = poolIn(props, site);
  expect(briefly(facility.problems())).toEqual([]);

  const member = (index: number) => `htcondor-manager-${index}.htcondor-manager.htcondor.svc.cluster.local`;
  expect(knobsOf(facility, 'manager')).toMatchObject({
    COLLECTOR_HOST: `${member(0)}:9618, ${member(1)}:9618`,
    DAEMON_LIST: 'MASTER, COLLECTOR, NEGOTIATOR, HAD, REPLICATION',
    HAD_LIST: `${member(0)}:9618, ${member(1)}:9618`,
    MASTER_NEGOTIATOR_CONTROLLER: 'HAD',
    HAD_USE_SHARED_PORT: 'true',
    NEGOTIATOR_INTERVAL: '30',
    SEC_TOKEN_ISSUER_KEY: 'NEXT',
    GROUP_NAMES: 'cms, other',
    GROUP_QUOTA_DYNAMIC_cms: '0.6',
    GROUP_ACCEPT_SURPLUS_cms: 'false',
    GROUP_ACCEPT_SURPLUS_other: 'true',
    ALLOW_DAEMON: 'condor@pool.example, condor@password, ep@pool.example',
    ALLOW_ADVERTISE_STARTD: 'ep@pool.example, glidein@pool.example',
    ALLOW_ADMINISTRATOR: 'condor@pool.example, root@pool.example, alice@pool.example',
    SEC_TOKEN_REVOCATION_EXPR: 'jti =?= "0123abcd"',
    SCHEDD_DEBUG: 'D_FULLDEBUG',
  });
  const set = find(facility, 'StatefulSet', 'htcondor-manager');
  expect([set.spec.replicas, set.metadata.labels.team]).toEqual([2, 'cms']);
  expect(set.spec.template.spec.affinity.podAntiAffinity).toHaveProperty('requiredDuringSchedulingIgnoredDuringExecution');

  expect(knobsOf(facility, 'access-ap')).toMatchObject({
    SHARED_PORT_PORT: '30618',
    TCP_FORWARDING_HOST: '192.0.2.10',
    MAX_JOBS_RUNNING: '100',
    MAX_JOBS_SUBMITTED: '1000',
    MAX_JOBS_PER_OWNER: '500',
    MAX_CONCURRENT_UPLOADS: '10',
    MAX_TRANSFER_INPUT_MB: '10240',
    MAX_TRANSFER_OUTPUT_MB: '1024',
    JOB_DEFAULT_LEASE_DURATION: '3600',
    FLOCK_TO: '192.0.2.50:9618',
    SEC_DEFAULT_AUTHENTICATION_METHODS: 'FS, IDTOKENS, SCITOKENS, SSL',
    CERTIFICATE_MAPFILE: '/etc/condor/config.d/.mapfile',
    SCITOKENS_SERVER_AUDIENCE: 'https://ap.example.org',
    AUTH_SSL_SERVER_CERTFILE: '/etc/condor/certificates/tls.crt',
    DAEMON_LIST: 'MASTER, SCHEDD, CREDD, CREDMON_OAUTH',
    LOCAL_CREDMON_PROVIDER_NAMES: 'storage',
    LOCAL_CREDMON_ISSUER: 'https://ap.example.org',
    LOCAL_CREDMON_KEY_ID: 'one',
    LOCAL_CREDMON_TOKEN_LIFETIME: '3600',
  });
  expect(filesOf(facility, 'access-ap')['.mapfile']).toBe('SCITOKENS /^https:\\/\\/iam\\.example\\.org\\/,73f1-93$/ alice@pool.example\n');
  expect(filesOf(facility, 'access-ap')['50-tenants.conf']).toContain('EVALSET FacilityTenant "cms"');
  const access = podOf(facility, 'access-ap');
  expect(containerOf(access).securityContext.runAsUser).toBe(0);
  expect(containerOf(access).volumeMounts).toContainEqual({ name: 'volume-home', mountPath: '/home' });
  expect(find(facility, 'Service', 'htcondor-access-ap-outside').spec).toEqual({
    type: 'NodePort',
    selector: { 'app.kubernetes.io/instance': 'htcondor-access-ap' },
    ports: [{ name: 'condor', port: 30618, targetPort: 'condor', nodePort: 30618, protocol: 'TCP' }],
  });
  expect(facility.exposures()).toEqual([
    { protocol: 'tcp', first: 30618, last: 30618, from: ['198.51.100.0/24'], purpose: 'htcondor/htcondor-access-ap-outside condor' },
  ]);

  expect(knobsOf(facility, 'execute-gpu')).toMatchObject({
    MaxJobRetirementTime: '7500',
    MachineMaxVacateTime: '300',
    START: '(TARGET.FacilityTenant =?= "cms") && ((TARGET.RequestGPUs ?: 0) > 0) && (TARGET.RequestMemory >= 1024)',
    MACHINE_RESOURCE_GPUS: '1',
    SINGULARITY: '/usr/bin/apptainer',
    SINGULARITY_BIND_EXPR: '"/data"',
    CCB_ADDRESS: '$(COLLECTOR_HOST)',
    HasCvmfs: 'true',
    Site: '"cosenza"',
    K8sDevice: '"nvidia.com/mig-3g.40gb"',
    STARTD_ATTRS: '$(STARTD_ATTRS), K8sNamespace, K8sDevice, HasCvmfs, Site, K8sPod, K8sNode',
  });
  const node = podOf(facility, 'execute-gpu');
  expect(node.nodeSelector).toEqual({ role: 'gpu' });
  expect(node.terminationGracePeriodSeconds).toBe(10_800);
  expect(containerOf(node)).toMatchObject({
    image: 'registry.example.org/condor-gpu:1',
    resources: { limits: { 'nvidia.com/mig-3g.40gb': '1', memory: '16Gi', 'ephemeral-storage': '1Gi' } },
    securityContext: { capabilities: { add: expect.arrayContaining(['SYS_ADMIN', 'SETUID']) } },
  });
  expect(find(facility, 'PodDisruptionBudget', 'htcondor-execute-gpu').spec.maxUnavailable).toBe(2);
  expect(pool.endpoint.schedds).toEqual(['ap@pool.example']);
});

describe('on the network of dedicated nodes', () => {
  const addressing = hostNetwork({ nodeLabels: { condor: 'ccb' }, nodes: ['10.0.0.21/32'], from: ['198.51.100.0/24'] });
  const { facility } = poolIn({ manager: { addressing }, accessPoints: { ap: { addressing: hostNetwork({ port: 9619 }) } } });

  test('daemons have the name of their pod, and DNS of the cluster', () => {
    const pod = podOf(facility, 'manager');
    expect(pod).toMatchObject({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet', nodeSelector: { role: 'head', condor: 'ccb' } });
    expect(knobsOf(facility, 'manager').NETWORK_HOSTNAME).toBe('$ENV(POD_HOST)');
    expect(containerOf(pod).env).toContainEqual({
      name: 'POD_HOST',
      value: '$(POD_NAME).htcondor-manager.htcondor.svc.cluster.local',
    });
    expect(knobsOf(facility, 'access-ap').SHARED_PORT_PORT).toBe('9619');
  });

  test('policies of others name the nodes; the port is open to those outside whom `from` names', () => {
    const objects = objectsOf(facility);
    expect(objects.filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'htcondor-manager')).toEqual([]);
    expect(mayConnect(objects, party('execute-worker'), outside('10.0.0.21'), 9618)).toBe(true);
    expect(mayConnect(objects, party('execute-worker'), outside('10.0.0.22'), 9618)).toBe(false);
    expect(mayConnect(objects, party('execute-worker'), outside('10.0.0.22'), 9619)).toBe(true);
    expect(facility.exposures()).toEqual([
      { protocol: 'tcp', first: 9618, last: 9618, from: ['198.51.100.0/24'], purpose: 'htcondor/htcondor-manager' },
    ]);
  });

  test('execute nodes are reached through CCB, so that nobody connects to them', () => {
    const { CCB_ADDRESS, PRIVATE_NETWORK_NAME } = knobsOf(facility, 'execute-worker');
    expect([CCB_ADDRESS, PRIVATE_NETWORK_NAME]).toEqual(['$(COLLECTOR_HOST)', 'pool.example']);
    const { env } = containerOf(podOf(facility, 'execute-worker'));
    expect(env).toContainEqual({ name: 'WAIT_FOR_COLLECTOR', value: 'yes' });
    const reach = (address: string) => mayConnect(objectsOf(facility), outside(address), party('execute-worker'), 9618);
    expect([reach('10.0.0.22'), reach('10.0.0.99')]).toEqual([false, false]);
  });
});

describe('execute nodes on demand', () => {
  const demand = { most: 8, prometheus: 'http://prometheus.monitoring.svc:9090' } as const;
  const { facility } = poolIn({ execute: { burst: { on: workers, cpu: 2, memory: '4GiB', demand } } });

  test('are Jobs of KEDA, which demand adds and nothing but their own idleness ends', () => {
    const { spec } = find(facility, 'ScaledJob', 'htcondor-execute-burst-demand');
    expect(spec).toMatchObject({
      maxReplicaCount: 8,
      pollingInterval: 60,
      jobTargetRef: { parallelism: 1, backoffLimit: 0, template: { spec: { restartPolicy: 'Never' } } },
      triggers: [{ type: 'prometheus', metadata: { threshold: '4', query: 'sum(condor_job_state_idle{namespace="htcondor"})' } }],
    });
    const { volumes } = spec.jobTargetRef.template.spec;
    const config = volumes.find(({ configMap }: Manifest['spec']) => configMap?.name.includes('burst-demand')).configMap.name;
    expect(find(facility, 'ConfigMap', config).data['40-policy.conf']).toContain('STARTD_NOCLAIM_SHUTDOWN = 1200\n');
    expect(objectsOf(facility).map(({ kind }) => kind)).not.toContain('HorizontalPodAutoscaler');
    expect(objectsOf(facility).filter(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name.includes('burst'))).toEqual([]);
  });

  test('count for the capacity of the nodes, and for flows', () => {
    const [pods] = facility.output().runtimePods;
    expect(pods).toMatchObject({ what: "execute node 'burst' on demand", most: 8, path: 'cosenza/htcondor/execute/burst/demand' });
    const objects = objectsOf(facility);
    expect(mayConnect(objects, party('execute-burst-demand'), party('manager'), 9618)).toBe(true);
    const large = poolIn({ execute: { burst: { on: workers, cpu: 20, memory: '40GiB', demand } } }).facility;
    expect(large.problems().map(({ path }) => path)).toContain('cosenza/htcondor/execute/burst/demand');
  });
});

describe('metrics', () => {
  const metrics = { from: prometheus, image: 'registry.example.org/condor-exporter:1', monitors: { release: 'kps' } };
  const { facility } = poolIn({ metrics });

  test('come from an exporter with a token that may only read', () => {
    const { spec } = find(facility, 'Deployment', 'htcondor-exporter').spec.template;
    expect(containerOf(spec).command.slice(-2)).toEqual([
      '--collector',
      'htcondor-manager-0.htcondor-manager.htcondor.svc.cluster.local:9618',
    ]);
    expect(facility.output().secrets.map(({ secret: { name } }) => name)).toContain('htcondor-token-reader');
    const objects = objectsOf(facility);
    expect(mayConnect(objects, { name: 'p', namespace: 'monitoring', labels: { app: 'prometheus' } }, party('exporter'), 9118)).toBe(true);
    expect(mayConnect(objects, party('exporter'), party('access-ap'), 9618)).toBe(true);
    expect(mayConnect(objects, party('exporter'), party('execute-worker'), 9618)).toBe(false);
  });

  test('alerts: no slot, no schedd, a full spool, held jobs, no exporter', () => {
    const { metadata, spec } = find(facility, 'PrometheusRule', 'htcondor-exporter');
    expect(metadata.labels.release).toBe('kps');
    const rules: readonly Manifest['spec'][] = spec.groups[0].rules;
    expect(rules.map(({ alert, for: after }) => `${alert} ${after}`)).toEqual([
      'CondorNoSlots 1h',
      'CondorScheddUnreachable 10m',
      'CondorSpoolFull 15m',
      'CondorHeldJobs 30m',
      'CondorExporterAbsent 15m',
    ]);
    expect(rules[1].expr).toContain('statefulset="htcondor-access-ap"');
    expect(rules[3].expr).toBe('sum(condor_job_state_held{namespace="htcondor"}) > 100');
  });

  test('without the operator of Prometheus, only the exporter is made', () => {
    const kinds = objectsOf(poolIn({ metrics: { from: prometheus, image: metrics.image } }).facility).map(({ kind }) => kind);
    expect(kinds).not.toContain('ServiceMonitor');
    expect(kinds).not.toContain('PrometheusRule');
  });
});
