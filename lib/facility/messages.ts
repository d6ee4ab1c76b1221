import { type Finding, nearest, quote } from '../errors';
import { type BuiltObject, DATA_LABEL } from '../kubernetes';

/** Why a pod cannot be scheduled: the message of the scheduler, and the smallest change that helps. */
interface Unschedulable {
  readonly text: string;
  readonly fix: string;
}

export const podWithoutNode = (name: string, { text, fix }: Unschedulable): Finding => ({
  code: 'MISSING_NODE',
  given: `${name} matches no node: ${text}`,
  allowed: 'a node selector, affinity and tolerations that match at least one node',
  fix,
});

export const podOnEmptyPool = (name: string, pool: string): Finding => ({
  code: 'MISSING_NODE',
  given: `${name} is placed on pool '${pool}', which has no nodes`,
  allowed: 'a pool with at least one node that matches the pod',
  fix: `set count of nodePool('${pool}', …) to 1 or more, or use another pool`,
});

export const affinityTargetMissing = (name: string, selector: string, namespaces: string): Finding => ({
  code: 'MISSING_AFFINITY_TARGET',
  given: `${name} has a required pod affinity to pods with ${selector} in namespace ${namespaces}, which do not exist`,
  allowed: 'required pod affinity to labels of pods of the facility with at least one replica',
  fix: 'write labels and namespace of existing pods in `labelSelector` and `namespaces`, add such pods to the facility, or make the affinity preferred',
});

export const affinityTargetUnknown = (name: string, selector: string, namespaces: string): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_AFFINITY_TARGET',
  given: `${name} has a required pod affinity to pods with ${selector} in namespace ${namespaces}, which is not part of the facility`,
  allowed: 'required pod affinity to pods of the facility: without such pods, these stay pending',
  fix: 'make sure that such pods run on nodes of the site and accept this warning, or make the affinity preferred',
});

export const affinityConflict = (name: string, target: string, topologyKey: string): Finding => ({
  code: 'CONFLICTING_POD_AFFINITY',
  given: `${name} has a required pod affinity to ${target}, but no node of ${name} can be in the same topology domain (${topologyKey}) as a node of ${target}`,
  allowed: 'pods with affinity on pools in the same topology domain',
  fix: `place ${name} on the pools of ${target}, or make the affinity preferred`,
});

export const deviceMissing = (name: string, asked: string, there: string, { text, fix }: Unschedulable): Finding => ({
  code: 'MISSING_DEVICE',
  given: `${name} requests ${asked} on one node: ${text}`,
  allowed: `at most what a single node of its pools has: ${there}`,
  fix,
});

export const deviceRequestUnlimited = (container: string, resource: string): Finding => ({
  code: 'INVALID_DEVICE_REQUEST',
  given: `container ${container} requests ${resource} without an equal limit`,
  allowed: 'a limit, and a request that is absent or equal to it: extended resources cannot be overcommitted',
  fix: 'set `accelerator: pool.slice(…)`, or set equal requests and limits in the patch',
});

export const podTooLarge = (name: string, asked: string, largest: string, { text, fix }: Unschedulable): Finding => ({
  code: 'EXCEEDS_NODE',
  given: `${name} requests ${asked}: ${text}`,
  allowed: `at most the free resources of the closest matching node: ${largest}`,
  fix,
});

export const podConstrained = (name: string, { text, fix }: Unschedulable): Finding => ({
  code: 'CONFLICTING_PLACEMENT',
  given: `${name} cannot be scheduled: ${text}`,
  allowed: 'volumes, host ports, topology spread and pod affinity that at least one node satisfies together',
  fix,
});

export const replicasTooMany = (name: string, placed: number, replicas: number, { text, fix }: Unschedulable): Finding => ({
  code: 'EXCEEDS_CAPACITY',
  given: `${replicas} pods of ${name}, of which ${placed} can be scheduled: ${text}`,
  allowed: `at most ${placed} pods, even with nothing else on these nodes except DaemonSets and system pods`,
  fix: `lower the number of pods to ${placed}; or: ${fix}`,
});

export const replicasExceedNodes = (name: string, replicas: number, nodes: number): Finding => ({
  code: 'EXCEEDS_NODES',
  given: `${replicas} pods of ${name}, with at most one per node, on ${nodes} nodes`,
  allowed: `at most ${nodes} pods`,
  fix: "lower the number of pods, add nodes to the pool, or allow several pods per node (apart: 'preferred')",
});

export const quantityTooSmall = (path: string, given: unknown): Finding => ({
  code: 'INVALID_OBJECT_QUANTITY',
  given: `${quote(given)} as ${path}`,
  allowed: 'a positive quantity; quotas and limits may be 0',
  fix: `correct \`${path}\``,
});

export const requestExceedsLimit = (container: string, resource: string, request: string, limit: string): Finding => ({
  code: 'EXCEEDS_RESOURCE_LIMIT',
  given: `container ${quote(container)} that requests ${request} of ${resource}, above its limit of ${limit}`,
  allowed: 'requests up to the limit: the API server rejects the pod otherwise',
  fix: `lower the request to ${limit}, or raise the limit to ${request}`,
});

export const replicasExceeded = (given: number, most: number): Finding => ({
  code: 'EXCEEDS_REPLICAS',
  given: `${given} pods`,
  allowed: `at most ${most} pods in a cluster, which Kubernetes supports`,
  fix: 'lower the number of pods',
});

export const replicasInvalid = (field: string, given: unknown): Finding => ({
  code: 'INVALID_REPLICAS',
  given: `${field}: ${quote(given)}`,
  allowed: field === 'maxSurge' ? "a whole number of 0 or more, or a percentage ('25%')" : 'a whole number of 0 or more',
  fix: `write e.g. ${field}: 1`,
});

export const podsTooMany = (names: readonly string[], asked: string, there: string, nodes: number): Finding => ({
  code: 'EXCEEDS_CAPACITY',
  given: `${names.join(', ')}: ${asked} in total`,
  allowed: `at most ${there} on ${nodes} node${nodes === 1 ? '' : 's'}`,
  fix: `lower the number of pods or their requests to ${there} in total, or add nodes to the pool`,
});

export const duplicateObject = (kind: string, name: string, other: string): Finding => ({
  code: 'DUPLICATE_OBJECT',
  given: `${kind} ${quote(name)}, which already exists at ${other}`,
  allowed: 'names that are unique for each kind and namespace',
  fix: 'change the id or the namespace of one of the services',
});

export const duplicateHost = (host: string, other: string): Finding => ({
  code: 'DUPLICATE_HOST',
  given: `host ${quote(host)}, which ${other} already publishes`,
  allowed: 'one Ingress or HTTPRoute for each host name and path',
  fix: 'change the host name of one of the services',
});

export const selectorUnmatched = (kind: string, selector: string, namespace: string): Finding => ({
  code: 'UNKNOWN_SELECTOR',
  given: `${kind} with selector ${selector}, which matches no pods`,
  allowed: `labels of pods in namespace ${quote(namespace)}`,
  fix: `write in the selector only labels that pods in namespace ${quote(namespace)} have, or add ${selector} to the labels of the pods`,
});

export const storageClassUnknown = (name: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_STORAGE_CLASS',
  given: `storage class ${quote(name)}`,
  allowed: known.filter((name) => typeof name === 'string').join(', ') || 'none: the site has no storage class',
  fix: nearest(name, known) ? `write '${nearest(name, known)}'` : `add storageClass(${quote(name)}) to the storage of the site`,
});

export const referenceMissing = (kind: string, name: string): Finding => ({
  code: 'MISSING_REFERENCE',
  given: `${kind} ${quote(name)}, which does not exist`,
  allowed: 'objects of the facility in the namespace of the pod',
  fix: 'add the object to the facility, or correct the name',
});

export const hostPortTaken = (port: number, by: string): Finding => ({
  code: 'RESERVED_HOST_PORT',
  given: `host port ${port}, on which ${by} listens`,
  allowed: 'ports that neither sshd nor a component of Kubernetes uses',
  fix: 'choose another port',
});

export const duplicateHostPort = (port: number, protocol: string, other: string): Finding => ({
  code: 'DUPLICATE_HOST_PORT',
  given: `host port ${port}/${protocol}, which ${other} already uses on the same nodes`,
  allowed: 'one workload for each host port and node',
  fix: 'choose another port or another pool',
});

export const tokenInManifest = (field: string): Finding => ({
  code: 'INVALID_TOKEN_IN_MANIFEST',
  given: `a value that Terraform knows only after apply (cdktf token) in field ${field}`,
  allowed: 'values that are known at synthesis: an address of the site, a name, a number',
  fix: 'set the value in the site (publicAddress, firstAddress, …) and refer to it there',
});

export const chartDependency = (from: string, to: string): Finding => ({
  code: 'UNSUPPORTED_CHART_DEPENDENCY',
  given: `a dependency of chart ${quote(from)} on chart ${quote(to)}`,
  allowed: 'dependencies inside one chart',
  fix: 'remove the dependency and pass names instead of constructs; order charts in the GitOps tool, e.g. annotation argocd.argoproj.io/sync-wave, or dependsOn of Flux',
});

export const quotaTooSmall = (namespace: string, what: string, asked: string, quota: string): Finding => ({
  code: 'EXCEEDS_QUOTA',
  given: `a quota of ${what} ${quota} for namespace ${quote(namespace)}`,
  allowed: `at least ${asked}, the requests of its pods during a rollout`,
  fix: 'raise the quota, or remove it',
});

export const runtimePodsExceedCapacity = (limit: number, capacity: number): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_RUNTIME_CAPACITY',
  given: `a limit of ${limit} pods that users can start, on nodes with capacity for ${capacity} of the smallest size: further pods stay pending until their start times out`,
  allowed: `at most ${capacity} pods at a time`,
  fix: `lower the limit to ${capacity}, or add nodes`,
});

export const sharesExceedDevices = (device: string, count: number, reserved: number, available: number): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_GPU_SHARES',
  given: `shares of ${count} ${device} for users and ${reserved} requested by services, on nodes with ${available}`,
  allowed: `shares of at most ${Math.max(0, available - reserved)} for users`,
  fix: 'lower a share or the number of workers, add nodes, or set oversubscribe: true',
});

export const podsMayNotFit = (name: string, asked: string, there: string): Finding => ({
  severity: 'warning',
  code: 'EXCEEDS_SCHEDULABLE_CAPACITY',
  given: `${name}: some of its pods may stay pending when all others run; ${asked} of ${there} are requested`,
  allowed: 'requests of all pods that fit on the nodes together',
  fix: 'lower requests or replicas, or add a node',
});

export const nodeLossExceedsCapacity = (pool: string, waiting: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'MISSING_SPARE_CAPACITY',
  given: `pool ${quote(pool)} without spare capacity: if one of its nodes fails, ${waiting.join(', ')} cannot be scheduled`,
  allowed: 'spare capacity of one node',
  fix: 'add a node to the pool, or lower requests or replicas',
});

export const secretInManifest = (keys: readonly string[]): Finding => ({
  code: 'INSECURE_SECRET_IN_MANIFEST',
  given: `a Secret with values (${keys.join(', ')})`,
  allowed: 'references to Secrets: manifests are committed, so every reader of the repository could read the values',
  fix: 'remove it, and create it with `npx facility bootstrap`, or as a SealedSecret or ExternalSecret',
});

export const podSecurity = (violations: readonly string[], level: string, namespace: string): Finding => ({
  code: 'EXCEEDS_POD_SECURITY',
  given: violations.join(', '),
  allowed: `pods of Pod Security level ${quote(level)}, which namespace ${quote(namespace)} enforces: all others are rejected`,
  fix: "remove the setting, or move the pods to a service with its own namespace and podSecurity: 'baseline' or 'privileged' in its description",
});

export const quotaNamespace = (namespace: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_QUOTA_NAMESPACE',
  given: `a quota for namespace ${quote(namespace)}`,
  allowed: known.length > 0 ? `namespaces of the facility: ${known.join(', ')}` : 'none: the facility has no namespace',
  fix: nearest(namespace, known) ? `write '${nearest(namespace, known)}'` : 'use the namespace of a service, or remove the quota',
});

/** @param file of the committed manifest */
export const immutableLayout = (object: BuiltObject, given: string, before: string, file: string): Finding => ({
  code: 'IMMUTABLE_LAYOUT',
  given: `StatefulSet ${object.metadata.name} with layout ${quote(given)}`,
  allowed: `the committed layout, on which its data depend: ${quote(before)}`,
  fix: `revert the change (add a pool to extend an object store); or, if its data are no longer needed, suspend syncing (README, GitOps), run \`kubectl delete statefulset ${object.metadata.name} -n ${object.metadata.namespace ?? 'default'} && ${deletionCommand(object)}\`, ${writeAnew(file)}`,
});

/** @param contents objects that it contains, or the layout on which its data depend */
export const committedDataMissing = (key: string, contents: string | undefined): Finding => ({
  code: 'MISSING_COMMITTED_DATA',
  given: `no ${key}, which the committed manifests contain${contents === undefined ? '' : ` with ${contents}`}`,
  allowed: 'output with every committed namespace, claim and StatefulSet that holds data',
  fix: `restore it under its old name, or, after its data have been copied or are no longer needed, write new Facility(site, { retired: { '${key}': '<reason>' } })`,
});

/** @param written whether the object itself is still part of the facility */
export const retiredDataRemains = (object: BuiltObject, key: string, reason: string, written: boolean): Finding => ({
  severity: 'warning',
  code: 'REMAINING_RETIRED_DATA',
  given: `${key}, which ${written ? 'no longer holds data of the facility' : 'is no longer part of the facility'} (${quote(reason)})`,
  allowed: 'data that remain in the cluster until they are deleted by hand: GitOps tools do not delete namespaces and claims with data',
  fix: written
    ? `list the remaining claims: kubectl get persistentvolumeclaims -n ${object.metadata.name}`
    : `when its data may be deleted, run: ${deletionCommand(object)}`,
});

function deletionCommand({ kind, metadata, spec }: BuiltObject): string {
  const [label = ''] = Object.keys(DATA_LABEL);
  const unlabelAndDelete = (resource: string, which: string) =>
    `kubectl label ${resource} ${which} ${label}- && kubectl delete ${resource} ${which}`;
  if (kind === 'Namespace') return unlabelAndDelete('namespace', metadata.name);
  const claims = `persistentvolumeclaims -n ${metadata.namespace ?? 'default'}`;
  if (kind === 'PersistentVolumeClaim') return unlabelAndDelete(claims, metadata.name);
  // Claims that a StatefulSet has created have the labels of its pods.
  const labels = Object.entries(spec?.selector?.matchLabels ?? {}).map(([name, value]) => `${name}=${value}`);
  return unlabelAndDelete(claims, `-l ${labels.join(',')}`);
}

export const retiredKey = (key: string): Finding => ({
  code: 'INVALID_RETIRED_DATA',
  given: quote(key),
  allowed: "'Namespace/<name>', 'PersistentVolumeClaim/<namespace>/<name>' or 'StatefulSet/<namespace>/<name>'",
  fix: 'copy the name from the message MISSING_COMMITTED_DATA',
});

export const retiredInUse = (key: string): Finding => ({
  code: 'CONFLICTING_RETIRED_DATA',
  given: `${quote(key)} in \`retired\`, although it is still part of the facility and holds data`,
  allowed: 'objects that are no longer part of the facility',
  fix: `remove ${quote(key)} from \`retired\``,
});

/** Writes a manifest again without comparison with the committed one. */
const writeAnew = (file: string): string =>
  `then remove the object from ${file} (not the whole file: its other objects would not be compared either), run \`npx facility synth\`, and commit`;

/** Deletes an object whose change Kubernetes rejects. @param effect what its deletion causes */
export const recreation = (command: string, effect: string): string =>
  `revert the change; or suspend syncing (README, GitOps), run \`${command}\` (${effect}), add this code and path with a reason to \`accept\` of the site, run \`npx facility synth\`, and commit; remove the entry afterwards`;

/** @param changes fields with their values before and after */
export const immutableField = (name: string, changes: string, instead: string): Finding => ({
  code: 'IMMUTABLE_FIELD',
  given: `${name} with ${changes}`,
  allowed: 'the committed value: this field is immutable in Kubernetes',
  fix: instead,
});

export const smallerClaim = (name: string, given: string, before: string, instead: string): Finding => ({
  code: 'IMMUTABLE_CLAIM_SIZE',
  given: `PersistentVolumeClaim ${name} with ${given} instead of ${before}`,
  allowed: `${before} or more: volumes cannot be shrunk`,
  fix: instead,
});

export const claimNotShared = (claim: string, modes: string, workloads: readonly string[]): Finding => ({
  code: 'CONFLICTING_CLAIM',
  given: `claim ${quote(claim)} with access mode ${modes}, mounted by pods of ${workloads.join(', ')} on several nodes`,
  allowed: 'a claim that pods on one node mount; pods on other nodes would stay in ContainerCreating',
  fix: "use a storage class that supports ReadWriteMany: storageClass('<class>', { shared: true }), or a file system such as nfs(…)",
});

export const fileOwnerDiffers = (
  pods: string,
  identity: string,
  fileSystem: string,
  { user, group }: { readonly user?: number; readonly group?: number },
): Finding => ({
  code: 'CONFLICTING_FILE_OWNER',
  given: `${pods}, which writes to file system ${quote(fileSystem)} as ${identity}`,
  allowed: [...(user === undefined ? [] : [`user ${user}`]), ...(group === undefined ? [] : [`a user in group ${group}`])].join(' or '),
  fix:
    group === undefined
      ? `run the pods as user ${user}, or write the group that may write to \`owner\` of the file system`
      : `add ${group} to the supplemental groups of the pods, or remove \`writable\``,
});
