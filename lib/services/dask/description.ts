import { propsSchema } from '../../errors';
import { describeService } from '../../kubernetes';
import document from './schema.json';

const IMAGES = {
  /** @see https://github.com/dask/dask-docker */
  dask: 'ghcr.io/dask/dask:2025.11.0',
} as const;

declare module '../../site/images' {
  interface ImageTable extends Record<keyof typeof IMAGES, string> {}
}

/** A shared Dask cluster. */
export const dask = describeService({
  name: 'dask',
  schema: propsSchema(document, 'DaskClusterProps'),
  images: IMAGES,
});
