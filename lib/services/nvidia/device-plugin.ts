import { DaemonSet, hostPath, type ServiceChart } from '../../kubernetes';
import { ALL_CARDS, CONFIG_FILE, CONFIG_MOUNT, configManager, READ_NODES, SEES_CARDS, SEES_CARDS_BECAUSE } from './config-manager';
import type { Configuration } from './configuration';
import { MPS_ROOT, mpsMounts } from './mps-control';
import type { NvidiaPool, PlainNodes } from './pools';

export interface DevicePluginProps {
  readonly on: readonly NvidiaPool[];
  readonly nodes: PlainNodes;
  readonly files: Configuration;
  /** Whether any pool shares its cards by MPS. */
  readonly mps: boolean;
}

/**
 * Tells the kubelet which cards, instances and shares the node has, and hands them out.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin/blob/main/deployments/helm/nvidia-device-plugin/templates/daemonset-device-plugin.yml
 */
export class DevicePlugin extends DaemonSet {
  constructor(chart: ServiceChart, { on, nodes, files, mps }: DevicePluginProps) {
    super(chart, 'device-plugin', {
      on,
      priority: 'system',
      service: 'none',
      runtimeClass: nodes.runtimeClass,
      // While a node is being cut, the MIG manager takes this label away and waits until no pod with that one is left.
      nodeLabels: { 'nvidia.com/gpu.deploy.device-plugin': 'true' },
      podLabels: { app: 'nvidia-device-plugin-daemonset' },
      shareProcesses: true,
      access: { clusterRules: READ_NODES },
      initContainers: { configure: configManager(chart, files.plugin) },
      containers: {
        plugin: {
          image: chart.image('nvidia-device-plugin'),
          command: ['nvidia-device-plugin'],
          env: { ...ALL_CARDS, CONFIG_FILE, ...(mps ? { MPS_ROOT } : {}) },
          ...SEES_CARDS,
          resources: { cpu: '20m', cpuLimit: '500m', memory: '128MiB', disk: '64MiB' },
          mounts: {
            ...CONFIG_MOUNT,
            '/var/lib/kubelet/device-plugins': hostPath('device-plugins', `${nodes.kubeletDir}/device-plugins`),
            '/var/run/cdi': hostPath('cdi', '/var/run/cdi', 'DirectoryOrCreate'),
            ...(mps ? mpsMounts() : {}),
          },
        },
        reconfigure: configManager(chart, files.plugin, 'nvidia-device-plugin'),
      },
      exceptions: {
        ...SEES_CARDS_BECAUSE,
        'host-path': 'the kubelet is told through a socket in its folder',
        'no-probe': 'it listens to the kubelet alone, which notices when it is gone',
        unreachable: 'works through the kubelet; nothing connects to it',
      },
    });
  }
}
