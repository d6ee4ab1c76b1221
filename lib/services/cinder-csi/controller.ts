import { type ContainerProps, Deployment, type PolicyRule, type ServiceChart, scratch } from '../../kubernetes';
import type { CloudConf, ImageName, Placement } from '../../site';
import { HEALTH_PORT } from './ports';

export interface ControllerProps {
  readonly on: Placement;
  readonly replicas: number;
  readonly zones: boolean;
  readonly conf: CloudConf;
  /** Mounts of the Secrets of `conf`. */
  readonly mounts: ContainerProps['mounts'];
}

const SOCKET = '/csi/csi.sock';

/** The request to provision a volume returns only when the volume is available. */
const CSI_TIMEOUT = '--timeout=3m';

/**
 * CSI controller: the driver, which uses the APIs of Cinder and Nova, and the sidecars that watch the Kubernetes API to provision, attach and
 * resize volumes. Each sidecar uses leader election among the replicas and calls the driver in its own pod.
 */
export class Controller extends Deployment {
  constructor(chart: ServiceChart, props: ControllerProps) {
    super(chart, 'controller', {
      on: props.on,
      replicas: props.replicas,
      priority: 'system',
      service: 'none',
      access: { rules: [LEADER_ELECTION], clusterRules: [...PROVISIONER, ...ATTACHER, ...RESIZER] },
      containers: {
        driver: {
          image: chart.image('cinder-csi'),
          command: ['/bin/cinder-csi-plugin'],
          args: [`--endpoint=unix://${SOCKET}`, `--cloud-config=${props.conf.path}`, `--cluster=${chart.site.name}`],
          env: props.conf.env,
          ports: { driver: HEALTH_PORT },
          resources: { cpu: '50m', cpuLimit: '500m', memory: '128MiB', disk: '128MiB' },
          mounts: { ...props.mounts, '/csi': scratch('socket', '1MiB'), '/tmp': scratch('tmp', '16MiB') },
          probes: { liveness: { http: '/healthz', port: 'driver', every: 30, failures: 5, timeout: 10 } },
        },
        provisioner: sidecar(chart, 'csi-provisioner', 'provisioner', 8081, [
          CSI_TIMEOUT,
          // Without a file system type, fsGroup is not applied to volumes.
          '--default-fstype=ext4',
          // Adds name and namespace of the claim to the metadata of the Cinder volume.
          '--extra-create-metadata',
          `--feature-gates=Topology=${props.zones}`,
        ]),
        attacher: sidecar(chart, 'csi-attacher', 'attacher', 8082, [CSI_TIMEOUT, '--default-fstype=ext4']),
        // Cinder can resize volumes in use, so the sidecar does not need to watch pods.
        resizer: sidecar(chart, 'csi-resizer', 'resizer', 8083, [CSI_TIMEOUT, '--handle-volume-inuse-error=false']),
        'liveness-probe': {
          image: chart.image('csi-liveness-probe'),
          args: [`--csi-address=${SOCKET}`, `--http-endpoint=:${HEALTH_PORT}`, '--probe-timeout=9s'],
          resources: { cpu: '10m', cpuLimit: '100m', memory: '64MiB', disk: '64MiB' },
          mounts: { '/csi': scratch('socket', '1MiB') },
        },
      },
      exceptions: {
        unreachable: 'uses only the Kubernetes API; only the kubelet connects to it',
        'no-readiness': 'no clients connect to it, so readiness has no effect',
        'no-probe': 'the container liveness-probe implements the probe of the driver',
        ...(props.replicas > 1 ? {} : { singleton: 'replicas is 1' }),
      },
    });
  }
}

/** A Kubernetes CSI sidecar; its probe fails if it is the leader and cannot renew its lease. */
function sidecar(chart: ServiceChart, image: ImageName, port: string, number: number, args: readonly string[]): ContainerProps {
  return {
    image: chart.image(image),
    args: [`--csi-address=${SOCKET}`, '--leader-election=true', `--http-endpoint=:${number}`, ...args],
    ports: { [port]: number },
    resources: { cpu: '20m', cpuLimit: '500m', memory: '128MiB', disk: '64MiB' },
    mounts: { '/csi': scratch('socket', '1MiB') },
    probes: { liveness: { http: '/healthz/leader-election', port, every: 20, timeout: 10 } },
  };
}

const READ = ['get', 'list', 'watch'];

const LEADER_ELECTION: PolicyRule = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] };

/** @see https://github.com/kubernetes-csi/external-provisioner/blob/v3.6.2/deploy/kubernetes/rbac.yaml */
const PROVISIONER: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['persistentvolumes'], verbs: [...READ, 'create', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: [...READ, 'update'] },
  { apiGroups: [''], resources: ['nodes'], verbs: READ },
  { apiGroups: [''], resources: ['events'], verbs: ['list', 'watch', 'create', 'update', 'patch'] },
  { apiGroups: ['storage.k8s.io'], resources: ['storageclasses', 'csinodes'], verbs: READ },
];

/** @see https://github.com/kubernetes-csi/external-attacher/blob/v4.4.2/deploy/kubernetes/rbac.yaml */
const ATTACHER: readonly PolicyRule[] = [
  { apiGroups: ['storage.k8s.io'], resources: ['volumeattachments'], verbs: [...READ, 'patch'] },
  { apiGroups: ['storage.k8s.io'], resources: ['volumeattachments/status'], verbs: ['patch'] },
];

/** @see https://github.com/kubernetes-csi/external-resizer/blob/v1.9.2/deploy/kubernetes/rbac.yaml */
const RESIZER: readonly PolicyRule[] = [{ apiGroups: [''], resources: ['persistentvolumeclaims/status'], verbs: ['patch'] }];
