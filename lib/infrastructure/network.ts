import type { TerraformStack } from 'cdktf';
import { DataOpenstackNetworkingNetworkV2 } from '../../imports/openstack/data-openstack-networking-network-v2';
import { DataOpenstackNetworkingSubnetV2 } from '../../imports/openstack/data-openstack-networking-subnet-v2';
import { NetworkingNetworkV2 } from '../../imports/openstack/networking-network-v2';
import { NetworkingRouterInterfaceV2 } from '../../imports/openstack/networking-router-interface-v2';
import { NetworkingRouterV2 } from '../../imports/openstack/networking-router-v2';
import { NetworkingSubnetV2 } from '../../imports/openstack/networking-subnet-v2';
import { addressText, allocationPool, isUuid, range } from '../site';
import type { CloudSite } from './cloud-site';
import { verbatim } from './verbatim';

/** The network of the nodes. */
export interface Network {
  readonly id: string;
  readonly subnetId: string;
  /** Name of the external network, Neutron's "pool" of floating IPs; undefined where the site needs none. */
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
  return cloud.network === undefined ? created(stack, site, external) : existing(stack, site, cloud.network, external);
}

/** Looked up, so that the plan refuses a network or subnet that does not exist. */
function existing(stack: TerraformStack, { cloud }: CloudSite, name: string, external: External): Network {
  const region = verbatim(cloud.region);
  const network = new DataOpenstackNetworkingNetworkV2(stack, 'network', {
    region,
    ...(isUuid(name) ? { networkId: name } : { name: verbatim(name) }),
  });
  const { subnet: wanted } = cloud;
  const subnet = new DataOpenstackNetworkingSubnetV2(stack, 'subnet', {
    region,
    networkId: network.id,
    cidr: cloud.cidr,
    ...(wanted === undefined ? {} : isUuid(wanted) ? { subnetId: wanted } : { name: verbatim(wanted) }),
  });
  return { id: network.id, subnetId: subnet.id, floatingPool: external?.name, egress: [] };
}

type External = DataOpenstackNetworkingNetworkV2 | undefined;

function created(stack: TerraformStack, { name, cloud }: CloudSite, external: External): Network {
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
    // Nodes stand outside of it, so that no DHCP port or load balancer takes an address that the model has assigned.
    allocationPool: [{ start: pool.first, end: pool.last }],
  });
  const routerId =
    cloud.router ?? new NetworkingRouterV2(stack, 'router', { region, name, adminStateUp: true, externalNetworkId: external?.id }).id;
  const egress = new NetworkingRouterInterfaceV2(stack, 'router_interface', { region, routerId, subnetId: subnet.id });
  return { id: network.id, subnetId: subnet.id, floatingPool: external?.name, egress: [egress] };
}
