import { propsSchema } from '../../errors';
import { describeService } from '../../kubernetes';
import document from './schema.json';

const IMAGES = {
  /**
   * Server and client (`mc`) of Silo, the maintained fork of MinIO: the upstream repository is archived and its images were withdrawn.
   * @see https://github.com/pgsty/silo
   */
  minio: 'docker.io/pgsty/silo:RELEASE.2026-09-16T00-00-00Z',
} as const;

declare module '../../site/images' {
  interface ImageTable extends Record<keyof typeof IMAGES, string> {}
}

/** An S3 object store. */
export const minIO = describeService({
  name: 'minio',
  schema: propsSchema(document, 'MinIOProps'),
  images: IMAGES,
});
