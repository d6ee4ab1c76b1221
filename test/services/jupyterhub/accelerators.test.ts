import { choice, environment, Facility, JupyterHub, type JupyterHubProps, nodePool, option, size, summary } from '../../../lib';
import { mig, pluginGpus } from '../../../lib/gpu';
import { devicesIn, effectiveRequests, memoryIn } from '../../../lib/scheduling';
import { type Json, poolsIn, site as siteOf, sizeOf } from '../../fixtures/hub';
import {
  devices,
  errors,
  facility,
  find,
  gpuOption,
  gpus,
  hub,
  minimal,
  SLICE,
  slice,
  small,
  withAccelerator,
  workers,
} from '../../fixtures/hub-gpus';
import { only } from '../../fixtures/site';

const ON_GPUS = { 'pool-0': { matchExpressions: [{ key: 'pool', operator: 'In', values: ['gpus'] }] } };
const TOLERATED = { key: 'nvidia.com/gpu', operator: 'Exists', value: null, effect: 'NoSchedule' };

describe('a choice with an accelerator', () => {
  test.each<[string, Partial<JupyterHubProps>, (facts: Json) => Json]>([
    ['environment', { environments: [environment('gpu', withAccelerator(slice))] }, (facts) => facts.profiles[0].kubespawner_override],
    ['size', { sizes: [size('gpu', { ...small, ...withAccelerator(slice) })] }, (facts) => sizeOf(facts, 0, 'gpu')],
    ['option', { options: [gpuOption] }, (facts) => facts.profiles[0].profile_options.gpu.choices.one.kubespawner_override],
  ])('%s: sets requests, limits, node affinity and tolerations', (_, props, of) => {
    const { facts } = hub(props);
    expect(of(facts)).toMatchObject({
      extra_resource_limits: { [SLICE]: '1' },
      extra_resource_guarantees: { [SLICE]: '1' },
      node_affinity_required: ON_GPUS,
      tolerations: { 'pool-0': TOLERATED },
      environment: { NVIDIA_VISIBLE_DEVICES: null },
    });
    // Servers without an accelerator cannot see GPUs, on any node.
    expect(facts.notebooks.base.environment.NVIDIA_VISIBLE_DEVICES).toBe('void');
    expect(facts.notebooks.base.node_affinity_required['pool-0'].matchExpressions[0].values).toEqual(['worker']);
  });

  test('NVIDIA_VISIBLE_DEVICES is set only if servers use pools with NVIDIA GPUs', () => {
    expect(hub().facts.notebooks.base.environment.NVIDIA_VISIBLE_DEVICES).toBeUndefined();
    const { facts } = hub({ sizes: [size('gpu', { ...small, ...withAccelerator(devices.gpu()) })] });
    expect(facts.notebooks.base.environment).toEqual({});
    expect(sizeOf(facts, 0, 'gpu')).toMatchObject({ extra_resource_limits: { 'example.com/gpu': '1' } });
  });

  test('`none` removes the accelerator, and hides GPUs', () => {
    const { facts } = hub({
      environments: [environment('gpu', withAccelerator(slice))],
      options: [option('gpu', { choices: [choice('yes'), choice('no', { accelerator: 'none' })] })],
    });
    const { yes, no } = facts.profiles[0].profile_options.gpu.choices;
    expect(yes.kubespawner_override).toEqual({});
    expect(no.kubespawner_override).toMatchObject({
      extra_resource_limits: { [SLICE]: null },
      environment: { NVIDIA_VISIBLE_DEVICES: 'void' },
    });
  });

  test('`on` of a choice takes precedence over the pool of its accelerator, and must have the accelerator', () => {
    const on = [workers, gpus];
    expect(
      sizeOf(hub({ sizes: [size('gpu', { ...small, ...withAccelerator(slice, { on }) })] }).facts, 0, 'gpu').node_affinity_required,
    ).toEqual({
      'pool-0': { matchExpressions: [{ key: 'pool', operator: 'In', values: ['worker'] }] },
      'pool-1': { matchExpressions: [{ key: 'pool', operator: 'In', values: ['gpus'] }] },
    });
    const elsewhere = facility({ sizes: [size('gpu', { ...small, ...withAccelerator(slice, { on: workers }) })] });
    expect(only(elsewhere.problems(), 'MISSING_DEVICE')).toMatchObject({
      path: 'napoli/jupyterhub/sizes/gpu',
      given: expect.stringMatching(
        new RegExp(`^notebook server 'gpu' requests 1 ${SLICE} on one node: 0/6 nodes are available: 3 Insufficient ${SLICE} `),
      ),
      allowed: 'at most what a single node of its pools has: none',
    });
  });

  test('MISSING_DEVICE: a size on a pool without the accelerator of the environment', () => {
    const cpuOnly = size('cpu-only', { ...small, on: workers });
    const created = facility({ environments: [environment('gpu', withAccelerator(slice, {}))], sizes: [small, cpuOnly] });
    expect(only(created.problems(), 'MISSING_DEVICE').path).toBe('napoli/jupyterhub/sizes/cpu-only');
  });

  test('UNKNOWN_POOL: an accelerator of a pool of another site', () => {
    const other = nodePool('other', { flavor: { vcpus: 8, memory: '64GiB' }, gpus: pluginGpus('example.com/gpu') });
    expect(errors({ options: [option('gpu', { choices: [choice('one', withAccelerator(other.gpu()))] })] })).toContain(
      'UNKNOWN_POOL napoli/jupyterhub/user/on',
    );
  });

  test('the default title includes the accelerator', () => {
    const { facts } = hub({
      environments: [
        environment('gpu', withAccelerator(gpus.slice('3g.40gb', 2))),
        environment('named', withAccelerator(slice, { title: 'Big' })),
      ],
      sizes: [size('gpu', { ...small, accelerator: 'none' })],
    });
    expect(facts.profiles.map(({ display_name }: Json) => display_name)).toEqual(['gpu: 2 × 3g.40gb of NVIDIA A100 80GB', 'Big']);
    const sized = hub({ sizes: [size('large', { ...small, ...withAccelerator(slice) })] }).facts;
    expect(sized.profiles[0].profile_options.size.choices.large.display_name).toBe('large: 2 CPU, 4 GiB, 3g.40gb of NVIDIA A100 80GB');
  });

  test('images are pulled on the pool of the accelerator, and placeholders request it', () => {
    const props = { pullImages: true, options: [gpuOption], placeholders: { count: 1, size: { ...small, ...withAccelerator(slice) } } };
    const created = facility(props);
    expect(find(created, 'DaemonSet', 'jupyterhub-pull-gpus')?.spec.template.spec.tolerations).toEqual([
      { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
    ]);
    const { strategy, template } = find(created, 'Deployment', 'jupyterhub-placeholder')?.spec ?? {};
    expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } });
    expect(template.spec.nodeSelector).toEqual({ pool: 'gpus' });
    expect(template.spec.containers[0].resources.limits[SLICE]).toBe('1');
    // The placeholder is preempted by notebook servers, which may use all four: the quota is one more.
    expect(find(created, 'ResourceQuota', 'facility')?.spec.hard[`requests.${SLICE}`]).toBe('5');
  });
});

describe('runtime pods in the ledger', () => {
  test('every kind of server with its pool, memory and devices', () => {
    const { ledger } = hub({
      environments: [environment('python'), environment('gpu', withAccelerator(slice, {}))],
      options: [option('memory', { choices: [choice('some'), choice('more', { resources: { cpu: 4, memory: '16GiB' } })] })],
    });
    expect(
      ledger.runtimePods.map(({ what, spec }) => [
        what,
        poolsIn(spec)[0],
        memoryIn(effectiveRequests(spec)) / 2 ** 30,
        devicesIn(effectiveRequests(spec)),
      ]),
    ).toEqual([
      ["notebook server 'small'", 'worker', 4, {}],
      ["notebook server 'small' with memory 'more'", 'worker', 16, {}],
      ["notebook server 'small' of 'gpu'", 'gpus', 4, { [SLICE]: 1 }],
      ["notebook server 'small' of 'gpu' with memory 'more'", 'gpus', 16, { [SLICE]: 1 }],
    ]);
  });

  test('sizes with equal names in two environments', () => {
    const own = (count: number) => ({ sizes: [size('gpu', { ...small, ...withAccelerator(gpus.slice('3g.40gb', count)) })] });
    const { ledger } = hub({ environments: [environment('one', own(1)), environment('two', own(2))] });
    expect(ledger.runtimePods.map(({ spec }) => devicesIn(effectiveRequests(spec)))).toEqual([{ [SLICE]: 1 }, { [SLICE]: 2 }]);
  });

  test('combinations of options that both change resources', () => {
    const more = option('memory', { choices: [choice('some'), choice('more', { resources: { cpu: 4, memory: '16GiB' } })] });
    expect(hub({ options: [gpuOption, more] }).ledger.runtimePods.map(({ what }) => what)).toEqual([
      "notebook server 'small'",
      "notebook server 'small' with memory 'more'",
      "notebook server 'small' with gpu 'one'",
      "notebook server 'small' with gpu 'one', memory 'more'",
    ]);
  });

  test('the summary counts the GPUs of each node', () => {
    const nodes = nodePool('gpus', {
      keys: ['a', 'b'],
      hostnames: ['gpu-a', 'gpu-b'],
      flavor: { vcpus: 64, memory: '512GiB' },
      labels: { pool: 'gpus' },
      gpus: mig('a100-80gb', { perNode: 1, layout: { '2g.20gb': 3 }, layouts: { b: { '2g.20gb': 2 } } }),
    });
    const created = new Facility(siteOf({ pools: [workers, nodes] }));
    const sizes = [
      size('one', { ...small, ...withAccelerator(nodes.slice('2g.20gb')) }),
      size('two', { ...small, ...withAccelerator(nodes.slice('2g.20gb', 2)) }),
    ];
    new JupyterHub(created, 'jupyterhub', { ...minimal, site: created.site, sizes });
    expect(
      summary(created.output())
        .split('\n')
        .filter((line) => line.includes('capacity  ')),
    ).toEqual([
      "  capacity   5 × notebook server 'one' at a time, if no other pods run on gpus",
      // Each node has capacity for one such server: three slices on one node, two on the other.
      "  capacity   2 × notebook server 'two' at a time, if no other pods run on gpus",
    ]);
  });
});

describe('two kinds of accelerators', () => {
  const two = (props: Partial<JupyterHubProps>) => facility(props).problems();

  test('in one server are DUPLICATE_HUB_ACCELERATOR with both paths', () => {
    expect(
      only(
        two({
          environments: [environment('gpu', withAccelerator(slice))],
          options: [option('device', { choices: [choice('plugin', withAccelerator(devices.gpu()))] })],
        }),
        'DUPLICATE_HUB_ACCELERATOR',
      ),
    ).toMatchObject({
      path: 'napoli/jupyterhub/options/device/plugin/accelerator',
      given: 'a server that may get 3g.40gb of NVIDIA A100 80GB (environments/gpu) and example.com/gpu (options/device/plugin)',
    });
    expect(
      errors({
        environments: [environment('gpu', withAccelerator(slice))],
        sizes: [size('big', { ...small, ...withAccelerator(gpus.slice('3g.40gb', 2)) })],
      }),
    ).toEqual(['DUPLICATE_HUB_ACCELERATOR napoli/jupyterhub/sizes/big/accelerator']);
  });

  test('are valid in alternative choices, if they are equal, and after `none`', () => {
    expect(
      errors({ environments: [environment('gpu', withAccelerator(slice)), environment('device', withAccelerator(devices.gpu()))] }),
    ).toEqual([]);
    expect(errors({ environments: [environment('gpu', withAccelerator(slice))], options: [gpuOption] })).toEqual([]);
    expect(
      errors({
        environments: [environment('gpu', withAccelerator(slice))],
        sizes: [size('none', { ...small, accelerator: 'none' })],
        options: [option('device', { choices: [choice('plugin', withAccelerator(devices.gpu()))] })],
      }),
    ).toEqual([]);
  });
});

test('MISSING_HUB_CULL: an accelerator without an idle timeout of its own', () => {
  const warnings = (props: Partial<JupyterHubProps>) =>
    hub({ options: [option('gpu', { choices: [choice('one', { accelerator: slice })] })], ...props }).ledger.problems.warnings;
  const idle = (when: string) => ({
    code: 'MISSING_HUB_CULL',
    path: expect.stringMatching(/\/jupyterhub\/options\/gpu\/one$/),
    given: `idle servers with 3g.40gb of NVIDIA A100 80GB that ${when}`,
  });
  expect(warnings({})).toMatchObject([idle('are not stopped earlier than other servers')]);
  expect(warnings({ cull: 'never' })).toMatchObject([idle('are never stopped (cull: never)')]);
  expect(warnings({ options: [gpuOption] })).toEqual([]);
});

test('CONFLICTING_HUB_PLACEMENT: servers without a GPU on GPU nodes, unless they are placed there explicitly', () => {
  const warnings = (props: Partial<JupyterHubProps>) =>
    hub({ environments: [environment('python'), environment('gpu', withAccelerator(slice))], ...props })
      .ledger.problems.warnings.filter(({ code }) => code === 'CONFLICTING_HUB_PLACEMENT')
      .map(({ path, fix }) => `${path.split('/').at(-1)}: ${fix}`);
  const expected = (prop: string, names = 'gpus') => `${prop}: remove ${names} from \`${prop}\``;
  expect(warnings({})).toEqual([]);
  expect(warnings({ on: [workers, gpus] })).toEqual([expected('on')]);
  expect(warnings({ notebooksOn: [workers, gpus, devices] })).toEqual([expected('notebooksOn', 'gpus, devices')]);
  // No warning: there are only GPU pools, the choice has `on`, or every server has a GPU.
  expect(warnings({ on: gpus })).toEqual([]);
  expect(warnings({ environments: [environment('python', { on: [workers, gpus] })] })).toEqual([]);
  expect(warnings({ on: [workers, gpus], environments: [environment('gpu', withAccelerator(slice))] })).toEqual([]);
});
