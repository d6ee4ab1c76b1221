/**
 * Runs the real gateway: API server, controller and Traefik with the command lines of the generated manifests, on a real kube-apiserver,
 * with the ServiceAccounts and roles of the manifests. The client uses the variables of a notebook. The API server admits the pods (Pod
 * Security `restricted`, quota); the suite then starts scheduler and worker as local processes, with the keys that the controller created.
 * A minimal hub authenticates the users.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DaskGateway, defineSite, existingCluster, Facility, nodePool } from '../../../lib';
import { notebookVariables } from '../../fixtures/endpoints';
import { built, type ControlPlane, newest, startControlPlane } from '../cluster/control-plane';
import { lastAnswer } from '../cluster/time';
import { connects, type Json, locally, type Machine, Pod } from './pods';

const nodes = nodePool('nodes', { count: 3, flavor: { vcpus: 16, memory: '64GiB' } });
const site = defineSite('gateway', { cluster: existingCluster({ version: '1.30', apiServers: ['10.0.0.10:6443'] }), pools: [nodes] });
const HUB = '127.77.2.9';

/** Users by token; the token of carol does not have access to the gateway. */
const access = 'access:services!service=dask-gateway';
const USERS: Record<string, Json> = {
  alice: { name: 'alice', kind: 'user', groups: [], scopes: [access] },
  bob: { name: 'bob', kind: 'user', groups: ['cms'], scopes: [access] },
  carol: { name: 'carol', kind: 'user', groups: [], scopes: ['read:users:name!user'] },
};

export class GatewayOnServer {
  readonly image = 'registry.example.org/notebook:1';
  private readonly chart: DaskGateway;
  private readonly machine: Machine;
  private readonly pods: Pod[] = [];
  private hub: Server | undefined;
  private cluster: ControlPlane | undefined;

  constructor(
    private readonly python: string,
    private readonly folder: string,
  ) {
    mkdirSync(folder, { recursive: true });
    const facility = new Facility(site, { outdir: join(folder, 'manifests') });
    this.chart = new DaskGateway(facility, 'dask-gateway', {
      on: nodes,
      images: [this.image],
      worker: { cpu: 1, memory: '1GiB' },
      largestWorker: { cpu: 4, memory: '4GiB' },
      limits: { clusters: 1, workers: 3 },
      groups: { cms: { workers: 30 } },
    });
    facility.synth();
    const service = (name: string, address: string) => [`dask-gateway-${name}.dask-gateway.svc.cluster.local`, address];
    this.machine = {
      python,
      folder,
      names: Object.fromEntries([
        service('api', '127.77.2.10'),
        service('proxy', '127.77.2.12'),
        ['jupyterhub-hub.jupyterhub.svc.cluster.local', HUB],
      ]),
      objects: this.chart.toJson(),
      secrets: {},
    };
  }

  kubectl(...args: readonly string[]): string {
    if (!this.cluster) throw new Error('no server');
    return execFileSync(this.cluster.kubectl, args, { env: this.cluster.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  get(what: string, ...args: readonly string[]): Json {
    return JSON.parse(this.kubectl('get', what, '-n', 'dask-gateway', '-o', 'json', ...args));
  }

  async start(): Promise<void> {
    this.hub = createServer((request, response) => {
      const user = USERS[request.headers.authorization?.replace('token ', '') ?? ''];
      response.writeHead(user ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(user ?? {}));
    }).listen(8081, HUB);
    this.cluster = await startControlPlane(newest);
    const manifests = join(this.folder, 'manifests');
    this.kubectl('apply', '--server-side', '-f', join(manifests, '00-cluster.k8s.yaml'));
    this.kubectl('apply', '--server-side', '-f', join(manifests, 'dask-gateway.k8s.yaml'));
    // Not in the manifest: the address to listen on, because all daemons run on one machine.
    await this.daemon('api', '127.77.2.10', ['--DaskGateway.address=127.77.2.10:8000']);
    await this.daemon('controller', '127.77.2.11', ['--KubeController.address=127.77.2.11:8000']);
    await this.daemon('proxy', '127.77.2.12', [], built('tool', 'traefik'));
  }

  /** Starts one Deployment of the gateway, with only the permissions of its ServiceAccount. */
  private async daemon(part: string, address: string, more: readonly string[], entry = ''): Promise<void> {
    const name = `dask-gateway-${part}`;
    // Another process there would answer the requests.
    if (await connects(address, 8000)) throw new Error(`${address}:8000 is in use: stop the process of an earlier run`);
    const { spec } = this.machine.objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
    const template = structuredClone(spec.template.spec);
    const [container] = template.containers;
    container.command = [...(container.command ?? [basename(entry)]), ...more];
    const admin = JSON.parse(this.kubectl('config', 'view', '--raw', '-o', 'json'));
    admin.users[0].user = { token: this.kubectl('create', 'token', template.serviceAccountName, '-n', 'dask-gateway').trim() };
    const config = join(this.folder, `${name}.kubeconfig`);
    writeFileSync(config, JSON.stringify(admin), { mode: 0o600 });
    const pod = new Pod(this.machine, template, name, address, { KUBECONFIG: config, ...(entry ? { PATH: dirname(entry) } : {}) });
    pod.start(false);
    this.pods.push(pod);
    await pod.ready();
  }

  /** Runs gateway.py with the variables of a notebook and returns its output. */
  async user(name: string, what: string, argument = ''): Promise<Json> {
    const told = Object.entries(notebookVariables(this.chart.endpoint)).map(([key, value]) => [
      key,
      locally(this.machine, this.folder, '', value),
    ]);
    const env = {
      PATH: process.env.PATH,
      HOME: this.folder,
      JUPYTERHUB_API_TOKEN: name,
      JUPYTERHUB_SERVICE_PREFIX: '/user/alice/',
      JUPYTER_IMAGE_SPEC: this.image,
      ...Object.fromEntries(told),
    };
    const program = join(__dirname, 'gateway.py');
    const { stdout } = await promisify(execFile)(join(this.python, 'bin/python'), [program, what, argument], { env, timeout: 60_000 });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  }

  /** Repeats `ask` until it returns a value. */
  async until<T>(what: string, ask: () => T | undefined): Promise<T> {
    const given = await lastAnswer(90, ask, (one) => one !== undefined);
    if (given !== undefined) return given;
    throw new Error(`timeout after 90 s: ${what}\n${this.pods.map((pod) => `${pod.name}: ${pod.log.slice(-1200)}`).join('\n')}`);
  }

  /** Pods of one cluster. */
  podsOf(cluster: string, component: string): Json[] {
    return this.get('pods', '-l', `gateway.dask.org/cluster=${cluster.split('.')[1]},app.kubernetes.io/component=${component}`).items;
  }

  /** Sets the status of a pod as a kubelet would. */
  pretendRunning(pod: Json): void {
    const now = new Date().toISOString();
    const [{ name, image }] = pod.spec.containers;
    const state = { name, image, imageID: '', ready: true, started: true, restartCount: 0, state: { running: { startedAt: now } } };
    const status = { phase: 'Running', podIP: '10.42.0.7', podIPs: [{ ip: '10.42.0.7' }], containerStatuses: [state] };
    this.kubectl(
      'patch',
      'pod',
      pod.metadata.name,
      '-n',
      'dask-gateway',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    );
  }

  endpointsOf(service: Json): void {
    const { name, namespace, labels } = service.metadata;
    const ports = service.spec.ports.map(({ name, port }: Json) => ({ name, port }));
    const object = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name, namespace, labels },
      subsets: [{ addresses: [{ ip: '10.42.0.7' }], ports }],
    };
    const file = join(this.folder, 'endpoints.json');
    writeFileSync(file, JSON.stringify(object));
    this.kubectl('apply', '-f', file);
  }

  /** Starts a pod of the controller as a local process, with the keys of its cluster. */
  process(pod: Json, address: string, scheduler: string): Pod {
    const cluster: string = pod.metadata.labels['gateway.dask.org/cluster'];
    const { data } = this.get('secret', `dask-credentials-${cluster}`);
    const texts = Object.fromEntries(
      Object.entries(data as Record<string, string>).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
    );
    const spec = structuredClone(pod.spec);
    const [container] = spec.containers;
    // The entry point of the image executes its arguments.
    container.command = [];
    container.args = container.args.map((word: string) => (word === '' ? address : word));
    for (const volume of spec.volumes) if (volume.secret) volume.secret.items = Object.keys(texts).map((key) => ({ key }));
    const machine = {
      ...this.machine,
      names: { ...this.machine.names, [`dask-${cluster}.dask-gateway`]: scheduler },
      secrets: { [`dask-credentials-${cluster}`]: texts },
    };
    const running = new Pod(machine, spec, pod.metadata.name, address);
    running.start();
    this.pods.push(running);
    return running;
  }

  /** Computes a sum on the cluster, with the keys of the pod. */
  compute(pod: Pod, address: string): string {
    const program = `from distributed import Client; c = Client('tls://${address}:8786', timeout=20); c.wait_for_workers(1, timeout=40); print(c.submit(sum, range(100)).result())`;
    const tls = (role: string) => ({
      [`DASK_DISTRIBUTED__COMM__TLS__CLIENT__${role}`]: pod.env[`DASK_DISTRIBUTED__COMM__TLS__SCHEDULER__${role}`],
    });
    const env = { ...pod.env, ...tls('CERT'), ...tls('KEY') };
    return execFileSync(join(this.python, 'bin/python'), ['-c', program], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  async stop(): Promise<void> {
    await Promise.all(this.pods.map((pod) => pod.signal('SIGTERM', 5)));
    this.hub?.close();
    this.cluster?.stop();
  }
}
