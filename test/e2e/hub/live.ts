/** A real hub on a real API server. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../cluster/control-plane';
import { type Manifest, readSites } from '../cluster/manifests';
import { Browser, type Page } from './browser';
import { lastLines, type Secrets, type Started, serviceAccount, start } from './deployment';
import { HOST } from './description';
import { Api, Kubelet } from './pods';

const SPACE = 'nb';
const BASE = `https://${HOST}`;

export class LiveHub {
  public readonly manifests: readonly Manifest[];
  public readonly secrets: Secrets;
  public readonly logs: string;
  /** API client with the permissions of the hub's ServiceAccount. */
  public own!: Api;
  public kubelet!: Kubelet;
  private readonly processes: Started[] = [];

  public constructor(
    private readonly cluster: ControlPlane,
    private readonly python: string,
    private readonly proxy: string,
    login: string,
  ) {
    this.logs = mkdtempSync(join(tmpdir(), 'hub-'));
    const folder = join(this.logs, 'lab');
    execFileSync(process.execPath, ['--import', 'tsx', join(__dirname, 'description.ts'), folder, login], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.manifests = readSites(folder).flatMap((site) => site.manifests);
    const random = () => randomBytes(32).toString('hex');
    this.secrets = {
      'nb-keys/proxy-token': random(),
      'nb-keys/cookie-secret': random(),
      'nb-keys/crypt-key': random(),
      'nb-oidc/client-secret': 'secret of the client',
      'nb-services/metrics': random(),
    };
  }

  public async start(): Promise<void> {
    const first = ['Namespace', 'ResourceQuota', 'PriorityClass'];
    await this.apply(this.manifests.filter(({ object }) => first.includes(object.kind)));
    const admin = new Api(this.cluster);
    await this.until(
      'the quota has a status',
      async () => (await admin.ask('GET', `/api/v1/namespaces/${SPACE}/resourcequotas/facility`)).body.status?.hard !== undefined,
    );
    await this.apply(this.manifests.filter(({ object }) => !first.includes(object.kind)));
    const token = this.kubectl('create', 'token', '-n', SPACE, 'nb-hub', '--duration=2h').trim();
    this.own = new Api(this.cluster, token);
    serviceAccount(token, this.own.certificate);
    this.kubelet = new Kubelet(admin, SPACE, this.python, join(this.logs, 'notebook.log'));
    this.processes.push(
      start(
        this.manifests,
        'nb-proxy',
        this.secrets,
        { 'configurable-http-proxy': [process.execPath, join(this.proxy, 'bin/configurable-http-proxy')] },
        {},
        join(this.logs, 'proxy.log'),
      ),
    );
    await this.startHub();
  }

  private async startHub(): Promise<void> {
    const { hostname, port } = new URL(this.own.server);
    this.processes.push(
      start(
        this.manifests,
        'nb-hub',
        this.secrets,
        { jupyterhub: [`${this.python}/bin/jupyterhub`] },
        { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
        join(this.logs, 'hub.log'),
      ),
    );
    const browser = this.browser();
    await this.until('the hub responds through the proxy', async () => {
      const page = await browser.open(`${BASE}/hub/health`).catch(() => undefined);
      return page?.status === 200;
    });
  }

  /** Stops the hub while `work` runs, then starts it again. */
  public async without(work: () => Promise<unknown>): Promise<void> {
    await this.processes.pop()?.stop();
    await work();
    await this.startHub();
  }

  public async stop(): Promise<void> {
    for (const one of [...this.processes].reverse()) await one.stop();
    await this.kubelet?.stop();
    rmSync('/var/lib/jupyterhub/jupyterhub.sqlite', { force: true });
    rmSync(this.logs, { recursive: true, force: true });
  }

  /** Last lines of the hub's log, without requests of the cullers. */
  public lastLog(): string {
    return lastLines(join(this.logs, 'hub.log'), 40, (line) => !/ 200 GET .*cull-/.test(line));
  }

  public browser(): Browser {
    return new Browser({ [HOST]: 8000, 'iam.example.org': 9400 });
  }

  /** Logs in and opens the spawn page. Without a name, the OpenID Connect provider selects the user. */
  public async login(name?: string): Promise<{ readonly browser: Browser; readonly page: Page }> {
    const browser = this.browser();
    const next = encodeURIComponent('/hub/spawn');
    if (name === undefined) return { browser, page: await browser.open(`${BASE}/hub/oauth_login?next=${next}`) };
    await browser.open(`${BASE}/hub/login`);
    const form = { username: name, password: '', _xsrf: browser.cookie(HOST, '_xsrf') };
    return { browser, page: await browser.open(`${BASE}/hub/login?next=${next}`, { form }) };
  }

  /** API token of a logged-in user. */
  public async token(browser: Browser, name: string): Promise<string> {
    await browser.open(`${BASE}/hub/home`);
    const page = await browser.open(`${BASE}/hub/api/users/${name}/tokens?_xsrf=${encodeURIComponent(browser.cookie(HOST, '_xsrf'))}`, {
      json: { note: 'suite' },
      headers: { referer: `${BASE}/hub/token`, 'x-xsrftoken': browser.cookie(HOST, '_xsrf') },
    });
    if (page.status !== 201 && page.status !== 200) throw new Error(`no token for ${name}: ${page.status} ${page.text.slice(0, 300)}`);
    return JSON.parse(page.text).token;
  }

  public api(token: string, method: string, path: string, json?: unknown): Promise<Page> {
    return this.browser().open(`${BASE}/hub/api${path}`, { method, json, headers: { authorization: `token ${token}` } });
  }

  public async until(what: string, done: () => Promise<boolean>, patience = 90): Promise<void> {
    const deadline = Date.now() + patience * 1000;
    while (!(await done())) {
      const ended = this.processes.find((one) => one.ended());
      if (ended) throw new Error(`process of ${ended.log} exited before ${what}:\n${lastLines(ended.log)}`);
      if (Date.now() > deadline) throw new Error(`timeout of ${patience} s: ${what}:\n${this.processes.length > 0 ? this.lastLog() : ''}`);
      await sleep(200);
    }
  }

  private async apply(manifests: readonly Manifest[]): Promise<void> {
    const text = manifests.map((one) => one.text).join('\n---\n');
    const { status, stderr } = spawnSync(this.cluster.kubectl, ['apply', '--server-side', '-f', '-'], {
      env: this.cluster.env,
      input: text,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the API server rejects the manifests: ${stderr}`);
  }

  private kubectl(...args: readonly string[]): string {
    return execFileSync(this.cluster.kubectl, args, { env: this.cluster.env, encoding: 'utf8' });
  }
}
