import type { SecretKey, SecretOrigin } from './secret';
import type { Site } from './site';

/** How a component of the cluster logs in to the OpenStack below it. */
export interface CloudConfProps {
  /**
   * `cloud.conf` with the address of Keystone and an application credential, in a Secret of the service's namespace.
   *
   * @default { name: 'cloud-config', key: 'cloud.conf' }
   * @see https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/openstack-cloud-controller-manager/using-openstack-cloud-controller-manager.md#global
   */
  readonly cloudConf?: SecretKey;

  /**
   * Certificate, as PEM, of the authority that signed the endpoints of the cloud; for clouds with an authority of their own.
   *
   * @default - the public authorities in the images
   */
  readonly cloudAuthority?: SecretKey;
}

/** A Secret that pods read as a file, and the name of the volume that holds it. */
export interface SecretFolder {
  readonly volume: string;
  readonly secret: SecretKey;
  readonly origin: SecretOrigin;
}

/** What a container needs in order to log in. */
export interface CloudConf {
  /** Where the container finds `cloud.conf`. */
  readonly path: string;
  /** Secrets by the folder where the container finds them. */
  readonly folders: Readonly<Record<string, SecretFolder>>;
  readonly env?: Readonly<Record<string, string>>;
}

const CONF = '/etc/openstack';
const AUTHORITY = '/etc/openstack-authority';

/** `cloud.conf` as a pod finds it, and the authority of a cloud that not everybody trusts. */
export function cloudConf(site: Pick<Site, 'cloud'>, props: CloudConfProps): CloudConf {
  const secret = props.cloudConf ?? { name: 'cloud-config', key: 'cloud.conf' };
  const conf = { path: `${CONF}/${secret.key}`, folders: { [CONF]: { volume: 'cloud-conf', secret, origin: content(site) } } };
  if (!props.cloudAuthority) return conf;
  const authority: SecretFolder = {
    volume: 'cloud-authority',
    secret: props.cloudAuthority,
    origin: { kind: 'operator', what: 'certificate of the authority that signed the endpoints of the cloud (PEM)' },
  };
  return {
    path: conf.path,
    folders: { ...conf.folders, [AUTHORITY]: authority },
    // Read by Go itself, so that cloud.conf need not name the path.
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
