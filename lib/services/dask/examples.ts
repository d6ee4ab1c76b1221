import { examplesOf } from '../../kubernetes';
import { nfs, nodeFileSystem, secret, sharedVolume } from '../../site';
import { DaskCluster } from './dask-cluster';
import type { DaskClusterProps } from './props';

export const examples = examplesOf<DaskClusterProps>(
  DaskCluster,
  {
    id: 'dask',
    on: 'provisioned',
    order: 1,
    props: ({ site, core, users, accelerators: [gpu], volumes, retained, monitoring, endpoints }) => ({
      site,
      namespace: 'compute',
      patch: [{ object: 'Deployment/dask-worker', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'analysis' }] }],
      on: [core, users],
      workers: 4,
      worker: { cpu: 4, memory: '16GiB' },
      memoryLimit: '14GiB',
      threads: 2,
      scheduler: { cpu: 2, memory: '8GiB' },
      memoryShares: { target: 0.5, spill: 0.6, pause: 0.75, terminate: 0.9 },
      resources: { SLOTS: 4 },
      accelerator: 'none',
      spill: '20GiB',
      spillOn: volumes,
      lifetime: { after: '12h', stagger: '1h' },
      retirement: '5m',
      deathTimeout: '2m',
      groups: {
        large: {
          on: users,
          workers: 2,
          worker: { cpu: 8, memory: '32GiB' },
          memoryLimit: '30GiB',
          threads: 8,
          memoryShares: { target: false, spill: false, pause: 0.85 },
          spill: '10GiB',
          spillOn: retained,
          lifetime: { after: '6h' },
          retirement: '10m',
          deathTimeout: '1m',
        },
        gpu: { accelerator: gpu, workers: 3, resources: { GPU: 1 } },
      },
      image: 'registry.example.org/analysis-dask:2025.11.0',
      uses: endpoints,
      volumes: [
        sharedVolume('data', { at: '/data', from: nfs('data', { server: 'nfs.example.org', path: '/export/data', readOnly: true }) }),
      ],
      internet: true,
      env: { OMP_NUM_THREADS: '1', LICENCE: secret('licence', 'key') },
      tls: { secret: 'dask-certificate', authority: 'ca.crt' },
      metrics: { from: monitoring },
    }),
  },
  {
    id: 'dask',
    on: 'existing',
    props: ({ core }) => ({
      on: core,
      workers: 1,
      namespace: 'compute',
      volumes: [sharedVolume('gpfs', { at: '/gpfs', from: nodeFileSystem('gpfs', { path: '/gpfs/fs1', on: core }) })],
    }),
  },
  { id: 'dask', on: 'newest', props: ({ core, accelerators: [gpu] }) => ({ on: core, accelerator: gpu, workers: 2, tls: {} }) },
);
