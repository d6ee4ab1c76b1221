import { type ContainerProps, DaemonSet, type PolicyRule, type ServiceChart } from '../../kubernetes';
import type { CloudConf, Placement, Taint } from '../../site';

export interface ManagerProps {
  readonly on: Placement;
  readonly clusterName: string;
  readonly loadBalancers: boolean;
  readonly conf: CloudConf;
  /** The Secrets of `conf`. */
  readonly mounts: ContainerProps['mounts'];
}

/**
 * One on each control plane, of which one is elected. It must start where nothing else can yet: on nodes that wait for it,
 * before there is a pod network or a DNS of the cluster.
 */
export class Manager extends DaemonSet {
  constructor(chart: ServiceChart, props: ManagerProps) {
    super(chart, 'manager', {
      on: props.on,
      tolerate: BEFORE_ALL_OTHERS,
      priority: 'system',
      hostNetwork: true,
      resolver: 'node',
      service: 'none',
      access: { rules: [ELECTION], clusterRules: NODES_AND_SERVICES },
      containers: {
        manager: {
          image: chart.image('openstack-cloud-controller-manager'),
          command: ['/bin/openstack-cloud-controller-manager'],
          args: [
            '--cloud-provider=openstack',
            `--cloud-config=${props.conf.path}`,
            `--cluster-name=${props.clusterName}`,
            `--controllers=${props.loadBalancers ? '*' : '*,-service'}`,
            // With its own account, rather than one for each controller that it would have to make in kube-system.
            '--use-service-account-credentials=false',
            `--leader-elect-resource-namespace=${chart.namespace}`,
            '--bind-address=127.0.0.1',
          ],
          env: props.conf.env,
          ports: { health: 10258 },
          resources: { cpu: '100m', cpuLimit: 1, memory: '256MiB', disk: '128MiB' },
          mounts: props.mounts,
          probes: { liveness: { http: '/healthz', port: 'health', https: true, host: '127.0.0.1', every: 20, failures: 5, timeout: 10 } },
        },
      },
      exceptions: {
        'host-network': 'starts before there is a pod network',
        'no-readiness': 'nothing connects to it, so nothing waits for it to be ready',
      },
    });
  }
}

/** Taints of nodes that wait for it, and of control planes as kubeadm, RKE2 and RKE name them. */
const BEFORE_ALL_OTHERS: readonly Taint[] = [
  { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/controlplane', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/etcd', effect: 'NoExecute' },
  { key: 'CriticalAddonsOnly', effect: 'NoExecute' },
];

const ELECTION: PolicyRule = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] };

/** @see https://github.com/kubernetes/cloud-provider-openstack/blob/master/manifests/controller-manager/cloud-controller-manager-roles.yaml */
const NODES_AND_SERVICES: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'patch', 'update', 'delete'] },
  { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['services'], verbs: ['get', 'list', 'watch', 'patch', 'update'] },
  { apiGroups: [''], resources: ['services/status'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  // Whom its own HTTPS port may believe; without it the manager does not start.
  { apiGroups: [''], resources: ['configmaps'], resourceNames: ['extension-apiserver-authentication'], verbs: ['get', 'list', 'watch'] },
];
