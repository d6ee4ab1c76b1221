import type { TerraformStack } from 'cdktf';
import { type NodePool, poolKeys } from '../site';
import type { CloudSite } from './cloud-site';

/**
 * Adds `moved` blocks, which move the resources of renamed pools to their new addresses in the state, and `removed` blocks, which remove
 * the volumes of retired nodes from the state without deleting them.
 *
 * @see https://developer.hashicorp.com/terraform/language/modules/develop/refactoring
 * @see https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources
 */
export function placeMoves(stack: TerraformStack, { pools }: CloudSite): void {
  const moved = pools.flatMap(movesOf);
  if (moved.length > 0) stack.addOverride('moved', moved);
  const removed = pools.flatMap(removalsOf);
  if (removed.length > 0) stack.addOverride('removed', removed);
}

function movesOf(pool: NodePool): readonly { readonly from: string; readonly to: string }[] {
  const { renamedFrom, name } = pool;
  if (renamedFrom === undefined) return [];
  const move = (type: string, id: (pool: string) => string) => ({ from: `${type}.${id(renamedFrom)}`, to: `${type}.${id(name)}` });
  return [
    ...(pool.spread === 'none' ? [] : [move('openstack_compute_servergroup_v2', (one) => `servers_${one}`)]),
    ...poolKeys(pool).flatMap((key) => [
      move('openstack_networking_port_v2', (one) => `${one}-${key}_port`),
      move('openstack_compute_instance_v2', (one) => `${one}-${key}`),
      ...(pool.bootVolume ? [move('openstack_blockstorage_volume_v3', (one) => `${one}-${key}_boot`)] : []),
      ...(pool.dataVolumes ?? []).flatMap((volume) => [
        move('openstack_blockstorage_volume_v3', (one) => `${one}-${key}_volume_${volume.name}`),
        move('openstack_compute_volume_attach_v2', (one) => `${one}-${key}_attachment_${volume.name}`),
      ]),
    ]),
  ];
}

function removalsOf({ name, renamedFrom, retired = {}, dataVolumes = [] }: NodePool) {
  return Object.entries(retired)
    .filter(([, policy]) => policy === 'keep-volumes')
    .flatMap(([key]) =>
      dataVolumes.map((volume) => ({
        from: `openstack_blockstorage_volume_v3.${renamedFrom ?? name}-${key}_volume_${volume.name}`,
        lifecycle: { destroy: false },
      })),
    );
}
