import { type OidcIssuer, oidcIssuer } from '../../endpoints';
import { checkProps, propsSchema } from '../../errors';
import type { SecretKey } from '../../site';
import document from './schema.json';

const PRESET_SCHEMA = propsSchema(document, 'PresetProps');
const CILOGON_SCHEMA = propsSchema(document, 'CILogonProps');

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

  /** Members of these groups, with or without the leading slash of Keycloak's full paths. @default - none */
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
  /** Name of the class that talks to the provider. @default - generic-oauth */
  readonly provider?: 'cilogon';
  /** Home institutions of CILogon. @default - only with CILogon */
  readonly institutions?: readonly string[];
}

/** Login at an OpenID Connect provider; the presets below are for the common ones. */
export function oidc(props: OidcLoginProps): OidcLogin {
  return { ...props, kind: 'oidc' };
}

/** What a preset leaves to be said. */
export interface PresetProps extends Omit<OidcLoginProps, 'issuer'> {
  /** Addresses behind the host name of the provider. @default - the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * Login at INDIGO IAM. Groups are paths without the slash in front, e.g. `cms/analysis`.
 *
 * @param url e.g. `https://iam.example.org/`
 * @see https://indigo-iam.github.io/v/current/docs/reference/api/oauth-token-api/
 */
export function indigoIam(url: string, preset: PresetProps): OidcLogin {
  checkProps(PRESET_SCHEMA, 'indigoIam', preset);
  const { cidrs, ...props } = preset;
  return oidc({ title: 'INDIGO IAM', ...props, issuer: oidcIssuer(url, { cidrs }) });
}

/**
 * Login at a realm of Keycloak. The client needs a mapper of groups to the claim `groups` in userinfo.
 *
 * @param url e.g. `https://keycloak.example.org/`
 * @see https://www.keycloak.org/securing-apps/oidc-layers
 */
export function keycloak(url: string, realm: string, preset: PresetProps): OidcLogin {
  checkProps(PRESET_SCHEMA, 'keycloak', preset);
  const { cidrs, ...props } = preset;
  const issuer = `${String(url).replace(/\/$/, '')}/realms/${realm}`;
  const base = `${issuer}/protocol/openid-connect`;
  const urls = { authorizeUrl: `${base}/auth`, tokenUrl: `${base}/token`, userinfoUrl: `${base}/userinfo` };
  return oidc({ title: 'Keycloak', ...props, issuer: oidcIssuer(issuer, { ...urls, cidrs }) });
}

export interface CILogonProps extends PresetProps {
  /** Entity ids of the home institutions whose members may come at all, e.g. `https://idp.example.edu/shibboleth`. */
  readonly institutions: readonly string[];
}

/**
 * Login with the account of one's home institution. Groups are those of a collaboration in COmanage.
 *
 * @see https://www.cilogon.org/oidc
 */
export function cilogon(preset: CILogonProps): OidcLogin {
  checkProps(CILOGON_SCHEMA, 'cilogon', preset);
  const { cidrs, institutions, ...props } = preset;
  const base = 'https://cilogon.org';
  const urls = { authorizeUrl: `${base}/authorize`, tokenUrl: `${base}/oauth2/token`, userinfoUrl: `${base}/oauth2/userinfo` };
  const claims = { usernameClaim: 'email', groupsClaim: 'isMemberOf', scopes: ['openid', 'email', 'profile', 'org.cilogon.userinfo'] };
  const login = oidc({ title: 'CILogon', ...claims, ...props, issuer: oidcIssuer(base, { ...urls, cidrs }) });
  return { ...login, provider: 'cilogon', institutions };
}

/** Login at GitHub. */
export interface GitHubLoginProps extends Admission {
  /** Client id of the OAuth app, whose callback URL is `https://<host>/hub/oauth_callback`. */
  readonly client: string;

  /** Secret of the client. @default - key `client-secret` of the Secret `<id>-oidc` */
  readonly clientSecret?: SecretKey;

  /** GitHub, or an Enterprise server. @default https://github.com */
  readonly url?: string;

  /** Addresses behind the host name. @default - the public Internet */
  readonly cidrs?: readonly string[];

  /** Members of these organizations. @default - none */
  readonly allowedOrganizations?: readonly string[];

  /** Members of these teams, as `organization:team`. Teams are the groups of users everywhere else too. @default - none */
  readonly allowedGroups?: readonly string[];

  /** Members of these teams, as administrators. @default - none */
  readonly adminGroups?: readonly string[];
}

export interface GitHubLogin extends GitHubLoginProps {
  readonly kind: 'github';
}

/** Login at GitHub; teams of organizations are groups. */
export function github(props: GitHubLoginProps): GitHubLogin {
  return { ...props, kind: 'github' };
}

/** Groups that the operator writes down, where the login knows none. */
export interface StaticGroups {
  /** Names of users by group. @default - none */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
}

/** Login with name and password of an LDAP directory. */
export interface LdapLoginProps extends Admission, StaticGroups {
  /** Host name or address of the directory. */
  readonly server: string;

  /** @default 636, or 389 unless TLS comes first */
  readonly port?: number;

  /** Addresses behind the host name. @default - the address in `server`, or the public Internet */
  readonly cidrs?: readonly string[];

  /** When the connection is encrypted: at once (LDAPS), or before the password is said (StartTLS). @default on-connect */
  readonly tls?: 'on-connect' | 'before-bind';

  /** Names under which users are known, with `{username}`, e.g. `uid={username},ou=people,dc=example,dc=org`. */
  readonly userNames: readonly string[];

  /** Members of these groups, by distinguished name; they are groups of users everywhere else too. @default - none */
  readonly allowedGroups?: readonly string[];

  /** Where users are searched for. @default - not searched */
  readonly searchBase?: string;

  /** Attribute of the user's name. @default uid */
  readonly userAttribute?: string;
}

export interface LdapLogin extends LdapLoginProps {
  readonly kind: 'ldap';
}

/** Login with name and password of an LDAP directory. */
export function ldap(props: LdapLoginProps): LdapLogin {
  return { ...props, kind: 'ldap' };
}

/** Accounts that the hub keeps itself. */
export interface NativeLoginProps extends Admission, StaticGroups {
  /**
   * Whether an account works without an administrator's approval (`/hub/authorize`).
   *
   * @default false
   * @throws INSECURE_HUB_SIGNUP together with `allowAll` outside of test sites
   */
  readonly openSignup?: boolean;

  /** Fewest characters of a password. @default 12 */
  readonly passwordLength?: number;

  /** Wrong passwords after which an account waits ten minutes. @default 5 */
  readonly failedLogins?: number;
}

export interface NativeLogin extends NativeLoginProps {
  readonly kind: 'native';
}

/**
 * Accounts with names and passwords that the hub keeps itself. An administrator named in `admins` signs up like everyone, and is
 * approved at once: do so before others know the page.
 */
export function native(props: NativeLoginProps): NativeLogin {
  return { ...props, kind: 'native' };
}

/** Any name without a password; only on sites marked as test. */
export interface DummyLoginProps extends Admission, StaticGroups {}

export interface DummyLogin extends DummyLoginProps {
  readonly kind: 'dummy';
}

/** Login under any name, for tests. */
export function dummy(props: DummyLoginProps): DummyLogin {
  return { ...props, kind: 'dummy' };
}

export type Login = OidcLogin | GitHubLogin | LdapLogin | NativeLogin | DummyLogin;

/** Groups that the login may report; `any` where a provider outside knows them. */
export function groupsKnownTo(login: Login): 'any' | readonly string[] {
  switch (login.kind) {
    case 'oidc':
    case 'github':
      return 'any';
    case 'ldap':
      return [...Object.keys(login.groups ?? {}), ...(login.allowedGroups ?? [])];
    case 'native':
    case 'dummy':
      return Object.keys(login.groups ?? {});
  }
}
