import { checkProps, Problems } from '../errors';
import { type SecretKey, type Target, targetOf } from '../site';
import type { Endpoint, Origin } from './endpoint';
import { schemaOf } from './schema';

/**
 * An S3 service: a store of this facility, or any other.
 *
 * Clients put the bucket into the path (`https://s3.example.org/bucket/object`), as boto3 and s3fs do for every endpoint that is
 * given as a URL: all S3 services understand that, and it needs no names or certificates for buckets.
 */
export interface S3Endpoint extends Endpoint {
  readonly protocol: 's3';
  /** e.g. `https://s3.example.org` */
  readonly url: string;
  readonly region: string;
  /** Keys, in a Secret of the client's own namespace. */
  readonly accessKey: SecretKey;
  readonly secretKey: SecretKey;
  /** The bucket that clients are shown first. */
  readonly bucket?: string;
  /** Certificate of the authority by which clients verify the server. @default - one that everybody trusts */
  readonly authority?: SecretKey;
  readonly external?: S3Endpoint;
}

/** What an S3 service is made of. */
export interface S3EndpointProps {
  readonly name: string;
  readonly url: string;
  readonly region: string;
  readonly accessKey: SecretKey;
  readonly secretKey: SecretKey;
  /** @default - none is shown */
  readonly bucket?: string;
  /** @default - one that everybody trusts */
  readonly authority?: SecretKey;
  readonly reach: readonly Target[];
  /** @default - somebody else runs it */
  readonly origin?: Origin;
  /** @default - it cannot be reached from outside */
  readonly external?: S3Endpoint;
  /** What makes it reachable from outside. @default - a general advice */
  readonly publish?: string;
}

/** Folder of the store's authority in every pod that uses a store with an authority of its own. */
const AUTHORITY = '/etc/s3-authority';

/**
 * An S3 service as an endpoint: variables for boto3, s3fs, pyarrow and the AWS command line, with the keys as references to Secrets.
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

/** An S3 service that the facility does not run. */
export interface ExternalS3Props {
  readonly url: string;
  /** What messages call it. @default - the host name */
  readonly name?: string;
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
