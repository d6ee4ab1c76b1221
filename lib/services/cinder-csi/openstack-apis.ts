import { failure } from '../../errors';
import { hostTarget, type Peer, range, type Site, type Target } from '../../site';
import { openstackPortInvalid } from './messages';

/**
 * Ports of Keystone, Nova and Cinder: behind a proxy for HTTPS, and those of their own.
 *
 * @see https://docs.openstack.org/install-guide/firewalls-default-ports.html
 */
const DEFAULT_PORTS = [443, 5000, 8774, 8776] as const;

/** The same with TLS as TripleO publishes them. @see https://docs.openstack.org/tripleo-docs/latest/features/ssl.html */
const TRIPLEO_PORTS = [13000, 13774, 13776] as const;

/**
 * What a component that uses the cloud must reach: Keystone, Nova and Cinder. Their host names cannot be resolved at synthesis, so a name
 * allows the public Internet, but only the ports of these APIs.
 *
 * @param cidrs addresses of the APIs. @default - the address in `authUrl`, or the public Internet
 * @param ports of the APIs. @default - the port of `authUrl`, and the default ports
 * @throws INVALID_CIDR, INVALID_OPENSTACK_PORT, MISSING_HOST_ADDRESSES
 */
export function openstackApis(site: Pick<Site, 'cloud'>, cidrs?: readonly string[], ports?: readonly number[]): readonly Target[] {
  const text = site.cloud?.authUrl;
  // The site reports an invalid one.
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  const peer = peerOf(url, cidrs);
  for (const port of ports ?? []) if (!Number.isInteger(port) || port < 1 || port > 65535) throw failure(openstackPortInvalid(port));
  return (ports ?? defaultPorts(url)).map((port) => ({ peer, port }));
}

function peerOf(url: URL | undefined, cidrs: readonly string[] | undefined): Peer {
  if (cidrs) return { kind: 'addresses', cidrs: cidrs.map((cidr) => range(cidr).cidr) };
  return url ? hostTarget(url.hostname, 443).peer : { kind: 'internet' };
}

function defaultPorts(url: URL | undefined): readonly number[] {
  const keystone = url ? Number(url.port || (url.protocol === 'http:' ? 80 : 443)) : 443;
  const known: readonly number[] = keystone === TRIPLEO_PORTS[0] ? TRIPLEO_PORTS : DEFAULT_PORTS;
  return [...new Set([keystone, ...known])].sort((a, b) => a - b);
}
