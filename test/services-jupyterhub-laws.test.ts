import { App } from 'cdk8s';
import {
  type Admission,
  dummy,
  environment,
  JupyterHub,
  type JupyterHubProps,
  type OidcLoginProps,
  oidc,
  size,
} from '../lib/services/jupyterhub';
import { existingCluster, nodePool, oidcIssuer, secret } from '../lib/site';
import { hub, iam, minimal, mistakes, site } from './fixture-hub';

describe('login', () => {
  test('every prop of an OpenID Connect login', () => {
    const all: Required<OidcLoginProps> = {
      issuer: oidcIssuer('https://iam.example.org/'),
      client: 'napoli-hub',
      clientSecret: secret('oidc', 'key'),
      title: 'INDIGO IAM',
      scopes: ['openid', 'wlcg.groups'],
      usernameClaim: 'sub',
      groupsClaim: 'wlcg.groups',
      allowAll: true,
      allowedUsers: ['ada'],
      allowedGroups: ['/cms'],
      admins: ['root'],
      adminGroups: ['/cms/admins'],
      keepTokens: true,
    };
    expect(hub({ login: oidc(all) }).facts.login).toEqual({
      authenticator: 'generic-oauth',
      allowAll: true,
      allowedUsers: ['ada', 'root'],
      admins: ['root'],
      oauth: {
        title: 'INDIGO IAM',
        client: 'napoli-hub',
        callbackUrl: 'https://jupyter.example.org/hub/oauth_callback',
        authorizeUrl: 'https://iam.example.org/authorize',
        tokenUrl: 'https://iam.example.org/token',
        userinfoUrl: 'https://iam.example.org/userinfo',
        scopes: ['openid', 'wlcg.groups', 'offline_access'],
        usernameClaim: 'sub',
        groupsClaim: 'wlcg.groups',
        allowedGroups: ['/cms'],
        adminGroups: ['/cms/admins'],
        keepTokens: true,
      },
    });
  });

  test('the client’s secret has a place of its own unless another is named', () => {
    const used = (login: JupyterHubProps['login']) =>
      hub({ login })
        .container('hub')
        .env.find(({ name }: { name: string }) => name === 'OIDC_CLIENT_SECRET').valueFrom.secretKeyRef;
    expect(used(iam({ allowAll: true, clientSecret: undefined }))).toEqual({ name: 'jupyterhub-oidc', key: 'client-secret' });
    expect(used(iam({ allowAll: true, clientSecret: secret('iam', 'key') }))).toEqual({ name: 'iam', key: 'key' });
  });

  test('a rule that admits nobody is refused, with every rule there is', () => {
    const { problems } = new JupyterHub(new App(), 'jupyterhub', { ...minimal, login: iam({ allowedUsers: [], allowAll: false }) });
    expect(problems.all).toMatchObject([
      {
        code: 'HUB_NOBODY_MAY_LOG_IN',
        path: 'napoli/jupyterhub/login',
        allowed: 'at least one of allowAll, allowedUsers, allowedGroups, admins, adminGroups',
      },
    ]);
  });

  test.each<[string, Partial<OidcLoginProps>]>([
    ['everyone', { allowAll: true }],
    ['a user', { allowedUsers: ['ada'] }],
    ['a group', { allowedGroups: ['cms'] }],
  ])('%s is somebody', (_, login) => {
    expect(hub({ login: iam(login) }).ledger.warnings).toEqual([]);
  });

  test('administrators alone are a warning', () => {
    expect(hub({ login: iam({ adminGroups: ['ops'] }) }).ledger.warnings).toEqual(['jupyterhub: only administrators may log in']);
  });

  test('a login without a password is for test sites', () => {
    const all: Required<Admission> = { allowAll: false, allowedUsers: ['ada'], admins: [] };
    expect(mistakes({ login: dummy(all) })).toEqual(['HUB_DUMMY_LOGIN napoli/jupyterhub/login']);
    expect(hub({ site: site({ test: true }), login: dummy(all) }).facts.login).toEqual({
      authenticator: 'dummy',
      allowAll: false,
      allowedUsers: ['ada'],
      admins: [],
    });
  });
});

describe('what cannot work', () => {
  const small = size('small', { cpu: 1, memory: '1GiB' });

  test.each<[string, Partial<JupyterHubProps>]>([
    ['HUB_NO_CHOICE napoli/jupyterhub/environments', { environments: [] }],
    ['HUB_NO_CHOICE napoli/jupyterhub/sizes', { sizes: [] }],
    ['HUB_NO_CHOICE napoli/jupyterhub/environments/a/sizes', { environments: [environment('a', { sizes: [] })] }],
    ['HUB_CHOICE_TWICE napoli/jupyterhub/environments', { environments: [environment('a'), environment('a')] }],
    ['HUB_CHOICE_TWICE napoli/jupyterhub/sizes', { sizes: [small, size('small', { cpu: 2, memory: '1GiB' })] }],
    ['NAME_INVALID napoli/jupyterhub/environments/My_Env', { environments: [environment('My_Env')] }],
    ['QUANTITY_UNKNOWN napoli/jupyterhub/sizes/small/memory', { sizes: [size('small', { cpu: 1, memory: '4 gigs' as '4GB' })] }],
    ['HUB_CPU_LIMIT napoli/jupyterhub/sizes/small/cpuLimit', { sizes: [size('small', { cpu: 2, cpuLimit: 1, memory: '4GiB' })] }],
    ['HUB_COUNT napoli/jupyterhub/activeServers', { activeServers: 0 }],
    ['HUB_VARIABLE napoli/jupyterhub/env', { env: { JUPYTERHUB_API_TOKEN: 'mine' } }],
    ['QUANTITY_UNKNOWN napoli/jupyterhub/cull/after', { cull: { after: 'soon' as '1h' } }],
    ['STORAGE_CLASS_MISSING napoli/jupyterhub/home', { site: site({ storage: undefined }) }],
    ['POOL_NOT_IN_SITE napoli/jupyterhub/user/on', { notebooksOn: nodePool('other', { flavor: { vcpus: 1, memory: '1GiB' } }) }],
    [
      'INGRESS_MISSING napoli/jupyterhub/web',
      { site: site({ cluster: existingCluster({ version: '1.31', apiServers: ['10.0.0.10:6443'] }) }) },
    ],
  ])('%s', (expected, props) => {
    expect(mistakes(props)).toContain(expected);
  });

  test('the smallest description is accepted', () => expect(mistakes()).toEqual([]));
});
