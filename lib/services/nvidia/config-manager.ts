import { type ContainerProps, type PolicyRule, type ServiceChart, scratch, type VolumeSource } from '../../kubernetes';
import { DEFAULT_CONFIG } from './plugin-config';

/** Path of the configuration of the node in each container. */
export const CONFIG_FILE = '/config/config.yaml';

/** It reads labels of its node. RBAC cannot restrict it to one node. */
export const READ_NODES: readonly PolicyRule[] = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }];

/** Security context of containers that access the GPUs of the node and query MIG instances; the latter requires SYS_ADMIN. */
export const GPU_ACCESS = {
  // Device files and capability files belong to root.
  user: 0,
  capabilities: ['SYS_ADMIN'],
} as const;

/** Reasons for these differences from the hardened pod. */
export const GPU_ACCESS_REASONS = {
  root: 'the device files of the GPUs belong to root',
  capabilities: 'the driver shows all MIG instances only to processes with SYS_ADMIN',
} as const;

/** Variables with which the NVIDIA runtime gives a container access to all GPUs. @see https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html */
export const ALL_GPUS = {
  NVIDIA_VISIBLE_DEVICES: 'all',
  NVIDIA_DRIVER_CAPABILITIES: 'compute,utility',
  NVIDIA_MIG_MONITOR_DEVICES: 'all',
} as const;

/** Mount of the configuration in each container of the pod. */
export const CONFIG_MOUNT = { '/config': scratch('config', '1MiB') } as const;

/**
 * Copies the configuration selected by the label `nvidia.com/device-plugin.config` of the node. As init container it runs once; as sidecar it
 * follows changes of the label and sends a signal to the process `notify`, which it finds by name, so the pod shares its process namespace.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin/tree/main/cmd/config-manager
 */
export function configManager(chart: ServiceChart, configs: VolumeSource, notify?: string): ContainerProps {
  return {
    image: chart.image('nvidia-device-plugin'),
    command: ['config-manager'],
    env: {
      ONESHOT: String(notify === undefined),
      NODE_NAME: { field: 'spec.nodeName' },
      NODE_LABEL: 'nvidia.com/device-plugin.config',
      CONFIG_FILE_SRCDIR: '/available-configs',
      CONFIG_FILE_DST: CONFIG_FILE,
      DEFAULT_CONFIG,
      FALLBACK_STRATEGIES: 'named,single',
      SEND_SIGNAL: String(notify !== undefined),
      SIGNAL: notify === undefined ? '' : '1',
      PROCESS_TO_SIGNAL: notify ?? '',
    },
    // Same user as the process that receives the signal.
    user: 0,
    resources: { cpu: '10m', cpuLimit: '100m', memory: '64MiB', disk: '64MiB' },
    mounts: { ...CONFIG_MOUNT, '/available-configs': configs },
  };
}
