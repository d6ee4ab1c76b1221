import { EVERYWHERE, type Exposure, isIpv6, nodesWith, type SiteNode } from '../site';
import type { CloudSite } from './cloud-site';

/** A port of the load balancer, and the nodes that it forwards to, on the same port. */
export interface Listener {
  /** Part of names and Terraform addresses: `api`, `https`, `tcp-30618`. */
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
  readonly members: readonly SiteNode[];
  /** CIDRs of the clients. */
  readonly from: readonly string[];
  readonly purpose: string;
}

/** Port of RKE2 servers at which nodes join. @see https://docs.rke2.io/install/requirements#networking */
const SUPERVISOR_PORT = 9345;

const PROTOCOLS = { tcp: 'TCP', udp: 'UDP' } as const satisfies Record<Exposure['protocol'], Listener['protocol']>;

/** All listeners of the load balancer of a site. */
export function listeners(site: CloudSite, exposures: readonly Exposure[]): readonly Listener[] {
  const all = [...apiListeners(site), ...ingressListeners(site), ...exposureListeners(site, exposures)];
  return all.filter((listener) => listener.members.length > 0);
}

/** Nodes also use the load balancer, to join and to reach the API: its address remains if a node fails. */
function apiListeners(site: CloudSite): readonly Listener[] {
  const { admins, cidr } = site.cloud;
  const members = nodesWith(site, 'controlplane');
  const api: Listener = {
    name: 'api',
    protocol: 'TCP',
    port: site.cluster.apiPort,
    members,
    // The load balancer has only an IPv4 address.
    from: [...new Set([...admins.filter((one) => !isIpv6(one)), cidr])],
    purpose: 'the Kubernetes API',
  };
  const supervisor: Listener = {
    ...api,
    name: 'supervisor',
    port: SUPERVISOR_PORT,
    // The first server may be a dedicated etcd server.
    members: site.nodes.filter((node) => node.roles.includes('controlplane') || node.roles.includes('etcd')),
    from: [cidr],
    purpose: 'joining of nodes',
  };
  return site.cluster.kind === 'rke2' ? [api, supervisor] : [api];
}

function ingressListeners(site: CloudSite): readonly Listener[] {
  if (!site.cluster.ingress) return [];
  const members = nodesWith(site, 'worker');
  return [
    { name: 'http', protocol: 'TCP', port: 80, members, from: [EVERYWHERE], purpose: 'the ingress controller' },
    { name: 'https', protocol: 'TCP', port: 443, members, from: [EVERYWHERE], purpose: 'the ingress controller' },
  ];
}

/** Octavia has no port ranges: each port needs its own listener, open to the clients of all exposures of that port. */
function exposureListeners(site: CloudSite, exposures: readonly Exposure[]): readonly Listener[] {
  const byName = new Map<string, Listener>();
  for (const { protocol, first, last, from, purpose } of exposures) {
    for (let port = first; port <= last; port++) {
      const name = `${protocol}-${port}`;
      byName.set(name, {
        name,
        protocol: PROTOCOLS[protocol],
        port,
        members: nodesWith(site, 'worker'),
        from: [...new Set([...(byName.get(name)?.from ?? []), ...from])],
        purpose,
      });
    }
  }
  return [...byName.values()];
}
