import type { SecretKey } from '../site';
import type { ContainerProps } from './container';
import type { ServiceChart } from './service-chart';
import { secretFiles } from './volume';

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

/** What a container needs in order to log in. */
export interface CloudConf extends Pick<ContainerProps, 'env' | 'mounts'> {
  /** Where the container finds `cloud.conf`. */
  readonly path: string;
}

/** Mounts `cloud.conf`, and states that it must be there. */
export function cloudConf(chart: ServiceChart, props: CloudConfProps): CloudConf {
  const conf = chart.needs(props.cloudConf ?? { name: 'cloud-config', key: 'cloud.conf' }, { kind: 'operator', what: content(chart) });
  const mounts = { '/etc/openstack': secretFiles('cloud-conf', conf) };
  const path = `/etc/openstack/${conf.key}`;
  if (!props.cloudAuthority) return { path, mounts };
  const authority = chart.needs(props.cloudAuthority, {
    kind: 'operator',
    what: 'certificate of the authority that signed the endpoints of the cloud (PEM)',
  });
  return {
    path,
    mounts: { ...mounts, '/etc/openstack-authority': secretFiles('cloud-authority', authority) },
    // Read by Go itself, so that cloud.conf need not name the path.
    env: { SSL_CERT_FILE: `/etc/openstack-authority/${authority.key}` },
  };
}

function content({ site: { cloud } }: ServiceChart): string {
  const authUrl = cloud?.authUrl ? `auth-url=${cloud.authUrl}` : 'auth-url';
  const region = cloud ? `region=${cloud.region}` : 'region';
  return `cloud.conf with an application credential of the project: [Global] ${authUrl}, ${region}, application-credential-id, application-credential-secret`;
}
