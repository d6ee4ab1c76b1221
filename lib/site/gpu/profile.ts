import { failure, nearest } from '../../errors';
import type { Memory } from '../quantity';
import { CARDS, type Card, type CardRow, type Layout, type Profile } from './cards';
import { GEOMETRIES, type Geometry, type Shape } from './geometry';
import { gpuCardUnknown, gpuCountInvalid, gpuProfileTwice, gpuProfileUnknown } from './messages';

/** What a profile has beside compute and memory: one set of media engines, all of them, graphics, or no media engine. */
export type Attribute = '+me' | '+me.all' | '+gfx' | '-me';

/** All that is known of a profile of a card. */
export interface ProfileFacts<C extends Card = Card> {
  readonly card: C;
  /** As it was asked for: the name that goes into every file and resource. */
  readonly name: Profile<C>;
  /** Its name in the table: the same, unless another driver's name was asked for. */
  readonly listed: Profile<C>;
  /** Every name that a driver gives it. */
  readonly names: readonly Profile<C>[];
  readonly attribute?: Attribute;
  readonly compute: number;
  /** Units of the card's memory; `undefined` where nobody has published them. */
  readonly memoryUnits?: number;
  /** Units at which an instance may start; `undefined` where nobody has published them. */
  readonly starts?: readonly number[];
  /** Instances on one card. */
  readonly max: number;
  readonly memory?: Memory;
  readonly sm?: number;
}

/** @throws UNKNOWN_GPU_CARD */
export function cardRow(card: Card): CardRow {
  if (!Object.hasOwn(CARDS, card)) throw failure(gpuCardUnknown(card, Object.keys(CARDS)));
  return CARDS[card];
}

/** The card's geometry; `undefined` where no profile of it is published. */
export function geometryOf(card: Card): Geometry | undefined {
  const { geometry } = cardRow(card);
  return geometry && GEOMETRIES[geometry];
}

/** Names of a card's profiles in the table, without those that other drivers give them. */
export function profilesOf<C extends Card>(card: C): readonly Profile<C>[] {
  return Object.keys(cardRow(card).profiles) as Profile<C>[];
}

const looked = new Map<string, ProfileFacts>();

/** @throws UNKNOWN_GPU_CARD, UNKNOWN_GPU_PROFILE */
export function profileFacts<C extends Card>(card: C, name: Profile<C>): ProfileFacts<C> {
  const key = `${card}/${name}`;
  const facts = looked.get(key) ?? lookUp(card, name);
  looked.set(key, facts as ProfileFacts);
  return facts as ProfileFacts<C>;
}

function lookUp<C extends Card>(card: C, name: Profile<C>): ProfileFacts<C> {
  const row = cardRow(card);
  const others: Readonly<Record<string, string>> = row.driverNames ?? {};
  const listed = (Object.hasOwn(others, name) ? others[name] : name) as Profile<C>;
  const profile = Object.hasOwn(row.profiles, listed) ? row.profiles[listed] : undefined;
  const shapes: Readonly<Record<string, Shape>> = geometryOf(card)?.shapes ?? {};
  const shape = profile && shapes[profile.shape];
  if (!profile || !shape) throw failure(gpuProfileUnknown(card, name, [...profilesOf(card), ...Object.keys(others)], hint(card, name)));
  const attribute = attributeOf(listed);
  return {
    card,
    name,
    listed,
    names: [listed, ...Object.keys(others).filter((other) => others[other] === listed)] as Profile<C>[],
    attribute,
    compute: shape.compute,
    memoryUnits: shape.units,
    starts: shape.starts,
    max: attribute === '+me' || attribute === '+me.all' ? 1 : shape.max,
    memory: profile.memory,
    sm: profile.sm,
  };
}

/** The profiles of a layout with their counts, in the order of the table. */
export interface Counted<C extends Card = Card> {
  readonly profile: ProfileFacts<C>;
  readonly count: number;
}

/** @throws UNKNOWN_GPU_CARD, UNKNOWN_GPU_PROFILE, DUPLICATE_GPU_PROFILE, INVALID_GPU_COUNT */
export function readLayout<C extends Card>(card: C, layout: Layout<C>): readonly Counted<C>[] {
  const order = profilesOf(card);
  const counted = Object.entries<number | undefined>(layout).flatMap(([name, count]) =>
    count === undefined ? [] : [{ profile: profileFacts(card, name as Profile<C>), count }],
  );
  for (const { profile, count } of counted) {
    if (!Number.isInteger(count) || count < 1) throw failure(gpuCountInvalid(profile.name, count));
    const twin = counted.find((other) => other.profile.listed === profile.listed && other.profile.name !== profile.name);
    if (twin) throw failure(gpuProfileTwice(card, profile.name, twin.profile.name));
  }
  return counted.sort((a, b) => order.indexOf(a.profile.listed) - order.indexOf(b.profile.listed));
}

/** A layout as people write it: `1 × 3g.40gb + 2 × 1g.10gb`. */
export function layoutText(layout: Layout): string {
  const counts = Object.entries<number | undefined>(layout).filter(([, count]) => count);
  return counts.map(([name, count]) => `${count} × ${name}`).join(' + ') || 'nothing';
}

function attributeOf(profile: string): Attribute | undefined {
  return /gb(\+me\.all|\+me|\+gfx|-me)$/.exec(profile)?.[1] as Attribute | undefined;
}

/** What was probably meant by a name that the card does not have. */
function hint(card: Card, given: unknown): string {
  const known: readonly string[] = profilesOf(card);
  const text = String(given).replace(/^(nvidia\.com\/)?mig-/, '');
  const keyed = text.replace(/gb\.(me|gfx)/, 'gb+$1');
  if (known.length === 0) return 'use the card as a whole';
  if (known.includes(keyed)) return `did you mean '${keyed}'?`;
  if (/^\dc\./.test(text)) return 'name the GPU instance: compute instances within one are never a resource of Kubernetes';
  const elsewhere = (Object.keys(CARDS) as Card[]).filter((other) => (profilesOf(other) as readonly string[]).includes(text));
  const slices = known.filter((name) => name.startsWith(`${text.split('.')[0]}.`) && !/gb[+-]/.test(name));
  const near = slices.length > 0 ? slices.join(' or ') : nearest(text, known);
  const meant = near ? `did you mean ${near}?` : 'use a name of the card';
  return elsewhere.length > 0 ? `'${text}' is a profile of ${elsewhere.join(', ')}; ${meant}` : meant;
}
