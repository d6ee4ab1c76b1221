import type { Bucket, LifecycleRule, MinIOUser, PolicyStatement } from './contents-props';

const BUCKETS = {
  readonly: ['s3:GetBucketLocation', 's3:ListBucket'],
  writeonly: ['s3:GetBucketLocation', 's3:ListBucketMultipartUploads'],
} as const;
const OBJECTS = {
  readonly: ['s3:GetObject'],
  writeonly: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
} as const;

/** Policy of a user: `access` applied to the buckets of the user, or the given statements. */
export function userPolicy({ access = 'readwrite', buckets }: MinIOUser, all: readonly Bucket[]): string {
  if (typeof access !== 'string') return policy(access);
  const names = buckets ?? all.map(({ name }) => name);
  const objects = names.map((name) => `${name}/*`);
  switch (access) {
    case 'readonly':
    case 'writeonly':
      return policy([
        { actions: BUCKETS[access], resources: names },
        { actions: OBJECTS[access], resources: objects },
      ]);
    case 'readwrite':
      return policy([
        { actions: [...BUCKETS.readonly, 's3:ListBucketMultipartUploads'], resources: names },
        {
          actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
          resources: objects,
        },
      ]);
  }
}

/** Policy document in the format of S3. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-policy-language-overview.html */
export function policy(statements: readonly PolicyStatement[]): string {
  return json({
    Version: '2012-10-17',
    Statement: statements.map(({ effect = 'Allow', actions, resources = ['*'], conditions }) => ({
      Effect: effect,
      Action: actions,
      // Admin and STS actions have no resources.
      ...(actions.every((action) => action.startsWith('s3:')) ? { Resource: resources.map((resource) => `arn:aws:s3:::${resource}`) } : {}),
      ...(conditions ? { Condition: conditions } : {}),
    })),
  });
}

/** Lifecycle configuration in the format of S3. */
export function lifecycle(rules: readonly LifecycleRule[]): string {
  return json({
    Rules: rules.map(({ prefix = '', expire, expireNoncurrent }, index) => ({
      ID: `rule-${index + 1}`,
      Status: 'Enabled',
      Filter: { Prefix: prefix },
      ...(expire === undefined ? {} : { Expiration: { Days: Number.parseInt(expire, 10) } }),
      ...(expireNoncurrent === undefined ? {} : { NoncurrentVersionExpiration: { NoncurrentDays: Number.parseInt(expireNoncurrent, 10) } }),
    })),
  });
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
