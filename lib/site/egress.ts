import { failure } from '../errors';
import { range } from './address';
import { mirrorInvalid, noProxyInvalid, proxyCredentials, proxyInvalid } from './messages';

/** HTTP proxy through which nodes reach the Internet. */
export interface HttpProxy {
  /** URL of the proxy for http, e.g. `http://proxy.example.org:3128`. It contains no user name: user data can be read on the nodes. */
  readonly http: string;
  /** URL of the proxy for https. @default - as `http` */
  readonly https?: string;
  /**
   * Hosts, domains (`.example.org`), addresses and CIDRs that are reached directly. The ranges of the site, the cluster domain, the metadata
   * service, and the hosts of mirrors and private registries are always among them.
   *
   * @default - those alone
   */
  readonly noProxy?: readonly string[];
}

/** Mirrors of package repositories: each URL has below it what the original has below its host. */
export interface PackageMirrors {
  /**
   * Of `https://repo.almalinux.org/almalinux` or `http://dl.rockylinux.org/pub/rocky`. Packages are verified with the keys of the image.
   *
   * @default - the repositories of the image
   */
  readonly enterpriseLinux?: string;
  /** Of `https://download.docker.com`, for RKE. @default - the original */
  readonly docker?: string;
  /** Of `https://rpm.rancher.io`, for RKE2. @default - the original */
  readonly rke2?: string;
  /** Of `https://pkgs.k8s.io`, for kubectl. @default - the original */
  readonly kubernetes?: string;
  /** Of `https://get.helm.sh`. @default - the original */
  readonly helm?: string;
}

/**
 * How nodes without free access to the Internet get packages and images. It is written into the user data of the nodes and takes effect when a
 * node is created; registries of images are `privateRegistries` of the cluster, and `registry` and `images` of the site.
 */
export interface Egress {
  /** @default - no proxy */
  readonly proxy?: HttpProxy;
  /** @default - packages come from the original repositories */
  readonly mirrors?: PackageMirrors;
  /**
   * Certificates in PEM of private authorities that nodes trust, e.g. the one that signed the registry or the proxy.
   *
   * @default - the authorities of the operating system
   * @throws INVALID_AUTHORITY
   */
  readonly authorities?: readonly string[];
}

/** @throws INVALID_PROXY, INSECURE_PROXY_CREDENTIALS */
export function checkProxy(url: string): void {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && (parsed.username !== '' || parsed.password !== '')) throw failure(proxyCredentials());
  if (!parsed || !/^https?:$/.test(parsed.protocol) || !isBare(parsed) || !/^[\x21-\x7e]+$/.test(url) || /["'$`\\]/.test(url))
    throw failure(proxyInvalid(url));
}

function isBare({ pathname, search, hash }: URL): boolean {
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
