import type { TerraformStack } from 'cdktf';
import { dataVolumesOf, formerNames, type NodePool, poolKeys } from '../site';
import type { CloudSite } from './cloud-site';

/** Terraform address of the floating IP that Terraform allocates for the site. */
export const FLOATING_IP = 'openstack_networking_floatingip_v2.floating_ip';

/**
 * Adds `moved` blocks, which move the resources of renamed pools to their new addresses in the state, and `removed` blocks, which remove
 * the volumes of retired nodes and a reserved floating IP from the state without deleting them.
 *
 * @see https://developer.hashicorp.com/terraform/language/modules/develop/refactoring
 * @see https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources
 */
export function placeMoves(stack: TerraformStack, { pools, cloud }: CloudSite): void {
  const moved = pools.flatMap(movesOf);
  if (moved.length > 0) stack.addOverride('moved', moved);
  // An address that Terraform had allocated is kept in the project when it becomes reserved.
  const kept = cloud.floatingIp === 'reserved' ? [{ from: FLOATING_IP, lifecycle: { destroy: false } }] : [];
  const removed = [...pools.flatMap(removalsOf), ...kept];
  if (removed.length > 0) stack.addOverride('removed', removed);
}

function movesOf(pool: NodePool): readonly { readonly from: string; readonly to: string }[] {
  const names = [...formerNames(pool), pool.name];
  // From each name to the next: Terraform refuses two moves to one address.
  return names.slice(1).flatMap((to, index) => movesBetween(pool, names[index] ?? '', to));
}

function movesBetween(pool: NodePool, former: string, name: string): readonly { readonly from: string; readonly to: string }[] {
  const move = (type: string, id: (pool: string) => string) => ({ from: `${type}.${id(former)}`, to: `${type}.${id(name)}` });
  return [
    ...(pool.spread === 'none' ? [] : [move('openstack_compute_servergroup_v2', (one) => `servers_${one}`)]),
    ...poolKeys(pool).flatMap((key) => [
      move('openstack_networking_port_v2', (one) => `${one}-${key}_port`),
      move('openstack_compute_instance_v2', (one) => `${one}-${key}`),
      ...(pool.bootVolume ? [move('openstack_blockstorage_volume_v3', (one) => `${one}-${key}_boot`)] : []),
      ...dataVolumesOf(pool).flatMap((volume) => [
        move('openstack_blockstorage_volume_v3', (one) => `${one}-${key}_volume_${volume.name}`),
        move('openstack_compute_volume_attach_v2', (one) => `${one}-${key}_attachment_${volume.name}`),
      ]),
    ]),
  ];
}

/** Under each name that the pool has had: the state may be older than the last renaming. */
function removalsOf(pool: NodePool) {
  const { retired = {}, dataVolumes = [] } = pool;
  const gone = Object.keys(retired).filter((key) => retired[key] === 'keep-volumes');
  return dataVolumes.flatMap((volume) => {
    if (volume.retired === 'delete-volumes') return [];
    const keys = volume.retired === 'keep-volumes' ? [...poolKeys(pool), ...gone] : gone;
    return [pool.name, ...formerNames(pool)].flatMap((name) =>
      keys.map((key) => ({
        from: `openstack_blockstorage_volume_v3.${name}-${key}_volume_${volume.name}`,
        lifecycle: { destroy: false },
      })),
    );
  });
}
