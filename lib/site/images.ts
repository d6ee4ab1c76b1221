import { failure, nearest } from '../errors';
import { imageInvalid, imageUnknown } from './messages';

/**
 * Every container image that the library uses, pinned. A site overrides single ones (`images`), e.g. with a digest, or
 * all of them with a mirror (`registry`).
 */
export const IMAGES = {
  /** JupyterHub 5.5.0, KubeSpawner 7.0.0, OAuthenticator 17.4.0. @see https://github.com/jupyterhub/zero-to-jupyterhub-k8s */
  jupyterhub: 'quay.io/jupyterhub/k8s-hub:4.4.0',
  /** @see https://github.com/jupyterhub/configurable-http-proxy */
  'configurable-http-proxy': 'quay.io/jupyterhub/configurable-http-proxy:5.2.0',
  /** Waits, and does nothing else: keeps room for others. @see https://github.com/kubernetes/kubernetes/tree/master/build/pause */
  pause: 'registry.k8s.io/pause:3.10.1',
  /** @see https://github.com/dask/dask-docker */
  dask: 'ghcr.io/dask/dask:2025.11.0',
  /** JupyterLab with the Dask of the same release. */
  'dask-notebook': 'ghcr.io/dask/dask-notebook:2025.11.0',
  /** API server and controller. @see https://gateway.dask.org/changelog.html */
  'dask-gateway-server': 'ghcr.io/dask/dask-gateway-server:2026.3.0',
  /** Dask with the client of the gateway, for clusters whose users choose no other. */
  'dask-gateway': 'ghcr.io/dask/dask-gateway:2026.3.0',
  traefik: 'docker.io/library/traefik:v3.6.12',
  /**
   * Server and client (`mc`) of Silo, the maintained fork of MinIO: upstream's repository is archived and its images are withdrawn.
   * @see https://github.com/pgsty/silo
   */
  minio: 'docker.io/pgsty/silo:RELEASE.2026-09-16T00-00-00Z',
  'cinder-csi': 'registry.k8s.io/provider-os/cinder-csi-plugin:v1.27.3',
  'openstack-cloud-controller-manager': 'registry.k8s.io/provider-os/openstack-cloud-controller-manager:v1.27.3',
  'csi-attacher': 'registry.k8s.io/sig-storage/csi-attacher:v4.4.2',
  'csi-provisioner': 'registry.k8s.io/sig-storage/csi-provisioner:v3.6.2',
  'csi-resizer': 'registry.k8s.io/sig-storage/csi-resizer:v1.9.2',
  'csi-node-driver-registrar': 'registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.9.2',
  'csi-liveness-probe': 'registry.k8s.io/sig-storage/livenessprobe:v2.11.0',
  /** Checks what the operator has installed. Its tag is the version of the chart. @see https://github.com/NVIDIA/gpu-operator */
  'gpu-operator': 'nvcr.io/nvidia/gpu-operator:v26.7.0',
  /** The operator adds the node's system to the tag: `595.91.07-ubuntu24.04`. */
  'nvidia-driver': 'nvcr.io/nvidia/driver:595.91.07',
  'k8s-driver-manager': 'nvcr.io/nvidia/cloud-native/k8s-driver-manager:v0.12.0',
  'nvidia-container-toolkit': 'nvcr.io/nvidia/k8s/container-toolkit:v1.20.0',
  /** Device plugin, GPU feature discovery and control daemon of MPS. @see https://github.com/NVIDIA/k8s-device-plugin */
  'nvidia-device-plugin': 'nvcr.io/nvidia/k8s-device-plugin:v0.20.0',
  /** @see https://github.com/NVIDIA/mig-parted */
  'k8s-mig-manager': 'nvcr.io/nvidia/cloud-native/k8s-mig-manager:v0.15.0',
  'dcgm-exporter': 'nvcr.io/nvidia/k8s/dcgm-exporter:4.6.0-4.8.3-distroless',
} as const satisfies Record<string, `${string}/${string}:${string}`>;

export type ImageName = keyof typeof IMAGES;

/** Images of one site: overrides by name, and a mirror for the rest. */
export interface ImageProps {
  /** Images by name, e.g. `{ dask: 'harbor.example.org/dask:2025.11.0@sha256:…' }`. @default - the table of the library */
  readonly images?: Readonly<Partial<Record<ImageName, string>>>;
  /** Registry that mirrors all others; takes the place of the registry's host in every image of the table. @default - none */
  readonly registry?: string;
}

/**
 * @returns the image
 * @throws INVALID_IMAGE
 * @see https://github.com/distribution/reference/blob/main/reference.go
 */
export function checkImage(image: string): string {
  const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
  const host = '[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\\d+)?/';
  const whole = new RegExp(`^(?:${host})?${part}(?:/${part})*(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9.+_-]*:[0-9a-fA-F]{32,})?$`);
  if (typeof image !== 'string' || !whole.test(image)) throw failure(imageInvalid(image));
  return image;
}

/** Whether an image is the same tomorrow, as far as a tag can promise that. */
export function isPinned(image: string): boolean {
  return image.includes('@') || /:(?!latest$)[^/]+$/.test(image);
}

/**
 * The image of one name as this site pulls it.
 *
 * @throws UNKNOWN_IMAGE
 */
export function imageOf(props: ImageProps, name: ImageName): string {
  const override = props.images?.[name];
  if (override) return override;
  const image = IMAGES[name];
  if (!image) throw failure(imageUnknown(name, Object.keys(IMAGES), nearest(name, Object.keys(IMAGES))));
  return props.registry ? `${props.registry}/${image.slice(image.indexOf('/') + 1)}` : image;
}
