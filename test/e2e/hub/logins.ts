/** Every kind of login, configured in the real authenticator class (logins.py). */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { defineSite, environment, existingCluster, JupyterHub, nodePool, size, storageClass } from '../../../lib';
import { cilogon, dummy, github, indigoIam, keycloak, type Login, ldap, native } from '../../../lib/services/jupyterhub';
import type { Json } from './pods';
import type { Result } from './scenarios';

const client = { client: 'hub', allowAll: true };

/** Login, `auth_state` of a user, expected authenticator class, expected groups. */
const LOGINS: readonly (readonly [Login, Json, string, readonly string[]])[] = [
  [indigoIam('https://iam.example.org/', client), { oauth_user: { groups: ['cms/a'] } }, 'GenericOAuthenticator', ['cms/a']],
  // A single group as a string; full group paths of Keycloak.
  [indigoIam('https://iam.example.org/', client), { oauth_user: { groups: 'cms' } }, 'GenericOAuthenticator', ['cms']],
  [
    keycloak('https://sso.example.org', 'lab', client),
    { oauth_user: { groups: ['/cms', '/lab/ops'] } },
    'GenericOAuthenticator',
    ['cms', 'lab/ops'],
  ],
  [
    keycloak('https://sso.example.org', 'lab', { ...client, groupsClaim: 'realm_access.roles' }),
    { oauth_user: { realm_access: { roles: ['r'] } } },
    'GenericOAuthenticator',
    ['r'],
  ],
  [
    cilogon({ ...client, institutions: ['https://idp.example.edu/shibboleth'] }),
    { cilogon_user: { isMemberOf: ['cms'] } },
    'CILogonOAuthenticator',
    ['cms'],
  ],
  [
    github({ client: 'hub', allowedOrganizations: ['lab'], allowedGroups: ['lab:a'], adminGroups: ['lab:ops'] }),
    { github_user: {}, teams: [{ slug: 'a', organization: { login: 'lab' } }] },
    'GitHubOAuthenticator',
    ['lab:a'],
  ],
  [
    ldap({
      server: 'ldap.example.org',
      userNames: ['uid={username},dc=x'],
      allowedGroups: ['cn=a,dc=x'],
      groups: { g: ['Ada'] },
      searchBase: 'dc=x',
    }),
    { ldap_groups: ['cn=a,dc=x'] },
    'LDAPAuthenticator',
    ['cn=a,dc=x', 'g'],
  ],
  [native({ allowAll: true, admins: ['root'], groups: { g: ['ada'], h: ['bob'] } }), {}, 'NativeAuthenticator', ['g']],
  [dummy({ allowAll: true, groups: { g: ['ada'] } }), {}, 'DummyAuthenticator', ['g']],
];

export function logins(python: string): Result {
  const folder = mkdtempSync(join(tmpdir(), 'logins-'));
  try {
    const lines = LOGINS.map(([login, state], index) => JSON.stringify({ config: write(join(folder, String(index)), login), state }));
    const { stdout, stderr } = spawnSync(`${python}/bin/python`, [join(__dirname, 'logins.py')], {
      input: lines.join('\n'),
      encoding: 'utf8',
    });
    const answers = stdout.trim().split('\n');
    if (answers.length !== LOGINS.length) return { checks: 0, wrong: [stderr.slice(-2000)] };
    const wrong = LOGINS.flatMap(([, , kind, groups], index) => {
      const { service: _, ...got } = JSON.parse(answers[index] ?? '{}') as Json;
      const wanted = { kind, unknown: [], groups };
      return JSON.stringify(got) === JSON.stringify(wanted) ? [] : [`${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`];
    });
    return { checks: LOGINS.length, wrong };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder: string, login: Login): string {
  const pool = nodePool('any', { flavor: { vcpus: 8, memory: '32GiB' } });
  const hub = new JupyterHub(new App(), 'hub', {
    site: defineSite('lab', {
      test: true,
      cluster: existingCluster({
        version: '1.31',
        apiServers: ['198.51.100.7:443'],
        ingress: { className: 'nginx', namespace: 'ingress' },
      }),
      pools: [pool],
      storage: { default: storageClass('fast') },
    }),
    on: pool,
    host: 'hub.example.org',
    login,
    environments: [environment('python')],
    sizes: [size('small', { cpu: 1, memory: '1GiB' })],
  });
  const { data } = hub.toJson().find((one: Json) => one.data?.['hub.json']) as Json;
  mkdirSync(folder);
  for (const [name, text] of Object.entries(data)) writeFileSync(join(folder, name), text as string);
  return folder;
}
