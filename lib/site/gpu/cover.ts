import { relax } from './relaxation';
import type { Counts } from './solver';

/** Instances dealt to cards. */
export interface Cover {
  /** What each card gets; together exactly the demand. */
  readonly cards: readonly Counts[];
  /** No cover has fewer cards. */
  readonly bound: number;
}

/** Steps of one search, after which it gives up: some milliseconds. */
const STEPS = 20_000;
const TOLERANCE = 1e-6;

/**
 * Deals instances to as few cards as possible.
 *
 * The relaxed problem (fractions of cards) gives a bound and most of the answer: its whole cards are taken as they are, and the
 * rest, a few cards, is dealt by an exact search. If that needs more cards than the bound, the search is repeated with fewer cards
 * fixed, and in the end with none, which also proves when the bound cannot be reached. A search gives up after 20 000 steps: then
 * `bound` is less than the cards, and what lies between is not known.
 *
 * @param patterns the largest sets that one card holds; what is less fits as well
 * @param demand wanted of each profile; each is in some pattern
 */
export function cover(patterns: readonly Counts[], demand: Counts): Cover {
  const { value, shares, prices } = relax(patterns, demand);
  const whole = shares.map((share) => Math.floor(share + TOLERANCE));
  const search = (fixed: readonly number[], from: number, to: number) => {
    const { dealt, rest } = deal(patterns, fixed, demand);
    let refuted = true;
    for (let count = from; count < to; count++) {
      const found = count < dealt.length ? 'impossible' : dealRest(patterns, prices, rest, count - dealt.length);
      if (typeof found !== 'string') return { cards: [...dealt, ...found], refuted };
      refuted = refuted && found === 'impossible';
    }
    return { refuted };
  };
  const least = Math.max(0, Math.ceil(value - TOLERANCE));
  let cards = search(whole, least, Number.POSITIVE_INFINITY).cards ?? [];
  if (cards.length > least)
    cards =
      search(
        whole.map((count) => Math.max(0, count - 1)),
        least,
        cards.length,
      ).cards ?? cards;
  if (cards.length === least) return { cards, bound: least };
  const last = search(
    whole.map(() => 0),
    least,
    cards.length,
  );
  cards = last.cards ?? cards;
  return { cards, bound: last.refuted ? cards.length : least };
}

/** Takes whole cards of each pattern, none with more than is left to deal. */
function deal(patterns: readonly Counts[], fixed: readonly number[], demand: Counts): { dealt: readonly Counts[]; rest: Counts } {
  const dealt: Counts[] = [];
  let rest = demand;
  for (const [index, pattern] of patterns.entries()) {
    for (let times = 0; times < (fixed[index] ?? 0); times++) {
      const card = pattern.map((count, kind) => Math.min(count, rest[kind] ?? 0));
      rest = rest.map((count, kind) => count - (card[kind] ?? 0));
      dealt.push(card);
    }
  }
  return { dealt: dealt.filter((card) => card.some((count) => count > 0)), rest };
}

/**
 * Deals a rest to a number of cards, or proves that this is impossible. The next card always takes some of the last profile that is
 * left, the largest: that loses nothing, since that instance must lie on some card, and a card may be filled up with what lies on
 * others.
 */
function dealRest(
  patterns: readonly Counts[],
  prices: readonly number[],
  all: Counts,
  limit: number,
): readonly Counts[] | 'impossible' | 'unknown' {
  const dead = new Set<string>();
  let steps = 0;
  const from = (rest: Counts, cards: number): readonly Counts[] | undefined => {
    const largest = rest.findLastIndex((count) => count > 0);
    if (largest < 0) return [];
    const key = `${cards}/${rest}`;
    const cost = rest.reduce((sum, count, kind) => sum + count * (prices[kind] ?? 0), 0);
    // What costs nothing needs a card all the same.
    if (cards === 0 || cost > cards + TOLERANCE || dead.has(key) || ++steps > STEPS) return undefined;
    for (const card of fills(patterns, rest, largest)) {
      const others = from(
        rest.map((count, kind) => count - (card[kind] ?? 0)),
        cards - 1,
      );
      if (others) return [card, ...others];
    }
    dead.add(key);
    return undefined;
  };
  return from(all, limit) ?? (steps > STEPS ? 'unknown' : 'impossible');
}

/** The largest sets of what is left that one card holds and that have the profile, the fullest first. */
function fills(patterns: readonly Counts[], rest: Counts, profile: number): readonly Counts[] {
  const clipped = patterns
    .filter((pattern) => (pattern[profile] ?? 0) > 0)
    .map((pattern) => pattern.map((count, kind) => Math.min(count, rest[kind] ?? 0)));
  return largest([...new Map(clipped.map((card) => [String(card), card])).values()]).sort((a, b) => b.reduce(add, 0) - a.reduce(add, 0));
}

/** Those sets that no other contains. */
export function largest(sets: readonly Counts[]): Counts[] {
  return sets.filter((set) => !sets.some((other) => other !== set && set.every((count, kind) => count <= (other[kind] ?? 0))));
}

function add(one: number, other: number): number {
  return one + other;
}
