import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Message {
  readonly code: string;
  readonly severity: string;
  readonly module: string;
  readonly given: readonly string[];
  readonly allowed: readonly string[];
  readonly fix: readonly string[];
}

const { messagesOf, page } = require('../../scripts/errors.cjs') as {
  messagesOf: (sources: ReadonlyMap<string, string>) => readonly Message[];
  page: (messages: readonly Message[]) => string;
};

const root = join(__dirname, '../..');
const written = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const of = (text: string, file = 'lib/services/spark/messages.ts') => messagesOf(new Map([[file, text]]));

test('docs/errors.md has one section for each code in lib, sorted', () => {
  const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const codes = sources.flatMap((name) =>
    [...readFileSync(join(root, 'lib', name), 'utf8').matchAll(/code: '(\w+)'/g)].map(([, code = '']) => code),
  );

  expect([...written.matchAll(/^## (\w+)$/gm)].map(([, code]) => code)).toEqual([...new Set(codes)].sort());
});

test('the message of a new service needs no other line', () => {
  const [message] = of(`
    export const driverMissing = (name: string, known: readonly string[], otherName?: string): Finding => ({
      severity: 'warning',
      code: 'MISSING_SPARK_DRIVER',
      given: \`no driver \${quote(name)} on \${PORT}\`,
      allowed: known.join(', ') || 'none',
      fix: otherName ? \`did you mean '\${otherName}'?\` : 'write one ' + 'driver',
    });
    const PORT = 7077;
  `);

  expect(message).toEqual({
    code: 'MISSING_SPARK_DRIVER',
    severity: 'warning',
    module: 'service spark',
    given: ["no driver '<name>' on 7077"],
    allowed: ['<known>, …', 'none'],
    fix: ["did you mean '<other name>'?", 'write one driver'],
  });
});

test('objects that only refer to a code are not messages', () => {
  expect(of("const one = { code: 'MISSING_HOST', path: 'a', reason: 'b' };")).toEqual([]);
});

test('alternatives are printed on their own lines', () => {
  const message = { code: 'MISSING_A', severity: 'error', module: 'lib/site', given: ['no a'], allowed: ['x', 'y'], fix: ['add it'] };

  expect(page([message]).split('\n').slice(6)).toEqual([
    '## MISSING_A',
    '',
    'Error of lib/site:',
    '',
    '```text',
    'given:   no a',
    'allowed: x',
    'or:      y',
    'fix:     add it',
    '```',
    '',
  ]);
});
