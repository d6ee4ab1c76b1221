import type { ITerraformDependable, TerraformStack } from 'cdktf';
import { BlockstorageVolumeV3 } from '../../imports/openstack/blockstorage-volume-v3';
import type { ComputeInstanceV2 } from '../../imports/openstack/compute-instance-v2';
import { ComputeVolumeAttachV2 } from '../../imports/openstack/compute-volume-attach-v2';
import { bytes, type Memory, type SiteNode } from '../site';
import type { CloudSite } from './cloud-site';
import { verbatim } from './verbatim';

/**
 * Disks that outlive their machine. Terraform refuses to destroy one as long as its node is described; a node that is
 * removed from the site takes its disks with it, unless they are taken out of the state first
 * (`terraform state rm openstack_blockstorage_volume_v3.worker-2_volume_data`).
 *
 * They are attached one after the other, so that the guest sees them in the order of the pool. The device is not named:
 * Nova chooses another one and the plan would never be empty.
 */
export function placeDataVolumes(stack: TerraformStack, { cloud }: CloudSite, node: SiteNode, id: string, server: ComputeInstanceV2): void {
  const region = verbatim(cloud.region);
  let before: ITerraformDependable[] | undefined;
  for (const { name, size, type } of node.pool.dataVolumes ?? []) {
    const volume = new BlockstorageVolumeV3(stack, `${id}_volume_${name}`, {
      region,
      name: `${node.name}-${name}`,
      size: gibibytes(size),
      volumeType: type && verbatim(type),
      enableOnlineResize: true,
      lifecycle: { preventDestroy: true },
    });
    const attachment = new ComputeVolumeAttachV2(stack, `${id}_attachment_${name}`, {
      region,
      instanceId: server.id,
      volumeId: volume.id,
      dependsOn: before,
    });
    before = [attachment];
  }
}

/** Cinder counts whole GiB. */
export function gibibytes(size: Memory): number {
  return Math.ceil(bytes(size) / 2 ** 30);
}
