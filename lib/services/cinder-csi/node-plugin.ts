import { type ContainerProps, configFiles, DaemonSet, hostPath, type ServiceChart, scratch } from '../../kubernetes';
import type { CloudConf, Memory } from '../../site';
import { CINDER_DRIVER } from './storage-classes';

export interface NodePluginProps {
  readonly kubeletDir: string;
  readonly healthPort: number;
  readonly memory: Memory;
  /** Volumes of pods that can be attached to each node. */
  readonly volumes: number;
  readonly conf: CloudConf;
  /** The Secrets of `conf`. */
  readonly mounts: ContainerProps['mounts'];
}

const LOOPBACK = '127.0.0.1';

/** A second cloud.conf: the first one is a Secret of the operator. */
const LIMITS = '/etc/openstack-limits';

/**
 * The driver on each node: it formats, mounts and grows what the controller attached. It runs wherever a pod may, whatever
 * the node is tainted with, and tells the kubelet the node's instance id from the config drive or the metadata service; the
 * latter is closed to pods, hence the node's own network.
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
      // Volumes must mount before the cluster's DNS runs: it may be a pod with a volume that is waited for.
      resolver: 'node',
      service: 'none',
      containers: {
        driver: {
          image: chart.image('cinder-csi'),
          command: ['/bin/cinder-csi-plugin'],
          // Settings of the operator's file go before.
          args: [`--endpoint=unix://${socket}`, `--cloud-config=${LIMITS}/limits.conf`, `--cloud-config=${props.conf.path}`],
          env: props.conf.env,
          ports: { driver: props.healthPort },
          privileged: true,
          resources: { cpu: '20m', cpuLimit: 1, memory: props.memory, disk: '128MiB' },
          mounts: {
            ...props.mounts,
            [LIMITS]: configFiles(chart, 'limits', { 'limits.conf': limits(props.volumes) }),
            // Mounts made in here must be seen by the kubelet and by the pods; the socket lies in it too.
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
          // The kubelet's folders are root's.
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
        root: 'the folders of the kubelet belong to root',
        'host-path': 'mounts below the folder of the kubelet, and finds the attached disks in /dev',
        'host-network': 'the metadata service, which knows the id of the instance, is closed to pods',
        'no-readiness': 'the kubelet learns from its registration that it is ready',
        'no-probe': 'liveness-probe is the probe of the driver and needs none itself',
      },
    });
  }
}

/**
 * Without a limit the scheduler sends up to 256 volumes to one node, where those beyond the PCI slots of the machine stay unattached.
 *
 * @see https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/cinder-csi-plugin/using-cinder-csi-plugin.md#block-storage
 */
function limits(volumes: number): string {
  return `[BlockStorage]\nnode-volume-attach-limit = ${volumes}\n`;
}
