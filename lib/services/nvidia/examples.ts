import { examplesOf } from '../../kubernetes';
import { NvidiaGpus } from './nvidia-gpus';
import type { NvidiaGpusProps, PlainGpusProps } from './props';

export const examples = examplesOf<NvidiaGpusProps>(
  NvidiaGpus,
  {
    id: 'gpus',
    on: 'newest',
    alone: true,
    props: ({ site, monitoring, otherNamespace }) => ({
      site,
      by: 'operator',
      namespace: 'gpu-operator',
      driver: 'operator',
      toolkit: 'nodes',
      reboot: true,
      metrics: { from: monitoring, monitors: { release: 'monitoring' }, every: '15s', idle: { below: 0.05, after: '1h' } },
      claims: { namespaces: [otherNamespace], byResource: true },
      patch: [{ object: 'ClusterPolicy/cluster-policy', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'gpus' }] }],
    }),
  },
  {
    id: 'gpus',
    on: 'provisioned',
    props: ({ monitoring }) => ({
      driver: 'operator',
      toolkit: 'operator',
      reboot: true,
      metrics: { from: monitoring, monitors: { release: 'monitoring' }, every: '15s', idle: { below: 0.05, after: '1h' } },
      patch: [{ object: 'ClusterPolicy/cluster-policy', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'gpus' }] }],
    }),
  },
  {
    id: 'gpus',
    on: 'existing',
    alone: true,
    props: ({ site, monitoring, runtimeClass }): Required<Omit<PlainGpusProps, 'claims'>> => ({
      site,
      by: 'plain',
      namespace: 'gpu-daemons',
      runtimeClass,
      kubeletDir: '/data/kubelet',
      reboot: true,
      metrics: { from: monitoring, monitors: { release: 'monitoring' } },
      patch: [{ object: 'DaemonSet/gpus-mig-manager', operations: [{ op: 'add', path: '/metadata/labels/team', value: 'gpus' }] }],
    }),
  },
  {
    id: 'gpus',
    on: 'existing',
    props: ({ monitoring }) => ({ by: 'plain', metrics: { from: monitoring, monitors: { release: 'monitoring' } } }),
  },
  {
    id: 'gpus',
    on: 'newest',
    props: ({ monitoring, otherNamespace }) => ({
      toolkit: 'nodes',
      metrics: { from: monitoring, monitors: { release: 'monitoring' } },
      claims: { namespaces: [otherNamespace], byResource: true },
    }),
  },
);
