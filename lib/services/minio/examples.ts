import { examplesOf } from '../../kubernetes';
import { secret } from '../../site';
import { MinIO } from './minio';
import type { MinIOProps } from './props';

export const examples = examplesOf<MinIOProps>(
  MinIO,
  {
    id: 'minio',
    on: 'provisioned',
    props: ({ site, core, users, volumes, retained, monitoring, issuer }) => ({
      site,
      namespace: 'storage',
      patch: [{ object: 'StatefulSet/minio', operations: [{ op: 'add', path: '/metadata/annotations/team', value: 'storage' }] }],
      on: core,
      servers: 4,
      drivesPerServer: 2,
      driveSize: '100GiB',
      storageClass: retained,
      parity: 3,
      apart: 'required',
      resources: { cpu: 2, cpuLimit: 8, memory: '8GiB', disk: '2GiB' },
      pools: [{}, { servers: 3, drivesPerServer: 4, driveSize: '200GiB', storageClass: volumes, on: users }],
      buckets: [
        { name: 'scratch', quota: '10GiB', lifecycle: [{ prefix: 'tmp/', expire: '7d' }], anonymous: 'download' },
        { name: 'results', versioning: true, lifecycle: [{ expireNoncurrent: '30d' }] },
        { name: 'archive', objectLock: { mode: 'governance', keep: '1d' } },
      ],
      users: [
        { name: 'analysis', serviceAccounts: [{ name: 'pipeline', access: [{ actions: ['s3:GetObject'], resources: ['results/*'] }] }] },
        { name: 'reader', access: 'readonly', buckets: ['results'] },
        { name: 'drop-box', access: 'writeonly', buckets: ['scratch'] },
      ],
      policies: [
        {
          name: 'auditor',
          statements: [
            { actions: ['s3:ListBucket'], resources: ['results'] },
            {
              effect: 'Deny',
              actions: ['s3:DeleteObject'],
              resources: ['results/*'],
              conditions: { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
            },
          ],
        },
      ],
      login: {
        issuer,
        client: 'store',
        clientSecret: secret('store-client', 'secret'),
        policies: ['auditor'],
        scopes: ['openid'],
        title: 'IAM',
      },
      metrics: { from: monitoring, auth: 'public' },
      region: 'eu-south-1',
      serverTls: { secret: 'minio-certificate', authority: secret('store-ca', 'ca.crt') },
      host: 's3.example.org',
      consoleHost: 'minio.example.org',
      console: true,
      tls: { clusterIssuer: 'letsencrypt' },
      image: 'registry.example.org/minio:1',
    }),
  },
  {
    id: 'minio',
    on: 'newest',
    props: ({ core }) => ({ on: core, servers: 3, driveSize: '200GiB', apart: 'preferred', serverTls: {}, console: false }),
  },
);
