/**
 * A whole Kubernetes cluster on this machine whose pods run: real control plane and nodes, DNS, volumes, NetworkPolicies and an ingress
 * controller. It needs root, and ends with the process that started it. From a shell: see server.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytes } from '../../../lib/site/quantity';
import { dns, dnsImage, outsideDns } from './addons/dns';
import { ingress, ingressImage, JOINED } from './addons/ingress';
import { storage, storageImages } from './addons/storage';
import { ClusterClient } from './client';
import { answersReady, built, freePorts, newest } from './control-plane';
import { images } from './images';
import { cache, imageFolder } from './images/store';
import { controlIdentities, startApiServer, startControllers } from './nodes/control';
import { Identities } from './nodes/identities';
import { answer, type Daemon, Machine, until } from './nodes/machine';
import { announce, type Network, network, type Place, wireHub, wireNode } from './nodes/network';
import { type NodeSetup, pause, startNode, startProxy } from './nodes/node';
import { holding, plant, seed } from './nodes/seed';
import { type Programs, programs } from './programs';
import type { Cluster, ClusterProps, NodeProps } from './props';

export type { Cluster, ClusterProps, NodeProps } from './props';

const registryPort = 5000;
/** Images that every node needs. */
const ownImages = [pause, dnsImage, ...storageImages];

/** A node and where it is. */
interface Member extends Place {
  readonly props: NodeProps;
}

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

class Running extends ClusterClient {
  public readonly version: string;
  public readonly kubectl: string;
  public readonly network: Network;
  public readonly hub: Machine;

  private readonly guard: ChildProcess;
  private readonly programs: Programs;
  private readonly members: Member[] = [];
  private readonly dead = new Set<string>();
  private readonly identities: Identities;
  private readonly conf: ReturnType<typeof controlIdentities>;
  private readonly helpers: Daemon[] = [];
  private readonly registry: string;
  /** Number of nodes created so far; addresses are not reused. */
  private nodeCount = 0;

  public constructor(private readonly props: ClusterProps) {
    super(newFolder());
    this.guard = spawn('bash', [join(__dirname, 'nodes/guard.sh'), this.folder], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
    this.version = props.version ?? newest;
    this.programs = programs(this.version);
    this.kubectl = join(built('kubernetes', newest, 'kubectl'), 'kubectl');
    this.network = network(props);
    this.hub = new Machine(this.folder, 'hub');
    this.identities = new Identities(this.folder);
    this.conf = controlIdentities(this.identities, this.network);
    this.registry = join(this.folder, 'registries');
    mkdirSync(join(this.registry, '_default'), { recursive: true });
    writeFileSync(
      join(this.registry, '_default/hosts.toml'),
      `[host."http://${this.network.hub}:${registryPort}"]\n  capabilities = ["pull", "resolve"]\n`,
    );
    this.setHosts(props.hosts ?? {});
  }

  public async start(): Promise<void> {
    const nodes = this.props.nodes.map((it) => this.member(it));
    this.members.push(...nodes);
    await Promise.all([this.hub, ...nodes.map((it) => it.machine)].map((it) => it.boot()));
    await wireHub(this.hub, this.network, nodes);
    for (const place of nodes) await wireNode(this.hub, this.network, place, nodes);
    this.hub.daemon('registry', [process.execPath, join(__dirname, 'nodes/registry.mjs'), imageFolder, this.imageNames, this.network.hub]);
    writeFileSync(join(this.folder, 'Corefile'), outsideDns(this.network, this.hosts));
    this.hub.daemon('dns', [this.programs.dns, '-conf', join(this.folder, 'Corefile')]);

    const [port] = await freePorts(1);
    const server = `https://localhost:${port}`;
    const admin = this.identities.kubeconfig('admin.conf', server, 'admin', 'system:masters');
    const apiServer = startApiServer(this.control, this.programs, this.identities, this.network);
    this.passOut(Number(port));

    const token = JSON.parse(readFileSync(admin, 'utf8')).users[0].user.token as string;
    const ready = until('kube-apiserver is ready', apiServer, () => answersReady(server, this.identities.file('apiserver.crt'), token));
    await Promise.all([ready, this.plantImages(nodes, this.firstImages)]);
    await this.apply(nodes.map((it) => nodeObject(it)));
    startControllers(this.control, this.programs, this.identities, this.conf);
    startProxy(this.hub, this.programs.proxy, this.conf.proxy, this.network, nodes[0]?.props.name);
    this.enforcer = this.helper('policies', process.execPath, join(__dirname, 'nodes/policies.mjs'), this.kubeconfig, this.folder);
    await Promise.all(nodes.map((it) => startNode(this.setup(it), this.programs)));
    await this.addons();
  }

  public async addNodes(nodes: readonly NodeProps[], imageNames: readonly string[] = this.firstImages): Promise<void> {
    if (nodes.length === 0) return;
    const before = [...this.members];
    const joined = nodes.map((it) => this.member({ ...it, labels: { ...it.labels, [JOINED]: 'true' } }));
    this.members.push(...joined);
    await Promise.all(joined.map((it) => it.machine.boot()));
    for (const place of joined) await wireNode(this.hub, this.network, place, this.members);
    await announce(joined, before);
    await this.plantImages(joined, imageNames);
    await this.apply(joined.map((it) => nodeObject(it)));
    await Promise.all(joined.map((it) => startNode(this.setup(it), this.programs)));
    await this.nodesReady();
  }

  public async removeNodes(names: readonly string[]): Promise<void> {
    const leaving = names.map((it) => this.memberOf(it));
    if (leaving.length === 0) return;
    await this.run(['delete', 'node', ...names]);
    await Promise.all(leaving.map((it) => it.machine.kill()));
    for (const it of leaving) {
      this.members.splice(this.members.indexOf(it), 1);
      this.dead.delete(it.machine.name);
    }
    await Promise.all(leaving.map((it) => it.machine.remove()));
  }

  public node(name: string): Machine {
    return name === 'hub' ? this.hub : this.memberOf(name).machine;
  }

  public killNode(name: string): Promise<void> {
    this.dead.add(name);
    return this.node(name).kill();
  }

  public async startNode(name: string): Promise<void> {
    const place = this.memberOf(name);
    await place.machine.boot();
    await wireNode(this.hub, this.network, place, this.members);
    if (place.machine === this.control) {
      startApiServer(this.control, this.programs, this.identities, this.network);
      startControllers(this.control, this.programs, this.identities, this.conf);
      this.passIn();
    }
    const kubelet = await startNode(this.setup(place), this.programs);
    this.dead.delete(name);
    // The last status that it reported remains for a while.
    await until(`node ${name} is ready again`, kubelet, async () => {
      const { stdout } = await this.run(['get', 'lease', '-n', 'kube-node-lease', name, '-o', 'jsonpath={.spec.renewTime}'], {
        may: 'fail',
      });
      const state = await this.run(['get', 'node', name, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'], {
        may: 'fail',
      });
      return Date.parse(stdout) > Date.now() - 10_000 && state.stdout === 'True';
    });
    await this.devicesReported();
    await this.policiesInForce();
  }

  public async repair(): Promise<void> {
    for (const name of this.dead) await this.startNode(name);
    await this.nodesReady();
  }

  public async forgetImages(): Promise<void> {
    const exchanged = existsSync(this.imageNames) ? readdirSync(this.imageNames, { recursive: true, encoding: 'utf8' }) : [];
    const names = exchanged.filter((it) => it.includes(':'));
    if (names.length === 0) return;
    rmSync(this.imageNames, { recursive: true });
    const ctr = join(dirname(this.programs.containerd), 'ctr');
    await Promise.all(this.members.map(({ machine }) => machine.run([ctr, '-n', 'k8s.io', 'images', 'rm', ...names])));
  }

  public async stop(): Promise<void> {
    const { guard } = this;
    if (guard.exitCode !== null) return;
    const gone = new Promise((resolve) => guard.once('close', resolve));
    for (const helper of this.helpers) helper.process.kill('SIGKILL');
    await Promise.all([this.hub, ...this.members.map((it) => it.machine)].map((it) => it.kill()));
    guard.stdin?.end();
    await gone;
  }

  private member(props: NodeProps): Member {
    const index = this.nodeCount++;
    const { name, cpu, memory, address } = props;
    return {
      props,
      machine: new Machine(this.folder, name, { cpu, kibibytes: Math.floor(bytes(memory) / 1024) }),
      address: address ?? this.network.node(index),
      pods: this.network.pods(index),
    };
  }

  private memberOf(name: string): Member {
    const found = this.members.find((it) => it.machine.name === name);
    if (!found) throw new Error(`unknown node ${name}; there are ${this.members.map((it) => it.machine.name).join(', ')}`);
    return found;
  }

  private get control(): Machine {
    return this.members.find((it) => it.address === this.network.apiServer)?.machine ?? this.hub;
  }

  private setup(member: Member): NodeSetup {
    const name = member.machine.name;
    return {
      ...member,
      kubeconfig: this.identities.nodeKubeconfig(name, `https://${this.network.apiServer}:6443`),
      clientCa: this.identities.file('kubelet-client.crt'),
      proxyKubeconfig: this.conf.proxy,
      plan: this.network,
      registry: this.registry,
      devices: member.props.resources ?? {},
    };
  }

  /** A program outside of the machines, for what none of them can do. */
  private helper(name: string, ...command: readonly string[]): Daemon {
    const log = `${join(this.folder, name)}.log`;
    const output = openSync(log, 'w');
    const helper = { name, log, process: spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', output, output] }) };
    this.helpers.push(helper);
    return helper;
  }

  /** Images of the nodes that are there from the start. */
  private get firstImages(): readonly string[] {
    const { ingress: controller, images: more = [] } = this.props;
    return controller ? [ingressImage, ...more] : more;
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

  private async plantImages(places: readonly Place[], more: readonly string[]): Promise<void> {
    const [first] = places;
    if (!first) throw new Error('a cluster needs a node');
    const names = [...new Set([...ownImages, ...more])];
    const from = await seed(first.machine, this.programs.containerd, this.registry, names, images(names));
    this.helper('seed', ...holding(from));
    for (const { machine } of places) plant(from, machine);
  }

  private async nodesReady(): Promise<void> {
    await this.run(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=120s']);
    await this.devicesReported();
  }

  /** A node reports its devices shortly after it is ready, when the device plugin has registered. */
  private async devicesReported(): Promise<void> {
    await until('every node reports its devices', undefined, async () => {
      const { stdout } = await this.run(['get', 'nodes', '-o', 'json']);
      const nodes = JSON.parse(stdout).items as { metadata: { name: string }; status: { allocatable?: Record<string, string> } }[];
      const reported = new Map(nodes.map(({ metadata, status }) => [metadata.name, status.allocatable]));
      return this.members.every(({ props: { name, resources = {} } }) =>
        Object.entries(resources).every(([resource, count]) => reported.get(name)?.[resource] === String(count)),
      );
    });
  }

  private async addons(): Promise<void> {
    const { ingress: controller, storageClasses = [{ name: 'standard', default: true }] } = this.props;
    await this.apply([...dns(this.network), ...storage(storageClasses), ...(controller ? ingress(controller) : [])]);
    await this.nodesReady();
    const wait = ['rollout', 'status', '--timeout=180s'];
    await this.run([...wait, '-n', 'kube-system', 'deployment/coredns']);
    await this.run([...wait, '-n', 'local-path-storage', 'deployment/local-path-provisioner']);
    if (controller) await this.run([...wait, '-n', controller.namespace, 'daemonset/ingress-controller']);
    await this.policiesInForce();
  }
}

function newFolder(): string {
  mkdirSync(join(cache, 'clusters'), { recursive: true });
  return mkdtempSync(join(cache, 'clusters/cluster-'));
}

function nodeObject({ props: { name, labels, taints }, pods }: Member): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { podCIDR: pods, podCIDRs: [pods], taints } };
}
