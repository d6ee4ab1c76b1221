import { DaemonSet, hostPath, type ServiceChart, type VolumeSource } from '../../kubernetes';
import { ALL_CARDS, CONFIG_FILE, CONFIG_MOUNT, configManager, READ_NODES } from './config-manager';
import type { Configuration } from './configuration';
import type { NvidiaPool, PlainNodes } from './pools';

export interface MpsControlProps {
  readonly on: readonly NvidiaPool[];
  readonly nodes: PlainNodes;
  readonly files: Configuration;
}

/** Folder of the node where daemon, plugin and programs meet. */
export const MPS_ROOT = '/run/nvidia/mps';

/** How plugin and daemon see it. */
export function mpsMounts(): Readonly<Record<string, VolumeSource>> {
  return {
    '/mps': hostPath('mps', MPS_ROOT, 'DirectoryOrCreate'),
    '/dev/shm': hostPath('mps-shm', `${MPS_ROOT}/shm`, 'DirectoryOrCreate'),
  };
}

/**
 * Through it the programs of several pods compute on one card at once.
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
          env: { ...ALL_CARDS, CONFIG_FILE, NODE_NAME: { field: 'spec.nodeName' } },
          privileged: true,
          resources,
          mounts: { ...CONFIG_MOUNT, ...mpsMounts() },
        },
        reconfigure: configManager(chart, files.plugin, '/usr/bin/mps-control-daemon'),
      },
      exceptions: {
        privileged: 'mounts shared memory for the programs of other pods, and sets the mode of the cards',
        root: 'the same',
        'host-path': 'it meets the programs of other pods in a folder of the node',
        'no-probe': 'the device plugin asks it how it is',
        unreachable: 'works through files; nothing connects to it',
      },
    });
  }
}
