import { checkProps, Problems } from '../errors';
import { type SecretKey, type Target, targetOf } from '../site';
import type { Endpoint, Origin } from './endpoint';
import { schemaOf } from './schema';

/**
 * An S3 service, in this facility or outside.
 *
 * Clients use path-style requests (`https://s3.example.org/bucket/object`), as boto3 and s3fs do for custom endpoint URLs. All S3
 * services support them, and they need no DNS names or certificates per bucket.
 */
export interface S3Endpoint extends Endpoint {
  readonly protocol: 's3';
  /** URL of the service, e.g. `https://s3.example.org`. */
  readonly url: string;
  readonly region: string;
  /** Key of a Secret in the client's namespace. */
  readonly accessKey: SecretKey;
  /** Key of a Secret in the client's namespace. */
  readonly secretKey: SecretKey;
  /** Default bucket, in the variable `S3_BUCKET` of clients. */
  readonly bucket?: string;
  /** CA certificate that clients verify the server with. @default - a public CA */
  readonly authority?: SecretKey;
  readonly external?: S3Endpoint;
}

/** Props of an endpoint for an S3 service. */
export interface S3EndpointProps {
  readonly name: string;
  readonly url: string;
  readonly region: string;
  readonly accessKey: SecretKey;
  readonly secretKey: SecretKey;
  /** Default bucket, in the variable `S3_BUCKET` of clients. @default - none */
  readonly bucket?: string;
  /** Key of a Secret with the CA certificate of the server. @default - a public CA */
  readonly authority?: SecretKey;
  readonly reach: readonly Target[];
  /** @default - none: it runs outside of all facilities */
  readonly origin?: Origin;
  /** @default - it is not reachable from outside */
  readonly external?: S3Endpoint;
  /** How to make it reachable from outside; the `fix` of messages. @default - a generic instruction */
  readonly publish?: string;
}

/** Mount path of the CA certificate in pods that use a store with a private CA. */
const AUTHORITY = '/etc/s3-authority';

/**
 * An endpoint for an S3 service. It sets the environment variables of boto3, s3fs, pyarrow and the AWS CLI; the keys are references to
 * Secrets.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function s3Endpoint(props: S3EndpointProps): S3Endpoint {
  const { reach, ...own } = props;
  const { url, region, accessKey, secretKey, bucket, authority } = own;
  const secrets = [accessKey, secretKey, ...(authority ? [authority] : [])];
  return {
    kind: 'endpoint',
    protocol: 's3',
    ...own,
    binding: {
      variables: {
        AWS_ENDPOINT_URL: url,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: accessKey,
        AWS_SECRET_ACCESS_KEY: secretKey,
        ...(authority ? { AWS_CA_BUNDLE: `${AUTHORITY}/${authority.key}` } : {}),
        ...(bucket ? { S3_BUCKET: bucket } : {}),
      },
      mounts: authority ? { [AUTHORITY]: { volume: 's3-authority', secret: [authority] } } : {},
      secrets: secrets.map((secret) => ({ secret, origin: { kind: 'operator', what: `${secret.key} of ${url}` } })),
      reach,
    },
  };
}

/** Props of an S3 service outside of the facility. */
export interface ExternalS3Props {
  readonly url: string;
  /** Name in messages. @default - the host name */
  readonly name?: string;
  /** @default us-east-1 */
  readonly region?: string;
  readonly accessKey: SecretKey;
  readonly secretKey: SecretKey;
  /** Default bucket, in the variable `S3_BUCKET` of clients. @default - none */
  readonly bucket?: string;
  /** Key of a Secret with the CA certificate of the server. @default - a public CA */
  readonly authority?: SecretKey;
  /** Addresses of the host name, in CIDR notation. @default - the address in the URL, or the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * Endpoint of an S3 service outside of the facility.
 *
 * @throws INVALID_URL, MISSING_PROP, INVALID_PROP_TYPE
 */
export function externalS3(props: ExternalS3Props): S3Endpoint {
  checkProps(schemaOf('ExternalS3Props'), 'externalS3', props);
  const { url, region = 'us-east-1', accessKey, secretKey, bucket, authority, cidrs } = props;
  const problems = new Problems();
  const reach = problems.attempt('externalS3/url', () => targetOf(url, cidrs));
  problems.throwIfAny();
  return s3Endpoint({
    name: props.name ?? new URL(url).hostname,
    url: url.replace(/\/$/, ''),
    region,
    accessKey,
    secretKey,
    ...(bucket === undefined ? {} : { bucket }),
    ...(authority ? { authority } : {}),
    reach: reach ? [reach] : [],
  });
}
