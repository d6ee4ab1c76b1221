import { Op, type TerraformStack } from 'cdktf';
import { NetworkingFloatingipAssociateV2 } from '../../imports/openstack/networking-floatingip-associate-v2';
import { NetworkingFloatingipV2 } from '../../imports/openstack/networking-floatingip-v2';
import type { CloudSite } from './cloud-site';
import type { Network } from './network';
import { verbatim } from './verbatim';

/**
 * Leads the site's public address to a port.
 *
 * @returns the address, or undefined where the site has none
 */
export function placePublicAddress(stack: TerraformStack, site: CloudSite, network: Network, portId: string): string | undefined {
  const { publicAddress, floatingIp = 'allocate' } = site.cloud;
  if (publicAddress === undefined || floatingIp === 'none') return publicAddress;
  if (floatingIp === 'reserved') {
    associate(stack, site, network, 'floating_ip', publicAddress, portId);
    return publicAddress;
  }
  const allocated = allocate(stack, site, network, 'floating_ip', portId);
  expect(stack, allocated, publicAddress);
  return allocated;
}

/** A floating address of OpenStack's choice that leads to a port. */
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

/** Neutron associates an address only with a port that a router can reach. */
function associate(stack: TerraformStack, site: CloudSite, network: Network, id: string, floatingIp: string, portId: string): void {
  new NetworkingFloatingipAssociateV2(stack, `${id}_association`, {
    region: verbatim(site.cloud.region),
    floatingIp,
    portId,
    dependsOn: [...network.egress],
  });
}

/**
 * Certificates and host names were made for the address in the description. Which one OpenStack allocates is known
 * after the first apply only, and asking for a certain one is a right of its administrators.
 */
function expect(stack: TerraformStack, allocated: string, described: string): void {
  stack.addOverride('check.public_address', {
    assert: [
      {
        condition: Op.eq(allocated, described),
        error_message:
          `OpenStack allocated ${allocated}, the site's description says ${described}: write the allocated address ` +
          `as publicAddress and synthesize again.`,
      },
    ],
  });
}
