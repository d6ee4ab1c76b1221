import { DaemonSet, hostPath, type ServiceChart, type VolumeSource } from '../../kubernetes';
import { ALL_GPUS, CONFIG_FILE, CONFIG_MOUNT, configManager, READ_NODES } from './config-manager';
import type { Configuration } from './configuration';
import type { NvidiaPool, PlainNodes } from './pools';

export interface MpsControlProps {
  readonly on: readonly NvidiaPool[];
  readonly nodes: PlainNodes;
  readonly files: Configuration;
}

/** Directory on the node that MPS daemon, device plugin and applications share. */
export const MPS_ROOT = '/run/nvidia/mps';

/** Mounts of device plugin and daemon. */
export function mpsMounts(): Readonly<Record<string, VolumeSource>> {
  return {
    '/mps': hostPath('mps', MPS_ROOT, 'DirectoryOrCreate'),
    '/dev/shm': hostPath('mps-shm', `${MPS_ROOT}/shm`, 'DirectoryOrCreate'),
  };
}

/**
 * MPS control daemon, which lets several pods compute on one GPU concurrently.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin/blob/main/deployments/helm/nvidia-device-plugin/templates/daemonset-mps-control-daemon.yml
 */
export class MpsControl extends DaemonSet {
  constructor(chart: ServiceChart, { on, nodes, files }: MpsControlProps) {
    const image = chart.image('nvidia-device-plugin');
    const resources = { cpu: '20m', cpuLimit: '500m', memory: '128MiB', disk: '64MiB' } as const;
    super(chart, 'mps-control', {
      on,
      priority: 'system',
      service: 'none',
      runtimeClass: nodes.runtimeClass,
      shareProcesses: true,
      access: { clusterRules: READ_NODES },
      initContainers: {
        memory: {
          image,
          command: ['mps-control-daemon', 'mount-shm'],
          privileged: true,
          resources,
          mounts: { '/mps': { ...hostPath('mps', MPS_ROOT, 'DirectoryOrCreate'), propagation: 'Bidirectional' } },
        },
        configure: configManager(chart, files.plugin),
      },
      containers: {
        daemon: {
          image,
          command: ['mps-control-daemon'],
          env: { ...ALL_GPUS, CONFIG_FILE, NODE_NAME: { field: 'spec.nodeName' } },
          privileged: true,
          resources,
          mounts: { ...CONFIG_MOUNT, ...mpsMounts() },
        },
        reconfigure: configManager(chart, files.plugin, '/usr/bin/mps-control-daemon'),
      },
      exceptions: {
        privileged: 'mounts shared memory for other pods, and sets the compute mode of the GPUs',
        root: 'see privileged',
        'host-path': 'it shares a directory of the node with other pods',
        'no-probe': 'the device plugin checks its health',
        unreachable: 'communicates through files; it has no port',
      },
    });
  }
}
