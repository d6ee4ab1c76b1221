/** The real KubeSpawner with the configuration of a hub: makes pod specs of users without a cluster. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Json } from '../hub/pods';

/** Choices in the form of the hub. */
export type Chosen = Readonly<Record<string, string>>;

export class Spawner {
  private readonly program: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  private users = 0;

  /**
   * @param folder directory for the files of the ConfigMap of the hub
   * @param env environment of the hub; Secrets are not needed to make pods
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

  /** One pod per choice, each for a new user in these groups. */
  public async pods(chosen: readonly Chosen[], groups: readonly string[]): Promise<Json[]> {
    const cases = chosen.map((options) => {
      this.users += 1;
      return { user: `user-${this.users}`, groups, options };
    });
    this.program.stdin?.write(`${JSON.stringify({ config: this.folder, cases })}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error('KubeSpawner exited; see its output above');
    return (JSON.parse(value) as Json[]).map(({ pod, refused }, i) => {
      if (!pod) throw new Error(`${JSON.stringify(chosen[i])} is rejected by the hub: ${refused}`);
      return pod;
    });
  }
}
