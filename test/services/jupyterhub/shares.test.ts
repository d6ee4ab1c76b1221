import { environment, nodePool } from '../../../lib';
import { type Json, site as siteOf } from '../../fixtures/hub';
import { ask, card, facility, find, gpus, hub, SLICE, slice, workers, wrong } from '../../fixtures/hub-cards';
import { only } from '../../fixtures/site';

describe('shares', () => {
  const share = (servers: number, more: object = {}) => ({ share: { servers, ...more } });
  const shared = (bloch: object, formax: object) => ({
    environments: [environment('bloch', { ...ask(slice), ...bloch }), environment('formax', { ...ask(slice), ...formax })],
  });

  test('are a priority class, and a quota of those who have it', () => {
    const made = facility({
      environments: [environment('bloch', { ...ask(gpus.slice('3g.40gb', 2)), ...share(2) }), environment('python')],
    });
    expect(find(made, 'PriorityClass', 'napoli-jupyterhub-bloch')).toMatchObject({ value: 10_000, globalDefault: false });
    expect(find(made, 'PriorityClass', 'napoli-user')?.value).toBe(10_000);
    expect(find(made, 'ResourceQuota', 'jupyterhub-bloch')).toMatchObject({
      metadata: { namespace: 'jupyterhub' },
      spec: {
        hard: { pods: '2', [`requests.${SLICE}`]: '4' },
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['napoli-jupyterhub-bloch'] }] },
      },
    });
    const { facts } = hub({ environments: [environment('bloch', share(2)), environment('python')] });
    expect(facts.profiles.map((one: Json) => one.kubespawner_override.priority_class_name)).toEqual(['napoli-jupyterhub-bloch', undefined]);
    expect(made.output().runtimePods.map(({ what, most }) => [what, most])).toEqual([
      ["notebook server 'small' of 'bloch'", 2],
      ["notebook server 'small'", undefined],
    ]);
  });

  test('of accelerators alone leave other servers uncounted', () => {
    const made = facility({ environments: [environment('bloch', { options: [card], share: { accelerators: 3 } })] });
    expect(find(made, 'ResourceQuota', 'jupyterhub-bloch')?.spec.hard).toEqual({ [`requests.${SLICE}`]: '3' });
    const two = { ...ask(gpus.slice('3g.40gb', 2)), share: { servers: 2, accelerators: 3 } };
    expect(find(facility({ environments: [environment('bloch', two)] }), 'ResourceQuota', 'jupyterhub-bloch')?.spec.hard).toEqual({
      pods: '2',
      [`requests.${SLICE}`]: '3',
    });
    expect(
      only(facility(shared({ share: { accelerators: 3 } }, { share: { accelerators: 2 } })).problems(), 'EXCEEDS_HUB_SHARES').given,
    ).toBe(`bloch 3 + formax 2 ${SLICE} = 5`);
  });

  test('MISSING_HUB_SHARE_LIMIT: a share limits something', () => {
    const path = 'napoli/jupyterhub/environments/python/share';
    for (const empty of [{}, { accelerators: 2 }])
      expect(only(facility({ environments: [environment('python', { share: empty })] }).problems(), 'MISSING_HUB_SHARE_LIMIT').path).toBe(
        path,
      );
    expect(only(facility({ environments: [environment('python', { share: { servers: 0 } })] }).problems(), 'INVALID_HUB_COUNT').path).toBe(
      `${path}/servers`,
    );
  });

  test('of a hub that stands alone are as important as the pods beside them', () => {
    expect(hub({ environments: [environment('python', share(2))] }).object('PriorityClass', 'napoli-jupyterhub-python').value).toBe(0);
  });

  test('EXCEEDS_HUB_SHARES: all together must be there', () => {
    expect(only(facility(shared(share(3), share(2))).problems(), 'EXCEEDS_HUB_SHARES')).toMatchObject({
      path: 'napoli/jupyterhub/environments',
      given: `bloch 3 + formax 2 servers × 1 ${SLICE} = 5`,
      allowed: 'at most 4, the capacity of the pools',
    });
    expect(facility(shared(share(3), share(1))).problems()).toEqual([]);
    expect(only(facility(shared({ ...ask(gpus.slice('3g.40gb', 2)), ...share(1) }, share(3))).problems(), 'EXCEEDS_HUB_SHARES').given).toBe(
      `bloch 1 × 2 + formax 3 × 1 ${SLICE} = 5`,
    );
  });

  test('each of them on the nodes that it goes to', () => {
    const few = nodePool('few', { ...gpus, count: 1, labels: { pool: 'few' } });
    const props = { ...shared({ ...ask(few.slice('3g.40gb')), ...share(3) }, share(1)), site: siteOf({ pools: [workers, gpus, few] }) };
    expect(only(facility(props).problems(), 'EXCEEDS_HUB_SHARES')).toMatchObject({
      given: `bloch 3 servers × 1 ${SLICE} = 3`,
      allowed: 'at most 2, the capacity of the pools',
    });
  });

  test('an environment without one counts with all servers of the hub, or with none', () => {
    expect(only(facility({ ...shared(share(3), {}), activeServers: 5 }).problems(), 'EXCEEDS_HUB_SHARES').given).toBe(
      `bloch 3 + formax 5 servers × 1 ${SLICE} = 8`,
    );
    // Four at a time find a slice each, whosever they are.
    expect(facility({ ...shared(share(3), {}), activeServers: 4 }).problems()).toEqual([]);
    expect(facility(shared(share(3), {})).output().warnings).toContainEqual(
      expect.objectContaining({
        code: 'MISSING_HUB_SHARE',
        path: expect.stringMatching(/\/jupyterhub\/environments\/formax\/share$/),
        given: expect.stringContaining(`no share of ${SLICE}`),
      }),
    );
  });

  test('environments whose servers all take it must find it for as many as the hub lets run; what may be chosen is held by the quota', () => {
    expect(only(facility({ ...shared({}, {}), activeServers: 20 }).problems(), 'EXCEEDS_HUB_SHARES').given).toBe(
      `bloch 20 + formax 20 servers × 1 ${SLICE} = 40`,
    );
    expect(facility({ ...shared({}, {}), activeServers: 4 }).problems()).toEqual([]);
    expect(facility({ options: [card], activeServers: 20 }).problems()).toEqual([]);
    expect(facility(shared({}, {})).problems()).toEqual([]);
  });

  test('may be larger where it is said that the rest waits; the namespace then limits pods, not cards', () => {
    const made = facility(shared(share(3, { oversubscribe: true }), share(2)));
    expect(made.problems()).toEqual([]);
    expect(find(made, 'ResourceQuota', 'facility')?.spec.hard).not.toHaveProperty([`requests.${SLICE}`]);
    expect(find(made, 'ResourceQuota', 'jupyterhub-bloch')?.spec.hard[`requests.${SLICE}`]).toBe('3');
  });

  test('are whole numbers above 0', () => {
    expect(wrong({ environments: [environment('python', share(0))] })).toEqual([
      'INVALID_HUB_COUNT napoli/jupyterhub/environments/python/share/servers',
    ]);
  });
});
