/** A machine of a cluster, created by machine.sh, with its daemons and commands. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** Timeout of the command in milliseconds. @default 60000 */
  readonly timeout?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Daemon {
  readonly name: string;
  readonly process: ChildProcess;
  readonly log: string;
}

export interface Capacity {
  readonly cpu: number;
  readonly kibibytes: number;
}

/** Stops with this process, even if this process is killed. */
const withUs = ['--pdeathsig', 'KILL'];

export class Machine {
  /** Its own folder, as everybody sees it from in- and outside: its disks, its logs, its configuration. */
  public readonly folder: string;
  private init?: ChildProcess;
  private readonly daemons: ChildProcess[] = [];

  /** @param capacity what a node reports; a machine without it runs no pods */
  public constructor(
    cluster: string,
    public readonly name: string,
    private readonly capacity?: Capacity,
  ) {
    this.folder = join(cluster, name);
    mkdirSync(join(this.folder, 'log'), { recursive: true });
  }

  public async boot(): Promise<void> {
    const ready = join(this.folder, 'ready');
    rmSync(ready, { force: true });
    const log = join(this.folder, 'log/machine.log');
    const output = openSync(log, 'w');
    const cgroup = `${basename(join(this.folder, '..'))}-${this.name}`;
    const reported = this.capacity ? [String(this.capacity.cpu), String(this.capacity.kibibytes)] : [];
    this.init = spawn('setpriv', [...withUs, 'bash', join(__dirname, 'machine.sh'), this.folder, cgroup, ...reported], {
      stdio: ['ignore', output, output],
    });
    await until(`machine ${this.name} is up`, { name: 'machine.sh', process: this.init, log }, () => existsSync(ready), 60_000);
    const outer = this.init.pid;
    writeFileSync(join(this.folder, 'pid'), readFileSync(`/proc/${outer}/task/${outer}/children`, 'utf8').trim().concat('\n'));
  }

  /** The first process of the machine, as a number outside of it. */
  public get pid(): string {
    return readFileSync(join(this.folder, 'pid'), 'utf8').trim();
  }

  /** Powers the machine off without a shutdown. Its disks are kept. */
  public async kill(): Promise<void> {
    const { init } = this;
    if (!init || init.exitCode !== null || init.signalCode !== null) return;
    const gone = new Promise((resolve) => init.once('close', resolve));
    process.kill(Number(this.pid), 'SIGKILL');
    await gone;
  }

  /** Removes everything of a machine that was killed. */
  public async remove(): Promise<void> {
    const groups = existsSync(join(this.folder, 'cgroups')) ? readFileSync(join(this.folder, 'cgroups'), 'utf8') : '';
    const folders = groups.split('\n').flatMap((line) => line.split(' ')[1] ?? []);
    // The last processes of a namespace need a moment to end, and hold their cgroup until then.
    await until(`the cgroups of ${this.name} are empty`, undefined, async () => {
      for (const it of folders.filter(existsSync)) await answer('find', [it, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+']);
      return !folders.some(existsSync);
    });
    await answer('rm', ['-rf', '--one-file-system', this.folder]);
  }

  public daemon(name: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): Daemon {
    const log = join(this.folder, 'log', `${name}.log`);
    const output = openSync(log, 'a');
    const variables = Object.entries({ PATH: systemPath, HOME: this.folder, ...env }).map(([key, value]) => `${key}=${value}`);
    const words = [...withUs, enter, this.folder, 'setpriv', ...withUs, 'env', '-i', ...variables, ...command];
    const child = spawn('setpriv', words, { stdio: ['ignore', output, output] });
    this.daemons.push(child);
    return { name, process: child, log };
  }

  /** Stops the daemons that this process started in the machine. */
  public stopDaemons(): void {
    for (const it of this.daemons.splice(0)) it.kill('SIGKILL');
  }

  /** Runs a command in the machine. */
  public run(command: readonly string[], options: RunOptions = {}): Promise<Answer> {
    return answer(enter, [this.folder, ...command], options);
  }

  /** Runs a command that must succeed. */
  public async must(command: readonly string[], options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.run(command, options);
    if (status !== 0) throw new Error(`${command.join(' ')} on ${this.name}: ${stderr || stdout || `status ${status}`}`);
    return stdout;
  }

  /** A command of this process' own machine that sees the network of this one only. */
  public async outside(...command: readonly string[]): Promise<void> {
    const { status, stderr } = await answer('nsenter', ['-t', this.pid, '-n', '--', ...command]);
    if (status !== 0) throw new Error(`${command.join(' ')} in the network of ${this.name}: ${stderr}`);
  }

  /** Lines for `ip -batch`. */
  public async ip(...lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await this.must(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }
}

export const systemPath = '/usr/sbin:/usr/bin:/sbin:/bin';
const enter = join(__dirname, 'enter.sh');

export async function answer(
  command: string,
  args: readonly string[],
  { input = '', timeout = 60_000, env }: RunOptions = {},
): Promise<Answer> {
  const child = spawn(command, args, { env: env ?? process.env, timeout, killSignal: 'SIGKILL' });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const status = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await status, stdout, stderr };
}

/** Waits by time and process state, not by a number of attempts, which depends on the load of the machine. */
export async function until(
  what: string,
  from: Daemon | undefined,
  done: () => boolean | Promise<boolean>,
  patience = 180_000,
): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await done())) {
    const ended = from !== undefined && (from.process.exitCode !== null || from.process.signalCode !== null);
    if (ended || Date.now() > deadline) {
      const last = from ? `\n${readFileSync(from.log, 'utf8').trimEnd().split('\n').slice(-15).join('\n')}` : '';
      throw new Error(`${ended ? `${from.name} ended` : `waited ${patience / 1000} s`} before ${what}${last}`);
    }
    await sleep(100);
  }
}
