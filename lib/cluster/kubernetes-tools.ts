import { architectureOf, kubernetesVersion, type Site, type SiteNode } from '../site';
import { packageSource, repositoryProxy } from './egress';
import type { NodePart } from './node-part';
import { lines } from './text';

/** Helm has no package repository. The archive is verified with the published checksum of the release. */
const HELM = {
  version: 'v3.17.3',
  /** @see https://get.helm.sh/helm-v3.17.3-linux-amd64.tar.gz.sha256sum (and -arm64) */
  sha256: {
    amd64: 'ee88b3c851ae6466a3de507f7be73fe94d54cbf2987cbaa3d1a3832ea331f2cd',
    arm64: '7944e3defd386c76fd92d9e6fec5c2d65a323f6fadc19bfb5e704e3eee10348e',
  },
} as const;

/** Installs kubectl, in the version of the cluster, and Helm on control plane nodes, for administrators. */
export function kubernetesTools(site: Site, node: SiteNode): NodePart {
  const architecture = architectureOf(node.pool);
  const version = kubernetesVersion(site.cluster.version) ?? '';
  const repository = `${packageSource(site, 'kubernetes')}/core:/stable:/v1.${site.cluster.minor}/rpm/`;
  const archive = `helm-${HELM.version}-linux-${architecture}.tar.gz`;
  return {
    files: [
      {
        path: '/etc/yum.repos.d/kubernetes.repo',
        content: lines(
          '[kubernetes]',
          'name=Kubernetes',
          `baseurl=${repository}`,
          'enabled=1',
          'gpgcheck=1',
          `gpgkey=${repository}repodata/repomd.xml.key`,
          'includepkgs=kubectl',
          ...repositoryProxy(site, 'kubernetes'),
        ),
      },
    ],
    steps: [
      `retry dnf --assumeyes install kubectl-${version}`,
      `if ! /usr/local/bin/helm version --short 2>/dev/null | grep --quiet --fixed-strings '${HELM.version}+'; then`,
      '  folder=$(mktemp --directory)',
      `  retry curl --fail --silent --show-error --location --output "$folder/${archive}" ${packageSource(site, 'helm')}/${archive}`,
      `  echo "${HELM.sha256[architecture]}  $folder/${archive}" | sha256sum --check --quiet`,
      `  tar --extract --gzip --file "$folder/${archive}" --directory "$folder"`,
      `  install --mode=0755 "$folder/linux-${architecture}/helm" /usr/local/bin/helm`,
      '  rm --recursive "$folder"',
      'fi',
    ],
  };
}
