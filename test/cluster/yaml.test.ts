import fc from 'fast-check';
import { stringify } from 'yaml';
import { yaml } from '../../lib/cluster/text';
import { data, text } from '../fixtures/yaml';

test('the output equals that of the yaml library', () => {
  const library = (value: object) => stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });

  fc.assert(
    fc.property(fc.record({ kind: text, spec: data }), (value) => {
      const json = JSON.parse(JSON.stringify(value, (_, one) => (Object.is(one, -0) ? 0 : one)));
      expect(yaml(json)).toBe(library(json));
    }),
    { numRuns: 1000 },
  );
});

test('undefined entries are omitted', () => {
  expect(yaml({ a: 1, b: undefined, c: [{ d: undefined, e: '0644' }] })).toBe('a: 1\nc:\n  - e: "0644"\n');
});
