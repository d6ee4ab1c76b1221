import { compare } from '../../../errors';
import type { GpuRecord, RecordedInstance, RecordedLayout, RecordedPool } from './record';

/** Characters for all memory units of a GPU, without the last border. */
const WIDTH = 32;

/**
 * A MIG layout as one line, memory units to scale: `[3g.40gb        |3g.40gb        ]`. Dots are unused units. Without known placements it is
 * the name of the layout.
 */
export function layoutText(layout: RecordedLayout, units: number | undefined): string {
  if (!units || layout.instances.length === 0) return `[${layout.name}]`;
  const scale = Math.round(WIDTH / units);
  const cells = cellsOf(layout.instances, units).map(({ instance, units: length }) =>
    instance ? fitted(instance.profile, length * scale - 1) : '·'.repeat(length * scale - 1),
  );
  return `[${cells.join('|')}]`;
}

/** Instances and gaps between them, in the order of memory units. */
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

/** Name of a profile, abbreviated to a number of characters: `1g.10gb+me`, `1g+me`, `1g`. */
export function fitted(profile: string, width: number): string {
  const [compute = '', memory = ''] = profile.split('.', 2);
  const attribute = /[+-].*$/.exec(memory)?.[0] ?? '';
  const name = [profile, compute + attribute, compute].find((candidate) => candidate.length <= width) ?? '';
  return name.padEnd(width);
}

/** Unused and free capacity of a GPU with a layout, as text; empty if there is none. */
export function unusedText({ free, lost }: RecordedLayout, { slices = 0, units = 0 }: RecordedPool): string {
  const parts = ({ slices: compute, units: memory }: RecordedLayout['free']) => [
    ...(compute > 0 ? [`${compute} of ${slices} compute slices`] : []),
    ...(memory > 0 ? [`${memory} of ${units} memory units`] : []),
  ];
  const phrase = (state: string, list: readonly string[]) => (list.length > 0 ? [`${list.join(' and ')} ${state}`] : []);
  return [...phrase('unusable', parts(lost)), ...phrase('free for more instances', parts(free))].join('; ');
}

/** Sharing of the GPUs of a pool, as text. */
export function sharingText({ sharing, replicas, layouts }: RecordedPool): string {
  switch (sharing) {
    case 'mig':
      return 'MIG';
    case 'whole':
      return 'whole';
    case 'time-slicing':
      return `${layouts.length > 0 ? 'MIG, each instance' : 'each'} shared by ${replicas} pods (time-slicing)`;
    case 'mps':
      return `each shared by ${replicas} pods (MPS)`;
    case 'vgpu':
      return 'vGPU';
    case 'plugin':
      return 'device plugin';
  }
}

/** Total resources of the nodes of a pool. */
export function totals({ nodes }: Pick<RecordedPool, 'nodes'>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { resources } of nodes)
    for (const [resource, count] of Object.entries(resources)) sums.set(resource, (sums.get(resource) ?? 0) + count);
  return new Map([...sums].sort(([a], [b]) => compare(a, b)));
}

/** Distinct layouts of a pool, with the number of GPUs of each. */
export function layoutCounts({ layouts, nodes }: RecordedPool): readonly { readonly layout: RecordedLayout; readonly gpus: number }[] {
  return layouts.map((layout) => ({ layout, gpus: nodes.flatMap(({ gpus }) => gpus).filter((name) => name === layout.name).length }));
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** GPUs of a site as lines of the summary. */
export function gpuLines(record: GpuRecord): readonly string[] {
  return record.pools.flatMap((pool) => {
    const offered = [...totals(pool)].map(([resource, count]) => `${count} × ${resource}`).join(', ');
    const title = `${pool.name}: ${plural(pool.nodes.length, 'node')} × ${pool.gpusPerNode} × ${pool.title}, ${sharingText(pool)}: ${offered}`;
    const lines = layoutCounts(pool).map(({ layout, gpus }) =>
      [`${layoutText(layout, pool.units)} ${plural(gpus, 'GPU')}`, unusedText(layout, pool)].filter(Boolean).join(', '),
    );
    return [title, ...lines];
  });
}
