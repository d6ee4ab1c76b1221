export { CinderCsi } from './cinder-csi';
export { openstackApis } from './openstack-apis';
export type { CinderCsiProps } from './props';
export { CINDER_DRIVER } from './storage-classes';
