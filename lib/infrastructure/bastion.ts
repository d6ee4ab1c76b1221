import type { TerraformStack } from 'cdktf';
import { type BastionProps, bastionAddress } from '../site';
import type { CloudSite } from './cloud-site';
import { allocate } from './public-address';
import { placeMachine, type Surroundings } from './servers';
import { bastionUserData } from './user-data';

/**
 * The only machine that answers SSH from outside. Its address is of OpenStack's choice: no certificate and no host name
 * is made of it.
 *
 * @returns its public address
 */
export function placeBastion(stack: TerraformStack, site: CloudSite, bastion: BastionProps, around: Surroundings): string {
  const { portId } = placeMachine(stack, site, around, 'bastion', {
    name: `${site.name}-bastion`,
    address: bastionAddress(site.cloud),
    flavor: bastion.flavor,
    image: bastion.image,
    groupIds: around.groups.ofBastion(),
    userData: bastionUserData(site),
    metadata: { site: site.name, pool: 'bastion' },
  });
  if (site.cloud.floatingIp === 'none') return bastionAddress(site.cloud);
  return allocate(stack, site, around.network, 'bastion_floating_ip', portId);
}
