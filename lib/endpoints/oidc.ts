import { checkProps, Problems } from '../errors';
import { targetOf } from '../site';
import type { Endpoint } from './endpoint';
import { schemaOf } from './schema';

/**
 * An OpenID Connect provider: INDIGO IAM, Keycloak, CILogon, or one of this facility. Its binding is the connection; client id and
 * secret belong to each client, and have props of their own there.
 */
export interface OidcIssuer extends Endpoint {
  readonly protocol: 'oidc';
  /** Issuer identifier, e.g. `https://iam.example.org/`. */
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly userinfoUrl: string;
}

/** What an operator says about an OpenID Connect provider; the paths are those of INDIGO IAM unless given. */
export interface OidcIssuerProps {
  /** @default - `authorize` under the issuer */
  readonly authorizeUrl?: string;
  /** @default - `token` under the issuer */
  readonly tokenUrl?: string;
  /** @default - `userinfo` under the issuer */
  readonly userinfoUrl?: string;
  /** Addresses behind the host name. @default - the address in the URL, or the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * An OpenID Connect provider. The three URLs are given rather than discovered, since synthesis uses no network.
 *
 * @throws INVALID_URL, INVALID_PROP_TYPE
 * @see https://indigo-iam.github.io/v/current/docs/reference/configuration/
 */
export function oidcIssuer(issuer: string, props: OidcIssuerProps = {}): OidcIssuer {
  checkProps(schemaOf('OidcIssuerProps'), 'oidcIssuer', props);
  const problems = new Problems();
  // The other URLs are derived from the issuer, so one error is enough.
  problems.attempt('oidcIssuer/issuer', () => targetOf(issuer, props.cidrs));
  problems.throwIfAny();
  const base = issuer.endsWith('/') ? issuer : `${issuer}/`;
  const { authorizeUrl = `${base}authorize`, tokenUrl = `${base}token`, userinfoUrl = `${base}userinfo`, cidrs } = props;
  for (const [name, url] of Object.entries({ authorizeUrl, tokenUrl, userinfoUrl }))
    problems.attempt(`oidcIssuer/${name}`, () => targetOf(url, cidrs));
  problems.throwIfAny();
  return {
    kind: 'endpoint',
    protocol: 'oidc',
    name: new URL(issuer).hostname,
    issuer,
    authorizeUrl,
    tokenUrl,
    userinfoUrl,
    binding: { reach: [targetOf(tokenUrl, cidrs)] },
  };
}
