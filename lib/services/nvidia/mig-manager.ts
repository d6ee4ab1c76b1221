import { Yaml } from 'cdk8s';
import { configFiles, DaemonSet, hostPath, type PolicyRule, type ServiceChart, scratch, type VolumeSource } from '../../kubernetes';
import { ALL_GPUS } from './config-manager';
import type { NvidiaPool, PlainNodes } from './pools';

export interface MigManagerProps {
  readonly on: readonly NvidiaPool[];
  readonly nodes: PlainNodes;
  /** Configuration file of mig-parted. */
  readonly layouts: VolumeSource;
  readonly reboot: boolean;
}

/** systemd services of the node that may use a GPU; missing ones are ignored. */
const HOST_GPU_CLIENTS = {
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

/** It reports its state in labels of its node, and removes other components by labels. RBAC cannot restrict it to its own node. */
const LABEL_NODES: readonly PolicyRule[] = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'update', 'patch'] }];

/** It waits until the pods of the other components are deleted. */
const WATCH_PODS: readonly PolicyRule[] = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'delete'] }];

/**
 * MIG manager: applies the MIG layout in the label `nvidia.com/mig.config` of its node whenever the label changes.
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
            ...ALL_GPUS,
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
            '/gpu-clients': configFiles(chart, 'gpu-clients', { 'clients.yaml': Yaml.stringify(HOST_GPU_CLIENTS) }),
            '/host': { ...hostPath('host', '/'), propagation: 'HostToContainer' },
            '/sys': hostPath('sys', '/sys'),
            '/tmp': scratch('tmp', '16MiB'),
          },
        },
      },
      exceptions: {
        privileged: 'resets GPUs, and stops services of the node that use them',
        root: 'see privileged',
        'host-path': 'it uses systemd of the node, and reboots the node if this is enabled',
        'host-namespaces': 'it must see all processes that use a GPU before it resets the GPU',
        'no-probe': 'it has no port; its state is in a label of its node',
        unreachable: 'uses only the Kubernetes API; it has no port',
      },
    });
  }
}
