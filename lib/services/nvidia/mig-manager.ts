import { Yaml } from 'cdk8s';
import { configFiles, DaemonSet, hostPath, type PolicyRule, type ServiceChart, scratch, type VolumeSource } from '../../kubernetes';
import { ALL_CARDS } from './config-manager';
import type { NvidiaPool, PlainNodes } from './pools';

export interface MigManagerProps {
  readonly on: readonly NvidiaPool[];
  readonly nodes: PlainNodes;
  /** The file of mig-parted. */
  readonly layouts: VolumeSource;
  readonly reboot: boolean;
}

/** Services of the node's system that may hold a card; those that a node lacks are passed over. */
const HOLDERS = {
  version: 'v1',
  'systemd-services': [
    'nvsm.service',
    'nvsm-mqtt.service',
    'nvsm-core.service',
    'nvsm-api-gateway.service',
    'nvsm-notifier.service',
    'nv_peer_mem.service',
    'nvidia-dcgm.service',
    'dcgm-exporter.service',
  ],
};

/** It writes how far it is into labels of its node, as which it also takes the other parts away; a role cannot be narrowed to one node. */
const LABEL_NODES: readonly PolicyRule[] = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'update', 'patch'] }];

/** It waits until the pods of the other parts are gone. */
const WATCH_PODS: readonly PolicyRule[] = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'delete'] }];

/**
 * Cuts the cards of its node as the label `nvidia.com/mig.config` asks, whenever that changes.
 *
 * @see https://github.com/NVIDIA/mig-parted/blob/main/deployments/container/nvidia-mig-manager-example.yaml
 */
export class MigManager extends DaemonSet {
  constructor(chart: ServiceChart, { on, nodes, layouts, reboot }: MigManagerProps) {
    super(chart, 'mig-manager', {
      on,
      priority: 'system',
      service: 'none',
      runtimeClass: nodes.runtimeClass,
      hostNamespaces: ['pid', 'ipc'],
      access: { rules: WATCH_PODS, clusterRules: LABEL_NODES },
      containers: {
        manager: {
          image: chart.image('k8s-mig-manager'),
          env: {
            ...ALL_CARDS,
            NVIDIA_MIG_CONFIG_DEVICES: 'all',
            NODE_NAME: { field: 'spec.nodeName' },
            POD_NAME: { field: 'metadata.name' },
            POD_NAMESPACE: { field: 'metadata.namespace' },
            CONFIG_FILE: '/mig-parted-config/config.yaml',
            GPU_CLIENTS_FILE: '/gpu-clients/clients.yaml',
            DEFAULT_GPU_CLIENTS_NAMESPACE: { field: 'metadata.namespace' },
            HOST_ROOT_MOUNT: '/host',
            WITH_SHUTDOWN_HOST_GPU_CLIENTS: 'true',
            WITH_REBOOT: String(reboot),
          },
          privileged: true,
          resources: { cpu: '20m', cpuLimit: 1, memory: '256MiB', disk: '64MiB' },
          mounts: {
            '/mig-parted-config': layouts,
            '/gpu-clients': configFiles(chart, 'gpu-clients', { 'clients.yaml': Yaml.stringify(HOLDERS) }),
            '/host': { ...hostPath('host', '/'), propagation: 'HostToContainer' },
            '/sys': hostPath('sys', '/sys'),
            '/tmp': scratch('tmp', '16MiB'),
          },
        },
      },
      exceptions: {
        privileged: 'resets the cards, and stops services of the node that hold them',
        root: 'the same',
        'host-path': 'it speaks to the systemd of the node, and restarts the node where it may',
        'host-namespaces': 'whoever else uses a card must be seen before the card is reset',
        'no-probe': 'it listens to nobody; the label of its node tells how it is',
        unreachable: 'works through the Kubernetes API; nothing connects to it',
      },
    });
  }
}
