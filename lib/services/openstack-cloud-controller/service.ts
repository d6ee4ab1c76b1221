import type { Service } from '../../kubernetes';
import { openStackCloudController } from './description';
import { OpenStackCloudController } from './openstack-cloud-controller';
import type { OpenStackCloudControllerProps } from './props';

declare module '../../kubernetes/service' {
  interface ImpliedProps {
    /** Props of the cloud controller, which is installed automatically with `cloudController: true`. @default - the defaults of `OpenStackCloudController` */
    readonly cloudController?: OpenStackCloudControllerProps;
  }
}

/** Installed automatically in facilities whose site needs it. */
export const openStackCloudControllerService: Service = {
  description: openStackCloudController,
  examples: () => (require('./examples') as typeof import('./examples')).examples,
  implied: {
    id: 'openstack-cloud-controller',
    prop: 'cloudController',
    isNeeded: (site) => site.cloud?.cloudController === true,
    place: (scope, id, { cloudController }) => void new OpenStackCloudController(scope, id, cloudController),
  },
};
