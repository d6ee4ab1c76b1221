import type { TerraformStack } from 'cdktf';
import { DataOpenstackNetworkingNetworkV2 } from '../../imports/openstack/data-openstack-networking-network-v2';
import { NetworkingNetworkV2 } from '../../imports/openstack/networking-network-v2';
import { NetworkingRouterInterfaceV2 } from '../../imports/openstack/networking-router-interface-v2';
import { NetworkingRouterV2 } from '../../imports/openstack/networking-router-v2';
import { NetworkingSubnetV2 } from '../../imports/openstack/networking-subnet-v2';
import { addressText, allocationPool, range } from '../site';
import type { CloudSite } from './cloud-site';
import { verbatim } from './verbatim';

/** The network of the nodes and its way out. */
export interface Network {
  readonly id: string;
  readonly subnetId: string;
  /** Name of the external network: Neutron's "pool" of floating addresses. */
  readonly floatingPool: string;
  /** Whatever needs the way out waits for it, and is gone before it. */
  readonly wayOut: NetworkingRouterInterfaceV2;
}

export function placeNetwork(stack: TerraformStack, { name, cloud }: CloudSite): Network {
  const region = verbatim(cloud.region);
  const external = new DataOpenstackNetworkingNetworkV2(stack, 'external_network', {
    region,
    name: verbatim(cloud.externalNetwork),
    external: true,
  });
  const network = new NetworkingNetworkV2(stack, 'network', { region, name, adminStateUp: true, mtu: cloud.mtu });
  const pool = allocationPool(cloud);
  const subnet = new NetworkingSubnetV2(stack, 'subnet', {
    region,
    name,
    networkId: network.id,
    ipVersion: 4,
    cidr: cloud.cidr,
    gatewayIp: addressText(range(cloud.cidr).first + 1),
    dnsNameservers: cloud.nameServers && [...cloud.nameServers],
    // Nodes stand outside of it, so that no DHCP port or load balancer takes an address that the model has assigned.
    allocationPool: [{ start: pool.first, end: pool.last }],
  });
  const router = new NetworkingRouterV2(stack, 'router', {
    region,
    name,
    adminStateUp: true,
    externalNetworkId: external.id,
  });
  const wayOut = new NetworkingRouterInterfaceV2(stack, 'router_interface', {
    region,
    routerId: router.id,
    subnetId: subnet.id,
  });
  return { id: network.id, subnetId: subnet.id, floatingPool: external.name, wayOut };
}
