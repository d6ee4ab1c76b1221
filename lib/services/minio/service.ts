import type { Service } from '../../kubernetes';
import { minIO } from './description';
import { MinIO } from './minio';

export const minIOService: Service = {
  description: minIO,
  example: (scope, { core }) => new MinIO(scope, 'minio', { on: core, servers: 4, driveSize: '100GiB' }),
};
