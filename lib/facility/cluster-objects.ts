import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Problems } from '../errors';
import {
  type Built,
  DATA_LABEL,
  type PodSecurity,
  PRIORITY_VALUES,
  type Priority,
  place,
  protectedMetadata,
  standardLabels,
} from '../kubernetes';
import { coresIn, effectiveRequests, memoryIn } from '../scheduling';
import { bytes, type Cpu, cores, kubernetesCpu, kubernetesMemory, type Memory, memoryText, type Site } from '../site';
import { deviceSupply, devicesOf, oversubscribedDevices } from './devices';
import { quotaTooSmall } from './messages';
import { mostPods, nodesFor, type PodGroup, podGroups, runtimeGroups } from './pods';

/** Maximum total requests of the pods of a namespace. */
export interface Quota {
  /** CPU, in cores. */
  readonly cpu: Cpu;
  /** Memory. */
  readonly memory: Memory;
}

const PRIORITIES = {
  system: 'Node services: storage drivers, cloud controllers.',
  service: 'Shared services: hub, proxy, schedulers, object stores.',
  user: 'Interactive pods of users: notebooks.',
  batch: 'Batch jobs, which can be preempted.',
} as const satisfies Record<Priority, string>;

/** Objects that services depend on: PriorityClasses, and namespaces with their quotas and default limits. */
export class ClusterObjects extends Chart {
  constructor(scope: Construct, id: string, site: Site) {
    super(scope, id, { disableResourceNameHashes: true, labels: standardLabels('facility') });
    for (const [name, description] of Object.entries(PRIORITIES) as [Priority, string][]) {
      // Cluster-scoped, so the name contains the site: several facilities may share a cluster.
      place(this, `priority-${name}`, 'scheduling.k8s.io/v1/PriorityClass', {
        metadata: { name: `${site.name}-${name}` },
        value: PRIORITY_VALUES[name],
        description,
        globalDefault: false,
      });
    }
  }

  /** Adds a namespace with its Pod Security level, a quota if the requests of its pods are known, and protection if it holds data. */
  addNamespace(name: string, security: PodSecurity, quota: Needed | undefined, holdsData: boolean): void {
    const labels = Object.fromEntries(['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, security]));
    const metadata = { name, labels };
    place(this, `namespace-${name}`, 'v1/Namespace', { metadata: holdsData ? protectedMetadata(metadata) : metadata });
    if (!quota) return;
    place(this, `quota-${name}`, 'v1/ResourceQuota', {
      metadata: { name: 'facility', namespace: name },
      spec: {
        hard: {
          'requests.cpu': kubernetesCpu(quota.cpu),
          'requests.memory': kubernetesMemory(quota.memory),
          // For extended resources, Kubernetes supports only quotas of requests.
          ...Object.fromEntries(Object.entries(quota.devices).map(([device, count]) => [`requests.${device}`, String(count)])),
          'services.loadbalancers': String(quota.exposed.loadBalancers),
          'services.nodeports': String(quota.exposed.nodePorts),
        },
      },
    });
    // A quota rejects pods without requests, so containers without requests get these defaults.
    place(this, `limits-${name}`, 'v1/LimitRange', {
      metadata: { name: 'facility', namespace: name },
      spec: {
        limits: [{ type: 'Container', defaultRequest: CONTAINER_DEFAULTS.requests, default: CONTAINER_DEFAULTS.limits }],
      },
    });
  }

  /**
   * Adds an admission policy that denies deletion of namespaces and claims with data: annotations protect only from GitOps tools, not from
   * `kubectl delete -f`. Claims of a namespace that is being deleted may be deleted. Omitted before Kubernetes 1.30, which does not serve the kind.
   */
  addDeletionPolicy(site: Site): void {
    if (!(site.cluster.minor >= ADMISSION_POLICIES)) return;
    const name = `${site.name}-keep-data`;
    place(this, 'keep-data', 'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy', {
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['namespaces', 'persistentvolumeclaims'] },
          ],
          objectSelector: { matchLabels: DATA_LABEL },
        },
        validations: [
          {
            expression: 'namespaceObject != null && has(namespaceObject.metadata.deletionTimestamp)',
            message: `it has label ${DATA_NAME} because it holds data: to allow deletion, first run: ${RELEASE}`,
          },
        ],
      },
    });
    place(this, 'keep-data-binding', 'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding', {
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    });
  }
}

/** First minor version of Kubernetes that serves ValidatingAdmissionPolicy as v1. */
const ADMISSION_POLICIES = 30;

const [DATA_NAME] = Object.keys(DATA_LABEL);

/** Commands that allow deletion of an object. */
const RELEASE = `kubectl label pvc NAME -n NAMESPACE ${DATA_NAME}-, or kubectl label namespace NAME ${DATA_NAME}-`;

/** Requests and limits of containers that have none. */
const CONTAINER_DEFAULTS = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } } as const;

interface Needed {
  readonly cpu: number;
  readonly memory: number;
  /** Extended resources by name. */
  readonly devices: Readonly<Record<string, number>>;
  readonly exposed: Exposed;
}

/** What Services of a namespace open outside of the cluster. Users cannot create more: their pods have no other way in than the hub's. */
interface Exposed {
  readonly loadBalancers: number;
  readonly nodePorts: number;
}

/** @see k8s.io/kubernetes/pkg/quota/v1/evaluator/core/services.go */
function exposedBy({ objects }: Built, namespace: string): Exposed {
  const specs = objects.flatMap(({ object: { kind, metadata, spec } }) =>
    kind === 'Service' && metadata.namespace === namespace ? [spec] : [],
  );
  const balanced = specs.filter(({ type }) => type === 'LoadBalancer');
  const onNodes = [
    ...specs.filter(({ type }) => type === 'NodePort'),
    ...balanced.filter(({ allocateLoadBalancerNodePorts = true }) => allocateLoadBalancerNodePorts),
  ];
  return { loadBalancers: balanced.length, nodePorts: onNodes.reduce((sum, { ports }) => sum + ports.length, 0) };
}

/** Quota of a namespace: requests of its pods, of one rollout of each workload, and of the pods that users may start. */
export function quotaOf(built: Built, namespace: string, given: Quota | undefined, problems: Problems): Needed {
  // The LimitRange does not exist yet, so its defaults are passed explicitly.
  const own = podGroups(built)
    .filter((group) => group.namespace === namespace)
    .map((group) => ({ ...group, candidate: { ...group.candidate, requests: effectiveRequests(group.spec, CONTAINER_DEFAULTS) } }));
  const count = (group: PodGroup) => mostPods(built.site, group);
  const needed = {
    cpu: Math.round(own.reduce((sum, group) => sum + coresIn(group.candidate.requests) * count(group), 0) * 1000) / 1000,
    memory: own.reduce((sum, group) => sum + memoryIn(group.candidate.requests) * count(group), 0),
  };
  const devices = devicesFor(built, namespace, own);
  const exposed = exposedBy(built, namespace);
  const path = `${built.site.name}/quotas/${namespace}`;
  if (given) {
    const quota = {
      cpu: problems.number(`${path}/cpu`, () => cores(given.cpu)),
      memory: problems.number(`${path}/memory`, () => bytes(given.memory)),
    };
    if (quota.cpu < needed.cpu) problems.add(path, quotaTooSmall(namespace, 'cpu', `${needed.cpu}`, `${quota.cpu}`));
    if (quota.memory < needed.memory)
      problems.add(path, quotaTooSmall(namespace, 'memory', memoryText(needed.memory), memoryText(quota.memory)));
    return { ...quota, devices, exposed };
  }
  const atRunTime = runtimeGroups(built).filter((group) => group.namespace === namespace);
  const most = (size: 'cpu' | 'memory') => {
    const of = ({ candidate }: PodGroup) => (size === 'cpu' ? coresIn : memoryIn)(candidate.requests);
    const nodes = new Set(atRunTime.flatMap((group) => nodesFor(built.site, group.spec)));
    const capacity = [...nodes].reduce((sum, node) => sum + node.allocatable[size], 0);
    return Math.min(capacity, Math.max(0, ...atRunTime.map((group) => (of(group) > 0 ? of(group) * group.replicas : 0))));
  };
  return {
    cpu: Math.ceil(needed.cpu + most('cpu')),
    memory: Math.ceil((needed.memory + most('memory')) / 2 ** 30) * 2 ** 30,
    devices,
    exposed,
  };
}

/**
 * Quota of extended resources: what the nodes have, less the requests of services in other namespaces, so that further requests are rejected
 * at once instead of staying pending. No quota for oversubscribed resources. Batch pods are not subtracted, because users' pods preempt them.
 */
function devicesFor(built: Built, namespace: string, own: readonly PodGroup[]): Readonly<Record<string, number>> {
  const runtime = runtimeGroups(built).filter((group) => group.namespace === namespace);
  const names = new Set([...own, ...runtime].flatMap(({ devices }) => Object.keys(devices)));
  const entries = [...names].sort().map((name) => {
    const { available, reserved } = deviceSupply(built, name);
    const free = runtime.some(({ devices }) => devices[name]) ? Math.max(0, available - reserved) : 0;
    return [name, devicesOf(built.site, own, name) + free] as const;
  });
  const oversubscribed = oversubscribedDevices(runtime);
  return Object.fromEntries(entries.filter(([name]) => !oversubscribed.has(name)));
}
