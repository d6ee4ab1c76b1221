import {
  type ContainerProps,
  DaemonSet,
  Deployment,
  type DeploymentProps,
  EXCEPTIONS,
  type ExceptionName,
  hostPath,
  type ProbeProps,
  type Resources,
  scheduling,
  scratch,
  type WorkloadProps,
} from '../../lib/kubernetes';
import { accelerator, nodePool } from '../../lib/site';
import { briefly, existing, nodes, only, provisioned, worker } from '../fixtures/site';
import { Bench, basic, object, one, podOf, problems, rendered, WHY } from '../fixtures/workload';

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

  test('root and privileged containers must be explicit, and relax the security context of the pod only as far as needed', () => {
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
    ['INVALID_QUANTITY', 'memory', { memory: '64 gigs' }],
    ['INVALID_QUANTITY', 'cpu', { cpu: 'two' }],
    ['INVALID_QUANTITY', 'cpuLimit', { cpuLimit: '4cores' }],
    ['INVALID_QUANTITY', 'disk', { disk: '10G' }],
    ['INVALID_QUANTITY', 'memory', { memory: '0GiB' }],
    ['INVALID_QUANTITY', 'cpu', { cpu: '0m' }],
    ['INVALID_QUANTITY', 'cpu', { cpu: 0.0004 }],
    ['INVALID_RESOURCE', 'cpuLimit', { cpuLimit: '500m' }],
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

  test('duplicate port numbers and port names in a pod are rejected', () => {
    const chart = new Bench((bench) => {
      new Deployment(bench, 'a', { on: nodes, containers: { x: { ...one, ports: { http: 80 } }, y: { ...one, ports: { web: 80 } } } });
      new Deployment(bench, 'b', { on: nodes, containers: { x: { ...one, ports: { http: 80 } }, y: { ...one, ports: { http: 81 } } } });
      new Deployment(bench, 'c', { on: nodes, containers: { x: { ...one, ports: { tcp: 53, udp: { port: 53, protocol: 'UDP' } } } } });
    });
    expect(briefly(problems(chart))).toEqual([
      'DUPLICATE_PORT at cosenza/bench/a/y/ports/web',
      'DUPLICATE_PORT_NAME at cosenza/bench/b/y/ports/http',
    ]);
    expect(only(problems(chart), 'DUPLICATE_PORT').given).toBe('port 80/TCP, which x/http already uses');
  });

  test('an unknown port is rejected, with the known ports in the message', () => {
    const chart = new Bench((bench) => void new Deployment(bench, 'part', basic).port('htp'));
    expect(only(problems(chart), 'UNKNOWN_PORT')).toMatchObject({
      path: 'cosenza/bench/part',
      allowed: 'http',
      fix: "write 'http'",
    });
  });
});

describe('exceptions', () => {
  test.each(Object.keys(EXCEPTIONS) as ExceptionName[])('%s is annotated for readers and for each checker that supports it', (name) => {
    const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, exceptions: { [name]: 'because' } }));
    const { annotations = {} } = object(chart, 'Deployment').metadata;
    const { kubeLinter, kubeScore, polaris } = EXCEPTIONS[name];
    expect(annotations).toEqual({
      [`analysis-facility.io/exception.${name}`]: 'because',
      ...Object.fromEntries(kubeLinter.map((check) => [`ignore-check.kube-linter.io/${check}`, 'because'])),
      ...Object.fromEntries(polaris.map((check) => [`polaris.fairwinds.com/${check}-exempt`, 'true'])),
      ...(kubeScore.length > 0 ? { 'kube-score/ignore': [...kubeScore].sort().join(',') } : {}),
    });
    for (const key of Object.keys(annotations)) expect(key.split('/')[1]?.length).toBeLessThanOrEqual(63);
  });

  test('several exceptions are one list for kube-score', () => {
    const chart = new Bench((bench) => void new Deployment(bench, 'part', { ...basic, exceptions: { singleton: 'a', recreate: 'b' } }));
    expect(object(chart, 'Deployment').metadata.annotations?.['kube-score/ignore']).toBe('deployment-replicas,deployment-strategy');
  });

  test('a workload without exceptions has no annotation', () => {
    expect(object(new Bench((bench) => void new Deployment(bench, 'part', basic)), 'Deployment').metadata.annotations).toBeUndefined();
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

  test('one pool becomes a node selector, several become node affinity', () => {
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

  test('only taints of the pools are tolerated', () => {
    expect(scheduling(site, [nodes]).tolerations).toBeUndefined();
    expect(scheduling(site, [gpu]).tolerations).toEqual([
      { key: 'gpu', operator: 'Equal', value: 'yes', effect: 'NoSchedule' },
      { key: 'slow', operator: 'Exists', effect: 'NoExecute' },
    ]);
    expect(scheduling(site, [gpu, gpu], [{ key: 'more', effect: 'NoSchedule' }]).tolerations).toHaveLength(3);
    expect(scheduling(site, [gpu], 'all').tolerations).toEqual([{ operator: 'Exists' }]);
  });

  test('a pool without labels matches every node, also together with other pools', () => {
    const any = nodePool('any', { flavor: { vcpus: 4, memory: '8GiB' } });
    const wide = existing({ pools: [nodes, any] });
    expect(scheduling(wide, [any])).toEqual({});
    expect(scheduling(wide, [nodes, any])).toEqual({});
  });

  test('where the library installs Kubernetes, pools are selected by the label of the library', () => {
    const [, workers] = provisioned().pools;
    expect(scheduling(provisioned(), workers ? [workers] : [])).toEqual({ nodeSelector: { 'analysis-facility.io/pool': 'worker' } });
  });

  test('node affinity and pod anti-affinity are combined', () => {
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
    expect(only(problems(chart), 'UNKNOWN_POOL')).toMatchObject({
      path: 'cosenza/bench/part/on',
      given,
      allowed: "the pools of site 'cosenza': analysis",
    });
  });

  test('a copy of a pool and an unknown name are reported differently', () => {
    const fix = (name: string) =>
      only(
        problems(
          new Bench(
            (bench) => void new Deployment(bench, 'part', { ...basic, on: nodePool(name, { flavor: { vcpus: 1, memory: '1GiB' } }) }),
          ),
        ),
        'UNKNOWN_POOL',
      ).fix;
    expect(fix('analysis')).toContain('the pool object that was passed to defineSite()');
    expect(fix('analisys')).toContain("write 'analysis'");
    expect(fix('gpu')).toBe('add the pool to the site');
  });

  test('a deviation from the hardened pod without an exception is rejected', () => {
    const codes = (props: Partial<DeploymentProps>) =>
      problems(new Bench((bench) => void new Deployment(bench, 'part', { ...basic, ...props }))).map(
        ({ code, given }) => `${code} ${given}`,
      );
    const expected = (name: string, setting: string) => [`MISSING_EXCEPTION ${setting} without the exception '${name}'`];
    expect(codes({})).toEqual([]);
    expect(codes({ strategy: 'Recreate' })).toEqual(expected('recreate', "strategy: 'Recreate'"));
    expect(codes({ hostNetwork: true })).toEqual(expected('host-network', 'hostNetwork: true'));
    expect(codes({ containers: { main: { ...one, privileged: true } } })).toEqual(expected('privileged', 'privileged: true'));
    expect(codes({ containers: { main: { ...one, writableRoot: true } } })).toEqual(expected('writable-root', 'writableRoot: true'));
    expect(codes({ initContainers: { first: { ...one, user: 0 } } })).toEqual(expected('root', 'user: 0'));
    expect(codes({ hostNamespaces: ['pid'] })).toEqual(expected('host-namespaces', 'hostNamespaces'));
    expect(codes({ containers: { main: { ...one, capabilities: ['SYS_ADMIN'] } } })).toEqual(expected('capabilities', 'capabilities'));
    expect(codes({ containers: { main: { ...one, mounts: { '/dev': hostPath('dev', '/dev') } } } })).toEqual(
      expected('host-path', 'a hostPath volume'),
    );
  });

  test('pods with hostNetwork have no NetworkPolicy, and use the DNS of the cluster by default', () => {
    const host = (props: Partial<WorkloadProps>) =>
      new Bench(
        (bench) => void new DaemonSet(bench, 'part', { ...basic, hostNetwork: true, exceptions: { 'host-network': WHY }, ...props }),
      );
    expect(rendered(host({})).map(({ kind }) => kind)).not.toContain('NetworkPolicy');
    expect(object(host({}), 'DaemonSet').spec.template.spec).toMatchObject({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
    expect(object(host({ resolver: 'node' }), 'DaemonSet').spec.template.spec.dnsPolicy).toBe('Default');
  });
});
