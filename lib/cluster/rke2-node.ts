import type { Rke2Cluster, Site, SiteNode } from '../site';
import { environmentFile, packageSource, repositoryProxy } from './egress';
import { EL } from './enterprise-linux';
import type { NodePart } from './node-part';
import { LOGIN_FILE, registriesWithLogin, rke2RegistryFiles } from './registries';
import { rke2Release } from './releases';
import { MANIFESTS_FOLDER, rke2Config, rke2Manifests, rke2Type, SNAPSHOT_AUTHORITY_FILE, TOKEN_FILE } from './rke2';
import { snapshotAuthority } from './snapshots';
import { lines } from './text';

/**
 * Installs RKE2 from its signed RPM packages, as its installation script does on Enterprise Linux. It starts once the token file exists:
 * every process on the machine can read user data, so the token is not in it.
 *
 * @see https://docs.rke2.io/install/methods#rpm
 */
export function rke2Node(site: Site, cluster: Rke2Cluster, node: SiteNode): NodePart {
  const type = rke2Type(node);
  const environment = environmentFile(site);
  const store = type === 'server' ? cluster.props.etcdSnapshots?.s3 : undefined;
  const authority = store && snapshotAuthority(store);
  const manifests = type === 'server' ? Object.entries(rke2Manifests(site, cluster)) : [];
  return {
    files: [
      { path: '/etc/yum.repos.d/rancher-rke2.repo', content: repositories(site, cluster) },
      { path: '/etc/rancher/rke2/config.yaml', content: rke2Config(site, cluster, node), permissions: '0600' },
      ...rke2RegistryFiles(cluster, type),
      // The unit passes it on to containerd and the kubelet. https://docs.rke2.io/advanced#configuring-an-http-proxy
      ...(environment ? [{ path: `/etc/default/rke2-${type}`, content: environment }] : []),
      ...(authority ? [{ path: SNAPSHOT_AUTHORITY_FILE, content: authority }] : []),
      ...manifests.map(([name, content]) => ({ path: `${MANIFESTS_FOLDER}/${name}`, content, permissions: '0600' })),
      { path: '/etc/systemd/system/rke2-token.path', content: TOKEN_PATH },
      { path: '/etc/systemd/system/rke2-token.service', content: tokenService(type, registriesWithLogin(cluster).length > 0) },
    ],
    steps: [
      `retry dnf --assumeyes install rke2-${type}-${packageVersion(cluster)}`,
      `dnf versionlock add rke2-${type} rke2-common`,
      '# cloud-init may have created these folders before the SELinux policy of RKE2 was installed.',
      'mkdir --parents /etc/rancher /var/lib/rancher',
      'restorecon -R /etc/rancher /var/lib/rancher',
      'systemctl daemon-reload',
      'systemctl enable --now rke2-token.path',
    ],
  };
}

/** Version of the RPM package, e.g. `1.31.9~rke2r1` for `v1.31.9+rke2r1`. */
function packageVersion(cluster: Rke2Cluster): string {
  return rke2Release(cluster.version).slice(1).replace('+', '~');
}

/** @see https://github.com/rancher/rke2/blob/master/install.sh (do_install_rpm) */
function repositories(site: Site, { minor }: Rke2Cluster): string {
  const source = packageSource(site, 'rke2');
  const repository = (id: string, path: string) => [
    ...[`[${id}]`, `name=${id}`, `baseurl=${source}/rke2/stable/${path}`, 'enabled=1', 'gpgcheck=1', `gpgkey=${source}/public.key`],
    ...repositoryProxy(site, 'rke2'),
  ];
  return lines(
    ...repository('rancher-rke2-common-stable', `common/centos/${EL}/noarch`),
    '',
    ...repository(`rancher-rke2-1.${minor}-stable`, `1.${minor}/centos/${EL}/$basearch`),
  );
}

const TOKEN_PATH = lines(
  '[Unit]',
  'Description=Wait for the token file of the RKE2 cluster',
  '',
  '[Path]',
  `PathExists=${TOKEN_FILE}`,
  '',
  '[Install]',
  'WantedBy=multi-user.target',
);

/** The unit stays active, so that the existing token file does not restart an RKE2 that was stopped. */
function tokenService(type: string, login: boolean): string {
  const files = [TOKEN_FILE, ...(login ? [LOGIN_FILE] : [])];
  return lines(
    '[Unit]',
    'Description=Start RKE2 once the token file exists',
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `ExecStart=/usr/bin/bash -c 'until ${files.map((path) => `[ -s ${path} ]`).join(' && ')}; do sleep 1; done'`,
    `ExecStart=/usr/bin/chmod 0600 ${files.join(' ')}`,
    `ExecStart=/usr/bin/systemctl enable rke2-${type}.service`,
    `ExecStart=/usr/bin/systemctl start --no-block rke2-${type}.service`,
  );
}
