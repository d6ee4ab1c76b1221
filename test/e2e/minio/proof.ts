/** Checks of the suite and their findings. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import type { Finding } from '../cluster/report';
import { lastAnswer } from '../cluster/time';

export type Environment = Readonly<Record<string, string>>;

/** Seconds; several intervals in which a server checks the drives of the others. */
const RETRY_SECONDS = 60;

export class Proofs {
  readonly findings: Finding[] = [];
  proofs = 0;

  constructor(private readonly where: string) {}

  /** Compares a value with the expected one. */
  expect(what: string, given: unknown, wanted: unknown): void {
    this.proofs++;
    if (isDeepStrictEqual(given, wanted)) return;
    const message = `found ${JSON.stringify(given)}, expected ${JSON.stringify(wanted)}`;
    // Printed at once: a later error may abort the suite.
    console.log(`FAIL ${this.where}: ${what} ${message}`);
    this.findings.push({ where: `${this.where}: ${what}`, message });
  }

  /**
   * Like `expect`, but retries. A server that has just started checks the drives of the others every 15 s. Until then it reports healthy with
   * only a write quorum, rejects writes when one of these drives fails (SlowDownWrite), or does not find the users in the store and rejects
   * their credentials. Access that must be denied is a finding at once, even if it is granted only briefly.
   */
  async expectEventually(what: string, ask: () => Promise<unknown>, wanted: unknown): Promise<void> {
    const [first, start] = [await ask(), Date.now()];
    if (isDeepStrictEqual(first, wanted)) return this.expect(what, first, wanted);
    if (isGranted(first, wanted)) return this.expect(what, first, wanted);
    const last = await lastAnswer(RETRY_SECONDS, ask, (given) => isDeepStrictEqual(given, wanted) || isGranted(given, wanted));
    console.log(`            ${what}: ${JSON.stringify(first)} at first, retried for ${((Date.now() - start) / 1000).toFixed(1)} s`);
    this.expect(what, last, wanted);
  }

  /** A tolerated failure: the operation succeeds after retries. Otherwise it fails, with any error. */
  async expectTolerated(what: string, ask: () => Promise<unknown>, tolerated: boolean): Promise<void> {
    if (tolerated) await this.expectEventually(what, ask, 'ok');
    else this.expect(what, (await ask()) === 'ok', false);
  }
}

/** Whether access was granted that must be denied. */
function isGranted(given: unknown, wanted: unknown): boolean {
  if (typeof given !== 'object' || given === null) return (given === 'ok' || given === 200) && given !== wanted;
  const values: { readonly [name: string]: unknown } = Object(wanted);
  return Object.entries(given).some(([name, value]) => isGranted(value, values[name]));
}

/** Runs client.py with this environment and returns its output. */
export async function client(env: Environment, ...args: readonly string[]): Promise<unknown> {
  const options = { env: { PATH: process.env.PATH, HOME: '/tmp', ...env }, encoding: 'utf8', timeout: 120_000 } as const;
  try {
    const { stdout } = await promisify(execFile)(process.env.PYTHON ?? '', [join(__dirname, 'client.py'), ...args], options);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  } catch (error) {
    return `failed: ${String((error as { stderr?: string }).stderr ?? error)
      .trim()
      .split('\n')
      .at(-1)}`;
  }
}
