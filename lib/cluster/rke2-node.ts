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
 * RKE2 from its signed packages, which is what its installation script does on Enterprise Linux. It starts once the
 * token is there: user data is readable by every process on the machine, so the token is not in it.
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
      // The unit reads it, and hands it on to containerd and the kubelet. https://docs.rke2.io/advanced#configuring-an-http-proxy
      ...(environment ? [{ path: `/etc/default/rke2-${type}`, content: environment }] : []),
      ...(authority ? [{ path: SNAPSHOT_AUTHORITY_FILE, content: authority }] : []),
      ...manifests.map(([name, content]) => ({ path: `${MANIFESTS_FOLDER}/${name}`, content, permissions: '0600' })),
      { path: '/etc/systemd/system/rke2-token.path', content: TOKEN_PATH },
      { path: '/etc/systemd/system/rke2-token.service', content: tokenService(type, registriesWithLogin(cluster).length > 0) },
    ],
    steps: [
      `retry dnf --assumeyes install rke2-${type}-${packageVersion(cluster)}`,
      `dnf versionlock add rke2-${type} rke2-common`,
      '# These folders may have been made before the policy of RKE2 was there.',
      'mkdir --parents /etc/rancher /var/lib/rancher',
      'restorecon -R /etc/rancher /var/lib/rancher',
      'systemctl daemon-reload',
      'systemctl enable --now rke2-token.path',
    ],
  };
}

/** `1.31.9~rke2r1` of `v1.31.9+rke2r1`. */
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
  'Description=Wait for the token of the RKE2 cluster',
  '',
  '[Path]',
  `PathExists=${TOKEN_FILE}`,
  '',
  '[Install]',
  'WantedBy=multi-user.target',
);

/** Stays active, so that a stopped RKE2 is not started again for a token that is still there. */
function tokenService(type: string, login: boolean): string {
  const files = [TOKEN_FILE, ...(login ? [LOGIN_FILE] : [])];
  return lines(
    '[Unit]',
    'Description=Start RKE2 now that its token is there',
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
