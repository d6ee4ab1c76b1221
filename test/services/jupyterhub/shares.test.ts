import { environment, nodePool } from '../../../lib';
import { type Json, site as siteOf } from '../../fixtures/hub';
import { errors, facility, find, gpuOption, gpus, hub, SLICE, slice, withAccelerator, workers } from '../../fixtures/hub-gpus';
import { only } from '../../fixtures/site';

describe('shares', () => {
  const share = (servers: number, more: object = {}) => ({ share: { servers, ...more } });
  const shared = (bloch: object, formax: object) => ({
    environments: [
      environment('bloch', { ...withAccelerator(slice), ...bloch }),
      environment('formax', { ...withAccelerator(slice), ...formax }),
    ],
  });

  test('create a PriorityClass, and a ResourceQuota with it as scope', () => {
    const created = facility({
      environments: [environment('bloch', { ...withAccelerator(gpus.slice('3g.40gb', 2)), ...share(2) }), environment('python')],
    });
    expect(find(created, 'PriorityClass', 'napoli-jupyterhub-bloch')).toMatchObject({ value: 10_000, globalDefault: false });
    expect(find(created, 'PriorityClass', 'napoli-user')?.value).toBe(10_000);
    expect(find(created, 'ResourceQuota', 'jupyterhub-bloch')).toMatchObject({
      metadata: { namespace: 'jupyterhub' },
      spec: {
        hard: { pods: '2', [`requests.${SLICE}`]: '4' },
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['napoli-jupyterhub-bloch'] }] },
      },
    });
    const { facts } = hub({ environments: [environment('bloch', share(2)), environment('python')] });
    expect(facts.profiles.map((profile: Json) => profile.kubespawner_override.priority_class_name)).toEqual([
      'napoli-jupyterhub-bloch',
      undefined,
    ]);
    expect(created.output().runtimePods.map(({ what, most }) => [what, most])).toEqual([
      ["notebook server 'small' of 'bloch'", 2],
      ["notebook server 'small'", undefined],
    ]);
  });

  test('with only `accelerators` do not limit servers without one', () => {
    const created = facility({ environments: [environment('bloch', { options: [gpuOption], share: { accelerators: 3 } })] });
    expect(find(created, 'ResourceQuota', 'jupyterhub-bloch')?.spec.hard).toEqual({ [`requests.${SLICE}`]: '3' });
    const two = { ...withAccelerator(gpus.slice('3g.40gb', 2)), share: { servers: 2, accelerators: 3 } };
    expect(find(facility({ environments: [environment('bloch', two)] }), 'ResourceQuota', 'jupyterhub-bloch')?.spec.hard).toEqual({
      pods: '2',
      [`requests.${SLICE}`]: '3',
    });
    expect(
      only(facility(shared({ share: { accelerators: 3 } }, { share: { accelerators: 2 } })).problems(), 'EXCEEDS_HUB_SHARES').given,
    ).toBe(`bloch 3 + formax 2 ${SLICE} = 5`);
  });

  test('MISSING_HUB_SHARE_LIMIT: a share without a limit', () => {
    const path = 'napoli/jupyterhub/environments/python/share';
    for (const empty of [{}, { accelerators: 2 }])
      expect(only(facility({ environments: [environment('python', { share: empty })] }).problems(), 'MISSING_HUB_SHARE_LIMIT').path).toBe(
        path,
      );
    expect(only(facility({ environments: [environment('python', { share: { servers: 0 } })] }).problems(), 'INVALID_HUB_COUNT').path).toBe(
      `${path}/servers`,
    );
  });

  test('have priority 0 without a facility', () => {
    expect(hub({ environments: [environment('python', share(2))] }).object('PriorityClass', 'napoli-jupyterhub-python').value).toBe(0);
  });

  test('EXCEEDS_HUB_SHARES: the sum of all shares exceeds the capacity', () => {
    expect(only(facility(shared(share(3), share(2))).problems(), 'EXCEEDS_HUB_SHARES')).toMatchObject({
      path: 'napoli/jupyterhub/environments',
      given: `bloch 3 + formax 2 servers × 1 ${SLICE} = 5`,
      allowed: 'at most 4, the capacity of the pools',
    });
    expect(facility(shared(share(3), share(1))).problems()).toEqual([]);
    expect(
      only(facility(shared({ ...withAccelerator(gpus.slice('3g.40gb', 2)), ...share(1) }, share(3))).problems(), 'EXCEEDS_HUB_SHARES')
        .given,
    ).toBe(`bloch 1 × 2 + formax 3 × 1 ${SLICE} = 5`);
  });

  test('EXCEEDS_HUB_SHARES: a share exceeds the capacity of its own pools', () => {
    const few = nodePool('few', { ...gpus, count: 1, labels: { pool: 'few' } });
    const props = {
      ...shared({ ...withAccelerator(few.slice('3g.40gb')), ...share(3) }, share(1)),
      site: siteOf({ pools: [workers, gpus, few] }),
    };
    expect(only(facility(props).problems(), 'EXCEEDS_HUB_SHARES')).toMatchObject({
      given: `bloch 3 servers × 1 ${SLICE} = 3`,
      allowed: 'at most 2, the capacity of the pools',
    });
  });

  test('an environment without a share counts with `activeServers`; without `activeServers` it is MISSING_HUB_SHARE', () => {
    expect(only(facility({ ...shared(share(3), {}), activeServers: 5 }).problems(), 'EXCEEDS_HUB_SHARES').given).toBe(
      `bloch 3 + formax 5 servers × 1 ${SLICE} = 8`,
    );
    // At most four servers run at the same time, with four slices.
    expect(facility({ ...shared(share(3), {}), activeServers: 4 }).problems()).toEqual([]);
    expect(facility(shared(share(3), {})).output().warnings).toContainEqual(
      expect.objectContaining({
        code: 'MISSING_HUB_SHARE',
        path: expect.stringMatching(/\/jupyterhub\/environments\/formax\/share$/),
        given: expect.stringContaining(`no share of ${SLICE}`),
      }),
    );
  });

  test('without shares, only environments in which every server has the accelerator count, with `activeServers`', () => {
    expect(only(facility({ ...shared({}, {}), activeServers: 20 }).problems(), 'EXCEEDS_HUB_SHARES').given).toBe(
      `bloch 20 + formax 20 servers × 1 ${SLICE} = 40`,
    );
    expect(facility({ ...shared({}, {}), activeServers: 4 }).problems()).toEqual([]);
    expect(facility({ options: [gpuOption], activeServers: 20 }).problems()).toEqual([]);
    expect(facility(shared({}, {})).problems()).toEqual([]);
  });

  test('may exceed the capacity with `oversubscribe`; the quota of the namespace then does not limit GPUs', () => {
    const created = facility(shared(share(3, { oversubscribe: true }), share(2)));
    expect(created.problems()).toEqual([]);
    expect(find(created, 'ResourceQuota', 'facility')?.spec.hard).not.toHaveProperty([`requests.${SLICE}`]);
    expect(find(created, 'ResourceQuota', 'jupyterhub-bloch')?.spec.hard[`requests.${SLICE}`]).toBe('3');
  });

  test('INVALID_HUB_COUNT: a share of 0 servers', () => {
    expect(errors({ environments: [environment('python', share(0))] })).toEqual([
      'INVALID_HUB_COUNT napoli/jupyterhub/environments/python/share/servers',
    ]);
  });
});
