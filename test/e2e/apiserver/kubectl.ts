import { spawn } from 'node:child_process';
import { text as readAll } from 'node:stream/consumers';
import type { ControlPlane } from '../cluster/control-plane';

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl against a control plane; does not throw on failure. */
export async function kubectl({ kubectl: program, env }: ControlPlane, args: readonly string[], input = ''): Promise<Answer> {
  const child = spawn(program, args, { env });
  child.stdin.end(input);
  const status = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
  const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr)]);
  return { status: await status, stdout, stderr };
}
