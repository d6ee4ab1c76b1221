import type { TerraformStack } from 'cdktf';
import { DataOpenstackNetworkingNetworkV2 } from '../../imports/openstack/data-openstack-networking-network-v2';
import { DataOpenstackNetworkingSubnetV2 } from '../../imports/openstack/data-openstack-networking-subnet-v2';
import { NetworkingNetworkV2 } from '../../imports/openstack/networking-network-v2';
import { NetworkingRouterInterfaceV2 } from '../../imports/openstack/networking-router-interface-v2';
import { NetworkingRouterV2 } from '../../imports/openstack/networking-router-v2';
import { NetworkingSubnetV2 } from '../../imports/openstack/networking-subnet-v2';
import { addressText, addressText6, allocationPool, isUuid, range, range6 } from '../site';
import type { CloudSite } from './cloud-site';
import { verbatim } from './verbatim';

/** The network of the nodes. */
export interface Network {
  readonly id: string;
  readonly subnetId: string;
  /** The IPv6 subnet of a dual-stack site. */
  readonly subnet6Id?: string;
  /** Name of the external network, Neutron's "pool" of floating IPs; undefined if the site needs none. */
  readonly floatingPool: string | undefined;
  /** Resources that need egress depend on it: the interface of a router that is created; empty for an existing network. */
  readonly egress: readonly NetworkingRouterInterfaceV2[];
}

export function placeNetwork(stack: TerraformStack, site: CloudSite): Network {
  const { cloud } = site;
  const external =
    cloud.externalNetwork === undefined
      ? undefined
      : new DataOpenstackNetworkingNetworkV2(stack, 'external_network', {
          region: verbatim(cloud.region),
          name: verbatim(cloud.externalNetwork),
          external: true,
        });
  return cloud.network === undefined ? createdNetwork(stack, site, external) : existingNetwork(stack, site, cloud.network, external);
}

/** Uses data sources, so that the plan fails if the network or subnet does not exist. */
function existingNetwork(stack: TerraformStack, { cloud }: CloudSite, name: string, external: External): Network {
  const region = verbatim(cloud.region);
  const network = new DataOpenstackNetworkingNetworkV2(stack, 'network', {
    region,
    ...(isUuid(name) ? { networkId: name } : { name: verbatim(name) }),
  });
  const { subnet: subnetName } = cloud;
  const subnet = new DataOpenstackNetworkingSubnetV2(stack, 'subnet', {
    region,
    networkId: network.id,
    cidr: cloud.cidr,
    ...(subnetName === undefined ? {} : isUuid(subnetName) ? { subnetId: subnetName } : { name: verbatim(subnetName) }),
  });
  const subnet6 =
    cloud.ipv6 &&
    new DataOpenstackNetworkingSubnetV2(stack, 'subnet_ipv6', { region, networkId: network.id, ipVersion: 6, cidr: cloud.ipv6.cidr });
  return { id: network.id, subnetId: subnet.id, subnet6Id: subnet6?.id, floatingPool: external?.name, egress: [] };
}

type External = DataOpenstackNetworkingNetworkV2 | undefined;

function createdNetwork(stack: TerraformStack, { name, cloud }: CloudSite, external: External): Network {
  const region = verbatim(cloud.region);
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
    // Addresses of nodes are outside of the pool, so that Neutron does not assign them to DHCP ports or load balancers.
    allocationPool: [{ start: pool.first, end: pool.last }],
  });
  const routerId =
    cloud.router ?? new NetworkingRouterV2(stack, 'router', { region, name, adminStateUp: true, externalNetworkId: external?.id }).id;
  const egress = new NetworkingRouterInterfaceV2(stack, 'router_interface', { region, routerId, subnetId: subnet.id });
  const subnet6 = cloud.ipv6 && createdSubnet6(stack, name, region, network.id, cloud.cidr, cloud.ipv6.cidr);
  const egress6 = subnet6 && new NetworkingRouterInterfaceV2(stack, 'router_interface_ipv6', { region, routerId, subnetId: subnet6.id });
  return {
    id: network.id,
    subnetId: subnet.id,
    subnet6Id: subnet6?.id,
    floatingPool: external?.name,
    egress: egress6 ? [egress, egress6] : [egress],
  };
}

/** Nodes get their fixed address by DHCPv6, and the default route from router advertisements. */
function createdSubnet6(
  stack: TerraformStack,
  site: string,
  region: string,
  networkId: string,
  cidr4: string,
  cidr: string,
): NetworkingSubnetV2 {
  const { first, last } = range6(cidr);
  // The model assigns the lower addresses: as many as the IPv4 range has.
  const ipv4 = range(cidr4);
  const pool = first + BigInt(ipv4.last - ipv4.first + 1);
  return new NetworkingSubnetV2(stack, 'subnet_ipv6', {
    region,
    name: `${site}-ipv6`,
    networkId,
    ipVersion: 6,
    cidr,
    ipv6AddressMode: 'dhcpv6-stateful',
    ipv6RaMode: 'dhcpv6-stateful',
    gatewayIp: addressText6(first + 1n),
    allocationPool: [{ start: addressText6(pool), end: addressText6(last) }],
  });
}
