import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { DaskCluster } from '../../../lib';
import { notebookVariables } from '../../fixtures/endpoints';
import { type Json, locally, type Machine, Pod } from './pods';

/** Scheduler and workers of one cluster, and the variables of its notebooks. */
export class Running {
  readonly machine: Machine;
  readonly scheduler: Pod;
  readonly workers: readonly Pod[];

  constructor(
    private readonly chart: DaskCluster,
    python: string,
    folder: string,
    subnet: number,
    secrets: Machine['secrets'],
  ) {
    const objects: Json[] = chart.toJson();
    const address = (index: number) => `127.77.${subnet}.${10 + index}`;
    const { hostname } = new URL(chart.endpoint.address);
    this.machine = { python, folder: join(folder, chart.node.id), names: { [hostname]: address(0) }, objects, secrets };
    const pods = objects
      .filter(({ kind }) => kind === 'Deployment')
      .flatMap(({ metadata, spec }) =>
        Array.from({ length: spec.replicas }, (_, i) => ({ name: `${metadata.name}-${i}`, spec: spec.template.spec })),
      )
      .map(({ name, spec }, index) => new Pod(this.machine, spec, name, address(index)));
    const [scheduler, ...workers] = pods;
    if (!scheduler) throw new Error('no pods');
    this.scheduler = scheduler;
    this.workers = workers;
  }

  worker(name: string): Pod {
    const found = this.workers.find((pod) => pod.name === name);
    if (!found) throw new Error(`no worker ${name}`);
    return found;
  }

  async start(): Promise<void> {
    for (const pod of [this.scheduler, ...this.workers]) {
      pod.start();
      if (pod === this.scheduler) await pod.started();
    }
    await Promise.all(this.workers.map((pod) => pod.started()));
  }

  /** Runs notebook.py and returns its output; `between` runs after its first line of output. */
  async notebook(
    what: string,
    argument = '',
    env: Readonly<Record<string, string>> = {},
    between?: (said: Json) => Promise<void>,
  ): Promise<Json> {
    const told = Object.entries(notebookVariables(this.chart.endpoint)).map(([name, value]) => [
      name,
      locally(this.machine, this.scheduler.folder, '', value),
    ]);
    const program = spawn(join(this.machine.python, 'bin/python'), [join(__dirname, 'notebook.py'), what, argument], {
      // The scheduler mounts the same Secret at the same path as a notebook.
      env: {
        PATH: process.env.PATH,
        HOME: this.machine.folder,
        JUPYTERHUB_SERVICE_PREFIX: '/user/alice/',
        ...Object.fromEntries(told),
        ...env,
      },
    });
    let [said, complained, asked] = ['', '', false];
    const over = new Promise<number | null>((done) => program.once('exit', (code) => done(code)));
    program.stderr.on('data', (text) => {
      complained += text;
    });
    const failures: unknown[] = [];
    program.stdout.on('data', (text) => {
      said += text;
      if (!between || asked || !said.includes('\n')) return;
      asked = true;
      between(JSON.parse(said.split('\n')[0] ?? ''))
        .catch((error) => failures.push(error))
        .finally(() => program.stdin.end('\n'));
    });
    const code = await over;
    if (failures.length > 0) throw failures[0];
    if (code !== 0) throw new Error(`${what}: ${complained.slice(-1500)}`);
    return JSON.parse(said.trim().split('\n').at(-1) ?? '');
  }

  async stop(): Promise<void> {
    await Promise.all([this.scheduler, ...this.workers].map((pod) => pod.signal('SIGTERM', 15)));
  }
}
