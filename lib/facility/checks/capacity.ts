import type { Problems } from '../../errors';
import { scheduling } from '../../kubernetes';
import { memoryText, type Site, type SiteNode } from '../../site';
import type { Built } from '../built';
import {
  deviceMissing,
  nodeLossExceedsRoom,
  podsMayNotFit,
  podsTooMany,
  podTooLarge,
  podWithoutNode,
  replicasExceedNodes,
} from '../messages';
import { mustBeApart, nodesFor, type PodGroup, podGroups, thousandths } from '../pods';

/** Room of a node while pods are being placed on it. */
interface Room {
  readonly node: SiteNode;
  cpu: number;
  memory: number;
  disk: number;
  readonly devices: Record<string, number>;
  readonly groups: Set<PodGroup>;
}

/** Each pod on some node of its own, and all of them together on the nodes that there are. */
export function checkCapacity(built: Built, problems: Problems): void {
  const groups = podGroups(built);
  const possible = groups.filter((group) => checkOne(built.site, group, groups, problems));
  for (const runtime of runtimeGroups(built)) checkOne(built.site, runtime, groups, problems);

  const left = place(built.site.nodes, possible, built.site);
  if (left.length > 0) checkTogether(built.site, possible, left, problems);
  else checkLossOfNodes(built.site, possible, problems);
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
    disk: pods.disk ?? 0,
    devices: pods.devices ?? {},
  }));
}

function checkOne(site: Site, group: PodGroup, all: readonly PodGroup[], problems: Problems): boolean {
  const nodes = nodesFor(site, group.spec);
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
  const [lacking] = Object.entries(group.devices).filter(([name, count]) => !nodes.some(({ devices }) => (devices[name] ?? 0) >= count));
  if (lacking) {
    problems.add(group.path, deviceMissing(group.name, ...lacking, mostOf(nodes)));
    return false;
  }
  const rooms = nodes.map((node) => roomOf(node, group.perNode ? [] : all, site));
  // One somewhere, or one everywhere.
  const tight = rooms.filter((room) => !fits(group, room));
  if (tight.length === rooms.length || (group.perNode && tight.length > 0)) {
    const largest = tight.reduce((best, room) => (room.memory > best.memory ? room : best));
    const onDisk = group.disk > largest.disk;
    problems.add(group.path, podTooLarge(group.name, total(group, onDisk), `${total(largest, onDisk)} on ${largest.node.name}`));
    return false;
  }
  if (mustBeApart(group) && group.replicas > nodes.length) {
    problems.add(group.path, replicasExceedNodes(group.name, group.replicas, nodes.length));
    return false;
  }
  return true;
}

/** Most that one of the nodes has of each extended resource. */
function mostOf(nodes: readonly SiteNode[]): Readonly<Record<string, number>> {
  const most: Record<string, number> = {};
  for (const { devices } of nodes) for (const [name, count] of Object.entries(devices)) most[name] = Math.max(count, most[name] ?? 0);
  return most;
}

/** A node without what runs on every node. */
function roomOf(node: SiteNode, groups: readonly PodGroup[], site: Site): Room {
  const daemons = groups.filter((group) => group.perNode && nodesFor(site, group.spec).includes(node));
  return {
    node,
    cpu: thousandths(node.allocatable.cpu - daemons.reduce((sum, one) => sum + one.cpu, 0)),
    memory: node.allocatable.memory - daemons.reduce((sum, one) => sum + one.memory, 0),
    disk: node.allocatable.disk - daemons.reduce((sum, one) => sum + one.disk, 0),
    devices: { ...node.devices },
    groups: new Set(),
  };
}

/**
 * Places the pods one by one, those that ask for devices first, then the largest, each where most memory is free; returns those that found no room.
 * An order that the scheduler could take: if all find room, they fit; if one does not, another order may do better.
 */
function place(nodes: readonly SiteNode[], groups: readonly PodGroup[], site: Site): readonly PodGroup[] {
  const rooms = nodes.map((node) => roomOf(node, groups, site));
  const left: PodGroup[] = [];
  const single = groups.filter((group) => !group.perNode);
  const scarce = ({ devices }: PodGroup) => Object.keys(devices).length;
  for (const group of [...single].sort((a, b) => scarce(b) - scarce(a) || b.memory - a.memory || b.cpu - a.cpu)) {
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
      best.disk -= group.disk;
      for (const [name, count] of Object.entries(group.devices)) best.devices[name] = (best.devices[name] ?? 0) - count;
      best.groups.add(group);
    }
  }
  return left;
}

/** What does not fit by sums alone fits in no order; the rest is only likely not to fit. */
function checkTogether(site: Site, groups: readonly PodGroup[], left: readonly PodGroup[], problems: Problems): void {
  const told = new Set<string>();
  for (const group of left) {
    const nodes = nodesFor(site, group.spec);
    const rooms = nodes.map((node) => roomOf(node, groups, site));
    const bound = groups.filter((one) => !one.perNode && nodesFor(site, one.spec).every((node) => nodes.includes(node)));
    const key = bound.map(({ path }) => path).join(' ');
    // Of pods that share their nodes, the first speaks for all.
    if (told.has(key)) continue;
    told.add(key);
    const asked = sum(bound.map((one) => times(one, one.replicas)));
    const there = sum(rooms);
    const [onDisk, known] = [asked.disk > there.disk, Number.isFinite(there.disk)];
    if (exceeds(asked, there)) {
      problems.add(
        group.path,
        podsTooMany(
          bound.map(({ name }) => name),
          total(asked, onDisk),
          total(there, onDisk),
          nodes.length,
        ),
      );
    } else {
      problems.add(group.path, podsMayNotFit(group.name, total(asked, known), total(there, known)));
    }
  }
}

/** Which pods would wait if one node of a pool were gone. */
function checkLossOfNodes(site: Site, groups: readonly PodGroup[], problems: Problems): void {
  for (const pool of site.pools) {
    const lost = site.nodes.find((node) => node.pool === pool);
    if (!lost) continue;
    const rest = site.nodes.filter((node) => node !== lost);
    const bound = groups.filter((group) => !group.perNode && nodesFor(site, group.spec).some((node) => node.pool === pool));
    const waiting = place(rest, groups, { ...site, nodes: rest }).filter((group) => bound.includes(group));
    const names = [...new Set(waiting.map(({ name }) => name))];
    if (names.length > 0) problems.add(`${site.name}/pools/${pool.name}`, nodeLossExceedsRoom(pool.name, names));
  }
}

interface Amount {
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
  readonly devices: Readonly<Record<string, number>>;
}

/** A size that cannot be read is told where it was given, and is NaN here: it refuses nothing. */
function fits(group: PodGroup, room: Room): boolean {
  return !exceeds(group, room);
}

function exceeds(asked: Amount, there: Amount): boolean {
  const devices = Object.entries(asked.devices).some(([name, count]) => count > (there.devices[name] ?? 0));
  return asked.cpu > there.cpu || asked.memory > there.memory || asked.disk > there.disk || devices;
}

function times({ cpu, memory, disk, devices }: Amount, factor: number): Amount {
  const each = Object.entries(devices).map(([name, count]) => [name, count * factor] as const);
  return { cpu: cpu * factor, memory: memory * factor, disk: disk * factor, devices: Object.fromEntries(each) };
}

function sum(parts: readonly Amount[]): Amount {
  return parts.reduce(
    (all, one) => ({
      cpu: thousandths(all.cpu + one.cpu),
      memory: all.memory + one.memory,
      disk: all.disk + one.disk,
      devices: added(all.devices, one.devices),
    }),
    { cpu: 0, memory: 0, disk: 0, devices: {} },
  );
}

/** Counts of both together, by name. */
export function added(one: Amount['devices'], other: Amount['devices']): Amount['devices'] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}

/** The disk is spoken of where it is what lacks. */
function total({ cpu, memory, disk, devices }: Amount, withDisk: boolean): string {
  const cards = Object.entries(devices).map(([name, count]) => `${count} ${name}`);
  const sizes = withDisk ? `${cpu} cores, ${memoryText(memory)} and ${memoryText(disk)} of disk` : `${cpu} cores and ${memoryText(memory)}`;
  return [...cards, sizes].join(', ');
}
