import { compare } from '../errors';
import { type Accelerator, type NodePool, poolLabels, poolTaints, type Site, type Taint } from '../site';
import { type PodSpec, withoutUndefined } from './manifest';

type Scheduling = Pick<PodSpec, 'nodeSelector' | 'affinity' | 'tolerations'>;

/** Taints that pods tolerate beside those of their pools; `all`: whatever a node has, or gets while it is in trouble. */
export type Tolerate = 'all' | readonly Taint[];

/**
 * What puts pods on the nodes of these pools and no others: labels of the pool and of the accelerators that the pods get, and
 * tolerations of the taints of both by name.
 */
export function scheduling(
  site: Site,
  pools: readonly NodePool[],
  tolerate: Tolerate = [],
  accelerators: readonly Accelerator[] = [],
): Scheduling {
  const cards: Readonly<Record<string, string>> = Object.assign({}, ...accelerators.map((one) => one.labels));

  const labels = pools.map((pool) => poolLabels(site, pool));
  const [only] = labels;
  const selector = { ...(labels.length === 1 ? only : {}), ...cards };
  const several = labels.length > 1 && labels.every((one) => Object.keys(one).length > 0);
  return withoutUndefined({
    nodeSelector: Object.keys(selector).length > 0 ? selector : undefined,
    affinity: several
      ? {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: labels.map((one) => ({
                matchExpressions: Object.entries(one)
                  .sort(([a], [b]) => compare(a, b))
                  .map(([key, value]) => ({ key, operator: 'In', values: [value] })),
              })),
            },
          },
        }
      : undefined,
    tolerations:
      tolerate === 'all'
        ? [{ operator: 'Exists' }]
        : tolerations([...pools.flatMap(poolTaints), ...accelerators.flatMap((one) => one.taints ?? []), ...tolerate]),
  });
}

function tolerations(given: readonly Taint[]): Scheduling['tolerations'] {
  const taints = new Map(given.map((taint) => [JSON.stringify(taint), taint]));
  if (taints.size === 0) return undefined;
  return [...taints.values()].map(({ key, value, effect }) =>
    withoutUndefined({ key, operator: value ? 'Equal' : 'Exists', value: value || undefined, effect }),
  );
}

/** How replicas of one workload keep apart: `required` leaves a replica waiting rather than put two on one node. */
export type Apart = 'required' | 'preferred';

/** Anti-affinity and spread over the nodes for the pods that carry `labels`. */
export function apart(labels: Readonly<Record<string, string>>, how: Apart): Pick<PodSpec, 'affinity' | 'topologySpreadConstraints'> {
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
