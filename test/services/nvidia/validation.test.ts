import { App, Chart } from 'cdk8s';
import { ledgerOf } from '../../../lib/kubernetes';
import { type GpuClaims, NvidiaGpus, type NvidiaGpusProps } from '../../../lib/services/nvidia';
import { amdGpus, mig, nodePool, timeSlicing, vgpu, wholeGpus } from '../../../lib/site';
import { flavor, gpus, halves, installed, of, policy, pool, problems, prometheus, promises, siteOf, V100 } from '../../fixtures/gpus';
import { briefly, only } from '../../fixtures/site';

describe('validation', () => {
  const single = pool('single', mig('a30-24gb', { layout: { '2g.12gb': 2 }, strategy: 'single' }));

  test('MISSING_NVIDIA_GPUS', () => {
    const chart = gpus(siteOf([pool('amd', amdGpus())]));
    expect(only(problems(chart), 'MISSING_NVIDIA_GPUS')).toMatchObject({ path: 'lab/gpus', given: 'no NVIDIA GPUs in the pools amd' });
    expect(chart.node.children).toEqual([]);
  });

  test('CONFLICTING_NVIDIA_NODES: existing nodes need host names or unique labels', () => {
    const nameless = nodePool('nameless', { flavor, gpus: wholeGpus('a100-80gb') });
    expect(only(problems(gpus(siteOf([nameless]))), 'CONFLICTING_NVIDIA_NODES')).toMatchObject({
      path: 'lab/gpus',
      given: "pool 'nameless' without host names and without labels",
    });
    const others = nodePool('others', { flavor, labels: { cards: 'halves', room: '7' } });
    expect(only(problems(gpus(siteOf([halves, others]))), 'CONFLICTING_NVIDIA_NODES')).toMatchObject({
      given: "pool 'halves' with labels cards=halves, which nodes of others also have",
    });
    expect(problems(gpus(siteOf([{ ...nameless, hostnames: ['node-1.example.org'] }, others])))).toEqual([]);
    expect(problems(gpus(installed({ ...halves, labels: {} })))).toEqual([]);
  });

  test('DUPLICATE_NVIDIA', () => {
    const app = new App();
    new Chart(app, 'another');
    new NvidiaGpus(app, 'gpus', { site: siteOf() });
    expect(problems(app)).toEqual([]);
    new NvidiaGpus(app, 'more', { site: siteOf(), by: 'plain' });
    expect(only(problems(app), 'DUPLICATE_NVIDIA')).toMatchObject({
      path: 'lab/more',
      given: "a second NvidiaGpus, in addition to 'gpus'",
    });
  });

  test('CONFLICTING_NVIDIA_STRATEGIES: a ClusterPolicy has one strategy; DaemonSets support one per node', () => {
    expect(only(problems(gpus(siteOf([halves, single]))), 'CONFLICTING_NVIDIA_STRATEGIES')).toMatchObject({
      path: 'lab/gpus',
      given: "MIG strategy 'single' in single, and 'mixed' in halves",
    });
    expect(briefly(problems(gpus(siteOf([halves, single]), { by: 'plain' })))).toEqual([]);
    expect(policy(siteOf([single])).mig.strategy).toBe('single');
  });

  test('UNSUPPORTED_NVIDIA_VGPU_DRIVER', () => {
    const virtual = pool('virtual', vgpu('NVIDIA A100-3-20C'));
    expect(only(problems(gpus(siteOf([virtual]), { driver: 'operator' })), 'UNSUPPORTED_NVIDIA_VGPU_DRIVER')).toMatchObject({
      path: 'lab/gpus/driver',
      given: "driver: 'operator' with the public driver image, and virtual GPUs in virtual",
    });
    const own = siteOf([virtual], {}, { images: { 'nvidia-driver': 'registry.example.org/vgpu-guest:18.1' } });
    expect(briefly(problems(gpus(own, { driver: 'operator' })))).toEqual([]);
    expect(briefly(problems(gpus(siteOf([virtual]))))).toEqual([]);
  });

  test('UNSUPPORTED_NVIDIA_CLAIMS_RELEASE, UNSUPPORTED_NVIDIA_CLAIMS_SHARING, UNSUPPORTED_NVIDIA_CLAIMS_STRATEGY', () => {
    const turns = pool('turns', timeSlicing(wholeGpus(V100), { replicas: 4 }));
    const all = problems(gpus(siteOf([turns, single]), { claims: {} }));
    expect(briefly(all)).toEqual([
      'UNSUPPORTED_NVIDIA_CLAIMS_RELEASE at lab/gpus/claims',
      'UNSUPPORTED_NVIDIA_CLAIMS_SHARING at lab/gpus/claims',
      'UNSUPPORTED_NVIDIA_CLAIMS_STRATEGY at lab/gpus/claims',
    ]);
    expect(only(all, 'UNSUPPORTED_NVIDIA_CLAIMS_RELEASE').given).toBe("claims with Kubernetes '1.33'");
    expect(only(all, 'UNSUPPORTED_NVIDIA_CLAIMS_SHARING').given).toBe("claims for pool 'turns' with time-slicing");
    expect(only(all, 'UNSUPPORTED_NVIDIA_CLAIMS_STRATEGY').given).toBe("claims for pool 'single' with MIG strategy 'single'");
  });

  test.each([0, 1, -1, Number.NaN])('INVALID_NVIDIA_IDLE: %p is not a fraction between 0 and 1', (below) => {
    const chart = gpus(siteOf(), { metrics: { from: prometheus, idle: { below } } });
    expect(only(problems(chart), 'INVALID_NVIDIA_IDLE').path).toBe('lab/gpus/metrics/idle/below');
  });

  test('an invalid duration is reported with its path', () => {
    const chart = gpus(siteOf(), { metrics: { from: prometheus, every: 'often' as never } });
    expect(briefly(problems(chart))).toEqual(['INVALID_QUANTITY at lab/gpus/metrics']);
  });
});

describe('claims', () => {
  const pools = [
    halves,
    pool('fine', mig('a100-80gb', { layout: { '1g.10gb+me': 1, '3g.40gb': 1 } })),
    pool('whole', wholeGpus('h100-80gb', 4)),
  ];
  const by = (version: string, claims: GpuClaims = {}, props: NvidiaGpusProps = {}) =>
    gpus(siteOf(pools, { version }), { claims, ...props });

  test('a DeviceClass for each profile, with driver, profile and extended resource', () => {
    const classes = of(by('1.36.0'), 'DeviceClass');
    expect(classes.map(({ metadata, spec }) => [metadata.name, metadata.namespace, spec])).toEqual([
      [
        '3g.40gb.mig.nvidia.com',
        undefined,
        {
          selectors: [
            {
              cel: {
                expression:
                  "device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'mig' && device.attributes['gpu.nvidia.com'].profile == '3g.40gb'",
              },
            },
          ],
          extendedResourceName: 'nvidia.com/mig-3g.40gb',
        },
      ],
      [
        '1g.10gb.me.mig.nvidia.com',
        undefined,
        expect.objectContaining({
          selectors: [{ cel: { expression: expect.stringContaining("profile == '1g.10gb+me'") } }],
          extendedResourceName: 'nvidia.com/mig-1g.10gb.me',
        }),
      ],
    ]);
  });

  test('extendedResourceName only from 1.36 on, or with the feature gate', () => {
    const extended = (chart: NvidiaGpus) => of(chart, 'DeviceClass').map(({ spec }) => spec.extendedResourceName !== undefined);
    expect(extended(by('1.35.2'))).toEqual([false, false]);
    expect(extended(by('1.35.2', { byResource: true }))).toEqual([true, true]);
    expect(extended(by('1.37.1', { byResource: false }))).toEqual([false, false]);
    expect(ledgerOf(by('1.35.2')).problems.warnings).toMatchObject([
      { code: 'UNSUPPORTED_NVIDIA_CLAIMS_RESOURCE', given: expect.stringContaining('nvidia.com/mig-3g.40gb') },
    ]);
    expect(ledgerOf(by('1.36.0')).problems.warnings).toEqual([]);
  });

  test('the summary has the command for the DRA driver with the root of the GPU driver', () => {
    const root = (props: NvidiaGpusProps) =>
      promises(by('1.36.0', {}, props))
        .join('\n')
        .match(/dra-driver-nvidia-gpu .* nvidiaDriverRoot=(.*)/)?.[1];
    expect(root({})).toBe('/');
    expect(root({ driver: 'operator' })).toBe('/run/nvidia/driver');
    expect(root({ by: 'plain' })).toBe('/');
  });

  test('ResourceClaimTemplates in the given namespaces; whole GPUs use the DeviceClass of the driver', () => {
    const claims: Required<GpuClaims> = { namespaces: ['notebooks', 'dask'], byResource: true };
    const templates = of(by('1.36.0', claims), 'ResourceClaimTemplate');
    expect(templates.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      'notebooks/3g.40gb',
      'notebooks/1g.10gb.me',
      'notebooks/gpu',
      'dask/3g.40gb',
      'dask/1g.10gb.me',
      'dask/gpu',
    ]);
    expect(templates.slice(0, 3).map(({ spec }) => spec.spec.devices.requests)).toEqual(
      ['3g.40gb.mig.nvidia.com', '1g.10gb.me.mig.nvidia.com', 'gpu.nvidia.com'].map((deviceClassName) => [
        { name: 'card', exactly: { deviceClassName, allocationMode: 'ExactCount', count: 1 } },
      ]),
    );
  });

  test('disable the device plugin, and allow the exporter to read ResourceSlices', () => {
    const chart = by('1.36.0', {}, { metrics: { from: prometheus, monitors: {} } });
    const { devicePlugin, gfd, dcgmExporter } = of(chart, 'ClusterPolicy')[0]?.spec ?? {};
    expect([devicePlugin, gfd.enabled]).toEqual([{ enabled: false }, true]);
    expect(dcgmExporter.env).toContainEqual({ name: 'KUBERNETES_ENABLE_DRA', value: 'true' });
    expect(of(chart, 'ClusterRole')[0]).toMatchObject({ rules: [{ resources: ['resourceslices'], verbs: ['get', 'list', 'watch'] }] });
    expect(of(chart, 'ClusterRoleBinding')[0]?.subjects).toEqual([
      { kind: 'ServiceAccount', name: 'nvidia-dcgm-exporter', namespace: 'gpu-operator' },
    ]);
    expect(of(chart, 'PrometheusRule')[0]?.spec.groups[0].rules.map((rule: { alert: string }) => rule.alert)).not.toContain('GpuExhausted');
  });
});
