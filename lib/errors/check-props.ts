import { FacilityError, type Problem, type Problems, quote } from './problem';
import { className, meantBy, propKind, propMissing, propUnknown, propWord, writtenFor } from './props';
import { SHAPES, type ShapeName } from './shapes';

/** What a value may be, as scripts/shapes.cjs reads it from an interface; names that end with `?` may be left out. */
type Shape =
  | 'any'
  | 'text'
  | 'number'
  | 'flag'
  | { readonly one: readonly string[] }
  | { readonly list: Shape }
  | { readonly each: Shape }
  | { readonly of: string }
  | { readonly fields: Fields }
  | { readonly either: readonly Shape[] };
type Fields = { readonly [name: string]: Shape };

export type { ShapeName } from './shapes';

/** A mistake, and what it means: nothing can be made of the value; it is not what was meant; perhaps it was meant for somebody else. */
type Misfit = Problem & { readonly level: 'fatal' | 'wrong' | 'unread' };

const known = SHAPES as { readonly [name: string]: Fields | { readonly either: readonly Shape[] } };

/**
 * For those whom TypeScript has not told: tsx, jest and plain JavaScript start what does not compile.
 *
 * @param problems where to put what is not what was meant; `later`: it is looked at again. @default - it is thrown
 * @returns warnings: names that no prop has, and that resemble none. They are in `problems` as well, where it is a collection
 * @throws MISSING_PROP, INVALID_PROP_TYPE if nothing can be made of the value, with all else that is wrong with it
 */
export function checkProps(name: ShapeName, path: string, value: unknown, problems?: Problems | 'later'): readonly Problem[] {
  const all = [...misfits({ of: name }, value === undefined ? {} : value, path)];
  const found = all.filter(({ level }) => level !== 'unread').map(({ level: _, ...problem }) => problem);
  const unread = all
    .filter(({ level }) => level === 'unread')
    .map(({ level: _, ...problem }): Problem => ({ ...problem, severity: 'warning' }));
  if (all.some(({ level }) => level === 'fatal') || (problems === undefined && found.length > 0)) throw new FacilityError(found);
  if (problems instanceof Object) problems.addAll([...found, ...unread]);
  return unread;
}

function* misfits(shape: Shape, value: unknown, path: string): Generator<Misfit> {
  if (shape === 'any' || value === undefined) return;
  // Text is no number, but whatever reckons with it gets along.
  if (!fits(shape, value))
    yield { ...propKind(value, textOf(shape)), severity: 'error', path, level: shape === 'number' || shape === 'flag' ? 'wrong' : 'fatal' };
  else if (typeof shape !== 'string') yield* inside(shape, value, path);
}

function* inside(shape: Exclude<Shape, string>, value: unknown, path: string): Generator<Misfit> {
  if ('one' in shape) {
    const word = String(value);
    if (!shape.one.includes(word)) yield { ...propWord(word, shape.one), severity: 'error', path, level: 'wrong' };
  } else if ('list' in shape) {
    for (const [index, item] of (value as readonly unknown[]).entries()) {
      yield* misfits(shape.list, item === undefined ? null : item, `${path}/${nameOf(item) ?? index}`);
    }
  } else if ('each' in shape) {
    for (const [name, item] of Object.entries(value as object)) yield* misfits(shape.each, item, `${path}/${name}`);
  } else if ('fields' in shape) yield* fields(shape.fields, value as object, path);
  else yield* best(alternatives(shape), value, path);
}

function* fields(shape: Fields, value: object, path: string): Generator<Misfit> {
  const values: { readonly [name: string]: unknown } = { ...value };
  const names = Object.keys(shape).map((name) => name.replace('?', ''));
  const given = Object.keys(values).filter((name) => values[name] !== undefined && typeof values[name] !== 'function');
  // What was made before may be the beginning of something new: { ...site, pools }.
  const strange = 'kind' in values && !names.includes('kind') ? [] : given.filter((name) => !names.includes(name));
  const missing = names.filter((name) => name in shape && values[name] === undefined);
  for (const name of missing) yield { ...propMissing(name, strange), severity: 'error', path, level: 'fatal' };
  const meant = missing.map((name) => writtenFor(name, strange));
  for (const name of strange) {
    if (meant.includes(name)) continue;
    const near = meantBy(name, names);
    yield {
      ...propUnknown(name, names),
      severity: 'error',
      path: `${path}/${name}`,
      level: near && !given.includes(near) ? 'wrong' : 'unread',
    };
  }
  for (const name of names.filter((one) => shape[one] === 'text' && values[one] === ''))
    yield { ...propKind('', 'text that is not empty'), severity: 'error', path: `${path}/${name}`, level: 'wrong' };
  for (const name of names) yield* misfits(shape[name] ?? shape[`${name}?`] ?? 'any', values[name], `${path}/${name}`);
}

/** Of several interfaces the one of the value's `kind`, or the one that it comes nearest to. */
function* best(shapes: readonly Shape[], value: unknown, path: string): Generator<Misfit> {
  const fitting = shapes.filter((shape) => fits(shape, value));
  const all = fitting.map((shape) => [...misfits(shape, value, path)]);
  const weight = (found: readonly Misfit[]) => found.filter(({ level }) => level === 'fatal').length * 100 + found.length;
  yield* all.sort((a, b) => weight(a) - weight(b))[0] ?? [];
}

/** A shape without the names of interfaces and nested alternatives. */
function alternatives(shape: Exclude<Shape, string>): readonly Shape[] {
  if ('either' in shape) return shape.either.flatMap((one) => (typeof one === 'string' ? [one] : alternatives(one)));
  if (!('of' in shape)) return [shape];
  const found = known[shape.of];
  if (!found) return ['any'];
  return 'either' in found && Array.isArray(found.either) ? alternatives(found as Exclude<Shape, string>) : [{ fields: found as Fields }];
}

/** Whether it is of the right kind from outside. */
function fits(shape: Shape, value: unknown): boolean {
  if (shape === 'any') return true;
  if (shape === 'text') return typeof value === 'string';
  if (shape === 'number') return typeof value === 'number';
  if (shape === 'flag') return typeof value === 'boolean';
  if ('one' in shape) return typeof value === 'string';
  if ('list' in shape) return Array.isArray(value);
  if ('each' in shape) return isPlain(value);
  if ('fields' in shape) return isPlain(value) && isOfKind(shape.fields, value);
  return alternatives(shape).some((one) => fits(one, value));
}

/** Values of functions tell what they are in words of their own, e.g. their `kind`. */
function isOfKind(fields: Fields, value: object): boolean {
  const values: { readonly [name: string]: unknown } = { ...value };
  return Object.entries(fields).every(
    ([name, shape]) =>
      typeof shape === 'string' || !('one' in shape) || shape.one.length > 1 || name.endsWith('?') || values[name] === shape.one[0],
  );
}

/** No list, no text, no construct. */
function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('node' in value && className(value));
}

function nameOf(value: unknown): string | undefined {
  const name = (value as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name ? name : undefined;
}

/** How messages call what is allowed. */
function textOf(shape: Shape): string {
  if (shape === 'any') return 'a value';
  if (shape === 'text') return 'text';
  if (shape === 'number') return 'a number';
  if (shape === 'flag') return 'true or false';
  if ('one' in shape) return shape.one.map(quote).join(', ');
  if ('list' in shape) return `a list of ${textOf(shape.list).replace(/^an? /, '')}`;
  if ('each' in shape) return `names, each with ${textOf(shape.each)}`;
  if ('fields' in shape) return `{ ${Object.keys(shape.fields).join(', ')} }`;
  if ('of' in shape) return `${/^([AEIO]|S3)/.test(shape.of) ? 'an' : 'a'} ${shape.of.replace(/<.*/, '')}`;
  return shape.either.map(textOf).join(', or ');
}
