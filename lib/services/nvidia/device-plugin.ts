import { DaemonSet, hostPath, type ServiceChart } from '../../kubernetes';
import { ALL_GPUS, CONFIG_FILE, CONFIG_MOUNT, configManager, GPU_ACCESS, GPU_ACCESS_REASONS, READ_NODES } from './config-manager';
import type { Configuration } from './configuration';
import { MPS_ROOT, mpsMounts } from './mps-control';
import type { NvidiaPool, PlainNodes } from './pools';

export interface DevicePluginProps {
  readonly on: readonly NvidiaPool[];
  readonly nodes: PlainNodes;
  readonly files: Configuration;
  /** Whether any pool shares GPUs with MPS. */
  readonly mps: boolean;
}

/**
 * Device plugin: reports GPUs, MIG instances and shared GPUs of the node to the kubelet, and allocates them.
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
      // While the MIG manager changes the layout of a node, it removes this node label and waits until no pod with that app label is left.
      nodeLabels: { 'nvidia.com/gpu.deploy.device-plugin': 'true' },
      podLabels: { app: 'nvidia-device-plugin-daemonset' },
      shareProcesses: true,
      access: { clusterRules: READ_NODES },
      initContainers: { configure: configManager(chart, files.plugin) },
      containers: {
        plugin: {
          image: chart.image('nvidia-device-plugin'),
          command: ['nvidia-device-plugin'],
          env: { ...ALL_GPUS, CONFIG_FILE, ...(mps ? { MPS_ROOT } : {}) },
          ...GPU_ACCESS,
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
        ...GPU_ACCESS_REASONS,
        'host-path': 'it communicates with the kubelet through a socket in its directory',
        'no-probe': 'only the kubelet connects to it, and detects when it is gone',
        unreachable: 'communicates only with the kubelet; it has no port',
      },
    });
  }
}
