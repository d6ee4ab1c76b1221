import { relax } from './relaxation';
import type { Counts } from './solver';

/** Assignment of instances to GPUs. */
export interface Cover {
  /** Instances of each GPU; the total is exactly the demand. */
  readonly gpus: readonly Counts[];
  /** Lower bound of the number of GPUs. */
  readonly bound: number;
}

/** Maximum number of steps of one search (a few milliseconds). */
const STEPS = 20_000;
const TOLERANCE = 1e-6;

/**
 * Assigns instances to as few GPUs as possible.
 *
 * The linear relaxation (fractions of GPUs) gives a lower bound and most of the solution: its integer part is used directly, and an exact
 * search assigns the remaining instances. If that needs more GPUs than the bound, the search is repeated with fewer fixed GPUs, and finally
 * with none, which also proves that a bound cannot be reached. A search stops after 20 000 steps; if `bound` is then less than the number of
 * GPUs, the optimum is unknown.
 *
 * @param patterns maximal sets of instances that fit on one GPU; subsets fit as well
 * @param demand number of instances of each profile; each profile is in some pattern
 */
export function cover(patterns: readonly Counts[], demand: Counts): Cover {
  const { value, shares, prices } = relax(patterns, demand);
  const whole = shares.map((share) => Math.floor(share + TOLERANCE));
  const search = (fixed: readonly number[], from: number, to: number) => {
    const { assigned, rest } = assign(patterns, fixed, demand);
    let refuted = true;
    for (let count = from; count < to; count++) {
      const found = count < assigned.length ? 'impossible' : assignRest(patterns, prices, rest, count - assigned.length);
      if (typeof found !== 'string') return { gpus: [...assigned, ...found], refuted };
      refuted = refuted && found === 'impossible';
    }
    return { refuted };
  };
  const least = Math.max(0, Math.ceil(value - TOLERANCE));
  let gpus = search(whole, least, Number.POSITIVE_INFINITY).gpus ?? [];
  if (gpus.length > least)
    gpus =
      search(
        whole.map((count) => Math.max(0, count - 1)),
        least,
        gpus.length,
      ).gpus ?? gpus;
  if (gpus.length === least) return { gpus, bound: least };
  const last = search(
    whole.map(() => 0),
    least,
    gpus.length,
  );
  gpus = last.gpus ?? gpus;
  return { gpus, bound: last.refuted ? gpus.length : least };
}

/** Fills GPUs with each pattern as often as given, without exceeding the demand. */
function assign(patterns: readonly Counts[], fixed: readonly number[], demand: Counts): { assigned: readonly Counts[]; rest: Counts } {
  const assigned: Counts[] = [];
  let rest = demand;
  for (const [index, pattern] of patterns.entries()) {
    for (let times = 0; times < (fixed[index] ?? 0); times++) {
      const gpu = pattern.map((count, kind) => Math.min(count, rest[kind] ?? 0));
      rest = rest.map((count, kind) => count - (gpu[kind] ?? 0));
      assigned.push(gpu);
    }
  }
  return { assigned: assigned.filter((gpu) => gpu.some((count) => count > 0)), rest };
}

/**
 * Assigns the remaining instances to a number of GPUs, or proves that this is impossible. Each next GPU gets at least one instance of the
 * largest remaining profile. This excludes no solution: that instance must be on some GPU, and the order of the GPUs does not matter.
 */
function assignRest(
  patterns: readonly Counts[],
  prices: readonly number[],
  all: Counts,
  limit: number,
): readonly Counts[] | 'impossible' | 'unknown' {
  const failed = new Set<string>();
  let steps = 0;
  const from = (rest: Counts, gpus: number): readonly Counts[] | undefined => {
    const largest = rest.findLastIndex((count) => count > 0);
    if (largest < 0) return [];
    const key = `${gpus}/${rest}`;
    const cost = rest.reduce((sum, count, kind) => sum + count * (prices[kind] ?? 0), 0);
    // Instances with price 0 need a GPU as well.
    if (gpus === 0 || cost > gpus + TOLERANCE || failed.has(key) || ++steps > STEPS) return undefined;
    for (const gpu of candidatePatterns(patterns, rest, largest)) {
      const others = from(
        rest.map((count, kind) => count - (gpu[kind] ?? 0)),
        gpus - 1,
      );
      if (others) return [gpu, ...others];
    }
    failed.add(key);
    return undefined;
  };
  return from(all, limit) ?? (steps > STEPS ? 'unknown' : 'impossible');
}

/** Maximal sets of the remaining instances that fit on one GPU and contain the profile, those with most instances first. */
function candidatePatterns(patterns: readonly Counts[], rest: Counts, profile: number): readonly Counts[] {
  const clipped = patterns
    .filter((pattern) => (pattern[profile] ?? 0) > 0)
    .map((pattern) => pattern.map((count, kind) => Math.min(count, rest[kind] ?? 0)));
  return maximal([...new Map(clipped.map((gpu) => [String(gpu), gpu])).values()]).sort((a, b) => b.reduce(add, 0) - a.reduce(add, 0));
}

/** Sets that are not a subset of another one. */
export function maximal(sets: readonly Counts[]): Counts[] {
  return sets.filter((set) => !sets.some((other) => other !== set && set.every((count, kind) => count <= (other[kind] ?? 0))));
}

function add(first: number, second: number): number {
  return first + second;
}
