import { type Finding, nearest, quote } from '../errors';
import { type BuiltObject, DATA_LABEL } from '../kubernetes';

/** What keeps a pod from every node: the scheduler's own words, and the least change that helps. */
interface Unschedulable {
  readonly text: string;
  readonly fix: string;
}

export const podWithoutNode = (name: string, { text, fix }: Unschedulable): Finding => ({
  code: 'MISSING_NODE',
  given: `${name} matches no node: ${text}`,
  allowed: 'a placement whose labels and taints let the pod onto at least one node',
  fix,
});

export const podOnEmptyPool = (name: string, pool: string): Finding => ({
  code: 'MISSING_NODE',
  given: `${name} is placed on pool '${pool}', which has no nodes`,
  allowed: 'a pool with at least one node that takes the pod',
  fix: `write count: 1 or more in nodePool('${pool}', …), or place it on another pool`,
});

export const affinityTargetMissing = (name: string, selector: string, namespaces: string): Finding => ({
  code: 'MISSING_AFFINITY_TARGET',
  given: `${name} must run near pods with ${selector} in namespace ${namespaces}, and there are none`,
  allowed: 'required pod affinity to labels that pods of the facility carry, with at least one replica',
  fix: 'correct the labelSelector or `namespaces` of the affinity, add those pods to the facility, or make the affinity preferred',
});

export const affinityTargetUnknown = (name: string, selector: string, namespaces: string): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_AFFINITY_TARGET',
  given: `${name} must run near pods with ${selector} in namespace ${namespaces}, which the facility does not make`,
  allowed: 'required pod affinity to pods that the checks can see; these pods wait until somebody else runs the others',
  fix: 'make sure that such pods run on nodes of the site and accept this warning, or make the affinity preferred',
});

export const affinityConflict = (name: string, target: string, topologyKey: string): Finding => ({
  code: 'CONFLICTING_POD_AFFINITY',
  given: `${name} must share ${topologyKey} with ${target}, and no node that one may run on shares it with a node of the other`,
  allowed: 'pods that must be near each other on pools that have the topology in common',
  fix: `place ${name} on the pools of ${target}, or make the affinity preferred`,
});

export const deviceMissing = (name: string, asked: string, there: string, { text, fix }: Unschedulable): Finding => ({
  code: 'MISSING_DEVICE',
  given: `${name} asks for ${asked} on one node: ${text}`,
  allowed: `what one node of its pools has: ${there}`,
  fix,
});

export const deviceRequestUnlimited = (container: string, resource: string): Finding => ({
  code: 'INVALID_DEVICE_REQUEST',
  given: `${container} requests ${resource} without a limit of the same number`,
  allowed: 'a limit, with a request that is absent or equal to it: a device cannot be lent',
  fix: 'give the accelerator as a value (`accelerator: pool.slice(…)`), or set limits and requests alike in the patch',
});

export const podTooLarge = (name: string, asked: string, largest: string, { text, fix }: Unschedulable): Finding => ({
  code: 'EXCEEDS_NODE',
  given: `${name} asks for ${asked}: ${text}`,
  allowed: `what the nearest node has left for it: ${largest}`,
  fix,
});

export const podConstrained = (name: string, { text, fix }: Unschedulable): Finding => ({
  code: 'CONFLICTING_PLACEMENT',
  given: `${name} can run on no node: ${text}`,
  allowed: 'volumes, ports, topology spread and pod affinity that at least one node satisfies together',
  fix,
});

export const replicasTooMany = (name: string, placed: number, replicas: number, { text, fix }: Unschedulable): Finding => ({
  code: 'EXCEEDS_CAPACITY',
  given: `${replicas} pods of ${name}; after ${placed} of them ${text}`,
  allowed: `at most ${placed}, even if beside DaemonSets and the pods of Kubernetes nothing else ran there`,
  fix: `ask for at most ${placed} pods; or: ${fix}`,
});

export const replicasExceedNodes = (name: string, replicas: number, nodes: number): Finding => ({
  code: 'EXCEEDS_NODES',
  given: `${replicas} pods of ${name}, each on a node of its own, for ${nodes} nodes`,
  allowed: `at most ${nodes}`,
  fix: "ask for fewer, add nodes to the pool, or allow two on one node (apart: 'preferred')",
});

export const replicasInvalid = (field: string, given: unknown): Finding => ({
  code: 'INVALID_REPLICAS',
  given: `${field}: ${quote(given)}`,
  allowed: field === 'maxSurge' ? "a whole number of 0 or more, or a percentage ('25%')" : 'a whole number of 0 or more',
  fix: `correct ${field} of the workload`,
});

export const podsTooMany = (names: readonly string[], asked: string, there: string, nodes: number): Finding => ({
  code: 'EXCEEDS_CAPACITY',
  given: `${names.join(', ')}: together ${asked}`,
  allowed: `${there} on ${nodes} node${nodes === 1 ? '' : 's'}`,
  fix: 'ask for fewer or smaller pods, or add nodes to the pool',
});

export const objectTwice = (kind: string, name: string, other: string): Finding => ({
  code: 'DUPLICATE_OBJECT',
  given: `${kind} ${quote(name)}, which ${other} is already`,
  allowed: 'one object a kind, namespace and name',
  fix: 'give one of the services another id or namespace',
});

export const hostTwice = (host: string, other: string): Finding => ({
  code: 'DUPLICATE_HOST',
  given: `host ${quote(host)}, which ${other} publishes already`,
  allowed: 'one Ingress a host name',
  fix: 'give one of the services another host name',
});

export const selectorEmpty = (kind: string, selector: string, namespace: string): Finding => ({
  code: 'UNKNOWN_SELECTOR',
  given: `${kind} for pods with ${selector}`,
  allowed: `labels that pods in namespace ${quote(namespace)} carry`,
  fix: 'correct the selector, or the labels of the pods',
});

export const storageClassUnknown = (name: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_STORAGE_CLASS',
  given: quote(name),
  allowed: known.filter((one) => typeof one === 'string').join(', ') || 'none: the site has no storage class',
  fix: nearest(name, known) ? `did you mean '${nearest(name, known)}'?` : `add storageClass(${quote(name)}) to the storage of the site`,
});

export const referenceMissing = (kind: string, name: string): Finding => ({
  code: 'MISSING_REFERENCE',
  given: `${kind} ${quote(name)}`,
  allowed: 'objects that the facility makes in the namespace of the pod',
  fix: 'add the object to the facility, or correct its name',
});

export const hostPortTaken = (port: number, by: string): Finding => ({
  code: 'RESERVED_HOST_PORT',
  given: `port ${port} of the node, where ${by} listens`,
  allowed: 'a port that nothing of Kubernetes uses',
  fix: 'choose another port',
});

export const hostPortTwice = (port: number, protocol: string, other: string): Finding => ({
  code: 'DUPLICATE_HOST_PORT',
  given: `port ${port}/${protocol} of the node, which ${other} has already`,
  allowed: 'one workload a port and node',
  fix: 'choose another port, or another pool',
});

export const tokenInManifest = (field: string): Finding => ({
  code: 'INVALID_TOKEN_IN_MANIFEST',
  given: `a value of Terraform at ${field}`,
  allowed: 'values that are known at synthesis: an address of the site, a name, a number',
  fix: 'write the value into the site (publicAddress, firstAddress, …) and use it from there',
});

export const chartDependency = (from: string, to: string): Finding => ({
  code: 'UNSUPPORTED_CHART_DEPENDENCY',
  given: `a dependency of chart ${quote(from)} on chart ${quote(to)}`,
  allowed: 'dependencies inside one chart',
  fix: 'pass names instead of objects; the order of charts is the business of the GitOps tool',
});

export const quotaTooSmall = (namespace: string, what: string, asked: string, quota: string): Finding => ({
  code: 'EXCEEDS_QUOTA',
  given: `${what} ${quota} for namespace ${quote(namespace)}`,
  allowed: `at least ${asked}, which its own pods ask for while they are rolled`,
  fix: 'raise the quota, or leave it out',
});

export const runtimePodsExceedRoom = (limit: number, room: number): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_RUNTIME_CAPACITY',
  given: `a limit of ${limit} pods that users start, on nodes with capacity for ${room} of the smallest: those who come later wait until the start fails`,
  allowed: `at most ${room} pods at a time`,
  fix: `lower the limit to ${room}, or add nodes`,
});

export const sharesExceedDevices = (device: string, count: number, kept: number, there: number): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_GPU_SHARES',
  given: `${count} ${device} in shares of users, and ${kept} that services keep, of ${there} that the nodes have`,
  allowed: `${Math.max(0, there - kept)} in shares of users`,
  fix: 'lower a share or the number of workers, add nodes, or write oversubscribe: true',
});

export const podsMayNotFit = (name: string, asked: string, there: string): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_SCHEDULABLE_CAPACITY',
  given: `${name}: no node was found for all of its pods beside the others; ${asked} of ${there} are requested`,
  allowed: 'requests that fit beside each other on the nodes',
  fix: 'lower requests or replicas, or add a node',
});

export const nodeLossExceedsRoom = (pool: string, waiting: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'MISSING_SPARE_CAPACITY',
  given: `pool ${quote(pool)} without spare capacity: if one of its nodes is lost, ${waiting.join(', ')} cannot be scheduled`,
  allowed: 'capacity of one node more than is requested',
  fix: 'add a node to the pool, or lower requests or replicas',
});

export const secretInManifest = (keys: readonly string[]): Finding => ({
  code: 'INSECURE_SECRET_IN_MANIFEST',
  given: `a Secret with values (${keys.join(', ')})`,
  allowed: 'references to Secrets: manifests are committed, and whoever reads the repository would have the values',
  fix: 'leave it out, and make it by `facility bootstrap`, or as a SealedSecret or ExternalSecret',
});

export const podSecurity = (violations: readonly string[], level: string, namespace: string): Finding => ({
  code: 'EXCEEDS_POD_SECURITY',
  given: violations.join(', '),
  allowed: `what Pod Security admits at level ${quote(level)}, which namespace ${quote(namespace)} enforces; the pod would never start`,
  fix: "take it back; pods that need it go into a service of their own with podSecurity = 'baseline' or 'privileged', hence another namespace",
});

export const quotaNamespace = (namespace: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_QUOTA_NAMESPACE',
  given: `a quota for namespace ${quote(namespace)}`,
  allowed: known.length > 0 ? `namespaces of the facility: ${known.join(', ')}` : 'a namespace of a service; there is none',
  fix: nearest(namespace, known)
    ? `did you mean '${nearest(namespace, known)}'?`
    : 'name the namespace of a service, or leave the quota out',
});

export const immutableLayout = (name: string, given: string, before: string): Finding => ({
  code: 'IMMUTABLE_LAYOUT',
  given: `${name} with ${quote(given)}`,
  allowed: `the layout that was written before, on which its data depend: ${quote(before)}`,
  fix: 'take the change back (an object store grows by a further pool); once its data are no longer needed, delete the committed file of the service',
});

/** @param contents what it contains, or the layout on which its data depend */
export const committedDataMissing = (key: string, contents: string | undefined): Finding => ({
  code: 'MISSING_COMMITTED_DATA',
  given: `no ${key}, which was written before${contents === undefined ? '' : ` with ${contents}`}`,
  allowed: 'output that keeps every namespace, claim and StatefulSet with data',
  fix: `declare it again under its old name; once its data are copied or no longer needed, write new Facility(site, { retired: { '${key}': 'why' } })`,
});

/** @param written whether the object itself is still part of the facility */
export const retiredDataRemains = (object: BuiltObject, key: string, reason: string, written: boolean): Finding => ({
  severity: 'warning',
  code: 'MISSING_RETIRED_DATA',
  given: `${key} is no longer written${written ? ' as a holder of data' : ''} (${quote(reason)})`,
  allowed: 'data that stay in the cluster until somebody deletes them: GitOps tools keep namespaces and claims with data',
  fix: written
    ? `list what remains there: kubectl get persistentvolumeclaims -n ${object.metadata.name}`
    : `once its data may be deleted: ${deletion(object)}`,
});

function deletion({ kind, metadata, spec }: BuiltObject): string {
  const [label = ''] = Object.keys(DATA_LABEL);
  const of = (resource: string, which: string) => `kubectl label ${resource} ${which} ${label}- && kubectl delete ${resource} ${which}`;
  if (kind === 'Namespace') return of('namespace', metadata.name);
  const claims = `persistentvolumeclaims -n ${metadata.namespace ?? 'default'}`;
  if (kind === 'PersistentVolumeClaim') return of(claims, metadata.name);
  // Claims that a StatefulSet has created have the labels of its pods, and no label of ours.
  const labels = Object.entries(spec?.selector?.matchLabels ?? {}).map(([name, value]) => `${name}=${value}`);
  return `kubectl delete ${claims} -l ${labels.join(',')}`;
}

export const retiredKey = (key: string): Finding => ({
  code: 'INVALID_RETIRED_DATA',
  given: quote(key),
  allowed: "'Namespace/<name>', 'PersistentVolumeClaim/<namespace>/<name>' or 'StatefulSet/<namespace>/<name>'",
  fix: 'copy the name from the message MISSING_COMMITTED_DATA',
});

export const retiredInUse = (key: string): Finding => ({
  code: 'CONFLICTING_RETIRED_DATA',
  given: `${quote(key)} among the retired data, but it is still written and holds data`,
  allowed: 'names of what is no longer part of the facility',
  fix: `remove ${quote(key)} from \`retired\``,
});

/** @param changes fields with their values before and after */
export const immutableField = (name: string, changes: string, instead: string): Finding => ({
  code: 'IMMUTABLE_FIELD',
  given: `${name} with ${changes}`,
  allowed: 'the value that was written before: Kubernetes refuses to change this field',
  fix: instead,
});

export const smallerClaim = (name: string, given: string, before: string, instead: string): Finding => ({
  code: 'IMMUTABLE_CLAIM_SIZE',
  given: `PersistentVolumeClaim ${name} with ${given} instead of ${before}`,
  allowed: `${before} or more: a volume cannot shrink`,
  fix: instead,
});
