import { GPU_MODELS, type GpuModel, type Layout, placeInstances } from '../../../site';
import { plural } from '../record/layout-text';
import type { GpuRecord, RecordedLayout, RecordedNode, RecordedPool } from '../record/record';
import { type GpuChange, type GpuPlan, type NodeChange, type NodeStep, resourcesOf, type Unordered } from './model';
import { inOrder } from './order';

interface IndexedNode {
  readonly pool: RecordedPool;
  readonly node: RecordedNode;
  readonly index: number;
}

/** Plan from one GPU record to another; `before` is undefined if there is none yet. */
export function gpuPlan(before: GpuRecord | undefined, after: GpuRecord): GpuPlan {
  const [old, now] = [nodesByName(before), nodesByName(after)];
  const steps = [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => stepOf(old.get(name), now.get(name)));
  const [oldTotals, newTotals] = [totalsOf(old), totalsOf(now)];
  const totals = [...new Set([...oldTotals.keys(), ...newTotals.keys()])]
    .sort()
    .map((resource) => ({ resource, before: oldTotals.get(resource) ?? 0, after: newTotals.get(resource) ?? 0 }));
  return {
    schema: 'analysis-facility.io/gpu-plan/v1',
    site: after.site,
    totals: totals.filter((total) => total.before !== total.after),
    pools: poolChanges(before?.pools ?? [], after.pools),
    steps: inOrder(steps, oldTotals),
  };
}

function nodesByName(record: GpuRecord | undefined): ReadonlyMap<string, IndexedNode> {
  const all = record?.pools.flatMap((pool) => pool.nodes.map((node, index) => [node.name, { pool, node, index }] as const));
  return new Map(all);
}

function totalsOf(nodes: ReadonlyMap<string, IndexedNode>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { node } of nodes.values())
    for (const [resource, count] of Object.entries(node.resources)) sums.set(resource, (sums.get(resource) ?? 0) + count);
  return sums;
}

function stepOf(old: IndexedNode | undefined, now: IndexedNode | undefined): readonly Unordered[] {
  const { pool, node, index } = (now ?? old) as IndexedNode;
  const [before, after] = [old?.node.resources ?? {}, now?.node.resources ?? {}];
  const labels = labelsOf(old?.node.labels ?? {}, now?.node.labels ?? {});
  const [oldTaints, newTaints] = [old?.pool.taints ?? [], now?.pool.taints ?? []];
  const taints = {
    added: newTaints.filter((taint) => !oldTaints.includes(taint)),
    removed: oldTaints.filter((taint) => !newTaints.includes(taint)),
  };
  const gpus = old && now ? gpuChanges(old, now) : [];
  const change = changeOf(old, now, gpus, labels.length + taints.added.length + taints.removed.length > 0);
  if (!change) return [];
  return [
    {
      node: node.name,
      pool: pool.name,
      title: `${pool.gpusPerNode} × ${pool.title}`,
      change,
      ...(pool.selector === undefined ? {} : { selector: { labels: pool.selector, index } }),
      units: pool.units,
      gpus,
      before,
      after,
      affected: affectedResources(change, gpus, before),
      labels,
      taints,
    },
  ];
}

function changeOf(
  old: IndexedNode | undefined,
  now: IndexedNode | undefined,
  gpus: readonly GpuChange[],
  relabelled: boolean,
): NodeChange | undefined {
  if (!old) return 'added';
  if (!now) return 'removed';
  if (old.pool.model !== now.pool.model || old.pool.gpusPerNode !== now.pool.gpusPerNode) return 'replaced';
  if (old.node.gpus.length !== now.node.gpus.length) return 'mode';
  if (gpus.some(({ unchanged }) => !unchanged)) return 'layout';
  if (!equal(old.node.resources, now.node.resources)) return 'sharing';
  return relabelled ? 'labels' : undefined;
}

function equal(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => a[key] === b[key]);
}

function labelsOf(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): NodeStep['labels'] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.map((key) => ({ key, before: before[key], after: after[key] })).filter((label) => label.before !== label.after);
}

/** GPUs of a node that are partitioned before and after. */
function gpuChanges(old: IndexedNode, now: IndexedNode): readonly GpuChange[] {
  if (old.pool.model !== now.pool.model || old.node.gpus.length !== now.node.gpus.length) return [];
  return old.node.gpus.flatMap((name, gpu) => {
    const before = old.pool.layouts.find((layout) => layout.name === name);
    const after = now.pool.layouts.find((layout) => layout.name === now.node.gpus[gpu]);
    if (!before || !after) return [];
    const unchanged = before.name === after.name;
    return [{ gpu, before, after, unchanged, ...(unchanged ? {} : additionalInstances(now.pool.model, before, after)) }];
  });
}

/** Placements of new instances, if all existing instances can remain. */
function additionalInstances(model: string, before: RecordedLayout, after: RecordedLayout): Pick<GpuChange, 'additional'> {
  const counts = (layout: RecordedLayout) => {
    const sums = new Map<string, number>();
    for (const { profile } of layout.instances) sums.set(profile, (sums.get(profile) ?? 0) + 1);
    return sums;
  };
  const [oldCounts, newCounts] = [counts(before), counts(after)];
  const added = [...newCounts].map(([profile, count]) => [profile, count - (oldCounts.get(profile) ?? 0)] as const);
  const removed = [...oldCounts].some(([profile, count]) => count > (newCounts.get(profile) ?? 0));
  if (removed || before.instances.length === 0 || !Object.hasOwn(GPU_MODELS, model)) return {};
  const layout = Object.fromEntries(added.filter(([, count]) => count > 0)) as Layout;
  const found = placeInstances<GpuModel>(model as GpuModel, before.instances as never, layout);
  return found.fits ? { additional: found.instances.map(({ profile, start }) => ({ profile, start })) } : {};
}

/** Resources of a node whose pods must be stopped for the change. */
function affectedResources(change: NodeChange, gpus: readonly GpuChange[], before: Readonly<Record<string, number>>): readonly string[] {
  const all = Object.keys(before);
  switch (change) {
    case 'added':
    case 'labels':
      return [];
    case 'layout': {
      const changed = gpus.filter(({ unchanged }) => !unchanged);
      return all.filter((resource) => changed.some((gpu) => resourcesOf(gpu.before, [resource]).length > 0));
    }
    default:
      return all;
  }
}

function poolChanges(before: readonly RecordedPool[], after: readonly RecordedPool[]): readonly string[] {
  const removed = before.filter((pool) => !after.some((other) => other.name === pool.name));
  return [
    ...removed.map((pool) => `pool ${pool.name} is removed, with ${plural(pool.nodes.length, 'node')}`),
    ...after.flatMap((pool) => {
      const old = before.find((other) => other.name === pool.name);
      if (!old) return [`pool ${pool.name} is added, with ${plural(pool.nodes.length, 'node')}`];
      return [
        ...differing('GPU model', old.title, pool.title),
        ...differing('GPUs per node', old.gpusPerNode, pool.gpusPerNode),
        ...differing('sharing', old.sharing, pool.sharing),
        ...differing('pods per GPU', old.replicas ?? 1, pool.replicas ?? 1),
        ...differing('node selector', old.selector ?? 'none (host names)', pool.selector ?? 'none (host names)'),
      ].map((text) => `pool ${pool.name}: ${text}`);
    }),
  ];
}

function differing(what: string, before: string | number, after: string | number): readonly string[] {
  return before === after ? [] : [`${what}: ${before} → ${after}`];
}
