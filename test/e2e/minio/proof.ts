/** What every part of the suite needs in order to say what it found. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Finding } from '../cluster/report';

export type Environment = Readonly<Record<string, string>>;

export class Proofs {
  readonly findings: Finding[] = [];
  proofs = 0;

  constructor(private readonly where: string) {}

  /** One thing that must hold. */
  expect(what: string, given: unknown, wanted: unknown): void {
    this.proofs++;
    const [has, wants] = [JSON.stringify(given), JSON.stringify(wanted)];
    if (has === wants) return;
    // Told at once: what comes after it may end the suite.
    console.log(`FAIL ${this.where}: ${what}`);
    this.findings.push({ where: `${this.where}: ${what}`, message: `is ${has}, not ${wants}` });
  }
}

/** What a notebook with this environment gets. */
export async function client(env: Environment, ...words: readonly string[]): Promise<unknown> {
  const options = { env: { PATH: process.env.PATH, HOME: '/tmp', ...env }, encoding: 'utf8', timeout: 120_000 } as const;
  try {
    const { stdout } = await promisify(execFile)(process.env.PYTHON ?? '', [join(__dirname, 'client.py'), ...words], options);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  } catch (error) {
    return `failed: ${String((error as { stderr?: string }).stderr ?? error)
      .trim()
      .split('\n')
      .at(-1)}`;
  }
}
