export { OpenStackCloudController } from './openstack-cloud-controller';
export type { OpenStackCloudControllerProps } from './props';
