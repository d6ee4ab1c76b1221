import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { facilityOf, groups, services } from '../fixtures/examples';

const folder = join(__dirname, '../../lib/services');

/** Every port number of rendered objects: containers, Services, NetworkPolicies, probes. */
function portsOf(value: unknown, found = new Set<number>()): Set<number> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, part] of Object.entries(value)) {
    if (/^(?:port|containerPort|hostPort|targetPort|nodePort)$/.test(key) && typeof part === 'number') found.add(part);
    portsOf(part, found);
  }
  return found;
}

const ports = new Set(
  groups().flatMap((group) => [
    ...portsOf(
      facilityOf(group)
        .facility.output()
        .objects.map(({ object }) => object),
    ),
  ]),
);

/** Numbers of a text, as they stand in command lines, URLs and lists. */
const numbers = (text: string) => [...text.matchAll(/(?<![\w.])\d{2,5}(?![\w.])/g)].map(([digits]) => Number(digits));

/** Numbers of a source outside of its comments. */
function literals(file: string): readonly number[] {
  const text = readFileSync(file, 'utf8');
  if (!file.endsWith('.ts')) return numbers(text.replace(/^\s*#.*$/gm, ''));
  const found: number[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNumericLiteral(node)) found.push(Number(node.text));
    else if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node))
      found.push(...numbers(node.text));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022));
  return found;
}

const sources = (name: string) =>
  readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!examples)\.ts$|\.py$|\.sh$/.test(file));

const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

test('finds the ports of rendered objects', () => {
  expect(services.length).toBe(folders.length);
  expect([...ports]).toEqual(expect.arrayContaining([8081, 8786, 9000, 9400]));
});

test.each(folders.map(({ name }) => name))('%s types each port once', (name) => {
  const places = sources(name).flatMap((file) => literals(join(folder, name, file)).map((number) => [number, file] as const));
  const repeated = [...ports].flatMap((port) => {
    const at = places.filter(([number]) => number === port).map(([, file]) => file);
    return at.length > 1 ? [`${port} in ${at.join(', ')}`] : [];
  });

  expect(repeated).toEqual([]);
});
