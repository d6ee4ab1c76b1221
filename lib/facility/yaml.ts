import { Yaml } from 'cdk8s';

/** Words that are themselves in YAML 1.1: of those that begin with a letter, the reserved ones are a boolean, nothing, or a number (`E0`). */
const PLAIN = /^[A-Za-z/](?:[\w./@+=,()-]|:(?=[\w./])| (?=[\w(]))*(?<!-)$/;
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|e[-+]?\d+)$/i;

/** Characters of a key that its colon may follow. @see https://yaml.org/spec/1.2.2/, implicit keys */
const LONGEST = 1024;

/**
 * Manifests as text, byte for byte as `Yaml.stringify` of cdk8s writes them, in a fraction of the time: the library below it
 * makes a tree of nodes first, and a third of a synthesis went into that. Here maps and lists are written at once; the library
 * is asked, once for each, about what is no plain word, since what YAML 1.1 takes for a number or a time is its knowledge.
 * One thing differs: keys that look like the end of a document (`---`, `...`) are quoted at any depth, not only at the first.
 */
export function manifestYaml(objects: readonly object[]): string {
  const scalars = new Map<unknown, string>();
  const keys = new Map<string, string>();

  const scalar = (value: unknown, indent: string): string => {
    if (typeof value === 'string' ? isPlain(value) : typeof value === 'boolean' || isPlainNumber(value)) return String(value);
    if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[]' : '{}';
    const text = remembered(scalars, value, () => between(Yaml.stringify({ key: value, end: 0 }), 'key: ', '\nend: 0\n'));
    return text.replace(/\n(?=[^\n])/g, `\n${indent}`);
  };

  const keyOf = (name: string, indent: string): string => {
    if (name.length <= LONGEST && isPlain(name)) return name;
    const text = remembered(keys, name, () => between(Yaml.stringify({ [name]: 0 }), '', ': 0\n'));
    // A longer one has a line of its own, behind a question mark.
    return text.replace(/\n/g, `\n${indent}`);
  };

  /** What a map or a list holds, one below the other; the first stands where the caller has put it. */
  const collection = (value: object, indent: string): string => {
    const deeper = `${indent}  `;
    const lines = Array.isArray(value)
      ? value.map((item) => `- ${isFilled(item) ? collection(item, deeper) : scalar(item, indent)}`)
      : Object.entries(value).map(
          ([name, one]) => `${keyOf(name, indent)}:${isFilled(one) ? `\n${deeper}${collection(one, deeper)}` : ` ${scalar(one, indent)}`}`,
        );
    return lines.join(`\n${indent}`);
  };

  return objects.map((object) => `${collection(object, '')}\n`).join('---\n');
}

const isPlain = (value: string) => PLAIN.test(value) && !RESERVED.test(value);

const isPlainNumber = (value: unknown) => Number.isSafeInteger(value) && !Object.is(value, -0);

const isFilled = (value: unknown): value is object => typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function remembered<Key>(all: Map<Key, string>, key: Key, make: () => string): string {
  const known = all.get(key);
  if (known !== undefined) return known;
  const made = make();
  all.set(key, made);
  return made;
}

function between(text: string, before: string, after: string): string {
  if (!text.startsWith(before) || !text.endsWith(after)) throw new Error(`unexpected YAML: ${text}`);
  return text.slice(before.length, -after.length);
}
