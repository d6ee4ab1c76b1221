import { type Problems, podsTooMany, podTooLarge, podWithoutNode, replicasExceedNodes } from '../../errors';
import { scheduling } from '../../kubernetes';
import { memoryText, type Site, type SiteNode } from '../../site';
import type { Built } from '../built';
import { mustBeApart, nodesFor, type PodGroup, podGroups, thousandths } from '../pods';

/** Room of a node while pods are being placed on it. */
interface Room {
  readonly node: SiteNode;
  cpu: number;
  memory: number;
  readonly groups: Set<PodGroup>;
}

/** Each pod on some node of its own, and all of them together on the nodes that there are. */
export function checkCapacity(built: Built, problems: Problems, warnings: string[]): void {
  const groups = podGroups(built);
  const possible = groups.filter((group) => checkOne(built.site, group, groups, problems));
  for (const runtime of runtimeGroups(built)) checkOne(built.site, runtime, groups, problems);

  const left = place(built.site.nodes, possible, built.site);
  if (left.length > 0) checkTogether(built.site, possible, left, problems, warnings);
  else warnings.push(...lossOfNodes(built.site, possible));
}

/** Pods that exist only at run time, one of each kind. */
export function runtimeGroups(built: Built): readonly PodGroup[] {
  return built.ledger.runtimePods.map((pods) => ({
    path: pods.path,
    name: pods.what,
    namespace: pods.namespace,
    labels: pods.labels,
    spec: { containers: [], ...scheduling(built.site, pods.on) },
    replicas: pods.most ?? Number.POSITIVE_INFINITY,
    perNode: false,
    surge: 0,
    cpu: pods.cpu,
    memory: pods.memory,
  }));
}

function checkOne(site: Site, group: PodGroup, all: readonly PodGroup[], problems: Problems): boolean {
  const nodes = nodesFor(site, group.spec);
  const asked = `${group.cpu} cores and ${memoryText(group.memory)}`;
  if (!(group.cpu >= 0 && group.memory >= 0)) return false;
  if (nodes.length === 0) {
    problems.add(
      group.path,
      podWithoutNode(
        group.name,
        JSON.stringify(group.spec.nodeSelector ?? {}),
        site.pools.map(({ name }) => name),
      ),
    );
    return false;
  }
  const rooms = nodes.map((node) => roomOf(node, group.perNode ? [] : all, site));
  // One somewhere, or one everywhere.
  const tight = rooms.filter((room) => !fits(group, room));
  if (tight.length === rooms.length || (group.perNode && tight.length > 0)) {
    const largest = tight.reduce((best, room) => (room.memory > best.memory ? room : best));
    problems.add(
      group.path,
      podTooLarge(group.name, asked, `${largest.cpu} cores and ${memoryText(largest.memory)} on ${largest.node.name}`),
    );
    return false;
  }
  if (mustBeApart(group) && group.replicas > nodes.length) {
    problems.add(group.path, replicasExceedNodes(group.name, group.replicas, nodes.length));
    return false;
  }
  return true;
}

/** A node without what runs on every node. */
function roomOf(node: SiteNode, groups: readonly PodGroup[], site: Site): Room {
  const daemons = groups.filter((group) => group.perNode && nodesFor(site, group.spec).includes(node));
  return {
    node,
    cpu: thousandths(node.allocatable.cpu - daemons.reduce((sum, one) => sum + one.cpu, 0)),
    memory: node.allocatable.memory - daemons.reduce((sum, one) => sum + one.memory, 0),
    groups: new Set(),
  };
}

/**
 * Places the pods one by one, the largest first, each where most memory is free; returns those that found no room.
 * An order that the scheduler could take: if all find room, they fit; if one does not, another order may do better.
 */
function place(nodes: readonly SiteNode[], groups: readonly PodGroup[], site: Site): readonly PodGroup[] {
  const rooms = nodes.map((node) => roomOf(node, groups, site));
  const left: PodGroup[] = [];
  const single = groups.filter((group) => !group.perNode);
  for (const group of [...single].sort((a, b) => b.memory - a.memory || b.cpu - a.cpu)) {
    const allowed = new Set(nodesFor(site, group.spec));
    for (let replica = 0; replica < group.replicas; replica++) {
      const free = rooms.filter((room) => allowed.has(room.node) && fits(group, room) && !(mustBeApart(group) && room.groups.has(group)));
      const best = free.sort((a, b) => b.memory - a.memory || b.cpu - a.cpu)[0];
      if (!best) {
        left.push(group);
        break;
      }
      best.cpu = thousandths(best.cpu - group.cpu);
      best.memory -= group.memory;
      best.groups.add(group);
    }
  }
  return left;
}

/** What does not fit by sums alone fits in no order; the rest is only likely not to fit. */
function checkTogether(site: Site, groups: readonly PodGroup[], left: readonly PodGroup[], problems: Problems, warnings: string[]): void {
  const told = new Set<string>();
  for (const group of left) {
    const nodes = nodesFor(site, group.spec);
    const rooms = nodes.map((node) => roomOf(node, groups, site));
    const bound = groups.filter((one) => !one.perNode && nodesFor(site, one.spec).every((node) => nodes.includes(node)));
    const key = bound.map(({ path }) => path).join(' ');
    // Of pods that share their nodes, the first speaks for all.
    if (told.has(key)) continue;
    told.add(key);
    const asked = sum(bound.map((one) => ({ cpu: one.cpu * one.replicas, memory: one.memory * one.replicas })));
    const there = sum(rooms);
    if (asked.cpu > there.cpu || asked.memory > there.memory) {
      problems.add(
        group.path,
        podsTooMany(
          bound.map(({ name }) => name),
          total(asked),
          total(there),
          nodes.length,
        ),
      );
    } else {
      warnings.push(
        `${group.name}: no room was found for all of its pods beside the others; ${total(asked)} of ${total(there)} are asked for`,
      );
    }
  }
}

/** Which pods would wait if one node of a pool were gone. */
function lossOfNodes(site: Site, groups: readonly PodGroup[]): readonly string[] {
  return site.pools.flatMap((pool) => {
    const lost = site.nodes.find((node) => node.pool === pool);
    if (!lost) return [];
    const rest = site.nodes.filter((node) => node !== lost);
    const bound = groups.filter((group) => !group.perNode && nodesFor(site, group.spec).some((node) => node.pool === pool));
    const waiting = place(rest, groups, { ...site, nodes: rest }).filter((group) => bound.includes(group));
    return waiting.length === 0
      ? []
      : [`with one node of pool '${pool.name}' lost, there is no room for ${[...new Set(waiting.map(({ name }) => name))].join(', ')}`];
  });
}

/** A size that cannot be read is told where it was given, and is NaN here: it refuses nothing. */
function fits(group: PodGroup, room: Room): boolean {
  return !(group.cpu > room.cpu) && !(group.memory > room.memory);
}

function sum(parts: readonly { readonly cpu: number; readonly memory: number }[]): { readonly cpu: number; readonly memory: number } {
  return parts.reduce((all, one) => ({ cpu: thousandths(all.cpu + one.cpu), memory: all.memory + one.memory }), { cpu: 0, memory: 0 });
}

function total({ cpu, memory }: { readonly cpu: number; readonly memory: number }): string {
  return `${cpu} cores and ${memoryText(memory)}`;
}
