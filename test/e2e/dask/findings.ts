/** Findings and result table of the suite. */
import type { Finding } from '../cluster/report';

export const findings: Finding[] = [];
export const rows: (string | number)[][] = [];

export function expect(where: string, was: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(was), JSON.stringify(wanted)];
  if (one !== other) findings.push({ where, message: `found ${one}, expected ${other}` });
}
