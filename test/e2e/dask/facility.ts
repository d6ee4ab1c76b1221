/** Facility of the suite: a cluster without TLS and one with TLS, small enough for one machine. */
import { DaskCluster as Cluster, type DaskCluster, defineSite, existingCluster, Facility, nodePool } from '../../../lib';
import { bytes } from '../../../lib/authoring';
import { daskVersion } from '../../../lib/services/dask';
import { imageOf } from '../../../lib/site';

const nodes = nodePool('nodes', { count: 1, flavor: { vcpus: 16, memory: '64GiB' } });
export const site = defineSite('suite', { cluster: existingCluster({ version: '1.30', apiServers: ['10.0.0.10:6443'] }), pools: [nodes] });
export const version = daskVersion(imageOf(site, 'dask')) ?? '';
export const facility = new Facility(site);

export const memoryLimit = bytes('768MiB');
const common = {
  on: nodes,
  worker: { cpu: 1, memory: '1GiB' },
  memoryLimit: '768MiB',
  spill: '4GiB',
  deathTimeout: '2m',
  retirement: '1m',
} as const;

export const open: DaskCluster = new Cluster(facility, 'open', {
  ...common,
  workers: 3,
  memoryShares: { target: 0.5, spill: 0.65, pause: 0.85, terminate: 0.97 },
  groups: {
    slots: { workers: 1, threads: 2, resources: { SLOTS: 2 } },
    old: { workers: 1, lifetime: { after: '1m', stagger: '0s' } },
  },
});
export const closed: DaskCluster = new Cluster(facility, 'closed', { ...common, workers: 2, tls: {} });
