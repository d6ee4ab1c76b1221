import { IPv4 } from 'ipaddr.js';
import { failure } from '../errors';
import { range } from './address';
import { isIpv6, range6 } from './address6';
import { hostAddressesMissing, urlInvalid } from './messages';

export type Protocol = 'TCP' | 'UDP';

/** Pods of one workload, as a NetworkPolicy selects them. */
export interface PodPeer {
  readonly kind: 'pods';
  readonly namespace: string;
  /** Labels of the pods; if empty, all pods of the namespace. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Addresses outside the pod network. */
export interface AddressPeer {
  readonly kind: 'addresses';
  readonly cidrs: readonly string[];
}

/** Every address that is neither private, link-local nor part of this site. */
export interface InternetPeer {
  readonly kind: 'internet';
}

/** The Kubernetes API servers of the site. */
export interface ApiServerPeer {
  readonly kind: 'api-server';
}

export type Peer = PodPeer | AddressPeer | InternetPeer | ApiServerPeer;

/** Destination of a flow. `port` is that of the pod, not of the Service, because NetworkPolicies apply after Service translation. */
export interface Target {
  readonly peer: Peer;
  /** @default - every port */
  readonly port?: number;
  /** @default TCP */
  readonly protocol?: Protocol;
}

/**
 * Address and port of a URL, as destination of a flow.
 *
 * @param cidrs addresses of the host. @default - the address in the URL, or the public Internet
 * @throws INVALID_URL unless it is an http or https URL
 */
export function targetOf(url: string, cidrs?: readonly string[]): Target {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw failure(urlInvalid(url));
  return hostTarget(parsed.hostname, parsed.port ? Number(parsed.port) : parsed.protocol === 'https:' ? 443 : 80, cidrs);
}

/**
 * Host names that public DNS does not resolve: names with a single label, and names in top-level domains for private use.
 *
 * @see https://www.icann.org/en/board-activities-and-meetings/materials/approved-resolutions-special-meeting-of-the-icann-board-29-07-2024-en (internal)
 * @see https://www.rfc-editor.org/rfc/rfc6762 (local; appendix G: lan, intranet, corp, home, private), https://www.rfc-editor.org/rfc/rfc8375 (home.arpa)
 */
const PRIVATE_NAME = /^(?:[^.:]+|.*\.(?:internal|intranet|local|localdomain|lan|corp|home|private|home\.arpa))\.?$/i;

/**
 * A port of a host outside the pod network, as destination of a flow.
 *
 * @param cidrs addresses of the host; an empty list is the default. @default - `host` if it is an address, or the public Internet
 * @throws MISSING_HOST_ADDRESSES for a private host name without `cidrs`, which a NetworkPolicy cannot allow
 */
export function hostTarget(host: string, port: number, cidrs?: readonly string[]): Target {
  if (cidrs && cidrs.length > 0)
    return { peer: { kind: 'addresses', cidrs: cidrs.map((cidr) => (isIpv6(cidr) ? range6 : range)(cidr).cidr) }, port };
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  if (bracketed !== undefined) return { peer: { kind: 'addresses', cidrs: [`${bracketed}/128`] }, port };
  if (IPv4.isValidFourPartDecimal(host)) return { peer: { kind: 'addresses', cidrs: [`${host}/32`] }, port };
  if (PRIVATE_NAME.test(host)) throw failure(hostAddressesMissing(host));
  return { peer: { kind: 'internet' }, port };
}
