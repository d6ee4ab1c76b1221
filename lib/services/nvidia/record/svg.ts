import { bytes, GPU_MODELS, type GpuModel, type Memory, profileFacts } from '../../../site';
import { cellsOf, layoutCounts, plural, sharingText, totals, unusedText } from './layout-text';
import type { GpuRecord, RecordedLayout, RecordedPool } from './record';

const WIDTH = 960;
const MARGIN = 24;
/** Left border and width of the GPUs; their labels are left of it. */
const LEFT = 232;
const GPU_WIDTH = WIDTH - LEFT - MARGIN;
const MEMORY = 54;
const BETWEEN = 16;
const COMPUTE = 28;

/** Colours of instances by compute slices. White text is legible on each of them, and each of them on white and black. */
const COLOURS: Readonly<Record<number, string>> = { 1: '#0f766e', 2: '#1d4ed8', 3: '#6d28d9', 4: '#a21caf', 7: '#15803d' };
const PLAIN = '#475569';

const STYLE = [
  'text { font-family: system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }',
  '.ground { fill: #ffffff } .soft { fill: #59636e } .in { fill: #ffffff } .mid { text-anchor: middle }',
  '.rule { stroke: #d1d9e0 } .free { fill: #f6f8fa; stroke: #818b98 } .hatch { stroke: #818b98 } .lost { stroke: #818b98 }',
  '@media (prefers-color-scheme: dark) {',
  '  text { fill: #f0f6fc } .ground { fill: #0d1117 } .soft { fill: #9198a1 } .in { fill: #ffffff }',
  '  .rule { stroke: #3d444d } .free { fill: #151b23; stroke: #9198a1 } .hatch { stroke: #9198a1 } .lost { stroke: #9198a1 }',
  '}',
];

/** A part of the drawing with its height. */
interface Part {
  readonly lines: readonly string[];
  readonly height: number;
}

/**
 * `gpus.svg`: the GPUs of each pool with their MIG layouts. Top: memory units, to scale. Bottom: compute slices of the same instances.
 * Hatched: capacity that no instance can use.
 */
export function gpuSvg(record: GpuRecord): string {
  const parts: Part[] = [];
  let y = MARGIN + 24;
  const lines: string[] = [text(MARGIN, y, `GPUs of ${record.site}`, 20, { weight: 600 })];
  y += 20;
  for (const pool of record.pools) {
    parts.push(heading(pool, y));
    y += parts.at(-1)?.height ?? 0;
    for (const row of rowsOf(pool)) {
      parts.push(row(y));
      y += parts.at(-1)?.height ?? 0;
    }
  }
  const legend = record.pools.some(({ units }) => units)
    ? 'Top: memory units, to scale. Bottom: compute slices of the same instances. Hatched: capacity that no instance can use.'
    : '';
  const height = y + (legend ? 32 : 12);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>GPUs of ${escaped(record.site)}</title>`,
    `<desc>${escaped(record.pools.map(poolText).join('. '))}</desc>`,
    '<style>',
    ...STYLE,
    '</style>',
    '<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">',
    '<line class="hatch" x1="0" y1="0" x2="0" y2="7" stroke-width="2.4"/></pattern></defs>',
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="10"/>`,
    ...lines,
    ...parts.flatMap((part) => part.lines),
    ...(legend ? [text(MARGIN, height - 20, legend, 12, { kind: 'soft' })] : []),
    '</svg>',
  ].join('\n')}\n`;
}

function poolText(pool: RecordedPool): string {
  return `Pool ${pool.name}: ${plural(pool.nodes.length, 'node')} with ${pool.gpusPerNode} × ${pool.title}, ${sharingText(pool)}`;
}

function heading(pool: RecordedPool, y: number): Part {
  const { units, slices } = pool;
  const offered = wrapped([...totals(pool)].map(([resource, count]) => `${count} × ${resource}`));
  const title = `${plural(pool.nodes.length, 'node')} × ${pool.gpusPerNode} × ${pool.title}, ${sharingText(pool)}`;
  const size = units && slices ? [plural(units, 'memory unit'), plural(slices, 'compute slice')] : [];
  return {
    lines: [
      `<line class="rule" x1="${MARGIN}" y1="${y}" x2="${WIDTH - MARGIN}" y2="${y}"/>`,
      text(MARGIN, y + 30, shortened(pool.name, 24), 17, { weight: 600 }),
      text(LEFT, y + 30, shortened(title, 86), 15),
      ...size.map((line, index) => text(MARGIN, y + 50 + 17 * index, line, 12, { kind: 'soft' })),
      ...offered.map((line, index) => text(LEFT, y + 50 + 17 * index, line, 13, { kind: 'soft' })),
    ],
    height: 54 + 17 * Math.max(size.length, offered.length),
  };
}

/** Wraps a list of items to the width of a GPU. */
function wrapped(items: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + item.length < 96) lines[lines.length - 1] = `${last}, ${item}`;
    else lines.push(item);
  }
  return lines;
}

function rowsOf(pool: RecordedPool): readonly ((y: number) => Part)[] {
  const migRows = layoutCounts(pool).map(
    ({ layout, gpus }) =>
      (y: number) =>
        row(
          pool,
          y,
          plural(gpus, 'GPU'),
          nodesWith(pool, layout.name),
          layout.instances.length > 0 && pool.units ? partitionedGpu(pool, layout, y) : withoutPlacements(layout, y),
        ),
  );
  const all = pool.nodes.length * pool.gpusPerNode;
  const names = pool.selector === undefined ? pool.nodes.map(({ name }) => name) : [];
  return migRows.length > 0 ? migRows : [(y: number) => row(pool, y, plural(all, 'GPU'), names, wholeGpu(pool, y))];
}

function row(pool: RecordedPool, y: number, count: string, nodes: readonly string[], gpu: Part): Part {
  const shown = nodes.length > 3 ? [...nodes.slice(0, 2), `and ${nodes.length - 2} more`] : nodes;
  const labels = pool.selector === undefined ? shown : ['nodes by label', pool.selector];
  const lines = labels.map((name, index) => text(MARGIN, y + 40 + 16 * index, shortened(name, 30), 12, { kind: 'soft' }));
  return {
    lines: [text(MARGIN, y + 20, count, 15, { weight: 600 }), ...lines, ...gpu.lines],
    height: Math.max(gpu.height, 28 + 16 * labels.length) + 20,
  };
}

/** Nodes with the layout; for nodes with several layouts, the indexes of the GPUs. */
function nodesWith({ nodes }: RecordedPool, layout: string): readonly string[] {
  return nodes.flatMap(({ name, gpus }) => {
    const own = gpus.flatMap((gpu, index) => (gpu === layout ? [index] : []));
    if (own.length === 0) return [];
    return own.length === gpus.length ? [name] : [`${name}: GPU ${own.join(', ')}`];
  });
}

function partitionedGpu(pool: RecordedPool, layout: RecordedLayout, y: number): Part {
  const { units = 1, slices = 1, replicas } = pool;
  const unit = GPU_WIDTH / units;
  const slice = GPU_WIDTH / slices;
  const below = y + MEMORY + BETWEEN;
  const lines: string[] = [];
  let used = 0;
  for (const cell of cellsOf(layout.instances, units)) {
    const [x, width] = [LEFT + cell.start * unit, cell.units * unit];
    const { instance } = cell;
    if (!instance) {
      lines.push(...spare(x, y, width, MEMORY, layout.free.units === 0));
      continue;
    }
    const fill = COLOURS[instance.slices] ?? PLAIN;
    const { memory, sm } = facts(pool.model, instance.profile);
    const [from, length] = [LEFT + used * slice, instance.slices * slice];
    const corners = [
      [x + 2, y + MEMORY],
      [x + width - 2, y + MEMORY],
      [from + length - 2, below],
      [from + 2, below],
    ];
    lines.push(
      `<polygon points="${corners.map((corner) => corner.map(number).join(',')).join(' ')}" fill="${fill}" opacity="0.25"/>`,
      box(x, y, width, MEMORY, fill),
      ...ticks(x, y, cell.units, unit, MEMORY),
      text(
        x + width / 2,
        y + (memory ? 25 : 32),
        `${instance.profile}${replicas ? ` × ${replicas}` : ''}`,
        nameSize(instance.profile, width),
        {
          kind: 'in mid',
          weight: 600,
        },
      ),
      ...(memory ? [text(x + width / 2, y + 42, `${Math.round((bytes(memory) / 2 ** 30) * 10) / 10} GiB`, 12, { kind: 'in mid' })] : []),
      box(from, below, length, COMPUTE, fill),
      ...ticks(from, below, instance.slices, slice, COMPUTE),
      text(from + length / 2, below + 19, sm ? `${sm} SM` : String(instance.slices), 12, { kind: 'in mid' }),
    );
    used += instance.slices;
  }
  for (let left = used; left < slices; left++)
    lines.push(...spare(LEFT + left * slice, below, slice, COMPUTE, left >= slices - layout.lost.slices));
  const unused = unusedText(layout, pool);
  return {
    lines: [...lines, ...(unused ? [text(LEFT, below + COMPUTE + 18, unused, 12, { kind: 'soft' })] : [])],
    height: MEMORY + BETWEEN + COMPUTE + (unused ? 24 : 6),
  };
}

/** Memory and multiprocessors of a profile; empty for models that are not in the table. */
function facts(model: string, profile: string): { readonly memory?: Memory; readonly sm?: number } {
  return Object.hasOwn(GPU_MODELS, model) ? profileFacts<GpuModel>(model as GpuModel, profile as never) : {};
}

/** A GPU without MIG, or partitioned by the hypervisor. */
function wholeGpu({ sharing, replicas = 1, title }: RecordedPool, y: number): Part {
  const parts = sharing === 'mps' && replicas <= 16 ? replicas : 1;
  const width = GPU_WIDTH / parts;
  const label = {
    mig: '',
    whole: 'for one pod at a time',
    'time-slicing': `shared by ${replicas} pods, without isolation`,
    mps: parts > 1 ? `1/${replicas}` : `${replicas} pods with equal parts`,
    vgpu: 'partitioned by the hypervisor',
    plugin: 'for one pod at a time',
  }[sharing];
  return {
    lines: [
      ...Array.from({ length: parts }, (_, index) => box(LEFT + index * width, y, width, MEMORY, PLAIN)),
      ...(parts > 1 ? [] : [text(LEFT + GPU_WIDTH / 2, y + 25, shortened(title, 80), 15, { kind: 'in mid', weight: 600 })]),
      ...Array.from({ length: parts }, (_, index) =>
        text(LEFT + (index + 0.5) * width, y + (parts > 1 ? 33 : 43), label, 12, { kind: 'in mid' }),
      ),
    ],
    height: MEMORY + 6,
  };
}

/** A layout of a GPU model whose placements are not published. */
function withoutPlacements(layout: RecordedLayout, y: number): Part {
  return {
    lines: [
      ...spare(LEFT, y, GPU_WIDTH, MEMORY, false),
      text(LEFT + GPU_WIDTH / 2, y + 25, layout.name, 15, { kind: 'mid', weight: 600 }),
      text(LEFT + GPU_WIDTH / 2, y + 43, 'placements are not published', 12, { kind: 'soft mid' }),
    ],
    height: MEMORY + 6,
  };
}

function box(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${number(x + 1)}" y="${number(y)}" width="${number(width - 2)}" height="${height}" rx="4" fill="${fill}"/>`;
}

/** Borders between the units of an instance. */
function ticks(x: number, y: number, count: number, size: number, height: number): readonly string[] {
  return Array.from({ length: count - 1 }, (_, index) => {
    const at = number(x + (index + 1) * size);
    return `<line x1="${at}" y1="${y + height - 6}" x2="${at}" y2="${y + height}" stroke="#ffffff" stroke-width="1.5" opacity="0.7"/>`;
  });
}

function spare(x: number, y: number, width: number, height: number, lost: boolean): readonly string[] {
  const geometry = `x="${number(x + 1.5)}" y="${number(y + 0.5)}" width="${number(width - 3)}" height="${height - 1}" rx="4"`;
  return lost ? [`<rect class="lost" ${geometry} fill="url(#hatch)"/>`] : [`<rect class="free" ${geometry} stroke-dasharray="4 3"/>`];
}

function text(x: number, y: number, content: string, size: number, { kind, weight }: { kind?: string; weight?: number } = {}): string {
  const attributes = [
    `x="${number(x)}" y="${number(y)}" font-size="${size}"`,
    ...(kind ? [`class="${kind}"`] : []),
    ...(weight ? [`font-weight="${weight}"`] : []),
  ];
  return `<text ${attributes.join(' ')}>${escaped(content)}</text>`;
}

function nameSize(name: string, width: number): number {
  if (width >= 96) return 15;
  return name.length > 8 ? 11 : 13;
}

function shortened(content: string, maximum: number): string {
  return content.length > maximum ? `${content.slice(0, maximum - 1)}…` : content;
}

/** Rounded to two decimals, so that the output is the same on all machines. */
function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(content: string): string {
  return content.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
