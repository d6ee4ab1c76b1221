/** One API server per release for all proofs of the suite, emptied between them: a start takes more processor time than the proof of a site. */
import { rmSync } from 'node:fs';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane';
import { within } from '../cluster/time';
import { Api } from './api';
import { kubectl } from './kubectl';

/** A key of etcd and the revision at which it was created. */
type Keys = ReadonlyMap<string, string>;

/** All keys of the API server. */
const REGISTRY = '/registry/';

export class ReusedServer {
  private constructor(
    private readonly cluster: ControlPlane,
    private readonly initial: Keys,
    private readonly listed: ReadonlySet<string>,
  ) {}

  /** @param prepare creates objects that remain for all proofs */
  static async start(version: string, prepare: (cluster: ControlPlane) => Promise<void>): Promise<ReusedServer> {
    const cluster = await startControlPlane(version);
    try {
      await prepare(cluster);
      return new ReusedServer(cluster, await keysOf(cluster), new Set(await listed(cluster)));
    } catch (error) {
      cluster.stop();
      throw error;
    }
  }

  /** Runs a proof, then removes all objects that it created. */
  async use<T>(proof: (cluster: ControlPlane) => Promise<T>): Promise<T> {
    const result = await proof(this.cluster);
    await this.empty();
    return result;
  }

  stop(): void {
    this.cluster.stop();
  }

  /**
   * Removes everything that was created since the start. Services are deleted through the API, which releases their addresses and node ports;
   * all others in etcd, because finalizers and the admission policy that protects data would keep them.
   */
  private async empty(): Promise<void> {
    const services = ['delete', 'services', '--all-namespaces', '--field-selector=metadata.name!=kubernetes', '--ignore-not-found'];
    const { status, stderr } = await kubectl(this.cluster, services);
    if (status !== 0) throw new Error(`Kubernetes ${this.cluster.version}: services are not deleted: ${stderr}`);
    // Controllers may create objects in a namespace until they see that it is gone.
    const empty = await within(60, async () => {
      const added = await this.added();
      for (const key of added) await etcd(this.cluster, 'deleterange', { key: base64(key) });
      return added.length === 0;
    });
    if (!empty) throw new Error(`Kubernetes ${this.cluster.version}: objects remain after 60 s: ${(await this.added()).join(', ')}`);
    // The caches of the API server follow etcd with a delay.
    const forgotten = await within(60, async () => (await listed(this.cluster)).every((name) => this.listed.has(name)));
    if (!forgotten) throw new Error(`Kubernetes ${this.cluster.version} still lists removed objects after 60 s`);
    rmSync(this.cluster.env.KUBECACHEDIR ?? '', { recursive: true, force: true });
  }

  private async added(): Promise<readonly string[]> {
    const now = await keysOf(this.cluster);
    const lost = [...this.initial].find(([key, created]) => now.get(key) !== created && !RENEWED.test(key));
    if (lost) throw new Error(`Kubernetes ${this.cluster.version}: a proof replaced ${lost[0]}`);
    return [...now.keys()].filter((key) => !this.initial.has(key) && !RENEWED.test(key));
  }
}

/** Namespaces and CustomResourceDefinitions as the API server lists them. */
function listed(cluster: ControlPlane): Promise<readonly string[]> {
  return Api.with(cluster, async (api) => {
    const kinds = ['/api/v1/namespaces', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'];
    const all = await Promise.all(kinds.map(async (path) => (await api.list(path)).map(({ metadata }) => `${path}/${metadata.name}`)));
    return all.flat();
  });
}

/** Objects of the control plane itself. */
const RENEWED = /^\/registry\/(events|leases|masterleases|peerserverleases|ranges|apiregistration\.k8s\.io)\//;

async function keysOf(cluster: ControlPlane): Promise<Keys> {
  // The end of the range is the prefix with its last byte raised by one.
  const { kvs = [] } = await etcd(cluster, 'range', { key: base64(REGISTRY), range_end: base64('/registry0'), keys_only: true });
  return new Map(kvs.map(({ key, create_revision }) => [Buffer.from(key, 'base64').toString(), create_revision]));
}

interface Range {
  readonly kvs?: readonly { readonly key: string; readonly create_revision: string }[];
}

/** @see https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/ */
async function etcd({ etcd: url }: ControlPlane, operation: 'range' | 'deleterange', request: object): Promise<Range> {
  const response = await fetch(`${url}/v3/kv/${operation}`, { method: 'POST', body: JSON.stringify(request) });
  if (!response.ok) throw new Error(`etcd: ${operation}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Range;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
