import type { Site } from './site';

/**
 * Volumes beside the root disk that a virtual machine can have: libvirt attaches them over virtio-blk, as vdb to vdz, and each takes a PCI slot.
 *
 * @see https://docs.openstack.org/nova/latest/configuration/config.html#compute.max_disk_devices_to_attach
 */
const MOST_VOLUMES = 25;

/** Most volumes of a machine, beside its root disk. */
export function volumesPerMachine({ cloud }: Pick<Site, 'cloud'>): number {
  return cloud?.volumesPerMachine ?? MOST_VOLUMES;
}

/**
 * Volumes of pods that can be attached to each node. The storage driver reports one number for all nodes, hence the smallest: data volumes of
 * a pool take their slots first.
 */
export function attachableVolumes(site: Pick<Site, 'cloud' | 'pools'>): number {
  const dataVolumes = site.pools.map((pool) => pool.dataVolumes?.length ?? 0);
  return Math.max(0, volumesPerMachine(site) - Math.max(0, ...dataVolumes));
}
