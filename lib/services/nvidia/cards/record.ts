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

/** What `gpus.json` of another schema calls itself by; a change of meaning is another number. */
export const GPU_SCHEMA = 'analysis-facility.io/gpus/v1';

/** An instance on a card, with the place that the solver gives it. The driver may choose another: `nvidia-smi mig -lgi` tells. */
export interface RecordedInstance {
  readonly profile: string;
  /** Memory unit at which it starts. */
  readonly start: number;
  readonly units: number;
  /** Compute slices. */
  readonly slices: number;
}

/** What of a card no instance has. */
export interface Unused {
  readonly slices: number;
  readonly units: number;
}

/** One way in which cards of a pool are cut. */
export interface RecordedLayout {
  readonly name: string;
  /** Empty where nobody has published where instances of the card may start. */
  readonly instances: readonly RecordedInstance[];
  /** Beside all instances, what further ones could have. */
  readonly free: Unused;
  /** What no further instance could have: lost with this layout. */
  readonly lost: Unused;
}

export interface RecordedNode {
  readonly name: string;
  /** Names of the layouts of its cards, in the order in which `nvidia-smi` counts them. Empty where cards are not cut. */
  readonly cards: readonly string[];
  /** Extended resources that its pods may ask for. */
  readonly resources: Readonly<Record<string, number>>;
  /** Labels that its cards want. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface RecordedPool {
  readonly name: string;
  readonly sharing: Gpus['sharing'];
  /** Name in the table of cards, product, type of a virtual GPU, or resource of a plugin. */
  readonly card: string;
  /** What people call the card. */
  readonly title: string;
  readonly cardsPerNode: number;
  /** Pods that share a card or an instance. */
  readonly replicas?: number;
  /** Memory units and compute slices of a card that is cut. */
  readonly units?: number;
  readonly slices?: number;
  readonly taints: readonly string[];
  /** Labels that tell the nodes, where their names are not known: the names in `nodes` are then none of the cluster. */
  readonly selector?: string;
  readonly layouts: readonly RecordedLayout[];
  readonly nodes: readonly RecordedNode[];
}

/** The cards of a site, as people review them and `facility gpu-plan` compares them. */
export interface GpuRecord {
  readonly schema: typeof GPU_SCHEMA;
  readonly site: string;
  readonly pools: readonly RecordedPool[];
}

/** The cards of a site; undefined if it has none. The site must be free of problems. */
export function gpuRecord(site: Site): GpuRecord | undefined {
  const pools = site.pools.flatMap((pool) => (pool.gpus ? [recordPool(site, pool, pool.gpus)] : []));
  return pools.length > 0 ? { schema: GPU_SCHEMA, site: site.name, pools } : undefined;
}

function recordPool(site: Site, pool: NodePool, gpus: Gpus): RecordedPool {
  const nodes = site.nodes.filter((node) => node.pool === pool);
  const cut = migOf(gpus);
  const geometry = cut && geometryOf(cut.card);
  const layouts = new Map(nodes.flatMap((node) => (cut ? layoutsOfNode(cut, node.key).map((one) => [layoutName(cut, one), one]) : [])));
  const labels = Object.entries(pool.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return {
    name: pool.name,
    sharing: gpus.sharing,
    ...cardOf(gpus),
    cardsPerNode: gpus.perNode,
    ...('replicas' in gpus ? { replicas: gpus.replicas } : {}),
    ...(geometry?.units ? { units: geometry.units, slices: geometry.compute } : {}),
    taints: gpuTaints(gpus).map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`),
    ...(site.cluster.kind === 'existing' && !pool.hostnames ? { selector: labels.join(',') } : {}),
    layouts: [...layouts].map(([name, layout]) => recordLayout(cut as MigGpus, name, layout)),
    nodes: nodes.map((node) => recordNode(node, gpus, cut)),
  };
}

function cardOf(gpus: Gpus): Pick<RecordedPool, 'card' | 'title'> {
  switch (gpus.sharing) {
    case 'mig':
      return { card: gpus.card, title: gpuTitle(gpus.card) };
    case 'whole':
      return { card: typeof gpus.card === 'string' ? gpus.card : gpus.card.product, title: gpuTitle(gpus.card) };
    case 'vgpu':
      return { card: gpus.type, title: gpus.type };
    case 'plugin':
      return { card: gpus.resource, title: gpus.resource };
    case 'time-slicing':
    case 'mps':
      return cardOf(gpus.of);
  }
}

/** `1x3g.40gb-2x1g.10gb`, the largest first, however it was written. */
function layoutName({ card }: MigGpus, layout: Layout): string {
  return [...readLayout(card, layout)]
    .reverse()
    .map(({ profile, count }) => `${count}x${profile.name}`)
    .join('-');
}

function recordLayout({ card }: MigGpus, name: string, layout: Layout): RecordedLayout {
  const none = { slices: 0, units: 0 };
  const instances = (geometryOf(card)?.units && placements<GpuModel>(card, layout)[0]) || [];
  const left = instances.length > 0 ? leftover<GpuModel>(card, instances) : undefined;
  return {
    name,
    instances: instances.map(({ profile, start, units }) => ({
      profile,
      start,
      units,
      slices: profileFacts<GpuModel>(card, profile).compute,
    })),
    free: left ? { slices: left.free.compute - left.wasted.compute, units: left.free.memoryUnits - left.wasted.memoryUnits } : none,
    lost: left ? { slices: left.wasted.compute, units: left.wasted.memoryUnits } : none,
  };
}

function recordNode(node: SiteNode, gpus: Gpus, cut: MigGpus | undefined): RecordedNode {
  return {
    name: node.name,
    cards: cut ? layoutsOfNode(cut, node.key).map((layout) => layoutName(cut, layout)) : [],
    resources: sorted(Object.fromEntries(Object.entries(devicesOf(node.pool, node.key)).filter(([, count]) => count > 0))),
    labels: sorted(gpuLabels(gpus, node.key)),
  };
}

function sorted<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The text of `gpus.json`: an object that fits on a line is one, so that a diff shows a card, not a number. */
export function recordText(record: GpuRecord): string {
  return `${jsonText(record, '')}\n`;
}

const LINE = 132;

function jsonText(value: unknown, indent: string): string {
  const flat = flatText(value);
  if (typeof value !== 'object' || value === null || (indent !== '' && indent.length + flat.length <= LINE)) return flat;
  const deeper = `${indent}  `;
  const [open, close, entries] = Array.isArray(value)
    ? ['[', ']', value.map((one) => jsonText(one, deeper))]
    : ['{', '}', fields(value).map(([key, one]) => `${JSON.stringify(key)}: ${jsonText(one, deeper)}`)];
  return `${open}\n${entries.map((entry) => deeper + entry).join(',\n')}\n${indent}${close}`;
}

function flatText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flatText).join(', ')}]`;
  const entries = fields(value).map(([key, one]) => `${JSON.stringify(key)}: ${flatText(one)}`);
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}';
}

function fields(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).filter(([, one]) => one !== undefined);
}
