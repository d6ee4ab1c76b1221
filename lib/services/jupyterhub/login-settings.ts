import type { Endpoint } from '../../endpoints';
import { type ServiceChart, withoutUndefined } from '../../kubernetes';
import { type SecretKey, type Target, targetOf } from '../../site';
import { withoutSlash } from './accounts';
import type { GitHubLogin, LdapLogin, Login, NativeLogin, OidcLogin } from './login';
import {
  hubDummyLogin,
  hubEntryEmpty,
  hubLoginServer,
  hubNoAllowedUsers,
  hubOnlyAdmins,
  hubOpenSignup,
  hubUserTemplates,
} from './messages';

/** Settings of the login in `hub.json`. The client secret is in an environment variable. */
export interface LoginSettings {
  readonly authenticator: 'generic-oauth' | 'cilogon' | 'github' | 'ldap' | 'native' | 'dummy';
  readonly allowAll: boolean;
  readonly allowedUsers: readonly string[];
  readonly admins: readonly string[];
  /** User names by group, for logins that do not report groups. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly oauth?: {
    readonly title: string;
    readonly client: string;
    readonly callbackUrl: string;
    readonly scopes: readonly string[];
    readonly allowedGroups: readonly string[];
    readonly adminGroups: readonly string[];
    readonly keepTokens: boolean;
    readonly groupsClaim?: string;
    readonly usernameClaim?: string;
    readonly authorizeUrl?: string;
    readonly tokenUrl?: string;
    readonly userinfoUrl?: string;
  };
  /** Further settings of the authenticator's class. */
  readonly own?: Readonly<Record<string, unknown>>;
}

/** Settings of a login, for a hub with the public URL `url`. */
export function loginSettings(login: Login, url: string): LoginSettings {
  const admins = login.admins ?? [];
  const allowed = {
    allowAll: login.allowAll ?? false,
    // Not every authenticator allows administrators implicitly, so they are listed explicitly (jupyterhub#4923).
    allowedUsers: [...new Set([...(login.allowedUsers ?? []), ...admins])],
    admins,
    ...('groups' in login && login.groups ? { groups: login.groups } : {}),
  };
  const callbackUrl = `${url}/hub/oauth_callback`;
  switch (login.kind) {
    case 'oidc':
      return withoutUndefined({
        authenticator: login.provider ?? 'generic-oauth',
        ...allowed,
        oauth: oidcSettings(login, callbackUrl),
        own: institutions(login),
      });
    case 'github':
      return { authenticator: 'github', ...allowed, oauth: gitHubSettings(login, callbackUrl), own: gitHubOwn(login) };
    case 'ldap':
      return { authenticator: 'ldap', ...allowed, own: ldapSettings(login) };
    case 'native':
      return { authenticator: 'native', ...allowed, own: nativeSettings(login) };
    case 'dummy':
      return { authenticator: 'dummy', ...allowed };
  }
}

/** Endpoints of the hub for the login: the OpenID Connect provider. */
export function loginUses(login: Login): readonly Endpoint[] {
  return login.kind === 'oidc' ? [login.issuer] : [];
}

/** Further addresses that the hub connects to for the login. */
export function loginReach(chart: ServiceChart, login: Login): readonly Target[] {
  switch (login.kind) {
    case 'github':
      return chart.problems.attempt(`${chart.path()}/login/url`, () => [targetOf(login.url ?? GITHUB, login.cidrs)]) ?? [];
    case 'ldap':
      return [ldapReach(login)];
    case 'oidc':
    case 'native':
    case 'dummy':
      return [];
  }
}

/** Client secret of the hub; undefined for logins without a provider. */
export function clientSecret(chart: ServiceChart, login: Login): SecretKey | undefined {
  if (login.kind !== 'oidc' && login.kind !== 'github') return undefined;
  const provider = login.kind === 'oidc' ? login.issuer.issuer : (login.url ?? GITHUB);
  const key = login.clientSecret ?? { name: chart.objectName('oidc'), key: 'client-secret' };
  return chart.needs(key, { kind: 'shared', bytes: 32, with: `client ${login.client} of ${provider}` });
}

/**
 * Reports MISSING_HUB_ALLOWED_USERS, INSECURE_HUB_DUMMY_LOGIN, INSECURE_HUB_SIGNUP, INVALID_HUB_ENTRY, INVALID_HUB_LOGIN_SERVER and
 * INVALID_HUB_USER_TEMPLATE. Warns if only administrators are allowed.
 *
 * @see https://jupyterhub.readthedocs.io/en/stable/tutorial/getting-started/authenticators-users-basics.html
 */
export function checkLogin(chart: ServiceChart, login: Login): void {
  const path = `${chart.path()}/login`;
  const { users, admins } = rulesOf(login);
  if (login.kind === 'dummy' && !chart.site.test) chart.problems.add(path, hubDummyLogin(chart.site.name));
  if (login.kind === 'native' && login.openSignup && login.allowAll && !chart.site.test)
    chart.problems.add(path, hubOpenSignup(chart.site.name));
  if (login.kind === 'ldap') checkDirectory(chart, login);
  // The leading slash of a group is removed: the rest must not be empty.
  for (const [name, entries] of Object.entries({ ...users, ...admins }))
    for (const [index, entry] of (Array.isArray(entries) ? entries : []).entries())
      if (entry !== '' && !/[^\s/]/.test(entry)) chart.problems.add(`${path}/${name}/${index}`, hubEntryEmpty(entry));
  if (Object.values(users).some(allows)) return;
  if (Object.values(admins).some(allows)) chart.warn(hubOnlyAdmins(), 'login');
  else chart.problems.add(path, hubNoAllowedUsers(Object.keys({ ...users, ...admins })));
}

const GITHUB = 'https://github.com';

function oidcSettings(login: OidcLogin, callbackUrl: string): NonNullable<LoginSettings['oauth']> {
  const scopes = login.scopes ?? ['openid', 'profile', 'email'];
  return {
    title: login.title ?? hostOf(login.issuer.issuer),
    client: login.client,
    callbackUrl,
    authorizeUrl: login.issuer.authorizeUrl,
    tokenUrl: login.issuer.tokenUrl,
    userinfoUrl: login.issuer.userinfoUrl,
    scopes: login.keepTokens ? [...new Set([...scopes, 'offline_access'])] : scopes,
    // With CILogon, the claim is set per institution.
    ...(login.provider === 'cilogon' ? {} : { usernameClaim: login.usernameClaim ?? 'preferred_username' }),
    groupsClaim: login.groupsClaim ?? 'groups',
    allowedGroups: (login.allowedGroups ?? []).map(withoutSlash),
    adminGroups: (login.adminGroups ?? []).map(withoutSlash),
    keepTokens: login.keepTokens ?? false,
  };
}

function institutions(login: OidcLogin): LoginSettings['own'] {
  if (login.provider !== 'cilogon') return undefined;
  const username_derivation = { username_claim: login.usernameClaim ?? 'email' };
  return { idps: Object.fromEntries((login.institutions ?? []).map((institution) => [institution, { username_derivation }])) };
}

function gitHubSettings(login: GitHubLogin, callbackUrl: string): NonNullable<LoginSettings['oauth']> {
  return {
    title: 'GitHub',
    client: login.client,
    callbackUrl,
    // Without this scope, only public memberships are visible.
    scopes: ['read:org'],
    allowedGroups: login.allowedGroups ?? [],
    adminGroups: login.adminGroups ?? [],
    keepTokens: false,
  };
}

function gitHubOwn(login: GitHubLogin): LoginSettings['own'] {
  return { github_url: login.url ?? GITHUB, allowed_organizations: login.allowedOrganizations ?? [], populate_teams_in_auth_state: true };
}

function ldapSettings(login: LdapLogin): LoginSettings['own'] {
  return withoutUndefined({
    server_address: login.server,
    server_port: portOf(login),
    tls_strategy: (login.tls ?? 'on-connect').replace('-', '_'),
    bind_dn_template: login.userNames,
    allowed_groups: login.allowedGroups ?? [],
    user_search_base: login.searchBase,
    user_attribute: login.userAttribute ?? 'uid',
  });
}

function portOf({ tls = 'on-connect', port }: LdapLogin): number {
  return port ?? (tls === 'on-connect' ? 636 : 389);
}

function ldapReach(login: LdapLogin): Target {
  const cidrs = login.cidrs ?? (/^\d+(\.\d+){3}$/.test(login.server) ? [`${login.server}/32`] : undefined);
  return { peer: cidrs ? { kind: 'addresses', cidrs } : { kind: 'internet' }, port: portOf(login) };
}

function checkDirectory(chart: ServiceChart, { server, userNames }: LdapLogin): void {
  const path = `${chart.path()}/login`;
  if (!/^[A-Za-z0-9.-]+$/.test(server)) chart.problems.add(`${path}/server`, hubLoginServer(server));
  const valid = userNames.length > 0 && userNames.every((template) => template.includes('{username}'));
  if (!valid) chart.problems.add(`${path}/userNames`, hubUserTemplates(userNames.join('; ')));
}

function nativeSettings(login: NativeLogin): LoginSettings['own'] {
  return {
    enable_signup: true,
    open_signup: login.openSignup ?? false,
    minimum_password_length: login.passwordLength ?? 12,
    check_common_password: true,
    allowed_failed_logins: login.failedLogins ?? 5,
    seconds_before_next_try: 600,
  };
}

type Rules = Readonly<Record<string, boolean | readonly string[] | undefined>>;

function rulesOf(login: Login): { readonly users: Rules; readonly admins: Rules } {
  const { allowAll, allowedUsers, admins } = login;
  switch (login.kind) {
    case 'oidc':
      return { users: { allowAll, allowedUsers, allowedGroups: login.allowedGroups }, admins: { admins, adminGroups: login.adminGroups } };
    case 'github': {
      const { allowedOrganizations, allowedGroups, adminGroups } = login;
      return { users: { allowAll, allowedUsers, allowedOrganizations, allowedGroups }, admins: { admins, adminGroups } };
    }
    case 'ldap':
      return { users: { allowAll, allowedUsers, allowedGroups: login.allowedGroups }, admins: { admins } };
    case 'native':
    case 'dummy':
      return { users: { allowAll, allowedUsers }, admins: { admins } };
  }
}

function allows(rule: boolean | readonly string[] | undefined): boolean {
  return rule === true || (Array.isArray(rule) && rule.length > 0);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
