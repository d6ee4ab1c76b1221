import {
  devicesOf,
  type GpuModel,
  type Gpus,
  geometryOf,
  gpuLabels,
  gpuTaints,
  gpuTitle,
  type Layout,
  layoutsOfNode,
  leftover,
  type MigGpus,
  migOf,
  type NodePool,
  placements,
  profileFacts,
  readLayout,
  type Site,
  type SiteNode,
} from '../../../site';

/** Schema version of `gpus.json`. */
export const GPU_SCHEMA = 'analysis-facility.io/gpus/v1';

/** A MIG instance with the placement computed by the solver. The driver may choose another one: see `nvidia-smi mig -lgi`. */
export interface RecordedInstance {
  readonly profile: string;
  /** First memory unit. */
  readonly start: number;
  readonly units: number;
  /** Compute slices. */
  readonly slices: number;
}

/** Capacity of a GPU that no instance has. */
export interface Unused {
  readonly slices: number;
  readonly units: number;
}

/** A MIG layout in a pool. */
export interface RecordedLayout {
  readonly name: string;
  /** Empty if the placements of the GPU model are not published. */
  readonly instances: readonly RecordedInstance[];
  /** Capacity that further instances could use. */
  readonly free: Unused;
  /** Capacity that no further instance could use with this layout. */
  readonly lost: Unused;
}

export interface RecordedNode {
  readonly name: string;
  /** Layouts of its GPUs by index as shown by `nvidia-smi`. Empty if the GPUs are not partitioned. */
  readonly gpus: readonly string[];
  /** Extended resources that the node offers. */
  readonly resources: Readonly<Record<string, number>>;
  /** Labels of the node for its GPUs. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface RecordedPool {
  readonly name: string;
  readonly sharing: Gpus['sharing'];
  /** GPU model: name in the table of GPU models, product name, vGPU type, or resource of a device plugin. */
  readonly model: string;
  /** Display name of the GPU model. */
  readonly title: string;
  readonly gpusPerNode: number;
  /** Number of pods that share a GPU or an instance. */
  readonly replicas?: number;
  /** Memory units and compute slices of a partitioned GPU. */
  readonly units?: number;
  readonly slices?: number;
  readonly taints: readonly string[];
  /** Label selector of the nodes if their names are unknown; the names in `nodes` then do not exist in the cluster. */
  readonly selector?: string;
  readonly layouts: readonly RecordedLayout[];
  readonly nodes: readonly RecordedNode[];
}

/** GPUs of a site, for reviews and for `npx facility gpu-plan`. */
export interface GpuRecord {
  readonly schema: typeof GPU_SCHEMA;
  readonly site: string;
  readonly pools: readonly RecordedPool[];
}

/** GPU record of a site; undefined if it has no GPUs. The site must have no findings. */
export function gpuRecord(site: Site): GpuRecord | undefined {
  const pools = site.pools.flatMap((pool) => (pool.gpus ? [recordPool(site, pool, pool.gpus)] : []));
  return pools.length > 0 ? { schema: GPU_SCHEMA, site: site.name, pools } : undefined;
}

function recordPool(site: Site, pool: NodePool, gpus: Gpus): RecordedPool {
  const nodes = site.nodes.filter((node) => node.pool === pool);
  const mig = migOf(gpus);
  const geometry = mig && geometryOf(mig.model);
  const layouts = new Map(
    nodes.flatMap((node) => (mig ? layoutsOfNode(mig, node.key).map((layout) => [layoutName(mig, layout), layout]) : [])),
  );
  const labels = Object.entries(pool.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return {
    name: pool.name,
    sharing: gpus.sharing,
    ...modelOf(gpus),
    gpusPerNode: gpus.perNode,
    ...('replicas' in gpus ? { replicas: gpus.replicas } : {}),
    ...(geometry?.units ? { units: geometry.units, slices: geometry.compute } : {}),
    taints: gpuTaints(gpus).map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`),
    ...(site.cluster.kind === 'existing' && !pool.hostnames ? { selector: labels.join(',') } : {}),
    layouts: [...layouts].map(([name, layout]) => recordLayout(mig as MigGpus, name, layout)),
    nodes: nodes.map((node) => recordNode(node, gpus, mig)),
  };
}

function modelOf(gpus: Gpus): Pick<RecordedPool, 'model' | 'title'> {
  switch (gpus.sharing) {
    case 'mig':
      return { model: gpus.model, title: gpuTitle(gpus.model) };
    case 'whole':
      return { model: typeof gpus.model === 'string' ? gpus.model : gpus.model.product, title: gpuTitle(gpus.model) };
    case 'vgpu':
      return { model: gpus.type, title: gpus.type };
    case 'plugin':
      return { model: gpus.resource, title: gpus.resource };
    case 'time-slicing':
    case 'mps':
      return modelOf(gpus.of);
  }
}

/** `1x3g.40gb-2x1g.10gb`: normalized, the largest profile first. */
function layoutName({ model }: MigGpus, layout: Layout): string {
  return [...readLayout(model, layout)]
    .reverse()
    .map(({ profile, count }) => `${count}x${profile.name}`)
    .join('-');
}

function recordLayout({ model }: MigGpus, name: string, layout: Layout): RecordedLayout {
  const none = { slices: 0, units: 0 };
  const instances = (geometryOf(model)?.units && placements<GpuModel>(model, layout)[0]) || [];
  const left = instances.length > 0 ? leftover<GpuModel>(model, instances) : undefined;
  return {
    name,
    instances: instances.map(({ profile, start, units }) => ({
      profile,
      start,
      units,
      slices: profileFacts<GpuModel>(model, profile).compute,
    })),
    free: left ? { slices: left.free.compute - left.wasted.compute, units: left.free.memoryUnits - left.wasted.memoryUnits } : none,
    lost: left ? { slices: left.wasted.compute, units: left.wasted.memoryUnits } : none,
  };
}

function recordNode(node: SiteNode, gpus: Gpus, mig: MigGpus | undefined): RecordedNode {
  return {
    name: node.name,
    gpus: mig ? layoutsOfNode(mig, node.key).map((layout) => layoutName(mig, layout)) : [],
    resources: sorted(Object.fromEntries(Object.entries(devicesOf(node.pool, node.key)).filter(([, count]) => count > 0))),
    labels: sorted(gpuLabels(gpus, node.key)),
  };
}

function sorted<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Content of `gpus.json`. Objects that fit on one line are written on one line, so that diffs are readable. */
export function recordText(record: GpuRecord): string {
  return `${jsonText(record, '')}\n`;
}

const LINE = 132;

function jsonText(value: unknown, indent: string): string {
  const flat = flatText(value);
  if (typeof value !== 'object' || value === null || (indent !== '' && indent.length + flat.length <= LINE)) return flat;
  const deeper = `${indent}  `;
  const [open, close, entries] = Array.isArray(value)
    ? ['[', ']', value.map((item) => jsonText(item, deeper))]
    : ['{', '}', fields(value).map(([key, field]) => `${JSON.stringify(key)}: ${jsonText(field, deeper)}`)];
  return `${open}\n${entries.map((entry) => deeper + entry).join(',\n')}\n${indent}${close}`;
}

function flatText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flatText).join(', ')}]`;
  const entries = fields(value).map(([key, field]) => `${JSON.stringify(key)}: ${flatText(field)}`);
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}';
}

function fields(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).filter(([, field]) => field !== undefined);
}
