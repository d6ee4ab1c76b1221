import type { SignedToken, UserToken } from '../../endpoints';
import type { EnvValue, ServiceChart } from '../../kubernetes';
import type { SecretKey } from '../../site';

/** A file with a token in the home directory of a server, as `jupyterhub_config.py` reads it. */
export interface UserTokenSettings {
  /** Path below the home directory. */
  readonly file: string;
  /** Environment variable of the server that contains the token. */
  readonly variable: string;
  /** Environment to whose servers it is restricted; null: all servers. */
  readonly environment: string | null;
  /** How the hub signs it; null: the variable comes from a Secret. */
  readonly sign: (Omit<SignedToken, 'key' | 'origin'> & { readonly keyVariable: string }) | null;
}

/** Tokens of notebooks: settings of the hub, variables of the servers, and keys for the environment of the hub. */
export interface UserTokens {
  readonly settings: readonly UserTokenSettings[];
  /** Variables of the servers that come from Secrets. */
  readonly variables: Readonly<Record<string, EnvValue>>;
  /** Signing keys by environment variable of the hub. */
  readonly keys: Readonly<Record<string, SecretKey>>;
}

/**
 * Tokens that endpoints require in notebooks. Clients refuse a token that others can read, which files of a Secret are, so each server writes
 * its tokens from variables when it starts.
 *
 * @param environment whose servers use the endpoints. @default - all servers
 */
export function userTokens(chart: ServiceChart, tokens: readonly UserToken[], environment: string | null = null): UserTokens {
  const prefix = environment === null ? 'USER_TOKEN' : `USER_TOKEN_${environment.toUpperCase().replaceAll('-', '_')}`;
  const all = tokens.map((token, index) => ({ token, variable: `${prefix}_${index + 1}` }));
  const settings = all.map(({ token, variable }): UserTokenSettings => {
    const { file } = token;
    if (!('key' in token)) return { file, variable, environment, sign: null };
    const { keyId, issuer, subject, scope, lifetime, reserved } = token;
    return { file, variable, environment, sign: { keyVariable: `${variable}_KEY`, keyId, issuer, subject, scope, lifetime, reserved } };
  });
  const fromSecrets = all.flatMap(({ token, variable }) =>
    'secret' in token ? [[variable, chart.needs(token.secret, token.origin)] as const] : [],
  );
  const keys = all.flatMap(({ token, variable }) =>
    'key' in token ? [[`${variable}_KEY`, chart.needs(token.key, token.origin)] as const] : [],
  );
  return { settings, variables: Object.fromEntries(fromSecrets), keys: Object.fromEntries(keys) };
}
