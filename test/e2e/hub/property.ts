/** Random environments, sizes and options: KubeSpawner (offline.py) offers exactly the allowed choices, and the pod has their settings. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as fc from 'fast-check';
import type { Finding } from '../cluster/report';
import { differences, everything, filesOf, lists } from './expectations';
import type { Json } from './pods';

export async function property(python: string, runs: number): Promise<{ readonly findings: readonly Finding[]; readonly pods: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  const child = spawn(`${python}/bin/python`, [join(__dirname, 'offline.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const findings: Finding[] = [];
  let pods = 0;
  try {
    for (const [index, given] of fc.sample(lists, { numRuns: runs, seed: 4 }).entries()) {
      const config = join(folder, String(index));
      mkdirSync(config);
      for (const [name, text] of Object.entries(filesOf(given))) writeFileSync(join(config, name), text);
      const cases = [[], ['g'], ['g', 'h']].flatMap((groups) => [
        { groups, options: {} },
        ...everything(given).map((options) => ({ groups, options })),
      ]);
      child.stdin.write(`${JSON.stringify({ config, cases })}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error('offline.py exited; its output is above');
      for (const [at, answer] of (JSON.parse(value) as Json[]).entries()) {
        const one = cases[at] ?? { groups: [], options: {} };
        pods += 'pod' in answer ? 1 : 0;
        const wrong = differences(given, one.groups, one.options, answer);
        if (wrong.length > 0) findings.push({ where: `${JSON.stringify(one)} of ${JSON.stringify(given)}`, message: wrong.join('\n') });
      }
    }
  } finally {
    child.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  }
  return { findings: findings.slice(0, 3), pods };
}
