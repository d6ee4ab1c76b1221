import { App } from 'cdk8s';
import { Facility } from '../../../lib/facility';
import { DaskCluster } from '../../../lib/services/dask';
import { JupyterHub, keycloak } from '../../../lib/services/jupyterhub';
import { secret } from '../../../lib/site';
import { errors, hub, minimal, site, workers } from '../../fixtures/hub';
import { briefly } from '../../fixtures/site';

describe('user and group ids', () => {
  test('are those of the Jupyter images by default', () => {
    expect(hub().facts.notebooks.accounts).toEqual({ default: { uid: 1000, gid: 100, supplementalGroups: [] }, users: {}, groups: {} });
  });

  test('by user and by group, with normalized names', () => {
    const accounts = {
      gid: 200,
      supplementalGroups: [3000],
      users: { 'Ada@Example.org': { uid: 5001 } },
      groups: { '/cms/analysis': { gid: 7000 }, atlas: { supplementalGroups: [8001] } },
    };

    expect(hub({ accounts }).facts.notebooks.accounts).toEqual({
      default: { uid: 1000, gid: 200, supplementalGroups: [3000] },
      users: { 'ada@example.org': { uid: 5001 } },
      groups: { 'cms/analysis': { gid: 7000 }, atlas: { supplementalGroups: [8001] } },
    });
  });

  test.each([
    ['accounts/uid', { uid: 0 }],
    ['accounts/gid', { gid: 1.5 }],
    ['accounts/users/ada/uid', { users: { ada: { uid: -1 } } }],
    ['accounts/groups/cms/supplementalGroups', { groups: { cms: { supplementalGroups: [100, 4294967295] } } }],
  ])('INVALID_HUB_ACCOUNT at %s', (path, accounts) => {
    expect(errors({ accounts })).toEqual([`INVALID_HUB_ACCOUNT napoli/jupyterhub/${path}`]);
  });
});

describe('groups of a login', () => {
  const login = keycloak('https://sso.example.org', 'lab', {
    client: 'hub',
    clientSecret: secret('jupyterhub-oidc', 'client-secret'),
    cidrs: ['192.0.2.80/32'],
    allowedGroups: ['/cms'],
    adminGroups: ['/lab/ops'],
  });

  test('have no leading slash', () => {
    expect(hub({ login }).facts.login.oauth).toMatchObject({ allowedGroups: ['cms'], adminGroups: ['lab/ops'] });
  });
});

describe('subPath of shared home directories', () => {
  test.each(['{unescaped_username}', 'homes/{unescaped_username}', '{username}'])('%s is valid', (subPath) => {
    const { facts } = hub({ home: { shared: { claim: 'homes' }, subPath } });

    expect(facts.notebooks.home).toMatchObject({ subPath });
  });

  test.each(['homes', '{user}', '/{username}', '{username}/..', '{escaped_username}'])('INVALID_HUB_MOUNT_PATH: %s', (subPath) => {
    expect(errors({ home: { shared: { claim: 'homes' }, subPath } })).toEqual(['INVALID_HUB_MOUNT_PATH napoli/jupyterhub/home/subPath']);
  });
});

describe('additional settings', () => {
  test.each([
    ['JupyterHub', 'db_url', 'use the prop `database`'],
    ['KubeSpawner', 'profile_list', 'use the props `environments`, `sizes` and `options`'],
    [
      'ConfigurableHTTPProxy',
      'api_url',
      'remove it: it must match the Services, ports and NetworkPolicies of hub, proxy and notebook servers',
    ],
    ['FacilitySpawner', 'uid', 'use the prop `accounts`'],
    ['KubeSpawner', 'node_selector', 'use the prop `notebooksOn`, or `on` of an environment or size'],
    ['KubeSpawner', 'storage_pvc_ensure', 'use the prop `home`'],
    ['Spawner', 'mem_limit', 'use the prop `sizes`'],
    ['JupyterHub', 'authenticator_class', 'use the prop `login`'],
    ['GenericOAuthenticator', 'manage_groups', 'remove it: `groups` of choices and `allowedGroups` depend on it'],
    ['GenericOAuthenticator', 'client_id', 'use `login.client`'],
    ['LDAPAuthenticator', 'allow_all', 'use `login.allowAll`'],
  ])('RESERVED_HUB_SETTING for %s.%s', (owner, setting, fix) => {
    const chart = new JupyterHub(new App(), 'jupyterhub', { ...minimal, settings: { [owner]: { [setting]: 'x' } } });

    expect(chart.problems.all).toEqual([
      {
        severity: 'error',
        code: 'RESERVED_HUB_SETTING',
        path: `napoli/jupyterhub/settings/${owner}/${setting}`,
        given: `settings for ${owner}.${setting}`,
        allowed: 'settings that have no prop and that the library does not manage',
        fix,
      },
    ]);
  });

  test('are part of hub.json', () => {
    const settings = { JupyterHub: { load_roles: [{ name: 'readers', scopes: ['list:users'] }], admin_access: false } };

    expect(hub({ settings }).facts.settings).toEqual(settings);
    expect(errors({ settings })).toEqual([]);
  });
});

test('DUPLICATE_HUB_NAMESPACE: two hubs in one namespace', () => {
  const facility = new Facility(site());
  const { site: _, ...props } = minimal;
  new JupyterHub(facility, 'hub-a', { ...props, namespace: 'hubs' });
  new JupyterHub(facility, 'hub-b', { ...props, host: 'b.example.org', namespace: 'hubs' });

  expect(briefly(facility.problems())).toContain('DUPLICATE_HUB_NAMESPACE at napoli/hub-b/namespace');
});

test('a hub can share its namespace with another service', () => {
  const facility = new Facility(site());
  const { site: _, ...props } = minimal;
  new DaskCluster(facility, 'dask', { on: workers, namespace: 'shared' });
  new JupyterHub(facility, 'hub', { ...props, namespace: 'shared' });

  expect(briefly(facility.problems())).toEqual([]);
});

test('two hubs in separate namespaces are valid', () => {
  const facility = new Facility(site());
  const { site: _, ...props } = minimal;
  for (const id of ['hub-a', 'hub-b']) new JupyterHub(facility, id, { ...props, host: `${id}.example.org` });

  expect(briefly(facility.problems())).toEqual([]);
});
