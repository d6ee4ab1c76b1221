export { OpenStackCloudController } from './openstack-cloud-controller';
export type { OpenStackCloudControllerProps } from './props';
export { openStackCloudControllerService } from './service';
