import { type OidcIssuer, oidcIssuer } from '../../endpoints';
import { checkProps, propsSchema } from '../../errors';
import type { SecretKey } from '../../site';
import document from './schema.json';

const PRESET_SCHEMA = propsSchema(document, 'PresetProps');
const CILOGON_SCHEMA = propsSchema(document, 'CILogonProps');

/** Users who are allowed to log in. User names are compared in lower case. */
export interface Admission {
  /** Allow every user who can authenticate. @default false */
  readonly allowAll?: boolean;

  /** Allowed users. A user who is removed from the list cannot log in again. @default - none */
  readonly allowedUsers?: readonly string[];

  /** Administrators. They are allowed to log in, and can see and stop the servers of all users. @default - none */
  readonly admins?: readonly string[];
}

/** Login with an OpenID Connect provider. */
export interface OidcLoginProps extends Admission {
  readonly issuer: OidcIssuer;

  /** Client id. Register `https://<host>/hub/oauth_callback` as its redirect URI. */
  readonly client: string;

  /** Client secret. @default - key `client-secret` of the Secret `<id>-oidc` */
  readonly clientSecret?: SecretKey;

  /** Name of the provider on the button `Sign in with …`. @default - host name of the issuer */
  readonly title?: string;

  /** Scopes that the hub requests. @default ['openid', 'profile', 'email'] */
  readonly scopes?: readonly string[];

  /** Claim of the user name in the userinfo response. @default preferred_username */
  readonly usernameClaim?: string;

  /** Claim of the user's groups in the userinfo response, as a name (`groups`, `wlcg.groups`) or as a path (`realm_access.roles`). @default groups */
  readonly groupsClaim?: string;

  /** Groups whose members are allowed, with or without the leading slash of Keycloak's full paths. @default - none */
  readonly allowedGroups?: readonly string[];

  /** Groups whose members are administrators. @default - none */
  readonly adminGroups?: readonly string[];

  /**
   * Store the tokens of users, encrypted, and refresh them: a change of group membership takes effect within minutes instead of at the next
   * login. The client must be allowed the scope `offline_access`, which the hub then requests; without it, users would be redirected
   * to the provider whenever a token expires.
   *
   * @default false
   */
  readonly keepTokens?: boolean;
}

export interface OidcLogin extends OidcLoginProps {
  readonly kind: 'oidc';
  /** Authenticator of JupyterHub for this provider. @default - generic-oauth */
  readonly provider?: 'cilogon';
  /** Entity ids of home institutions; only for CILogon. @default - none */
  readonly institutions?: readonly string[];
}

/** Login with an OpenID Connect provider. There are presets for common providers: `indigoIam`, `keycloak`, `cilogon`. */
export function oidc(props: OidcLoginProps): OidcLogin {
  return { ...props, kind: 'oidc' };
}

/** Props of the presets: those of `oidc`, without the issuer. */
export interface PresetProps extends Omit<OidcLoginProps, 'issuer'> {
  /** IP ranges of the provider, for the NetworkPolicy. @default - the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * Login with INDIGO IAM. Groups are paths without a leading slash, e.g. `cms/analysis`.
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
 * Login with a realm of Keycloak. The client needs a mapper that adds the claim `groups` to userinfo.
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
  /** Entity ids of the home institutions whose members may log in, e.g. `https://idp.example.edu/shibboleth`. */
  readonly institutions: readonly string[];
}

/**
 * Login with CILogon, i.e. with the account of the user's home institution. Groups are those of a collaboration in COmanage.
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

/** Login with GitHub. */
export interface GitHubLoginProps extends Admission {
  /** Client id of the OAuth app. Its callback URL is `https://<host>/hub/oauth_callback`. */
  readonly client: string;

  /** Client secret. @default - key `client-secret` of the Secret `<id>-oidc` */
  readonly clientSecret?: SecretKey;

  /** URL of GitHub or of a GitHub Enterprise server. @default https://github.com */
  readonly url?: string;

  /** IP ranges of the server, for the NetworkPolicy. @default - the public Internet */
  readonly cidrs?: readonly string[];

  /** Organizations whose members are allowed. @default - none */
  readonly allowedOrganizations?: readonly string[];

  /** Teams whose members are allowed, as `organization:team`. Teams are also the groups in `groups` of choices. @default - none */
  readonly allowedGroups?: readonly string[];

  /** Teams whose members are administrators. @default - none */
  readonly adminGroups?: readonly string[];
}

export interface GitHubLogin extends GitHubLoginProps {
  readonly kind: 'github';
}

/** Login with GitHub. The teams of a user are the user's groups. */
export function github(props: GitHubLoginProps): GitHubLogin {
  return { ...props, kind: 'github' };
}

/** Static groups, for logins that do not report groups. */
export interface StaticGroups {
  /** User names by group. @default - none */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
}

/** Login with user name and password at an LDAP directory. */
export interface LdapLoginProps extends Admission, StaticGroups {
  /** Host name or IP address of the LDAP server. */
  readonly server: string;

  /** Port. @default 636 with `tls: 'on-connect'`, otherwise 389 */
  readonly port?: number;

  /** IP ranges of the server, for the NetworkPolicy. @default - the address in `server`, or the public Internet */
  readonly cidrs?: readonly string[];

  /** Encryption: LDAPS (`on-connect`), or StartTLS before the bind (`before-bind`). @default on-connect */
  readonly tls?: 'on-connect' | 'before-bind';

  /** Templates of the bind DN, with `{username}`, e.g. `uid={username},ou=people,dc=example,dc=org`. */
  readonly userNames: readonly string[];

  /** Distinguished names of the groups whose members are allowed. They can also be used in `groups` of choices. @default - none */
  readonly allowedGroups?: readonly string[];

  /** Search base for users. @default - no search */
  readonly searchBase?: string;

  /** Attribute that contains the user name. @default uid */
  readonly userAttribute?: string;
}

export interface LdapLogin extends LdapLoginProps {
  readonly kind: 'ldap';
}

/** Login with user name and password at an LDAP directory. */
export function ldap(props: LdapLoginProps): LdapLogin {
  return { ...props, kind: 'ldap' };
}

/** Accounts in the hub's own database. */
export interface NativeLoginProps extends Admission, StaticGroups {
  /**
   * Allow new accounts to log in without the approval of an administrator (`/hub/authorize`).
   *
   * @default false
   * @throws INSECURE_HUB_SIGNUP together with `allowAll`, except on test sites
   */
  readonly openSignup?: boolean;

  /** Minimum length of a password. @default 12 */
  readonly passwordLength?: number;

  /** Number of failed logins after which an account is locked for ten minutes. @default 5 */
  readonly failedLogins?: number;
}

export interface NativeLogin extends NativeLoginProps {
  readonly kind: 'native';
}

/**
 * Login with user name and password of accounts in the hub's own database (NativeAuthenticator). A user in `admins` signs up like everyone
 * else, and is approved automatically: sign up before you publish the URL.
 */
export function native(props: NativeLoginProps): NativeLogin {
  return { ...props, kind: 'native' };
}

/** Login with any user name, without a password; only on sites with `test: true`. */
export interface DummyLoginProps extends Admission, StaticGroups {}

export interface DummyLogin extends DummyLoginProps {
  readonly kind: 'dummy';
}

/** Login with any user name, without a password, for tests. */
export function dummy(props: DummyLoginProps): DummyLogin {
  return { ...props, kind: 'dummy' };
}

export type Login = OidcLogin | GitHubLogin | LdapLogin | NativeLogin | DummyLogin;

/** Groups that the login can report; `any` if an external provider defines them. */
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
