import { DaemonSet, hostPath, type ServiceChart } from '../../kubernetes';
import { ALL_CARDS, CONFIG_FILE, CONFIG_MOUNT, configManager, READ_NODES, SEES_CARDS, SEES_CARDS_BECAUSE } from './config-manager';
import type { Configuration } from './configuration';
import type { NvidiaPool, PlainNodes } from './pools';

export interface FeatureDiscoveryProps {
  readonly on: readonly NvidiaPool[];
  readonly nodes: PlainNodes;
  readonly files: Configuration;
}

/** Where the worker of Node Feature Discovery looks for what others have found. */
const FEATURES = '/etc/kubernetes/node-feature-discovery/features.d';

/**
 * Writes what the cards are into a file, which Node Feature Discovery makes into labels of the node.
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
            ...ALL_CARDS,
            CONFIG_FILE,
            NODE_NAME: { field: 'spec.nodeName' },
            NAMESPACE: { field: 'metadata.namespace' },
            POD_NAME: { field: 'metadata.name' },
          },
          ...SEES_CARDS,
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
        ...SEES_CARDS_BECAUSE,
        'host-path': 'Node Feature Discovery reads its file on the node',
        'no-probe': 'it listens to nobody',
        unreachable: 'works through a file; nothing connects to it',
      },
    });
  }
}
