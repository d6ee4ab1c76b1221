import { Op, type TerraformStack } from 'cdktf';
import { NetworkingFloatingipAssociateV2 } from '../../imports/openstack/networking-floatingip-associate-v2';
import { NetworkingFloatingipV2 } from '../../imports/openstack/networking-floatingip-v2';
import type { CloudSite } from './cloud-site';
import type { Network } from './network';
import { verbatim } from './verbatim';

/**
 * Associates the public address of the site with a port.
 *
 * @returns the address, or undefined if the site has none
 */
export function placePublicAddress(stack: TerraformStack, site: CloudSite, network: Network, portId: string): string | undefined {
  const { publicAddress, floatingIp = 'allocate' } = site.cloud;
  if (publicAddress === undefined || floatingIp === 'none') return publicAddress;
  if (floatingIp === 'reserved') {
    associate(stack, site, network, 'floating_ip', publicAddress, portId);
    return publicAddress;
  }
  const allocated = allocate(stack, site, network, 'floating_ip', portId);
  checkAddress(stack, allocated, publicAddress);
  return allocated;
}

/** Allocates a floating IP and associates it with a port. */
export function allocate(stack: TerraformStack, site: CloudSite, network: Network, id: string, portId: string): string {
  const floating = new NetworkingFloatingipV2(stack, id, {
    region: verbatim(site.cloud.region),
    // Validation requires an external network for every floating IP.
    pool: network.floatingPool ?? '',
    description: `Public address of ${site.name}`,
  });
  associate(stack, site, network, id, floating.address, portId);
  return floating.address;
}

/** Neutron associates a floating IP only with a port whose subnet has a router. */
function associate(stack: TerraformStack, site: CloudSite, network: Network, id: string, floatingIp: string, portId: string): void {
  new NetworkingFloatingipAssociateV2(stack, `${id}_association`, {
    region: verbatim(site.cloud.region),
    floatingIp,
    portId,
    dependsOn: [...network.egress],
  });
}

/**
 * Certificates and host names use the address in the description. The address that OpenStack allocates is known only after the first
 * apply, and only administrators of the cloud can request a specific one.
 */
function checkAddress(stack: TerraformStack, allocated: string, described: string): void {
  stack.addOverride('check.public_address', {
    assert: [
      {
        condition: Op.eq(allocated, described),
        error_message:
          `OpenStack allocated ${allocated}, but publicAddress of the site is ${described}: set publicAddress to the allocated address ` +
          `and synthesize again.`,
      },
    ],
  });
}
