import { examplesOf } from '../../kubernetes';
import { secret, sharedVolume } from '../../site';
import { hostNetwork, inCluster, nodePort } from './addressing-props';
import { externalPool } from './endpoint';
import { HTCondorPool } from './pool';
import type { HTCondorPoolProps } from './props';

export const examples = examplesOf<HTCondorPoolProps>(
  HTCondorPool,
  {
    id: 'htcondor',
    on: 'provisioned',
    order: 9,
    props: ({ site, core, users, accelerators: [slice], volumes, retained, shared, monitoring, issuer }) => ({
      site,
      namespace: 'batch',
      patch: [{ object: 'StatefulSet/htcondor-manager', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'analysis' }] }],
      on: core,
      domain: 'pool.example.org',
      manager: {
        on: core,
        count: 2,
        addressing: inCluster(),
        spool: { size: '10GiB', storageClass: retained },
        resources: { cpu: '250m', memory: '1GiB' },
        negotiatorInterval: '30s',
      },
      accessPoints: {
        ap: {
          on: core,
          addressing: nodePort(30618, { address: '203.0.113.20', listenPort: 30618, from: ['198.51.100.0/24'] }),
          spool: { size: '50GiB', storageClass: retained },
          users: { alice: 1001, bob: 1002 },
          tenant: 'cms',
          limits: { running: 500, submitted: 5000, perUser: 1000, transfers: 20, input: '10GiB', output: '10GiB' },
          jobLease: '1h',
          volumes: [sharedVolume('software', { at: '/software', from: { size: '20GiB', storageClass: shared }, subPath: 'released' })],
          credentials: {
            localIssuer: {
              name: 'storage',
              issuer: 'https://ap.example.org',
              key: secret('issuer', 'key.pem'),
              keyId: 'first',
              scopes: 'read:/user/{username}',
              lifetime: '1h',
            },
          },
          resources: { cpu: 1, cpuLimit: 2, memory: '4GiB', disk: '4GiB' },
          replicas: 1,
        },
        // All users, on the network of a node.
        remote: { addressing: hostNetwork({ port: 9700, address: '203.0.113.21', from: ['198.51.100.0/24'] }), spool: 'temporary' },
      },
      execute: {
        cpu: {
          on: users,
          pods: 2,
          cpu: 4,
          memory: '8GiB',
          disk: '20GiB',
          tenants: ['cms'],
          start: 'TARGET.RequestMemory <= 4096',
          attributes: { HasSoftware: true },
          containers: 'none',
          isolation: 'nobody',
          volumes: [sharedVolume('software', { at: '/software', from: { size: '20GiB', storageClass: shared }, writable: true })],
          inbound: 'direct',
          internet: true,
          longestJob: '2h',
          vacate: '5m',
          grace: '3h',
          drainedAtOnce: 2,
          image: 'registry.example.org/condor-analysis:25.0',
        },
        gpu: { accelerator: slice, pods: 1, cpu: 4, memory: '16GiB', gpus: 'counted', jobsWithoutGpu: true, diskOn: volumes },
        burst: {
          on: core,
          cpu: 2,
          memory: '4GiB',
          demand: { most: 4, jobsPerPod: 2, idle: '10m', prometheus: 'http://prometheus.monitoring.svc:9090', every: '30s' },
        },
      },
      longestJob: '12h',
      security: {
        keys: { sign: 'NEXT', accept: ['POOL'] },
        tokenLifetime: '90d',
        userTokenLifetime: '1d',
        scitokens: { issuer, audience: ['https://ap.example.org'], users: { '73f16d93-2441': 'alice' } },
        ssl: { secret: 'condor-host', authority: 'ca.crt' },
        administrators: ['alice'],
        allow: { READ: ['monitor@pool.example.org'] },
        revoked: ['0123456789abcdef'],
      },
      tenants: { cms: { users: ['alice', 'bob'], quota: 0.5, surplus: true } },
      groups: { atlas: { quota: 0.5, surplus: false } },
      flocksTo: [externalPool({ collector: '198.51.100.20', domain: 'partner.example.org', name: 'partner' })],
      notebooks: { schedulerPort: 8900, workerPort: 8910 },
      metrics: {
        from: monitoring,
        image: 'registry.example.org/condor-exporter:1',
        command: ['condor-exporter'],
        monitors: { release: 'monitoring' },
        heldJobs: 50,
      },
      image: 'registry.example.org/condor:25.0',
      config: { SCHEDD_DEBUG: 'D_FULLDEBUG' },
    }),
  },
  {
    id: 'htcondor',
    on: 'newest',
    props: ({ core }) => ({
      on: core,
      domain: 'pool.example.org',
      longestJob: '1h',
      execute: { worker: { pods: 2, cpu: 1, memory: '2GiB', disk: '5GiB', isolation: 'pod' } },
    }),
  },
);
