import { defineSite, existingCluster, nodePool, storageClass } from '../../lib';
import { mig } from '../../lib/gpu';

/** Every node is connected to two networks of 100 Gbit/s: one for the data of beamlines, the other for pods and users. */
const networks = {
  'network.maxiv.example/data': '100g-data',
  'network.maxiv.example/compute': '100g-compute',
};
const a100 = { perNode: 2, product: 'NVIDIA-A100-80GB-PCIe' } as const;

/** Nodes without GPUs: hub, proxy, and notebooks without a GPU. */
export const cpus = nodePool('cpu', {
  hostnames: ['b-jupyter-cn-1', 'b-jupyter-cn-2', 'b-jupyter-cn-3', 'b-jupyter-cn-4'],
  flavor: { vcpus: 64, memory: '512GiB' },
  labels: { ...networks, 'node.maxiv.example/kind': 'cpu' },
});

/** Half GPUs for reconstruction: two slices of 40192 MiB and 42 multiprocessors on each GPU. The seventh compute slice of a GPU is unused. */
export const halves = nodePool('gpu-half', {
  hostnames: ['b-jupyter-gn-1', 'b-jupyter-gn-2'],
  flavor: { vcpus: 96, memory: '1TiB' },
  labels: { ...networks, 'node.maxiv.example/kind': 'gpu-half' },
  gpus: mig('a100-80gb', { ...a100, layout: { '3g.40gb': 2 } }),
});

/** Small slices, for development, teaching and on-line previews. */
export const pieces = nodePool('gpu-fine', {
  hostnames: ['b-jupyter-gn-3'],
  flavor: { vcpus: 96, memory: '1TiB' },
  labels: { ...networks, 'node.maxiv.example/kind': 'gpu-fine' },
  gpus: mig('a100-80gb', { ...a100, layout: { '2g.20gb': 2, '1g.10gb': 3 } }),
});

/** The Kubernetes cluster of MAX IV, which Rancher manages: only manifests and node labels are written. */
export const site = defineSite('maxiv', {
  cluster: existingCluster({
    version: '1.34',
    apiServers: ['10.128.0.11:6443', '10.128.0.12:6443', '10.128.0.13:6443'],
    ingress: { className: 'nginx', namespace: 'kube-system', labels: { 'app.kubernetes.io/name': 'rke2-ingress-nginx' } },
  }),
  pools: [cpus, halves, pieces],
  storage: { default: storageClass('ceph-block') },
});
