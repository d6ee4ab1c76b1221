import type { SecretKey, SecretOrigin } from './secret';
import type { Site } from './site';

/** Credentials with which a component of the cluster accesses OpenStack. */
export interface CloudConfProps {
  /**
   * Secret with `cloud.conf`: URL of Keystone and an application credential. It is in the namespace of the service.
   *
   * @default { name: 'cloud-config', key: 'cloud.conf' }
   * @see `AuthOpts` in https://github.com/kubernetes/cloud-provider-openstack/blob/master/pkg/client/client.go
   */
  readonly cloudConf?: SecretKey;

  /**
   * Secret with the CA certificate (PEM) of the OpenStack endpoints, for clouds with a private CA.
   *
   * @default - the public CAs in the images
   */
  readonly cloudAuthority?: SecretKey;
}

/** A Secret that is mounted into pods, and the name of its volume. */
export interface SecretFolder {
  readonly volume: string;
  readonly secret: SecretKey;
  readonly origin: SecretOrigin;
}

/** Mounts and variables that a container needs to access OpenStack. */
export interface CloudConf {
  /** Path of `cloud.conf` in the container. */
  readonly path: string;
  /** Secrets by mount path. */
  readonly folders: Readonly<Record<string, SecretFolder>>;
  readonly env?: Readonly<Record<string, string>>;
}

const CONF = '/etc/openstack';
const AUTHORITY = '/etc/openstack-authority';

/** Mounts `cloud.conf`, and the CA certificate if the cloud has a private CA. */
export function cloudConf(site: Pick<Site, 'cloud'>, props: CloudConfProps): CloudConf {
  const secret = props.cloudConf ?? { name: 'cloud-config', key: 'cloud.conf' };
  const conf = { path: `${CONF}/${secret.key}`, folders: { [CONF]: { volume: 'cloud-conf', secret, origin: content(site) } } };
  if (!props.cloudAuthority) return conf;
  const authority: SecretFolder = {
    volume: 'cloud-authority',
    secret: props.cloudAuthority,
    origin: { kind: 'operator', what: 'CA certificate of the OpenStack endpoints (PEM)' },
  };
  return {
    path: conf.path,
    folders: { ...conf.folders, [AUTHORITY]: authority },
    // Go reads this variable, so cloud.conf does not need the path.
    env: { SSL_CERT_FILE: `${AUTHORITY}/${authority.secret.key}` },
  };
}

function content({ cloud }: Pick<Site, 'cloud'>): SecretOrigin {
  const authUrl = cloud?.authUrl ? `auth-url=${cloud.authUrl}` : 'auth-url';
  const region = cloud ? `region=${cloud.region}` : 'region';
  return {
    kind: 'operator',
    what: `cloud.conf with an application credential of the project: [Global] ${authUrl}, ${region}, application-credential-id, application-credential-secret`,
  };
}
