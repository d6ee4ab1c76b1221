/**
 * Runs containers of manifests as local processes, with the command, arguments and environment of the manifest. Only what a cluster
 * would provide is replaced:
 *
 *   - each pod has its own loopback address 127.77.0.N; names of Services are replaced by the address of their pod;
 *   - daemons that listen on all addresses (`0.0.0.0`, `:8787`, or by default) listen on the address of the pod;
 *   - volumes are folders below the folder of the pod: /tmp, /spill and /etc/… are paths in it;
 *   - `$(POD_NAME)` and fields of the pod are expanded as by the kubelet.
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
  /** Addresses by the names of Services. */
  readonly names: Readonly<Record<string, string>>;
  /** All objects of the site, to find ConfigMaps. */
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
    /** Additional variables that are not in the manifest. */
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

  /** Environment of the manifest; of the local environment, only PATH. */
  get env(): Record<string, string> {
    const fields: Record<string, string> = { 'metadata.name': this.name, 'status.podIP': this.address };
    const given = this.container.env.map(({ name, value, valueFrom }: Json) => [
      name,
      this.here(value ?? fields[valueFrom.fieldRef.fieldPath] ?? ''),
    ]);
    return { PATH: `${join(this.machine.python, 'bin')}:${process.env.PATH}`, ...Object.fromEntries(given), ...this.more };
  }

  /** @param bind add `--host` with the address of the pod (Dask), unless the manifest has it */
  start(bind = true): void {
    const words: string[] = [...this.container.command, ...(this.container.args ?? [])];
    const said = !bind || words.includes('--host') ? [] : ['--host', this.address];
    const [command = '', ...args] = [...words.map((word) => this.here(word.replace('$(POD_NAME)', this.name))), ...said];
    const log = openSync(join(this.folder, 'log'), 'a');
    this.process = spawn(command, args, { env: this.env, cwd: this.folder, stdio: ['ignore', log, log] });
    // Reported by the code that waits for the pod.
    this.process.on('error', (error) => appendFileSync(join(this.folder, 'log'), String(error)));
  }

  get log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  /** Stops the pod as the kubelet does: preStop hook, SIGTERM, SIGKILL after the grace period. */
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

  /** Runs a command in the environment of the container. */
  async exec(words: readonly string[]): Promise<string> {
    const [command = '', ...args] = words.map((word) => this.here(word));
    try {
      return (await promisify(execFile)(command, args, { env: this.env, cwd: this.folder })).stdout;
    } catch (error) {
      return `failed: ${(error as Error).message}`;
    }
  }

  /** Result of one probe. */
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

  /** Waits until the startup probe succeeds. */
  async started(): Promise<void> {
    const { periodSeconds, failureThreshold } = this.container.startupProbe;
    for (let i = 0; i < failureThreshold * 4; i++) {
      if (this.process?.exitCode != null) break;
      if (await this.probe('startupProbe')) return;
      await new Promise((done) => setTimeout(done, (periodSeconds * 1000) / 4));
    }
    throw new Error(`${this.name} did not start:\n${this.log.slice(-2000)}`);
  }

  /** Replaces names of Services in configuration files. */
  private named(text: string): string {
    return Object.entries(this.machine.names).reduce((all, [name, behind]) => all.replaceAll(name, behind), text);
  }

  /** Waits until the readiness probe succeeds. */
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

/** Adapts a value of a manifest to the local machine. */
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
