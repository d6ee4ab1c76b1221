import { App } from 'cdk8s';
import { oidcIssuer } from '../../../lib/endpoints';
import {
  choice,
  cilogon,
  type DummyLoginProps,
  dummy,
  environment,
  type GitHubLoginProps,
  github,
  hubService,
  indigoIam,
  JupyterHub,
  type JupyterHubProps,
  keycloak,
  type LdapLoginProps,
  ldap,
  type NativeLoginProps,
  native,
  type OidcLoginProps,
  oidc,
  option,
  type Scope,
  sharedVolume,
  size,
} from '../../../lib/services/jupyterhub';
import { existingCluster, nodePool, secret } from '../../../lib/site';
import { errors, hub, iam, minimal, reached, site } from '../../fixtures/hub';
import { briefly } from '../../fixtures/site';

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
        allowedGroups: ['cms'],
        adminGroups: ['cms/admins'],
        keepTokens: true,
      },
    });
  });

  test('the client secret is in the Secret `<id>-oidc` unless `clientSecret` is set', () => {
    const used = (login: JupyterHubProps['login']) =>
      hub({ login })
        .container('hub')
        .env.find(({ name }: { name: string }) => name === 'OIDC_CLIENT_SECRET').valueFrom.secretKeyRef;
    expect(used(iam({ allowAll: true, clientSecret: undefined }))).toEqual({ name: 'jupyterhub-oidc', key: 'client-secret' });
    expect(used(iam({ allowAll: true, clientSecret: secret('iam', 'key') }))).toEqual({ name: 'iam', key: 'key' });
  });

  test('MISSING_HUB_ALLOWED_USERS lists all props that allow users', () => {
    const { problems } = new JupyterHub(new App(), 'jupyterhub', { ...minimal, login: iam({ allowedUsers: [], allowAll: false }) });
    expect(problems.all).toMatchObject([
      {
        code: 'MISSING_HUB_ALLOWED_USERS',
        path: 'napoli/jupyterhub/login',
        allowed: 'at least one of allowAll, allowedUsers, allowedGroups, admins, adminGroups',
      },
    ]);
  });

  test.each<[string, Partial<OidcLoginProps>]>([
    ['everyone', { allowAll: true }],
    ['a user', { allowedUsers: ['ada'] }],
    ['a group', { allowedGroups: ['cms'] }],
  ])('no warning if the login allows %s', (_, login) => {
    expect(hub({ login: iam(login) }).ledger.problems.warnings).toEqual([]);
  });

  test('a login that allows only administrators is a warning', () => {
    expect(hub({ login: iam({ adminGroups: ['ops'] }) }).ledger.problems.warnings).toMatchObject([
      { code: 'MISSING_HUB_USERS', path: 'napoli/jupyterhub/login' },
    ]);
  });

  test('dummy() is rejected, except on test sites', () => {
    const all: Required<DummyLoginProps> = { allowAll: false, allowedUsers: ['ada'], admins: [], groups: { cms: ['ada'] } };
    expect(errors({ login: dummy(all) })).toEqual(['INSECURE_HUB_DUMMY_LOGIN napoli/jupyterhub/login']);
    expect(hub({ site: site({ test: true }), login: dummy(all) }).facts.login).toEqual({
      authenticator: 'dummy',
      allowAll: false,
      allowedUsers: ['ada'],
      admins: [],
      groups: { cms: ['ada'] },
    });
  });

  test('presets set URLs and claims of their providers', () => {
    const settingsOf = (login: JupyterHubProps['login']) => hub({ login }).facts.login;
    const props = { client: 'hub', allowAll: true };
    expect(settingsOf(indigoIam('https://iam.example.org/', props)).oauth).toMatchObject({
      title: 'INDIGO IAM',
      authorizeUrl: 'https://iam.example.org/authorize',
      groupsClaim: 'groups',
    });
    expect(settingsOf(keycloak('https://sso.example.org/', 'lab', { ...props, cidrs: ['192.0.2.9/32'] })).oauth).toMatchObject({
      title: 'Keycloak',
      authorizeUrl: 'https://sso.example.org/realms/lab/protocol/openid-connect/auth',
      tokenUrl: 'https://sso.example.org/realms/lab/protocol/openid-connect/token',
      userinfoUrl: 'https://sso.example.org/realms/lab/protocol/openid-connect/userinfo',
    });
    expect(settingsOf(cilogon({ ...props, institutions: ['https://idp.example.edu/shibboleth'] }))).toMatchObject({
      authenticator: 'cilogon',
      own: { idps: { 'https://idp.example.edu/shibboleth': { username_derivation: { username_claim: 'email' } } } },
      oauth: { groupsClaim: 'isMemberOf', userinfoUrl: 'https://cilogon.org/oauth2/userinfo' },
    });
    // OAuthenticator rejects `username_claim` together with the claims of institutions.
    expect(settingsOf(cilogon({ ...props, institutions: [] })).oauth).not.toHaveProperty('usernameClaim');
  });

  test('every prop of a GitHub login', () => {
    const all: Required<GitHubLoginProps> = {
      client: 'app',
      clientSecret: secret('github', 'key'),
      url: 'https://git.example.org',
      cidrs: ['192.0.2.44/32'],
      allowAll: false,
      allowedUsers: [],
      admins: ['ada'],
      allowedOrganizations: ['lab'],
      allowedGroups: ['lab:analysis'],
      adminGroups: ['lab:ops'],
    };
    const { facts, policy, ledger } = hub({ login: github(all) });
    expect(facts.login).toMatchObject({
      authenticator: 'github',
      oauth: { client: 'app', scopes: ['read:org'], allowedGroups: ['lab:analysis'], adminGroups: ['lab:ops'] },
      own: { github_url: 'https://git.example.org', allowed_organizations: ['lab'], populate_teams_in_auth_state: true },
    });
    expect(reached(policy('hub').egress)).toMatchObject({ '192.0.2.44/32': [443] });
    expect(ledger.secrets.map(({ secret: { name } }) => name)).toContain('github');
  });

  test('every prop of an LDAP login', () => {
    const all: Required<LdapLoginProps> = {
      server: '192.0.2.66',
      port: 1636,
      cidrs: ['192.0.2.66/31'],
      tls: 'before-bind',
      userNames: ['uid={username},ou=people,dc=example'],
      allowAll: false,
      allowedUsers: ['ada'],
      admins: ['root'],
      groups: { cms: ['ada'] },
      allowedGroups: ['cn=cms,dc=example'],
      searchBase: 'ou=people,dc=example',
      userAttribute: 'cn',
    };
    const { facts, policy } = hub({ login: ldap(all) });
    expect(facts.login).toEqual({
      authenticator: 'ldap',
      allowAll: false,
      allowedUsers: ['ada', 'root'],
      admins: ['root'],
      groups: { cms: ['ada'] },
      own: {
        server_address: '192.0.2.66',
        server_port: 1636,
        tls_strategy: 'before_bind',
        bind_dn_template: ['uid={username},ou=people,dc=example'],
        allowed_groups: ['cn=cms,dc=example'],
        user_search_base: 'ou=people,dc=example',
        user_attribute: 'cn',
      },
    });
    expect(reached(policy('hub').egress)).toMatchObject({ '192.0.2.66/31': [1636] });
  });

  test('every prop of a native login', () => {
    const all: Required<NativeLoginProps> = {
      allowAll: true,
      allowedUsers: [],
      admins: ['root'],
      groups: { cms: ['ada'] },
      openSignup: true,
      passwordLength: 16,
      failedLogins: 3,
    };
    expect(errors({ login: native(all) })).toEqual(['INSECURE_HUB_SIGNUP napoli/jupyterhub/login']);
    expect(errors({ login: native({ ...all, openSignup: false }) })).toEqual([]);
    expect(hub({ site: site({ test: true }), login: native(all) }).facts.login.own).toMatchObject({
      open_signup: true,
      minimum_password_length: 16,
      allowed_failed_logins: 3,
    });
  });
});

describe('groups', () => {
  const warnings = (props: Partial<JupyterHubProps>) => briefly(hub(props).ledger.problems.warnings);
  const staticGroups = { site: site({ test: true }), login: dummy({ allowAll: true, groups: { cms: ['ada'] } }) };

  test('UNKNOWN_HUB_GROUPS: groups that the login does not define', () => {
    const environments = [environment('python'), environment('cms', { groups: ['cms'] }), environment('atlas', { groups: ['atlas'] })];
    expect(warnings({ ...staticGroups, environments })).toEqual(['UNKNOWN_HUB_GROUPS at napoli/jupyterhub/environments/atlas/groups']);
    expect(warnings({ environments })).toEqual([]);
    expect(warnings({ environments: [environment('python'), environment('nobody', { groups: [] })] })[0]).toMatch('environments/nobody');
  });

  test('MISSING_HUB_OPEN_CHOICE: users without a group cannot start a server', () => {
    expect(warnings({ environments: [environment('cms', { groups: ['cms'] })] })).toEqual([
      'MISSING_HUB_OPEN_CHOICE at napoli/jupyterhub/environments',
    ]);
  });
});

describe('invalid props', () => {
  const small = size('small', { cpu: 1, memory: '1GiB' });

  test.each<[string, Partial<JupyterHubProps>]>([
    ['MISSING_HUB_CHOICE napoli/jupyterhub/environments', { environments: [] }],
    ['MISSING_HUB_CHOICE napoli/jupyterhub/sizes', { sizes: [] }],
    ['MISSING_HUB_CHOICE napoli/jupyterhub/environments/a/sizes', { environments: [environment('a', { sizes: [] })] }],
    ['DUPLICATE_HUB_CHOICE napoli/jupyterhub/environments', { environments: [environment('a'), environment('a')] }],
    ['DUPLICATE_HUB_CHOICE napoli/jupyterhub/sizes', { sizes: [small, size('small', { cpu: 2, memory: '1GiB' })] }],
    ['INVALID_NAME napoli/jupyterhub/environments/My_Env', { environments: [environment('My_Env')] }],
    ['INVALID_QUANTITY napoli/jupyterhub/sizes/small/memory', { sizes: [size('small', { cpu: 1, memory: '4 gigs' as '4GB' })] }],
    ['INVALID_HUB_CPU_LIMIT napoli/jupyterhub/sizes/small/cpuLimit', { sizes: [size('small', { cpu: 2, cpuLimit: 1, memory: '4GiB' })] }],
    ['INVALID_HUB_COUNT napoli/jupyterhub/activeServers', { activeServers: 0 }],
    ['INVALID_HUB_VARIABLE napoli/jupyterhub/env', { env: { JUPYTERHUB_API_TOKEN: 'mine' } }],
    ['INVALID_QUANTITY napoli/jupyterhub/cull/after', { cull: { after: 'soon' as '1h' } }],
    ['MISSING_HUB_CHOICE napoli/jupyterhub/options/gpu/choices', { options: [option('gpu', { choices: [] })] }],
    ['RESERVED_HUB_OPTION_NAME napoli/jupyterhub/options/size', { options: [option('size', { choices: [choice('a')] })] }],
    ['DUPLICATE_HUB_CHOICE napoli/jupyterhub/options/gpu/choices', { options: [option('gpu', { choices: [choice('a'), choice('a')] })] }],
    ['EXCEEDS_HUB_CULL napoli/jupyterhub/environments/a/cull/after', { environments: [environment('a', { cull: { after: '2h' } })] }],
    [
      'CONFLICTING_HUB_VARIABLE napoli/jupyterhub/env',
      { env: { A: 'text' }, environments: [environment('a', { env: { A: secret('a') } })] },
    ],
    ['INVALID_MOUNT_PATH napoli/jupyterhub/volumes/x', { volumes: [sharedVolume('x', { at: 'data', from: { claim: 'x' } })] }],
    ['INVALID_MOUNT_PATH napoli/jupyterhub/volumes/x', { volumes: [sharedVolume('x', { at: '//', from: { claim: 'x' } })] }],
    ['INVALID_SECRET napoli/jupyterhub', { env: { TOKEN: { value: 'hunter2' } as never } }],
    ['INVALID_SECRET napoli/jupyterhub', { login: iam({ clientSecret: 'hunter2' as never }) }],
    ['INVALID_HUB_MOUNT_PATH napoli/jupyterhub/home/subPath', { home: { shared: { claim: 'homes' }, subPath: 'all' } }],
    ['UNSUPPORTED_STORAGE_CLASS napoli/jupyterhub/volumes/x', { volumes: [sharedVolume('x', { at: '/x', from: { size: '1GiB' } })] }],
    ['UNKNOWN_HUB_SCOPE napoli/jupyterhub/services/a/scopes', { services: [hubService('a', { scopes: ['read:user' as Scope] })] }],
    [
      'INVALID_HUB_LOGIN_SERVER napoli/jupyterhub/login/server',
      { login: ldap({ server: 'ldaps://x', userNames: ['uid={username}'], allowAll: true }) },
    ],
    ['INVALID_HUB_ENTRY napoli/jupyterhub/login/allowedGroups/1', { login: iam({ allowedGroups: ['cms', '/'] }) }],
    ['INVALID_HUB_ENTRY napoli/jupyterhub/login/admins/0', { login: iam({ allowAll: true, admins: [' '] }) }],
    ['INVALID_PROP_TYPE napoli/jupyterhub/login/allowedGroups/0', { login: iam({ allowedGroups: [''] }) }],
    ['INVALID_HUB_USER_TEMPLATE napoli/jupyterhub/login/userNames', { login: ldap({ server: 'x', userNames: ['uid'], allowAll: true }) }],
    ['MISSING_STORAGE_CLASS napoli/jupyterhub/home', { site: site({ storage: undefined }) }],
    ['UNKNOWN_POOL napoli/jupyterhub/user/on', { notebooksOn: nodePool('other', { flavor: { vcpus: 1, memory: '1GiB' } }) }],
    [
      'MISSING_INGRESS napoli/jupyterhub/web',
      { site: site({ cluster: existingCluster({ version: '1.31', apiServers: ['10.0.0.10:6443'] }) }) },
    ],
  ])('%s', (expected, props) => {
    expect(errors(props)).toContain(expected);
  });

  const at = (name: string, folder: string) => sharedVolume(name, { at: folder, from: { claim: name } });

  test.each<[string, Partial<JupyterHubProps>, readonly string[]]>([
    ['with equal mount paths', { volumes: [at('a', '/data'), at('b', '/data/')] }, ['DUPLICATE_HUB_MOUNT napoli/jupyterhub/volumes']],
    ['with equal names', { volumes: [at('a', '/data'), at('a', '/more')] }, ['DUPLICATE_HUB_VOLUME napoli/jupyterhub/volumes']],
    [
      'at the path of the home directory',
      { environments: [environment('a', { volumes: [at('a', '/home/jovyan')] })] },
      ['DUPLICATE_HUB_MOUNT napoli/jupyterhub/environments/a'],
    ],
    ['at the path of the home directory, without home directories', { home: 'none', volumes: [at('a', '/home/jovyan')] }, []],
    [
      'of the hub and of a size, with equal mount paths',
      { volumes: [at('a', '/data')], sizes: [{ ...small, volumes: [at('b', '//data')] }] },
      ['DUPLICATE_HUB_MOUNT napoli/jupyterhub/sizes/small'],
    ],
    [
      'of two options, with equal mount paths',
      { options: ['one', 'two'].map((name) => option(name, { choices: [choice('none'), choice('some', { volumes: [at(name, '/x')] })] })) },
      ['DUPLICATE_HUB_MOUNT napoli/jupyterhub/options/two/some'],
    ],
    [
      'of alternative choices, with equal mount paths',
      {
        environments: ['a', 'b'].map((name) => environment(name, { volumes: [at(name, '/data')] })),
        options: [option('more', { choices: ['c', 'd'].map((name) => choice(name, { volumes: [at(name, '/x')] })) })],
      },
      [],
    ],
    [
      'of equal names, where the later one replaces the first',
      { volumes: [at('a', '/data')], sizes: [{ ...small, volumes: [at('a', '/data')] }] },
      [],
    ],
    ['with nested mount paths', { volumes: [at('a', '/data'), at('b', '/data/b'), at('c', '/home/jovyan/c')] }, []],
  ])('volumes %s', (_, props, expected) => {
    expect(errors(props)).toEqual(expected);
  });

  test.each<[string, Partial<JupyterHubProps>, readonly string[]]>([
    ['`cull.after` of less than three intervals', { cull: { after: '59s' } }, ['cull/after']],
    ['`cull.after` of three intervals', { cull: { after: '1m' } }, []],
    [
      '`cull.after` of a choice of less than three intervals',
      { sizes: [{ ...small, cull: { after: '30s' } }] },
      ['sizes/small/cull/after'],
    ],
    [
      '`cull.after` of hub and choice of less than three intervals',
      { cull: { after: '30s' }, environments: [environment('a', { cull: { after: '10s' } })] },
      ['cull/after', 'environments/a/cull/after'],
    ],
    ['a shorter interval in `settings`', { cull: { after: '30s' }, settings: { JupyterHub: { last_activity_interval: 10 } } }, []],
    [
      'a longer interval in `settings`',
      { cull: { after: '5m' }, settings: { JupyterHub: { last_activity_interval: 300 } } },
      ['cull/after'],
    ],
    ['any interval with `cull: never`', { cull: 'never', settings: { JupyterHub: { last_activity_interval: 9000 } } }, []],
  ])('INVALID_HUB_CULL: %s', (_, props, where) => {
    expect(errors(props)).toEqual(where.map((at) => `INVALID_HUB_CULL napoli/jupyterhub/${at}`));
  });

  test('INVALID_HUB_CULL states all times in seconds', () => {
    const { problems } = new JupyterHub(new App(), 'jupyterhub', { ...minimal, cull: { after: '30s' } });
    expect(problems.all).toMatchObject([
      {
        code: 'INVALID_HUB_CULL',
        path: 'napoli/jupyterhub/cull/after',
        given: 'an idle timeout of 30 s, where the hub updates the last activity every 20 s',
        allowed: 'at least 60 s: otherwise one delayed update stops servers that are in use',
        fix: "write after: '60s' or more; an hour or more is usual",
      },
    ]);
  });

  test('the minimal props are valid', () => expect(errors()).toEqual([]));
});
