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
import { admittedSpec, limitRangesOf } from './admission';
import { claimVolumes } from './claims';
import { replicasExceeded, replicasInvalid } from './messages';

/** Pods that a cluster supports. @see https://kubernetes.io/docs/setup/best-practices/cluster-large/ */
const MAX_PODS = 150_000;

/** Identical pods, of a workload in the output or of a daemon that creates them at run time. */
export interface PodGroup extends PodSet {
  readonly path: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: ScheduledSpec;
  /** Additional pods during a rollout. */
  readonly surge: number;
  /** Extended resources of one pod. */
  readonly devices: Readonly<Record<string, number>>;
  /** Declaration of pods that a daemon creates at run time. @default - the pods are in the output */
  readonly runtime?: RuntimePods;
}

/** A pod template of the output, with its object. */
export interface PlacedTemplate {
  readonly path: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  readonly placed: PlacedObject;
}

/** Pod templates of all rendered objects. */
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

/** Pod template of an object, also of those that the library does not create. */
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

/** Pod groups, and the errors of those with invalid quantities or selectors. */
interface ParsedPods {
  readonly groups: readonly PodGroup[];
  readonly runtime: readonly PodGroup[];
  readonly problems: Problems;
}

const cache = new WeakMap<Built, ParsedPods>();

/** Pods of the output, with their effective requests. `invalidPods` has the errors of those that are missing here. */
export function podGroups(built: Built): readonly PodGroup[] {
  return parsedPods(built).groups;
}

/** Pods that a daemon creates at run time; `replicas` is their maximum number. */
export function runtimeGroups(built: Built): readonly PodGroup[] {
  return parsedPods(built).runtime;
}

/** Errors of quantities and selectors that are invalid in Kubernetes. */
export function invalidPods(built: Built): Problems {
  return parsedPods(built).problems;
}

/** Cached, because several checks read the pods. */
function parsedPods(built: Built): ParsedPods {
  const cached = cache.get(built);
  if (cached) return cached;
  const problems = new Problems();
  const defaults = limitRangesOf(built);
  // An invalid prop was reported with its path; it is `NaN` in the manifest and must not be reported again.
  const silent = built.ledger.problems.all.length > 0 || built.site.problems.length > 0;
  const attempt = (path: string, spec: unknown, make: () => PodGroup): PodGroup[] => {
    const group = (silent && holdsNaN(spec) ? new Problems() : problems).attempt(path, make);
    return group ? [group] : [];
  };
  const result: ParsedPods = {
    groups: podTemplates(built).flatMap((template) => attempt(template.path, template.spec, () => groupOf(built, template, defaults))),
    runtime: built.ledger.runtimePods.flatMap((pods) => attempt(pods.path, pods.spec, () => runtimeGroup(built, pods))),
    problems,
  };
  cache.set(built, result);
  return result;
}

/** Whether the value contains NaN, as a number or as text. */
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
  const spec = admittedSpec(template.spec, built);
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
  const spec = admittedSpec(pods.spec, built);
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
  // Reports invalid selectors here, not during scheduling.
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

/** Maximum number of pods of a group, during a rollout. */
export function mostPods(site: Site, group: PodGroup): number {
  return (group.perNode ? nodesFor(site, group.spec).length : group.replicas) + group.surge;
}

/** Number of pods of a workload. @throws INVALID_REPLICAS */
function countOf({ kind, spec }: PlacedObject['object']): number {
  const jobs: Readonly<Record<string, unknown>> = { Job: spec?.parallelism, CronJob: spec?.jobTemplate?.spec?.parallelism };
  const given = kind in jobs ? jobs[kind] : spec?.replicas;
  if (given === undefined || given === null) return 1;
  if (!Number.isInteger(given) || Number(given) < 0) throw failure(replicasInvalid(kind in jobs ? 'parallelism' : 'replicas', given));
  if (Number(given) > MAX_PODS) throw failure(replicasExceeded(Number(given), MAX_PODS));
  const completions = kind === 'Job' ? spec?.completions : kind === 'CronJob' ? spec?.jobTemplate?.spec?.completions : undefined;
  // A Job starts no more pods than it needs.
  return Number.isInteger(completions) ? Math.min(Number(given), Number(completions)) : Number(given);
}

/** Additional pods of a rolling update; a percentage is rounded up. @throws INVALID_REPLICAS */
function surgeOf(given: unknown, replicas: number): number {
  const percent = /^(\d+)%$/.exec(String(given));
  if (percent) return Math.ceil((replicas * Number(percent[1])) / 100);
  if (!Number.isInteger(given) || Number(given) < 0) throw failure(replicasInvalid('maxSurge', given));
  return Number(given);
}

/** Nodes that match the node selector, required node affinity and tolerations of a pod; resources are not considered. */
export function nodesFor(site: Site, spec: ScheduledSpec): readonly SiteNode[] {
  return site.nodes.filter((node) => mayRunOn({ spec }, schedulerNode(site, node)));
}

/** A pool without nodes that matches the node selector, required node affinity and tolerations of a pod. */
export function emptyPoolFor(site: Site, spec: ScheduledSpec): NodePool | undefined {
  return site.pools.filter((pool) => poolKeys(pool).length === 0).find((pool) => mayRunOn({ spec }, futureNode(site, pool)));
}

/** Whether required anti-affinity allows at most one replica of the group per node. */
export function isOnePerNode({ spec, labels }: PodGroup): boolean {
  const terms = spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.some((term) => term.topologyKey === 'kubernetes.io/hostname' && matchesSelector(term.labelSelector, labels));
}
