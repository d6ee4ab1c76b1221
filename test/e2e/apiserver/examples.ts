import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { phase } from '../cluster/report';

const project = resolve(__dirname, '../../..');
const everything = join(__dirname, 'everything.ts');

/** Runs a suite with a folder that holds the manifests of all examples, and removes it afterwards. */
export async function withExamples<T>(suite: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'));
  try {
    await phase('facilities with every option on', () =>
      execFileSync(process.execPath, ['--import', 'tsx', everything, folder], { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] }),
    );
    return await suite(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
