import { readFileSync } from 'node:fs';
import { compare, failure, nearest, optionInvalid } from '../errors';
import { codeUnknown } from './messages';

const MOST_SUGGESTIONS = 8;

/**
 * `facility explain CODE`: the section of a code in docs/errors.md.
 *
 * @param page path of docs/errors.md
 * @throws UNKNOWN_ERROR_CODE, INVALID_OPTION
 */
export function explain(given: readonly string[], page: string): string {
  const [code, ...more] = given;
  if (!code || more.length > 0) throw failure(optionInvalid(given.join(' ') || 'no code', 'facility explain CODE'));
  const sections = sectionsOf(readFileSync(page, 'utf8'));
  const name = code.toUpperCase().replaceAll('-', '_');
  const section = sections.get(name);
  if (section === undefined) throw failure(codeUnknown(code, nearestCodes(name, [...sections.keys()])));
  return `${name}\n${section}`;
}

/** Text of each section by its heading, without Markdown. */
function sectionsOf(page: string): ReadonlyMap<string, string> {
  const sections = page.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      const texts = lines.filter((line) => line !== '' && !line.startsWith('```'));
      return [heading, `${texts.map((line) => `  ${line}`).join('\n')}\n`] as const;
    }),
  );
}

/** Known codes that resemble this one: the nearest spelling first, then those that share the most words. */
function nearestCodes(code: string, known: readonly string[]): readonly string[] {
  const words = new Set(code.split('_').filter(Boolean));
  const shared = (one: string) => one.split('_').filter((word) => words.has(word)).length;
  const alike = known.filter((one) => shared(one) > 0).sort((a, b) => shared(b) - shared(a) || compare(a, b));
  const spelling = nearest(code, known);
  return [...new Set([...(spelling ? [spelling] : []), ...alike])].slice(0, MOST_SUGGESTIONS);
}
