/** Words and flags that YAML 1.1 reads as the same text without quotes. Reserved words are booleans, null or numbers (`E0`). */
const PLAIN = /^(?:--?(?=[A-Za-z]))?[A-Za-z/](?:[\w./@+=,()-]|:(?=[\w./])| (?=[\w(]))*(?<!-)$/;
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|[-+]?e[-+]?\d+)$/i;

/** What begins with a digit and is no number: a quantity (`500m`, `64Gi`: a letter that no notation of numbers or times has), an address. */
const QUANTITY = /^\d[\d.]*[g-su-wyG-SU-WY]\w*$/;
const ADDRESS = /^\d+(?:\.\d+){2,}(?:\/\d+)?$/;
const INTEGER = /^\d+$/;

/** Text of several lines that is a literal block with no indentation indicator, and at most one newline at its end. */
const BLOCK = /^\S(?:[\s\S]*\S)?\n?$/;
/** No control character and no half of a surrogate pair: these need double quotes and an escape. */
const PRINTABLE = /^[\t\n -~\u{a0}-\u{d7ff}\u{e000}-\u{10ffff}]*$/u;

/** Longest implicit key, in characters. @see https://yaml.org/spec/1.2.2/ section 7.4 */
const LONGEST_KEY = 1024;

/** Scalars that are remembered; the map starts anew beyond it, so that a long-lived process does not grow. */
const REMEMBERED = 10_000;

/**
 * Writes YAML 1.1 byte for byte as the `yaml` library does with `lineWidth: 0`, in a fraction of the time: the library builds
 * a tree of nodes first. Maps, lists, plain words and literal blocks are written directly; every other scalar is formatted by
 * the library, once. One difference: keys that look like a document marker (`---`, `...`) are quoted at any depth.
 *
 * @param stringify formats one document with the library
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
    const text = remembered(scalars, value, () => between(stringify({ key: value, end: 0 }), 'key: ', '\nend: 0\n'));
    return text.replace(/\n(?=[^\n])/g, `\n${indent}`);
  };

  const keyOf = (name: string, indent: string): string => {
    if (name.length <= LONGEST_KEY && isPlain(name)) return name;
    const text = remembered(keys, name, () => between(stringify({ [name]: 0 }), '', ': 0\n'));
    // An explicit key (`? …`) of several lines.
    return text.replace(/\n/g, `\n${indent}`);
  };

  /** The lines of a map or a list; the caller has written the indentation of the first. */
  const collection = (value: object, indent: string): string => {
    const deeper = `${indent}  `;
    const lines = Array.isArray(value)
      ? value.map((item) => `- ${isFilled(item) ? collection(item, deeper) : scalar(item, indent)}`)
      : Object.entries(value).map(
          ([name, one]) => `${keyOf(name, indent)}:${isFilled(one) ? `\n${deeper}${collection(one, deeper)}` : ` ${scalar(one, indent)}`}`,
        );
    return lines.join(`\n${indent}`);
  };

  return (value) => `${collection(value, '')}\n`;
}

const isPlain = (value: string) => (PLAIN.test(value) && !RESERVED.test(value)) || QUANTITY.test(value) || ADDRESS.test(value);

const isPlainNumber = (value: unknown) => Number.isSafeInteger(value) && !Object.is(value, -0);

const isBlock = (value: string) => value.includes('\n') && BLOCK.test(value) && PRINTABLE.test(value);

const isFilled = (value: unknown): value is object => typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function block(value: string, indent: string): string {
  const [chomping, text] = value.endsWith('\n') ? ['', value.slice(0, -1)] : ['-', value];
  return `|${chomping}\n${indent}${text.replace(/\n+/g, `$&${indent}`)}`;
}

function remembered<Key>(all: Map<Key, string>, key: Key, make: () => string): string {
  const known = all.get(key);
  if (known !== undefined) return known;
  if (all.size >= REMEMBERED) all.clear();
  const made = make();
  all.set(key, made);
  return made;
}

function between(text: string, before: string, after: string): string {
  if (!text.startsWith(before) || !text.endsWith(after)) throw new Error(`unexpected YAML: ${text}`);
  return text.slice(before.length, -after.length);
}
