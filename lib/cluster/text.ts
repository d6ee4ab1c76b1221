import { yamlWriter } from './yaml';

const write = yamlWriter((document) => {
  // Loaded lazily: most documents do not need the library.
  const { stringify } = require('yaml') as typeof import('yaml');
  return stringify(document, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
});

/**
 * YAML for parsers of version 1.1, such as those of RKE, RKE2 and cloud-init: `on`, `0644` and `12:30` are quoted. Lines are not folded and
 * there are no anchors, so that diffs are minimal. Entries that are undefined are omitted.
 */
export function yaml(value: object): string {
  return write(withoutUndefined(value) as object);
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([name, one]) => [name, withoutUndefined(one)]),
  );
}

/** Formats lines as YAML comments. */
export function comment(lines: readonly string[]): string {
  return lines.map((line) => (line ? `# ${line}\n` : '#\n')).join('');
}

/** Joins lines to the text of a file; each ends with a newline. */
export function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
