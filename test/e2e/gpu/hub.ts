/** A hub as described by the manifests: KubeSpawner makes the pods of its users, and its ServiceAccount creates them. */
import { join } from 'node:path';
import type { Cluster } from '../cluster/cluster';
import { readSites } from '../cluster/manifests';
import type { Json } from '../hub/pods';
import { type Chosen, Spawner } from './spawner';

export interface Session {
  readonly chosen: Chosen;
  readonly pod: Json;
}

export interface Seen {
  readonly name: string;
  readonly node: string | undefined;
  readonly phase: string;
  /** Message of the scheduler if it has no node. */
  readonly waits: string;
}

/** Kinds to apply before servers are started. */
const needed = ['Namespace', 'PriorityClass', 'ResourceQuota', 'LimitRange', 'NetworkPolicy', 'ServiceAccount', 'Role', 'RoleBinding'];

export class Hub {
  public readonly namespace: string;
  /** Each value of each option, with the first values of the others. */
  public readonly choices: readonly Chosen[];
  private readonly manifests: readonly Json[];
  private readonly profiles: readonly Json[];
  private readonly account: string;
  private readonly spawner: Spawner;

  /**
   * @param name id of the hub in its facility
   * @param folder for the files of the hub
   */
  public constructor(
    private readonly cluster: Cluster,
    private readonly name: string,
    manifests: string,
    folder: string,
  ) {
    this.manifests = readSites(manifests).flatMap((site) => site.manifests.map(({ object }) => object));
    const files = this.manifests.find(({ data }) => data?.['hub.json'])?.data;
    const deployment = this.manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === `${name}-hub`);
    if (!files || !deployment) throw new Error(`${manifests} has no hub ${name}`);
    const { notebooks, profiles } = JSON.parse(files['hub.json']);
    this.namespace = notebooks.namespace;
    this.profiles = profiles;
    this.choices = this.profiles.flatMap(choicesOf);
    const { serviceAccountName, containers } = deployment.spec.template.spec;
    this.account = `system:serviceaccount:${deployment.metadata.namespace}:${serviceAccountName}`;
    const env = (containers[0].env as Json[]).map((it) => [it.name, it.value ?? 'unused']);
    this.spawner = new Spawner(join(folder, name), files, Object.fromEntries(env));
  }

  public stop(): void {
    this.spawner.stop();
  }

  /** Quotas of the namespace in the manifests. */
  public get quotas(): readonly Json[] {
    return this.manifests.filter(({ kind, metadata }) => kind === 'ResourceQuota' && metadata.namespace === this.namespace);
  }

  public async apply(): Promise<void> {
    const inOrder = this.manifests
      .filter(({ kind }) => needed.includes(kind))
      .sort((a, b) => needed.indexOf(a.kind) - needed.indexOf(b.kind));
    await this.cluster.apply(inOrder);
    const counted = ['wait', '-n', this.namespace, '--timeout=60s', '--for=jsonpath={.status.hard}'];
    if (this.quotas.length > 0) await this.cluster.run([...counted, ...this.quotas.map((it) => `resourcequota/${it.metadata.name}`)]);
  }

  /** One server per choice, each for a new user who is in all groups. */
  public async sessions(chosen: readonly Chosen[]): Promise<Session[]> {
    const groups = [...new Set<string>(this.profiles.flatMap(entriesOf).flatMap((it) => it.groups ?? []))];
    const { namespace } = this;
    const pods = await this.spawner.pods(chosen, groups);
    return pods.map((pod, i) => ({
      chosen: chosen[i] ?? {},
      pod: { apiVersion: 'v1', kind: 'Pod', ...pod, metadata: { ...pod.metadata, namespace } },
    }));
  }

  /** Volumes that are not in the manifests: one host directory each, shared by all nodes. */
  public async volumes(sessions: readonly Session[]): Promise<void> {
    const names = sessions.flatMap(({ pod }) => pod.spec.volumes ?? []).flatMap((it) => it.persistentVolumeClaim?.claimName ?? []);
    const { namespace } = this;
    const common = { accessModes: ['ReadWriteMany'], storageClassName: '' };
    const objects = [...new Set<string>(names)].flatMap((name) => [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: `${namespace}-${name}` },
        spec: {
          ...common,
          capacity: { storage: '1Gi' },
          claimRef: { namespace, name },
          hostPath: { path: `/var/lib/volumes/${namespace}-${name}`, type: 'DirectoryOrCreate' },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, namespace },
        spec: { ...common, volumeName: `${namespace}-${name}`, resources: { requests: { storage: '1Gi' } } },
      },
    ]);
    if (objects.length > 0) await this.cluster.apply(objects);
  }

  /** Creates the pods with the permissions of the hub. Returns the error messages of rejected ones. */
  public async create(sessions: readonly Session[]): Promise<ReadonlyMap<Session, string>> {
    if (sessions.length === 0) return new Map();
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: sessions.map((it) => it.pod) });
    const { status, stderr } = await this.cluster.run(['create', `--as=${this.account}`, '-f', '-'], { input, may: 'fail' });
    const lines = stderr.split('\n').filter(Boolean);
    const refused = sessions.flatMap((it) => {
      const said = lines.find((line) => line.includes(`"${it.pod.metadata.name}"`));
      return said ? [[it, said] as const] : [];
    });
    if (status !== 0 && refused.length === 0) throw new Error(stderr);
    return new Map(refused);
  }

  public async delete(...names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.cluster.run(['delete', 'pod', '-n', this.namespace, ...names, '--grace-period=2']);
  }

  public async pods(): Promise<ReadonlyMap<string, Seen>> {
    const { stdout } = await this.cluster.run(['get', 'pods', '-n', this.namespace, '-o', 'json']);
    const seen = (JSON.parse(stdout).items as Json[]).map(({ metadata, spec, status }): Seen => {
      const scheduled = (status.conditions as Json[] | undefined)?.find((it) => it.type === 'PodScheduled');
      return { name: metadata.name, node: spec.nodeName, phase: status.phase, waits: scheduled?.message ?? '' };
    });
    return new Map(seen.map((it) => [it.name, it]));
  }

  /** Visible GPUs as printed by each running server. */
  public async cards(): Promise<ReadonlyMap<string, string>> {
    const which = ['-n', this.namespace, '-l', `app.kubernetes.io/instance=${this.name}-user`];
    const { stdout } = await this.cluster.run(['logs', ...which, '--prefix', '--max-log-requests=100']);
    return new Map(Array.from(stdout.matchAll(/^\[pod\/([^/]+)\/[^\]]+\] sees (.*)$/gm), ([, name = '', cards = '']) => [name, cards]));
  }
}

function questions(profile: Json): [string, Json][] {
  return Object.entries(profile.profile_options);
}

function entriesOf(profile: Json): Json[] {
  return [profile, ...questions(profile).flatMap(([, { choices }]) => Object.values(choices) as Json[])];
}

function choicesOf(profile: Json): Chosen[] {
  const first = {
    profile: profile.slug,
    ...Object.fromEntries(questions(profile).map(([name, { choices }]) => [name, Object.keys(choices)[0] ?? ''])),
  } as Chosen;
  const others = questions(profile).flatMap(([name, { choices }]) =>
    Object.keys(choices)
      .slice(1)
      .map((it) => ({ ...first, [name]: it })),
  );
  return [first, ...others];
}
