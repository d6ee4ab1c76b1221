import type { OidcIssuer } from '../../endpoints';
import type { PodPeer, SecretKey } from '../../site';

/** Certificates of the servers. */
export interface ServerTls {
  /** Secret with `tls.crt` and `tls.key`, valid for the names of all servers. @default - `<id>-tls`, self-signed by `npx facility bootstrap` */
  readonly secret?: string;
  /**
   * CA certificate with which clients and servers verify the servers; clients read it from their own namespace.
   *
   * @default - key `ca.crt` of Secret `<id>-ca`, which `npx facility bootstrap` copies from `secret`
   */
  readonly authority?: SecretKey;
}

/** Login through an OpenID Connect provider, and the policies of its users. */
export interface StoreLogin {
  readonly issuer: OidcIssuer;
  /** Client for which the tokens are issued (their `aud` or `azp`). */
  readonly client: string;
  /** @default - none: a public client */
  readonly clientSecret?: SecretKey;
  /**
   * Claim of the token that contains names of policies of the store, or the policies of all users of this provider. Tokens of INDIGO IAM and
   * CILogon do not contain names of policies: list the policies for them.
   */
  readonly policies: { readonly claim: string } | readonly string[];
  /** Scopes that the console requests. @default - all scopes of the provider */
  readonly scopes?: readonly string[];
  /** Display name of the provider in the console. @default - its URL */
  readonly title?: string;
}

/** Metrics for Prometheus, at `/minio/v2/metrics/cluster`, `node`, `bucket` and `resource`. */
export interface StoreMetrics {
  /** Pods that scrape the metrics. */
  readonly from: PodPeer;
  /** `jwt`: with a token of `mc admin prometheus generate`. `public`: without authentication. @default jwt */
  readonly auth?: 'jwt' | 'public';
}
