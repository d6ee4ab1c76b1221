import { IPv4 } from 'ipaddr.js';
import { checkProps, failure, Problems } from '../errors';
import { range } from './address';
import { urlInvalid } from './messages';
import type { SecretKey } from './secret';

export type Protocol = 'TCP' | 'UDP';

/** Pods of one workload, as a NetworkPolicy selects them. */
export interface PodPeer {
  readonly kind: 'pods';
  readonly namespace: string;
  /** Labels that the pods carry; none: every pod of the namespace. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Addresses outside the pod network. */
export interface AddressPeer {
  readonly kind: 'addresses';
  readonly cidrs: readonly string[];
}

/** Every address that is neither private, link-local nor part of this site. */
export interface InternetPeer {
  readonly kind: 'internet';
}

/** The Kubernetes API servers of the site. */
export interface ApiServerPeer {
  readonly kind: 'api-server';
}

export type Peer = PodPeer | AddressPeer | InternetPeer | ApiServerPeer;

/** One port that may be reached: the pod's port, not the Service's, since NetworkPolicies are judged behind the Service. */
export interface Target {
  readonly peer: Peer;
  /** @default - every port */
  readonly port?: number;
  /** @default TCP */
  readonly protocol?: Protocol;
}

/**
 * An S3 service: MinIO of this facility, or any other.
 *
 * Clients put the bucket into the path (`https://s3.example.org/bucket/object`), as boto3 and s3fs do for every endpoint that is
 * given as a URL: all S3 services understand that, and it wants no names or certificates for buckets.
 */
export interface S3Endpoint {
  readonly kind: 's3';
  /** e.g. `http://minio.minio.svc.cluster.local:9000` */
  readonly url: string;
  readonly region: string;
  /** Where a client in another namespace finds its credentials; the Secret is wanted in the client's own namespace. */
  readonly accessKey: SecretKey;
  readonly secretKey: SecretKey;
  /** The bucket that clients are shown first. */
  readonly bucket?: string;
  /** Certificate of the authority by which clients know the server, in their own namespace. @default - one that everybody trusts */
  readonly authority?: SecretKey;
  readonly reach: Target;
}

/** An OpenID Connect provider: INDIGO IAM, Keycloak, CILogon, or one of this facility. */
export interface OidcIssuer {
  readonly kind: 'oidc';
  /** Issuer identifier, e.g. `https://iam.example.org/`. */
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly userinfoUrl: string;
  readonly reach: Target;
}

/** Folder of the store's authority in every pod that is told of one. */
export const S3_AUTHORITY = '/etc/s3-authority';

/**
 * What boto3, s3fs, pyarrow and the command line of AWS read, with the keys as references to Secrets.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function s3Variables(s3: S3Endpoint): Readonly<Record<string, string | SecretKey>> {
  return {
    AWS_ENDPOINT_URL: s3.url,
    AWS_DEFAULT_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKey,
    AWS_SECRET_ACCESS_KEY: s3.secretKey,
    ...(s3.authority ? { AWS_CA_BUNDLE: `${S3_AUTHORITY}/${s3.authority.key}` } : {}),
    ...(s3.bucket ? { S3_BUCKET: s3.bucket } : {}),
  };
}

/** What an operator says about an S3 service that the facility does not run. */
export interface ExternalS3Props {
  readonly url: string;
  /** @default us-east-1 */
  readonly region?: string;
  readonly accessKey: SecretKey;
  readonly secretKey: SecretKey;
  /** @default - none is shown */
  readonly bucket?: string;
  /** Key of a Secret with the certificate of an authority that not everybody trusts. @default - none */
  readonly authority?: SecretKey;
  /** Addresses behind the host name. @default - the address in the URL, or the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * An S3 service outside the facility.
 *
 * @throws INVALID_URL, MISSING_PROP, INVALID_PROP_TYPE
 */
export function externalS3(props: ExternalS3Props): S3Endpoint {
  checkProps('ExternalS3Props', 'externalS3', props);
  const problems = new Problems();
  problems.attempt('externalS3/url', () => targetOf(props.url, props.cidrs));
  problems.throwIfAny();
  return {
    kind: 's3',
    url: props.url.replace(/\/$/, ''),
    region: props.region ?? 'us-east-1',
    accessKey: props.accessKey,
    secretKey: props.secretKey,
    bucket: props.bucket,
    ...(props.authority ? { authority: props.authority } : {}),
    reach: targetOf(props.url, props.cidrs),
  };
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
 * An OpenID Connect provider. The three endpoints are given rather than discovered, since synthesis asks no network.
 *
 * @throws INVALID_URL, INVALID_PROP_TYPE
 * @see https://indigo-iam.github.io/v/current/docs/reference/configuration/
 */
export function oidcIssuer(issuer: string, props: OidcIssuerProps = {}): OidcIssuer {
  checkProps('OidcIssuerProps', 'oidcIssuer', props);
  const base = String(issuer).endsWith('/') ? issuer : `${issuer}/`;
  const { authorizeUrl = `${base}authorize`, tokenUrl = `${base}token`, userinfoUrl = `${base}userinfo`, cidrs } = props;
  const problems = new Problems();
  for (const [name, url] of Object.entries({ issuer, authorizeUrl, tokenUrl, userinfoUrl }))
    problems.attempt(`oidcIssuer/${name}`, () => targetOf(url, cidrs));
  problems.throwIfAny();
  return { kind: 'oidc', issuer, authorizeUrl, tokenUrl, userinfoUrl, reach: targetOf(tokenUrl, cidrs) };
}

/**
 * The addresses and port that a client of this URL must be able to reach.
 *
 * @throws INVALID_URL unless it is an http or https URL
 */
export function targetOf(url: string, cidrs?: readonly string[]): Target {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw failure(urlInvalid(url));
  const port = parsed.port ? Number(parsed.port) : parsed.protocol === 'https:' ? 443 : 80;
  if (cidrs) return { peer: { kind: 'addresses', cidrs: cidrs.map((cidr) => range(cidr).cidr) }, port };
  if (IPv4.isValidFourPartDecimal(parsed.hostname)) {
    return { peer: { kind: 'addresses', cidrs: [`${parsed.hostname}/32`] }, port };
  }
  return { peer: { kind: 'internet' }, port };
}
