import type { TerraformStack } from 'cdktf';
import { type BastionProps, bastionAddress } from '../site';
import type { CloudSite } from './cloud-site';
import { allocate } from './public-address';
import { type MachineContext, placeMachine } from './servers';
import { bastionUserData } from './user-data';

/**
 * Creates the bastion, the only machine that is reachable by SSH from outside. OpenStack allocates its public address, since no
 * certificate or host name depends on it.
 *
 * @returns its public address
 */
export function placeBastion(stack: TerraformStack, site: CloudSite, bastion: BastionProps, context: MachineContext): string {
  const { portId } = placeMachine(stack, site, context, 'bastion', {
    name: `${site.name}-bastion`,
    address: bastionAddress(site.cloud),
    flavor: bastion.flavor,
    image: bastion.image,
    groupIds: context.groups.ofBastion(),
    userData: bastionUserData(site),
    metadata: { site: site.name, pool: 'bastion' },
  });
  if (site.cloud.floatingIp === 'none') return bastionAddress(site.cloud);
  return allocate(stack, site, context.network, 'bastion_floating_ip', portId);
}
