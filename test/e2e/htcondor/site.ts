/** Two HTCondor pools on the shared cluster, with the addressing, tenants and flocking of `apps/dodas`. */
import { Facility } from '../../../lib';
import { mig } from '../../../lib/gpu';
import { HTCondorPool, type HTCondorPoolProps, hostNetwork } from '../../../lib/services/htcondor';
import { defineSite, nodePool } from '../../../lib/site';
import { clusterOf } from '../cluster/of-site';
import type { NodeProps } from '../cluster/props';
import { sharedSite, workers } from '../cluster/shared';

const addresses = { manager: '10.64.0.41', schedd: '10.64.0.42', slices: '10.64.0.43' } as const;
const flavor = { vcpus: 16, memory: '32GiB' } as const;

/** Dedicated nodes of collector and schedd, as the virtual machines of `apps/dodas`. */
const manager = nodePool('manager', {
  keys: ['1'],
  flavor,
  hostnames: ['condor-manager'],
  addresses: [addresses.manager],
  labels: { condor: 'ccb' },
  taints: [{ key: 'condor', value: 'ccb', effect: 'NoSchedule' }],
});
const schedd = nodePool('schedd', {
  keys: ['1'],
  flavor,
  hostnames: ['condor-schedd'],
  addresses: [addresses.schedd],
  labels: { condor: 'schedd' },
  taints: [{ key: 'condor', value: 'schedd', effect: 'NoSchedule' }],
});
/** A node with two slices of a GPU, which a device plugin without GPUs allocates. */
const slices = nodePool('slices', {
  keys: ['1'],
  flavor,
  hostnames: ['condor-slices'],
  addresses: [addresses.slices],
  labels: { slices: 'yes' },
  gpus: mig('a100-80gb', { layout: { '3g.40gb': 2 }, product: 'NVIDIA-A100-SXM4-80GB' }),
});
const slice = slices.slice('3g.40gb');

const shared = sharedSite('htcondor');
export const site = defineSite('htcondor', {
  test: true,
  cluster: shared.cluster,
  pools: [workers, manager, schedd, slices],
  storage: shared.storage ?? {},
});

/** Nodes that the suite adds to the cluster. */
export const nodes: readonly NodeProps[] = clusterOf(site).nodes.filter(({ name }) => name.startsWith('condor-'));

export const DOMAIN = { main: 'pool.example', partner: 'partner.example' } as const;
/** Memory and cores of the pods of the group `all`; slots are smaller by the memory of the daemons. */
export const ALL = { cpu: 8, memory: '1GiB', pods: 2 } as const;

/** Settings that make the suite fast. */
const FAST = { NEGOTIATOR_MIN_INTERVAL: 1, NEGOTIATOR_CYCLE_DELAY: 1 } as const;

export const POOL: Omit<HTCondorPoolProps, 'flocksTo'> = {
  on: manager,
  domain: DOMAIN.main,
  longestJob: '2m',
  manager: { addressing: hostNetwork({ nodeLabels: { condor: 'ccb' } }), negotiatorInterval: '5s' },
  accessPoints: {
    ap: {
      on: schedd,
      addressing: hostNetwork({ nodeLabels: { condor: 'schedd' } }),
      spool: { size: '1GiB' },
      users: { alice: 1001, bob: 1002 },
      resources: { cpu: 1, memory: '1GiB' },
    },
  },
  tenants: { cms: { users: ['alice'], quota: 0.6 }, virgo: { users: ['bob'], quota: 0.4 } },
  execute: {
    all: { on: workers, ...ALL, disk: '2GiB' },
    virgo: { on: workers, pods: 1, cpu: 1, memory: '1GiB', disk: '1GiB', tenants: ['virgo'] },
    slice: { on: slices, pods: 1, cpu: 1, memory: '1GiB', disk: '1GiB', accelerator: slice, gpus: 'counted' },
  },
  config: FAST,
};

/** The pool, and a second one that runs its jobs when there is no slot. */
export function describe(outdir: string, change: Partial<HTCondorPoolProps> = {}): Facility {
  const facility = new Facility(site, { outdir });
  const partner = new HTCondorPool(facility, 'partner', {
    on: workers,
    domain: DOMAIN.partner,
    longestJob: '2m',
    manager: { negotiatorInterval: '5s', spool: { size: '1GiB' } },
    accessPoints: { ap: { spool: 'temporary', resources: { cpu: 1, memory: '1GiB' } } },
    execute: { all: { on: workers, pods: 1, cpu: 1, memory: '1GiB', disk: '1GiB', attributes: { PartnerPool: true } } },
    config: FAST,
  });
  new HTCondorPool(facility, 'htcondor', { ...POOL, flocksTo: [partner.endpoint], ...change });
  return facility;
}
