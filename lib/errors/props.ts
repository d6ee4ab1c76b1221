import { type Finding, nearest, quote } from './problem';

export const propMissing = (name: string, given: readonly string[]): Finding => {
  const near = writtenFor(name, given);
  return {
    code: 'MISSING_PROP',
    given: given.length > 0 ? `${given.map(quote).join(', ')}, and no ${quote(name)}` : `no ${quote(name)}`,
    allowed: `a value of ${quote(name)}: nothing can be made without it`,
    fix: near
      ? `write ${quote(name)} for ${quote(near)}`
      : `add ${quote(name)}; an editor shows what it can be, and npx tsc --noEmit what is missing`,
  };
};

export const propUnknown = (name: string, names: readonly string[]): Finding => ({
  code: 'UNKNOWN_PROP',
  given: quote(name),
  // What a value is, the function says that makes it.
  allowed: names.filter((one) => one !== 'kind').join(', '),
  fix: meantBy(name, names) ? `did you mean ${quote(meantBy(name, names))}?` : 'leave it out: it has no effect',
});

/** The name among these that was written for this one: it is nearly the same, or a part of it. */
export function writtenFor(name: string, given: readonly string[]): string | undefined {
  return nearest(name, given) ?? given.find((one) => one.length > 2 && name.toLowerCase().includes(one.toLowerCase()));
}

/** The name that is nearly this one, or has it in itself. Short names are like too many others. */
export function meantBy(name: string, names: readonly string[]): string | undefined {
  if (name.length < 4) return undefined;
  return nearest(name, names) ?? names.find((one) => one.toLowerCase().includes(name.toLowerCase()));
}

export const propKind = (given: unknown, allowed: string): Finding => ({
  code: 'INVALID_PROP_TYPE',
  given: said(given, allowed),
  allowed,
  fix: fixOf(given, allowed),
});

export const propWord = (given: string, words: readonly string[]): Finding => ({
  code: 'INVALID_PROP_VALUE',
  given: quote(given),
  allowed: words.map(quote).join(', '),
  fix: nearest(given, words) ? `did you mean ${quote(nearest(given, words))}?` : 'write one of these',
});

/** Text is not repeated where an object belongs: it may be what nobody should read, e.g. a URL with a password. */
function said(value: unknown, allowed: string): string {
  if (typeof value === 'string') return /^[\d .-]*$/.test(value) || allowed.startsWith('a list') ? quote(value) : 'text';
  if (Array.isArray(value)) return value.length > 0 ? `a list of ${value.length}` : 'an empty list';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return quote(value);
  const kind = (value as { readonly kind?: unknown }).kind;
  return className(value) ? `a ${className(value)}` : `an object${typeof kind === 'string' ? ` of kind ${quote(kind)}` : ''}`;
}

function fixOf(given: unknown, allowed: string): string {
  if (typeof given === 'object' && given !== null && 'endpoint' in given) return 'write its `endpoint`';
  if (typeof given === 'function') return 'call it, and give what it returns';
  if (allowed.startsWith('a list')) return `write a list: [${typeof given === 'object' ? '…' : quote(given)}]`;
  // 1.30 has become 1.3 already.
  if (allowed === 'text') return 'write it in quotes';
  return given === null ? 'leave it out, or write what is allowed' : 'write what is allowed; an editor shows it';
}

/** The class of an object that is no plain one. */
export function className(value: object): string | undefined {
  const name = value.constructor?.name;
  return name === 'Object' ? undefined : name;
}
