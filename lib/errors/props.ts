import { type Finding, nearest, quote } from './problem';

export const propMissing = (name: string, given: readonly string[]): Finding => {
  const misspelling = misspellingOf(name, given);
  return {
    code: 'MISSING_PROP',
    given: given.length > 0 ? `${given.map(quote).join(', ')}, but no ${quote(name)}` : `no ${quote(name)}`,
    allowed: `a value for ${quote(name)}, which is required`,
    fix: misspelling
      ? `rename ${quote(misspelling)} to ${quote(name)}`
      : `add ${quote(name)}; npx tsc --noEmit lists all missing props with their types`,
  };
};

export const propUnknown = (name: string, names: readonly string[]): Finding => ({
  code: 'UNKNOWN_PROP',
  given: quote(name),
  // `kind` is set by the function that creates the value.
  allowed: names.filter((one) => one !== 'kind').join(', '),
  fix: suggestionFor(name, names) ? `write ${quote(suggestionFor(name, names))}` : 'remove it: it has no effect',
});

/** Of the given names, the one that is probably a misspelling or an abbreviation of the missing one. */
export function misspellingOf(missing: string, given: readonly string[]): string | undefined {
  return nearest(missing, given) ?? given.find((one) => one.length > 2 && missing.toLowerCase().includes(one.toLowerCase()));
}

/** The known name that resembles or contains an unknown one. Names under four letters resemble too many others. */
export function suggestionFor(unknown: string, known: readonly string[]): string | undefined {
  if (unknown.length < 4) return undefined;
  return nearest(unknown, known) ?? known.find((one) => one.toLowerCase().includes(unknown.toLowerCase()));
}

export const propType = (given: unknown, allowed: string): Finding => ({
  code: 'INVALID_PROP_TYPE',
  given: givenText(given, allowed),
  allowed,
  fix: fixOf(given, allowed),
});

export const propValue = (given: string, allowed: readonly string[]): Finding => ({
  code: 'INVALID_PROP_VALUE',
  given: quote(given),
  allowed: allowed.map(quote).join(', '),
  fix: nearest(given, allowed) ? `write ${quote(nearest(given, allowed))}` : 'write one of the allowed values',
});

/** A string is not repeated where an object is expected: it may be confidential, e.g. a URL with a password. */
function givenText(value: unknown, allowed: string): string {
  if (typeof value === 'string') return /^[\d .-]*$/.test(value) || allowed.startsWith('a list') ? quote(value) : 'a string';
  if (Array.isArray(value)) return value.length > 0 ? `a list of ${value.length}` : 'an empty list';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return quote(value);
  const kind = (value as { readonly kind?: unknown }).kind;
  return className(value) ? `a ${className(value)}` : `an object${typeof kind === 'string' ? ` of kind ${quote(kind)}` : ''}`;
}

function fixOf(given: unknown, allowed: string): string {
  if (typeof given === 'object' && given !== null && 'endpoint' in given) return 'pass its `endpoint`';
  if (given === '') return 'write a value, or remove the prop if it is optional';
  if (typeof given === 'function') return 'call the function and pass its result';
  if (allowed.startsWith('a list')) return `write a list: [${typeof given === 'object' ? '…' : quote(given)}]`;
  // No value is proposed: JavaScript has already turned 1.30 into 1.3.
  if (allowed === 'a string') return 'put the value in quotes';
  return given === null ? 'remove it, or set an allowed value' : 'set an allowed value; npx tsc --noEmit prints the type';
}

/** The class of an object, unless it is a plain object. */
export function className(value: object): string | undefined {
  const name = value.constructor?.name;
  return name === 'Object' ? undefined : name;
}
