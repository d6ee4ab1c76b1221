/**
 * A suite that runs on the shared cluster. It uses a running one, or starts one and stops it at the end. Only one suite at a time uses the
 * cluster. At its end, everything that it applied, and its nodes, daemons and files are removed.
 *
 *   clusterSuite({ name: 'spark', images: [spark.images.spark], test: async (context) => { … } });
 *
 * as test/e2e/spark/run.ts is all that `npm run e2e -- spark` needs. A suite never skips: what cannot be tried is a finding or an error.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, startCluster } from './cluster';
import { images } from './images';
import { leavingNothing } from './inventory';
import type { NodeProps } from './props';
import { type Finding, phase, suite } from './report';
import { findCluster } from './server';
import { sharedCluster } from './shared';
import { lastAnswer } from './time';

export interface ClusterSuite {
  /** As in `npm run e2e -- NAME`. */
  readonly name: string;
  /** Images of its pods, built before it starts. @default - those of the cluster, from the library's table */
  readonly images?: readonly string[];
  /** Nodes of its own that join the cluster and leave at the end, e.g. with GPUs or taints. @default - none */
  readonly nodes?: readonly NodeProps[];
  /** Images that its own nodes have from the start; others are pulled. @default - those of the cluster */
  readonly nodeImages?: readonly string[];
  /** Addresses of names outside of the cluster. @default - none */
  readonly hosts?: Readonly<Record<string, string>>;
  /** The test. It can end early by throwing. */
  test(context: Context): Promise<void>;
}

/** Context of a suite. */
export class Context {
  public readonly findings: Finding[] = [];
  public checks = 0;

  public constructor(
    public readonly cluster: Cluster,
    /** A folder for its files, including Secrets. It is removed at the end. */
    public readonly folder: string,
  ) {}

  public find(where: string, message: string): void {
    this.findings.push({ where, message });
  }

  public equal(what: string, found: unknown, expected: unknown): void {
    this.checks += 1;
    const [is, should] = [JSON.stringify(found), JSON.stringify(expected)];
    if (is !== should) this.find(what, `is ${is}, not ${should}`);
  }

  /** Polls until the result is `true`; after the timeout, the last result is reported. */
  public async eventually(what: string, done: () => Promise<unknown>, seconds = 60): Promise<void> {
    this.checks += 1;
    const ask = () => done().catch((error: unknown) => String(error));
    const last = await lastAnswer<unknown>(seconds, ask, (given) => given === true);
    if (last !== true) this.find(what, `not so after ${seconds} s: ${typeof last === 'string' ? last : JSON.stringify(last)}`);
  }

  /** Runs a step and prints its duration. */
  public step<T>(title: string, work: () => T | Promise<T>): Promise<T> {
    return phase(title, work);
  }
}

export function clusterSuite(given: ClusterSuite): void {
  // The cluster ends with this process, however that ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  void suite(given.name, () => onCluster(given));
}

async function onCluster(given: ClusterSuite): Promise<readonly Finding[]> {
  if (given.images) await phase('images, built where missing', () => images(given.images ?? []));
  const shared = await findCluster();
  if (shared) {
    const removing = async (remove: () => Promise<void>) => {
      await shared.stop();
      await phase('everything that was made is removed', remove);
    };
    return alone(shared, () => leavingNothing(shared, () => prove(given, shared), removing));
  }
  const cluster = await phase('the cluster', () => startCluster(sharedCluster()));
  try {
    return await prove(given, cluster);
  } finally {
    await phase('the end of the cluster', () => cluster.stop());
  }
}

/** A lock: only one suite at a time, because suites stop nodes and daemons. */
async function alone<T>(cluster: Cluster, work: () => Promise<T>): Promise<T> {
  const file = join(cluster.folder, 'suite.lock');
  const hold = ['--pdeathsig', 'KILL', 'flock', '--no-fork', file, 'sh', '-c', 'echo locked; exec sleep infinity'];
  const lock = spawn('setpriv', hold, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await new Promise((resolve) => lock.stdout.once('data', resolve));
    return await work();
  } finally {
    lock.kill('SIGKILL');
  }
}

async function prove({ name, nodes = [], nodeImages, hosts = {}, test }: ClusterSuite, cluster: Cluster): Promise<readonly Finding[]> {
  const folder = join(cluster.folder, 'suites', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700, recursive: true });
  const context = new Context(cluster, folder);
  try {
    cluster.setHosts(hosts);
    if (nodes.length > 0) await phase(`${nodes.length} nodes join`, () => cluster.addNodes(nodes, nodeImages));
    await test(context);
  } catch (error) {
    // What was found before is reported as well.
    context.find('the suite ended early', error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (context.checks > 0) console.log(`  ${context.checks} checks`);
  return context.findings;
}
