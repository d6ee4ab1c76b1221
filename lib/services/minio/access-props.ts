import type { OidcIssuer } from '../../endpoints';
import type { PodPeer, SecretKey } from '../../site';

/** The certificate that the servers show. */
export interface ServerTls {
  /** Secret with `tls.crt` and `tls.key` for the names of all servers. @default - `<id>-tls`, which `facility bootstrap` signs with itself */
  readonly secret?: string;
  /**
   * The certificate by which clients and servers know the other; clients find it in their own namespace.
   *
   * @default - key `ca.crt` of Secret `<id>-ca`, which `facility bootstrap` copies from `secret`
   */
  readonly authority?: SecretKey;
}

/** People of an OpenID Connect provider, and what they may do. */
export interface StoreLogin {
  readonly issuer: OidcIssuer;
  /** Client that the tokens were made for (their `aud` or `azp`). */
  readonly client: string;
  /** @default - none: a public client */
  readonly clientSecret?: SecretKey;
  /**
   * Claim of the token that names policies of the store, or the policies that everybody of this provider has.
   * INDIGO IAM and CILogon know nothing of the store's policies: with them, name the policies.
   */
  readonly policies: { readonly claim: string } | readonly string[];
  /** What the console asks the provider for. @default - what the provider offers */
  readonly scopes?: readonly string[];
  /** How the console calls the provider. @default - its address */
  readonly title?: string;
}

/** Metrics for Prometheus, under `/minio/v2/metrics/cluster`, `node`, `bucket` and `resource`. */
export interface StoreMetrics {
  /** The pods that read them. */
  readonly from: PodPeer;
  /** With a token that `mc admin prometheus generate` makes, or without: then whoever reaches the store reads them. @default jwt */
  readonly auth?: 'jwt' | 'public';
}
