import { propsSchema } from '../../errors';
import { describeService } from '../../kubernetes';
import document from './schema.json';

const IMAGES = {
  /** API server and controller. @see https://gateway.dask.org/changelog.html */
  'dask-gateway-server': 'ghcr.io/dask/dask-gateway-server:2026.3.0',
  /** Default image of clusters: Dask with the gateway client. */
  'dask-gateway': 'ghcr.io/dask/dask-gateway:2026.3.0',
  traefik: 'docker.io/library/traefik:v3.6.12',
} as const;

declare module '../../site/images' {
  interface ImageTable extends Record<keyof typeof IMAGES, string> {}
}

/** Dask clusters on demand, one or several per user. */
export const daskGateway = describeService({
  name: 'dask-gateway',
  schema: propsSchema(document, 'DaskGatewayProps'),
  images: IMAGES,
});
