import { DaemonSet, hostPath, type ServiceChart } from '../../kubernetes';
import { ALL_GPUS, CONFIG_FILE, CONFIG_MOUNT, configManager, GPU_ACCESS, GPU_ACCESS_REASONS, READ_NODES } from './config-manager';
import type { Configuration } from './configuration';
import type { NvidiaPool, PlainNodes } from './pools';

export interface FeatureDiscoveryProps {
  readonly on: readonly NvidiaPool[];
  readonly nodes: PlainNodes;
  readonly files: Configuration;
}

/** Directory from which the worker of Node Feature Discovery reads features. */
const FEATURES = '/etc/kubernetes/node-feature-discovery/features.d';

/**
 * GPU Feature Discovery: writes properties of the GPUs to a file, from which Node Feature Discovery creates labels of the node.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin/blob/main/deployments/helm/nvidia-device-plugin/templates/daemonset-gfd.yml
 */
export class FeatureDiscovery extends DaemonSet {
  constructor(chart: ServiceChart, { on, nodes, files }: FeatureDiscoveryProps) {
    super(chart, 'feature-discovery', {
      on,
      priority: 'system',
      service: 'none',
      runtimeClass: nodes.runtimeClass,
      nodeLabels: { 'nvidia.com/gpu.deploy.gpu-feature-discovery': 'true' },
      podLabels: { app: 'gpu-feature-discovery' },
      shareProcesses: true,
      access: { clusterRules: READ_NODES },
      initContainers: { configure: configManager(chart, files.plugin) },
      containers: {
        discovery: {
          image: chart.image('nvidia-device-plugin'),
          command: ['gpu-feature-discovery'],
          env: {
            ...ALL_GPUS,
            CONFIG_FILE,
            NODE_NAME: { field: 'spec.nodeName' },
            NAMESPACE: { field: 'metadata.namespace' },
            POD_NAME: { field: 'metadata.name' },
          },
          ...GPU_ACCESS,
          resources: { cpu: '20m', cpuLimit: '500m', memory: '128MiB', disk: '64MiB' },
          mounts: {
            ...CONFIG_MOUNT,
            [FEATURES]: hostPath('features', FEATURES, 'DirectoryOrCreate'),
            '/sys': { ...hostPath('sys', '/sys'), readOnly: true },
          },
        },
        reconfigure: configManager(chart, files.plugin, 'gpu-feature-discovery'),
      },
      exceptions: {
        ...GPU_ACCESS_REASONS,
        'host-path': 'Node Feature Discovery reads its file on the node',
        'no-probe': 'it has no port',
        unreachable: 'communicates through a file; it has no port',
      },
    });
  }
}
