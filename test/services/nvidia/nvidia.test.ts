import { parse } from 'yaml';
import { Facility } from '../../../lib/facility';
import { type GpuMetrics, migParted, NvidiaGpus, type OperatedGpusProps, pluginConfigs } from '../../../lib/services/nvidia';
import { nvidiaPools } from '../../../lib/services/nvidia/pools';
import { type Gpus, mig, mps, type Site, timeSlicing, vgpu, wholeGpus } from '../../../lib/site';
import { config, gpus, halves, installed, of, policy, pool, problems, prometheus, promises, siteOf, V100 } from '../../fixtures/gpus';
import { briefly } from '../../fixtures/site';

describe('configuration of mig-parted', () => {
  test('has each layout once, under the value of the node label, and all-disabled', () => {
    const site = siteOf([halves, pool('more', mig('a100-80gb', { layout: { '3g.40gb': 2 } }), { count: 3 })]);
    const file = migParted(nvidiaPools(site));
    expect(file).toEqual({
      version: 'v1',
      'mig-configs': {
        'all-disabled': [{ devices: 'all', 'mig-enabled': false }],
        'a100-80gb-2x3g.40gb': [{ devices: 'all', 'mig-enabled': true, 'mig-devices': { '3g.40gb': 2 } }],
      },
    });
    for (const { labels } of site.nodes) expect(Object.keys(file['mig-configs'])).toContain(labels['nvidia.com/mig.config']);
  });

  test('lists GPUs with different layouts by index; names of layouts contain no plus sign', () => {
    const layouts = { b: [{ '7g.80gb': 1 }, { '1g.10gb+me': 1, '1g.10gb': 3 }, { '7g.80gb': 1 }] };
    const site = siteOf([pool('odd', mig('a100-80gb', { perNode: 3, layout: { '3g.40gb': 2 }, layouts }), { keys: ['a', 'b'] })]);
    const configs = migParted(nvidiaPools(site))['mig-configs'];
    const name = site.nodes[1]?.labels['nvidia.com/mig.config'] ?? '';
    expect(name).not.toContain('+');
    expect(configs[name]).toEqual([
      { devices: [0, 2], 'mig-enabled': true, 'mig-devices': { '7g.80gb': 1 } },
      { devices: [1], 'mig-enabled': true, 'mig-devices': { '1g.10gb+me': 1, '1g.10gb': 3 } },
    ]);
  });

  test('includes MIG layouts with time-slicing, but no virtual GPUs', () => {
    const shared = pool('shared', timeSlicing(mig('a30-24gb', { layout: { '1g.6gb': 4 } }), { replicas: 2 }));
    expect(Object.keys(migParted(nvidiaPools(siteOf([shared, pool('virtual', vgpu('NVIDIA A100-3-20C'))])))['mig-configs'])).toEqual([
      'all-disabled',
      'a30-24gb-4x1g.6gb',
    ]);
  });

  test('is YAML in a ConfigMap whose name changes with the content', () => {
    const chart = gpus(siteOf());
    expect(config(chart, 'mig-parted')?.data['config.yaml']).toBe(
      [
        'version: v1',
        'mig-configs:',
        '  all-disabled:',
        '    - devices: all',
        '      mig-enabled: false',
        '  a100-80gb-2x3g.40gb:',
        '    - devices: all',
        '      mig-enabled: true',
        '      mig-devices:',
        '        3g.40gb: 2',
        '',
      ].join('\n'),
    );
    const other = gpus(siteOf([pool('halves', mig('a100-80gb', { perNode: 2, layout: { '7g.80gb': 1 } }))]));
    expect(config(other, 'mig-parted')?.metadata.name).not.toBe(config(chart, 'mig-parted')?.metadata.name);
  });
});

describe('configuration of the device plugin', () => {
  const shared = { renameByDefault: true, failRequestsGreaterThanOne: true };

  test('has an entry for each value of the node label', () => {
    const site = siteOf([
      halves,
      pool('single', mig('a30-24gb', { layout: { '2g.12gb': 2 }, strategy: 'single' })),
      pool('turns', timeSlicing(wholeGpus(V100, 2), { replicas: 4 })),
      pool('together', mps(wholeGpus('a100-40gb'), { replicas: 10 })),
      pool('virtual', vgpu('NVIDIA A100-3-20C')),
    ]);
    const configs = pluginConfigs(nvidiaPools(site));
    expect(configs).toEqual({
      whole: { version: 'v1', flags: { migStrategy: 'none' } },
      vgpu: { version: 'v1', flags: { migStrategy: 'none' } },
      'mig-mixed': { version: 'v1', flags: { migStrategy: 'mixed' } },
      'mig-single': { version: 'v1', flags: { migStrategy: 'single' } },
      'whole-time-slicing-4': {
        version: 'v1',
        flags: { migStrategy: 'none' },
        sharing: { timeSlicing: { ...shared, resources: [{ name: 'nvidia.com/gpu', replicas: 4 }] } },
      },
      'whole-mps-10': {
        version: 'v1',
        flags: { migStrategy: 'none' },
        sharing: { mps: { ...shared, resources: [{ name: 'nvidia.com/gpu', replicas: 10 }] } },
      },
    });
    for (const { labels } of site.nodes) expect(Object.keys(configs)).toContain(labels['nvidia.com/device-plugin.config']);
  });

  test('pools with the same sharing have one entry with the profiles of both', () => {
    const two = [{ '1g.6gb': 4 }, { '2g.12gb': 2 }].map((layout, index) =>
      pool(`p${index}`, timeSlicing(mig('a30-24gb', { layout }), { replicas: 2 })),
    );
    expect(pluginConfigs(nvidiaPools(siteOf(two)))['mig-mixed-time-slicing-2']?.sharing?.timeSlicing?.resources).toEqual([
      { name: 'nvidia.com/mig-1g.6gb', replicas: 2 },
      { name: 'nvidia.com/mig-2g.12gb', replicas: 2 },
    ]);
  });

  test('is in the ConfigMap under these names', () => {
    expect(Object.entries(config(gpus(siteOf()), 'device-plugin')?.data ?? {}).map(([name, text]) => [name, parse(String(text))])).toEqual([
      ['mig-mixed', { version: 'v1', flags: { migStrategy: 'mixed' } }],
      ['whole', { version: 'v1', flags: { migStrategy: 'none' } }],
    ]);
  });
});

describe('ClusterPolicy', () => {
  test('with every option', () => {
    const metrics: Required<GpuMetrics> = {
      from: prometheus,
      monitors: { release: 'main' },
      every: '1m',
      idle: { below: 0.1, after: '30m' } satisfies Required<GpuMetrics['idle']>,
    };
    const props: Required<Omit<OperatedGpusProps, 'claims' | 'site'>> = {
      by: 'operator',
      namespace: 'nvidia',
      driver: 'operator',
      toolkit: 'operator',
      reboot: true,
      metrics,
      patch: [{ object: 'ClusterPolicy/cluster-policy', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'gpus' }] }],
    };
    const site = siteOf([pool('halves', halves.gpus as Gpus, { taints: [{ key: 'room', value: 'b7', effect: 'NoExecute' }] })]);
    const chart = gpus(site, props);
    const [found] = of(chart, 'ClusterPolicy');
    expect(found?.metadata).toMatchObject({ name: 'cluster-policy', labels: { team: 'gpus' } });
    expect(found?.metadata.namespace).toBeUndefined();
    expect(found?.spec).toEqual({
      operator: { defaultRuntime: 'containerd', runtimeClass: 'nvidia' },
      daemonsets: {
        priorityClassName: 'system-node-critical',
        tolerations: [
          { key: 'room', operator: 'Equal', value: 'b7', effect: 'NoExecute' },
          { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
        ],
        updateStrategy: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: '1' },
      },
      cdi: { enabled: true },
      driver: {
        enabled: true,
        repository: 'nvcr.io/nvidia',
        image: 'driver',
        version: '595.91.07',
        manager: { repository: 'nvcr.io/nvidia/cloud-native', image: 'k8s-driver-manager', version: 'v0.12.0' },
      },
      toolkit: { enabled: true, repository: 'nvcr.io/nvidia/k8s', image: 'container-toolkit', version: 'v1.20.0' },
      devicePlugin: {
        enabled: true,
        repository: 'nvcr.io/nvidia',
        image: 'k8s-device-plugin',
        version: 'v0.20.0',
        config: { name: config(chart, 'device-plugin')?.metadata.name, default: 'whole' },
      },
      gfd: { enabled: true, repository: 'nvcr.io/nvidia', image: 'k8s-device-plugin', version: 'v0.20.0' },
      mig: { strategy: 'mixed' },
      migManager: {
        enabled: true,
        repository: 'nvcr.io/nvidia/cloud-native',
        image: 'k8s-mig-manager',
        version: 'v0.15.0',
        env: [{ name: 'WITH_REBOOT', value: 'true' }],
        config: { name: config(chart, 'mig-parted')?.metadata.name, default: 'all-disabled' },
      },
      dcgm: { enabled: false },
      dcgmExporter: {
        enabled: true,
        repository: 'nvcr.io/nvidia/k8s',
        image: 'dcgm-exporter',
        version: '4.6.0-4.8.3-distroless',
        env: [{ name: 'DCGM_EXPORTER_INTERVAL', value: '60000' }],
        config: { name: config(chart, 'counters')?.metadata.name },
        serviceMonitor: { enabled: true, interval: '1m', honorLabels: true, additionalLabels: { release: 'main' } },
      },
      nodeStatusExporter: { enabled: false },
      validator: { repository: 'nvcr.io/nvidia', image: 'gpu-operator', version: 'v26.7.0' },
    });
    for (const { metadata } of of(chart, 'ConfigMap')) expect(metadata.namespace).toBe('nvidia');
    expect(briefly(problems(chart))).toEqual([]);
  });

  test('by default installs no driver and no exporter', () => {
    expect(policy(siteOf())).toMatchObject({ driver: { enabled: false }, toolkit: { enabled: true }, dcgmExporter: { enabled: false } });
    expect(policy(siteOf(), { toolkit: 'nodes' }).toolkit).toEqual({ enabled: false });
    expect(of(gpus(siteOf()), 'PrometheusRule')).toEqual([]);
  });

  test('has the containerd socket of RKE2', () => {
    expect(policy(installed(halves)).toolkit.env).toEqual([{ name: 'CONTAINERD_SOCKET', value: '/run/k3s/containerd/containerd.sock' }]);
  });

  test('uses the registry mirror, and digests instead of tags', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const site = siteOf(
      [halves],
      {},
      { registry: 'harbor.example.org:5000/mirror', images: { 'k8s-mig-manager': `r.example/mig:v1@${digest}` } },
    );
    expect(policy(site)).toMatchObject({
      gfd: { repository: 'harbor.example.org:5000/mirror/nvidia', image: 'k8s-device-plugin', version: 'v0.20.0' },
      migManager: { repository: 'r.example', image: 'mig', version: digest },
    });
  });

  test('enables the MIG manager only if GPUs support MIG', () => {
    const enabled = (gpus: Gpus) => policy(siteOf([pool('some', gpus)])).migManager.enabled;
    expect(enabled(wholeGpus('a100-80gb'))).toBe(true);
    expect(enabled(timeSlicing(wholeGpus('a100-80gb'), { replicas: 2 }))).toBe(true);
    expect(enabled(wholeGpus(V100))).toBe(false);
    expect(enabled(vgpu('NVIDIA A100-3-20C'))).toBe(false);
    expect(policy(siteOf([pool('some', wholeGpus(V100))])).mig.strategy).toBe('none');
  });

  test('the namespace of the operator has no quota and no LimitRange', () => {
    const facility = new Facility(siteOf());
    new NvidiaGpus(facility, 'gpus');
    const cluster = facility.output().objects.filter(({ object }) => /gpu-operator/.test(JSON.stringify(object.metadata)));
    expect(cluster.map(({ object }) => object.kind).filter((kind) => kind !== 'ConfigMap')).toEqual(['Namespace']);
    expect(cluster[0]?.object.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'privileged' });
  });

  test('a quota in the props of the facility is applied', () => {
    const facility = new Facility(siteOf(), { quotas: { 'gpu-operator': { cpu: 8, memory: '32GiB' } } });
    new NvidiaGpus(facility, 'gpus');
    expect(facility.output().objects.find(({ object }) => object.kind === 'ResourceQuota')?.object.spec.hard).toMatchObject({
      'requests.cpu': '8',
    });
  });
});

describe('the summary', () => {
  const notes = (site: Site, props = {}) => promises(gpus(site, props));

  test('lists required software, and the script that labels existing nodes', () => {
    expect(notes(siteOf([pool('halves', halves.gpus as Gpus)]))).toEqual([
      'requires the GPU Operator: helm install gpu-operator nvidia/gpu-operator --version v26.7.0 --namespace gpu-operator --set clusterPolicy.deployCR=false',
      'requires labels of the nodes: run dist/cluster/lab/label-nodes.sh',
    ]);
    expect(notes(siteOf([pool('halves', halves.gpus as Gpus)]), { by: 'plain' })).toHaveLength(1);
  });
});
