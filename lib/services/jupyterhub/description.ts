import { propsSchema } from '../../errors';
import { describeService } from '../../kubernetes';
import document from './schema.json';

const IMAGES = {
  /** JupyterHub 5.5.0, KubeSpawner 7.0.0, OAuthenticator 17.4.0. @see https://github.com/jupyterhub/zero-to-jupyterhub-k8s */
  jupyterhub: 'quay.io/jupyterhub/k8s-hub:4.4.0',
  /** @see https://github.com/jupyterhub/configurable-http-proxy */
  'configurable-http-proxy': 'quay.io/jupyterhub/configurable-http-proxy:5.2.0',
  /** Container of placeholder pods; it only sleeps. @see https://github.com/kubernetes/kubernetes/tree/master/build/pause */
  pause: 'registry.k8s.io/pause:3.10.1',
  /** JupyterLab with the same release of Dask as the image `dask`. */
  notebook: 'ghcr.io/dask/dask-notebook:2025.11.0',
} as const;

declare module '../../site/images' {
  interface ImageTable extends Record<keyof typeof IMAGES, string> {}
}

/** JupyterHub, described for the facility. */
export const jupyterHub = describeService({
  name: 'jupyterhub',
  schema: propsSchema(document, 'JupyterHubProps'),
  images: IMAGES,
});
