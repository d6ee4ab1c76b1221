import { externalHttp } from '../../lib/endpoints';
import {
  type ContainerProps,
  CronJob,
  type CronJobProps,
  DaemonSet,
  Deployment,
  type DeploymentProps,
  Job,
  type JobProps,
  StatefulSet,
  type StatefulSetProps,
  type WorkloadProps,
} from '../../lib/kubernetes';
import { storageClass } from '../../lib/site';
import { briefly, type Manifest, nodes } from '../fixtures/site';
import { Bench, basic, object, one, problems, rendered, WHY } from '../fixtures/workload';

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

  test('has its name as instance label, like all of its objects', () => {
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

  test('is selected by that label in its controller, Service and NetworkPolicy', () => {
    const label = { 'app.kubernetes.io/instance': 'bench-part' };
    if (kind === 'Deployment' || kind === 'StatefulSet' || kind === 'DaemonSet')
      expect(workload.spec.selector).toEqual({ matchLabels: label });
    expect(object(chart, 'Service').spec.selector).toEqual(label);
    expect(object(chart, 'NetworkPolicy').spec).toMatchObject({ podSelector: { matchLabels: label }, policyTypes: ['Ingress', 'Egress'] });
  });

  test('may connect only to DNS, and accepts no connections', () => {
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

  test('runs on the nodes of its pool', () => expect(template.spec.nodeSelector).toEqual({ 'node.example.org/purpose': 'analysis' }));

  test('reports no problems', () => expect(briefly(problems(chart))).toEqual([]));
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
    expect(metadata.annotations).toMatchObject({ 'analysis-facility.io/exception.root': 'a reason' });
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

  test('two or more replicas have a PodDisruptionBudget of one, a single replica has none', () => {
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

  test('Recreate stops the old pod first', () => {
    const chart = new Bench(
      (bench) => void new Deployment(bench, 'part', { ...basic, strategy: 'Recreate', exceptions: { recreate: WHY } }),
    );
    expect(object(chart, 'Deployment').spec.strategy).toEqual({ type: 'Recreate' });
  });

  test('a StatefulSet has a headless Service, its own volumes, and members with DNS names', () => {
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

  test('a StatefulSet may leave updates to the operator, and state how many pods may be evicted', () => {
    const props: Required<Pick<StatefulSetProps, 'updates' | 'evictable'>> = { updates: 'on-delete', evictable: 0 };
    const chart = new Bench((bench) => void new StatefulSet(bench, 'part', { ...basic, ...props }));
    expect(object(chart, 'StatefulSet').spec.updateStrategy).toEqual({ type: 'OnDelete' });
    expect(object(chart, 'PodDisruptionBudget').spec.maxUnavailable).toBe(0);
  });

  test('CIDRs that may connect from outside are an annotation of the workload, beside those of its exceptions', () => {
    const exposed = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, exposedTo: ['192.0.2.0/24', '198.51.100.7/32'] }));
    expect(object(exposed, 'Deployment').metadata.annotations).toEqual({
      'analysis-facility.io/exposed-to': '192.0.2.0/24,198.51.100.7/32',
    });
    const closed = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, exposedTo: [] }));
    expect(object(closed, 'Deployment').metadata.annotations).toBeUndefined();
  });

  test('a policy for pods that are in no manifest states so to the checkers', () => {
    const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, exceptions: { spawned: WHY } }));
    expect(object(chart, 'NetworkPolicy').metadata.annotations).toMatchObject({ 'analysis-facility.io/exception.spawned': WHY });
  });

  test('a DaemonSet is updated one node at a time', () => {
    const chart = new Bench((bench) => void new DaemonSet(bench, 'part', basic));
    expect(object(chart, 'DaemonSet').spec.updateStrategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } });
  });

  test('a Job is retried, and states that it accepts no connections', () => {
    const props: Required<Pick<JobProps, 'retries' | 'keep'>> = { retries: 3, keep: '2h' };
    const chart = new Bench((bench) => void new Job(bench, 'part', { ...basic, ...props }));
    const { spec, metadata } = object(chart, 'Job');
    expect(spec).toMatchObject({ backoffLimit: 3, ttlSecondsAfterFinished: 7200, template: { spec: { restartPolicy: 'Never' } } });
    expect(metadata.annotations).toHaveProperty(['analysis-facility.io/exception.unreachable']);
    expect(spec.template.spec.affinity).toBeUndefined();
    expect(rendered(chart).map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
  });

  test('a finished Job is kept, so that GitOps tools do not create it again', () => {
    const chart = new Bench((bench) => void new Job(bench, 'part', basic));
    expect(object(chart, 'Job').spec).not.toHaveProperty('ttlSecondsAfterFinished');
  });

  test('claim templates have the kind that the API server adds', () => {
    const claims = { data: { size: '1GiB', storageClass: storageClass('fast') } } as const;
    const chart = new Bench((bench) => void new StatefulSet(bench, 'part', { ...basic, claims }));
    expect(object(chart, 'StatefulSet').spec.volumeClaimTemplates[0]).toMatchObject({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
  });

  test('a CronJob runs on a schedule in UTC, never two at a time', () => {
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

  test('invalid durations are reported with the path of their prop', () => {
    const chart = new Bench((bench) => {
      new Job(bench, 'a', { ...basic, keep: 'a day' as never });
      new CronJob(bench, 'b', { ...basic, schedule: '@daily', deadline: 'soon' as never });
    });
    expect(briefly(problems(chart))).toEqual(['INVALID_QUANTITY at cosenza/bench/a/keep', 'INVALID_QUANTITY at cosenza/bench/b/deadline']);
  });
});

/** All props of workloads, except those that exclude each other. */
function everything(): Required<Omit<WorkloadProps, 'hostNetwork' | 'restartPolicy'>> {
  return {
    on: nodes,
    containers: basic.containers,
    initContainers: { before: { ...one, command: ['prepare'] } },
    uses: [externalHttp({ url: 'https://192.0.2.9', variable: 'CATALOGUE_URL' })],
    priority: 'batch',
    fileGroup: 500,
    grace: 90,
    exceptions: { root: 'a reason', 'host-namespaces': 'a reason' },
    apart: 'required',
    tolerate: 'all',
    resolver: 'node',
    annotations: { 'example.org/note': 'yes' },
    nodeLabels: { 'example.org/disk': 'fast' },
    hosts: { '192.0.2.9': ['catalogue'] },
    podLabels: { app: 'known' },
    runtimeClass: 'other',
    hostNamespaces: ['pid', 'ipc'],
    shareProcesses: true,
    access: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
    dns: true,
    service: 'normal',
    servicePorts: { http: 80 },
    group: 'together',
    exposedTo: ['192.0.2.0/24', '198.51.100.7/32'],
  };
}

describe('the name of a Job', () => {
  const nameOf = (props: Partial<JobProps>) =>
    object(new Bench((bench) => void new Job(bench, 'part', { ...basic, ...props })), 'Job').metadata.name;

  test('changes with the pod template', () => {
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

  test('does not change with retries and the time that it is kept', () => {
    expect(nameOf({ retries: 9, keep: '7d' })).toBe(nameOf({}));
  });

  test('is not in the labels of its pods, so that NetworkPolicies still select them', () => {
    const template = object(new Bench((bench) => void new Job(bench, 'part', basic)), 'Job').spec.template;
    expect(template.metadata.labels['app.kubernetes.io/instance']).toBe('bench-part');
  });
});
