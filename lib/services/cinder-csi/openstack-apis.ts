import { failure } from '../../errors';
import { hostTarget, type Peer, range, type Site, type Target } from '../../site';
import { openstackPortInvalid } from './messages';
import { HTTPS_PORT } from './ports';

/**
 * Ports of Keystone, Nova and Cinder: 443 of an HTTPS proxy, and the default ports of the services.
 *
 * @see https://docs.openstack.org/install-guide/firewalls-default-ports.html
 */
const DEFAULT_PORTS = [HTTPS_PORT, 5000, 8774, 8776] as const;

/** Public TLS ports of the same services with TripleO. @see https://docs.openstack.org/tripleo-docs/latest/features/ssl.html */
const TRIPLEO_PORTS = [13000, 13774, 13776] as const;

/**
 * Flows to the APIs of Keystone, Nova and Cinder. Host names are not resolved during synthesis, so with a host name the public Internet is
 * allowed, but only on the ports of these APIs.
 *
 * @param cidrs IP ranges of the APIs. @default - the IP address in `authUrl`, or the public Internet
 * @param ports of the APIs. @default - the port of `authUrl`, and the default ports
 * @throws INVALID_CIDR, INVALID_OPENSTACK_PORT, MISSING_HOST_ADDRESSES
 */
export function openstackApis(site: Pick<Site, 'cloud'>, cidrs?: readonly string[], ports?: readonly number[]): readonly Target[] {
  const text = site.cloud?.authUrl;
  // The validation of the site reports an invalid URL.
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  const peer = peerOf(url, cidrs);
  for (const port of ports ?? []) if (!Number.isInteger(port) || port < 1 || port > 65535) throw failure(openstackPortInvalid(port));
  return (ports ?? defaultPorts(url)).map((port) => ({ peer, port }));
}

function peerOf(url: URL | undefined, cidrs: readonly string[] | undefined): Peer {
  if (cidrs) return { kind: 'addresses', cidrs: cidrs.map((cidr) => range(cidr).cidr) };
  return url ? hostTarget(url.hostname, HTTPS_PORT).peer : { kind: 'internet' };
}

function defaultPorts(url: URL | undefined): readonly number[] {
  const keystone = url ? Number(url.port || (url.protocol === 'http:' ? 80 : HTTPS_PORT)) : HTTPS_PORT;
  const known: readonly number[] = keystone === TRIPLEO_PORTS[0] ? TRIPLEO_PORTS : DEFAULT_PORTS;
  return [...new Set([keystone, ...known])].sort((a, b) => a - b);
}
