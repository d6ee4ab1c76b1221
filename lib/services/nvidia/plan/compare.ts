import { GPU_MODELS, type GpuModel, type Layout, placeInstances } from '../../../site';
import { plural } from '../cards/picture';
import type { GpuRecord, RecordedLayout, RecordedNode, RecordedPool } from '../cards/record';
import { type CardChange, type GpuPlan, type NodeChange, type NodeStep, resourcesOf, type Unordered } from './model';
import { inOrder } from './order';

interface Placed {
  readonly pool: RecordedPool;
  readonly node: RecordedNode;
  readonly index: number;
}

export function gpuPlan(before: GpuRecord | undefined, after: GpuRecord): GpuPlan {
  const [old, now] = [placed(before), placed(after)];
  const steps = [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => stepOf(old.get(name), now.get(name)));
  const [were, are] = [totalsOf(old), totalsOf(now)];
  const totals = [...new Set([...were.keys(), ...are.keys()])]
    .sort()
    .map((resource) => ({ resource, before: were.get(resource) ?? 0, after: are.get(resource) ?? 0 }));
  return {
    schema: 'analysis-facility.io/gpu-plan/v1',
    site: after.site,
    totals: totals.filter((one) => one.before !== one.after),
    pools: poolChanges(before?.pools ?? [], after.pools),
    steps: inOrder(steps, were),
  };
}

function placed(record: GpuRecord | undefined): ReadonlyMap<string, Placed> {
  const all = record?.pools.flatMap((pool) => pool.nodes.map((node, index) => [node.name, { pool, node, index }] as const));
  return new Map(all);
}

function totalsOf(nodes: ReadonlyMap<string, Placed>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { node } of nodes.values())
    for (const [resource, count] of Object.entries(node.resources)) sums.set(resource, (sums.get(resource) ?? 0) + count);
  return sums;
}

function stepOf(old: Placed | undefined, now: Placed | undefined): readonly Unordered[] {
  const { pool, node, index } = (now ?? old) as Placed;
  const [before, after] = [old?.node.resources ?? {}, now?.node.resources ?? {}];
  const labels = labelsOf(old?.node.labels ?? {}, now?.node.labels ?? {});
  const [had, has] = [old?.pool.taints ?? [], now?.pool.taints ?? []];
  const taints = { added: has.filter((taint) => !had.includes(taint)), removed: had.filter((taint) => !has.includes(taint)) };
  const cards = old && now ? cardsOf(old, now) : [];
  const change = changeOf(old, now, cards, labels.length + taints.added.length + taints.removed.length > 0);
  if (!change) return [];
  return [
    {
      node: node.name,
      pool: pool.name,
      title: `${pool.cardsPerNode} × ${pool.title}`,
      change,
      ...(pool.selector === undefined ? {} : { selector: { labels: pool.selector, index } }),
      units: pool.units,
      cards,
      before,
      after,
      ends: endsOf(change, cards, before),
      labels,
      taints,
    },
  ];
}

function changeOf(
  old: Placed | undefined,
  now: Placed | undefined,
  cards: readonly CardChange[],
  relabelled: boolean,
): NodeChange | undefined {
  if (!old) return 'added';
  if (!now) return 'removed';
  if (old.pool.card !== now.pool.card || old.pool.cardsPerNode !== now.pool.cardsPerNode) return 'exchanged';
  if (old.node.cards.length !== now.node.cards.length) return 'mode';
  if (cards.some(({ stays }) => !stays)) return 'recut';
  if (!same(old.node.resources, now.node.resources)) return 'sharing';
  return relabelled ? 'labels' : undefined;
}

function same(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): boolean {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) => one[key] === other[key]);
}

function labelsOf(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): NodeStep['labels'] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.map((key) => ({ key, before: before[key], after: after[key] })).filter((label) => label.before !== label.after);
}

/** Cards of a node that keeps them, in both states cut. */
function cardsOf(old: Placed, now: Placed): readonly CardChange[] {
  if (old.pool.card !== now.pool.card || old.node.cards.length !== now.node.cards.length) return [];
  return old.node.cards.flatMap((name, card) => {
    const before = old.pool.layouts.find((layout) => layout.name === name);
    const after = now.pool.layouts.find((layout) => layout.name === now.node.cards[card]);
    if (!before || !after) return [];
    const stays = before.name === after.name;
    return [{ card, before, after, stays, ...(stays ? {} : besideOf(now.pool.card, before, after)) }];
  });
}

/** Where new instances go beside those that are there, if none of these has to go. */
function besideOf(card: string, before: RecordedLayout, after: RecordedLayout): Pick<CardChange, 'beside'> {
  const counts = (layout: RecordedLayout) => {
    const sums = new Map<string, number>();
    for (const { profile } of layout.instances) sums.set(profile, (sums.get(profile) ?? 0) + 1);
    return sums;
  };
  const [had, has] = [counts(before), counts(after)];
  const more = [...has].map(([profile, count]) => [profile, count - (had.get(profile) ?? 0)] as const);
  const fewer = [...had].some(([profile, count]) => count > (has.get(profile) ?? 0));
  if (fewer || before.instances.length === 0 || !Object.hasOwn(GPU_MODELS, card)) return {};
  const wish = Object.fromEntries(more.filter(([, count]) => count > 0)) as Layout;
  const found = placeInstances<GpuModel>(card as GpuModel, before.instances as never, wish);
  return found.fits ? { beside: found.instances.map(({ profile, start }) => ({ profile, start })) } : {};
}

/** Resources of a node whose pods do not outlive the change. */
function endsOf(change: NodeChange, cards: readonly CardChange[], before: Readonly<Record<string, number>>): readonly string[] {
  const all = Object.keys(before);
  switch (change) {
    case 'added':
    case 'labels':
      return [];
    case 'recut': {
      const cut = cards.filter(({ stays }) => !stays);
      return all.filter((resource) => cut.some((card) => resourcesOf(card.before, [resource]).length > 0));
    }
    default:
      return all;
  }
}

function poolChanges(before: readonly RecordedPool[], after: readonly RecordedPool[]): readonly string[] {
  const gone = before.filter((pool) => !after.some((other) => other.name === pool.name));
  return [
    ...gone.map((pool) => `pool ${pool.name} goes, with ${plural(pool.nodes.length, 'node')}`),
    ...after.flatMap((pool) => {
      const old = before.find((other) => other.name === pool.name);
      if (!old) return [`pool ${pool.name} is new, with ${plural(pool.nodes.length, 'node')}`];
      return [
        ...differing('its cards', old.title, pool.title),
        ...differing('cards in a node', old.cardsPerNode, pool.cardsPerNode),
        ...differing('sharing', old.sharing, pool.sharing),
        ...differing('pods that share', old.replicas ?? 1, pool.replicas ?? 1),
        ...differing('labels that tell its nodes', old.selector ?? 'none, they have names', pool.selector ?? 'none, they have names'),
      ].map((text) => `pool ${pool.name}: ${text}`);
    }),
  ];
}

function differing(what: string, before: string | number, after: string | number): readonly string[] {
  return before === after ? [] : [`${what}: ${before} → ${after}`];
}
