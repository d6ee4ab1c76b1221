import { nodePool } from '../../../lib';
import { mig, mps, timeSlicing, vgpu, wholeGpus } from '../../../lib/gpu';

export const prometheus = { kind: 'pods', namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus' } } as const;
export const cut = nodePool('cut', {
  image: 'AlmaLinux-9.4',
  flavor: { name: 'c64m512g2', vcpus: 64, memory: '512GiB', disk: '200GiB', gpus: { passthrough: 'a100', count: 2 } },
  keys: ['a', 'b'],
  gpus: mig('a100-80gb', {
    perNode: 2,
    layout: { '3g.40gb': 2 },
    layouts: { b: [{ '7g.80gb': 1 }, { '3g.40gb': 1, '1g.10gb': 3, '1g.10gb+me': 1 }] },
    product: 'NVIDIA-A100-80GB-PCIe',
  }),
});
export const shared = nodePool('shared', {
  image: 'AlmaLinux-9.4',
  flavor: { name: 'c16m64g1', vcpus: 16, memory: '64GiB', disk: '100GiB', gpus: { passthrough: 'a30', count: 1 } },
  gpus: timeSlicing(mig('a30-24gb', { layout: { '1g.6gb': 4 } }), { replicas: 3 }),
  taints: [{ key: 'example.org/teaching', value: 'yes', effect: 'NoSchedule' }],
});

export const withCards = (kind: string) => ({ flavor: { vcpus: 32, memory: '256GiB' }, labels: { 'example.org/cards': kind } }) as const;
export const sharing = nodePool('sharing', {
  ...withCards('mps'),
  gpus: mps(wholeGpus({ product: 'Tesla-V100-PCIE-32GB', memory: '32GiB' }, 2), { replicas: 4 }),
});
export const single = nodePool('single', { ...withCards('mig'), gpus: mig('a30-24gb', { layout: { '2g.12gb': 2 }, strategy: 'single' }) });
export const virtual = nodePool('virtual', { ...withCards('vgpu'), gpus: vgpu('NVIDIA A100-3-20C') });
