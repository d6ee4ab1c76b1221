import { failure } from '../errors';
import { range } from './address';
import { mirrorInvalid, noProxyInvalid, proxyCredentials, proxyInvalid } from './messages';

/** HTTP proxy through which nodes reach the Internet. */
export interface HttpProxy {
  /** URL of the proxy for HTTP, e.g. `http://proxy.example.org:3128`. It must not contain credentials: user data can be read on the nodes. */
  readonly http: string;
  /** URL of the proxy for HTTPS. @default - as `http` */
  readonly https?: string;
  /**
   * Further hosts, domains (`.example.org`), addresses and CIDRs that are reached without the proxy. The ranges of the site, the cluster
   * domain, the metadata service, and the hosts of mirrors and private registries are always included.
   *
   * @default - none
   */
  readonly noProxy?: readonly string[];
}

/** Mirrors of package repositories, with the same paths as the originals. */
export interface PackageMirrors {
  /**
   * Mirror of `https://repo.almalinux.org/almalinux` or `http://dl.rockylinux.org/pub/rocky`. Packages are verified with the keys in the image.
   *
   * @default - the repositories of the image
   */
  readonly enterpriseLinux?: string;
  /** Mirror of `https://download.docker.com`, for RKE. @default - the original */
  readonly docker?: string;
  /** Mirror of `https://rpm.rancher.io`, for RKE2. @default - the original */
  readonly rke2?: string;
  /** Mirror of `https://pkgs.k8s.io`, for kubectl. @default - the original */
  readonly kubernetes?: string;
  /** Mirror of `https://get.helm.sh`. @default - the original */
  readonly helm?: string;
}

/**
 * Proxy, mirrors and CA certificates of nodes without direct access to the Internet. They are written into the user data of the nodes and take
 * effect when a node is created. Image registries are set by `privateRegistries` of the cluster, and by `registry` and `images` of the site.
 */
export interface Egress {
  /** @default - no proxy */
  readonly proxy?: HttpProxy;
  /** @default - packages come from the original repositories */
  readonly mirrors?: PackageMirrors;
  /**
   * Private CA certificates (PEM) that nodes trust, e.g. that of the registry or the proxy.
   *
   * @default - the CAs of the operating system
   * @throws INVALID_AUTHORITY
   */
  readonly authorities?: readonly string[];
}

/** @throws INVALID_PROXY, INSECURE_PROXY_CREDENTIALS */
export function checkProxy(url: string): void {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && (parsed.username !== '' || parsed.password !== '')) throw failure(proxyCredentials());
  if (!parsed || !/^https?:$/.test(parsed.protocol) || !hasNoPath(parsed) || !/^[\x21-\x7e]+$/.test(url) || /["'$`\\]/.test(url))
    throw failure(proxyInvalid(url));
}

function hasNoPath({ pathname, search, hash }: URL): boolean {
  return pathname === '/' && search === '' && hash === '';
}

/** @throws INVALID_NO_PROXY */
export function checkNoProxy(entry: string): void {
  if (typeof entry !== 'string' || !/^(?:\*?\.)?[A-Za-z0-9](?:[A-Za-z0-9.:/-]*[A-Za-z0-9])?$/.test(entry))
    throw failure(noProxyInvalid(entry));
  if (/^[\d.]+\/\d+$/.test(entry)) range(entry);
}

/** @throws INVALID_MIRROR */
export function checkMirror(url: string): void {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  const plain = typeof url === 'string' && /^https:\/\/[A-Za-z0-9.:-]+(?:\/[\w.~-]+)*\/?$/.test(url);
  if (!parsed || !plain) throw failure(mirrorInvalid(parsed && parsed.username !== '' ? 'a URL with a user name' : url));
}
