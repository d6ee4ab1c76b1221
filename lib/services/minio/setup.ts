import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configFiles, Job, scratch, secretFiles, type VolumeSource } from '../../kubernetes';
import type { Placement, SecretKey } from '../../site';
import type { MinIO } from './minio';
import type { Bucket, MinIOUser } from './props';

const PROGRAM = readFileSync(join(__dirname, 'setup.sh'), 'utf8');

export interface SetupProps {
  readonly on: Placement;
  readonly image: string;
  readonly url: string;
  readonly root: { readonly user: SecretKey; readonly password: SecretKey };
  readonly buckets: readonly Bucket[];
  readonly users: readonly { readonly user: MinIOUser; readonly accessKey: SecretKey; readonly secretKey: SecretKey }[];
}

/** The Job that makes buckets, policies and users. What it is told is data; the program is fixed, and may run twice. */
export class Setup extends Job {
  constructor(chart: MinIO, props: SetupProps) {
    const files = {
      'setup.sh': PROGRAM,
      'buckets': lines(props.buckets.map(({ name, versioning }) => `${name} ${versioning ? 'versioned' : 'plain'}`)),
      'users': lines(props.users.map(({ user }) => user.name)),
      ...Object.fromEntries(props.users.map(({ user }) => [`${user.name}.json`, policy(user, props.buckets)])),
    };
    const secrets = props.users.map(({ user, accessKey, secretKey }): [string, VolumeSource] => [
      `/secrets/${user.name}`,
      secretFiles(`user-${user.name}`, accessKey, secretKey),
    ]);
    super(chart, 'setup', {
      on: props.on,
      retries: 20,
      containers: {
        setup: {
          image: props.image,
          command: ['/bin/sh', '/etc/store/setup.sh'],
          env: { HOME: '/tmp', MC_CONFIG_DIR: '/tmp/mc', STORE_URL: props.url, ROOT_USER: props.root.user, ROOT_PASSWORD: props.root.password },
          resources: { cpu: '100m', cpuLimit: '500m', memory: '256MiB' },
          mounts: { '/etc/store': configFiles(chart, 'setup', files), '/tmp': scratch('tmp', '64MiB'), ...Object.fromEntries(secrets) },
        },
      },
    });
  }
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-policy-language-overview.html */
function policy(user: MinIOUser, buckets: readonly Bucket[]): string {
  const names = user.buckets ?? buckets.map(({ name }) => name);
  const writes = (user.access ?? 'readwrite') === 'readwrite';
  const statement = (actions: readonly string[], resources: readonly string[]) => ({ Effect: 'Allow', Action: actions, Resource: resources });
  const document = {
    Version: '2012-10-17',
    Statement: [
      statement(
        ['s3:GetBucketLocation', 's3:ListBucket', ...(writes ? ['s3:ListBucketMultipartUploads'] : [])],
        names.map((name) => `arn:aws:s3:::${name}`),
      ),
      statement(
        ['s3:GetObject', ...(writes ? ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'] : [])],
        names.map((name) => `arn:aws:s3:::${name}/*`),
      ),
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function lines(entries: readonly string[]): string {
  return entries.map((entry) => `${entry}\n`).join('');
}
