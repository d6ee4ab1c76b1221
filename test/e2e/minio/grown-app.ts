/**
 * App of the store that is expanded: `grown-app.ts POOLS`, with the request in the environment as the command `facility` sets it. With one
 * pool, users of the provider get the policies in their token; with two, a policy for all users of the provider.
 */
import { defineSite, existingCluster, Facility, MinIO, nodePool, oidcIssuer, run, storageClass } from '../../../lib';

const pools = Number(process.argv[2]);
const nodes = nodePool('any', { count: 8, flavor: { vcpus: 16, memory: '64GiB' } });
const site = defineSite('grown', {
  cluster: existingCluster({ version: '1.30', apiServers: ['10.0.0.10:6443'] }),
  pools: [nodes],
  storage: { default: storageClass('fast') },
});
const facility = new Facility(site);

new MinIO(facility, 'minio', {
  on: nodes,
  pools: [{ servers: 3 }, { servers: 4 }].slice(0, pools),
  drivesPerServer: 2,
  region: 'eu-south-1',
  serverTls: {},
  console: false,
  buckets: [
    { name: 'scratch', quota: '1GiB', lifecycle: [{ prefix: 'tmp/', expire: '7d' }] },
    { name: 'results', versioning: true, lifecycle: [{ expireNoncurrent: '30d' }] },
    { name: 'archive', objectLock: { mode: 'compliance', keep: '1d' } },
    { name: 'public', anonymous: 'download' },
  ],
  users: [
    {
      name: 'analysis',
      buckets: ['scratch', 'results'],
      serviceAccounts: [{ name: 'pipeline' }, { name: 'viewer', access: [{ actions: ['s3:ListBucket'], resources: ['scratch'] }] }],
    },
    { name: 'reader', access: 'readonly', buckets: ['results'] },
    { name: 'drop-box', access: 'writeonly', buckets: ['scratch'] },
    { name: 'custom', access: [{ actions: ['s3:GetObject'], resources: ['results/one'] }] },
    { name: 'destroyer', access: [{ actions: ['s3:*'] }] },
  ],
  policies: [{ name: 'auditor', statements: [{ actions: ['s3:ListBucket'], resources: ['results'] }] }],
  login: { issuer: oidcIssuer(process.env.ISSUER ?? ''), client: 'store', policies: pools === 1 ? { claim: 'policy' } : ['auditor'] },
  metrics: { from: { kind: 'pods', namespace: 'monitoring', labels: {} }, auth: 'public' },
});

run(facility);
