import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Testing } from 'cdk8s';
import fc from 'fast-check';
import type { Problem } from '../lib/errors';
import {
  type Access,
  type ContainerProps,
  CronJob,
  type CronJobProps,
  claim,
  configFiles,
  DaemonSet,
  Deployment,
  type DeploymentProps,
  declareFlow,
  EXCEPTIONS,
  type ExceptionName,
  hostPath,
  Ingress,
  type IngressProps,
  Job,
  type JobProps,
  ledgerOf,
  onlyFile,
  type Patch,
  type ProbeProps,
  policySpec,
  type Resources,
  ServiceChart,
  type ServiceProps,
  SpawnedPods,
  StatefulSet,
  type StatefulSetProps,
  scheduling,
  scratch,
  secretFiles,
  type Workload,
  type WorkloadProps,
} from '../lib/kubernetes';
import { accelerator, IMAGES, NOT_PUBLIC, nodePool, type Site, storageClass } from '../lib/site';
import { mayConnect, type Party } from './fixture-network';
import { briefly, existing, type Manifest, master, nodes, only, provisioned, refused, worker } from './fixture-site';

/** A service that the test fills. */
class Bench extends ServiceChart {
  constructor(build: (chart: Bench) => void, props: ServiceProps = { site: existing() }, id = 'bench', scope = new App()) {
    super(scope, id, props, 'bench-system');
    build(this);
  }
}

const one: ContainerProps = { image: 'registry.example/one:1', resources: { cpu: 1, memory: '1GiB' } };
const WHY = 'a test';
const basic: WorkloadProps = { on: nodes, containers: { main: { ...one, ports: { http: 8080 } } } };

const rendered = (chart: ServiceChart) => Testing.synth(chart) as Manifest[];
const problems = (chart: ServiceChart): readonly Problem[] => ledgerOf(chart).problems.all;

/** The one object of a kind. */
function object(chart: ServiceChart, kind: string, name?: string): Manifest {
  const [found, ...more] = rendered(chart).filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
  if (!found || more.length > 0)
    throw new Error(`not exactly one ${kind} ${name ?? ''} in ${rendered(chart).map((each) => `${each.kind}/${each.metadata.name}`)}`);
  return found;
}

const KINDS = {
  Deployment: (chart: Bench, props: WorkloadProps = basic) => new Deployment(chart, 'part', props),
  StatefulSet: (chart: Bench, props: WorkloadProps = basic) => new StatefulSet(chart, 'part', props),
  DaemonSet: (chart: Bench, props: WorkloadProps = basic) => new DaemonSet(chart, 'part', props),
  Job: (chart: Bench, props: WorkloadProps = basic) => new Job(chart, 'part', props),
  CronJob: (chart: Bench, props: WorkloadProps = basic) => new CronJob(chart, 'part', { ...props, schedule: '0 3 * * *' }),
} as const;
const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];

const templateOf = (kind: string, manifest: Manifest) =>
  kind === 'CronJob' ? manifest.spec.jobTemplate.spec.template : manifest.spec.template;
const podOf = (props: WorkloadProps, site: Site = existing()) =>
  object(new Bench((chart) => new Deployment(chart, 'part', props), { site }), 'Deployment').spec.template.spec;

describe.each(kinds)('a %s', (kind) => {
  const chart = new Bench((bench) => void KINDS[kind](bench));
  const workload = object(chart, kind);
  const template = templateOf(kind, workload);

  test('has the hardened pod', () => {
    expect(template.spec).toMatchObject({
      serviceAccountName: 'bench-part',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 30,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        fsGroup: 10001,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
    expect(template.spec.containers).toHaveLength(1);
    expect(template.spec.containers[0]).toMatchObject({
      name: 'main',
      image: 'registry.example/one:1',
      imagePullPolicy: 'Always',
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
      resources: {
        requests: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' },
        limits: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '1Gi' },
      },
    });
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'dnsPolicy']) expect(template.spec[field]).toBeUndefined();
  });

  test('carries its own name as instance label, as every object beside it does', () => {
    expect(template.metadata.labels['app.kubernetes.io/instance']).toBe('bench-part');
    for (const { kind: own, metadata } of rendered(chart)) {
      expect([own, metadata.labels]).toEqual([
        own,
        {
          'app.kubernetes.io/name': 'bench-system',
          'app.kubernetes.io/component': 'part',
          'app.kubernetes.io/part-of': 'bench',
          'app.kubernetes.io/managed-by': 'cdk8s-analysis-facility',
          'app.kubernetes.io/instance': metadata.name,
        },
      ]);
      expect(metadata.namespace).toBe('bench');
    }
  });

  test('is selected by that label alone: by itself, its Service and its policy', () => {
    const label = { 'app.kubernetes.io/instance': 'bench-part' };
    if (kind === 'Deployment' || kind === 'StatefulSet' || kind === 'DaemonSet')
      expect(workload.spec.selector).toEqual({ matchLabels: label });
    expect(object(chart, 'Service').spec.selector).toEqual(label);
    expect(object(chart, 'NetworkPolicy').spec).toMatchObject({ podSelector: { matchLabels: label }, policyTypes: ['Ingress', 'Egress'] });
  });

  test('may reach DNS and nothing else, and be reached by nobody', () => {
    const { ingress = [], egress } = object(chart, 'NetworkPolicy').spec;
    const to = [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
    ];
    expect(ingress).toEqual([]);
    expect(egress).toEqual([
      {
        to,
        ports: [
          { port: 53, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
      },
    ]);
  });

  test('goes to the nodes of its pool', () => expect(template.spec.nodeSelector).toEqual({ 'node.example.org/purpose': 'analysis' }));

  test('makes no mistake of its own', () => expect(briefly(problems(chart))).toEqual([]));
});

describe('kinds of workload', () => {
  test('a Deployment with every option', () => {
    const props: Required<Omit<DeploymentProps, 'hostNetwork' | 'restartPolicy'>> = {
      ...everything(),
      replicas: 3,
      strategy: 'RollingUpdate',
    };
    const chart = new Bench((bench) => void new Deployment(bench, 'part', props));
    const { spec, metadata } = object(chart, 'Deployment');
    expect(spec).toMatchObject({ replicas: 3, strategy: { type: 'RollingUpdate' }, revisionHistoryLimit: 3 });
    expect(metadata.annotations).toMatchObject({ 'analysis-facility/exception.root': 'a reason' });
    expect(spec.template.metadata.annotations).toEqual({ 'example.org/note': 'yes' });
    expect(spec.template.metadata.labels).toMatchObject({ app: 'known', 'app.kubernetes.io/instance': 'bench-part' });
    expect(spec.template.spec).toMatchObject({
      automountServiceAccountToken: true,
      terminationGracePeriodSeconds: 90,
      dnsPolicy: 'Default',
      nodeSelector: { 'node.example.org/purpose': 'analysis', 'example.org/disk': 'fast' },
      runtimeClassName: 'other',
      hostPID: true,
      hostIPC: true,
      shareProcessNamespace: true,
      securityContext: { fsGroup: 500 },
      tolerations: [{ operator: 'Exists' }],
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname' }] } },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' }],
    });
    expect(spec.template.spec.initContainers).toEqual([expect.objectContaining({ name: 'before', command: ['prepare'] })]);
    expect(object(chart, 'Service').spec).toMatchObject({
      type: 'ClusterIP',
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
    });
    expect(briefly(problems(chart))).toEqual([]);
  });

  test('two replicas and more have a disruption budget of one, a single one has none', () => {
    for (const make of [Deployment, StatefulSet]) {
      for (const replicas of [1, 2, 5]) {
        const chart = new Bench((bench) => void new make(bench, 'part', { ...basic, replicas }));
        const budgets = rendered(chart).filter(({ kind }) => kind === 'PodDisruptionBudget');
        expect(budgets.map(({ spec }) => spec)).toEqual(
          replicas === 1
            ? []
            : [
                {
                  maxUnavailable: 1,
                  unhealthyPodEvictionPolicy: 'AlwaysAllow',
                  selector: { matchLabels: { 'app.kubernetes.io/instance': 'bench-part' } },
                },
              ],
        );
      }
    }
  });

  test('Recreate ends the old pod first', () => {
    const chart = new Bench(
      (bench) => void new Deployment(bench, 'part', { ...basic, strategy: 'Recreate', exceptions: { recreate: WHY } }),
    );
    expect(object(chart, 'Deployment').spec.strategy).toEqual({ type: 'Recreate' });
  });

  test('a StatefulSet has a headless Service of its name, volumes of its own, and members with names', () => {
    const props: Required<Pick<StatefulSetProps, 'replicas' | 'claims' | 'parallel'>> = {
      replicas: 4,
      claims: { data: { size: '10GiB' }, log: { size: '1GB', storageClass: storageClass('fast') } },
      parallel: true,
    };
    let set: StatefulSet | undefined;
    const chart = new Bench((bench) => {
      set = new StatefulSet(bench, 'part', { ...basic, ...props });
    });
    const { spec } = object(chart, 'StatefulSet');
    expect(spec).toMatchObject({
      replicas: 4,
      serviceName: 'bench-part',
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate' },
    });
    expect(spec.volumeClaimTemplates.map((each: Manifest) => [each.metadata.name, each.spec])).toEqual([
      ['data', { accessModes: ['ReadWriteOnce'], storageClassName: 'local-path', resources: { requests: { storage: '10Gi' } } }],
      ['log', { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '1000000000' } } }],
    ]);
    expect(object(chart, 'Service').spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: [{ name: 'http', port: 8080 }],
    });
    expect(set?.member(2)).toBe('bench-part-2.bench-part.bench.svc.cluster.local');
    const ordered = new Bench((bench) => void new StatefulSet(bench, 'part', basic));
    expect(object(ordered, 'StatefulSet').spec.podManagementPolicy).toBe('OrderedReady');
  });

  test('a DaemonSet is rolled one node at a time', () => {
    const chart = new Bench((bench) => void new DaemonSet(bench, 'part', basic));
    expect(object(chart, 'DaemonSet').spec.updateStrategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } });
  });

  test('a Job ends, is tried again, and states that nothing may reach it', () => {
    const props: Required<Pick<JobProps, 'retries' | 'keep'>> = { retries: 3, keep: '2h' };
    const chart = new Bench((bench) => void new Job(bench, 'part', { ...basic, ...props }));
    const { spec, metadata } = object(chart, 'Job');
    expect(spec).toMatchObject({ backoffLimit: 3, ttlSecondsAfterFinished: 7200, template: { spec: { restartPolicy: 'Never' } } });
    expect(metadata.annotations).toHaveProperty(['analysis-facility/exception.unreachable']);
    expect(spec.template.spec.affinity).toBeUndefined();
    expect(rendered(chart).map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
  });

  test('a CronJob is started by the clock, in UTC, never twice at a time', () => {
    const props: Required<Pick<CronJobProps, 'schedule' | 'deadline' | 'retries'>> = { schedule: '0 3 * * *', deadline: '10m', retries: 1 };
    const chart = new Bench((bench) => void new CronJob(bench, 'part', { ...basic, ...props }));
    expect(object(chart, 'CronJob').spec).toMatchObject({
      schedule: '0 3 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 600,
      jobTemplate: { spec: { backoffLimit: 1, template: { spec: { restartPolicy: 'Never' } } } },
    });
  });

  test('durations that cannot be read are told where they were given', () => {
    const chart = new Bench((bench) => {
      new Job(bench, 'a', { ...basic, keep: 'a day' as never });
      new CronJob(bench, 'b', { ...basic, schedule: '@daily', deadline: 'soon' as never });
    });
    expect(briefly(problems(chart))).toEqual(['QUANTITY_UNKNOWN at cosenza/bench/a/keep', 'QUANTITY_UNKNOWN at cosenza/bench/b/deadline']);
  });
});

/** Everything that every workload understands, but what excludes something else. */
function everything(): Required<Omit<WorkloadProps, 'hostNetwork' | 'restartPolicy'>> {
  return {
    on: nodes,
    containers: basic.containers,
    initContainers: { before: { ...one, command: ['prepare'] } },
    priority: 'batch',
    fileGroup: 500,
    grace: 90,
    exceptions: { root: 'a reason', 'host-namespaces': 'a reason' },
    apart: 'required',
    tolerate: 'all',
    resolver: 'node',
    annotations: { 'example.org/note': 'yes' },
    nodeLabels: { 'example.org/disk': 'fast' },
    podLabels: { app: 'known' },
    runtimeClass: 'other',
    hostNamespaces: ['pid', 'ipc'],
    shareProcesses: true,
    access: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
    dns: true,
    service: 'normal',
    servicePorts: { http: 80 },
    group: 'together',
  };
}

describe('the name of a Job', () => {
  const nameOf = (props: Partial<JobProps>) =>
    object(new Bench((bench) => void new Job(bench, 'part', { ...basic, ...props })), 'Job').metadata.name;

  test('changes with what the pod is', () => {
    const containers = (change: Partial<ContainerProps>) => ({ containers: { main: { ...one, ...change } } });
    const names = [
      nameOf(containers({})),
      nameOf(containers({ image: 'registry.example/one:2' })),
      nameOf(containers({ args: ['--again'] })),
      nameOf(containers({ env: { A: 'b' } })),
      nameOf(containers({ resources: { cpu: 2, memory: '1GiB' } })),
      nameOf({ ...containers({}), grace: 31 }),
    ];
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^bench-part-[0-9a-f]{8}$/);
  });

  test('and only then: a Job that is there can be told to retry more, and stay longer', () => {
    expect(nameOf({ retries: 9, keep: '7d' })).toBe(nameOf({}));
  });

  test('the labels of its pods stay, so that policies written for them hold', () => {
    const template = object(new Bench((bench) => void new Job(bench, 'part', basic)), 'Job').spec.template;
    expect(template.metadata.labels['app.kubernetes.io/instance']).toBe('bench-part');
  });
});

describe('a container', () => {
  const stated = { privileged: WHY, root: WHY, 'writable-root': WHY, capabilities: WHY } as const;
  const main = (props: Partial<ContainerProps>) =>
    podOf({ on: nodes, containers: { main: { ...one, ...props } }, exceptions: stated }).containers[0];

  test('with every option', () => {
    const props: Required<ContainerProps> = {
      image: 'registry.example/all:1',
      command: ['run'],
      args: ['--fast'],
      env: { TEXT: 'a', KEY: { name: 'keys', key: 'token' }, IP: { field: 'status.podIP' } },
      ports: { http: 8080, dns: { port: 5353, protocol: 'UDP', hostPort: 53 } },
      resources: { cpu: '250m', cpuLimit: 2, memory: '512MiB', disk: '2GiB' } satisfies Required<Resources>,
      accelerator: accelerator('example.com/gpu', { count: 2, env: { CARDS: 'all' } }),
      probes: {
        startup: { http: '/up', port: 'http', every: 2, failures: 60, timeout: 3 },
        readiness: { tcp: 'http' },
        liveness: { command: ['alive'] },
      },
      preStop: ['say', 'goodbye'],
      mounts: { '/tmp': scratch('tmp', '1GiB') },
      workingDir: '/work',
      user: 1000,
      writableRoot: true,
      capabilities: ['SYS_ADMIN'],
      privileged: false,
    };
    expect(main(props)).toEqual({
      name: 'main',
      image: 'registry.example/all:1',
      imagePullPolicy: 'Always',
      command: ['run'],
      args: ['--fast'],
      workingDir: '/work',
      env: [
        { name: 'CARDS', value: 'all' },
        { name: 'TEXT', value: 'a' },
        { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      ],
      ports: [
        { name: 'http', containerPort: 8080, protocol: 'TCP' },
        { name: 'dns', containerPort: 5353, hostPort: 53, protocol: 'UDP' },
      ],
      resources: {
        requests: { cpu: '250m', memory: '512Mi', 'ephemeral-storage': '2Gi', 'example.com/gpu': '2' },
        limits: { cpu: '2', memory: '512Mi', 'ephemeral-storage': '2Gi', 'example.com/gpu': '2' },
      },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: false,
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
      startupProbe: { httpGet: { path: '/up', port: 'http' }, periodSeconds: 2, failureThreshold: 60, timeoutSeconds: 3 },
      readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 1 },
      livenessProbe: { exec: { command: ['alive'] }, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 1 },
      lifecycle: { preStop: { exec: { command: ['say', 'goodbye'] } } },
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    });
  });

  test('probes by https, or on the loopback address of the node', () => {
    const probe: ProbeProps = { http: '/healthz', port: 'http', https: true, host: '127.0.0.1' };
    expect(main({ probes: { liveness: probe } }).livenessProbe.httpGet).toEqual({
      path: '/healthz',
      port: 'http',
      scheme: 'HTTPS',
      host: '127.0.0.1',
    });
  });

  test('root and privileged are said outright, and loosen the pod as far as they must', () => {
    expect(main({ user: 0 }).securityContext).toMatchObject({ runAsNonRoot: false, runAsUser: 0, allowPrivilegeEscalation: false });
    const pod = podOf({ on: nodes, containers: { main: { ...one, privileged: true } }, exceptions: stated });
    expect(pod.containers[0].securityContext).toEqual({
      privileged: true,
      allowPrivilegeEscalation: true,
      readOnlyRootFilesystem: true,
      runAsUser: 0,
      runAsGroup: 0,
    });
    expect(pod.securityContext).toEqual({ seccompProfile: { type: 'RuntimeDefault' } });
    // A privileged container that runs before the others could not start in a pod that forbids root.
    expect(
      podOf({ on: nodes, containers: { main: one }, initContainers: { before: { ...one, privileged: true } }, exceptions: stated })
        .securityContext.runAsNonRoot,
    ).toBeUndefined();
  });

  test.each([
    ['QUANTITY_UNKNOWN', 'memory', { memory: '64 gigs' }],
    ['QUANTITY_UNKNOWN', 'cpu', { cpu: 'two' }],
    ['QUANTITY_UNKNOWN', 'cpuLimit', { cpuLimit: '4cores' }],
    ['QUANTITY_UNKNOWN', 'disk', { disk: '10G' }],
    ['RESOURCE_INVALID', 'memory', { memory: '0GiB' }],
    ['RESOURCE_INVALID', 'cpu', { cpu: '0m' }],
    ['RESOURCE_INVALID', 'cpu', { cpu: 0.0004 }],
    ['RESOURCE_INVALID', 'cpuLimit', { cpuLimit: '500m' }],
  ])('%s for %s of %j', (code, field, change) => {
    const chart = new Bench(
      (bench) =>
        void new Deployment(bench, 'part', {
          on: nodes,
          containers: { main: { ...one, resources: { ...one.resources, ...(change as object) } } },
        }),
    );
    expect(briefly(problems(chart))).toEqual([`${code} at cosenza/bench/part/main/resources/${field}`]);
    only(problems(chart), code);
  });

  test('ports: a number or a name taken twice in a pod is refused', () => {
    const chart = new Bench((bench) => {
      new Deployment(bench, 'a', { on: nodes, containers: { x: { ...one, ports: { http: 80 } }, y: { ...one, ports: { web: 80 } } } });
      new Deployment(bench, 'b', { on: nodes, containers: { x: { ...one, ports: { http: 80 } }, y: { ...one, ports: { http: 81 } } } });
      new Deployment(bench, 'c', { on: nodes, containers: { x: { ...one, ports: { tcp: 53, udp: { port: 53, protocol: 'UDP' } } } } });
    });
    expect(briefly(problems(chart))).toEqual([
      'PORT_TWICE at cosenza/bench/a/y/ports/web',
      'PORT_NAME_TWICE at cosenza/bench/b/y/ports/http',
    ]);
    expect(only(problems(chart), 'PORT_TWICE').given).toBe('80/TCP, which x/http has already');
  });

  test('a port that a workload has not is refused, with those it has', () => {
    const chart = new Bench((bench) => void new Deployment(bench, 'part', basic).port('htp'));
    expect(only(problems(chart), 'PORT_UNKNOWN')).toMatchObject({
      path: 'cosenza/bench/part',
      allowed: 'http',
      fix: "did you mean 'http'?",
    });
  });
});

describe('exceptions', () => {
  test.each(Object.keys(EXCEPTIONS) as ExceptionName[])('%s is stated to people and to each checker that knows it', (name) => {
    const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, exceptions: { [name]: 'because' } }));
    const { annotations = {} } = object(chart, 'Deployment').metadata;
    const { kubeLinter, kubeScore, polaris } = EXCEPTIONS[name];
    expect(annotations).toEqual({
      [`analysis-facility/exception.${name}`]: 'because',
      ...Object.fromEntries(kubeLinter.map((check) => [`ignore-check.kube-linter.io/${check}`, 'because'])),
      ...Object.fromEntries(polaris.map((check) => [`polaris.fairwinds.com/${check}-exempt`, 'true'])),
      ...(kubeScore.length > 0 ? { 'kube-score/ignore': [...kubeScore].sort().join(',') } : {}),
    });
    for (const key of Object.keys(annotations)) expect(key.split('/')[1]?.length).toBeLessThanOrEqual(63);
  });

  test('several go into one list for kube-score', () => {
    const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, exceptions: { singleton: 'a', recreate: 'b' } }));
    expect(object(chart, 'Deployment').metadata.annotations?.['kube-score/ignore']).toBe('deployment-replicas,deployment-strategy');
  });

  test('a workload without any has no annotation', () => {
    expect(object(new Bench((bench) => void new Deployment(bench, 'part', basic)), 'Deployment').metadata.annotations).toBeUndefined();
  });
});

describe('access to the Kubernetes API', () => {
  const access: Required<Access> = {
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'create'] }],
    clusterRules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
  };
  const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, access }));

  test('is an account with a role for the namespace and one for the cluster, and a token', () => {
    const account = { kind: 'ServiceAccount', name: 'bench-part', namespace: 'bench' };
    expect(object(chart, 'Role')).toMatchObject({ metadata: { name: 'bench-part', namespace: 'bench' }, rules: access.rules });
    expect(object(chart, 'RoleBinding')).toMatchObject({ subjects: [account], roleRef: { kind: 'Role', name: 'bench-part' } });
    expect(object(chart, 'ClusterRole')).toMatchObject({ metadata: { name: 'bench-bench-part' }, rules: access.clusterRules });
    expect(object(chart, 'ClusterRoleBinding')).toMatchObject({
      subjects: [account],
      roleRef: { kind: 'ClusterRole', name: 'bench-bench-part' },
    });
    expect(object(chart, 'Deployment').spec.template.spec.automountServiceAccountToken).toBe(true);
    expect(object(chart, 'ServiceAccount').automountServiceAccountToken).toBe(false);
    expect(object(chart, 'Deployment').metadata.annotations).toHaveProperty(['analysis-facility/exception.api-token']);
  });

  test('opens the way to the API servers, and only to their port', () => {
    expect(object(chart, 'NetworkPolicy').spec.egress).toContainEqual({
      to: [{ ipBlock: { cidr: '10.0.0.10/32' } }],
      ports: [{ port: 6443, protocol: 'TCP' }],
    });
  });

  test('objects of the whole cluster carry no namespace', () => {
    for (const kind of ['ClusterRole', 'ClusterRoleBinding']) expect(object(chart, kind).metadata.namespace).toBeUndefined();
  });

  test.each(['verbs', 'resources', 'apiGroups'])('a wildcard among %s is refused', (field) => {
    for (const where of ['rules', 'clusterRules']) {
      const bench = new Bench(
        (each) => void new Deployment(each, 'part', { ...basic, access: { [where]: [{ ...access.rules[0], [field]: ['*'] }] } }),
      );
      expect(briefly(problems(bench))).toEqual(['WILDCARD_RULE at cosenza/bench/part/access']);
      only(problems(bench), 'WILDCARD_RULE');
    }
  });
});

describe('placement', () => {
  const gpu = nodePool('gpu', {
    flavor: { vcpus: 8, memory: '32GiB' },
    labels: { gpu: 'a100' },
    taints: [
      { key: 'gpu', value: 'yes', effect: 'NoSchedule' },
      { key: 'slow', effect: 'NoExecute' },
    ],
  });
  const site = existing({ pools: [nodes, gpu] });

  test('one pool is a node selector, several are a choice', () => {
    expect(scheduling(site, [nodes])).toEqual({ nodeSelector: { 'node.example.org/purpose': 'analysis' } });
    expect(scheduling(site, [nodes, gpu]).nodeSelector).toBeUndefined();
    expect(scheduling(site, [nodes, gpu]).affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'node.example.org/purpose', operator: 'In', values: ['analysis'] }] },
            { matchExpressions: [{ key: 'gpu', operator: 'In', values: ['a100'] }] },
          ],
        },
      },
    });
  });

  test('taints of the pools are tolerated by name, others are not', () => {
    expect(scheduling(site, [nodes]).tolerations).toBeUndefined();
    expect(scheduling(site, [gpu]).tolerations).toEqual([
      { key: 'gpu', operator: 'Equal', value: 'yes', effect: 'NoSchedule' },
      { key: 'slow', operator: 'Exists', effect: 'NoExecute' },
    ]);
    expect(scheduling(site, [gpu, gpu], [{ key: 'more', effect: 'NoSchedule' }]).tolerations).toHaveLength(3);
    expect(scheduling(site, [gpu], 'all').tolerations).toEqual([{ operator: 'Exists' }]);
  });

  test('a pool without labels is every node, and so is a choice with it', () => {
    const any = nodePool('any', { flavor: { vcpus: 4, memory: '8GiB' } });
    const wide = existing({ pools: [nodes, any] });
    expect(scheduling(wide, [any])).toEqual({});
    expect(scheduling(wide, [nodes, any])).toEqual({});
  });

  test('where the library installs Kubernetes, pools are told by its own label', () => {
    const [, workers] = provisioned().pools;
    expect(scheduling(provisioned(), workers ? [workers] : [])).toEqual({ nodeSelector: { 'analysis-facility/pool': 'worker' } });
  });

  test('affinity to nodes and distance from one another go together', () => {
    const { affinity, topologySpreadConstraints } = podOf({ ...basic, on: [nodes, gpu] }, site);
    const labelSelector = { matchLabels: { 'app.kubernetes.io/instance': 'bench-part' } };
    expect(affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms).toHaveLength(2);
    expect(affinity.podAntiAffinity).toEqual({
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector } },
      ],
    });
    expect(topologySpreadConstraints[0].labelSelector).toEqual(labelSelector);
  });

  test.each([
    ['a pool of another site', worker(), "pool 'worker'"],
    ['a copy of a pool', nodePool('analysis', { flavor: { vcpus: 1, memory: '1GiB' } }), "pool 'analysis'"],
    ['no pool', [], 'no pool'],
    ['nothing', undefined as never, 'no pool'],
  ])('%s is refused', (_, on, given) => {
    const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, on }));
    expect(only(problems(chart), 'POOL_NOT_IN_SITE')).toMatchObject({
      path: 'cosenza/bench/part/on',
      given,
      allowed: "the pools of site 'cosenza': analysis",
    });
  });

  test('a copy of a pool is told from a wrong name', () => {
    const fix = (name: string) =>
      only(
        problems(
          new Bench(
            (bench) => void new Deployment(bench, 'part', { ...basic, on: nodePool(name, { flavor: { vcpus: 1, memory: '1GiB' } }) }),
          ),
        ),
        'POOL_NOT_IN_SITE',
      ).fix;
    expect(fix('analysis')).toContain('the very pool');
    expect(fix('analisys')).toContain("did you mean 'analysis'?");
    expect(fix('gpu')).toBe('add the pool to the site');
  });

  test('a difference from the hardened pod that nobody explains is refused', () => {
    const codes = (props: Partial<DeploymentProps>) =>
      problems(new Bench((bench) => void new Deployment(bench, 'part', { ...basic, ...props }))).map(
        ({ code, given }) => `${code} ${given}`,
      );
    const told = (name: string) => [`EXCEPTION_UNSTATED a workload that is ${name}, without a word why`];
    expect(codes({})).toEqual([]);
    expect(codes({ strategy: 'Recreate' })).toEqual(told('recreate'));
    expect(codes({ hostNetwork: true })).toEqual(told('host-network'));
    expect(codes({ containers: { main: { ...one, privileged: true } } })).toEqual(told('privileged'));
    expect(codes({ containers: { main: { ...one, writableRoot: true } } })).toEqual(told('writable-root'));
    expect(codes({ initContainers: { first: { ...one, user: 0 } } })).toEqual(told('root'));
    expect(codes({ hostNamespaces: ['pid'] })).toEqual(told('host-namespaces'));
    expect(codes({ containers: { main: { ...one, capabilities: ['SYS_ADMIN'] } } })).toEqual(told('capabilities'));
    expect(codes({ containers: { main: { ...one, mounts: { '/dev': hostPath('dev', '/dev') } } } })).toEqual(told('host-path'));
  });

  test('on the node’s network there is no policy, and names are resolved by the cluster unless it is said otherwise', () => {
    const host = (props: Partial<WorkloadProps>) =>
      new Bench(
        (bench) => void new DaemonSet(bench, 'part', { ...basic, hostNetwork: true, exceptions: { 'host-network': WHY }, ...props }),
      );
    expect(rendered(host({})).map(({ kind }) => kind)).not.toContain('NetworkPolicy');
    expect(object(host({}), 'DaemonSet').spec.template.spec).toMatchObject({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
    expect(object(host({ resolver: 'node' }), 'DaemonSet').spec.template.spec.dnsPolicy).toBe('Default');
  });
});

describe('Services', () => {
  const kindsOf = (props: Partial<WorkloadProps>) =>
    rendered(new Bench((bench) => void new Deployment(bench, 'part', { ...basic, ...props }))).map(({ kind }) => kind);

  test('are there where there are ports, unless they are not wanted', () => {
    expect(kindsOf({})).toContain('Service');
    expect(kindsOf({ service: 'none' })).not.toContain('Service');
    expect(kindsOf({ containers: { main: one } })).not.toContain('Service');
  });

  test('a headless one shows the pods’ own ports', () => {
    const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, service: 'headless', servicePorts: { http: 80 } }));
    expect(object(chart, 'Service').spec).toMatchObject({ clusterIP: 'None', ports: [{ port: 8080, targetPort: 'http' }] });
  });

  test('one port is container port, Service, target of a flow', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom('TCP' as const, 'UDP' as const), (port, protocol) => {
        let made: Workload | undefined;
        const chart = new Bench((bench) => {
          made = new Deployment(bench, 'part', { on: nodes, containers: { main: { ...one, ports: { it: { port, protocol } } } } });
          made.mayBeReachedBy({ kind: 'internet' }, 'it');
        });
        expect(object(chart, 'Deployment').spec.template.spec.containers[0].ports).toEqual([{ name: 'it', containerPort: port, protocol }]);
        expect(object(chart, 'Service').spec.ports).toEqual([{ name: 'it', port, targetPort: 'it', protocol }]);
        expect(object(chart, 'NetworkPolicy').spec.ingress[0].ports).toEqual([{ port, protocol }]);
        expect(made?.port('it')).toMatchObject({ port, protocol });
      }),
      { numRuns: 20 },
    );
  });
});

describe('volumes', () => {
  test('what is mounted where', () => {
    const pod = podOf({
      on: nodes,
      exceptions: { 'host-path': WHY },
      containers: {
        a: {
          ...one,
          mounts: {
            '/tmp': scratch('tmp', '1GiB'),
            '/keys': secretFiles('keys', { name: 'tokens', key: 'one' }, { name: 'tokens', key: 'two' }),
            '/dev': { ...hostPath('dev', '/dev'), propagation: 'HostToContainer' },
            '/etc/one': onlyFile(secretFiles('keys', { name: 'tokens', key: 'one' }, { name: 'tokens', key: 'two' }), 'one'),
          },
        },
        b: { ...one, mounts: { '/shared': scratch('tmp', '1GiB') } },
      },
    });
    expect(pod.volumes).toEqual([
      { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
      {
        name: 'keys',
        secret: {
          secretName: 'tokens',
          defaultMode: 0o440,
          items: [
            { key: 'one', path: 'one' },
            { key: 'two', path: 'two' },
          ],
        },
      },
      { name: 'dev', hostPath: { path: '/dev', type: 'Directory' } },
    ]);
    expect(pod.containers[0].volumeMounts).toEqual([
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'keys', mountPath: '/keys', readOnly: true },
      { name: 'dev', mountPath: '/dev', mountPropagation: 'HostToContainer' },
      { name: 'keys', mountPath: '/etc/one', readOnly: true, subPath: 'one' },
    ]);
    expect(pod.containers[1].volumeMounts).toEqual([{ name: 'tmp', mountPath: '/shared' }]);
  });

  const withFiles = (files: Record<string, string>) =>
    new Bench(
      (bench) =>
        void new Deployment(bench, 'part', {
          on: nodes,
          containers: { main: { ...one, mounts: { '/etc/it': configFiles(bench, 'part', files) } } },
        }),
    );

  test('configuration is named after its content, and its pods with it', () => {
    const nameOf = (files: Record<string, string>) => object(withFiles(files), 'ConfigMap').metadata.name;
    expect(nameOf({ a: '1' })).toMatch(/^bench-part-[0-9a-f]{8}$/);
    expect(nameOf({ a: '1' })).toBe(nameOf({ a: '1' }));
    expect(nameOf({ a: '1', b: '2' })).toBe(nameOf({ b: '2', a: '1' }));
    expect(new Set([nameOf({ a: '1' }), nameOf({ a: '2' }), nameOf({ b: '1' }), nameOf({ a: '1', b: '' })]).size).toBe(4);
    const chart = withFiles({ a: '1' });
    expect(object(chart, 'ConfigMap')).toMatchObject({ immutable: true, data: { a: '1' } });
    expect(object(chart, 'Deployment').spec.template.spec.volumes[0].configMap).toEqual({ name: object(chart, 'ConfigMap').metadata.name });
  });

  test('two sets of files in one pod are two volumes', () => {
    const chart = new Bench((bench) => {
      const mounts = { '/etc/a': configFiles(bench, 'a', { f: 'a' }), '/etc/b': configFiles(bench, 'b', { f: 'b' }) };
      new Deployment(bench, 'part', { on: nodes, containers: { main: { ...one, mounts } } });
    });
    const { volumes, containers } = object(chart, 'Deployment').spec.template.spec;
    const mapAt = (path: string) => {
      const { name } = containers[0].volumeMounts.find((mount: any) => mount.mountPath === path);
      return volumes.find((volume: any) => volume.name === name).configMap.name;
    };
    expect(mapAt('/etc/a')).toMatch(/^bench-a-/);
    expect(mapAt('/etc/b')).toMatch(/^bench-b-/);
  });

  test('a claim names its class: the one given, or the site’s', () => {
    const chart = new Bench((bench) => {
      const mounts = {
        '/a': claim(bench, 'a', { size: '10GiB' }),
        '/b': claim(bench, 'b', { size: '1TiB', storageClass: storageClass('fast') }),
      };
      new Deployment(bench, 'part', { on: nodes, containers: { main: { ...one, mounts } } });
    });
    expect(object(chart, 'PersistentVolumeClaim', 'bench-a').spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local-path',
      resources: { requests: { storage: '10Gi' } },
    });
    expect(object(chart, 'PersistentVolumeClaim', 'bench-b').spec.storageClassName).toBe('fast');
    expect(object(chart, 'Deployment').spec.template.spec.volumes[0]).toEqual({
      name: 'a',
      persistentVolumeClaim: { claimName: 'bench-a' },
    });
  });

  test('a claim without a class is refused where the site has no default', () => {
    const build = (bench: Bench) => {
      claim(bench, 'home', { size: '10GiB' });
      new StatefulSet(bench, 'part', { ...basic, claims: { data: { size: '1 TB' as never } } });
    };
    const none = new Bench(build, { site: existing({ storage: {} }) });
    const paths = ['cosenza/bench/home/storageClass', 'cosenza/bench/part/claims/data'];
    expect(briefly(problems(none))).toEqual([
      ...paths.map((path) => `STORAGE_CLASS_MISSING at ${path}`),
      `QUANTITY_UNKNOWN at ${paths[1]}`,
    ]);
    expect(problems(none)[0]?.allowed).toBe('a class of the site: cinder() or storageClass(name)');
    const unnamed = new Bench((bench) => void claim(bench, 'home', { size: '1GiB' }), {
      site: existing({ storage: { classes: [storageClass('a'), storageClass('b')] } }),
    });
    expect(only(problems(unnamed), 'STORAGE_CLASS_MISSING').allowed).toBe('one of a, b');
  });
});

describe('flows', () => {
  const party = (name: string, namespace = 'bench'): Party => ({
    name,
    namespace,
    labels: { 'app.kubernetes.io/instance': name, other: 'label' },
  });
  const outside = (address: string): Party => ({ name: address, address });

  test('a declared flow opens both ends, one port, one way', () => {
    const chart = new Bench((bench) => {
      const server = new Deployment(bench, 'server', { ...basic, containers: { main: { ...one, ports: { http: 8080, admin: 9090 } } } });
      new Deployment(bench, 'client', { on: nodes, containers: { main: one } }).mayReach(server.port('http'));
      new Deployment(bench, 'stranger', { on: nodes, containers: { main: one } });
    });
    const objects = rendered(chart);
    const [client, server, stranger] = [party('bench-client'), party('bench-server'), party('bench-stranger')];
    expect(mayConnect(objects, client, server, 8080)).toBe(true);
    expect(mayConnect(objects, client, server, 8080, 'UDP')).toBe(false);
    expect(mayConnect(objects, client, server, 9090)).toBe(false);
    expect(mayConnect(objects, server, client, 8080)).toBe(false);
    expect(mayConnect(objects, stranger, server, 8080)).toBe(false);
    expect(mayConnect(objects, party('bench-client', 'other'), server, 8080)).toBe(false);
  });

  test('the internet is neither private nor the metadata service nor the site’s own', () => {
    const site = provisioned({ pools: [master(), worker()] }, { cidr: '203.0.113.0/24' });
    const chart = new Bench(
      (bench) => new Deployment(bench, 'client', { on: site.pools, containers: { main: one } }).mayReach({ peer: { kind: 'internet' } }),
      { site },
    );
    const objects = rendered(chart);
    const reaches = (address: string) => mayConnect(objects, party('bench-client'), outside(address), 443);
    expect(['8.8.8.8', '192.0.2.1', '198.51.100.1', '203.0.112.255', '203.0.114.0'].filter((address) => !reaches(address))).toEqual([]);
    for (const address of ['169.254.169.254', '10.0.0.1', '172.16.5.4', '192.168.1.1', '127.0.0.1', '100.64.0.1', '224.0.0.1'])
      expect([address, reaches(address)]).toEqual([address, false]);
    // Nodes with public addresses are not the public internet.
    for (const { address } of site.nodes) expect([address, reaches(address)]).toEqual([address, false]);
    expect(reaches('203.0.113.200')).toBe(false);
  });

  test('nor nodes with public addresses that somebody else runs', () => {
    const site = existing(
      { pools: [{ ...nodes, addresses: ['203.0.113.5', '203.0.113.6', '203.0.113.7'] }] },
      { apiServers: ['198.51.100.1:6443'], podCidr: '192.0.2.0/24' },
    );
    const spec = policySpec(
      { kind: 'pods', namespace: 'a', labels: { b: 'c' } },
      [{ from: { kind: 'pods', namespace: 'a', labels: { b: 'c' } }, to: { peer: { kind: 'internet' } } }],
      site,
    );
    expect(spec.egress).toEqual([
      {
        to: [
          {
            ipBlock: {
              cidr: '0.0.0.0/0',
              except: [...NOT_PUBLIC, '192.0.2.0/24', '203.0.113.5/32', '203.0.113.6/32', '203.0.113.7/32', '198.51.100.1/32'],
            },
          },
        ],
      },
    ]);
  });

  test('an unreadable range of the site is no reason to end in the middle: the site says what is wrong', () => {
    const site = existing({}, { podCidr: 'flannel' });
    const chart = new Bench(
      (bench) => new Deployment(bench, 'client', { on: nodes, containers: { main: one } }).mayReach({ peer: { kind: 'internet' } }),
      { site },
    );
    expect(() => chart.toJson()).toThrow(/CIDR_INVALID at cosenza\/cluster\/podCidr/);
  });

  test('a flow to nobody opens nothing: Kubernetes would read an empty list as everybody', () => {
    const chart = new Bench((bench) => {
      const client = new Deployment(bench, 'client', { on: nodes, containers: { main: one }, dns: false });
      client.mayReach({ peer: { kind: 'addresses', cidrs: [] }, port: 443 });
      declareFlow(bench, { kind: 'addresses', cidrs: [] }, { peer: bench.peerOf('client'), port: 80 });
    });
    const objects = rendered(chart);
    expect(mayConnect(objects, party('bench-client'), outside('8.8.8.8'), 443)).toBe(false);
    expect(mayConnect(objects, outside('8.8.8.8'), party('bench-client'), 80)).toBe(false);
  });

  test('one rule a peer with all of its ports, in an order that does not depend on who spoke first', () => {
    const pods = { kind: 'pods', namespace: 'a', labels: { b: 'c' } } as const;
    const flows = [
      { from: pods, to: { peer: { kind: 'addresses', cidrs: ['192.0.2.1/32'] }, port: 443 } },
      { from: pods, to: { peer: { kind: 'addresses', cidrs: ['192.0.2.1/32'] }, port: 80 } },
      { from: pods, to: { peer: { kind: 'addresses', cidrs: ['192.0.2.1/32'] }, port: 443 } },
      { from: pods, to: { peer: { kind: 'pods', namespace: 'z', labels: {} }, port: 1 } },
      { from: pods, to: { peer: { kind: 'pods', namespace: 'z', labels: {} } } },
    ] as const;
    const spec = policySpec(pods, flows, existing());
    expect(spec.egress).toEqual([
      {
        to: [{ ipBlock: { cidr: '192.0.2.1/32' } }],
        ports: [
          { port: 80, protocol: 'TCP' },
          { port: 443, protocol: 'TCP' },
        ],
      },
      { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'z' } }, podSelector: {} }] },
    ]);
    expect(policySpec(pods, [...flows].reverse(), existing())).toEqual(spec);
  });

  test('pods that are made at run time have an account without rights, and a policy before the first of them exists', () => {
    let spawned: SpawnedPods | undefined;
    const chart = new Bench((bench) => {
      spawned = new SpawnedPods(bench, 'user');
      const hub = new Deployment(bench, 'hub', basic);
      spawned.mayReach(hub.port('http'));
      hub.mayReach(spawned.port(8888));
    });
    const objects = rendered(chart);
    expect(object(chart, 'ServiceAccount', 'bench-user').automountServiceAccountToken).toBe(false);
    expect(spawned?.labels).toMatchObject({ 'app.kubernetes.io/instance': 'bench-user' });
    expect(mayConnect(objects, party('bench-user'), party('bench-hub'), 8080)).toBe(true);
    expect(mayConnect(objects, party('bench-hub'), party('bench-user'), 8888)).toBe(true);
    expect(mayConnect(objects, party('bench-user'), outside('169.254.169.254'), 80)).toBe(false);
  });
});

describe('an Ingress', () => {
  const published = (props: Partial<IngressProps> = {}, site = existing()) =>
    new Bench(
      (bench) =>
        void new Ingress(bench, 'web', {
          host: 'it.example.org',
          to: new Deployment(bench, 'part', { ...basic, on: site.pools }),
          port: 'http',
          ...props,
        }),
      { site },
    );

  test('publishes one port over TLS alone, and lets the controller in', () => {
    const chart = published();
    expect(object(chart, 'Ingress')).toMatchObject({
      metadata: {
        name: 'bench-web',
        annotations: {
          'nginx.ingress.kubernetes.io/force-ssl-redirect': 'true',
          'nginx.ingress.kubernetes.io/proxy-body-size': '0',
          'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600',
          'nginx.ingress.kubernetes.io/proxy-send-timeout': '3600',
        },
      },
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['it.example.org'], secretName: 'bench-web-tls' }],
        rules: [
          {
            host: 'it.example.org',
            http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'bench-part', port: { name: 'http' } } } }] },
          },
        ],
      },
    });
    const controller: Party = { name: 'nginx', namespace: 'ingress-nginx', labels: { 'app.kubernetes.io/name': 'ingress-nginx' } };
    const part: Party = { name: 'bench-part', namespace: 'bench', labels: { 'app.kubernetes.io/instance': 'bench-part' } };
    expect(mayConnect(rendered(chart), controller, part, 8080)).toBe(true);
    expect(ledgerOf(chart).secrets).toEqual([
      {
        namespace: 'bench',
        secret: { name: 'bench-web-tls', key: 'tls.key' },
        origin: { kind: 'certificate', hosts: ['it.example.org'] },
        path: 'cosenza/bench',
      },
    ]);
  });

  test('with every option', () => {
    const all: Required<Omit<IngressProps, 'to'>> = {
      host: 'it.example.org',
      port: 'http',
      service: 'front',
      tls: { clusterIssuer: 'letsencrypt' },
      bodyLimit: 20,
      timeout: 60,
      https: true,
    };
    const chart = published(all);
    expect(object(chart, 'Ingress').metadata.annotations).toMatchObject({
      'cert-manager.io/cluster-issuer': 'letsencrypt',
      'nginx.ingress.kubernetes.io/proxy-body-size': '20m',
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '60',
      'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS',
    });
    expect(object(chart, 'Ingress').spec.rules[0].http.paths[0].backend.service.name).toBe('front');
    expect(ledgerOf(chart).secrets).toEqual([]);
    expect(object(published({ tls: { secret: 'wildcard' } }), 'Ingress').spec.tls[0].secretName).toBe('wildcard');
  });

  test('annotations of nginx are for nginx', () => {
    const site = existing({}, { ingress: { className: 'traefik', namespace: 'traefik' } });
    expect(object(published({}, site), 'Ingress').metadata.annotations ?? {}).toEqual({});
    expect(ledgerOf(published({ https: true }, site)).warnings).toEqual([
      'bench: the controller of it.example.org must be told that its backend speaks TLS: traefik has objects of its own for that',
    ]);
  });

  test('is refused without a controller, and with something that is no host name', () => {
    const none = published({}, existing({}, { ingress: undefined }));
    expect(only(problems(none), 'INGRESS_MISSING').path).toBe('cosenza/bench/web');
    expect(only(problems(published({ host: 'https://it.example.org' })), 'HOST_INVALID').path).toBe('cosenza/bench/web/host');
  });
});

describe('patches', () => {
  const patched = (...patch: Patch[]) => new Bench((bench) => void new Deployment(bench, 'part', basic), { site: existing(), patch });
  const failing = (...operations: Patch['operations']) => {
    const chart = patched({ object: 'Deployment/bench-part', operations });
    expect(() => chart.toJson()).toThrow(/Validation failed/);
    return problems(chart);
  };

  test('change the finished objects, in their order', () => {
    const chart = patched(
      {
        object: 'Deployment/bench-part',
        operations: [
          { op: 'test', path: '/spec/replicas', value: 1 },
          { op: 'replace', path: '/spec/replicas', value: 5 },
        ],
      },
      {
        object: 'Deployment/bench-part',
        operations: [
          { op: 'remove', path: '/spec/revisionHistoryLimit' },
          { op: 'add', path: '/metadata/annotations', value: { 'a/b': 'c' } },
          { op: 'add', path: '/metadata/annotations/d~1e', value: 'f' },
        ],
      },
      { object: 'Service/bench-part', operations: [{ op: 'add', path: '/spec/ports/-', value: { name: 'x', port: 1 } }] },
    );
    const deployment = object(chart, 'Deployment');
    expect(deployment.spec.replicas).toBe(5);
    expect(deployment.spec).not.toHaveProperty('revisionHistoryLimit');
    expect(deployment.metadata.annotations).toEqual({ 'a/b': 'c', 'd/e': 'f' });
    expect(object(chart, 'Service').spec.ports).toHaveLength(2);
    expect(object(chart, 'Deployment').spec.replicas).toBe(5);
  });

  test('for an object that is not there are refused', () => {
    const chart = patched({ object: 'Deployment/bench-prt', operations: [] });
    expect(() => chart.toJson()).toThrow(/PATCH_WITHOUT_OBJECT at cosenza\/bench\/patch/);
    expect(only(problems(chart), 'PATCH_WITHOUT_OBJECT').fix).toBe("did you mean 'Deployment/bench-part'?");
  });

  test.each<[string, Patch['operations'][number]]>([
    ['replaces nothing', { op: 'replace', path: '/spec/replica', value: 2 }],
    ['removes nothing', { op: 'remove', path: '/spec/replica' }],
    ['adds to nothing', { op: 'add', path: '/spec/strategy/rollingUpdate/maxSurge', value: 1 }],
    ['adds behind the end of a list', { op: 'add', path: '/spec/template/spec/containers/7', value: {} }],
    ['tests something else', { op: 'test', path: '/spec/replicas', value: 9 }],
    ['is no pointer', { op: 'add', path: 'spec/replicas', value: 9 }],
    ['replaces everything', { op: 'replace', path: '', value: {} }],
  ])('one that %s is refused', (_, operation) => {
    expect(only(failing(operation), 'PATCH_FAILED').path).toBe('cosenza/bench/patch');
  });

  test('see the objects as earlier operations left them', () => {
    expect(failing({ op: 'remove', path: '/spec/replicas' }, { op: 'replace', path: '/spec/replicas', value: 1 })).toHaveLength(1);
  });
});

describe('a service', () => {
  test('with every option, in an app that is no Facility', () => {
    const props: Required<ServiceProps> = {
      namespace: 'space',
      site: existing(),
      patch: [{ object: 'Service/bench-part', operations: [] }],
    };
    const chart = new Bench((bench) => void new Deployment(bench, 'part', basic), props);
    expect(chart).toMatchObject({ space: 'space', facility: false });
    expect(new Set(rendered(chart).map(({ metadata }) => metadata.namespace))).toEqual(new Set(['space']));
    // The facility would make the class; elsewhere there is none of that name.
    expect(object(chart, 'Deployment').spec.template.spec.priorityClassName).toBeUndefined();
    expect(chart.image('dask')).toBe(IMAGES.dask);
  });

  test('needs a site', () => {
    expect(refused('NO_SITE', () => new Bench(() => undefined, {})).path).toBe('bench');
  });

  test('has a name that everybody accepts, and so has its namespace', () => {
    const chart = new Bench(() => undefined, { site: existing(), namespace: 'My_Space' }, 'my_bench');
    expect(briefly(problems(chart))).toEqual(['NAME_INVALID at cosenza/my_bench', 'NAME_INVALID at cosenza/my_bench/namespace']);
    expect(briefly(problems(new Bench(() => undefined, { site: existing(), namespace: 'a' }, 'b'.repeat(41))))).toEqual([
      `NAME_TOO_LONG at cosenza/${'b'.repeat(41)}`,
    ]);
  });

  test('a part of its own name is called as the service is', () => {
    const chart = new Bench((bench) => void new Deployment(bench, 'bench', basic));
    expect(object(chart, 'Deployment').metadata.name).toBe('bench');
  });

  test('tells its mistakes to cdk8s, each chart its own, and those of the site once', () => {
    const app = new App();
    const site = existing({ pools: [nodes, nodes] });
    const props = { site };
    const wrong = (bench: Bench) => void new Deployment(bench, 'part', { ...basic, on: worker() });
    new Bench(wrong, props, 'dask', app);
    new Bench(wrong, props, 'dask2', app);
    const text = ((): string => {
      try {
        app.synthYaml();
        return '';
      } catch (error) {
        return String(error);
      }
    })();
    const count = (pattern: RegExp) => text.match(pattern)?.length;
    expect(count(/POOL_NOT_IN_SITE at cosenza\/dask\/part/g)).toBe(1);
    expect(count(/POOL_NOT_IN_SITE at cosenza\/dask2\/part/g)).toBe(1);
    expect(count(/POOL_TWICE at cosenza\/pools/g)).toBe(1);
    expect(text).toMatch(/given pool 'worker'; allowed: the pools of site 'cosenza'.*; fix: /);
  });

  test('every message of this room has a test', () => {
    const source = readFileSync(join(__dirname, '../lib/errors/kubernetes.ts'), 'utf8');
    const tests = ['kubernetes', 'facility'].map((name) => readFileSync(join(__dirname, `${name}.test.ts`), 'utf8')).join('');
    const codes = [...source.matchAll(/code: '(\w+)'/g)].map(([, code]) => code ?? '');
    expect(codes.filter((code) => !tests.includes(code))).toEqual([]);
  });
});
