import { type ContainerProps, Deployment, type PolicyRule, type ServiceChart, scratch } from '../../kubernetes';
import type { CloudConf, ImageName, Placement } from '../../site';

export interface ControllerProps {
  readonly on: Placement;
  readonly replicas: number;
  readonly zones: boolean;
  readonly conf: CloudConf;
  /** The Secrets of `conf`. */
  readonly mounts: ContainerProps['mounts'];
}

const SOCKET = '/csi/csi.sock';

/** Cinder answers a request for a volume only when the volume is there. */
const PATIENCE = '--timeout=3m';

/**
 * The driver, which talks to Cinder and Nova, and beside it one watcher of the Kubernetes API for each thing that it can do:
 * make a volume, attach it, grow it. Each watcher is elected among the replicas and speaks to the driver in its own pod.
 */
export class Controller extends Deployment {
  constructor(chart: ServiceChart, props: ControllerProps) {
    super(chart, 'controller', {
      on: props.on,
      replicas: props.replicas,
      priority: 'system',
      service: 'none',
      access: { rules: [ELECTION], clusterRules: [...PROVISIONER, ...ATTACHER, ...RESIZER] },
      containers: {
        driver: {
          image: chart.image('cinder-csi'),
          command: ['/bin/cinder-csi-plugin'],
          args: [`--endpoint=unix://${SOCKET}`, `--cloud-config=${props.conf.path}`, `--cluster=${chart.site.name}`],
          env: props.conf.env,
          ports: { driver: 9808 },
          resources: { cpu: '50m', cpuLimit: '500m', memory: '128MiB', disk: '128MiB' },
          mounts: { ...props.mounts, '/csi': scratch('socket', '1MiB'), '/tmp': scratch('tmp', '16MiB') },
          probes: { liveness: { http: '/healthz', port: 'driver', every: 30, failures: 5, timeout: 10 } },
        },
        provisioner: watcher(chart, 'csi-provisioner', 'provisioner', 8081, [
          PATIENCE,
          // Without a type, the files of a volume would never be given to the group of its pod.
          '--default-fstype=ext4',
          // Names of claim and namespace go into the metadata of the Cinder volume.
          '--extra-create-metadata',
          `--feature-gates=Topology=${props.zones}`,
        ]),
        attacher: watcher(chart, 'csi-attacher', 'attacher', 8082, [PATIENCE, '--default-fstype=ext4']),
        // Cinder grows volumes that are in use; the watcher need not look for the pods that use them.
        resizer: watcher(chart, 'csi-resizer', 'resizer', 8083, [PATIENCE, '--handle-volume-inuse-error=false']),
        'liveness-probe': {
          image: chart.image('csi-liveness-probe'),
          args: [`--csi-address=${SOCKET}`, '--http-endpoint=:9808', '--probe-timeout=9s'],
          resources: { cpu: '10m', cpuLimit: '100m', memory: '64MiB', disk: '64MiB' },
          mounts: { '/csi': scratch('socket', '1MiB') },
        },
      },
      exceptions: {
        unreachable: 'works through the Kubernetes API; nothing connects to it but the kubelet',
        'no-readiness': 'nothing connects to it, so nothing waits for it to be ready',
        'no-probe': 'liveness-probe is the probe of the driver and needs none itself',
        ...(props.replicas > 1 ? {} : { singleton: 'one controller was asked for' }),
      },
    });
  }
}

/** A sidecar of the CSI project; its answer at /healthz is wrong once it holds the lease and no longer renews it. */
function watcher(chart: ServiceChart, image: ImageName, port: string, number: number, args: readonly string[]): ContainerProps {
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

const ELECTION: PolicyRule = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] };

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
