import { type Finding, failure } from '../../errors';
import { gpuLayoutUnfit, gpuMediaCombination, gpuPlacementsInferred, gpuProfileDoubleMemory, gpuProfileRenamed } from './messages';
import { GPU_MODELS, type GpuModel, type Layout, type Profile } from './models';
import { gpuModelSpec, layoutText, type ProfileCount, profilesOf, readLayout } from './profile';
import { type Shortage, shortagesOf, shortageText } from './shortage';
import { type Counts, type Instance, type PlacedInstances, type Solver, solverOf, total } from './solver';

/**
 * Whether a layout fits on one empty GPU. The result is exact.
 *
 * @throws UNKNOWN_GPU_MODEL, UNKNOWN_GPU_PROFILE, DUPLICATE_GPU_PROFILE, INVALID_GPU_COUNT, UNKNOWN_GPU_PLACEMENTS
 */
export function fits<C extends GpuModel>(model: C, layout: Layout<C>): boolean {
  const solver = solverOf(model);
  return fitsEmpty(solver, solver.countsOf(readLayout(model, layout)));
}

/**
 * All placements of a layout on an empty GPU; none if it does not fit. Placements that leave the low memory units free, where large profiles
 * start, come first.
 *
 * @throws as `fits`
 */
export function placements<C extends GpuModel>(model: C, layout: Layout<C>): readonly (readonly Instance<C>[])[] {
  const solver = solverOf(model);
  const requested = readLayout(model, layout);
  const counts = solver.countsOf(requested);
  return fitsEmpty(solver, counts) ? solver.placementsOf(0, counts).map((placed) => instancesOf(solver, placed, requested)) : [];
}

/**
 * Resources that are insufficient for a layout on an empty GPU; none if it fits.
 *
 * @throws as `fits`
 */
export function layoutShortages<C extends GpuModel>(model: C, layout: Layout<C>): readonly Shortage<C>[] {
  const solver = solverOf(model);
  return shortagesOf(solver, solver.empty, readLayout(model, layout));
}

/**
 * Layouts that fit and are most similar to the given one, the nearest first: with the fewest replaced, added or removed instances, then the
 * smallest difference in compute slices, then in memory units. Attributes (`+me`, `+gfx`) are suggested only if they were requested (`-me`
 * also for `+me.all`), and subsets of another suggestion are left out. A layout that fits is returned as it is.
 *
 * @param most maximum number of layouts
 * @throws as `fits`
 */
export function nearestLayouts<C extends GpuModel>(model: C, layout: Layout<C>, most = 3): readonly Layout<C>[] {
  const solver = solverOf(model);
  const requested = readLayout(model, layout);
  const requestedCounts = solver.countsOf(requested);
  if (fitsEmpty(solver, requestedCounts)) return [layout];
  const attributes = new Set([undefined, ...requested.map(({ profile }) => profile.attribute)]);
  if (attributes.has('+me.all')) attributes.add('-me');
  const ranked = [...solver.additions(0, solver.empty.counts).values()]
    .filter((counts) => counts.some((count) => count > 0))
    .filter((counts) => counts.every((count, index) => count === 0 || attributes.has(solver.kinds[index]?.facts.attribute)))
    .map((counts) => ({ counts, distance: distance(solver, requestedCounts, counts) }))
    .sort((a, b) => compareLists(a.distance, b.distance) || compareLists(b.counts, a.counts));
  const near = ranked.filter(({ distance: [changes] }) => changes === ranked[0]?.distance[0]).map(({ counts }) => counts);
  const largest = near.filter((counts) => !near.some((other) => other !== counts && isSubset(counts, other)));
  return largest.slice(0, most).map((counts) => layoutOf(solver, counts, requested));
}

/**
 * Checks that a layout fits on one GPU.
 *
 * @throws EXCEEDS_GPU_LAYOUT, and as `fits`
 */
export function checkLayout<C extends GpuModel>(model: C, layout: Layout<C>): void {
  const why = layoutShortages(model, layout);
  if (why.length === 0) return;
  const near = nearestLayouts(model, layout).map((other) => layoutText(other));
  const hints = [
    ...doubleMemoryWarnings(model, readLayout(model, layout)).map(({ given }) => given),
    'use one of these layouts, or distribute the instances over more GPUs',
  ];
  throw failure(gpuLayoutUnfit(model, layoutText(layout), why.map(shortageText), near, hints.join('; ')));
}

/**
 * Warnings about a layout that fits: inferred placements, profile names that are ambiguous between models or driver versions, and
 * combinations that the default configurations of mig-parted do not have.
 *
 * @throws UNKNOWN_GPU_MODEL, UNKNOWN_GPU_PROFILE, DUPLICATE_GPU_PROFILE, INVALID_GPU_COUNT
 */
export function layoutWarnings<C extends GpuModel>(model: C, layout: Layout<C>): readonly Finding[] {
  const requested = readLayout(model, layout);
  const inferred = gpuModelSpec(model).placements === 'inferred' && requested.length > 0;
  const renamed = requested.filter(({ profile }) => profile.name !== profile.listed);
  const media = requested.find(({ profile }) => profile.attribute === '+me')?.profile;
  const plain = requested.find(({ profile }) => !profile.attribute && profile.compute === 1)?.profile;
  return [
    ...(inferred ? [gpuPlacementsInferred(model)] : []),
    ...doubleMemoryWarnings(model, requested),
    ...renamed.map(({ profile }) => gpuProfileRenamed(model, profile.name, profile.listed)),
    ...(media?.compute === 1 && plain ? [gpuMediaCombination(media.name, plain.name)] : []),
  ];
}

/** Warnings about 1g slices with double memory whose name is that of a basic 1g slice on another model. */
function doubleMemoryWarnings(model: GpuModel, requested: readonly ProfileCount[]): readonly Finding[] {
  return requested.flatMap(({ profile }) => {
    const row = gpuModelSpec(model).profiles[profile.listed];
    const elsewhere = (Object.keys(GPU_MODELS) as GpuModel[]).filter((other) => isBasicSlice(other, profile.listed));
    if (row?.shape !== '1g.double' || elsewhere.length === 0) return [];
    const slice = profilesOf(model).find((name) => isBasicSlice(model, name));
    const size = `${profile.memoryUnits} memory units each, at most ${profile.max}`;
    return [gpuProfileDoubleMemory(model, profile.name, size, slice, elsewhere)];
  });
}

function isBasicSlice(model: GpuModel, name: string): boolean {
  const row = gpuModelSpec(model);
  const listed = row.driverNames?.[name] ?? name;
  return Object.hasOwn(row.profiles, listed) && row.profiles[listed]?.shape === '1g';
}

/** Whether the instances fit on an empty GPU. */
export function fitsEmpty(solver: Solver, counts: Counts): boolean {
  return solver.additions(0, solver.empty.counts).has(String(counts));
}

/** Placed instances, with the profile names of the request. */
export function instancesOf<C extends GpuModel>(
  solver: Solver<C>,
  placed: PlacedInstances,
  requested: readonly ProfileCount<C>[],
): readonly Instance<C>[] {
  return placed.flatMap(({ kind, start }) => {
    const found = solver.kinds[kind];
    return found ? [{ profile: nameOf(found.facts.name, requested), start, units: found.units }] : [];
  });
}

/** Counts as a layout, with the profile names of the request, the largest profile first. */
export function layoutOf<C extends GpuModel>(solver: Solver<C>, counts: Counts, requested: readonly ProfileCount<C>[]): Layout<C> {
  const entries = solver.kinds.map(({ facts }, index) => [nameOf(facts.name, requested), counts[index] ?? 0] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0).reverse()) as Layout<C>;
}

function nameOf<C extends GpuModel>(listed: Profile<C>, requested: readonly ProfileCount<C>[]): Profile<C> {
  return requested.find(({ profile }) => profile.listed === listed)?.profile.name ?? listed;
}

function isSubset(counts: Counts, other: Counts): boolean {
  return counts.every((count, index) => count <= (other[index] ?? 0));
}

/** Distance of two layouts: changed instances, difference in compute slices, difference in memory units. */
function distance(solver: Solver, from: Counts, to: Counts): readonly number[] {
  const differences = from.map((count, index) => (to[index] ?? 0) - count);
  const removed = differences.reduce((all, difference) => all + Math.max(0, -difference), 0);
  const added = differences.reduce((all, difference) => all + Math.max(0, difference), 0);
  return [
    Math.max(removed, added),
    Math.abs(total(differences, (index) => solver.kinds[index]?.compute ?? 0)),
    Math.abs(total(differences, (index) => solver.kinds[index]?.units ?? 0)),
  ];
}

/** Lexicographic order of number lists. */
export function compareLists(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}
