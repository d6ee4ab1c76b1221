import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { manifestYaml } from '../../lib/facility/yaml';
import { DELICATE, data, endsDocument, text } from '../fixtures/yaml';

describe('the text of manifests', () => {
  it('is identical to that of cdk8s for any content', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ kind: text, spec: data }), { maxLength: 3 }), (objects) => {
        expect(manifestYaml(objects)).toBe(Yaml.stringify(...objects));
      }),
      { numRuns: 600 },
    );
  });

  it.each(DELICATE)('quotes the string %j as value, list item and key', (value) => {
    const objects = [{ value, deep: { items: [value, [value], { value }] } }, { [value]: 0 }, { deep: { [value]: value } }];
    if (endsDocument(value)) expect(manifestYaml(objects)).toContain(`\ndeep:\n  ${JSON.stringify(value)}: `);
    else expect(manifestYaml(objects)).toBe(Yaml.stringify(...objects));
  });

  it('supports keys of any length at any depth', () => {
    for (const name of ['a', 'a '].map((part) => part.repeat(2000))) {
      const objects = [{ [name]: 1 }, { deep: { deeper: { [name]: { a: [1] }, b: [{ [name]: 'x' }] } } }];
      const documents = parseAllDocuments(manifestYaml(objects));
      expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
      expect(documents.map((it) => it.toJS())).toEqual(objects);
    }
  });

  it('is identical to the committed files', () => {
    const dist = join(__dirname, '../../dist/manifests');
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) expect(manifestYaml(Yaml.load(join(dist, file)))).toBe(readFileSync(join(dist, file), 'utf8'));
  });
});
