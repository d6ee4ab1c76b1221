import { join } from 'node:path';
import {
  DaskCluster,
  defineSite,
  environment,
  existingCluster,
  Facility,
  JupyterHub,
  NvidiaGpus,
  nodePool,
  size,
  storageClass,
} from '../../../lib';
import { mig, wholeGpus } from '../../../lib/gpu';
import { dummy } from '../../../lib/services/jupyterhub';
import { prometheus, withCards } from './card-pools';

/** Objects that only the newest API servers serve (GPUs by ResourceClaims), with a Gateway. */
export function modern(folder: string): Facility {
  const nodes = nodePool('any', { count: 2, flavor: { vcpus: 16, memory: '64GiB' } });
  const volumes = storageClass('local');
  const facility = new Facility(
    defineSite('modern', {
      test: true,
      storage: { default: volumes },
      cluster: existingCluster({
        version: '1.37.1',
        apiServers: ['198.51.100.8:443'],
        ingress: { controller: 'gateway', gateway: { name: 'public', namespace: 'gateways', listener: 'https' }, namespace: 'gateways' },
      }),
      pools: [
        nodes,
        nodePool('cut', { ...withCards('mig'), gpus: mig('a100-80gb', { layout: { '3g.40gb': 1, '1g.10gb+me': 1, '1g.10gb': 2 } }) }),
        nodePool('whole', { ...withCards('whole'), gpus: wholeGpus('h100-80gb', 4) }),
      ],
    }),
    { outdir: join(folder, 'modern') },
  );
  new DaskCluster(facility, 'dask', { on: nodes, workers: 1 });
  new JupyterHub(facility, 'hub', {
    on: nodes,
    host: 'hub.example.org',
    login: dummy({ allowAll: true }),
    environments: [environment('python')],
    sizes: [size('only', { cpu: 1, memory: '2GiB' })],
    home: 'none',
  });
  new NvidiaGpus(facility, 'gpus', {
    toolkit: 'nodes',
    metrics: { from: prometheus, monitors: { release: 'monitoring' } },
    claims: { namespaces: ['dask'], byResource: true },
  });
  return facility;
}
