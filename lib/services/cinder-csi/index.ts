export { CinderCsi } from './cinder-csi';
export { openstackApis } from './openstack-apis';
export type { CinderCsiProps } from './props';
export { cinderCsiService } from './service';
export { CINDER_DRIVER } from './storage-classes';
