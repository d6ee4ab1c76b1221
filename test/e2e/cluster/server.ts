/**
 * The cluster that suites share: one process starts it and keeps it running, others find and use it.
 *
 *   node --import tsx test/e2e/cluster/server.ts [--ready FILE]   starts it, prints how to use it, ends on Ctrl-C
 *
 * FILE appears when it is up. Suites that run meanwhile use it; see suite.ts.
 */
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { ClusterClient } from './client';
import { startCluster } from './cluster';
import { cache } from './images/store';
import { keepBaseline } from './inventory';
import { Machine } from './nodes/machine';
import { type Network, network } from './nodes/network';
import type { Cluster, ClusterProps, NodeProps } from './props';
import { sharedCluster } from './shared';

/** Link to the folder of the running cluster. */
const pointer = join(cache, 'clusters/shared');
const socketOf = (folder: string) => join(folder, 'control.sock');

/** Operations that only the process that started the cluster can perform. */
const actions = {
  killNode: (cluster: Cluster, name: string) => cluster.killNode(name),
  startNode: (cluster: Cluster, name: string) => cluster.startNode(name),
  addNodes: (cluster: Cluster, nodes: readonly NodeProps[], images?: readonly string[]) => cluster.addNodes(nodes, images),
  removeNodes: (cluster: Cluster, names: readonly string[]) => cluster.removeNodes(names),
  repair: (cluster: Cluster) => cluster.repair(),
  forgetImages: (cluster: Cluster) => cluster.forgetImages(),
} as const;
type Action = keyof typeof actions;

interface Facts {
  readonly folder: string;
  readonly version: string;
  readonly kubectl: string;
  readonly props: ClusterProps;
}

function serve(cluster: Cluster, props: ClusterProps): Server {
  const facts: Facts = { folder: cluster.folder, version: cluster.version, kubectl: cluster.kubectl, props };
  const answerOf = async (incoming: IncomingMessage): Promise<unknown> => {
    const action = (incoming.url ?? '').slice(1);
    if (action === 'facts') return facts;
    if (!(action in actions)) throw new Error(`unknown action ${action}`);
    const work = actions[action as Action] as (cluster: Cluster, ...args: unknown[]) => Promise<void>;
    return (await work(cluster, ...(JSON.parse(await text(incoming)) as unknown[]))) ?? null;
  };
  const server = createServer((incoming, response) => {
    answerOf(incoming).then(
      (body) => response.end(JSON.stringify(body)),
      (error) => response.writeHead(500).end(String(error instanceof Error ? error.message : error)),
    );
  });
  // Starting nodes takes longer than the default timeouts of an HTTP server.
  server.requestTimeout = 0;
  return server.listen(socketOf(cluster.folder));
}

function ask<T>(folder: string, action: string, ...args: readonly unknown[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: socketOf(folder), path: `/${action}`, method: 'POST' }, (incoming) => {
      text(incoming).then(
        (body) => (incoming.statusCode === 200 ? resolve(JSON.parse(body) as T) : reject(new Error(`the cluster, ${action}: ${body}`))),
        reject,
      );
    });
    outgoing.on('error', reject).end(JSON.stringify(args));
  });
}

/** A cluster of another process. */
class Attached extends ClusterClient {
  public readonly version: string;
  public readonly kubectl: string;
  public readonly network: Network;
  public readonly hub: Machine;

  public constructor({ folder, version, kubectl, props }: Facts) {
    super(folder);
    this.version = version;
    this.kubectl = kubectl;
    this.network = network(props);
    this.hub = new Machine(folder, 'hub');
  }

  public node(name: string): Machine {
    return name === 'hub' ? this.hub : new Machine(this.folder, name);
  }

  public forgetImages(): Promise<void> {
    return this.ask('forgetImages');
  }

  public killNode(name: string): Promise<void> {
    return this.ask('killNode', name);
  }

  public startNode(name: string): Promise<void> {
    return this.ask('startNode', name);
  }

  public addNodes(nodes: readonly NodeProps[], images?: readonly string[]): Promise<void> {
    return this.ask('addNodes', nodes, ...(images ? [images] : []));
  }

  public removeNodes(names: readonly string[]): Promise<void> {
    return this.ask('removeNodes', names);
  }

  public repair(): Promise<void> {
    return this.ask('repair');
  }

  public async stop(): Promise<void> {
    this.hub.stopDaemons();
  }

  private ask(action: Action, ...args: readonly unknown[]): Promise<void> {
    return ask(this.folder, action, ...args);
  }
}

/** The shared cluster, if one runs. */
export async function findCluster(): Promise<Cluster | undefined> {
  const facts = await ask<Facts>(pointer, 'facts').catch(() => undefined);
  return facts && new Attached(facts);
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { ready: { type: 'string' } } });
  if (await findCluster()) throw new Error(`a shared cluster runs already: ${pointer}`);
  const start = Date.now();
  const props = sharedCluster();
  const cluster = await startCluster(props);
  await keepBaseline(cluster);
  const server = serve(cluster, props);
  rmSync(pointer, { force: true });
  symlinkSync(cluster.folder, pointer);
  const end = async () => {
    rmSync(pointer, { force: true });
    server.close();
    await cluster.stop();
    process.exit();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  console.log(`up in ${((Date.now() - start) / 1000).toFixed(1)} s; ends on Ctrl-C
export KUBECONFIG=${cluster.kubeconfig} PATH=${dirname(cluster.kubectl)}:$PATH
on a node or the hub: ${join(__dirname, 'nodes/enter.sh')} ${cluster.hub.folder} COMMAND...`);
  if (values.ready) writeFileSync(values.ready, cluster.folder);
}

if (require.main === module)
  main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
