import { compare } from '../../../errors';
import type { GpuRecord, RecordedInstance, RecordedLayout, RecordedPool } from './record';

/** Characters for all memory units of a card, the last border apart. */
const WIDTH = 32;

/**
 * A card as one line, memory units to scale: `[3g.40gb        |3g.40gb        ]`. Dots are units that no instance has. What a card is
 * not known to be placed like is its layout in words.
 */
export function cardText(layout: RecordedLayout, units: number | undefined): string {
  if (!units || layout.instances.length === 0) return `[${layout.name}]`;
  const scale = Math.round(WIDTH / units);
  const cells = cellsOf(layout.instances, units).map(({ instance, units: length }) =>
    instance ? fitted(instance.profile, length * scale - 1) : '·'.repeat(length * scale - 1),
  );
  return `[${cells.join('|')}]`;
}

/** Instances and the gaps between them, from the first memory unit to the last. */
export function cellsOf(
  instances: readonly RecordedInstance[],
  units: number,
): readonly { readonly start: number; readonly units: number; readonly instance?: RecordedInstance }[] {
  const placed = [...instances].sort((a, b) => a.start - b.start);
  const ends = placed.map((instance) => instance.start + instance.units);
  const gaps = [0, ...ends].map((start, index) => ({ start, units: (placed[index]?.start ?? units) - start }));
  return [...placed.map((instance) => ({ start: instance.start, units: instance.units, instance })), ...gaps]
    .filter((cell) => cell.units > 0)
    .sort((a, b) => a.start - b.start);
}

/** As much of a profile's name as there is room for: `1g.10gb+me`, `1g+me`, `1g`. */
export function fitted(profile: string, room: number): string {
  const [compute = '', memory = ''] = profile.split('.', 2);
  const attribute = /[+-].*$/.exec(memory)?.[0] ?? '';
  const name = [profile, compute + attribute, compute].find((one) => one.length <= room) ?? '';
  return name.padEnd(room);
}

/** What a layout leaves of a card, in words; nothing if it leaves nothing. */
export function leftText({ free, lost }: RecordedLayout, { slices = 0, units = 0 }: RecordedPool): string {
  const parts = ({ slices: compute, units: memory }: RecordedLayout['free']) => [
    ...(compute > 0 ? [`${compute} of ${slices} compute slices`] : []),
    ...(memory > 0 ? [`${memory} of ${units} memory units`] : []),
  ];
  const said = (what: string, list: readonly string[]) => (list.length > 0 ? [`${list.join(' and ')} ${what}`] : []);
  return [...said('unused', parts(lost)), ...said('free for more instances', parts(free))].join('; ');
}

/** How pods get hold of the cards of a pool, in a word or two. */
export function sharingText({ sharing, replicas, layouts }: RecordedPool): string {
  switch (sharing) {
    case 'mig':
      return 'MIG';
    case 'whole':
      return 'whole';
    case 'time-slicing':
      return `${layouts.length > 0 ? 'MIG, each instance' : 'each'} shared by ${replicas} in turn`;
    case 'mps':
      return `each shared by ${replicas} at once (MPS)`;
    case 'vgpu':
      return 'virtual';
    case 'plugin':
      return 'by a device plugin';
  }
}

/** Resources of all nodes of a pool together. */
export function totals({ nodes }: Pick<RecordedPool, 'nodes'>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { resources } of nodes)
    for (const [resource, count] of Object.entries(resources)) sums.set(resource, (sums.get(resource) ?? 0) + count);
  return new Map([...sums].sort(([a], [b]) => compare(a, b)));
}

/** The distinct layouts of a pool with the number of cards that have each. */
export function cardCounts({ layouts, nodes }: RecordedPool): readonly { readonly layout: RecordedLayout; readonly cards: number }[] {
  return layouts.map((layout) => ({ layout, cards: nodes.flatMap(({ cards }) => cards).filter((name) => name === layout.name).length }));
}

export function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** The cards of a site in a few lines. */
export function gpuPicture(record: GpuRecord): readonly string[] {
  return record.pools.flatMap((pool) => {
    const offered = [...totals(pool)].map(([resource, count]) => `${count} × ${resource}`).join(', ');
    const title = `${pool.name}: ${plural(pool.nodes.length, 'node')} × ${pool.cardsPerNode} × ${pool.title}, ${sharingText(pool)}: ${offered}`;
    const lines = cardCounts(pool).map(({ layout, cards }) =>
      [`${cardText(layout, pool.units)} ${plural(cards, 'card')}`, leftText(layout, pool)].filter(Boolean).join(', '),
    );
    return [title, ...lines];
  });
}
