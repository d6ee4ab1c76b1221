import { checkProps, Problems } from '../errors';
import { targetOf } from '../site';
import type { Endpoint } from './endpoint';
import { schemaOf } from './schema';

/**
 * An OpenID Connect provider: INDIGO IAM, Keycloak, CILogon, or one in this facility. Its binding contains the network connection only;
 * client id and secret are props of each client.
 */
export interface OidcIssuer extends Endpoint {
  readonly protocol: 'oidc';
  /** Issuer identifier, e.g. `https://iam.example.org/`. */
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly userinfoUrl: string;
}

/** Props of an OpenID Connect provider. The default paths are those of INDIGO IAM. */
export interface OidcIssuerProps {
  /** @default - `authorize` under the issuer */
  readonly authorizeUrl?: string;
  /** @default - `token` under the issuer */
  readonly tokenUrl?: string;
  /** @default - `userinfo` under the issuer */
  readonly userinfoUrl?: string;
  /** Addresses of the host name, in CIDR notation. @default - the address in the URL, or the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * An OpenID Connect provider. The URLs are not discovered (`/.well-known/openid-configuration`), because synthesis uses no network.
 *
 * @throws INVALID_URL, INVALID_PROP_TYPE
 * @see https://indigo-iam.github.io/v/current/docs/reference/configuration/
 */
export function oidcIssuer(issuer: string, props: OidcIssuerProps = {}): OidcIssuer {
  checkProps(schemaOf('OidcIssuerProps'), 'oidcIssuer', props);
  const problems = new Problems();
  // The other URLs are derived from the issuer, so its error is reported only once.
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
