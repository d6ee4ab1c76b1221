import { certificatesOf, noProxy, type PackageMirrors, type Site } from '../site';
import type { NodeFile, NodePart } from './node-part';
import { lines } from './text';

/** Where each package source is downloaded from without a mirror. */
const ORIGINALS = {
  docker: 'https://download.docker.com',
  rke2: 'https://rpm.rancher.io',
  kubernetes: 'https://pkgs.k8s.io',
  helm: 'https://get.helm.sh',
} as const satisfies Record<Exclude<keyof PackageMirrors, 'enterpriseLinux'>, string>;

/** Where nodes download a package source from: its mirror, or the original. */
export function packageSource({ egress }: Site, source: keyof typeof ORIGINALS): string {
  return egress?.mirrors?.[source]?.replace(/\/$/, '') ?? ORIGINALS[source];
}

/**
 * Line of a repository whose mirror is reached without the proxy of `dnf.conf`.
 *
 * @see https://dnf.readthedocs.io/en/latest/conf_ref.html (proxy)
 */
export function repositoryProxy({ egress }: Site, source: keyof PackageMirrors): readonly string[] {
  return egress?.proxy && egress.mirrors?.[source] !== undefined ? ['proxy=_none_'] : [];
}

/** Parts of a node that must come before anything is downloaded; none where nodes reach the Internet directly. */
export function egressParts(site: Site): readonly NodePart[] {
  return [authorityPart(site), proxyPart(site), mirrorPart(site)].filter((part) => part !== undefined);
}

/** Folder whose certificates are added to the trust store of the system. @see update-ca-trust(8) */
const ANCHORS = '/etc/pki/ca-trust/source/anchors';

/** Private authorities in the trust store, which dnf, curl, Docker and containerd read. */
function authorityPart({ egress }: Site): NodePart | undefined {
  const certificates = (egress?.authorities ?? []).flatMap((pem) => certificatesOf(pem));
  if (certificates.length === 0) return undefined;
  const files = certificates.map((content, index): NodeFile => ({ path: `${ANCHORS}/analysis-facility-${index + 1}.crt`, content }));
  return {
    files,
    steps: ['# Before anything is downloaded from a host with a certificate of a private authority.', 'update-ca-trust extract'],
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
      '# For curl in this script; dnf has a setting of its own.',
      `. ${PROFILE}`,
      "sed --in-place '/^proxy=/d' /etc/dnf/dnf.conf",
      `sed --in-place '/^\\[main\\]/a proxy=${proxy.http}' /etc/dnf/dnf.conf`,
    ],
  };
}

/** Variables of processes that reach the Internet through the proxy; undefined without a proxy. */
export function proxyEnvironment(site: Site): readonly (readonly [name: string, value: string])[] | undefined {
  const { proxy } = site.egress ?? {};
  if (!proxy) return undefined;
  return [
    ['HTTP_PROXY', proxy.http],
    ['HTTPS_PROXY', proxy.https ?? proxy.http],
    ['NO_PROXY', noProxy(site).join(',')],
  ];
}

/** The same as a file of a systemd unit. */
export function environmentFile(site: Site): string | undefined {
  const environment = proxyEnvironment(site);
  return environment && lines(...environment.map(([name, value]) => `${name}=${value}`));
}

/**
 * Points the repositories of AlmaLinux and Rocky Linux to their mirror; the keys that packages are verified with stay those of the image.
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
      '# The repositories of the image, from a mirror.',
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
