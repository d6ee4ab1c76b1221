import { type Finding, failure } from '../../errors';
import { CARDS, type Card, type Layout, type Profile } from './cards';
import { gpuLayoutUnfit, gpuMediaBesidePlain, gpuPlacementsInferred, gpuProfileDoubled, gpuProfileRenamed } from './messages';
import { type Counted, cardRow, layoutText, profilesOf, readLayout } from './profile';
import { type Shortage, shortagesOf, shortageText } from './shortage';
import { type Counts, type Instance, type Placed, type Solver, solverOf, total } from './solver';

/**
 * Whether one empty card can hold a layout: exactly, not by a rule of thumb.
 *
 * @throws UNKNOWN_GPU_CARD, UNKNOWN_GPU_PROFILE, DUPLICATE_GPU_PROFILE, INVALID_GPU_COUNT, UNKNOWN_GPU_PLACEMENTS
 */
export function fits<C extends Card>(card: C, layout: Layout<C>): boolean {
  const solver = solverOf(card);
  return holds(solver, solver.countsOf(readLayout(card, layout)));
}

/**
 * Every way to place a layout on an empty card, instances by their starts; no way if it does not fit. Those that keep the low
 * units free, where the large profiles start, come first.
 *
 * @throws as `fits`
 */
export function placements<C extends Card>(card: C, layout: Layout<C>): readonly (readonly Instance<C>[])[] {
  const solver = solverOf(card);
  const counted = readLayout(card, layout);
  const counts = solver.countsOf(counted);
  return holds(solver, counts) ? solver.ways(0, counts).map((placed) => instancesOf(solver, placed, counted)) : [];
}

/**
 * Why one empty card cannot hold a layout: everything of which there is too little. Nothing if it fits.
 *
 * @throws as `fits`
 */
export function whyUnfit<C extends Card>(card: C, layout: Layout<C>): readonly Shortage<C>[] {
  const solver = solverOf(card);
  return shortagesOf(solver, solver.empty, readLayout(card, layout));
}

/**
 * The layouts next to one that does not fit, the nearest first. Next is what replaces, adds or removes the fewest instances; among
 * those, what differs least in compute slices, then in memory units. Attributes (`+me`, `+gfx`) that were not asked for are not
 * proposed, but `-me` is where `+me.all` was; nor is a layout of which another on the list is more. A layout that fits is its own
 * and only neighbour.
 *
 * @param most how many layouts at most
 * @throws as `fits`
 */
export function nearestLayouts<C extends Card>(card: C, layout: Layout<C>, most = 3): readonly Layout<C>[] {
  const solver = solverOf(card);
  const counted = readLayout(card, layout);
  const wished = solver.countsOf(counted);
  if (holds(solver, wished)) return [layout];
  const asked = new Set([undefined, ...counted.map(({ profile }) => profile.attribute)]);
  if (asked.has('+me.all')) asked.add('-me');
  const ranked = [...solver.further(0, solver.empty.counts).values()]
    .filter((counts) => counts.some((count) => count > 0))
    .filter((counts) => counts.every((count, index) => count === 0 || asked.has(solver.kinds[index]?.facts.attribute)))
    .map((counts) => ({ counts, distance: distance(solver, wished, counts) }))
    .sort((a, b) => lexical(a.distance, b.distance) || lexical(b.counts, a.counts));
  const near = ranked.filter(({ distance: [changes] }) => changes === ranked[0]?.distance[0]).map(({ counts }) => counts);
  const largest = near.filter((counts) => !near.some((other) => other !== counts && within(counts, other)));
  return largest.slice(0, most).map((counts) => layoutOf(solver, counts, counted));
}

/**
 * Refuses a layout that one card cannot hold.
 *
 * @throws EXCEEDS_GPU_LAYOUT, and as `fits`
 */
export function checkLayout<C extends Card>(card: C, layout: Layout<C>): void {
  const why = whyUnfit(card, layout);
  if (why.length === 0) return;
  const near = nearestLayouts(card, layout).map((other) => layoutText(other));
  const hints = [
    ...doubled(card, readLayout(card, layout)).map(({ given }) => given),
    'take one of these, or spread the instances over more cards',
  ];
  throw failure(gpuLayoutUnfit(card, layoutText(layout), why.map(shortageText), near, hints.join('; ')));
}

/**
 * What is worth knowing of a layout although it fits: placements that nobody has published, names that mean something else on
 * another card or to another driver, a combination that NVIDIA's tools judge differently.
 *
 * @throws UNKNOWN_GPU_CARD, UNKNOWN_GPU_PROFILE, DUPLICATE_GPU_PROFILE, INVALID_GPU_COUNT
 */
export function layoutNotes<C extends Card>(card: C, layout: Layout<C>): readonly Finding[] {
  const counted = readLayout(card, layout);
  const inferred = cardRow(card).placements === 'inferred' && counted.length > 0;
  const renamed = counted.filter(({ profile }) => profile.name !== profile.listed);
  const media = counted.find(({ profile }) => profile.attribute === '+me')?.profile;
  const plain = counted.find(({ profile }) => !profile.attribute && profile.compute === 1)?.profile;
  return [
    ...(inferred ? [gpuPlacementsInferred(card)] : []),
    ...doubled(card, counted),
    ...renamed.map(({ profile }) => gpuProfileRenamed(card, profile.name, profile.listed)),
    ...(media?.compute === 1 && plain ? [gpuMediaBesidePlain(media.name, plain.name)] : []),
  ];
}

/** A slice with twice the memory, whose name is a plain slice's on another card. */
function doubled(card: Card, counted: readonly Counted[]): readonly Finding[] {
  return counted.flatMap(({ profile }) => {
    const row = cardRow(card).profiles[profile.listed];
    const elsewhere = (Object.keys(CARDS) as Card[]).filter((other) => plainSlice(other, profile.listed));
    if (row?.shape !== '1g.double' || elsewhere.length === 0) return [];
    const slice = profilesOf(card).find((name) => plainSlice(card, name));
    const size = `${profile.memoryUnits} memory units each, at most ${profile.max}`;
    return [gpuProfileDoubled(card, profile.name, size, slice, elsewhere)];
  });
}

function plainSlice(card: Card, name: string): boolean {
  const row = cardRow(card);
  const listed = row.driverNames?.[name] ?? name;
  return Object.hasOwn(row.profiles, listed) && row.profiles[listed]?.shape === '1g';
}

/** Whether an empty card can hold the instances. */
export function holds(solver: Solver, counts: Counts): boolean {
  return solver.further(0, solver.empty.counts).has(String(counts));
}

/** Placed instances with the names that they were asked for by. */
export function instancesOf<C extends Card>(solver: Solver<C>, placed: Placed, counted: readonly Counted<C>[]): readonly Instance<C>[] {
  return placed.flatMap(({ kind, start }) => {
    const found = solver.kinds[kind];
    return found ? [{ profile: nameOf(found.facts.name, counted), start, units: found.units }] : [];
  });
}

/** Counts as a layout, under the names that were asked for, the largest first. */
export function layoutOf<C extends Card>(solver: Solver<C>, counts: Counts, counted: readonly Counted<C>[]): Layout<C> {
  const entries = solver.kinds.map(({ facts }, index) => [nameOf(facts.name, counted), counts[index] ?? 0] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0).reverse()) as Layout<C>;
}

function nameOf<C extends Card>(listed: Profile<C>, counted: readonly Counted<C>[]): Profile<C> {
  return counted.find(({ profile }) => profile.listed === listed)?.profile.name ?? listed;
}

function within(counts: Counts, other: Counts): boolean {
  return counts.every((count, index) => count <= (other[index] ?? 0));
}

/** Instances changed, compute slices more or less, memory units more or less. */
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

/** Order of lists of numbers, the first difference deciding. */
export function lexical(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}
