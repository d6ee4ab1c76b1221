/** The real KubeSpawner with the program and the facts of a hub: it makes the pods of users, and asks no cluster. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Json } from '../hub/pods';

/** The answers to the questions of the hub's form. */
export type Chosen = Readonly<Record<string, string>>;

export class Spawner {
  private readonly program: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  private users = 0;

  /**
   * @param folder where the files of the hub's ConfigMap go
   * @param env what they find in the hub's environment; no Secret is needed to make a pod
   */
  public constructor(
    private readonly folder: string,
    files: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>>,
  ) {
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const python = execFileSync(join(__dirname, '../hub/install.sh'), ['python', '5'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const program = spawn(`${python.trim()}/bin/python`, [join(__dirname, '../hub/offline.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    this.program = program;
    this.answers = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  }

  public stop(): void {
    this.program.stdin?.end();
  }

  /** The pod of another user for each choice; all of them are in these groups. */
  public async pods(chosen: readonly Chosen[], groups: readonly string[]): Promise<Json[]> {
    const cases = chosen.map((options) => {
      this.users += 1;
      return { user: `user-${this.users}`, groups, options };
    });
    this.program.stdin?.write(`${JSON.stringify({ config: this.folder, cases })}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error('KubeSpawner ended; what it said is above');
    return (JSON.parse(value) as Json[]).map(({ pod, refused }, i) => {
      if (!pod) throw new Error(`${JSON.stringify(chosen[i])} is refused by the hub: ${refused}`);
      return pod;
    });
  }
}
