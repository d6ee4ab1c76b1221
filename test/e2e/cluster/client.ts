/** Operations on a running cluster by its folder, in the process that started it or in another. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Image, keep } from './images/store';
import { type Answer, answer, type Daemon, type Machine, type RunOptions, until } from './nodes/machine';
import type { Network } from './nodes/network';
import type { Cluster, NodeProps } from './props';

export abstract class ClusterClient implements Cluster {
  public abstract readonly version: string;
  public abstract readonly kubectl: string;
  public abstract readonly network: Network;
  public abstract readonly hub: Machine;
  /** Of NetworkPolicies, if it is a process of this one. */
  protected enforcer?: Daemon;

  protected constructor(public readonly folder: string) {}

  public abstract node(name: string): Machine;
  public abstract killNode(name: string): Promise<void>;
  public abstract startNode(name: string): Promise<void>;
  public abstract addNodes(nodes: readonly NodeProps[], images?: readonly string[]): Promise<void>;
  public abstract removeNodes(names: readonly string[]): Promise<void>;
  public abstract repair(): Promise<void>;
  public abstract forgetImages(): Promise<void>;
  public abstract stop(): Promise<void>;

  public get kubeconfig(): string {
    return join(this.folder, 'keys/admin.conf');
  }

  public get env(): NodeJS.ProcessEnv {
    return { ...process.env, KUBECONFIG: this.kubeconfig, KUBECACHEDIR: join(this.folder, 'kubectl-cache') };
  }

  public async run(args: readonly string[], options: RunOptions & { readonly may?: 'fail' } = {}): Promise<Answer> {
    const done = await answer(this.kubectl, args, { env: this.env, timeout: 300_000, ...options });
    if (done.status !== 0 && options.may !== 'fail') throw new Error(`kubectl ${args.join(' ')}: ${done.stderr || done.stdout}`);
    return done;
  }

  public async apply(objects: readonly object[]): Promise<void> {
    await this.run(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    });
  }

  public inNode(name: string, command: readonly string[], options?: RunOptions): Promise<Answer> {
    return this.node(name).run(command, options);
  }

  public exchange(name: string, image: Image): void {
    keep(name, image, this.imageNames);
  }

  public setHosts(hosts: Readonly<Record<string, string>>): void {
    const part = `${this.hosts}.part`;
    writeFileSync(
      part,
      Object.entries(hosts)
        .map(([name, address]) => `${address} ${name}\n`)
        .join(''),
    );
    renameSync(part, this.hosts);
  }

  public async policiesInForce(): Promise<void> {
    // What was applied a moment ago may still be on its way to the process that enforces it.
    const from = Date.now() + 250;
    const newest = () => Number(readFileSync(join(this.folder, 'policies'), 'utf8'));
    await until('the policies are in force', this.enforcer, () => newest() > from, 60_000);
    await sleep(50);
  }

  /** Where names of images stand that mean something else in this cluster. */
  protected get imageNames(): string {
    return join(this.folder, 'names');
  }

  protected get hosts(): string {
    return join(this.folder, 'hosts');
  }
}
