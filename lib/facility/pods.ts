import { failure, Problems } from '../errors';
import type { Built, PlacedObject, PodSpec, RuntimePods } from '../kubernetes';
import {
  type ContainerDefaults,
  devicesIn,
  effectiveRequests,
  futureNode,
  hostPorts,
  type LabelSelector,
  matchesSelector,
  mayRunOn,
  type PodSet,
  type ScheduledSpec,
  schedulerNode,
} from '../scheduling';
import type { NodePool, Site, SiteNode } from '../site';
import { poolKeys } from '../site';
import { admitted, limitRangesOf } from './admitted';
import { claimVolumes } from './claims';
import { replicasInvalid } from './messages';

/** Pods of one kind, as a workload in the output makes them, or as a daemon will make them at run time. */
export interface PodGroup extends PodSet {
  readonly path: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: ScheduledSpec;
  /** How many more there may be while a new version is rolled out. */
  readonly surge: number;
  /** Extended resources of one pod. */
  readonly devices: Readonly<Record<string, number>>;
  /** What a service has said of pods that only a daemon makes. @default - the pods are in the output */
  readonly runtime?: RuntimePods;
}

/** A pod template of the output, and where it stands. */
export interface PlacedTemplate {
  readonly path: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  readonly placed: PlacedObject;
}

/** The pod templates of everything that was built. */
export function podTemplates(built: Built): readonly PlacedTemplate[] {
  return built.objects.flatMap((placed) => {
    const template = templateOf(placed);
    if (!template) return [];
    const namespace = placed.object.metadata.namespace ?? 'default';
    return [{ path: placed.path, namespace, labels: template.metadata?.labels ?? {}, spec: template.spec ?? { containers: [] }, placed }];
  });
}

interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

/** The pod template of a workload, whoever wrote it. */
export function templateOf({ object }: PlacedObject): Template | undefined {
  switch (object.kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'ReplicaSet':
    case 'ReplicationController':
    case 'Job':
      return object.spec?.template;
    case 'CronJob':
      return object.spec?.jobTemplate?.spec?.template;
    case 'Pod':
      return { metadata: object.metadata, spec: object.spec };
    default:
      return undefined;
  }
}

/** Groups that the scheduler could place, and what is wrong with those that it could not even read. */
interface Read {
  readonly groups: readonly PodGroup[];
  readonly runtime: readonly PodGroup[];
  readonly problems: Problems;
}

const read = new WeakMap<Built, Read>();

/** The pods of the output, with what the scheduler counts for them; those that cannot be read are among `unreadablePods`. */
export function podGroups(built: Built): readonly PodGroup[] {
  return readOnce(built).groups;
}

/** Pods that exist only at run time; their replicas are as many as there may be. */
export function runtimeGroups(built: Built): readonly PodGroup[] {
  return readOnce(built).runtime;
}

/** Quantities and selectors that Kubernetes could not read either. */
export function unreadablePods(built: Built): Problems {
  return readOnce(built).problems;
}

/** Several checks ask, and nothing of it changes. */
function readOnce(built: Built): Read {
  const known = read.get(built);
  if (known) return known;
  const problems = new Problems();
  const defaults = limitRangesOf(built);
  // A mistake of a prop was recorded under the name of the prop; `NaN` in a manifest is what became of it.
  const silent = built.ledger.problems.all.length > 0 || built.site.problems.length > 0;
  const attempt = (path: string, spec: unknown, make: () => PodGroup): PodGroup[] => {
    const group = (silent && holdsNaN(spec) ? new Problems() : problems).attempt(path, make);
    return group ? [group] : [];
  };
  const result: Read = {
    groups: podTemplates(built).flatMap((template) => attempt(template.path, template.spec, () => groupOf(built, template, defaults))),
    runtime: built.ledger.runtimePods.flatMap((pods) => attempt(pods.path, pods.spec, () => runtimeGroup(built, pods))),
    problems,
  };
  read.set(built, result);
  return result;
}

/** Whether a number, or the text of one, is none. */
function holdsNaN(value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'string') return /^NaN/.test(String(value));
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsNaN);
}

/** @throws INVALID_QUANTITY, INVALID_SELECTOR */
function groupOf(built: Built, template: PlacedTemplate, limitRanges: ReadonlyMap<string, ContainerDefaults>): PodGroup {
  const { object } = template.placed;
  const { name } = object.metadata;
  const replicas = countOf(object);
  const rolling = object.kind === 'Deployment' && object.spec.strategy?.type !== 'Recreate';
  const spec = admitted(template.spec, built);
  const volumes = claimVolumes(built, template.namespace, spec, object.spec?.volumeClaimTemplates);
  return {
    ...setOf(built.site, { ...template, name, spec, volumes }, limitRanges.get(template.namespace)),
    replicas,
    perNode: object.kind === 'DaemonSet',
    surge: rolling ? surgeOf(object.spec.strategy?.rollingUpdate?.maxSurge ?? '25%', replicas) : 0,
    labelsOf:
      object.kind === 'StatefulSet'
        ? (ordinal) => ({ 'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}`, 'apps.kubernetes.io/pod-index': String(ordinal) })
        : undefined,
  };
}

/** @throws INVALID_QUANTITY, INVALID_SELECTOR */
function runtimeGroup(built: Built, pods: RuntimePods): PodGroup {
  const spec = admitted(pods.spec, built);
  const volumes = claimVolumes(built, pods.namespace, spec, undefined, pods.claims);
  return {
    ...setOf(built.site, { path: pods.path, name: pods.what, namespace: pods.namespace, labels: pods.labels, spec, volumes }),
    replicas: pods.most ?? Number.POSITIVE_INFINITY,
    perNode: pods.perNode ?? false,
    surge: 0,
    runtime: pods,
  };
}

type Described = Pick<PodGroup, 'path' | 'name' | 'namespace' | 'labels' | 'spec'> & Pick<PodGroup['candidate']['pod'], 'volumes'>;

/** @throws INVALID_QUANTITY, INVALID_SELECTOR */
function setOf(site: Site, { path, name, namespace, labels, spec, volumes }: Described, defaults?: ContainerDefaults) {
  const requests = effectiveRequests(spec, defaults);
  const pod = { name, namespace, labels, spec, volumes };
  // What no node can be asked with is found here, and not in the middle of a placement.
  for (const node of site.nodes) mayRunOn(pod, schedulerNode(site, node));
  for (const term of podTerms(spec)) matchesSelector(term, labels);
  return { path, name, namespace, labels, spec, devices: devicesIn(requests), candidate: { pod, requests, ports: hostPorts(spec) } };
}

function podTerms({ affinity, topologySpreadConstraints = [] }: ScheduledSpec): readonly (LabelSelector | undefined)[] {
  const near = affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const far = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const terms = [...near, ...far];
  return [
    ...[...terms, ...topologySpreadConstraints].map(({ labelSelector }) => labelSelector),
    ...terms.map(({ namespaceSelector }) => namespaceSelector),
  ];
}

/** How many pods of a group there may be, while it is rolled. */
export function mostPods(site: Site, group: PodGroup): number {
  return (group.perNode ? nodesFor(site, group.spec).length : group.replicas) + group.surge;
}

/** How many pods a workload makes at a time. @throws INVALID_REPLICAS */
function countOf({ kind, spec }: PlacedObject['object']): number {
  const jobs: Readonly<Record<string, unknown>> = { Job: spec?.parallelism, CronJob: spec?.jobTemplate?.spec?.parallelism };
  const given = kind in jobs ? jobs[kind] : spec?.replicas;
  if (given === undefined || given === null) return 1;
  if (!Number.isInteger(given) || Number(given) < 0) throw failure(replicasInvalid(kind in jobs ? 'parallelism' : 'replicas', given));
  return Number(given);
}

/** Kubernetes starts a quarter more, rounded up, unless told otherwise. @throws INVALID_REPLICAS */
function surgeOf(given: unknown, replicas: number): number {
  const percent = /^(\d+)%$/.exec(String(given));
  if (percent) return Math.ceil((replicas * Number(percent[1])) / 100);
  if (!Number.isInteger(given) || Number(given) < 0) throw failure(replicasInvalid('maxSurge', given));
  return Number(given);
}

/** The nodes on which the scheduler may put a pod, by selector, required affinity and taints; not yet by size. */
export function nodesFor(site: Site, spec: ScheduledSpec): readonly SiteNode[] {
  return site.nodes.filter((node) => mayRunOn({ spec }, schedulerNode(site, node)));
}

/** A pool without nodes whose nodes would take the pod, by selector, required affinity and taints. */
export function emptyPoolFor(site: Site, spec: ScheduledSpec): NodePool | undefined {
  return site.pools.filter((pool) => poolKeys(pool).length === 0).find((pool) => mayRunOn({ spec }, futureNode(site, pool)));
}

/** Whether two replicas of the group may never share a node. */
export function mustBeApart({ spec, labels }: PodGroup): boolean {
  const terms = spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.some((term) => term.topologyKey === 'kubernetes.io/hostname' && matchesSelector(term.labelSelector, labels));
}
