import { join } from 'node:path';
import { DaskCluster, defineSite, existingCluster, Facility, NvidiaGpus, nodePool } from '../../../lib';
import { mig, wholeGpus } from '../../../lib/gpu';
import { prometheus, withCards } from './card-pools';

/** What only the newest servers know: cards by claims. */
export function modern(folder: string): Facility {
  const nodes = nodePool('any', { count: 2, flavor: { vcpus: 16, memory: '64GiB' } });
  const facility = new Facility(
    defineSite('modern', {
      cluster: existingCluster({ version: '1.37.1', apiServers: ['198.51.100.8:443'] }),
      pools: [
        nodes,
        nodePool('cut', { ...withCards('mig'), gpus: mig('a100-80gb', { layout: { '3g.40gb': 1, '1g.10gb+me': 1, '1g.10gb': 2 } }) }),
        nodePool('whole', { ...withCards('whole'), gpus: wholeGpus('h100-80gb', 4) }),
      ],
    }),
    { outdir: join(folder, 'modern') },
  );
  new DaskCluster(facility, 'dask', { on: nodes, workers: 1 });
  new NvidiaGpus(facility, 'gpus', {
    toolkit: 'nodes',
    metrics: { from: prometheus, monitors: { release: 'monitoring' } },
    claims: { namespaces: ['dask'], byResource: true },
  });
  return facility;
}
