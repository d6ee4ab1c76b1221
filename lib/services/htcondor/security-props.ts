import type { OidcIssuer } from '../../endpoints';
import type { Duration, SecretKey } from '../../site';

/**
 * Keys that sign IDTOKENs. The key is in the pods of the managers only; access points and execute nodes have tokens.
 *
 * To replace a key: add the new one to `accept`, make it `sign`, and remove the old one from `accept` when no token of it is left.
 */
export interface SigningKeys {
  /** Id of the key that signs tokens of this pool. @default POOL */
  readonly sign?: string;
  /** Further keys whose tokens are valid. @default - none */
  readonly accept?: readonly string[];
}

/** Users who authenticate with a token of an OpenID Connect provider. */
export interface SciTokensProps {
  /** Provider, e.g. `oidcIssuer('https://iam.example.org/')`. */
  readonly issuer: OidcIssuer;
  /** Audiences of which a token must have one. @default - `https://<name of the access point>` of the pool, and the host of the issuer's tokens is not checked */
  readonly audience?: readonly string[];
  /**
   * Identities by subject (claim `sub`): `{ '73f16d93-…': 'alice' }`. Others cannot log in.
   *
   * @default - none
   */
  readonly users?: Readonly<Record<string, string>>;
}

/** Host certificates, with which clients recognize an access point that they send a token to. */
export interface CondorSslProps {
  /** Secret with `tls.crt` and `tls.key`. @default - `<id>-host`, self-signed by `npx facility bootstrap` */
  readonly secret?: string;
  /** Key in that Secret of the certificate of the authority. @default tls.crt */
  readonly authority?: string;
}

/** Who may do what in the pool. Daemons authenticate with IDTOKENs, users in the pod of an access point by the file system (FS). */
export interface CondorSecurityProps {
  /** @default { sign: 'POOL' } */
  readonly keys?: SigningKeys;
  /** How long tokens of daemons are valid; `npx facility bootstrap` renews them in the last third of this time. @default 365d */
  readonly tokenLifetime?: Duration;
  /** How long the token is valid that the hub gives to a notebook. @default 7d */
  readonly userTokenLifetime?: Duration;
  /** Tokens of an OpenID Connect provider, at access points. They need `ssl`. @default - none */
  readonly scitokens?: SciTokensProps;
  /** Host certificates of managers and access points. @default - none, unless `scitokens` is given */
  readonly ssl?: CondorSslProps;
  /** Users who may administer the pool, e.g. `['alice']`. @default - nobody outside of the pods */
  readonly administrators?: readonly string[];
  /**
   * Further identities by ALLOW list, e.g. `{ ADVERTISE_STARTD: ['glidein@pool.example'] }`.
   *
   * @default - none
   * @throws INSECURE_CONDOR_ALLOW for `*`
   */
  readonly allow?: Readonly<Partial<Record<AllowList, readonly string[]>>>;
  /** Tokens that are revoked, by their claim `jti`. @default - none */
  readonly revoked?: readonly string[];
}

/** Rights of HTCondor. @see https://htcondor.readthedocs.io/en/25.0/admin-manual/security.html#authorization */
export type AllowList =
  | 'READ'
  | 'WRITE'
  | 'ADMINISTRATOR'
  | 'DAEMON'
  | 'NEGOTIATOR'
  | 'ADVERTISE_MASTER'
  | 'ADVERTISE_SCHEDD'
  | 'ADVERTISE_STARTD';

/** Tokens that jobs get, for storage and other services. */
export interface JobCredentialsProps {
  /** Issuer of this access point: jobs write `use_oauth_services = <name>`. */
  readonly localIssuer: {
    /** Name by which jobs request a token. */
    readonly name: string;
    /** Issuer URL, at which the storage service finds the public key. */
    readonly issuer: string;
    /** Private key (PEM). */
    readonly key: SecretKey;
    /** @default - the key in the Secret */
    readonly keyId?: string;
    /** Scopes. @default 'read:/user/{username} write:/user/{username}' */
    readonly scopes?: string;
    /** @default 20m */
    readonly lifetime?: Duration;
  };
}
