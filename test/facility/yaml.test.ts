import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { manifestYaml } from '../../lib/facility/yaml';

/** Strings that YAML 1.1 may take for something else, or that need more than one line. */
const DELICATE = [
  ...[
    '',
    ' ',
    'y',
    'Y',
    'No',
    'on',
    'OFF',
    'true',
    'null',
    '~',
    'Null',
    '<<',
    '=',
    '-',
    '?',
    '---',
    '...',
    '--- a',
    'a: b',
    'a:',
    'a :b',
    ':a',
    'a #b',
    '#a',
  ],
  ...[
    '0755',
    '0o17',
    '0x1f',
    '1e3',
    '1_000',
    '12:30:45',
    '190:20',
    '2001-12-14',
    '1.',
    '.5',
    '.inf',
    '-.INF',
    '.nan',
    '+1',
    '-0',
    '64Gi',
    '500m',
  ],
  ...[
    'a\n',
    'a\nb',
    'a\n\nb\n',
    '\na',
    ' a\nb',
    'a\n b\n',
    'a\n\n',
    'a \nb',
    '\n',
    'tab\tin',
    '\ta',
    'a\r\nb',
    '# a\nb',
    '---\na',
    'a\n---\nb',
  ],
  ...[
    '{a}',
    '[a]',
    '*a',
    '&a',
    '!a',
    '|',
    '>',
    '%a',
    '@a',
    '`a`',
    '"a"',
    "'a'",
    "it's",
    'a, b',
    'a-',
    'a -',
    'a--b',
    'http://a:80/b?c=d',
    'é',
    '\u2028',
    '😀',
    'a\u0000b',
  ],
];

const text = fc.oneof(
  fc.constantFrom(...DELICATE),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', 'B', '0', ':', ' ', '-', '/', '.', '#', '\n', '_', '=', '(', ','), maxLength: 8 }),
);
const endsDocument = (name: string) => /^(?:---|\.\.\.)/.test(name);
const { data } = fc.letrec<{ data: unknown }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4 },
    { weight: 3, arbitrary: text },
    fc.constantFrom(null, undefined, true, false, 0, -0, 1.5, 1e21, -17),
    fc.array(tie('data'), { maxLength: 4 }),
    fc.dictionary(
      text.filter((name) => !endsDocument(name)),
      tie('data'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

describe('the text of manifests', () => {
  it('is what cdk8s writes, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ kind: text, spec: data }), { maxLength: 3 }), (objects) => {
        expect(manifestYaml(objects)).toBe(Yaml.stringify(...objects));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(DELICATE)('takes %j for a string, as a value, an item and a key', (value) => {
    const objects = [{ value, deep: { items: [value, [value], { value }] } }, { [value]: 0 }, { deep: { [value]: value } }];
    if (endsDocument(value)) expect(manifestYaml(objects)).toContain(`\ndeep:\n  ${JSON.stringify(value)}: `);
    else expect(manifestYaml(objects)).toBe(Yaml.stringify(...objects));
  });

  it('holds keys of any length, at any depth', () => {
    for (const name of ['a', 'a '].map((part) => part.repeat(2000))) {
      const objects = [{ [name]: 1 }, { deep: { deeper: { [name]: { a: [1] }, b: [{ [name]: 'x' }] } } }];
      const documents = parseAllDocuments(manifestYaml(objects));
      expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
      expect(documents.map((it) => it.toJS())).toEqual(objects);
    }
  });

  it('is the text that is committed', () => {
    const dist = join(__dirname, '../../dist/manifests');
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) expect(manifestYaml(Yaml.load(join(dist, file)))).toBe(readFileSync(join(dist, file), 'utf8'));
  });
});
