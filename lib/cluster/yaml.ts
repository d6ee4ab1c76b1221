/** Strings and command-line flags that need no quotes in YAML 1.1. Reserved words are booleans, null or numbers (`E0`). */
const PLAIN = /^(?:--?(?=[A-Za-z]))?[A-Za-z/](?:[\w./@+=,()-]|:(?=[\w./])| (?=[\w(]))*(?<!-)$/;
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|[-+]?e[-+]?\d+)$/i;

/** Strings that start with a digit and are no numbers: quantities (`500m`, `64Gi`: a letter that no number or time contains) and addresses. */
const QUANTITY = /^\d[\d.]*[g-su-wyG-SU-WY]\w*$/;
const ADDRESS = /^\d+(?:\.\d+){2,}(?:\/\d+)?$/;
const INTEGER = /^\d+$/;

/** Multi-line text for a literal block without an indentation indicator, with at most one trailing newline. */
const BLOCK = /^\S(?:[\s\S]*\S)?\n?$/;
/** No control characters and no unpaired surrogates, which need double quotes and escapes. */
const PRINTABLE = /^[\t\n -~\u{a0}-\u{d7ff}\u{e000}-\u{10ffff}]*$/u;

/** Longest implicit key, in characters. @see https://yaml.org/spec/1.2.2/ section 7.4 */
const LONGEST_KEY = 1024;

/** Maximum number of cached scalars. The cache is cleared beyond it, so that the memory of a long-lived process is bounded. */
const MAX_CACHED = 10_000;

/**
 * Writes YAML 1.1 with the same bytes as the `yaml` library with `lineWidth: 0`, but much faster, because the library first builds a tree
 * of nodes. Maps, lists, plain scalars and literal blocks are written directly; the library formats all other scalars, and the results
 * are cached. One difference: keys that look like a document marker (`---`, `...`) are quoted at any depth.
 *
 * @param stringify formats a document with the library
 */
export function yamlWriter(stringify: (document: object) => string): (value: object) => string {
  const scalars = new Map<unknown, string>();
  const keys = new Map<string, string>();

  const scalar = (value: unknown, indent: string): string => {
    if (typeof value === 'string' ? isPlain(value) : typeof value === 'boolean' || isPlainNumber(value)) return String(value);
    if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[]' : '{}';
    if (typeof value === 'string') {
      if (INTEGER.test(value)) return `"${value}"`;
      if (isBlock(value)) return block(value, `${indent}  `);
    }
    const text = cached(scalars, value, () => between(stringify({ key: value, end: 0 }), 'key: ', '\nend: 0\n'));
    return text.replace(/\n(?=[^\n])/g, `\n${indent}`);
  };

  const keyOf = (name: string, indent: string): string => {
    if (name.length <= LONGEST_KEY && isPlain(name)) return name;
    const text = cached(keys, name, () => between(stringify({ [name]: 0 }), '', ': 0\n'));
    // An explicit key (`? …`) of several lines.
    return text.replace(/\n/g, `\n${indent}`);
  };

  /** The lines of a map or a list; the caller writes the indentation of the first line. */
  const collection = (value: object, indent: string): string => {
    const deeper = `${indent}  `;
    const lines = Array.isArray(value)
      ? value.map((item) => `- ${isNonEmpty(item) ? collection(item, deeper) : scalar(item, indent)}`)
      : Object.entries(value).map(
          ([name, one]) =>
            `${keyOf(name, indent)}:${isNonEmpty(one) ? `\n${deeper}${collection(one, deeper)}` : ` ${scalar(one, indent)}`}`,
        );
    return lines.join(`\n${indent}`);
  };

  return (value) => `${collection(value, '')}\n`;
}

const isPlain = (value: string) => (PLAIN.test(value) && !RESERVED.test(value)) || QUANTITY.test(value) || ADDRESS.test(value);

const isPlainNumber = (value: unknown) => Number.isSafeInteger(value) && !Object.is(value, -0);

const isBlock = (value: string) => value.includes('\n') && BLOCK.test(value) && PRINTABLE.test(value);

const isNonEmpty = (value: unknown): value is object => typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function block(value: string, indent: string): string {
  const [chomping, text] = value.endsWith('\n') ? ['', value.slice(0, -1)] : ['-', value];
  return `|${chomping}\n${indent}${text.replace(/\n+/g, `$&${indent}`)}`;
}

function cached<Key>(all: Map<Key, string>, key: Key, make: () => string): string {
  const known = all.get(key);
  if (known !== undefined) return known;
  if (all.size >= MAX_CACHED) all.clear();
  const made = make();
  all.set(key, made);
  return made;
}

function between(text: string, before: string, after: string): string {
  if (!text.startsWith(before) || !text.endsWith(after)) throw new Error(`unexpected YAML: ${text}`);
  return text.slice(before.length, -after.length);
}
