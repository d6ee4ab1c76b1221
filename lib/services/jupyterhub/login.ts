import { hubDummyLogin, hubNobodyMayLogIn } from '../../errors';
import type { OidcIssuer, SecretKey } from '../../site';
import type { JupyterHub } from './jupyterhub';

/** Who is let in, by user name. Names are compared in lower case. */
export interface Admission {
  /** Everyone who can say who they are. @default false */
  readonly allowAll?: boolean;

  /** These users. Whoever is taken off the list is no longer let in. @default - none */
  readonly allowedUsers?: readonly string[];

  /** These users, who also see and stop the servers of all others. @default - none */
  readonly admins?: readonly string[];
}

/** Login at an OpenID Connect provider. */
export interface OidcLoginProps extends Admission {
  readonly issuer: OidcIssuer;

  /** Id under which the provider knows the hub; `https://<host>/hub/oauth_callback` is the redirect URI to register there. */
  readonly client: string;

  /** Secret of the client. @default - key `client-secret` of the Secret `<id>-oidc` */
  readonly clientSecret?: SecretKey;

  /** What the button says after `Sign in with`. @default - host name of the issuer */
  readonly title?: string;

  /** What the hub asks the provider for. @default ['openid', 'profile', 'email'] */
  readonly scopes?: readonly string[];

  /** Claim of the user's name in what the provider's userinfo says. @default preferred_username */
  readonly usernameClaim?: string;

  /** Claim of the user's groups, as a name (`groups`, `wlcg.groups`) or as a path (`realm_access.roles`). @default groups */
  readonly groupsClaim?: string;

  /** Members of these groups. @default - none */
  readonly allowedGroups?: readonly string[];

  /** Members of these groups, as administrators. @default - none */
  readonly adminGroups?: readonly string[];

  /**
   * Keep each user's tokens, encrypted, and renew them: who leaves a group is noticed within minutes instead of at the next
   * login. The client must be allowed the scope `offline_access`, which is then asked for; without it, users would be sent
   * to the provider whenever a token ends.
   *
   * @default false
   */
  readonly keepTokens?: boolean;
}

export interface OidcLogin extends OidcLoginProps {
  readonly kind: 'oidc';
}

/** Any name without a password; only on sites marked as test. */
export interface DummyLogin extends Admission {
  readonly kind: 'dummy';
}

export type Login = OidcLogin | DummyLogin;

/** Login at an OpenID Connect provider: INDIGO IAM, Keycloak, CILogon, … */
export function oidc(props: OidcLoginProps): OidcLogin {
  return { ...props, kind: 'oidc' };
}

/** Login under any name, for tests. */
export function dummy(props: Admission): DummyLogin {
  return { ...props, kind: 'dummy' };
}

/** What the hub is told about its login; the client's secret comes by the environment. */
export interface LoginSettings {
  readonly authenticator: 'generic-oauth' | 'dummy';
  readonly allowAll: boolean;
  readonly allowedUsers: readonly string[];
  readonly admins: readonly string[];
  readonly oauth?: {
    readonly title: string;
    readonly client: string;
    readonly callbackUrl: string;
    readonly authorizeUrl: string;
    readonly tokenUrl: string;
    readonly userinfoUrl: string;
    readonly scopes: readonly string[];
    readonly usernameClaim: string;
    readonly groupsClaim: string;
    readonly allowedGroups: readonly string[];
    readonly adminGroups: readonly string[];
    readonly keepTokens: boolean;
  };
}

/** Settings of a login, for a hub that is published under `url`. */
export function loginSettings(login: Login, url: string): LoginSettings {
  const admins = login.admins ?? [];
  const admission = {
    allowAll: login.allowAll ?? false,
    // Authenticators disagree whether an administrator is thereby a user; naming them settles it (jupyterhub#4923).
    allowedUsers: [...new Set([...(login.allowedUsers ?? []), ...admins])],
    admins,
  };
  if (login.kind === 'dummy') return { authenticator: 'dummy', ...admission };
  const scopes = login.scopes ?? ['openid', 'profile', 'email'];
  return {
    authenticator: 'generic-oauth',
    ...admission,
    oauth: {
      title: login.title ?? hostOf(login.issuer.issuer),
      client: login.client,
      callbackUrl: `${url}/hub/oauth_callback`,
      authorizeUrl: login.issuer.authorizeUrl,
      tokenUrl: login.issuer.tokenUrl,
      userinfoUrl: login.issuer.userinfoUrl,
      scopes: login.keepTokens ? [...new Set([...scopes, 'offline_access'])] : scopes,
      usernameClaim: login.usernameClaim ?? 'preferred_username',
      groupsClaim: login.groupsClaim ?? 'groups',
      allowedGroups: login.allowedGroups ?? [],
      adminGroups: login.adminGroups ?? [],
      keepTokens: login.keepTokens ?? false,
    },
  };
}

/**
 * Records HUB_NOBODY_MAY_LOG_IN and HUB_DUMMY_LOGIN. A hub for its administrators alone works, but is seldom meant.
 *
 * @see https://jupyterhub.readthedocs.io/en/stable/tutorial/getting-started/authenticators-users-basics.html
 */
export function checkLogin(chart: JupyterHub, login: Login): void {
  const path = `${chart.path()}/login`;
  const { users, admins } = rulesOf(login);
  if (login.kind === 'dummy' && !chart.site.test) chart.problems.add(path, hubDummyLogin(chart.site.name));
  if (Object.values(users).some(admits)) return;
  if (Object.values(admins).some(admits)) chart.warn('only administrators may log in');
  else chart.problems.add(path, hubNobodyMayLogIn(Object.keys({ ...users, ...admins })));
}

type Rules = Readonly<Record<string, boolean | readonly string[] | undefined>>;

function rulesOf(login: Login): { readonly users: Rules; readonly admins: Rules } {
  const { allowAll, allowedUsers, admins } = login;
  if (login.kind === 'dummy') return { users: { allowAll, allowedUsers }, admins: { admins } };
  const { allowedGroups, adminGroups } = login;
  return { users: { allowAll, allowedUsers, allowedGroups }, admins: { admins, adminGroups } };
}

function admits(rule: boolean | readonly string[] | undefined): boolean {
  return rule === true || (Array.isArray(rule) && rule.length > 0);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
