/**
 * A whole Kubernetes cluster on this machine whose pods run: real control plane and nodes, DNS, volumes, NetworkPolicies and an ingress
 * controller. It needs root, and ends with the process that started it. From a shell:
 *
 *   node --import tsx test/e2e/cluster/cluster.ts up [--site NAME | --nodes N]   prints how to use it, ends on Ctrl-C
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytes } from '../../../lib/site/quantity';
import { dns, dnsImage } from './addons/dns';
import { ingress, ingressImage } from './addons/ingress';
import { storage, storageImages } from './addons/storage';
import { answersReady, built, freePorts, newest } from './control-plane';
import { images } from './images';
import { cache, type Image, imageFolder, keep } from './images/store';
import { type Control, controlIdentities, startApiServer, startControllers } from './nodes/control';
import { Identities } from './nodes/identities';
import { type Answer, answer, type Daemon, Machine, type RunOptions, until } from './nodes/machine';
import { type Network, network, type Place, wireHub, wireNode } from './nodes/network';
import { type NodePrograms, type NodeSetup, pause, startNode, startProxy } from './nodes/node';
import { holding, plant, seed } from './nodes/seed';
import { ofSite, plain } from './of-site';
import type { Cluster, ClusterProps, NodeProps } from './props';

export type { Cluster, ClusterProps, NodeProps } from './props';

const registryPort = 5000;

export async function startCluster(props: ClusterProps): Promise<Cluster> {
  if (process.getuid?.() !== 0) throw new Error('a cluster with nodes needs root: it makes namespaces, mounts and cgroups');
  const preparation = await answer(join(__dirname, 'nodes/packages.sh'), [], { timeout: 1_800_000 });
  if (preparation.status !== 0) throw new Error(`packages.sh: ${preparation.stderr}`);
  const cluster = new Running(props);
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class Running implements Cluster {
  public readonly version: string;
  public readonly kubectl: string;
  public readonly network: Network;
  public readonly hub: Machine;
  public kubeconfig = '';
  public env: NodeJS.ProcessEnv = {};

  private readonly folder: string;
  private readonly guard: ChildProcess;
  private readonly programs: Control & NodePrograms;
  private readonly places: readonly Place[];
  private readonly identities: Identities;
  private readonly conf: ReturnType<typeof controlIdentities>;
  private readonly kubelets: Readonly<Record<string, string>>;
  private readonly helpers: Daemon[] = [];
  private enforcer?: Daemon;
  private readonly wanted: readonly string[];
  private readonly digests: readonly string[];
  private readonly registry: string;

  public constructor(private readonly props: ClusterProps) {
    this.version = props.version ?? newest;
    this.wanted = [...new Set([pause, dnsImage, ...storageImages, ingressImage, ...(props.images ?? [])])];
    this.digests = images(this.wanted);
    this.programs = programs(this.version);
    this.kubectl = join(built('kubernetes', newest, 'kubectl'), 'kubectl');
    this.network = network(props);

    mkdirSync(join(cache, 'clusters'), { recursive: true });
    this.folder = mkdtempSync(join(cache, 'clusters/cluster-'));
    this.guard = spawn('bash', [join(__dirname, 'nodes/guard.sh'), this.folder], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
    this.hub = new Machine(this.folder, 'hub');
    this.places = props.nodes.map((it, i) => ({
      machine: new Machine(this.folder, it.name, { cpu: it.cpu, kibibytes: Math.floor(bytes(it.memory) / 1024) }),
      address: it.address ?? this.network.node(i),
      pods: this.network.pods(i),
    }));
    this.identities = new Identities(this.folder);
    this.conf = controlIdentities(this.identities, this.network);
    const inside = `https://${this.network.apiServer}:6443`;
    this.kubelets = Object.fromEntries(
      props.nodes.map(({ name }) => [
        name,
        this.identities.kubeconfig(`kubelet-${name}.conf`, inside, `system:node:${name}`, 'system:nodes'),
      ]),
    );
    this.registry = join(this.folder, 'registries');
    mkdirSync(join(this.registry, '_default'), { recursive: true });
    writeFileSync(
      join(this.registry, '_default/hosts.toml'),
      `[host."http://${this.network.hub}:${registryPort}"]\n  capabilities = ["pull", "resolve"]\n`,
    );
  }

  public async start(): Promise<void> {
    await Promise.all([this.hub, ...this.places.map((it) => it.machine)].map((it) => it.boot()));
    await wireHub(this.hub, this.network, this.places);
    for (const place of this.places) await wireNode(this.hub, this.network, place, this.places);
    this.hub.daemon('registry', [process.execPath, join(__dirname, 'nodes/registry.mjs'), imageFolder, this.names, this.network.hub]);

    const [port] = await freePorts(1);
    const server = `https://localhost:${port}`;
    this.kubeconfig = this.identities.kubeconfig('admin.conf', server, 'admin', 'system:masters');
    this.env = { ...process.env, KUBECONFIG: this.kubeconfig, KUBECACHEDIR: join(this.folder, 'kubectl-cache') };
    const apiServer = startApiServer(this.control, this.programs, this.identities, this.network);
    this.passOut(Number(port));

    const token = JSON.parse(readFileSync(this.kubeconfig, 'utf8')).users[0].user.token as string;
    const ready = until('kube-apiserver is ready', apiServer, () => answersReady(server, this.identities.file('apiserver.crt'), token));
    await Promise.all([ready, this.plantImages()]);
    await this.apply(this.props.nodes.map((it, i) => this.nodeObject(it, i)));
    startControllers(this.control, this.programs, this.identities, this.conf);
    startProxy(this.hub, this.programs.proxy, this.conf.proxy, this.network, this.props.nodes[0]?.name);
    this.enforcer = this.helper('policies', process.execPath, join(__dirname, 'nodes/policies.mjs'), this.kubeconfig, this.folder);
    await Promise.all(this.places.map((it) => startNode(this.setup(it), this.programs)));
    await this.addons();
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

  public node(name: string): Machine {
    return name === 'hub' ? this.hub : this.place(name).machine;
  }

  public inNode(name: string, command: readonly string[], options?: RunOptions): Promise<Answer> {
    return this.node(name).run(command, options);
  }

  public killNode(name: string): Promise<void> {
    return this.node(name).kill();
  }

  public async startNode(name: string): Promise<void> {
    const place = this.place(name);
    await place.machine.boot();
    await wireNode(this.hub, this.network, place, this.places);
    if (place.machine === this.control) {
      startApiServer(this.control, this.programs, this.identities, this.network);
      startControllers(this.control, this.programs, this.identities, this.conf);
      this.passIn();
    }
    const kubelet = await startNode(this.setup(place), this.programs);
    // What it said before it died is still there for a while.
    await until(`node ${name} is ready again`, kubelet, async () => {
      const { stdout } = await this.run(['get', 'lease', '-n', 'kube-node-lease', name, '-o', 'jsonpath={.spec.renewTime}'], {
        may: 'fail',
      });
      const state = await this.run(['get', 'node', name, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'], {
        may: 'fail',
      });
      return Date.parse(stdout) > Date.now() - 10_000 && state.stdout === 'True';
    });
    await this.devicesTold();
    await this.policiesInForce();
  }

  public exchange(name: string, image: Image): void {
    keep(name, image, this.names);
  }

  public async policiesInForce(): Promise<void> {
    // What was applied a moment ago may still be on its way to the one who enforces it.
    const from = Date.now() + 250;
    await until(
      'the policies are in force',
      this.enforcer,
      () => Number(readFileSync(join(this.folder, 'policies'), 'utf8')) > from,
      30_000,
    );
    await sleep(50);
  }

  public async stop(): Promise<void> {
    const { guard } = this;
    if (guard.exitCode !== null) return;
    const gone = new Promise((resolve) => guard.once('close', resolve));
    for (const helper of this.helpers) helper.process.kill('SIGKILL');
    await Promise.all([this.hub, ...this.places.map((it) => it.machine)].map((it) => it.kill()));
    guard.stdin?.end();
    await gone;
  }

  private get control(): Machine {
    return this.places.find((it) => it.address === this.network.apiServer)?.machine ?? this.hub;
  }

  private place(name: string): Place {
    const found = this.places.find((it) => it.machine.name === name);
    if (!found) throw new Error(`no node is called ${name}; there are ${this.places.map((it) => it.machine.name).join(', ')}`);
    return found;
  }

  private setup(place: Place): NodeSetup {
    return {
      ...place,
      kubeconfig: this.kubelets[place.machine.name] ?? '',
      clientCa: this.identities.file('kubelet-client.crt'),
      proxyKubeconfig: this.conf.proxy,
      plan: this.network,
      registry: this.registry,
      devices: this.props.nodes.find(({ name }) => name === place.machine.name)?.resources ?? {},
    };
  }

  /** A program on this side, for what no machine of the cluster can do. */
  private helper(name: string, ...command: readonly string[]): Daemon {
    const log = `${join(this.folder, name)}.log`;
    const output = openSync(log, 'w');
    const helper = { name, log, process: spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', output, output] }) };
    this.helpers.push(helper);
    return helper;
  }

  private get names(): string {
    return join(this.folder, 'names');
  }

  private get socket(): string {
    return join(this.folder, 'api.sock');
  }

  /** From a port of the loopback interface through a file into the network of the control plane: the two networks stay apart. */
  private passOut(port: number): void {
    this.passIn();
    this.helper('api', 'socat', `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, `UNIX-CONNECT:${this.socket}`);
  }

  private passIn(): void {
    this.control.daemon('api', ['socat', `UNIX-LISTEN:${this.socket},fork,unlink-early`, 'TCP:127.0.0.1:6443']);
  }

  private async plantImages(): Promise<void> {
    const [first] = this.places;
    if (!first) throw new Error('a cluster needs a node');
    const from = await seed(first.machine, this.programs.containerd, this.registry, this.wanted, this.digests);
    this.helper('seed', ...holding(from));
    for (const { machine } of this.places) plant(from, machine);
  }

  private nodeObject({ name, labels, taints }: NodeProps, index: number): object {
    const podCIDR = this.network.pods(index);
    return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { podCIDR, podCIDRs: [podCIDR], taints } };
  }

  /** A kubelet knows its devices a moment after it is ready: when their plugin has found it. */
  private async devicesTold(): Promise<void> {
    await until('every node tells of its devices', undefined, async () => {
      const { stdout } = await this.run(['get', 'nodes', '-o', 'json']);
      const nodes = JSON.parse(stdout).items as { metadata: { name: string }; status: { allocatable?: Record<string, string> } }[];
      const told = new Map(nodes.map(({ metadata, status }) => [metadata.name, status.allocatable]));
      return this.props.nodes.every(({ name, resources = {} }) =>
        Object.entries(resources).every(([resource, count]) => told.get(name)?.[resource] === String(count)),
      );
    });
  }

  private async addons(): Promise<void> {
    const { ingress: controller, names = {}, storageClasses = [{ name: 'standard', default: true }] } = this.props;
    await this.apply([...dns(this.network, names), ...storage(storageClasses), ...(controller ? ingress(controller) : [])]);
    await this.run(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=120s']);
    await this.devicesTold();
    const wait = ['rollout', 'status', '--timeout=180s'];
    await this.run([...wait, '-n', 'kube-system', 'deployment/coredns']);
    await this.run([...wait, '-n', 'local-path-storage', 'deployment/local-path-provisioner']);
    if (controller) await this.run([...wait, '-n', controller.namespace, 'daemonset/ingress-controller']);
    await this.policiesInForce();
  }
}

function programs(version: string): Control & NodePrograms {
  const names = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'];
  const folder = built('kubernetes', version, ...names);
  return {
    etcd: built('etcd'),
    apiServer: join(folder, 'kube-apiserver'),
    controllerManager: join(folder, 'kube-controller-manager'),
    scheduler: join(folder, 'kube-scheduler'),
    kubelet: join(folder, 'kubelet'),
    proxy: join(folder, 'kube-proxy'),
    devicePlugin: built('device-plugin'),
    containerd: built('tool', 'containerd'),
  };
}

async function main([command, option, value]: readonly string[]): Promise<void> {
  const known = option === undefined || ((option === '--site' || option === '--nodes') && value !== undefined);
  if (command !== 'up' || !known) throw new Error('how to use it: cluster.ts up [--site NAME | --nodes N]');
  const start = Date.now();
  const cluster = await startCluster(option === '--site' ? ofSite(String(value)) : plain(Number(value ?? 3)));
  console.log(`up in ${((Date.now() - start) / 1000).toFixed(1)} s; ends on Ctrl-C
export KUBECONFIG=${cluster.kubeconfig} PATH=${dirname(cluster.kubectl)}:$PATH
on a node or the hub: ${join(__dirname, 'nodes/enter.sh')} ${join(dirname(dirname(cluster.kubeconfig)), 'hub')} COMMAND...`);
}

if (require.main === module)
  main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
