import { yamlWriter } from './yaml';

const write = yamlWriter((document) => {
  // Loaded only where a scalar needs it.
  const { stringify } = require('yaml') as typeof import('yaml');
  return stringify(document, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
});

/**
 * YAML for readers of version 1.1, which RKE, RKE2 and cloud-init are: `on`, `0644` and `12:30` are quoted. Lines are never
 * folded and nothing is anchored, so that a diff shows each change where it is. Entries that are undefined are left out.
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

/** Lines as comments. */
export function comment(lines: readonly string[]): string {
  return lines.map((line) => (line ? `# ${line}\n` : '#\n')).join('');
}

/** Lines as a file: each ends with a newline. */
export function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
