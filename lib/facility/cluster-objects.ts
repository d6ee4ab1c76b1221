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
import { devicesOf, stockOf, waitedFor } from './devices';
import { quotaTooSmall } from './messages';
import { mostPods, nodesFor, type PodGroup, podGroups, runtimeGroups } from './pods';

/** Most that the pods of one namespace may ask for. */
export interface Quota {
  readonly cpu: Cpu;
  readonly memory: Memory;
}

const PRIORITIES = {
  system: 'What the node needs in order to serve others: storage drivers, cloud controllers.',
  service: 'Services that everybody uses: hub, proxy, schedulers, stores.',
  user: 'What a user waits for: notebooks.',
  batch: 'What can be done later.',
} as const satisfies Record<Priority, string>;

/** What the cluster itself must have before any service: priority classes, and namespaces with their limits. */
export class ClusterObjects extends Chart {
  constructor(scope: Construct, id: string, site: Site) {
    super(scope, id, { disableResourceNameHashes: true, labels: standardLabels('facility') });
    for (const [name, description] of Object.entries(PRIORITIES) as [Priority, string][]) {
      // Cluster-wide, hence named after the site: another facility in the same cluster has its own.
      place(this, `priority-${name}`, 'scheduling.k8s.io/v1/PriorityClass', {
        metadata: { name: `${site.name}-${name}` },
        value: PRIORITY_VALUES[name],
        description,
        globalDefault: false,
      });
    }
  }

  /** A namespace that admits the pods of its services and no others, limited to what they need where that is known; protected if it holds data. */
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
          // Kubernetes takes devices in a quota by their requests alone.
          ...Object.fromEntries(Object.entries(quota.devices).map(([device, count]) => [`requests.${device}`, String(count)])),
          'services.loadbalancers': '0',
          'services.nodeports': '0',
        },
      },
    });
    // A quota on requests refuses pods that ask for nothing; those get these.
    place(this, `limits-${name}`, 'v1/LimitRange', {
      metadata: { name: 'facility', namespace: name },
      spec: {
        limits: [{ type: 'Container', defaultRequest: CONTAINER_DEFAULTS.requests, default: CONTAINER_DEFAULTS.limits }],
      },
    });
  }

  /**
   * Refuses to delete namespaces and claims with data, whoever asks: annotations protect from GitOps tools alone, not from `kubectl delete -f`.
   * Claims of a namespace that is being deleted are deleted with it. Clusters before 1.30 do not serve the kind.
   */
  keepData(site: Site): void {
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
            message: `it holds data; if they may be deleted, first run: ${RELEASE}`,
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

/** First minor version that serves ValidatingAdmissionPolicies as v1. */
const ADMISSION_POLICIES = 30;

/** How an operator states that an object may be deleted. */
const RELEASE = `kubectl label <namespace or persistentvolumeclaim> <name> ${Object.keys(DATA_LABEL)[0]}-`;

/** What containers get that ask for nothing. */
const CONTAINER_DEFAULTS = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } } as const;

interface Needed {
  readonly cpu: number;
  readonly memory: number;
  /** Extended resources by name. */
  readonly devices: Readonly<Record<string, number>>;
}

/** What the pods of a namespace may ask for together: its own, one rollout of each, and what users may start. */
export function quotaOf(built: Built, namespace: string, given: Quota | undefined, problems: Problems): Needed {
  // The LimitRange is yet to be made.
  const own = podGroups(built)
    .filter((group) => group.namespace === namespace)
    .map((group) => ({ ...group, candidate: { ...group.candidate, requests: effectiveRequests(group.spec, CONTAINER_DEFAULTS) } }));
  const count = (group: PodGroup) => mostPods(built.site, group);
  const needed = {
    cpu: Math.round(own.reduce((sum, group) => sum + coresIn(group.candidate.requests) * count(group), 0) * 1000) / 1000,
    memory: own.reduce((sum, group) => sum + memoryIn(group.candidate.requests) * count(group), 0),
  };
  const devices = devicesFor(built, namespace, own);
  const path = `${built.site.name}/quotas/${namespace}`;
  if (given) {
    const quota = {
      cpu: problems.number(`${path}/cpu`, () => cores(given.cpu)),
      memory: problems.number(`${path}/memory`, () => bytes(given.memory)),
    };
    if (quota.cpu < needed.cpu) problems.add(path, quotaTooSmall(namespace, 'cpu', `${needed.cpu}`, `${quota.cpu}`));
    if (quota.memory < needed.memory)
      problems.add(path, quotaTooSmall(namespace, 'memory', memoryText(needed.memory), memoryText(quota.memory)));
    return { ...quota, devices };
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
  };
}

/**
 * Of devices no more than the nodes have and others keep, so that who comes too late is told at once; where it was said that they
 * wait, more. What can be done later gives way to users, hence keeps nothing from them.
 */
function devicesFor(built: Built, namespace: string, own: readonly PodGroup[]): Readonly<Record<string, number>> {
  const runtime = runtimeGroups(built).filter((group) => group.namespace === namespace);
  const names = new Set([...own, ...runtime].flatMap(({ devices }) => Object.keys(devices)));
  const entries = [...names].sort().map((name) => {
    const { there, kept } = stockOf(built, name);
    const free = runtime.some(({ devices }) => devices[name]) ? Math.max(0, there - kept) : 0;
    return [name, devicesOf(built.site, own, name) + free] as const;
  });
  const waiting = waitedFor(runtime);
  return Object.fromEntries(entries.filter(([name]) => !waiting.has(name)));
}
