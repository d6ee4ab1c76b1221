/** Addresses of the cluster. The hub is the switch between the nodes, and represents everything outside of the cluster. */
import type { Machine } from './machine';

export interface NetworkProps {
  /** @default '10.98.0.0/24' */
  readonly nodeCidr?: string;
  /** Every node gets a /24 of it. @default '10.244.0.0/16' */
  readonly podCidr?: string;
  /** @default '10.96.0.0/16' */
  readonly serviceCidr?: string;
  /** Where the API server is reached, at port 6443. If it is a node's address the control plane runs there. @default - the hub's address */
  readonly apiServer?: string;
  /** Addresses outside of the cluster that the hub answers for, besides the metadata address of clouds. @default ['203.0.113.10'] */
  readonly outside?: readonly string[];
}

export interface Network {
  readonly hub: string;
  readonly apiServer: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly dns: string;
  readonly outside: readonly string[];
  readonly length: string;
  node(index: number): string;
  pods(index: number): string;
}

export const metadata = '169.254.169.254';

export function network(props: NetworkProps): Network {
  const { nodeCidr = '10.98.0.0/24', podCidr = '10.244.0.0/16', serviceCidr = '10.96.0.0/16', outside = ['203.0.113.10'] } = props;
  const hub = nth(nodeCidr, 1);
  return {
    hub,
    apiServer: props.apiServer ?? hub,
    podCidr,
    serviceCidr,
    dns: nth(serviceCidr, 10),
    outside: [...outside, metadata],
    length: nodeCidr.slice(nodeCidr.indexOf('/')),
    node: (index) => nth(nodeCidr, 11 + index),
    pods: (index) => `${nth(podCidr, 256 * (index + 1))}/24`,
  };
}

/** The address with this offset in a CIDR. */
function nth(cidr: string, places: number): string {
  const [address = ''] = cidr.split('/');
  const number = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0) + places;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

export interface Place {
  readonly machine: Machine;
  readonly address: string;
  readonly pods: string;
}

export async function wireHub(hub: Machine, plan: Network, nodes: readonly Place[]): Promise<void> {
  const own = new Set([plan.hub, ...(nodes.some((it) => it.address === plan.apiServer) ? [] : [plan.apiServer])]);
  await hub.ip(
    'link add name switch type bridge',
    ...[...own].map((address) => `address add ${address}${plan.length} dev switch`),
    'link set switch up',
    // Nobody is there, but without a route the kernel does not come to translate the address of a Service.
    `route add ${plan.serviceCidr} dev switch`,
    ...plan.outside.map((address) => `address add ${address}/32 dev lo`),
  );
}

/** Routed, without translation of addresses: a policy sees whose packet it is. */
export async function wireNode(hub: Machine, plan: Network, node: Place, all: readonly Place[]): Promise<void> {
  const port = `to-${node.address.split('.').slice(2).join('-')}`;
  // The number of the process is one of the machine that all of this runs on, so the command enters the hub's network only.
  await hub.outside('ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', node.machine.pid);
  await hub.ip(`link set ${port} master switch`, `link set ${port} up`, `route replace ${node.pods} via ${node.address}`);
  await node.machine.ip(
    `address add ${node.address}${plan.length} dev eth0`,
    'link set eth0 up',
    `route add default via ${plan.hub}`,
    ...all.filter((it) => it !== node).map((it) => `route add ${it.pods} via ${it.address}`),
  );
}

/** Adds routes to the pods of joined nodes on existing nodes. */
export async function announce(joined: readonly Place[], before: readonly Place[]): Promise<void> {
  const routes = joined.map((it) => `route replace ${it.pods} via ${it.address}`);
  await Promise.all(before.map((it) => it.machine.ip(...routes)));
}
