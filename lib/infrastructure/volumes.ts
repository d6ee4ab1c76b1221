import type { ITerraformDependable, TerraformStack } from 'cdktf';
import { BlockstorageVolumeV3 } from '../../imports/openstack/blockstorage-volume-v3';
import type { ComputeInstanceV2 } from '../../imports/openstack/compute-instance-v2';
import { ComputeVolumeAttachV2 } from '../../imports/openstack/compute-volume-attach-v2';
import { bytes, dataVolumesOf, type Memory, type SiteNode } from '../site';
import type { CloudSite } from './cloud-site';
import { verbatim } from './verbatim';

/**
 * Creates data volumes, which are independent of their server. `prevent_destroy` protects them only while their block exists, so removing
 * a node with volumes is rejected unless `retired` of the pool names it.
 *
 * They are attached sequentially, in the order of the pool. The device is not set: Nova chooses another one, which would cause a difference in
 * every plan.
 */
export function placeDataVolumes(stack: TerraformStack, { cloud }: CloudSite, node: SiteNode, id: string, server: ComputeInstanceV2): void {
  const region = verbatim(cloud.region);
  let before: ITerraformDependable[] | undefined;
  for (const { name, size, type, availabilityZone } of dataVolumesOf(node.pool)) {
    const volume = new BlockstorageVolumeV3(stack, `${id}_volume_${name}`, {
      region,
      name: `${node.name}-${name}`,
      size: gibibytes(size),
      volumeType: type && verbatim(type),
      availabilityZone: availabilityZone && verbatim(availabilityZone),
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

/** Size in GiB, rounded up: Cinder has no smaller unit. */
export function gibibytes(size: Memory): number {
  return Math.ceil(bytes(size) / 2 ** 30);
}
