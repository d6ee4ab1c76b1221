import { propsSchema } from '../../errors';
import { describeService } from '../../kubernetes';
import document from './schema.json';

const IMAGES = {
  'openstack-cloud-controller-manager': 'registry.k8s.io/provider-os/openstack-cloud-controller-manager:v1.27.3',
} as const;

declare module '../../site/images' {
  interface ImageTable extends Record<keyof typeof IMAGES, string> {}
}

/** The cloud controller manager of OpenStack. */
export const openStackCloudController = describeService({
  name: 'openstack-cloud-controller',
  schema: propsSchema(document, 'OpenStackCloudControllerProps'),
  images: IMAGES,
  // It uses hostNetwork.
  podSecurity: 'privileged',
});
