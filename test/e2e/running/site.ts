/** A site from its manifests in `dist/`, on a cluster that matches its model, with an external OpenID provider and users. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { jupyterHub } from '../../../lib/services/jupyterhub/description';
import { type Cluster, startCluster } from '../cluster/cluster';
import { rolledOut } from '../cluster/deploy';
import { readSites } from '../cluster/manifests';
import { metadata } from '../cluster/nodes/network';
import { ofSite } from '../cluster/of-site';
import { phase } from '../cluster/report';
import { internet } from '../cluster/shared';
import { certificate, providerFolder, pythonPath, trusting } from './programs';

const root = join(__dirname, '../../..');
/** Talk to OpenStack, which there is none of: the class `cinder` is one of the cluster's own. */
const withoutOpenStack = (chart: string) => !/^(cinder-csi|openstack-cloud-controller)/.test(chart);

/** What a site says of itself in its facility.ts: where users come in, and where they are known. */
export interface Place {
  /** Folder of the site under apps/. */
  readonly name: string;
  readonly host: string;
  readonly provider: string;
  readonly client: string;
}

export const napoli: Place = {
  name: 'napoli',
  host: 'jupyter.192-0-2-10.nip.example',
  provider: 'iam.napoli.example',
  client: 'napoli-jupyterhub',
};
export const existing: Place = {
  name: 'existing-cluster',
  host: 'jupyter.analysis.example',
  provider: 'login.example.org',
  client: 'jupyterhub',
};

/** A way into one workload: its namespace and the label that its pods have. */
export const workloads = {
  hub: ['jupyterhub', 'jupyterhub-hub'],
  proxy: ['jupyterhub', 'jupyterhub-proxy'],
  user: ['jupyterhub', 'jupyterhub-user'],
  scheduler: ['dask', 'dask-scheduler'],
  worker: ['dask', 'dask-worker'],
  store: ['minio', 'minio'],
} as const;
export type Workload = keyof typeof workloads;

export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly address: string;
  readonly ready: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export class Site {
  private constructor(
    public readonly cluster: Cluster,
    private readonly place: Place,
    public readonly manifests: string,
    /** Contains Secrets; the caller removes it. */
    public readonly folder: string,
  ) {}

  /**
   * On a cluster that has the nodes of the site.
   *
   * @param folder for its files
   * @param manifests their folder. @default - the committed ones
   */
  public static on(cluster: Cluster, place: Place, folder: string, manifests = join(root, 'dist/manifests', place.name)): Site {
    const modules = providerFolder();
    pythonPath();
    // The hub's image is pulled at each start of its pod: from now on with the authority that signed the provider's certificate.
    const image = jupyterHub.images.jupyterhub;
    cluster.exchange(image, trusting(image));
    const site = new Site(cluster, place, manifests, folder);
    site.outside(modules);
    return site;
  }

  /** On its own cluster, which is stopped at the end. */
  public static async alone(place: Place, manifests: string | undefined, work: (site: Site) => Promise<void>): Promise<void> {
    const hosts = { [place.provider]: internet };
    const cluster = await phase(`${place.name}: the cluster`, () => startCluster({ ...ofSite(place.name), hosts, outside: [internet] }));
    const folder = join(cluster.folder, 'site');
    try {
      mkdirSync(folder, { mode: 0o700 });
      await work(Site.on(cluster, place, folder, manifests));
    } finally {
      await phase(`${place.name}: the end`, () => cluster.stop());
    }
  }

  /** The Secrets, and what is not in the cluster: the provider, the metadata of a cloud, the browsers. */
  private outside(modules: string): void {
    const { cluster, folder, place } = this;
    this.bootstrap();
    certificate(folder, 'provider', place.provider);
    const client = {
      client_id: place.client,
      client_secret: this.secret('jupyterhub', 'jupyterhub-oidc', 'client-secret'),
      redirect_uris: [`https://${place.host}/hub/oauth_callback`],
      token_endpoint_auth_method: 'client_secret_post',
    };
    writeFileSync(join(folder, 'provider.json'), JSON.stringify({ issuer: `https://${place.provider}/`, clients: [client] }));
    cluster.hub.daemon('provider', [process.execPath, join(__dirname, 'provider.mjs'), modules, folder, internet]);
    cluster.hub.daemon('metadata', ['python3', '-m', 'http.server', '--bind', metadata, '80'], { PATH: process.env.PATH });
    const [ca, own] = [readFileSync(join(folder, 'ca.crt'), 'utf8'), this.secret('jupyterhub', 'jupyterhub-web-tls', 'tls.crt')];
    writeFileSync(join(folder, 'trusted.crt'), `${ca}\n${own}\n`);
    const addresses = { [place.host]: cluster.network.node(0), [place.provider]: internet };
    writeFileSync(join(folder, 'browser.json'), JSON.stringify({ host: place.host, addresses }));
  }

  /** As an operator makes the Secrets, in a folder outside of Git. */
  private bootstrap(): void {
    const out = this.secrets;
    mkdirSync(out, { mode: 0o700 });
    execFileSync(process.execPath, ['--import', 'tsx', join(root, 'lib/command/main.ts'), 'bootstrap', this.place.name, '--out', out], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  /** The files of its manifests that are applied. */
  public get charts(): readonly string[] {
    const names = readdirSync(this.manifests).flatMap((it) => it.match(/^(.+)\.k8s\.yaml$/)?.[1] ?? []);
    return names.filter(withoutOpenStack).sort();
  }

  public get secrets(): string {
    return join(this.folder, 'secrets');
  }

  private secret(namespace: string, name: string, key: string): string {
    const documents = parseAllDocuments(readFileSync(join(this.secrets, `${namespace}.yaml`), 'utf8')).map((it) => it.toJS());
    return documents.find((it) => it.metadata.name === name)?.stringData[key] ?? '';
  }

  /** A command of a user's browser; see browser.py. */
  public async browse(user: string, words: readonly string[], input = '', timeout = 320_000): Promise<string> {
    const command = ['python3', join(__dirname, 'browser.py'), this.folder, user, ...words];
    const env = { ...process.env, PYTHONPATH: pythonPath(), PYTHONDONTWRITEBYTECODE: '1' };
    const { status, stdout, stderr } = await this.cluster.inNode('hub', command, { input, timeout, env });
    if (status !== 0) throw new Error(`${user}, ${words.join(' ')}: ${stderr.trim() || stdout || `status ${status}`}`);
    return stdout.trim();
  }

  /** Python in the user's notebook; its last line of output is JSON. */
  public async cell<T = unknown>(user: string, code: string, seconds = 120): Promise<T> {
    const said = await this.browse(user, ['cell', String(seconds)], code);
    return JSON.parse(said.split('\n').at(-1) || 'null') as T;
  }

  public async pods(of: Workload): Promise<Pod[]> {
    const [namespace, instance] = workloads[of];
    const { stdout } = await this.cluster.run([
      'get',
      'pods',
      '-n',
      namespace,
      '-l',
      `app.kubernetes.io/instance=${instance}`,
      '-o',
      'json',
    ]);
    return (JSON.parse(stdout).items as any[])
      .filter((it) => !it.metadata.deletionTimestamp)
      .map((it) => ({
        name: it.metadata.name,
        uid: it.metadata.uid,
        node: it.spec.nodeName,
        address: it.status.podIP,
        ready: (it.status.conditions ?? []).some((one: any) => one.type === 'Ready' && one.status === 'True'),
        labels: it.metadata.labels,
        annotations: it.metadata.annotations ?? {},
      }));
  }

  public async podOf(user: string): Promise<Pod> {
    const found = (await this.pods('user')).find((it) => it.annotations['hub.jupyter.org/username'] === user);
    if (!found) throw new Error(`${user} has no pod`);
    return found;
  }

  /** Kills the pod without a grace period, like a crash. */
  public async kill(of: Workload, ...names: readonly string[]): Promise<void> {
    await this.cluster.run(['delete', 'pod', '-n', workloads[of][0], ...names, '--grace-period=0', '--force']);
  }

  /** Until every workload of the facility is as many as it should be. */
  public async ready(manifests = this.manifests): Promise<void> {
    const all = readSites(manifests).flatMap((it) => it.manifests);
    // A Job that has done its work may be gone.
    await rolledOut(
      this.cluster,
      all.filter(({ file, object }) => withoutOpenStack(file) && object.kind !== 'Job'),
    );
  }

  /** Diagnostic output after a failure. */
  public async seen(): Promise<string> {
    const ask = async (...args: string[]) => (await this.cluster.run(args, { may: 'fail', timeout: 20_000 })).stdout.trimEnd();
    const lines = (text: string, count: number) => text.split('\n').slice(-count).join('\n');
    const parts = [await ask('get', 'pods', '-A', '-o', 'wide', '--no-headers')];
    for (const namespace of ['jupyterhub', 'dask', 'minio']) {
      parts.push(lines(await ask('get', 'events', '-n', namespace, '--field-selector=type!=Normal', '--sort-by=.lastTimestamp'), 12));
      const unready = 'jsonpath={range .items[?(@.status.containerStatuses[*].ready==false)]}{.metadata.name}{"\\n"}{end}';
      for (const pod of (await ask('get', 'pods', '-n', namespace, '-o', unready)).split('\n').filter(Boolean).slice(0, 4)) {
        parts.push(`${namespace}/${pod}:\n${lines(await ask('logs', '-n', namespace, pod, '--all-containers', '--tail=15'), 15)}`);
      }
    }
    parts.push(`hub:\n${await ask('logs', '-n', 'jupyterhub', 'deployment/jupyterhub-hub', '--tail=25')}`);
    const log = readFileSync(join(this.cluster.hub.folder, 'log/provider.log'), 'utf8');
    return [...parts, `provider:\n${lines(log.trimEnd(), 10)}`].filter(Boolean).join('\n\n');
  }
}
