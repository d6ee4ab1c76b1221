/** What every part of the suite needs in order to say what it found. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import type { Finding } from '../cluster/report';
import { lastAnswer } from '../cluster/time';

export type Environment = Readonly<Record<string, string>>;

/** Seconds; some rounds of a server that looks for what it misses. */
const IN_THE_END = 60;

export class Proofs {
  readonly findings: Finding[] = [];
  proofs = 0;

  constructor(private readonly where: string) {}

  /** One thing that must hold. */
  expect(what: string, given: unknown, wanted: unknown): void {
    this.proofs++;
    if (isDeepStrictEqual(given, wanted)) return;
    const message = `is ${JSON.stringify(given)}, not ${JSON.stringify(wanted)}`;
    // Told at once: what comes after it may end the suite.
    console.log(`FAIL ${this.where}: ${what} ${message}`);
    this.findings.push({ where: `${this.where}: ${what}`, message });
  }

  /**
   * What must hold in the end. A server that has just come looks for the drives of the others every 15 s: until then it is healthy with
   * as many as writing needs, refuses when one of these goes (SlowDownWrite), or does not find the users in the store and calls their
   * keys unknown. What is given to somebody who must not have it is wrong at once, however short.
   */
  async expectInTheEnd(what: string, ask: () => Promise<unknown>, wanted: unknown): Promise<void> {
    const [first, start] = [await ask(), Date.now()];
    if (isDeepStrictEqual(first, wanted)) return this.expect(what, first, wanted);
    if (isGranted(first, wanted)) return this.expect(what, first, wanted);
    const last = await lastAnswer(IN_THE_END, ask, (given) => isDeepStrictEqual(given, wanted) || isGranted(given, wanted));
    console.log(`            ${what}: ${JSON.stringify(first)} at first, asked for ${((Date.now() - start) / 1000).toFixed(1)} s`);
    this.expect(what, last, wanted);
  }

  /** What the store bears it must do in the end; what it cannot do it refuses, whatever the reason. */
  async expectBorne(what: string, ask: () => Promise<unknown>, borne: boolean): Promise<void> {
    if (borne) await this.expectInTheEnd(what, ask, 'ok');
    else this.expect(what, (await ask()) === 'ok', false);
  }
}

/** Whether something was done or answered that should have been refused. */
function isGranted(given: unknown, wanted: unknown): boolean {
  if (typeof given !== 'object' || given === null) return (given === 'ok' || given === 200) && given !== wanted;
  const values: { readonly [name: string]: unknown } = Object(wanted);
  return Object.entries(given).some(([name, value]) => isGranted(value, values[name]));
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
