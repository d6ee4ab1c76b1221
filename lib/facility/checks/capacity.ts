import type { Problems } from '../../errors';
import type { Built } from '../../kubernetes';
import {
  add,
  type ClusterState,
  explain,
  freeOn,
  freeVolumes,
  type NodeState,
  type Resources,
  resourcesText,
  scheduleOn,
  systemPods,
  times,
  volumeRequests,
} from '../../scheduling';
import type { Site, SiteNode } from '../../site';
import { daemonPods, daemonPodsOn } from '../daemon-pods';
import {
  nodeLossExceedsCapacity,
  podOnEmptyPool,
  podsMayNotFit,
  podsTooMany,
  podWithoutNode,
  replicasExceedNodes,
  replicasTooMany,
} from '../messages';
import { emptyPoolFor, invalidPods, isOnePerNode, nodesFor, type PodGroup, podGroups, runtimeGroups } from '../pods';
import { checkAffinity, withoutOtherTargets, withoutUnknownTargets } from './affinity';
import { reportUnschedulable } from './unschedulable';

/** Checks that every pod, all replicas of each workload, and all pods together can be scheduled, also after the loss of a node. */
export function checkCapacity(built: Built, problems: Problems): void {
  problems.addAll(invalidPods(built).all);
  const { cluster } = daemonPods(built);
  const readable = podGroups(built).filter((group) => checkAffinity(built, group, problems));
  const refused = checkDaemons(built, readable, problems);
  const possible = readable
    .filter((group) => !refused.has(group) && (group.perNode || checkReplicas(built.site, group, cluster, problems)))
    .map((group) => withoutUnknownTargets(built, group));
  for (const group of runtimeGroups(built)) if (!group.perNode) checkReplicas(built.site, { ...group, replicas: 1 }, cluster, problems);

  const unscheduled = pendingGroups(built, built.site.nodes, possible);
  if (unscheduled.length > 0) checkTotal(built.site, possible, unscheduled, cluster, problems);
  else checkNodeLoss(built, possible, problems);
}

/** Checks that DaemonSets fit on each of their nodes, together with the other DaemonSets. Returns those that do not. */
function checkDaemons(built: Built, groups: readonly PodGroup[], problems: Problems): ReadonlySet<PodGroup> {
  const { cluster, unscheduled } = daemonPods(built);
  const refused = new Set<PodGroup>();
  for (const group of groups.filter(({ perNode }) => perNode)) {
    const nodeless = nodesFor(built.site, group.spec).length === 0;
    const place = unscheduled.find(({ set }) => set === group)?.on;
    if (!nodeless && !place) continue;
    refused.add(group);
    const empty = nodeless ? emptyPoolFor(built.site, group.spec) : undefined;
    if (empty) problems.add(group.path, podOnEmptyPool(group.name, empty.name));
    else if (nodeless) problems.add(group.path, podWithoutNode(group.name, explain(group.candidate, cluster)));
    else if (place) reportUnschedulable(group, { ...cluster, nodes: [without(place, group)] }, problems);
  }
  return refused;
}

/** A node without the pod of a DaemonSet that is already bound to it. */
function without(state: NodeState, { candidate }: PodGroup): NodeState {
  const freed = Object.fromEntries(Object.entries(candidate.requests).map(([name, amount]) => [name, -amount]));
  return { node: state.node, used: { ...add(state.used, freed) }, pods: state.pods.filter((one) => one !== candidate) };
}

/** Checks that all replicas of a workload fit if only DaemonSets and system pods run beside them. */
function checkReplicas(site: Site, given: PodGroup, cluster: ClusterState, problems: Problems): boolean {
  const group = withoutOtherTargets(given);
  const { cluster: full, unscheduled } = scheduleOn(cluster, [group]);
  const [first] = unscheduled;
  if (!first) return true;
  const { path, name, replicas } = group;
  const empty = nodesFor(site, group.spec).length === 0 ? emptyPoolFor(site, group.spec) : undefined;
  if (empty) problems.add(path, podOnEmptyPool(name, empty.name));
  else if (first.placed === 0) reportUnschedulable(group, cluster, problems);
  else if (isOnePerNode(group) && first.placed === nodesFor(site, group.spec).length)
    problems.add(path, replicasExceedNodes(name, replicas, first.placed));
  else problems.add(path, replicasTooMany(name, first.placed, replicas, explain(first.candidate, full)));
  return false;
}

/** Groups with pods that stay pending when all others run. Pods of the Kubernetes distribution are not reported. */
function pendingGroups(built: Built, nodes: readonly SiteNode[], groups: readonly PodGroup[]): readonly PodGroup[] {
  const daemons = daemonPodsOn(built.site, nodes, groups, built);
  const { unscheduled } = scheduleOn(daemons.cluster, [...systemPods(built.site), ...groups]);
  return groups.filter((group) => unscheduled.some(({ set }) => set === group));
}

/** An error if the sum of requests exceeds the capacity; otherwise a warning, because another order of scheduling may fit. */
function checkTotal(
  site: Site,
  groups: readonly PodGroup[],
  unscheduled: readonly PodGroup[],
  cluster: ClusterState,
  problems: Problems,
): void {
  const reported = new Set<string>();
  for (const group of unscheduled) {
    const nodes = nodesFor(site, group.spec);
    const bound = groups.filter((one) => !one.perNode && nodesFor(site, one.spec).every((node) => nodes.includes(node)));
    const key = bound.map(({ path }) => path).join(' ');
    // One message for all groups that run on the same nodes.
    if (reported.has(key)) continue;
    reported.add(key);
    const requests = bound.map(({ candidate, replicas }) => times(candidate.requests, replicas)).reduce(add, {});
    const asked = add(requests, volumeRequests(bound));
    const states = cluster.nodes.filter(({ node }) => nodes.some(({ name }) => name === node.name));
    const short = Object.keys(asked).filter((name) => exceeds(asked, states, name));
    const names = reportedResources(asked, short);
    const [given, there] = [resourcesText(asked, names), resourcesText(freeTogether(states, names), names)];
    if (short.length > 0)
      problems.add(
        group.path,
        podsTooMany(
          bound.map(({ name }) => name),
          given,
          there,
          nodes.length,
        ),
      );
    else problems.add(group.path, podsMayNotFit(group.name, given, there));
  }
}

function exceeds(asked: Resources, states: readonly NodeState[], name: string): boolean {
  const free = states.map((state) => freeVolumes(state, name) ?? freeOn(state, name));
  return !free.includes(undefined) && (asked[name] ?? 0n) > free.reduce<bigint>((sum, one) => sum + (one ?? 0n), 0n);
}

function freeTogether(states: readonly NodeState[], names: readonly string[]): Resources {
  return Object.fromEntries(
    names.map((name) => [name, states.reduce((sum, state) => sum + (freeVolumes(state, name) ?? freeOn(state, name) ?? 0n), 0n)]),
  );
}

/** Resources that a message lists: devices, CPU and memory, and others that are short. */
function reportedResources(asked: Resources, short: readonly string[]): readonly string[] {
  const devices = Object.keys(asked).filter((name) => name.includes('/'));
  return [...new Set([...devices, 'cpu', 'memory', ...short])];
}

/** Warns of pods that would stay pending after the loss of one node of a pool. */
function checkNodeLoss(built: Built, groups: readonly PodGroup[], problems: Problems): void {
  const { site } = built;
  for (const pool of site.pools) {
    const lost = site.nodes.find((node) => node.pool === pool);
    if (!lost) continue;
    const bound = groups.filter((group) => !group.perNode && nodesFor(site, group.spec).some((node) => node.pool === pool));
    const rest = site.nodes.filter((node) => node !== lost);
    const unscheduled = pendingGroups(built, rest, groups).filter((group) => bound.includes(group));
    const names = [...new Set(unscheduled.map(({ name }) => name))];
    if (names.length > 0) problems.add(`${site.name}/pools/${pool.name}`, nodeLossExceedsCapacity(pool.name, names));
  }
}
