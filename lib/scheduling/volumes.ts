import type { PodVolume } from './pod';
import type { Reason } from './reason';
import type { Candidate, ClusterState, NodeState } from './state';

/**
 * Whether the volumes of a pod can be on a node: no more of a CSI driver than the machine takes, none of another zone, none that another pod
 * has for itself.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/nodevolumelimits/csi.go
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/volumezone/volume_zone.go
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/volumerestrictions/volume_restrictions.go
 */
export function volumesFit({ pod }: Candidate, state: NodeState, cluster: ClusterState): readonly Reason[] {
  if (pod.volumes.length === 0) return [];
  const reasons: Reason[] = [];
  if (pod.volumes.some((volume) => volume.exclusive && inUse(volume, pod.namespace, cluster)))
    reasons.push({ kind: 'volume', text: 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode' });
  for (const [driver, limit] of Object.entries(state.node.volumeLimits)) {
    const there = volumesOn(state, driver);
    const wanted = volumesOf(pod.volumes, pod.namespace, driver);
    const added = wanted.own + [...wanted.shared].filter((claim) => !there.shared.has(claim)).length;
    if (added > 0 && there.own + there.shared.size + added > limit)
      reasons.push({
        kind: 'volume',
        text: 'node(s) exceed max volume count',
        short: { resource: `volumes of ${driver}`, asked: BigInt(added), free: BigInt(limit - there.own - there.shared.size) },
      });
  }
  const { zone } = state.node;
  if (zone !== undefined && pod.volumes.some((volume) => volume.zone !== undefined && volume.zone !== zone))
    reasons.push({ kind: 'volume', text: 'node(s) had volume node affinity conflict' });
  return reasons;
}

/** Volumes of a driver: those of single pods by number, those of claims by name. */
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
    pods.some(({ pod }) => claim !== undefined && pod.namespace === namespace && pod.volumes.some((one) => one.claim === claim)),
  );
}
