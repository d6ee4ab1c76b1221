/** Kinds of sharing that MAX IV does not have: time-slicing, strategy `single`, and nodes that are not dedicated to GPU pods. */
import { defineSite, environment, existingCluster, Facility, JupyterHub, nodePool, size, storageClass } from '../../../lib';
import { mig, timeSlicing, wholeGpus } from '../../../lib/gpu';
import { dummy } from '../../../lib/services/jupyterhub';

const flavor = { vcpus: 32, memory: '256GiB' } as const;
const v100 = { product: 'Tesla-V100-PCIE-32GB', memory: '32GiB' } as const;

const shared = nodePool('shared', {
  keys: ['shared-1'],
  flavor,
  labels: { 'workshop.example/kind': 'shared' },
  gpus: timeSlicing(wholeGpus(v100), { replicas: 4 }),
});
const single = nodePool('single', {
  keys: ['single-1'],
  flavor,
  labels: { 'workshop.example/kind': 'single' },
  gpus: mig('a100-40gb', { layout: { '3g.20gb': 2 }, strategy: 'single', product: 'NVIDIA-A100-PCIE-40GB' }),
});
/** A node that is not dedicated: the hub itself runs on it. */
const open = nodePool('open', {
  keys: ['open-1'],
  flavor,
  labels: { 'workshop.example/kind': 'open' },
  gpus: wholeGpus('a30-24gb', 1, { dedicated: false }),
});

export const site = defineSite('workshop', {
  test: true,
  cluster: existingCluster({
    version: '1.34',
    apiServers: ['10.128.0.21:6443'],
    ingress: { className: 'nginx', namespace: 'ingress-nginx' },
  }),
  pools: [shared, single, open],
  storage: { default: storageClass('standard') },
});

export function workshop(outdir: string): Facility {
  const facility = new Facility(site, { outdir });
  new JupyterHub(facility, 'classroom', {
    on: open,
    host: 'classroom.example.org',
    login: dummy({ allowAll: true }),
    environments: [
      environment('plain'),
      environment('whole', { accelerator: open.gpu(), share: { servers: 1 } }),
      environment('half', { accelerator: single.slice('3g.20gb'), share: { servers: 2 } }),
      environment('lesson', { accelerator: shared.gpu(), share: { servers: 6, oversubscribe: true } }),
    ],
    sizes: [size('small', { cpu: 2, memory: '8GiB', disk: '1GiB' })],
    home: 'none',
  });
  return facility;
}
