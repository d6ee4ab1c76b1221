/**
 * Containers of manifests as processes of this machine, started with exactly the command, arguments and environment that
 * stand there. Put in place is only what a cluster would give:
 *
 *   - each pod has an address of its own, 127.77.0.N; names of Services become the address of the pod behind them;
 *   - what listens on every address of its pod (`0.0.0.0`, `:8787`, or by not saying) is told that one address;
 *   - volumes are folders under the pod's own, so /tmp, /spill, /etc/… are paths below it;
 *   - `$(POD_NAME)` and the fields of the pod are filled in, as the kubelet does.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type Json = any;

export interface Machine {
  /** Folder of the Python environment. */
  readonly python: string;
  readonly folder: string;
  /** Names of Services, and the addresses behind them. */
  readonly names: Readonly<Record<string, string>>;
  /** Every object of the site: where ConfigMaps are found. */
  readonly objects: readonly Json[];
  /** Secrets by name and key. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export class Pod {
  readonly folder: string;
  process: ChildProcess | undefined;
  private readonly container: Json;

  constructor(
    private readonly machine: Machine,
    private readonly spec: Json,
    readonly name: string,
    readonly address: string,
    /** Variables of this machine, which stand in no manifest. */
    private readonly more: Readonly<Record<string, string>> = {},
  ) {
    this.folder = join(machine.folder, name);
    this.container = spec.containers[0];
    for (const { mountPath, name: volume } of this.container.volumeMounts) {
      const { configMap, secret } = spec.volumes.find((one: Json) => one.name === volume) ?? {};
      mkdirSync(join(this.folder, mountPath), { recursive: true });
      const data = configMap
        ? machine.objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMap.name).data
        : Object.fromEntries((secret?.items ?? []).map(({ key }: Json) => [key, machine.secrets[secret.secretName]?.[key] ?? '']));
      for (const [file, text] of Object.entries(data ?? {})) writeFileSync(join(this.folder, mountPath, file), this.named(String(text)));
    }
  }

  /** The environment that the manifest gives, and nothing of this machine's but the path. */
  get env(): Record<string, string> {
    const fields: Record<string, string> = { 'metadata.name': this.name, 'status.podIP': this.address };
    const given = this.container.env.map(({ name, value, valueFrom }: Json) => [
      name,
      this.here(value ?? fields[valueFrom.fieldRef.fieldPath] ?? ''),
    ]);
    return { PATH: `${join(this.machine.python, 'bin')}:${process.env.PATH}`, ...Object.fromEntries(given), ...this.more };
  }

  /** @param bind whether it is Dask, which is told its address unless it is told one already */
  start(bind = true): void {
    const words: string[] = [...this.container.command, ...(this.container.args ?? [])];
    const said = !bind || words.includes('--host') ? [] : ['--host', this.address];
    const [command = '', ...args] = [...words.map((word) => this.here(word.replace('$(POD_NAME)', this.name))), ...said];
    const log = openSync(join(this.folder, 'log'), 'a');
    this.process = spawn(command, args, { env: this.env, cwd: this.folder, stdio: ['ignore', log, log] });
    // Told by whoever waits for the pod, after all others have been ended.
    this.process.on('error', (error) => appendFileSync(join(this.folder, 'log'), String(error)));
  }

  get log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  /** What the kubelet does with a pod that must go: the hook, the signal, and the end after the grace. */
  async end(hook = true): Promise<string> {
    const said = hook ? await this.exec(this.container.lifecycle.preStop.exec.command) : '';
    await this.signal('SIGTERM', this.spec.terminationGracePeriodSeconds);
    return said;
  }

  async signal(signal: 'SIGTERM' | 'SIGKILL', seconds = 10): Promise<void> {
    const { process: running } = this;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const over = new Promise<void>((done) => running.once('exit', () => done()));
    running.kill(signal);
    const late = setTimeout(() => running.kill('SIGKILL'), seconds * 1000);
    await over;
    clearTimeout(late);
  }

  /** Runs a command beside the daemon, in its environment. */
  async exec(words: readonly string[]): Promise<string> {
    const [command = '', ...args] = words.map((word) => this.here(word));
    try {
      return (await promisify(execFile)(command, args, { env: this.env, cwd: this.folder })).stdout;
    } catch (error) {
      return `failed: ${(error as Error).message}`;
    }
  }

  /** How one of its probes is answered. */
  async probe(kind: 'startupProbe' | 'readinessProbe' | 'livenessProbe'): Promise<boolean> {
    const { httpGet, tcpSocket, timeoutSeconds } = this.container[kind];
    const asked = (httpGet ?? tcpSocket).port;
    const port = this.container.ports.find(({ name }: Json) => name === asked)?.containerPort ?? asked;
    if (tcpSocket) return connects(this.address, port);
    const url = `http://${this.address}:${port}${httpGet.path}`;
    return fetch(url, { signal: AbortSignal.timeout(timeoutSeconds * 1000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Asks as the kubelet does until the pod has started. */
  async started(): Promise<void> {
    const { periodSeconds, failureThreshold } = this.container.startupProbe;
    for (let i = 0; i < failureThreshold * 4; i++) {
      if (this.process?.exitCode != null) break;
      if (await this.probe('startupProbe')) return;
      await new Promise((done) => setTimeout(done, (periodSeconds * 1000) / 4));
    }
    throw new Error(`${this.name} did not start:\n${this.log.slice(-2000)}`);
  }

  /** Configuration files name Services too. */
  private named(text: string): string {
    return Object.entries(this.machine.names).reduce((all, [name, behind]) => all.replaceAll(name, behind), text);
  }

  /** Asks until it is ready. */
  async ready(): Promise<void> {
    for (let i = 0; i < 120 && this.process?.exitCode == null; i++) {
      if (await this.probe('readinessProbe')) return;
      await new Promise((done) => setTimeout(done, 250));
    }
    throw new Error(`${this.name} is not ready:\n${this.log.slice(-3000)}`);
  }

  private here(text: string): string {
    return locally(this.machine, this.folder, this.address, text);
  }
}

/** A text of a manifest on this machine. */
export function locally({ names }: Machine, folder: string, address: string, text: string): string {
  const named = Object.entries(names).reduce((all, [name, behind]) => all.replaceAll(name, behind), text);
  const bound = named === '0.0.0.0' ? address : named.replace(/(^|=):(\d+)$/, `$1${address}:$2`);
  return bound.replace(/(^|=)(\/(?:tmp|spill|etc)(?:\/.*)?)$/, (_, before: string, path: string) => `${before}${folder}${path}`);
}

export function connects(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 2000 }, () => done(socket.destroy() !== undefined));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(socket.destroy() === undefined));
  });
}
