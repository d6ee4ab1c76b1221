import type { Problems } from '../../errors';
import {
  amountText,
  type ClusterState,
  explain,
  freeOn,
  isDevice,
  mayRunOn,
  type NodeState,
  type Reason,
  resourcesText,
} from '../../scheduling';
import { deviceMissing, podConstrained, podTooLarge, podWithoutNode } from '../messages';
import type { PodGroup } from '../pods';

const PLACEMENT: readonly Reason['kind'][] = ['name', 'selector', 'taint'];

/** Reports why a pod cannot be scheduled: by the reasons of the node that comes closest to fitting. */
export function reportUnschedulable(group: PodGroup, cluster: ClusterState, problems: Problems): void {
  const { path, name, candidate } = group;
  // Conflicts of host ports are reported by `checkHostPorts`.
  if (problems.all.some((one) => one.path === path && one.code.endsWith('HOST_PORT'))) return;
  const why = explain(candidate, cluster);
  const short = why.reasons.flatMap((one) => one.shortage ?? []);
  const devices = short.filter(({ resource }) => isDevice(resource));
  const node = cluster.nodes.find((one) => one.node.name === why.nearest);
  if (!node || why.reasons.some(({ kind }) => PLACEMENT.includes(kind))) problems.add(path, podWithoutNode(name, why));
  else if (devices.length > 0) {
    const asked = devices.map((one) => amountText(one.resource, one.requested)).join(', ');
    problems.add(path, deviceMissing(name, asked, mostDevices(cluster, group), why));
  } else if (why.reasons.every(({ kind }) => kind === 'resource')) {
    const names = [...new Set(['cpu', 'memory', ...short.map(({ resource }) => resource)])];
    const left = Object.fromEntries(names.map((one) => [one, leftOn(node, one)]));
    problems.add(
      path,
      podTooLarge(name, resourcesText(candidate.requests, names), `${resourcesText(left, names)} on ${node.node.name}`, why),
    );
  } else problems.add(path, podConstrained(name, why));
}

function leftOn(state: NodeState, resource: string): bigint {
  const left = freeOn(state, resource) ?? 0n;
  return left < 0n ? 0n : left;
}

/** Largest amount of each extended resource on a single node of a group. */
function mostDevices({ nodes }: ClusterState, group: PodGroup): string {
  const most = new Map<string, bigint>();
  for (const { node } of nodes.filter((state) => mayRunOn(group, state.node)))
    for (const [name, amount] of Object.entries(node.allocatable))
      if (isDevice(name) && amount > (most.get(name) ?? 0n)) most.set(name, amount);
  return [...most].map(([name, amount]) => amountText(name, amount)).join(', ') || 'none';
}
