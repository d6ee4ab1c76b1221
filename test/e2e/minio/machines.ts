/**
 * Machines for the pods: each has its own network namespace on one bridge, so that servers use the ports and names of the manifest, and its
 * own root directory, so that drives have the paths of the manifest.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export const GATEWAY = '10.77.0.1';
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const run = (command: string, ...args: readonly string[]) => execFileSync(command, args, { encoding: 'utf8' });

/** Host names that resolve on all machines and on this one. */
const hosts = new Map<string, string>();
const writeHosts = () =>
  writeFileSync('/etc/hosts', ['127.0.0.1 localhost', ...[...hosts].map(([host, ip]) => `${ip} ${host}`), ''].join('\n'));

/** Creates the bridge of the machines and a separate /etc/hosts. */
export function prepareNetwork(work: string): void {
  run('ip', 'link', 'set', 'lo', 'up');
  run('ip', 'link', 'add', 'pods', 'type', 'bridge');
  run('ip', 'addr', 'add', `${GATEWAY}/16`, 'dev', 'pods');
  run('ip', 'link', 'set', 'pods', 'up');
  mkdirSync('/run/netns', { recursive: true });
  run('mount', '-t', 'tmpfs', 'tmpfs', '/run/netns');
  writeFileSync(join(work, 'hosts'), '127.0.0.1 localhost\n');
  writeFileSync(join(work, 'resolv.conf'), '');
  run('mount', '--bind', join(work, 'hosts'), '/etc/hosts');
  run('mount', '--bind', join(work, 'resolv.conf'), '/etc/resolv.conf');
}

export function nameHost(name: string, address: string): void {
  hosts.set(name, address);
  writeHosts();
}

let count = 0;

export interface Process {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: number;
}

/** A machine that can be started and killed repeatedly; its folder is kept. */
export class Machine {
  readonly address: string;
  readonly root: string;
  readonly log: string;
  private process?: ChildProcess;

  constructor(
    readonly name: string,
    readonly host: string,
    work: string,
    user: number,
  ) {
    count++;
    this.address = `10.77.1.${count}`;
    this.root = join(work, name, 'root');
    this.log = join(work, name, 'log');
    for (const folder of ['proc', 'dev', 'etc', 'tmp', 'usr/bin']) mkdirSync(join(this.root, folder), { recursive: true });
    chmodSync(join(this.root, 'tmp'), 0o1777);
    run('mount', '-t', 'proc', 'proc', join(this.root, 'proc'));
    for (const [device, minor] of [
      ['null', '3'],
      ['random', '8'],
      ['urandom', '9'],
    ] as const) {
      run('mknod', '-m', '666', join(this.root, 'dev', device), 'c', '1', minor);
    }
    for (const file of ['hosts', 'resolv.conf']) this.bind(`/etc/${file}`, `/etc/${file}`);
    writeFileSync(join(this.root, 'etc/passwd'), `pod:x:${user}:${user}::/tmp:/bin/sh\n`);
    const link = `v${count}`;
    run('ip', 'netns', 'add', name);
    run('ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    run('ip', 'link', 'set', link, 'master', 'pods', 'up');
    run('ip', '-n', name, 'addr', 'add', `${this.address}/16`, 'dev', 'eth0');
    for (const one of ['lo', 'eth0']) run('ip', '-n', name, 'link', 'set', one, 'up');
    nameHost(host, this.address);
  }

  /** Bind-mounts a file of this computer. */
  bind(from: string, to: string): void {
    const target = join(this.root, to);
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target)) writeFileSync(target, '');
    run('mount', '--bind', from, target);
  }

  /** Copies a program and its libraries. */
  install(program: string): void {
    const libraries = run('ldd', program).match(/\/\S+/g) ?? [];
    for (const file of [program, ...libraries]) {
      mkdirSync(join(this.root, dirname(file)), { recursive: true });
      copyFileSync(file, join(this.root, file));
    }
  }

  folder(path: string, user: number): void {
    mkdirSync(join(this.root, path), { recursive: true });
    chownSync(join(this.root, path), user, user);
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.root, dirname(path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  start(process: Process): ChildProcess {
    const log = openSync(this.log, 'a');
    this.process = spawn('nsenter', this.args(process), { env: { PATH, ...process.env }, stdio: ['ignore', log, log] });
    return this.process;
  }

  /** Runs a process to completion; returns status and output. */
  async finish(process: Process): Promise<{ readonly status: number; readonly output: string }> {
    try {
      const { stdout: output } = await promisify(execFile)('nsenter', this.args(process), {
        env: { PATH, ...process.env },
        encoding: 'utf8',
        timeout: 60_000,
      });
      return { status: 0, output };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number | null; stdout: string; stderr: string };
      return { status: code ?? -1, output: `${stdout}${stderr}` };
    }
  }

  get runs(): boolean {
    return this.process !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Kills the process, as a power failure of the node would. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (!this.process || !this.runs) return;
    const gone = new Promise((resolve) => this.process?.once('exit', resolve));
    this.process.kill(signal);
    await gone;
  }

  /** Releases name, network and address, so that another store may use them. The folder is kept. */
  async remove(): Promise<void> {
    await this.kill();
    run('ip', 'netns', 'delete', this.name);
    hosts.delete(this.host);
    writeHosts();
  }

  logTail(): string {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-8).join('\n') : 'nothing';
  }

  private args({ command, user }: Process): string[] {
    return [`--net=/run/netns/${this.name}`, 'chroot', `--userspec=${user}:${user}`, this.root, ...command];
  }
}

/** The Service: one address that forwards connections to ready machines. */
export function serve(
  host: string,
  { port, targetPort }: { readonly port: number; readonly targetPort: number },
  ready: () => readonly Machine[],
): Server {
  let turn = 0;
  const server = createServer((client) => {
    const machines = ready();
    const machine = machines[turn++ % Math.max(1, machines.length)];
    if (!machine) return void client.destroy();
    const behind = createConnection(targetPort, machine.address);
    for (const [from, to] of [
      [client, behind],
      [behind, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  nameHost(host, GATEWAY);
  return server.listen(port, GATEWAY);
}
