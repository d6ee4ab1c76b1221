import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

function sources(folder: string, pattern: RegExp): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .map((name) => join(root, folder, name));
}

const messages = sources('lib', /\.ts$/).map((file) => ({ file: file.slice(root.length + 1), text: readFileSync(file, 'utf8') }));
const codes = messages.flatMap(({ file, text }) => [...text.matchAll(/code: '(\w+)'/g)].map(([, code = '']) => ({ file, code })));

test('every code is asserted by a test', () => {
  const tests = sources('test', /\.test\.ts$/)
    .filter((file) => file !== __filename)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

  expect(codes.length).toBeGreaterThan(200);
  expect(codes.filter(({ code }) => !new RegExp(`\\b${code}\\b`).test(tests))).toEqual([]);
});

test('codes follow the naming scheme', () => {
  const scheme = /^(?:CONFLICTING|DUPLICATE|EXCEEDS|IMMUTABLE|INSECURE|INVALID|MISSING|REMAINING|RESERVED|UNKNOWN|UNSUPPORTED)_[A-Z0-9_]+$/;

  expect(codes.filter(({ code }) => !scheme.test(code))).toEqual([]);
});

test('each code is defined in one module only', () => {
  const files = new Map<string, Set<string>>();
  for (const { file, code } of codes) files.set(code, (files.get(code) ?? new Set()).add(file));

  expect([...files].filter(([, all]) => all.size > 1).map(([code, all]) => [code, ...all])).toEqual([]);
});
