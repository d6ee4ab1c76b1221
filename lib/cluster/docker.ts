import type { Rke1Cluster, Site } from '../site';
import { packageSource, proxyEnvironment, repositoryProxy } from './egress';
import { EL } from './enterprise-linux';
import type { NodePart } from './node-part';
import { dockerMirrors } from './registries';
import { lines } from './text';

/**
 * Version of Docker. RKE checks it against a list of supported versions: 26.1 is supported with Kubernetes 1.27 and 1.28 since RKE 1.6.0,
 * and with all later versions of Kubernetes.
 *
 * @see https://github.com/rancher/kontainer-driver-metadata/pull/1395
 */
const DOCKER = '26.1.4-1.el9';
const CONTAINERD = '1.6.33-3.1.el9';

/** Container engine of RKE nodes, from Docker's package repository: Enterprise Linux packages Podman instead. */
export function docker(site: Site, cluster: Rke1Cluster): NodePart {
  const source = packageSource(site, 'docker');
  const mirrors = dockerMirrors(cluster);
  const daemon = {
    'log-driver': 'json-file',
    'log-opts': { 'max-size': '50m', 'max-file': '3' },
    'live-restore': true,
    // The Docker bridge uses an MTU of 1500 by default, independent of the network of the node.
    ...(site.cloud?.mtu === undefined ? {} : { mtu: site.cloud.mtu }),
    ...(mirrors.length > 0 ? { 'registry-mirrors': mirrors } : {}),
    ...proxies(site),
  };
  return {
    files: [
      {
        path: '/etc/yum.repos.d/docker-ce.repo',
        content: lines(
          '[docker-ce-stable]',
          'name=Docker CE Stable',
          `baseurl=${source}/linux/centos/${EL}/$basearch/stable`,
          'enabled=1',
          'gpgcheck=1',
          `gpgkey=${source}/linux/centos/gpg`,
          ...repositoryProxy(site, 'docker'),
        ),
      },
      { path: '/etc/docker/daemon.json', content: `${JSON.stringify(daemon, null, 2)}\n` },
    ],
    steps: [
      '# RKE rejects newer versions of Docker: the version lock prevents `dnf upgrade` from installing one.',
      `retry dnf --assumeyes install docker-ce-${DOCKER} docker-ce-cli-${DOCKER} containerd.io-${CONTAINERD}`,
      'dnf versionlock add docker-ce docker-ce-cli containerd.io',
      'systemctl enable --now docker',
    ],
  };
}

/** Proxy through which Docker pulls images. @see https://docs.docker.com/engine/daemon/proxy/#daemon-configuration (since 23.0) */
function proxies(site: Site): { readonly proxies?: Readonly<Record<string, string>> } {
  const environment = proxyEnvironment(site);
  if (!environment) return {};
  return { proxies: Object.fromEntries(environment.map(([name, value]) => [name.toLowerCase().replace('_', '-'), value])) };
}
