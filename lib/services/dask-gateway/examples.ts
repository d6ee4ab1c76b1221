import { examplesOf } from '../../kubernetes';
import { nfs, sharedVolume } from '../../site';
import { DaskGateway } from './dask-gateway';
import type { DaskGatewayProps } from './props';

export const examples = examplesOf<DaskGatewayProps>(
  DaskGateway,
  {
    id: 'dask-gateway',
    on: 'provisioned',
    order: 1,
    props: ({ site, core, users, accelerators: [, slice], endpoints }) => ({
      site,
      namespace: 'gateway',
      patch: [{ object: 'Deployment/dask-gateway-api', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'analysis' }] }],
      on: core,
      clustersOn: users,
      hub: { id: 'jupyterhub', namespace: 'notebooks' },
      image: 'registry.example.org/notebook:1',
      images: ['registry.example.org/heavy:1.2'],
      worker: { cpu: 2, memory: '8GiB' },
      largestWorker: { cpu: 8, memory: '32GiB' },
      accelerators: { slice },
      scheduler: { cpu: 2, memory: '4GiB' },
      limits: { clusters: 1, workers: 4, cpu: 20, memory: '80GiB' },
      groups: { analysis: { clusters: 2, workers: 20 } },
      idleTimeout: '30m',
      spill: '50GiB',
      uses: endpoints.filter(({ protocol }) => protocol === 's3'),
      volumes: [
        sharedVolume('data', {
          at: '/data',
          from: nfs('data', { server: 'nfs.example.org', path: '/export/data', owner: { group: 100 } }),
          writable: true,
        }),
      ],
      env: { OMP_NUM_THREADS: '1' },
      internet: false,
      traefikDefinitions: true,
      api: { cpu: '200m', memory: '512MiB' },
      controller: { cpu: '300m', memory: '512MiB' },
      proxy: { cpu: 1, memory: '512MiB' },
    }),
  },
  { id: 'gateway', on: 'existing', props: ({ core }) => ({ on: core, hub: { id: 'hub' }, traefikDefinitions: false }) },
);
