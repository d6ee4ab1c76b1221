import { Problems } from '../errors';
import { addressNumber, hostAndPort, loadBalancerAddress, nodesWith, type Site, type SiteNode } from '../site';
import type { RancherCluster } from './rancher';

/**
 * The public address, if SSH to it reaches a node. That node then serves as the jump host for all nodes, including itself, so `rke up`
 * works from outside with a single public address.
 */
export function sshThroughEntry(site: Site): string | undefined {
  return site.cloud && !site.cloud.bastion && site.cloud.entry !== 'load-balancer' ? site.cloud.publicAddress : undefined;
}

/** Names and addresses in the certificate of the API server, in addition to those of the nodes. */
export function certificateNames(site: Site, cluster: RancherCluster): readonly string[] {
  const { cloud } = site;
  const names = [cloud?.publicAddress, cloud && loadBalancerAddress(cloud), ...(cluster.props.sans ?? [])];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The server that creates an RKE2 cluster; all other nodes join it. It must run etcd, preferably together with the control plane. */
export function firstServer(site: Site): SiteNode | undefined {
  const etcd = nodesWith(site, 'etcd');
  return etcd.find((node) => node.roles.includes('controlplane')) ?? etcd[0];
}

/** Address at which nodes join an RKE2 cluster: the load balancer, or else the first server. */
export function registrationAddress(site: Site): string {
  return (site.cloud && loadBalancerAddress(site.cloud)) ?? firstServer(site)?.address ?? '';
}

/** Whether the value is a host name or an IPv4 address, with an optional port. */
export function isHostAndPort(text: unknown): text is string {
  return isHost(hostAndPort(text)?.host);
}

/** Whether the value is a host name or an IPv4 address. A single label is accepted: `registry:5000` is common in private networks. */
export function isHost(text: unknown): text is string {
  if (typeof text !== 'string' || text.length > 253) return false;
  if (/^[\d.]+$/.test(text)) return new Problems().attempt('', () => addressNumber(text)) !== undefined;
  return text.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label));
}
