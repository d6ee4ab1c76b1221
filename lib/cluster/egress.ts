import { certificatesOf, noProxy, type PackageMirrors, type Site } from '../site';
import type { NodeFile, NodePart } from './node-part';
import { lines } from './text';

/** URLs of the package sources, without a mirror. */
const UPSTREAM_URLS = {
  docker: 'https://download.docker.com',
  rke2: 'https://rpm.rancher.io',
  kubernetes: 'https://pkgs.k8s.io',
  helm: 'https://get.helm.sh',
} as const satisfies Record<Exclude<keyof PackageMirrors, 'enterpriseLinux'>, string>;

/** URL that nodes download packages from: the mirror, or else the upstream source. */
export function packageSource({ egress }: Site, source: keyof typeof UPSTREAM_URLS): string {
  return egress?.mirrors?.[source]?.replace(/\/$/, '') ?? UPSTREAM_URLS[source];
}

/**
 * Line of a repository definition that disables the proxy of `dnf.conf` for a mirror.
 *
 * @see https://dnf.readthedocs.io/en/latest/conf_ref.html (proxy)
 */
export function repositoryProxy({ egress }: Site, source: keyof PackageMirrors): readonly string[] {
  return egress?.proxy && egress.mirrors?.[source] !== undefined ? ['proxy=_none_'] : [];
}

/** Configuration that is needed before any download: certificates, proxy and mirrors. Empty if nodes have direct Internet access. */
export function egressParts(site: Site): readonly NodePart[] {
  return [authorityPart(site), proxyPart(site), mirrorPart(site)].filter((part) => part !== undefined);
}

/** Folder with additional certificates for the system's trust store. @see update-ca-trust(8) */
const ANCHORS = '/etc/pki/ca-trust/source/anchors';

/** Adds private CA certificates to the trust store, which dnf, curl, Docker and containerd use. */
function authorityPart({ egress }: Site): NodePart | undefined {
  const certificates = (egress?.authorities ?? []).flatMap((pem) => certificatesOf(pem));
  if (certificates.length === 0) return undefined;
  const files = certificates.map((content, index): NodeFile => ({ path: `${ANCHORS}/analysis-facility-${index + 1}.crt`, content }));
  return {
    files,
    steps: ['# Trust private CAs before the first download from a host with such a certificate.', 'update-ca-trust extract'],
  };
}

const PROFILE = '/etc/profile.d/analysis-facility-proxy.sh';

function proxyPart(site: Site): NodePart | undefined {
  const environment = proxyEnvironment(site);
  const { proxy } = site.egress ?? {};
  if (!environment || !proxy) return undefined;
  const both = environment.flatMap(([name, value]) => [`export ${name}='${value}'`, `export ${name.toLowerCase()}='${value}'`]);
  return {
    files: [{ path: PROFILE, content: lines(...both) }],
    steps: [
      '# For curl in this script. dnf has its own setting.',
      `. ${PROFILE}`,
      "sed --in-place '/^proxy=/d' /etc/dnf/dnf.conf",
      `sed --in-place '/^\\[main\\]/a proxy=${proxy.http}' /etc/dnf/dnf.conf`,
    ],
  };
}

/** Proxy environment variables; undefined without a proxy. */
export function proxyEnvironment(site: Site): readonly (readonly [name: string, value: string])[] | undefined {
  const { proxy } = site.egress ?? {};
  if (!proxy) return undefined;
  return [
    ['HTTP_PROXY', proxy.http],
    ['HTTPS_PROXY', proxy.https ?? proxy.http],
    ['NO_PROXY', noProxy(site).join(',')],
  ];
}

/** The proxy environment as an `EnvironmentFile` of a systemd unit. */
export function environmentFile(site: Site): string | undefined {
  const environment = proxyEnvironment(site);
  return environment && lines(...environment.map(([name, value]) => `${name}=${value}`));
}

/**
 * Points the repositories of AlmaLinux and Rocky Linux to the mirror. Packages are still verified with the GPG keys of the image.
 *
 * @see https://wiki.almalinux.org/Mirrors.html, https://docs.rockylinux.org/books/admin_guide/13-softwares/
 */
function mirrorPart(site: Site): NodePart | undefined {
  const mirror = site.egress?.mirrors?.enterpriseLinux?.replace(/\/$/, '');
  if (mirror === undefined) return undefined;
  const original = String.raw`https?://(repo\.almalinux\.org/almalinux|dl\.rockylinux\.org/\$contentdir)/`;
  const direct = repositoryProxy(site, 'enterpriseLinux').map((line) => `\\n${line}`);
  return {
    steps: [
      '# Point the repositories of the image to the mirror.',
      'for file in /etc/yum.repos.d/almalinux*.repo /etc/yum.repos.d/rocky*.repo; do',
      '  [ -e "$file" ] || continue',
      '  sed --in-place --regexp-extended \\',
      "    --expression='s/^(mirrorlist|metalink)=/#&/' \\",
      `    --expression='s,^#? ?baseurl=${original},baseurl=${mirror}/,' \\`,
      ...(direct.length > 0
        ? ["    --expression='/^proxy=_none_$/d' \\", `    --expression='s,^baseurl=${mirror}/.*,&${direct.join('')},' \\`]
        : []),
      '    "$file"',
      'done',
    ],
  };
}
