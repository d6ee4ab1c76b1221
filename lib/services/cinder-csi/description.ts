import { propsSchema } from '../../errors';
import { describeService } from '../../kubernetes';
import document from './schema.json';

const IMAGES = {
  'cinder-csi': 'registry.k8s.io/provider-os/cinder-csi-plugin:v1.27.3',
  'csi-attacher': 'registry.k8s.io/sig-storage/csi-attacher:v4.4.2',
  'csi-provisioner': 'registry.k8s.io/sig-storage/csi-provisioner:v3.6.2',
  'csi-resizer': 'registry.k8s.io/sig-storage/csi-resizer:v1.9.2',
  'csi-node-driver-registrar': 'registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.9.2',
  'csi-liveness-probe': 'registry.k8s.io/sig-storage/livenessprobe:v2.11.0',
} as const;

declare module '../../site/images' {
  interface ImageTable extends Record<keyof typeof IMAGES, string> {}
}

/** The CSI driver of OpenStack Cinder. */
export const cinderCsi = describeService({
  name: 'cinder-csi',
  schema: propsSchema(document, 'CinderCsiProps'),
  images: IMAGES,
  // The node plugin is privileged: it mounts volumes on the node.
  podSecurity: 'privileged',
});
