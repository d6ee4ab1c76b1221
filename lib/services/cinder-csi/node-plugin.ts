import { type ContainerProps, configFiles, DaemonSet, hostPath, type ServiceChart, scratch } from '../../kubernetes';
import type { CloudConf, Memory } from '../../site';
import { CINDER_DRIVER } from './storage-classes';

export interface NodePluginProps {
  readonly kubeletDir: string;
  readonly healthPort: number;
  readonly memory: Memory;
  /** Maximum number of volumes per node. */
  readonly volumes: number;
  readonly conf: CloudConf;
  /** Mounts of the Secrets of `conf`. */
  readonly mounts: ContainerProps['mounts'];
}

const LOOPBACK = '127.0.0.1';

/** Directory of an additional cloud.conf; the main one is a Secret of the operator. */
const LIMITS = '/etc/openstack-limits';

/**
 * CSI node plugin: formats, mounts and resizes attached volumes. It runs on all nodes regardless of taints. It reports the instance id of the
 * node to the kubelet, which it reads from the config drive or the metadata service; the latter is blocked for pods, hence hostNetwork.
 */
export class NodePlugin extends DaemonSet {
  constructor(chart: ServiceChart, props: NodePluginProps) {
    const folder = `${props.kubeletDir}/plugins/${CINDER_DRIVER}`;
    const socket = `${folder}/csi.sock`;
    const registrarPort = props.healthPort + 1;
    const plugin = hostPath('plugin', folder, 'DirectoryOrCreate');
    super(chart, 'node', {
      on: chart.site.pools,
      tolerate: 'all',
      priority: 'system',
      hostNetwork: true,
      // Volumes must be mountable before the DNS of the cluster runs.
      resolver: 'node',
      service: 'none',
      containers: {
        driver: {
          image: chart.image('cinder-csi'),
          command: ['/bin/cinder-csi-plugin'],
          // Settings in the file of the operator take precedence.
          args: [`--endpoint=unix://${socket}`, `--cloud-config=${LIMITS}/limits.conf`, `--cloud-config=${props.conf.path}`],
          env: props.conf.env,
          ports: { driver: props.healthPort },
          privileged: true,
          resources: { cpu: '20m', cpuLimit: 1, memory: props.memory, disk: '128MiB' },
          mounts: {
            ...props.mounts,
            [LIMITS]: configFiles(chart, 'limits', { 'limits.conf': limits(props.volumes) }),
            // Mounts created in the container must be visible to kubelet and pods; the socket is in this directory too.
            [props.kubeletDir]: { ...hostPath('kubelet', props.kubeletDir), propagation: 'Bidirectional' },
            '/dev': { ...hostPath('dev', '/dev'), propagation: 'HostToContainer' },
            '/tmp': scratch('tmp', '16MiB'),
          },
          probes: { liveness: { http: '/healthz', port: 'driver', host: LOOPBACK, every: 30, failures: 5, timeout: 10 } },
        },
        registrar: {
          image: chart.image('csi-node-driver-registrar'),
          args: [`--csi-address=${socket}`, `--kubelet-registration-path=${socket}`, `--http-endpoint=${LOOPBACK}:${registrarPort}`],
          ports: { registrar: registrarPort },
          // The directories of the kubelet belong to root.
          user: 0,
          resources: { cpu: '10m', cpuLimit: '100m', memory: '64MiB', disk: '64MiB' },
          mounts: { [folder]: plugin, '/registration': hostPath('registration', `${props.kubeletDir}/plugins_registry`) },
          probes: { liveness: { http: '/healthz', port: 'registrar', host: LOOPBACK, every: 30, failures: 5, timeout: 5 } },
        },
        'liveness-probe': {
          image: chart.image('csi-liveness-probe'),
          args: [`--csi-address=${socket}`, `--http-endpoint=${LOOPBACK}:${props.healthPort}`, '--probe-timeout=9s'],
          user: 0,
          resources: { cpu: '10m', cpuLimit: '100m', memory: '64MiB', disk: '64MiB' },
          mounts: { [folder]: plugin },
        },
      },
      exceptions: {
        privileged: 'mounts volumes for the pods of the node',
        root: 'the directories of the kubelet belong to root',
        'host-path': 'mounts volumes below the directory of the kubelet, and accesses attached disks in /dev',
        'host-network': 'it needs the metadata service for the instance id, which is blocked for pods',
        'no-readiness': 'it is ready when it has registered with the kubelet',
        'no-probe': 'the container liveness-probe implements the probe of the driver',
      },
    });
  }
}

/**
 * Without this limit the scheduler places up to 256 volumes on a node, and those in excess of the PCI slots of the machine cannot be attached.
 *
 * @see https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/cinder-csi-plugin/using-cinder-csi-plugin.md#block-storage
 */
function limits(volumes: number): string {
  return `[BlockStorage]\nnode-volume-attach-limit = ${volumes}\n`;
}
