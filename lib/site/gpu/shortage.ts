import type { GpuModel, Profile } from './models';
import type { ProfileCount } from './profile';
import { type GpuState, type Instance, type Solver, sum, total } from './solver';

/** An insufficient resource. */
export type Shortage<C extends GpuModel = GpuModel> =
  | { readonly of: 'compute slices' | 'memory units' | 'GPUs'; readonly needed: number; readonly free: number; readonly size: number }
  | { readonly of: 'instances'; readonly profile: Profile<C>; readonly needed: number; readonly size: number }
  | { readonly of: 'media engines'; readonly profiles: readonly Profile<C>[] }
  | { readonly of: 'contiguous memory units'; readonly free: readonly number[]; readonly blocked: readonly BlockedProfile<C>[] };

/** A profile for which all start units are blocked, although enough memory units are free. */
export interface BlockedProfile<C extends GpuModel = GpuModel> {
  readonly profile: Profile<C>;
  readonly starts: readonly { readonly start: number; readonly by: readonly Instance<C>[] }[];
}

/** Formats a shortage for messages. */
export function shortageText(shortage: Shortage): string {
  switch (shortage.of) {
    case 'compute slices':
    case 'memory units':
    case 'GPUs':
      return shortage.free === shortage.size
        ? `${shortage.needed} ${shortage.of} needed, ${shortage.size} available`
        : `${shortage.needed} ${shortage.of} needed, ${shortage.free} of ${shortage.size} free`;
    case 'instances':
      return `${shortage.needed} × ${shortage.profile}, at most ${shortage.size} possible`;
    case 'media engines':
      return `not enough media engines for ${shortage.profiles.join(' and ')}`;
    case 'contiguous memory units':
      return fragmentText(shortage.free, shortage.blocked);
  }
}

function fragmentText(free: readonly number[], blocked: readonly BlockedProfile[]): string {
  const ways = blocked.map(({ profile, starts }) => {
    const each = starts.map(({ start, by }) => `${start} (used by ${by.map((other) => `${other.profile} at ${other.start}`).join(', ')})`);
    return `${profile} must start at ${each.join(' or ')}`;
  });
  const units = free.length > 0 ? `memory units ${free.join(', ')} are free` : 'no memory unit is free';
  return `fragmented: ${units}, but ${ways.join('; ') || 'the instances do not fit together'}`;
}

/** Resources that are insufficient for instances on a GPU with existing instances; none if they fit. */
export function shortagesOf<C extends GpuModel>(
  solver: Solver<C>,
  existing: GpuState<C>,
  requested: readonly ProfileCount<C>[],
): readonly Shortage<C>[] {
  const counts = solver.countsOf(requested);
  if (solver.additions(existing.occupied, existing.counts).has(String(counts))) return [];
  const sums = (
    [
      ['compute slices', 'compute'],
      ['memory units', 'units'],
    ] as const
  ).flatMap(([of, what]): Shortage<C>[] => {
    const each = (index: number) => solver.kinds[index]?.[what] ?? 0;
    const [needed, free, size] = [total(counts, each), solver[what] - total(existing.counts, each), solver[what]];
    return needed > free ? [{ of, needed, free, size }] : [];
  });
  const limits = requested.flatMap(({ profile, count }): Shortage<C>[] => {
    const needed = count + existing.instances.filter((instance) => profile.names.includes(instance.profile)).length;
    return needed > profile.max ? [{ of: 'instances', profile: profile.name, needed, size: profile.max }] : [];
  });
  const engines: Shortage<C>[] = solver.enoughMediaEngines(sum(existing.counts, counts))
    ? []
    : [
        {
          of: 'media engines',
          profiles: withMediaEngines([
            ...existing.instances.map(({ profile }) => profile),
            ...requested.map(({ profile }) => profile.name),
          ]),
        },
      ];
  const found = [...sums, ...limits, ...engines];
  return found.length > 0 ? found : [fragmentation(solver, existing, requested)];
}

function withMediaEngines<C extends GpuModel>(profiles: readonly Profile<C>[]): readonly Profile<C>[] {
  return [...new Set(profiles)].filter((profile) => !profile.endsWith('-me'));
}

function fragmentation<C extends GpuModel>(solver: Solver<C>, existing: GpuState<C>, requested: readonly ProfileCount<C>[]): Shortage<C> {
  const free = Array.from({ length: solver.units }, (_, unit) => unit).filter((unit) => ((existing.occupied >> unit) & 1) === 0);
  const blocked = requested.map(({ profile }) => ({
    profile: profile.name,
    starts: (profile.starts ?? []).map((start) => ({
      start,
      by: existing.instances.filter((other) => other.start < start + (profile.memoryUnits ?? 0) && start < other.start + other.units),
    })),
  }));
  return { of: 'contiguous memory units', free, blocked: blocked.filter(({ starts }) => starts.every(({ by }) => by.length > 0)) };
}
