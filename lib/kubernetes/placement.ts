import { compare } from '../errors';
import { type Accelerator, type NodePool, poolLabels, poolTaints, type Site, type Taint } from '../site';
import { type PodSpec, withoutUndefined } from './manifest';

type NodeTerms = NonNullable<
  NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>['nodeSelectorTerms'];

type Scheduling = Pick<PodSpec, 'nodeSelector' | 'affinity' | 'tolerations'>;

/** Taints that pods tolerate in addition to those of their pools; `all`: every taint, also those that Kubernetes adds to unhealthy nodes. */
export type Tolerate = 'all' | readonly Taint[];

/**
 * Restricts pods to the nodes of these pools: node selector or affinity by the labels of the pools and accelerators, and tolerations for the
 * taints of both.
 */
export function scheduling(
  site: Site,
  pools: readonly NodePool[],
  tolerate: Tolerate = [],
  accelerators: readonly Accelerator[] = [],
): Scheduling {
  const acceleratorLabels: Readonly<Record<string, string>> = Object.assign({}, ...accelerators.map(({ labels }) => labels));
  const labels = pools.map((pool) => poolLabels(site, pool));
  const [only] = labels;
  const selector = { ...(labels.length === 1 ? only : {}), ...acceleratorLabels };
  const several = labels.length > 1 ? nodeTerms(site, pools) : undefined;
  return withoutUndefined({
    nodeSelector: Object.keys(selector).length > 0 ? selector : undefined,
    affinity: several ? { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: several } } } : undefined,
    tolerations:
      tolerate === 'all'
        ? [{ operator: 'Exists' }]
        : tolerations([...pools.flatMap(poolTaints), ...accelerators.flatMap(({ taints = [] }) => taints), ...tolerate]),
  });
}

/** Node selector terms for the nodes of these pools; undefined if one of the pools has no labels: any node may then belong to it. */
export function nodeTerms(site: Site, pools: readonly NodePool[]): NodeTerms | undefined {
  const labels = pools.map((pool) => poolLabels(site, pool));
  if (labels.some((set) => Object.keys(set).length === 0)) return undefined;
  return labels.map((set) => ({
    matchExpressions: Object.entries(set)
      .sort(([a], [b]) => compare(a, b))
      .map(([key, value]) => ({ key, operator: 'In', values: [value] })),
  }));
}

function tolerations(given: readonly Taint[]): Scheduling['tolerations'] {
  const taints = new Map(given.map((taint) => [JSON.stringify(taint), taint]));
  if (taints.size === 0) return undefined;
  return [...taints.values()].map(({ key, value, effect }) =>
    withoutUndefined({ key, operator: value ? 'Equal' : 'Exists', value: value || undefined, effect }),
  );
}

/** Anti-affinity of the replicas of a workload: with `required`, a replica stays pending rather than share a node with another. */
export type Apart = 'required' | 'preferred';

/** Anti-affinity and topology spread over nodes for the pods with these labels. */
export function antiAffinity(
  labels: Readonly<Record<string, string>>,
  how: Apart,
): Pick<PodSpec, 'affinity' | 'topologySpreadConstraints'> {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } };
  return {
    affinity: {
      podAntiAffinity:
        how === 'required'
          ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
          : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] },
    },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: labels } },
    ],
  };
}
