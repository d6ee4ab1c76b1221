/**
 * YAML as readers of its version 1.1 understand it, which RKE, RKE2 and cloud-init are: `on`, `0644` and `12:30` are
 * quoted. Lines are never folded and nothing is anchored, so that a difference shows where it is.
 */
export function yaml(value: unknown): string {
  // Loaded when there is something to write: a site whose cluster somebody else runs needs none of it.
  const { stringify } = require('yaml') as typeof import('yaml');
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

/** Lines as comments. */
export function comment(lines: readonly string[]): string {
  return lines.map((line) => (line ? `# ${line}\n` : '#\n')).join('');
}

/** Lines as a file: each ends with a newline. */
export function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
