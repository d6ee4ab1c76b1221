import { Problems } from '../errors';
import { addressNumber, loadBalancerAddress, nodesWith, type Site, type SiteNode } from '../site';
import type { RancherCluster } from './rancher';

/**
 * The public address, where SSH on it arrives at a node. That node then forwards to the others, itself among them, and
 * `rke up` works from outside with one address in all.
 */
export function sshThroughEntry(site: Site): string | undefined {
  return site.cloud && !site.cloud.bastion && site.cloud.entry !== 'load-balancer' ? site.cloud.publicAddress : undefined;
}

/** Names and addresses in the API server's certificate, beside those of the nodes. */
export function certificateNames(site: Site, cluster: RancherCluster): readonly string[] {
  const { cloud } = site;
  const names = [cloud?.publicAddress, cloud && loadBalancerAddress(cloud), ...(cluster.props.sans ?? [])];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The server that makes an RKE2 cluster; all others join it. etcd must be on it, and should not be alone. */
export function firstServer(site: Site): SiteNode | undefined {
  const etcd = nodesWith(site, 'etcd');
  return etcd.find((node) => node.roles.includes('controlplane')) ?? etcd[0];
}

/** Where further nodes of an RKE2 cluster register: the load balancer, which outlives any server, else the first server. */
export function registrationAddress(site: Site): string {
  return (site.cloud && loadBalancerAddress(site.cloud)) ?? firstServer(site)?.address ?? '';
}

/** A port in a URL, or none. */
const PORT = /:(\d{1,5})$/;

/** Whether this is a host name or IPv4 address, with an optional port and nothing else. */
export function isHostAndPort(text: unknown): text is string {
  if (typeof text !== 'string') return false;
  const port = Number(PORT.exec(text)?.[1] ?? 1);
  return port >= 1 && port <= 65_535 && isHost(text.replace(PORT, ''));
}

/** Whether this is a host name or an IPv4 address. A lone label is one too: `registry:5000` is seen in closed networks. */
export function isHost(text: unknown): text is string {
  if (typeof text !== 'string' || text.length > 253) return false;
  if (/^[\d.]+$/.test(text)) return new Problems().attempt('', () => addressNumber(text)) !== undefined;
  return text.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label));
}
