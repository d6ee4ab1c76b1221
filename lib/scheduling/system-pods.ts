import type { Site, SiteNode } from '../site';
import { hostPorts } from './filters';
import type { ScheduledSpec } from './pod';
import { effectiveRequests } from './requests';
import type { PodSet } from './schedule';

/** A system pod of the distribution. */
interface SystemPod {
  readonly name: string;
  /** Role of the nodes on which it runs. @default - all nodes */
  readonly role?: SiteNode['roles'][number];
  /** Number of replicas, or `each` for one on every node of the role. @default 1 */
  readonly replicas?: 'each' | ((workers: readonly SiteNode[]) => number);
  readonly cpu?: string;
  readonly memory?: string;
  /** Host ports. */
  readonly ports?: readonly number[];
}

/**
 * System pods that RKE and RKE2 install, with their requests. None for an existing cluster: there, subtract the requests of system pods from
 * `allocatable`, or add them to `reserved`.
 */
export function systemPods(site: Site): readonly PodSet[] {
  const sets = cache.get(site) ?? distribution(site).map((pod) => setOf(site, pod));
  cache.set(site, sets);
  return sets;
}

/** System pods by site, cached because every placement needs them. */
const cache = new WeakMap<Site, readonly PodSet[]>();

function distribution(site: Site): readonly SystemPod[] {
  const { cluster } = site;
  switch (cluster.kind) {
    case 'rke1':
      return [...RKE, ...(RKE_NETWORK[cluster.props.network ?? 'canal'] ?? []), ...(cluster.ingress ? RKE_INGRESS : [])];
    case 'rke2':
      return [
        ...RKE2,
        ...(hasOwnCloudController(site) ? [] : [CLOUD_CONTROLLER]),
        ...(RKE2_NETWORK[cluster.props.network ?? 'canal'] ?? []),
        ...(RKE2_INGRESS[cluster.props.ingress ?? 'nginx'] ?? []),
      ];
    default:
      return [];
  }
}

/** Replicas of CoreDNS: one per 4 nodes or 128 cores, at least 2 with several nodes (parameters of the proportional autoscaler in both). */
function dnsReplicas(workers: readonly SiteNode[]): number {
  const cores = workers.reduce((sum, { flavor }) => sum + (Number.isFinite(flavor.vcpus) ? flavor.vcpus : 0), 0);
  const linear = Math.max(Math.ceil(workers.length / 4), Math.ceil(cores / 128), 1);
  return workers.length > 1 ? Math.max(2, linear) : linear;
}

/** System pods of RKE; Kubernetes components run as Docker containers, not as pods. @see https://github.com/rancher/kontainer-driver-metadata/tree/dev-v2.8/rke/templates */
const RKE: readonly SystemPod[] = [
  { name: 'coredns', role: 'worker', replicas: dnsReplicas, cpu: '100m', memory: '70Mi' },
  { name: 'coredns-autoscaler', role: 'worker', cpu: '20m', memory: '10Mi' },
  { name: 'metrics-server', role: 'worker', cpu: '100m', memory: '200Mi' },
];

const RKE_NETWORK: Readonly<Record<string, readonly SystemPod[]>> = {
  canal: [{ name: 'canal', replicas: 'each', cpu: '250m' }, { name: 'calico-kube-controllers' }],
  calico: [{ name: 'calico-node', replicas: 'each', cpu: '250m' }, { name: 'calico-kube-controllers' }],
  flannel: [{ name: 'kube-flannel', replicas: 'each', cpu: '100m', memory: '50Mi' }],
  weave: [{ name: 'weave-net', replicas: 'each', cpu: '20m' }],
};

/** The ingress controller has no requests, but host ports. */
const RKE_INGRESS: readonly SystemPod[] = [
  { name: 'nginx-ingress-controller', role: 'worker', replicas: 'each', ports: [80, 443] },
  { name: 'default-http-backend', role: 'worker', cpu: '10m', memory: '20Mi' },
];

/**
 * Static pods of servers, kube-proxy on every node, and the bundled charts.
 *
 * @see https://docs.rke2.io/advanced#control-plane-component-resource-requestslimits
 * @see https://github.com/rancher/rke2-charts
 */
const RKE2: readonly SystemPod[] = [
  { name: 'kube-apiserver', role: 'controlplane', replicas: 'each', cpu: '250m', memory: '1Gi' },
  { name: 'kube-controller-manager', role: 'controlplane', replicas: 'each', cpu: '200m', memory: '256Mi' },
  { name: 'kube-scheduler', role: 'controlplane', replicas: 'each', cpu: '100m', memory: '128Mi' },
  { name: 'etcd', role: 'etcd', replicas: 'each', cpu: '200m', memory: '512Mi' },
  { name: 'kube-proxy', replicas: 'each', cpu: '250m', memory: '128Mi' },
  { name: 'rke2-coredns', replicas: dnsReplicas, cpu: '100m', memory: '128Mi' },
  { name: 'rke2-coredns-autoscaler', cpu: '25m', memory: '16Mi' },
  { name: 'rke2-metrics-server', cpu: '100m', memory: '200Mi' },
  { name: 'rke2-snapshot-controller' },
];

/** Cloud controller manager of RKE2, unless an external one is used. */
const CLOUD_CONTROLLER: SystemPod = {
  name: 'cloud-controller-manager',
  role: 'controlplane',
  replicas: 'each',
  cpu: '100m',
  memory: '128Mi',
};

function hasOwnCloudController({ cloud, cluster }: Site): boolean {
  const cloudProvider = cluster.kind === 'existing' ? undefined : cluster.props.cloudProvider;
  return (cloudProvider ?? (cloud?.cloudController ? 'external' : 'none')) === 'external';
}

const RKE2_NETWORK: Readonly<Record<string, readonly SystemPod[]>> = {
  canal: [{ name: 'rke2-canal', replicas: 'each', cpu: '250m' }],
  calico: [
    { name: 'tigera-operator' },
    { name: 'calico-node', replicas: 'each' },
    { name: 'csi-node-driver', replicas: 'each' },
    { name: 'calico-typha', replicas: (workers) => (workers.length > 3 ? 2 : 1) },
    { name: 'calico-kube-controllers' },
    { name: 'calico-apiserver', replicas: () => 2 },
  ],
  cilium: [
    { name: 'cilium', replicas: 'each' },
    { name: 'cilium-operator', replicas: () => 2 },
  ],
  flannel: [{ name: 'kube-flannel', replicas: 'each', cpu: '100m', memory: '50Mi' }],
};

const RKE2_INGRESS: Readonly<Record<string, readonly SystemPod[]>> = {
  nginx: [{ name: 'rke2-ingress-nginx-controller', role: 'worker', replicas: 'each', cpu: '100m', memory: '90Mi', ports: [80, 443] }],
  traefik: [{ name: 'rke2-traefik', role: 'worker', replicas: 'each', ports: [80, 443] }],
};

function setOf(site: Site, { name, role, replicas = () => 1, cpu, memory, ports = [] }: SystemPod): PodSet {
  const spec: ScheduledSpec = {
    ...(role ? { affinity: onNodes(site.nodes.filter(({ roles }) => roles.includes(role))) } : {}),
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name,
        resources: { requests: { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) } },
        ports: ports.map((port) => ({ containerPort: port, hostPort: port })),
      },
    ],
  };
  const workers = site.nodes.filter(({ roles }) => roles.includes('worker'));
  return {
    candidate: {
      pod: { name, namespace: 'kube-system', labels: { 'k8s-app': name }, spec, volumes: [] },
      requests: effectiveRequests(spec),
      ports: hostPorts(spec),
    },
    replicas: replicas === 'each' ? 0 : replicas(workers),
    perNode: replicas === 'each',
  };
}

/** Node affinity by node name, because the selectors of system pods differ between distributions. */
function onNodes(nodes: readonly SiteNode[]): ScheduledSpec['affinity'] {
  const terms = nodes.map(({ name }) => ({ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }));
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
}
