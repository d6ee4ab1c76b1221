import { type ContainerProps, type PolicyRule, type ServiceChart, scratch, type VolumeSource } from '../../kubernetes';
import { DEFAULT_CONFIG } from './plugin-config';

/** Where a container finds the configuration of its node. */
export const CONFIG_FILE = '/config/config.yaml';

/** It reads the label of its node, and the others with it: a role cannot be narrowed to one. */
export const READ_NODES: readonly PolicyRule[] = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }];

/** What sees the cards of its node, and the state of their instances: the latter for those alone who may administer the system. */
export const SEES_CARDS = {
  // Devices and their capabilities belong to root.
  user: 0,
  capabilities: ['SYS_ADMIN'],
} as const;

/** Why a part differs from the hardened pod. */
export const SEES_CARDS_BECAUSE = {
  root: 'the devices of the cards belong to root',
  capabilities: 'the driver shows MIG instances of others to who has SYS_ADMIN',
} as const;

/** What the runtime of NVIDIA gives such a container. @see https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html */
export const ALL_CARDS = {
  NVIDIA_VISIBLE_DEVICES: 'all',
  NVIDIA_DRIVER_CAPABILITIES: 'compute,utility',
  NVIDIA_MIG_MONITOR_DEVICES: 'all',
} as const;

/** The place of the node's configuration in every container of the pod. */
export const CONFIG_MOUNT = { '/config': scratch('config', '1MiB') } as const;

/**
 * Copies the configuration that the label `nvidia.com/device-plugin.config` of the node names: once before the part starts, and beside
 * it at every change of the label, after which it tells the part. It finds the process by its name, hence one process table in the pod.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin/tree/main/cmd/config-manager
 */
export function configManager(chart: ServiceChart, configs: VolumeSource, tells?: string): ContainerProps {
  return {
    image: chart.image('nvidia-device-plugin'),
    command: ['config-manager'],
    env: {
      ONESHOT: String(tells === undefined),
      NODE_NAME: { field: 'spec.nodeName' },
      NODE_LABEL: 'nvidia.com/device-plugin.config',
      CONFIG_FILE_SRCDIR: '/available-configs',
      CONFIG_FILE_DST: CONFIG_FILE,
      DEFAULT_CONFIG,
      FALLBACK_STRATEGIES: 'named,single',
      SEND_SIGNAL: String(tells !== undefined),
      SIGNAL: tells === undefined ? '' : '1',
      PROCESS_TO_SIGNAL: tells ?? '',
    },
    // The same as the process that it tells.
    user: 0,
    resources: { cpu: '10m', cpuLimit: '100m', memory: '64MiB', disk: '64MiB' },
    mounts: { ...CONFIG_MOUNT, '/available-configs': configs },
  };
}
