/** A client of the API server, and a replacement for the kubelet: it assigns addresses to notebook pods and marks them as ready. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../cluster/control-plane';

export type Json = Record<string, any>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

export class Api {
  public readonly server: string;
  public readonly certificate: string;
  private readonly token: string;

  public constructor(cluster: ControlPlane, token?: string) {
    const config = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8'));
    this.server = config.clusters[0].cluster.server;
    this.certificate = config.clusters[0].cluster['certificate-authority'];
    this.token = token ?? config.users[0].user.token;
  }

  public ask(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(`${this.server}${path}`, {
        method,
        ca: readFileSync(this.certificate),
        headers: { authorization: `Bearer ${this.token}`, 'content-type': type },
      });
      outgoing.on('error', reject).on('response', (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : { text } }));
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** Marks each pod of the hub as ready, with an address of its own where a server responds on port 8888. */
export class Kubelet {
  /** All pods so far, as the hub created them. */
  public readonly seen: Json[] = [];
  /** Names of pods that run the real notebook server. All others run an HTTP server with a fixed response. */
  public readonly real = new Set<string>();
  private readonly running = new Map<string, { readonly stop: () => void }>();
  private addresses = 0;
  private stopped = false;
  private readonly done: Promise<void>;

  public constructor(
    private readonly api: Api,
    private readonly namespace: string,
    private readonly python: string,
    private readonly log: string,
  ) {
    this.done = this.run();
  }

  public async list(): Promise<Json[]> {
    const { body } = await this.api.ask(
      'GET',
      `/api/v1/namespaces/${this.namespace}/pods?labelSelector=app.kubernetes.io%2Finstance%3Dnb-user`,
    );
    return body.items ?? [];
  }

  public async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
    for (const one of this.running.values()) one.stop();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const pods = await this.list();
      const there = new Set(pods.map(({ metadata }) => metadata.uid));
      for (const [uid, one] of this.running) {
        if (there.has(uid)) continue;
        one.stop();
        this.running.delete(uid);
      }
      for (const pod of pods) if (!this.running.has(pod.metadata.uid)) await this.start(pod);
      await sleep(150);
    }
  }

  private async start(pod: Json): Promise<void> {
    this.seen.push(pod);
    const { name, uid } = pod.metadata;
    this.addresses += 1;
    const address = `127.0.1.${this.addresses}`;
    this.running.set(uid, this.real.has(name) ? this.notebook(pod, address) : fakeServer(address));
    const now = new Date().toISOString();
    const status = {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      startTime: now,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: now }],
      containerStatuses: [
        { name: 'notebook', ready: true, started: true, restartCount: 0, image: 'i', imageID: 'i', state: { running: { startedAt: now } } },
      ],
    };
    await this.api.ask('PATCH', `/api/v1/namespaces/${this.namespace}/pods/${name}/status`, { status }, 'application/merge-patch+json');
  }

  /** Command, arguments and environment variables of the pod. The address is added, since all pods share one machine. */
  private notebook(pod: Json, address: string) {
    const [container] = pod.spec.containers;
    const env = Object.fromEntries(
      container.env.filter((one: Json) => one.value !== undefined).map(({ name, value }: Json) => [name, value]),
    );
    const [command, ...args] = container.args as string[];
    const log = openSync(this.log, 'a');
    const child: ChildProcess = spawn(`${this.python}/bin/${command}`, [...args, `--ServerApp.ip=${address}`, '--allow-root'], {
      env: { ...env, PATH: `${this.python}/bin:${process.env.PATH}`, HOME: '/tmp' },
      cwd: '/tmp',
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    return { stop: () => void child.kill('SIGKILL') };
  }
}

function fakeServer(address: string) {
  const server: Server = createServer((_, response) =>
    response.writeHead(200, { 'x-jupyterhub-version': '5.5.0' }).end('{"version": "2"}'),
  );
  server.listen(8888, address);
  return {
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
