/** What users and administrators of a hub do, and what must follow. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from './browser';
import { HOST, ISSUER } from './description';
import { Issuer } from './issuer';
import type { LiveHub } from './live';
import type { Json } from './pods';

export interface Told {
  readonly checks: number;
  readonly wrong: readonly string[];
}

export type Story = (hub: LiveHub) => Promise<Told>;

class Checks {
  public checks = 0;
  public readonly wrong: string[] = [];

  public is(what: string, got: unknown, wanted: unknown): void {
    this.checks += 1;
    if (JSON.stringify(got) !== JSON.stringify(wanted)) this.wrong.push(`${what}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
  }
}

const offered = (html: string) => ({
  environments: [...html.matchAll(/name=['"]profile['"][^>]*value=['"]([^'"]*)['"]/g)].map(([, value]) => value),
  choices: [...html.matchAll(/<option value="([^"]*)"/g)].map(([, value]) => value),
});

/** The role lets the hub do what it does, and nothing beside. */
export async function rights(hub: LiveHub): Promise<Told> {
  const checks = new Checks();
  const ask = async (wanted: number, method: string, path: string, body?: unknown) =>
    checks.is(`${method} ${path}`, (await hub.own.ask(method, path, body)).status, wanted);
  const space = '/api/v1/namespaces/nb';
  await ask(200, 'GET', `${space}/pods`);
  await ask(200, 'GET', `${space}/events`);
  await ask(403, 'GET', `${space}/secrets`);
  await ask(403, 'GET', '/api/v1/pods');
  await ask(403, 'GET', '/api/v1/namespaces/default/pods');
  await ask(403, 'DELETE', `${space}/persistentvolumeclaims/claim-alice`);
  await ask(403, 'POST', `${space}/serviceaccounts/nb-user/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  });
  await ask(403, 'POST', '/apis/apps/v1/namespaces/nb/deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'x' },
  });
  await ask(403, 'POST', `${space}/pods/nb-hub/exec`);
  // Pod Security: the hub could not make a privileged pod even if it were told to.
  const container = { name: 'x', image: 'x', securityContext: { privileged: true } };
  await ask(403, 'POST', `${space}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [container] } });
  return checks;
}

/** Users see what is open to their groups; the rest is refused to a request by API too. */
export async function refused(hub: LiveHub): Promise<Told> {
  const checks = new Checks();
  const stranger = await hub.login('mallory');
  checks.is('a stranger is sent away', stranger.page.status, 403);
  const { browser, page } = await hub.login('bob');
  checks.is('bob sees', offered(page.text), { environments: ['python'], choices: ['small', 'none'] });
  checks.is('the title is text', page.text.includes('Python &#123;% raw %&#125;'), true);
  checks.is('the announcement is text', page.text.includes('Down on {{ Monday }}'), true);
  const token = await hub.token(browser, 'bob');
  for (const options of [
    { profile: 'heavy' },
    { profile: 'python', size: 'large' },
    { profile: 'python', card: 'one' },
    { profile: 'none' },
  ]) {
    const answer = await hub.api(token, 'POST', '/users/bob/server', options);
    await sleep(300);
    const state = await hub.api(token, 'GET', '/users/bob');
    checks.is(
      `${JSON.stringify(options)} starts nothing (${answer.status})`,
      [JSON.parse(state.text).server, (await hub.kubelet.list()).length],
      [null, 0],
    );
  }
  const root = await hub.login('root');
  checks.is('whoever is in no group of an environment finds those for all', offered(root.page.text).environments, ['python']);
  const metrics = (shown: string) => hub.api(shown, 'GET', '/../metrics');
  checks.is('metrics to their reader', (await metrics(hub.secrets['nb-services/metrics'] ?? '')).status, 200);
  checks.is('metrics to a user', (await metrics(token)).status, 403);
  return checks;
}

/** Each environment × size × option: the pod is what was promised, and the server answers. */
export async function starts(hub: LiveHub): Promise<Told> {
  const checks = new Checks();
  const { browser, page } = await hub.login('alice');
  checks.is('alice sees', offered(page.text), {
    environments: ['python', 'heavy'],
    choices: ['small', 'large', 'none', 'one', 'small', 'large', 'none', 'one'],
  });
  const token = await hub.token(browser, 'alice');
  hub.kubelet.real.add('jupyter-alice');
  for (const profile of ['python', 'heavy']) {
    for (const size of ['small', 'large']) {
      for (const card of ['one', 'none']) {
        await start(hub, checks, token, { profile, size, card });
        hub.kubelet.real.clear();
      }
    }
  }
  const named = await hub.api(token, 'POST', '/users/alice/servers/second', {});
  checks.is('a server of a name starts', [201, 202].includes(named.status), true);
  await hub.until(
    'the named server is ready',
    async () => JSON.parse((await hub.api(token, 'GET', '/users/alice')).text).servers?.second?.ready === true,
  );
  await stopped(hub, token, 'servers/second');
  await full(hub, checks, token, browser);
  return checks;
}

/** The third server of an environment for two is refused by Kubernetes, and its user reads why; another environment has room. */
async function full(hub: LiveHub, checks: Checks, token: string, browser: Browser): Promise<void> {
  const heavy = { profile: 'heavy', size: 'small', card: 'one' };
  const ask = async (server: string, chosen: object) => {
    const { status } = await hub.api(token, 'POST', `/users/alice/${server}`, chosen);
    checks.is(`${server} is asked for`, [201, 202].includes(status), true);
  };
  const running = (count: number) => hub.until(`${count} run`, async () => (await hub.kubelet.list()).length === count);
  for (const server of ['server', 'servers/first']) await ask(server, heavy);
  await running(2);
  await ask('servers/second', heavy);
  let told = '';
  await hub.until('it is refused', async () => {
    told = (await browser.open(`https://${HOST}/hub/spawn-pending/alice/second`)).text;
    return told.includes('Spawn failed');
  });
  const why = /everything is in use \(nb-heavy, requested: [^)]*, limited: [^)]*2\)/;
  checks.is('why', why.exec(told)?.[0].includes('pods=1') ?? told.replace(/<[^>]*>|\s+/g, ' '), true);
  await ask('servers/second', { profile: 'python', size: 'small', card: 'none' });
  await running(3);
  for (const server of ['server', 'servers/first', 'servers/second']) await hub.api(token, 'DELETE', `/users/alice/${server}`);
  await running(0);
}

async function start(
  hub: LiveHub,
  checks: Checks,
  token: string,
  chosen: Readonly<Record<'profile' | 'size' | 'card', string>>,
): Promise<void> {
  const before = hub.kubelet.seen.length;
  const answer = await hub.api(token, 'POST', '/users/alice/server', chosen);
  checks.is(`${JSON.stringify(chosen)} is taken`, [201, 202].includes(answer.status), true);
  await hub.until(
    `${JSON.stringify(chosen)} is ready`,
    async () => JSON.parse((await hub.api(token, 'GET', '/users/alice')).text).servers?.['']?.ready === true,
  );
  const pod = hub.kubelet.seen[before];
  const what = Object.values(chosen).join(' ');
  if (!pod) return checks.is(`${what}: a pod`, undefined, 'a pod');
  const { spec, metadata } = pod;
  const [container] = spec.containers;
  const variable = (name: string) => container.env.find((one: Json) => one.name === name)?.value;
  const [heavy, large, one] = [chosen.profile === 'heavy', chosen.size === 'large', chosen.card === 'one'];
  const disk = { 'ephemeral-storage': large ? '20Gi' : '10Gi', ...(one ? { 'nvidia.com/mig-3g.40gb': '1' } : {}) };
  checks.is(`${what}: image`, container.image, heavy ? 'registry.example.org/heavy:1' : 'ghcr.io/dask/dask-notebook:2025.11.0');
  const sorted = (given: Json) => Object.fromEntries(Object.entries(given).sort());
  checks.is(
    `${what}: requests`,
    sorted(container.resources.requests),
    sorted({ ...disk, cpu: large ? '4' : '1', memory: String((large ? 16 : 2) * 2 ** 30) }),
  );
  checks.is(
    `${what}: limits`,
    sorted(container.resources.limits),
    sorted({ ...disk, cpu: large ? '8' : '1', memory: String((large ? 16 : 2) * 2 ** 30) }),
  );
  const volumes = spec.volumes.map(({ persistentVolumeClaim }: Json) => persistentVolumeClaim?.claimName);
  checks.is(`${what}: volumes`, volumes, ['claim-alice', ...(heavy ? ['data'] : [])]);
  const terms = spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  checks.is(`${what}: nodes`, terms, [{ matchExpressions: [{ key: 'pool', operator: 'In', values: [one ? 'cards' : 'plain'] }] }]);
  // The server itself adds tolerations of nodes in trouble and of extended resources.
  const tolerated = spec.tolerations
    .filter(({ key }: Json) => key === 'example.org/card')
    .map(({ operator, value }: Json) => [operator, value]);
  checks.is(`${what}: tolerations`, tolerated, one ? [['Equal', 'yes']] : []);
  checks.is(`${what}: variables`, ['BRACES', 'HEAVY', 'CARDS', 'NVIDIA_VISIBLE_DEVICES'].map(variable), [
    heavy ? undefined : '{"a": {}}',
    heavy ? 'yes' : undefined,
    one ? 'all' : undefined,
    one ? undefined : 'void',
  ]);
  checks.is(
    `${what}: labels`,
    [metadata.labels['app.kubernetes.io/instance'], metadata.labels['app.kubernetes.io/name']],
    ['nb-user', 'jupyterhub'],
  );
  checks.is(
    `${what}: account`,
    [spec.serviceAccountName, spec.automountServiceAccountToken, spec.priorityClassName],
    ['nb-user', false, heavy ? 'lab-nb-heavy' : 'lab-user'],
  );
  checks.is(`${what}: kernels end`, container.args.includes('--MappingKernelManager.cull_idle_timeout=1200'), true);
  const page = await hub.api(token, 'GET', '/../../user/alice/api/status');
  checks.is(`${what}: the server answers through the proxy`, page.status, 200);
  await stopped(hub, token, 'server');
}

async function stopped(hub: LiveHub, token: string, server: string): Promise<void> {
  await hub.api(token, 'DELETE', `/users/alice/${server}`);
  await hub.until(`${server} is stopped`, async () => (await hub.kubelet.list()).length === 0);
  await hub.until(`${server} is known to be stopped`, async () =>
    Object.keys(JSON.parse((await hub.api(token, 'GET', '/users/alice')).text).servers).every((name) => name !== ''),
  );
}

/** What is scarce is stopped sooner, then what else nobody uses; what is used is not, even if the hub was away for long. */
export async function culling(hub: LiveHub): Promise<Told> {
  const checks = new Checks();
  const began = Date.now();
  for (const [name, options] of [
    ['alice', { profile: 'python', size: 'large' }],
    ['bob', {}],
  ] as const) {
    const { browser } = await hub.login(name);
    const token = await hub.token(browser, name);
    checks.is(`${name} starts`, [201, 202].includes((await hub.api(token, 'POST', `/users/${name}/server`, options)).status), true);
  }
  const names = async () => (await hub.kubelet.list()).map(({ metadata }) => metadata.name).sort();
  await hub.until('both run', async () => (await names()).length === 2);
  await hub.until('the scarce one is stopped', async () => (await names()).length < 2, 60);
  checks.is('the other runs on', await names(), ['jupyter-bob']);
  checks.is('not before its time', Date.now() - began > 9_000, true);

  const browser = hub.browser();
  const use = async (seconds: number) => {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(500)) {
      const { status } = await browser.open(`https://${HOST}/user/bob/api/status`);
      if (status !== 200) checks.is('the server answers', status, 200);
    }
  };
  await use(2);
  // Longer than anybody may be idle.
  await hub.without(() => use(28));
  // The first look of the culler, and one more.
  await use(15);
  checks.is('a server in use outlives the hub', await names(), ['jupyter-bob']);
  const left = Date.now();
  await hub.until('it is stopped when nobody uses it', async () => (await names()).length === 0, 90);
  checks.is('not before its time either', Date.now() - left > 20_000, true);
  return checks;
}

/** Login at a provider: groups of its userinfo decide who comes in, and what is seen. */
export async function provider(hub: LiveHub): Promise<Told> {
  const checks = new Checks();
  const issuer = new Issuer(
    Number(new URL(ISSUER).port),
    'hub',
    hub.secrets['nb-oidc/client-secret'] ?? '',
    `https://${HOST}/hub/oauth_callback`,
  );
  try {
    const as = async (name: string, groups: readonly string[]) => {
      issuer.account = { name, groups };
      return (await hub.login()).page;
    };
    checks.is('a guest sees', offered((await as('bob', ['guests'])).text), { environments: ['python'], choices: ['small', 'none'] });
    checks.is('a member sees', offered((await as('alice', ['cms'])).text).environments, ['python', 'heavy']);
    checks.is('whoever is in no group of the rule is sent away', (await as('mallory', ['others'])).status, 403);
    checks.is('who left the group sees less', offered((await as('alice', ['guests'])).text).environments, ['python']);
    checks.is('who left both is sent away', (await as('alice', [])).status, 403);
  } finally {
    issuer.stop();
  }
  return checks;
}
