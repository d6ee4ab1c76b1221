/** A running store: one machine per replica of each StatefulSet, the Service, and the Job. */
import { existsSync, renameSync } from 'node:fs';
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '../cluster/time';
import { Machine, serve } from './machines';
import { type Described, variables } from './objects';

const { MINIO = '', MC = '' } = process.env;

type Any = any;

/** Index of the server in the store, and of the drive in the server. */
export interface Drive {
  readonly server: number;
  readonly drive: number;
}

export class Store {
  readonly servers: readonly { readonly machine: Machine; readonly set: Any; readonly pool: number }[];
  private readonly ready = new Set<Machine>();
  private changed: Readonly<Record<string, string>> = {};
  private readonly job: Machine;
  private readonly front: Server;
  private readonly watch: NodeJS.Timeout;

  constructor(
    private described: Described,
    private readonly work: string,
  ) {
    this.servers = described.sets.flatMap((set, pool) => this.machinesOf(set).map((machine) => ({ machine, set, pool })));
    const { name, namespace } = described.service.metadata;
    this.front = serve(
      `${name}.${namespace}.svc.cluster.local`,
      { port: this.servicePort.port, targetPort: this.portOf(this.servicePort.targetPort) },
      () => [...this.ready],
    );
    this.job = this.jobMachine();
    this.watch = setInterval(() => void this.updateReadiness(), 1000);
  }

  /** Applies another manifest to the same servers. */
  describe(described: Described): void {
    this.described = described;
  }

  /** Changes the environment of all servers that are started from now on. */
  change(env: Readonly<Record<string, string>>): void {
    this.changed = { ...this.changed, ...env };
  }

  start(...which: readonly number[]): void {
    for (const index of which) {
      const { machine, pool } = this.at(index);
      const container = this.container(pool);
      machine.start({
        command: ['/usr/bin/minio', ...container.args],
        // The drives are on the root disk, which the server would reject otherwise.
        env: { ...variables(container, this.described.secrets), ...this.changed, MINIO_CI_CD: '1' },
        user: container.securityContext.runAsUser,
      });
    }
  }

  async kill(...which: readonly number[]): Promise<void> {
    await Promise.all(which.map((index) => this.at(index).machine.kill()));
    for (const index of which) this.ready.delete(this.at(index).machine);
  }

  /** Removes a drive while its server is running. */
  loseDrive({ server, drive }: Drive): void {
    const { root } = this.at(server).machine;
    renameSync(join(root, `export-${drive}`), join(root, '..', `export-${drive}`));
  }

  returnDrive({ server, drive }: Drive): void {
    const { root } = this.at(server).machine;
    renameSync(join(root, '..', `export-${drive}`), join(root, `export-${drive}`));
  }

  /** Replaces a drive by an empty one, as after deleting pod and PersistentVolumeClaim. */
  replaceDrive({ server, drive }: Drive): void {
    this.loseDrive({ server, drive });
    const { machine, pool } = this.at(server);
    machine.folder(`/export-${drive}`, this.container(pool).securityContext.runAsUser);
  }

  /** Whether a drive has a part of an object. */
  holds({ server, drive }: Drive, bucket: string, key: string): boolean {
    return existsSync(join(this.at(server).machine.root, `export-${drive}`, bucket, key, 'xl.meta'));
  }

  async stop(): Promise<void> {
    clearInterval(this.watch);
    this.front.close();
    for (const { machine } of this.servers) await machine.remove();
    await this.job.remove();
  }

  /** Root directory of `mc`. */
  get clientRoot(): string {
    return this.job.root;
  }

  get all(): readonly number[] {
    return this.servers.map((_, index) => index);
  }

  pool(pool: number): readonly number[] {
    return this.all.filter((index) => this.servers[index]?.pool === pool);
  }

  /** Status code of a probe; 0 without a response. */
  probe(index: number, which: 'startupProbe' | 'readinessProbe' | 'livenessProbe'): Promise<number> {
    const { path, scheme, port } = this.container(this.at(index).pool)[which].httpGet;
    return this.ask(index, path, scheme, port);
  }

  ask(index: number, path: string, scheme: string = this.scheme, port: string = this.servicePort.targetPort): Promise<number> {
    const { machine } = this.at(index);
    const get = scheme === 'HTTPS' ? getSecure : getPlain;
    return new Promise((resolve) => {
      const request = get(
        `${scheme.toLowerCase()}://${machine.address}:${this.portOf(port)}${path}`,
        { rejectUnauthorized: false, timeout: 8000 },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(0));
    });
  }

  /** Waits until all running servers report that all erasure sets are writable. */
  async healthy(seconds = 60): Promise<boolean> {
    return within(seconds, async () => {
      const running = this.all.filter((index) => this.at(index).machine.runs);
      const answers = await Promise.all(running.map((index) => this.ask(index, '/minio/health/cluster')));
      return answers.length > 0 && answers.every((answer) => answer === 200);
    });
  }

  /** Time in which servers and Service detect failures; longer than the one second for which servers cache the state of a drive. */
  settle(): Promise<void> {
    return sleep(3000);
  }

  /** Runs the Job, and retries up to backoffLimit: a store that has just started may still reject writes. */
  async setup(): Promise<{ readonly status: number; readonly output: string }> {
    for (let again = this.described.job.spec.backoffLimit; ; again--) {
      const result = await this.runJob();
      if (result.status === 0 || again === 0) return result;
      console.log(`            the Job is retried: ${result.output.trim().split('\n').at(-1)}`);
      await sleep(2000);
    }
  }

  /** Runs the container of the Job, with only a shell, `cat` and `mc`. */
  private async runJob(): Promise<{ readonly status: number; readonly output: string }> {
    const [container] = this.described.job.spec.template.spec.containers;
    for (const [name, text] of Object.entries(this.described.files)) this.job.write(`/etc/store/${name}`, text);
    const { volumes } = this.described.job.spec.template.spec;
    for (const { name, mountPath, subPath } of container.volumeMounts) {
      const volume = volumes.find((one: Any) => one.name === name);
      for (const { key, path } of volume.secret?.items ?? []) {
        this.job.write(subPath ? mountPath : `${mountPath}/${path}`, this.secret(volume.secret.secretName, key));
      }
    }
    return this.job.finish({
      command: container.command,
      env: variables(container, this.described.secrets),
      user: container.securityContext.runAsUser,
    });
  }

  /** Output of `mc` as root user of the store; undefined if it failed. */
  async mc(...args: readonly string[]): Promise<string | undefined> {
    const { status, output } = await this.job.finish({ command: ['/usr/bin/mc', '--json', ...args], env: this.clientEnv, user: 0 });
    if (status !== 0 && process.env.TRACE) console.log(args.join(' '), output);
    return status === 0 ? output : undefined;
  }

  secret(name: string, key: string): string {
    const value = this.described.secrets.get(`${name}/${key}`);
    if (value === undefined) throw new Error(`facility bootstrap did not create ${name}/${key}`);
    return value;
  }

  get scheme(): 'HTTP' | 'HTTPS' {
    return this.container(0).readinessProbe.httpGet.scheme ?? 'HTTP';
  }

  get logTail(): string {
    return this.servers.map(({ machine }) => `${machine.name}: ${machine.logTail()}`).join('\n');
  }

  private get clientEnv(): Record<string, string> {
    const url = `${this.scheme.toLowerCase()}://${this.secret('minio-root', 'user')}:${this.secret('minio-root', 'password')}@minio-s3.minio.svc.cluster.local:${this.servicePort.port}`;
    return { HOME: '/tmp', MC_CONFIG_DIR: '/tmp/root', SSL_CERT_FILE: '/authority/ca.crt', MC_HOST_store: url };
  }

  private at(index: number) {
    const server = this.servers[index];
    if (!server) throw new Error(`no server ${index}`);
    return server;
  }

  /** Port of the Service for clients. */
  private get servicePort(): Any {
    return this.described.service.spec.ports.find(({ name }: Any) => name === 's3');
  }

  /** Number of a named port. */
  private portOf(name: string): number {
    return this.container(0).ports.find((one: Any) => one.name === name).containerPort;
  }

  private container(pool: number): Any {
    return this.described.sets[pool].spec.template.spec.containers[0];
  }

  private machinesOf(set: Any): readonly Machine[] {
    const { replicas, serviceName, template, volumeClaimTemplates } = set.spec;
    const [{ securityContext, volumeMounts }] = template.spec.containers;
    return Array.from({ length: replicas }, (_, ordinal) => {
      const name = `${set.metadata.name}-${ordinal}`;
      const machine = new Machine(
        name,
        `${name}.${serviceName}.${set.metadata.namespace}.svc.cluster.local`,
        this.work,
        securityContext.runAsUser,
      );
      machine.bind(MINIO, '/usr/bin/minio');
      for (const { metadata } of volumeClaimTemplates) {
        const mount = volumeMounts.find((one: Any) => one.name === metadata.name);
        machine.folder(mount.mountPath, securityContext.runAsUser);
      }
      const certificates = template.spec.volumes.find((one: Any) => one.name === 'certificates');
      const at = volumeMounts.find((one: Any) => one.name === 'certificates')?.mountPath;
      for (const { secret } of certificates?.projected.sources ?? []) {
        for (const { key, path } of secret.items) machine.write(`${at}/${path}`, this.secret(secret.name, key));
      }
      return machine;
    });
  }

  private jobMachine(): Machine {
    const machine = new Machine('setup', 'setup.test', this.work, 10001);
    for (const program of ['/bin/sh', '/bin/cat']) machine.install(program);
    machine.bind(MC, '/usr/bin/mc');
    return machine;
  }

  private async updateReadiness(): Promise<void> {
    for (const [index, { machine }] of this.servers.entries()) {
      if (machine.runs && (await this.probe(index, 'readinessProbe')) === 200) this.ready.add(machine);
      else this.ready.delete(machine);
    }
  }
}
