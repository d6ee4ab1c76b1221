import type { PodVolume } from './pod';
import type { Reason } from './reason';
import type { Resources } from './resources';
import { matchesNodeTerm } from './selectors';
import type { Candidate, ClusterState, NodeState } from './state';

/**
 * Checks the volumes of a pod on a node: the limit of the CSI driver, the availability zone, node affinity, and claims with `ReadWriteOncePod`.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/nodevolumelimits/csi.go
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/volumebinding/volume_binding.go
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/volumezone/volume_zone.go
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/volumerestrictions/volume_restrictions.go
 */
export function volumesFit({ pod }: Candidate, state: NodeState, cluster: ClusterState): readonly Reason[] {
  if (pod.volumes.length === 0) return [];
  const reasons: Reason[] = [];
  if (pod.volumes.some((volume) => volume.exclusive && inUse(volume, pod.namespace, cluster)))
    reasons.push({ kind: 'volume', text: 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode' });
  for (const [driver, limit] of Object.entries(state.node.volumeLimits)) {
    const attached = volumesOn(state, driver);
    const requested = volumesOf(pod.volumes, pod.namespace, driver);
    const added = requested.own + [...requested.shared].filter((claim) => !attached.shared.has(claim)).length;
    if (added > 0 && attached.own + attached.shared.size + added > limit)
      reasons.push({
        kind: 'volume',
        text: 'node(s) exceed max volume count',
        shortage: { resource: `${VOLUMES}${driver}`, requested: BigInt(added), free: BigInt(limit - attached.own - attached.shared.size) },
      });
  }
  const { zone, name, labels } = state.node;
  const elsewhere = ({ nodes, ...volume }: PodVolume) =>
    (zone !== undefined && volume.zone !== undefined && volume.zone !== zone) ||
    (nodes !== undefined && !nodes.some((term) => matchesNodeTerm(term, name, labels)));
  if (pod.volumes.some(elsewhere)) reasons.push({ kind: 'volume', text: 'node(s) had volume node affinity conflict' });
  return reasons;
}

const VOLUMES = 'volumes of ';

/** Volumes that pods attach together, as resources named after their drivers; a claim counts once. */
export function volumeRequests(groups: readonly { readonly candidate: Candidate; readonly replicas: number }[]): Resources {
  const drivers = new Set(groups.flatMap(({ candidate }) => candidate.pod.volumes.flatMap(({ driver }) => driver ?? [])));
  return Object.fromEntries(
    [...drivers].map((driver) => {
      const each = groups.map(({ candidate: { pod }, replicas }) => ({ ...volumesOf(pod.volumes, pod.namespace, driver), replicas }));
      const own = each.reduce((sum, one) => sum + one.own * one.replicas, 0);
      return [`${VOLUMES}${driver}`, BigInt(own + new Set(each.flatMap(({ shared }) => [...shared])).size)];
    }),
  );
}

/** Volumes of a driver that a node can still attach; undefined without a limit, and for other resources. */
export function freeVolumes(state: NodeState, resource: string): bigint | undefined {
  const driver = resource.startsWith(VOLUMES) ? resource.slice(VOLUMES.length) : '';
  const limit = state.node.volumeLimits[driver];
  if (limit === undefined) return undefined;
  const { own, shared } = volumesOn(state, driver);
  return BigInt(limit - own - shared.size);
}

/** Volumes of a driver: number of volumes of single pods, and names of shared claims. */
interface Attached {
  readonly own: number;
  readonly shared: ReadonlySet<string>;
}

function volumesOf(volumes: readonly PodVolume[], namespace: string, driver: string): Attached {
  const ours = volumes.filter((volume) => volume.driver === driver);
  return {
    own: ours.filter(({ claim }) => claim === undefined).length,
    shared: new Set(ours.flatMap(({ claim }) => (claim === undefined ? [] : [`${namespace}/${claim}`]))),
  };
}

function volumesOn({ pods }: NodeState, driver: string): Attached {
  const each = pods.map(({ pod }) => volumesOf(pod.volumes, pod.namespace, driver));
  return { own: each.reduce((sum, { own }) => sum + own, 0), shared: new Set(each.flatMap(({ shared }) => [...shared])) };
}

function inUse({ claim }: PodVolume, namespace: string, { nodes }: ClusterState): boolean {
  return nodes.some(({ pods }) =>
    pods.some(({ pod }) => claim !== undefined && pod.namespace === namespace && pod.volumes.some((volume) => volume.claim === claim)),
  );
}
