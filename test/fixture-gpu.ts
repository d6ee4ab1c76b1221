import { type Card, type Layout, type Profile, profileFacts, profilesOf } from '../lib/site';

/** An instance that a card can have: one profile at one of its starts. */
export interface Seat {
  readonly profile: Profile<Card>;
  /** Place of the profile in the card's table. */
  readonly kind: number;
  readonly start: number;
  readonly compute: number;
  readonly units: number;
  readonly attribute?: string;
}

/** A set of seats, as bits in the order of `seats`. */
export type State = number;

/** Everything that a card can hold, found by adding one instance after the other: nothing of the library's solver is in it. */
export interface ByHand {
  readonly seats: readonly Seat[];
  readonly kinds: number;
  /** Every way to fill a card partly or wholly, the empty one too. */
  readonly states: ReadonlySet<State>;
  /** How many instances of each profile a state has, as text. */
  text(state: State): string;
  /** States by their text. */
  readonly having: ReadonlyMap<string, readonly State[]>;
  /** Instances of one state that cannot stay if another is to be added. */
  inTheWay(state: State, added: State): State;
  /** How many different sets of instances can be added to a state. */
  choices(state: State): number;
  /** Instances, compute slices and memory units of a state. */
  cost(state: State): readonly number[];
}

export function byHand(card: Card): ByHand {
  const seats = profilesOf(card).flatMap((profile, kind) => {
    const { starts = [], compute, memoryUnits: units = 0, attribute } = profileFacts(card, profile);
    return starts.map((start): Seat => ({ profile, kind, start, compute, units, attribute }));
  });
  const kinds = profilesOf(card).length;
  const clashes = seats.map((one) => seats.map((other) => clash(one, other)));
  const states = new Set<State>([0]);
  for (const state of states) {
    const taken = bits(state);
    for (const seat of seats.keys()) if (!taken.some((other) => clashes[seat]?.[other])) states.add(state | (1 << seat));
  }
  const text = (state: State) => {
    const counts = new Array<number>(kinds).fill(0);
    for (const seat of bits(state)) {
      const kind = seats[seat]?.kind ?? 0;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return String(counts);
  };
  const known = new Map<State, number>();
  const choices = (state: State) => {
    const found =
      known.get(state) ?? new Set([...states].filter((other) => (other & state) === state).map((other) => text(other & ~state))).size;
    known.set(state, found);
    return found;
  };
  const having = new Map<string, State[]>();
  for (const state of states) having.set(text(state), [...(having.get(text(state)) ?? []), state]);
  const inTheWay = (state: State, added: State) =>
    bits(state)
      .filter((seat) => bits(added).some((other) => clashes[seat]?.[other]))
      .reduce((all, seat) => all | (1 << seat), 0);
  const total = (what: 'compute' | 'units', state: State) => bits(state).reduce((all, seat) => all + (seats[seat]?.[what] ?? 0), 0);
  const cost = (state: State) => [bits(state).length, total('compute', state), total('units', state)];
  return { seats, kinds, states, text, having, inTheWay, choices, cost };
}

/** Places of the bits that are set. */
export function bits(state: State): number[] {
  const found: number[] = [];
  for (let bit = 0; state >> bit > 0; bit++) if ((state >> bit) & 1) found.push(bit);
  return found;
}

/** Two instances that cannot be on one card: their ranges overlap, or both want the same media engines. */
function clash(one: Seat, other: Seat): boolean {
  const overlap = one.start < other.start + other.units && other.start < one.start + one.units;
  const extension = one.attribute === '+me' && other.attribute === '+me';
  const all = [one, other].some(({ attribute }) => attribute === '+me.all') && ![one, other].some(({ attribute }) => attribute === '-me');
  return overlap || extension || all;
}

/** Every multiset of so many things at most, as counts of `kinds` things. */
export function multisets(kinds: number, most: number): number[][] {
  if (kinds === 0) return [[]];
  return Array.from({ length: most + 1 }, (_, count) => multisets(kinds - 1, most - count).map((rest) => [count, ...rest])).flat();
}

/** The layout of so many instances of each profile. */
export function layoutOf(card: Card, counts: readonly number[]): Layout {
  return Object.fromEntries(profilesOf(card).flatMap((profile, kind) => (counts[kind] ? [[profile, counts[kind]]] : [])));
}

/** Instances of a card as a state. */
export function stateOf({ seats }: ByHand, instances: readonly { readonly profile: string; readonly start: number }[]): State {
  const seat = ({ profile, start }: { profile: string; start: number }) =>
    seats.findIndex((one) => one.profile === profile && one.start === start);
  return instances.reduce((state, instance) => state | (1 << seat(instance)), 0);
}

/** The instances of a state. */
export function instancesOf({ seats }: ByHand, state: State): Seat[] {
  return bits(state).flatMap((seat) => seats.slice(seat, seat + 1));
}
