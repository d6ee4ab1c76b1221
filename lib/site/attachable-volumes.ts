import { dataVolumesOf, type Site } from './site';

/**
 * Maximum number of volumes that can be attached to a virtual machine besides the root disk: libvirt attaches them with virtio-blk as vdb
 * to vdz, and each needs a PCI slot.
 *
 * @see https://docs.openstack.org/nova/latest/configuration/config.html#compute.max_disk_devices_to_attach
 */
const MAX_VOLUMES = 25;

/** Maximum number of volumes of a machine besides its root disk. */
export function volumesPerMachine({ cloud }: Pick<Site, 'cloud'>): number {
  return cloud?.volumesPerMachine ?? MAX_VOLUMES;
}

/**
 * Number of volumes of pods that can be attached to each node: the limit minus the data volumes of the pool. The storage driver reports one
 * number for all nodes, hence the smallest.
 */
export function attachableVolumes(site: Pick<Site, 'cloud' | 'pools'>): number {
  const dataVolumes = site.pools.map((pool) => dataVolumesOf(pool).length);
  return Math.max(0, volumesPerMachine(site) - Math.max(0, ...dataVolumes));
}
