import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configFiles, Job, type ServiceChart, scratch, secretFiles, type VolumeSource } from '../../kubernetes';
import { bytes, type Placement, type SecretKey } from '../../site';
import type { Bucket, Contents } from './contents-props';
import { lifecycle, policy, userPolicy } from './policy';

const PROGRAM = readFileSync(join(__dirname, 'setup.sh'), 'utf8');

/** Not below /tmp/mc, the default location of the client: parent directories of a mount belong to root, and the client writes there. */
const CA_DIRECTORY = '/authority';

/** Secret keys with the S3 credentials of a user or service account. */
export interface Credentials {
  readonly accessKey: SecretKey;
  readonly secretKey: SecretKey;
}

export interface SetupProps {
  readonly on: Placement;
  readonly image: string;
  readonly url: string;
  readonly root: { readonly user: SecretKey; readonly password: SecretKey };
  readonly contents: Contents;
  /** Credentials of users and service accounts, by name. */
  readonly credentials: Readonly<Record<string, Credentials>>;
  /** CA certificate of the store, if it uses TLS. */
  readonly authority?: SecretKey;
}

/** Job that creates buckets, policies and users. The script does not change, reads its input from files, and is idempotent. */
export class Setup extends Job {
  constructor(chart: ServiceChart, props: SetupProps) {
    const secrets = Object.entries(props.credentials).map(([name, { accessKey, secretKey }]): [string, VolumeSource] => [
      `/secrets/${name}`,
      secretFiles(`user-${name}`, accessKey, secretKey),
    ]);
    super(chart, 'setup', {
      on: props.on,
      retries: 20,
      containers: {
        setup: {
          image: props.image,
          command: ['/bin/sh', '/etc/store/setup.sh'],
          env: {
            HOME: '/tmp',
            MC_CONFIG_DIR: '/tmp/mc',
            STORE_URL: props.url,
            ROOT_USER: props.root.user,
            ROOT_PASSWORD: props.root.password,
            ...(props.authority ? { SSL_CERT_FILE: `${CA_DIRECTORY}/${props.authority.key}` } : {}),
          },
          resources: { cpu: '100m', cpuLimit: '500m', memory: '256MiB' },
          mounts: {
            '/etc/store': configFiles(chart, 'setup', { 'setup.sh': PROGRAM, ...filesOf(props.contents) }),
            '/tmp': scratch('tmp', '64MiB'),
            ...(props.authority ? { [CA_DIRECTORY]: secretFiles('authority', props.authority) } : {}),
            ...Object.fromEntries(secrets),
          },
        },
      },
    });
  }
}

function filesOf({ buckets, users, policies }: Contents): Record<string, string> {
  const accounts = users.flatMap(({ name, serviceAccounts = [] }) => serviceAccounts.map((account) => ({ ...account, user: name })));
  const restricted = accounts.flatMap(({ name, access }) => (access ? [{ name, access }] : []));
  return {
    buckets: lines(buckets.map((bucket) => `${bucket.name} ${kindOf(bucket)}`)),
    retentions: lines(buckets.flatMap(({ name, objectLock }) => (objectLock ? [`${name} ${retentionOf(objectLock)}`] : []))),
    quotas: lines(buckets.map(({ name, quota }) => `${name} ${quota === undefined ? 'none' : bytes(quota)}`)),
    anonymous: lines(buckets.map(({ name, anonymous }) => `${name} ${anonymous === 'download' ? 'download' : 'private'}`)),
    policies: lines(policies.map(({ name }) => name)),
    users: lines(users.map(({ name }) => name)),
    accounts: lines(accounts.map(({ user, name }) => `${user} ${name}`)),
    ...Object.fromEntries(
      buckets.flatMap(({ name, lifecycle: rules = [] }) => (rules.length > 0 ? [[`lifecycle-${name}.json`, lifecycle(rules)]] : [])),
    ),
    ...Object.fromEntries(policies.map(({ name, statements }) => [`${name}.json`, policy(statements)])),
    ...Object.fromEntries(users.map((user) => [`${user.name}.json`, userPolicy(user, buckets)])),
    ...Object.fromEntries(restricted.map(({ name, access }) => [`account-${name}.json`, policy(access)])),
  };
}

function kindOf({ versioning, objectLock }: Bucket): 'plain' | 'versioned' | 'locked' {
  if (objectLock) return 'locked';
  return versioning ? 'versioned' : 'plain';
}

function retentionOf(lock: Exclude<Bucket['objectLock'], undefined | false>): string {
  return lock === true ? 'none' : `${lock.mode} ${lock.keep}`;
}

function lines(entries: readonly string[]): string {
  return entries.map((entry) => `${entry}\n`).join('');
}
