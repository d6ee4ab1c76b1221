import { bytes, GPU_MODELS, type GpuModel, type Memory, profileFacts } from '../../../site';
import { cardCounts, cellsOf, leftText, plural, sharingText, totals } from './picture';
import type { GpuRecord, RecordedLayout, RecordedPool } from './record';

const WIDTH = 960;
const MARGIN = 24;
/** Left border and width of the cards; what is said of them is left of it. */
const LEFT = 232;
const CARD = WIDTH - LEFT - MARGIN;
const MEMORY = 54;
const BETWEEN = 16;
const COMPUTE = 28;

/** Instances by their compute slices; white text is legible on each, and each on white and on black. */
const COLOURS: Readonly<Record<number, string>> = { 1: '#0f766e', 2: '#1d4ed8', 3: '#6d28d9', 4: '#a21caf', 7: '#15803d' };
const PLAIN = '#475569';

const STYLE = [
  'text { font-family: system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }',
  '.ground { fill: #ffffff } .soft { fill: #59636e } .in { fill: #ffffff } .mid { text-anchor: middle }',
  '.rule { stroke: #d1d9e0 } .room { fill: #f6f8fa; stroke: #818b98 } .hatch { stroke: #818b98 } .lost { stroke: #818b98 }',
  '@media (prefers-color-scheme: dark) {',
  '  text { fill: #f0f6fc } .ground { fill: #0d1117 } .soft { fill: #9198a1 } .in { fill: #ffffff }',
  '  .rule { stroke: #3d444d } .room { fill: #151b23; stroke: #9198a1 } .hatch { stroke: #9198a1 } .lost { stroke: #9198a1 }',
  '}',
];

/** A part of the picture and the room that it takes. */
interface Part {
  readonly lines: readonly string[];
  readonly height: number;
}

/**
 * `gpus.svg`: the cards of each pool, and how their layout lies on them. Above the memory units to scale, below the compute slices of the
 * same instances; hatched is what no instance can get.
 */
export function gpuSvg(record: GpuRecord): string {
  const parts: Part[] = [];
  let y = MARGIN + 24;
  const lines: string[] = [text(MARGIN, y, `Cards of ${record.site}`, 20, { weight: 600 })];
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
    ? 'Above: memory units, to scale. Below: the compute slices of the same instances. Hatched: what no instance can get.'
    : '';
  const height = y + (legend ? 32 : 12);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>Cards of ${escaped(record.site)}</title>`,
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
  return `Pool ${pool.name}: ${plural(pool.nodes.length, 'node')} with ${pool.cardsPerNode} × ${pool.title}, ${sharingText(pool)}`;
}

function heading(pool: RecordedPool, y: number): Part {
  const { units, slices } = pool;
  const offered = wrapped([...totals(pool)].map(([resource, count]) => `${count} × ${resource}`));
  const title = `${plural(pool.nodes.length, 'node')} × ${pool.cardsPerNode} × ${pool.title}, ${sharingText(pool)}`;
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

/** Words in lines that are not wider than a card. */
function wrapped(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 96) lines[lines.length - 1] = `${last}, ${word}`;
    else lines.push(word);
  }
  return lines;
}

function rowsOf(pool: RecordedPool): readonly ((y: number) => Part)[] {
  const cut = cardCounts(pool).map(
    ({ layout, cards }) =>
      (y: number) =>
        row(
          pool,
          y,
          plural(cards, 'card'),
          nodesWith(pool, layout.name),
          layout.instances.length > 0 && pool.units ? cutCard(pool, layout, y) : unplaced(layout, y),
        ),
  );
  const all = pool.nodes.length * pool.cardsPerNode;
  const names = pool.selector === undefined ? pool.nodes.map(({ name }) => name) : [];
  return cut.length > 0 ? cut : [(y: number) => row(pool, y, plural(all, 'card'), names, wholeCard(pool, y))];
}

function row(pool: RecordedPool, y: number, cards: string, nodes: readonly string[], card: Part): Part {
  const shown = nodes.length > 3 ? [...nodes.slice(0, 2), `and ${nodes.length - 2} more`] : nodes;
  const told = pool.selector === undefined ? shown : ['nodes by label', pool.selector];
  const lines = told.map((name, index) => text(MARGIN, y + 40 + 16 * index, shortened(name, 30), 12, { kind: 'soft' }));
  return {
    lines: [text(MARGIN, y + 20, cards, 15, { weight: 600 }), ...lines, ...card.lines],
    height: Math.max(card.height, 28 + 16 * told.length) + 20,
  };
}

/** Nodes that have the layout; of those that have others as well, which cards. */
function nodesWith({ nodes }: RecordedPool, layout: string): readonly string[] {
  return nodes.flatMap(({ name, cards }) => {
    const own = cards.flatMap((card, index) => (card === layout ? [index] : []));
    if (own.length === 0) return [];
    return own.length === cards.length ? [name] : [`${name}: card ${own.join(', ')}`];
  });
}

function cutCard(pool: RecordedPool, layout: RecordedLayout, y: number): Part {
  const { units = 1, slices = 1, replicas } = pool;
  const unit = CARD / units;
  const slice = CARD / slices;
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
    const { memory, sm } = facts(pool.card, instance.profile);
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
  const left = leftText(layout, pool);
  return {
    lines: [...lines, ...(left ? [text(LEFT, below + COMPUTE + 18, left, 12, { kind: 'soft' })] : [])],
    height: MEMORY + BETWEEN + COMPUTE + (left ? 24 : 6),
  };
}

/** What is published of a profile; nothing of a card that the table does not have. */
function facts(card: string, profile: string): { readonly memory?: Memory; readonly sm?: number } {
  return Object.hasOwn(GPU_MODELS, card) ? profileFacts<GpuModel>(card as GpuModel, profile as never) : {};
}

/** A card that is not cut, or cut by the hypervisor. */
function wholeCard({ sharing, replicas = 1, title }: RecordedPool, y: number): Part {
  const parts = sharing === 'mps' && replicas <= 16 ? replicas : 1;
  const width = CARD / parts;
  const said = {
    mig: '',
    whole: 'for one pod at a time',
    'time-slicing': `${replicas} pods in turn: nothing keeps them apart`,
    mps: parts > 1 ? `1/${replicas}` : `${replicas} pods at once, an equal part each`,
    vgpu: 'cut by the hypervisor',
    plugin: 'for one pod at a time',
  }[sharing];
  return {
    lines: [
      ...Array.from({ length: parts }, (_, index) => box(LEFT + index * width, y, width, MEMORY, PLAIN)),
      ...(parts > 1 ? [] : [text(LEFT + CARD / 2, y + 25, shortened(title, 80), 15, { kind: 'in mid', weight: 600 })]),
      ...Array.from({ length: parts }, (_, index) =>
        text(LEFT + (index + 0.5) * width, y + (parts > 1 ? 33 : 43), said, 12, { kind: 'in mid' }),
      ),
    ],
    height: MEMORY + 6,
  };
}

/** A layout of a card whose starts nobody has published. */
function unplaced(layout: RecordedLayout, y: number): Part {
  return {
    lines: [
      ...spare(LEFT, y, CARD, MEMORY, false),
      text(LEFT + CARD / 2, y + 25, layout.name, 15, { kind: 'mid', weight: 600 }),
      text(LEFT + CARD / 2, y + 43, 'where its instances lie is not published', 12, { kind: 'soft mid' }),
    ],
    height: MEMORY + 6,
  };
}

function box(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${number(x + 1)}" y="${number(y)}" width="${number(width - 2)}" height="${height}" rx="4" fill="${fill}"/>`;
}

/** Borders of units inside of an instance. */
function ticks(x: number, y: number, count: number, size: number, height: number): readonly string[] {
  return Array.from({ length: count - 1 }, (_, index) => {
    const at = number(x + (index + 1) * size);
    return `<line x1="${at}" y1="${y + height - 6}" x2="${at}" y2="${y + height}" stroke="#ffffff" stroke-width="1.5" opacity="0.7"/>`;
  });
}

function spare(x: number, y: number, width: number, height: number, lost: boolean): readonly string[] {
  const place = `x="${number(x + 1.5)}" y="${number(y + 0.5)}" width="${number(width - 3)}" height="${height - 1}" rx="4"`;
  return lost ? [`<rect class="lost" ${place} fill="url(#hatch)"/>`] : [`<rect class="room" ${place} stroke-dasharray="4 3"/>`];
}

function text(x: number, y: number, words: string, size: number, { kind, weight }: { kind?: string; weight?: number } = {}): string {
  const attributes = [
    `x="${number(x)}" y="${number(y)}" font-size="${size}"`,
    ...(kind ? [`class="${kind}"`] : []),
    ...(weight ? [`font-weight="${weight}"`] : []),
  ];
  return `<text ${attributes.join(' ')}>${escaped(words)}</text>`;
}

function nameSize(name: string, width: number): number {
  if (width >= 96) return 15;
  return name.length > 8 ? 11 : 13;
}

function shortened(words: string, most: number): string {
  return words.length > most ? `${words.slice(0, most - 1)}…` : words;
}

/** Two decimals at most, and the same on every machine. */
function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(words: string): string {
  return words.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
