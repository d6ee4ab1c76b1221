import { choice, environment, Facility, JupyterHub, type JupyterHubProps, nodePool, option, size, summary } from '../../../lib';
import { mig, pluginGpus } from '../../../lib/gpu';
import { devicesIn, effectiveRequests, memoryIn } from '../../../lib/scheduling';
import { type Json, placesOf, site as siteOf, sizeOf } from '../../fixtures/hub';
import { ask, card, cards, facility, find, gpus, hub, minimal, SLICE, slice, small, workers, wrong } from '../../fixtures/hub-cards';
import { only } from '../../fixtures/site';

const ON_GPUS = { 'pool-0': { matchExpressions: [{ key: 'pool', operator: 'In', values: ['gpus'] }] } };
const TOLERATED = { key: 'nvidia.com/gpu', operator: 'Exists', value: null, effect: 'NoSchedule' };

describe('a choice with an accelerator of a pool', () => {
  test.each<[string, Partial<JupyterHubProps>, (facts: Json) => Json]>([
    ['environment', { environments: [environment('gpu', ask(slice))] }, (facts) => facts.profiles[0].kubespawner_override],
    ['size', { sizes: [size('gpu', { ...small, ...ask(slice) })] }, (facts) => sizeOf(facts, 0, 'gpu')],
    ['answer', { options: [card] }, (facts) => facts.profiles[0].profile_options.card.choices.one.kubespawner_override],
  ])('%s: asks for it, goes where it is, and sees it', (_, props, of) => {
    const { facts } = hub(props);
    const made = of(facts);
    expect(made).toMatchObject({
      extra_resource_limits: { [SLICE]: '1' },
      extra_resource_guarantees: { [SLICE]: '1' },
      node_affinity_required: ON_GPUS,
      tolerations: { 'pool-0': TOLERATED },
      environment: { NVIDIA_VISIBLE_DEVICES: null },
    });
    // Whoever has chosen none sees none, wherever the server runs.
    expect(facts.notebooks.base.environment.NVIDIA_VISIBLE_DEVICES).toBe('void');
    expect(facts.notebooks.base.node_affinity_required['pool-0'].matchExpressions[0].values).toEqual(['worker']);
  });

  test('a hub without such nodes says nothing of cards', () => {
    expect(hub().facts.notebooks.base.environment.NVIDIA_VISIBLE_DEVICES).toBeUndefined();
    const { facts } = hub({ sizes: [size('card', { ...small, ...ask(cards.gpu()) })] });
    expect(facts.notebooks.base.environment).toEqual({});
    expect(sizeOf(facts, 0, 'card')).toMatchObject({ extra_resource_limits: { 'example.com/card': '1' } });
  });

  test('none takes it away, and hides the cards again', () => {
    const { facts } = hub({
      environments: [environment('gpu', ask(slice))],
      options: [option('card', { choices: [choice('yes'), choice('no', { accelerator: 'none' })] })],
    });
    const { yes, no } = facts.profiles[0].profile_options.card.choices;
    expect(yes.kubespawner_override).toEqual({});
    expect(no.kubespawner_override).toMatchObject({
      extra_resource_limits: { [SLICE]: null },
      environment: { NVIDIA_VISIBLE_DEVICES: 'void' },
    });
  });

  test('a pool that the choice names goes before that of its accelerator, and must have it', () => {
    const on = [workers, gpus];
    expect(sizeOf(hub({ sizes: [size('gpu', { ...small, ...ask(slice, { on }) })] }).facts, 0, 'gpu').node_affinity_required).toEqual({
      'pool-0': { matchExpressions: [{ key: 'pool', operator: 'In', values: ['worker'] }] },
      'pool-1': { matchExpressions: [{ key: 'pool', operator: 'In', values: ['gpus'] }] },
    });
    const elsewhere = facility({ sizes: [size('gpu', { ...small, ...ask(slice, { on: workers }) })] });
    expect(only(elsewhere.problems(), 'MISSING_DEVICE')).toMatchObject({
      path: 'napoli/jupyterhub/sizes/gpu',
      given: expect.stringMatching(
        new RegExp(`^notebook server 'gpu' requests 1 ${SLICE} on one node: 0/6 nodes are available: 3 Insufficient ${SLICE} `),
      ),
      allowed: 'at most what a single node of its pools has: none',
    });
  });

  test('a size that moves the server of an environment away from its cards is found', () => {
    const away = size('away', { ...small, on: workers });
    const made = facility({ environments: [environment('gpu', ask(slice, {}))], sizes: [small, away] });
    expect(only(made.problems(), 'MISSING_DEVICE').path).toBe('napoli/jupyterhub/sizes/away');
  });

  test('a pool of another site is refused', () => {
    const other = nodePool('other', { flavor: { vcpus: 8, memory: '64GiB' }, gpus: pluginGpus('example.com/card') });
    expect(wrong({ options: [option('card', { choices: [choice('one', ask(other.gpu()))] })] })).toContain(
      'UNKNOWN_POOL napoli/jupyterhub/user/on',
    );
  });

  test('its text tells it unless the choice has a title', () => {
    const { facts } = hub({
      environments: [environment('gpu', ask(gpus.slice('3g.40gb', 2))), environment('named', ask(slice, { title: 'Big' }))],
      sizes: [size('card', { ...small, accelerator: 'none' })],
    });
    expect(facts.profiles.map(({ display_name }: Json) => display_name)).toEqual(['gpu: 2 × 3g.40gb of NVIDIA A100 80GB', 'Big']);
    const sized = hub({ sizes: [size('card', { ...small, ...ask(slice) })] }).facts;
    expect(sized.profiles[0].profile_options.size.choices.card.display_name).toBe('card: 2 CPU, 4 GiB, 3g.40gb of NVIDIA A100 80GB');
  });

  test('images are fetched where it is, and placeholders keep a card with the room', () => {
    const props = { pullImages: true, options: [card], placeholders: { count: 1, size: { ...small, ...ask(slice) } } };
    const made = facility(props);
    expect(find(made, 'DaemonSet', 'jupyterhub-pull-gpus')?.spec.template.spec.tolerations).toEqual([
      { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
    ]);
    const { strategy, template } = find(made, 'Deployment', 'jupyterhub-placeholder')?.spec ?? {};
    expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } });
    expect(template.spec.nodeSelector).toEqual({ pool: 'gpus' });
    expect(template.spec.containers[0].resources.limits[SLICE]).toBe('1');
    // It gives way to users, who may take all four beside it.
    expect(find(made, 'ResourceQuota', 'facility')?.spec.hard[`requests.${SLICE}`]).toBe('5');
  });
});

describe('what the checks and the summary are told', () => {
  test('every kind of server with what it takes', () => {
    const { ledger } = hub({
      environments: [environment('python'), environment('gpu', ask(slice, {}))],
      options: [option('memory', { choices: [choice('some'), choice('more', { resources: { cpu: 4, memory: '16GiB' } })] })],
    });
    expect(
      ledger.runtimePods.map(({ what, spec }) => [
        what,
        placesOf(spec)[0],
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

  test('sizes of one name that environments have for themselves', () => {
    const own = (count: number) => ({ sizes: [size('card', { ...small, ...ask(gpus.slice('3g.40gb', count)) })] });
    const { ledger } = hub({ environments: [environment('one', own(1)), environment('two', own(2))] });
    expect(ledger.runtimePods.map(({ spec }) => devicesIn(effectiveRequests(spec)))).toEqual([{ [SLICE]: 1 }, { [SLICE]: 2 }]);
  });

  test('an answer and another one together, where both make a difference', () => {
    const more = option('memory', { choices: [choice('some'), choice('more', { resources: { cpu: 4, memory: '16GiB' } })] });
    expect(hub({ options: [card, more] }).ledger.runtimePods.map(({ what }) => what)).toEqual([
      "notebook server 'small'",
      "notebook server 'small' with memory 'more'",
      "notebook server 'small' with card 'one'",
      "notebook server 'small' with card 'one', memory 'more'",
    ]);
  });

  test('room is counted with the cards of each node', () => {
    const nodes = nodePool('gpus', {
      keys: ['a', 'b'],
      hostnames: ['gpu-a', 'gpu-b'],
      flavor: { vcpus: 64, memory: '512GiB' },
      labels: { pool: 'gpus' },
      gpus: mig('a100-80gb', { perNode: 1, layout: { '2g.20gb': 3 }, layouts: { b: { '2g.20gb': 2 } } }),
    });
    const made = new Facility(siteOf({ pools: [workers, nodes] }));
    const sizes = [size('one', { ...small, ...ask(nodes.slice('2g.20gb')) }), size('two', { ...small, ...ask(nodes.slice('2g.20gb', 2)) })];
    new JupyterHub(made, 'jupyterhub', { ...minimal, site: made.site, sizes });
    expect(
      summary(made.output())
        .split('\n')
        .filter((line) => line.includes('capacity  ')),
    ).toEqual([
      "  capacity   5 × notebook server 'one' at a time, if no other pods run on gpus",
      // Three of one node hold one such server, two of the other one.
      "  capacity   2 × notebook server 'two' at a time, if no other pods run on gpus",
    ]);
  });
});

describe('two kinds of accelerators', () => {
  const two = (props: Partial<JupyterHubProps>) => facility(props).problems();

  test('in one server are refused, and both places told', () => {
    expect(
      only(
        two({ environments: [environment('gpu', ask(slice))], options: [option('card', { choices: [choice('card', ask(cards.gpu()))] })] }),
        'DUPLICATE_HUB_ACCELERATOR',
      ),
    ).toMatchObject({
      path: 'napoli/jupyterhub/options/card/card/accelerator',
      given: 'a server that may get 3g.40gb of NVIDIA A100 80GB (environments/gpu) and example.com/card (options/card/card)',
    });
    expect(
      wrong({ environments: [environment('gpu', ask(slice))], sizes: [size('big', { ...small, ...ask(gpus.slice('3g.40gb', 2)) })] }),
    ).toEqual(['DUPLICATE_HUB_ACCELERATOR napoli/jupyterhub/sizes/big/accelerator']);
  });

  test('may be offered side by side, the same one twice, and one after the other was taken away', () => {
    expect(wrong({ environments: [environment('gpu', ask(slice)), environment('card', ask(cards.gpu()))] })).toEqual([]);
    expect(wrong({ environments: [environment('gpu', ask(slice))], options: [card] })).toEqual([]);
    expect(
      wrong({
        environments: [environment('gpu', ask(slice))],
        sizes: [size('none', { ...small, accelerator: 'none' })],
        options: [option('card', { choices: [choice('card', ask(cards.gpu()))] })],
      }),
    ).toEqual([]);
  });
});

test('what is scarce and would wait for a user who has gone is warned of', () => {
  const warnings = (props: Partial<JupyterHubProps>) =>
    hub({ options: [option('card', { choices: [choice('one', { accelerator: slice })] })], ...props }).ledger.problems.warnings;
  const idle = (when: string) => ({
    code: 'MISSING_HUB_CULL',
    path: expect.stringMatching(/\/jupyterhub\/options\/card\/one$/),
    given: `idle servers with 3g.40gb of NVIDIA A100 80GB that ${when}`,
  });
  expect(warnings({})).toMatchObject([idle('are not stopped earlier than other servers')]);
  expect(warnings({ cull: 'never' })).toMatchObject([idle('are never stopped (cull: never)')]);
  expect(warnings({ options: [card] })).toEqual([]);
});

test('servers without a card on nodes with cards are warned of, unless somebody said so', () => {
  const warnings = (props: Partial<JupyterHubProps>) =>
    hub({ environments: [environment('python'), environment('gpu', ask(slice))], ...props })
      .ledger.problems.warnings.filter(({ code }) => code === 'CONFLICTING_HUB_PLACEMENT')
      .map(({ path, fix }) => `${path.split('/').at(-1)}: ${fix}`);
  const told = (prop: string, names = 'gpus') => `${prop}: remove ${names} from \`${prop}\``;
  expect(warnings({})).toEqual([]);
  expect(warnings({ on: [workers, gpus] })).toEqual([told('on')]);
  expect(warnings({ notebooksOn: [workers, gpus, cards] })).toEqual([told('notebooksOn', 'gpus, cards')]);
  // There is nowhere else, they are there on purpose, or there are none.
  expect(warnings({ on: gpus })).toEqual([]);
  expect(warnings({ environments: [environment('python', { on: [workers, gpus] })] })).toEqual([]);
  expect(warnings({ on: [workers, gpus], environments: [environment('gpu', ask(slice))] })).toEqual([]);
});
