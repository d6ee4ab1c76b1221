import { type ContainerProps, DaemonSet, type PolicyRule, type ServiceChart } from '../../kubernetes';
import type { CloudConf, Placement, Taint } from '../../site';

export interface ManagerProps {
  readonly on: Placement;
  readonly clusterName: string;
  readonly loadBalancers: boolean;
  readonly conf: CloudConf;
  /** Mounts of the Secrets of `conf`. */
  readonly mounts: ContainerProps['mounts'];
}

/**
 * Cloud controller manager, one pod on each control plane node with leader election. It must start on uninitialized nodes, before pod network
 * and cluster DNS are available.
 */
export class Manager extends DaemonSet {
  constructor(chart: ServiceChart, props: ManagerProps) {
    super(chart, 'manager', {
      on: props.on,
      tolerate: STARTUP_TAINTS,
      priority: 'system',
      hostNetwork: true,
      resolver: 'node',
      service: 'none',
      access: { rules: [LEADER_ELECTION], clusterRules: NODES_AND_SERVICES },
      containers: {
        manager: {
          image: chart.image('openstack-cloud-controller-manager'),
          command: ['/bin/openstack-cloud-controller-manager'],
          args: [
            '--cloud-provider=openstack',
            `--cloud-config=${props.conf.path}`,
            `--cluster-name=${props.clusterName}`,
            `--controllers=${props.loadBalancers ? '*' : '*,-service'}`,
            // All controllers use its own ServiceAccount instead of separate ones in kube-system.
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
        'host-network': 'starts before the pod network is available',
        'no-readiness': 'no clients connect to it, so readiness has no effect',
      },
    });
  }
}

/** Taints of uninitialized nodes, and of control plane nodes with kubeadm, RKE2 and RKE. */
const STARTUP_TAINTS: readonly Taint[] = [
  { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/controlplane', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/etcd', effect: 'NoExecute' },
  { key: 'CriticalAddonsOnly', effect: 'NoExecute' },
];

const LEADER_ELECTION: PolicyRule = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] };

/** @see https://github.com/kubernetes/cloud-provider-openstack/blob/master/manifests/controller-manager/cloud-controller-manager-roles.yaml */
const NODES_AND_SERVICES: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'patch', 'update', 'delete'] },
  { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['services'], verbs: ['get', 'list', 'watch', 'patch', 'update'] },
  { apiGroups: [''], resources: ['services/status'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  // Client CA for authentication at its HTTPS port; without this permission the manager does not start.
  { apiGroups: [''], resources: ['configmaps'], resourceNames: ['extension-apiserver-authentication'], verbs: ['get', 'list', 'watch'] },
];
