import { examplesOf } from '../../kubernetes';
import { secret } from '../../site';
import { OpenStackCloudController } from './openstack-cloud-controller';
import type { OpenStackCloudControllerProps } from './props';

export const examples = examplesOf<OpenStackCloudControllerProps>(
  OpenStackCloudController,
  {
    id: 'openstack-cloud-controller',
    on: 'provisioned',
    alone: true,
    props: ({ site, core }) => ({
      site,
      namespace: 'cloud',
      patch: [
        {
          object: 'DaemonSet/openstack-cloud-controller-manager',
          operations: [{ op: 'add', path: '/metadata/labels/team', value: 'cloud' }],
        },
      ],
      on: core,
      clusterName: 'analysis',
      loadBalancers: false,
      cloudConf: secret('openstack', 'site.conf'),
      cloudAuthority: secret('openstack-ca', 'ca.crt'),
    }),
  },
  { id: 'openstack-cloud-controller', on: 'provisioned', props: () => ({}) },
);
