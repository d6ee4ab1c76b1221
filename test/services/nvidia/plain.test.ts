import { Testing } from 'cdk8s';
import { Facility } from '../../../lib/facility';
import { NvidiaGpus, type PlainGpusProps } from '../../../lib/services/nvidia';
import { mig, mps, rke1, timeSlicing, vgpu, wholeGpus } from '../../../lib/site';
import { config, gpus, halves, installed, of, pool, problems, prometheus, siteOf, V100 } from '../../fixtures/gpus';
import { briefly, type Manifest } from '../../fixtures/site';

const together = pool('together', mps(wholeGpus(V100, 2), { replicas: 4 }));
const virtual = pool('virtual', vgpu('NVIDIA A100-3-20C'));
const plain = (pools = [halves], props: Partial<PlainGpusProps> = {}) => gpus(siteOf(pools), { by: 'plain', ...props });
const daemons = (chart: NvidiaGpus) => of(chart, 'DaemonSet').map(({ metadata }) => metadata.name);
const part = (chart: NvidiaGpus, name: string) => of(chart, 'DaemonSet').find(({ metadata }) => metadata.name === `gpus-${name}`);
const pod = (chart: NvidiaGpus, name: string) => part(chart, name)?.spec.template.spec;
const env = (container: { env: { name: string; value?: string }[] }) =>
  Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
const paths = (chart: NvidiaGpus, name: string): string[] =>
  pod(chart, name).volumes.flatMap((volume: { hostPath?: { path: string } }) => volume.hostPath?.path ?? []);
const rules = (chart: NvidiaGpus, name: string) =>
  of(chart, 'ClusterRole')
    .concat(of(chart, 'Role'))
    .filter(({ metadata }) => metadata.name.endsWith(`gpus-${name}`))
    .flatMap((role) => role.rules);

/** Pool labels of the nodes on which the pods of a component may run. */
const nodesOf = (chart: NvidiaGpus, name: string): string[] => {
  const { nodeSelector, affinity } = pod(chart, name);
  const terms = affinity.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  return terms?.map((term: Manifest) => term.matchExpressions[0].values[0]) ?? [nodeSelector.cards];
};

test('each component runs on the pools that need it', () => {
  const chart = plain([halves, together, virtual], { metrics: { from: prometheus } });
  expect(daemons(chart).sort()).toEqual(
    ['dcgm-exporter', 'device-plugin', 'feature-discovery', 'mig-manager', 'mps-control'].map((name) => `gpus-${name}`).sort(),
  );
  expect(nodesOf(chart, 'device-plugin')).toEqual(['halves', 'together', 'virtual']);
  expect(nodesOf(chart, 'mig-manager')).toEqual(['halves']);
  expect(nodesOf(chart, 'mps-control')).toEqual(['together']);
  expect(of(chart, 'ClusterPolicy')).toEqual([]);
});

test('components that are not needed are not deployed', () => {
  expect(daemons(plain([virtual]))).toEqual(['gpus-device-plugin', 'gpus-feature-discovery']);
  expect(daemons(gpus(siteOf([halves], { version: '1.36' }), { by: 'plain', claims: {} }))).toEqual([
    'gpus-feature-discovery',
    'gpus-mig-manager',
  ]);
});

test('with every option', () => {
  const props: Required<Omit<PlainGpusProps, 'site' | 'claims'>> = {
    by: 'plain',
    namespace: 'accelerators',
    runtimeClass: 'nvidia-legacy',
    kubeletDir: '/data/kubelet',
    reboot: true,
    metrics: { from: prometheus, monitors: { release: 'main' }, every: '10s' },
    patch: [{ object: 'DaemonSet/gpus-mig-manager', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'gpus' }] }],
  };
  const chart = plain([halves, together], props);
  expect(briefly(problems(chart))).toEqual([]);
  for (const { metadata, spec } of of(chart, 'DaemonSet')) {
    expect(metadata.namespace).toBe('accelerators');
    expect(spec.template.spec.runtimeClassName).toBe('nvidia-legacy');
  }
  expect(of(chart, 'RuntimeClass')).toEqual([]);
  expect(paths(chart, 'device-plugin')).toContain('/data/kubelet/device-plugins');
  expect(paths(chart, 'dcgm-exporter')).toEqual(['/data/kubelet/pod-resources']);
  expect(env(pod(chart, 'mig-manager').containers[0]).WITH_REBOOT).toBe('true');
  expect(env(pod(chart, 'dcgm-exporter').containers[0]).DCGM_EXPORTER_INTERVAL).toBe('10000');
  expect(part(chart, 'mig-manager')?.metadata.labels.team).toBe('gpus');
});

test('the RuntimeClass is created only on existing clusters', () => {
  expect(of(plain(), 'RuntimeClass')).toMatchObject([{ metadata: { name: 'nvidia' }, handler: 'nvidia' }]);
  const on = (site: ReturnType<typeof installed>) => gpus(site, { by: 'plain' });
  expect(of(on(installed(halves)), 'RuntimeClass')).toEqual([]);
  expect(pod(on(installed(halves)), 'device-plugin').runtimeClassName).toBe('nvidia');
  expect(pod(on(installed(halves, rke1({ version: '1.27.16' }))), 'device-plugin').runtimeClassName).toBeUndefined();
});

describe('the device plugin', () => {
  test('reads the configuration selected by the node label, and is notified of changes', () => {
    const { initContainers, containers, shareProcessNamespace, volumes } = pod(plain(), 'device-plugin');
    const [plugin, sidecar] = containers;
    const [first] = initContainers;
    expect(env(plugin)).toMatchObject({ CONFIG_FILE: '/config/config.yaml', NVIDIA_VISIBLE_DEVICES: 'all' });
    expect(env(first)).toMatchObject({
      ONESHOT: 'true',
      NODE_LABEL: 'nvidia.com/device-plugin.config',
      DEFAULT_CONFIG: 'whole',
      SEND_SIGNAL: 'false',
    });
    expect(env(sidecar)).toMatchObject({ ONESHOT: 'false', SEND_SIGNAL: 'true', SIGNAL: '1', PROCESS_TO_SIGNAL: plugin.command[0] });
    expect(env(sidecar).NVIDIA_VISIBLE_DEVICES).toBe('void');
    expect(shareProcessNamespace).toBe(true);
    expect(volumes).toContainEqual({ name: 'device-plugin-files', configMap: { name: config(plain(), 'device-plugin')?.metadata.name } });
  });

  test('accesses GPUs and MIG instances without being privileged', () => {
    expect(pod(plain(), 'device-plugin').containers[0].securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsUser: 0,
      capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] },
    });
  });

  test('shares a host directory with the MPS daemon only if there is one', () => {
    expect(paths(plain([together]), 'device-plugin')).toEqual(expect.arrayContaining(['/run/nvidia/mps', '/run/nvidia/mps/shm']));
    expect(paths(plain(), 'device-plugin')).toEqual(['/var/lib/kubelet/device-plugins', '/var/run/cdi']);
  });
});

describe('while the MIG layout of a node changes', () => {
  test.each([
    ['device-plugin', 'nvidia-device-plugin-daemonset', 'nvidia.com/gpu.deploy.device-plugin'],
    ['feature-discovery', 'gpu-feature-discovery', 'nvidia.com/gpu.deploy.gpu-feature-discovery'],
    ['dcgm-exporter', 'nvidia-dcgm-exporter', 'nvidia.com/gpu.deploy.dcgm-exporter'],
  ])('%s is removed by its node label, and has the app label that the MIG manager expects', (name, app, label) => {
    const chart = plain([halves], { metrics: { from: prometheus } });
    expect(part(chart, name)?.spec.template.metadata.labels.app).toBe(app);
    expect(pod(chart, name).nodeSelector).toEqual({ cards: 'halves', [label]: 'true' });
    expect(chart.site.nodes[0]?.labels[label]).toBe('true');
  });

  test('the MIG manager keeps running, reads the layouts, and has minimal permissions', () => {
    const chart = plain();
    const { containers, hostPID, hostIPC, nodeSelector, volumes } = pod(chart, 'mig-manager');
    expect(nodeSelector).toEqual({ cards: 'halves' });
    expect([hostPID, hostIPC]).toEqual([true, true]);
    expect(containers[0].securityContext.privileged).toBe(true);
    expect(env(containers[0])).toMatchObject({ CONFIG_FILE: '/mig-parted-config/config.yaml', WITH_REBOOT: 'false' });
    expect(volumes).toContainEqual({ name: 'mig-parted-files', configMap: { name: config(chart, 'mig-parted')?.metadata.name } });
    expect(config(chart, 'gpu-clients')?.data['clients.yaml']).toContain('- nvidia-dcgm.service');
    expect(rules(chart, 'mig-manager')).toEqual([
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'update', 'patch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'delete'] },
    ]);
  });
});

test('in a facility: resource quota of the namespace, and the flow to the exporter', () => {
  const facility = new Facility(siteOf([halves, together, virtual]));
  new NvidiaGpus(facility, 'gpus', { by: 'plain', metrics: { from: prometheus } });
  const { objects } = facility.output();
  expect(objects.find(({ object }) => object.kind === 'ResourceQuota' && object.metadata.namespace === 'gpus')).toBeDefined();
  const [flow] = facility.output().flows.filter(({ from }) => from === prometheus);
  expect(flow?.to).toMatchObject({ port: 9400 });
});

describe('metrics', () => {
  const metrics = { from: prometheus, monitors: { release: 'main' } } as const;
  const shared = pool('shared', timeSlicing(mig('a30-24gb', { layout: { '1g.6gb': 4 } }), { replicas: 2 }), { count: 3 });
  const alerts = (chart: NvidiaGpus): { alert: string; expr: string; for: string }[] =>
    of(chart, 'PrometheusRule')[0]?.spec.groups[0].rules;
  const named = (chart: NvidiaGpus, name: string) => alerts(chart).filter(({ alert }) => alert === name);

  test('include only fields that GPUs in MIG mode have', () => {
    const fields = String(config(plain([halves], { metrics }), 'counters')?.data['dcgm-metrics.csv'])
      .trim()
      .split('\n')
      .map((line) => line.split(', '));
    expect(
      fields.every(
        ([field, type]) => /^DCGM_FI_(DEV|PROF|DRIVER)_[A-Z0-9_]+$/.test(field ?? '') && /^(gauge|counter|label)$/.test(type ?? ''),
      ),
    ).toBe(true);
    const names = fields.map(([field]) => field);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        'DCGM_FI_PROF_GR_ENGINE_ACTIVE',
        'DCGM_FI_PROF_DRAM_ACTIVE',
        'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE',
        'DCGM_FI_DEV_FB_USED',
        'DCGM_FI_DEV_FB_FREE',
        'DCGM_FI_DEV_XID_ERRORS',
      ]),
    );
    expect(names).not.toContain('DCGM_FI_DEV_GPU_UTIL');
  });

  test('alerts use only metrics of the exporter or of kube-state-metrics', () => {
    const chart = plain([halves], { metrics });
    const measured = String(config(chart, 'counters')?.data['dcgm-metrics.csv']);
    const used = alerts(chart).flatMap(({ expr }) => expr.match(/DCGM_\w+|kube_\w+(?=\{)/g) ?? []);
    expect(used.length).toBeGreaterThan(10);
    for (const metric of used.filter((name) => name.startsWith('DCGM'))) expect(measured).toContain(`${metric}, `);
    expect([...new Set(used.filter((name) => name.startsWith('kube')))].sort()).toEqual([
      'kube_node_labels',
      'kube_node_status_allocatable',
      'kube_pod_container_resource_requests',
      'kube_pod_status_phase',
    ]);
  });

  test('the ServiceMonitor selects the Service and port, and honors the pod label of the exporter', () => {
    const chart = plain([halves], { metrics });
    const [monitor] = of(chart, 'ServiceMonitor');
    const [service] = of(chart, 'Service');
    expect(monitor?.metadata.labels.release).toBe('main');
    expect(service?.metadata.labels).toMatchObject(monitor?.spec.selector.matchLabels);
    expect(monitor?.spec.endpoints).toEqual([{ port: service?.spec.ports[0].name, path: '/metrics', interval: '30s', honorLabels: true }]);
    expect(pod(chart, 'dcgm-exporter').containers[0].ports).toEqual([{ name: 'metrics', containerPort: 9400, protocol: 'TCP' }]);
  });

  test('are open only to the pods in metrics.from', () => {
    for (const by of ['plain', 'operator'] as const) {
      const chart = gpus(siteOf([halves]), { by, metrics: { from: prometheus } });
      const exporter = (Testing.synth(chart) as Manifest[]).find(
        ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'gpus-dcgm-exporter',
      );
      expect(exporter?.spec.ingress).toEqual([
        {
          from: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
              podSelector: { matchLabels: prometheus.labels },
            },
          ],
          ports: [{ port: 9400, protocol: 'TCP' }],
        },
      ]);
      expect(exporter?.spec.egress).toBeUndefined();
      expect(of(chart, 'PrometheusRule').concat(of(chart, 'ServiceMonitor'))).toEqual([]);
    }
  });

  test('GpuIdle fires after two hours, or as configured', () => {
    expect(named(plain([halves], { metrics }), 'GpuIdle')).toMatchObject([
      { expr: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE{pod!=""} < 0.01', for: '2h' },
    ]);
    const other = plain([halves], { metrics: { ...metrics, idle: { below: 0.1, after: '30m' } } });
    expect(named(other, 'GpuIdle')).toMatchObject([{ expr: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE{pod!=""} < 0.1', for: '30m' }]);
  });

  test('GpuExhausted for each resource, in the notation of kube-state-metrics', () => {
    const exhausted = named(plain([halves, shared], { metrics }), 'GpuExhausted');
    expect(exhausted.map(({ expr }) => [...new Set(expr.match(/resource="[^"]*"/g))])).toEqual([
      ['resource="nvidia_com_mig_3g_40gb"'],
      ['resource="nvidia_com_mig_1g_6gb_shared"'],
    ]);
  });

  test('GpuExporterAbsent expects one exporter per GPU node', () => {
    expect(named(plain([halves, shared], { metrics }), 'GpuExporterAbsent')[0]?.expr).toMatch(/ < 4$/);
  });

  test('MigLayoutFailed only if there are MIG layouts', () => {
    expect(named(plain([halves], { metrics }), 'MigLayoutFailed')[0]?.expr).toBe(
      'kube_node_labels{label_nvidia_com_mig_config_state="failed"} == 1',
    );
    expect(named(plain([virtual], { metrics }), 'MigLayoutFailed')).toEqual([]);
  });
});
