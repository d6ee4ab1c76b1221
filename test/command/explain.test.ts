import { join } from 'node:path';
import { explain } from '../../lib/command/explain';
import { FacilityError } from '../../lib/errors';

const page = join(__dirname, '../../docs/errors.md');

function failureOf(...given: readonly string[]) {
  try {
    explain(given, page);
  } catch (error) {
    if (error instanceof FacilityError) return error.problems[0];
  }
  return undefined;
}

test('prints the message of a code', () => {
  expect(explain(['DUPLICATE_POOL'], page)).toBe(
    [
      'DUPLICATE_POOL',
      '  Error of lib/site:',
      "  given:   two pools named '<name>'",
      '  allowed: unique pool names',
      '  fix:     rename one of them',
      '',
    ].join('\n'),
  );
});

test('accepts a code in lower case', () => {
  expect(explain(['duplicate-pool'], page)).toMatch(/^DUPLICATE_POOL\n/);
});

test('suggests the nearest codes', () => {
  const problem = failureOf('DUPLICATE_POLL');

  expect(problem).toMatchObject({ code: 'UNKNOWN_ERROR_CODE', given: "'DUPLICATE_POLL'", fix: 'run facility explain DUPLICATE_POOL' });
  expect(problem?.allowed).toMatch(/^codes of the library, e\.g\. DUPLICATE_POOL, DUPLICATE_\w+/);
  expect(problem?.allowed.split(', ')).toHaveLength(9);
});

test('suggests codes that share a word', () => {
  expect(failureOf('MIG_POOLS_LAYOUT')?.allowed).toContain('IMMUTABLE_LAYOUT');
});

test('refers to the list for a code that resembles none', () => {
  expect(failureOf('XXXXXXXXXXXXXXX')?.allowed).toBe('codes of the library; docs/errors.md lists them');
});

test('needs exactly one code', () => {
  expect(failureOf()).toMatchObject({ code: 'INVALID_OPTION', given: "'no code'", allowed: 'facility explain CODE' });
  expect(failureOf('A', 'B')?.code).toBe('INVALID_OPTION');
});
