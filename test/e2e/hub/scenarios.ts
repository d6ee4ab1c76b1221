/** Scenarios of users and administrators of a hub, with the expected results. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from './browser';
import { HOST, ISSUER } from './description';
import { Issuer } from './issuer';
import type { LiveHub } from './live';
import type { Json } from './pods';

export interface Result {
  readonly checks: number;
  readonly wrong: readonly string[];
}

export type Scenario = (hub: LiveHub) => Promise<Result>;

class Checks {
  public checks = 0;
  public readonly wrong: string[] = [];

  public is(what: string, got: unknown, wanted: unknown): void {
    this.checks += 1;
    if (JSON.stringify(got) !== JSON.stringify(wanted))
      this.wrong.push(`${what}: ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`);
  }
}

const offered = (html: string) => ({
  environments: [...html.matchAll(/name=['"]profile['"][^>]*value=['"]([^'"]*)['"]/g)].map(([, value]) => value),
  choices: [...html.matchAll(/<option value="([^"]*)"/g)].map(([, value]) => value),
});

/** The Role grants the permissions that the hub needs, and no others. */
export async function permissions(hub: LiveHub): Promise<Result> {
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
  // Pod Security: the hub cannot create a privileged pod.
  const container = { name: 'x', image: 'x', securityContext: { privileged: true } };
  await ask(403, 'POST', `${space}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [container] } });
  return checks;
}

/** Users see only the choices of their groups; API requests for others are denied. */
export async function denied(hub: LiveHub): Promise<Result> {
  const checks = new Checks();
  const stranger = await hub.login('mallory');
  checks.is('a user who is not allowed cannot log in', stranger.page.status, 403);
  const { browser, page } = await hub.login('bob');
  checks.is('bob sees', offered(page.text), { environments: ['python'], choices: ['small', 'none'] });
  checks.is('the title is escaped', page.text.includes('Python &#123;% raw %&#125;'), true);
  checks.is('the announcement is not evaluated as a template', page.text.includes('Down on {{ Monday }}'), true);
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
  checks.is('a user without groups sees environments without groups', offered(root.page.text).environments, ['python']);
  const metrics = (shown: string) => hub.api(shown, 'GET', '/../metrics');
  checks.is('metrics with the token of the service', (await metrics(hub.secrets['nb-services/metrics'] ?? '')).status, 200);
  checks.is('metrics with the token of a user', (await metrics(token)).status, 403);
  return checks;
}

/** Every environment × size × option: the pod has the expected settings, and the server responds. */
export async function starts(hub: LiveHub): Promise<Result> {
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
  checks.is('a named server starts', [201, 202].includes(named.status), true);
  await hub.until(
    'the named server is ready',
    async () => JSON.parse((await hub.api(token, 'GET', '/users/alice')).text).servers?.second?.ready === true,
  );
  await stopped(hub, token, 'servers/second');
  await quotaExceeded(hub, checks, token, browser);
  return checks;
}

/** With a share of two servers, Kubernetes rejects the third, and the user sees the reason; another environment still starts. */
async function quotaExceeded(hub: LiveHub, checks: Checks, token: string, browser: Browser): Promise<void> {
  const heavy = { profile: 'heavy', size: 'small', card: 'one' };
  const ask = async (server: string, chosen: object) => {
    const { status } = await hub.api(token, 'POST', `/users/alice/${server}`, chosen);
    checks.is(`${server} is requested`, [201, 202].includes(status), true);
  };
  const running = (count: number) => hub.until(`${count} servers run`, async () => (await hub.kubelet.list()).length === count);
  for (const server of ['server', 'servers/first']) await ask(server, heavy);
  await running(2);
  await ask('servers/second', heavy);
  let page = '';
  await hub.until('the third server fails', async () => {
    page = (await browser.open(`https://${HOST}/hub/spawn-pending/alice/second`)).text;
    return page.includes('Spawn failed');
  });
  const reason = /everything is in use \(nb-heavy, requested: [^)]*, limited: [^)]*2\)/;
  checks.is('the page shows the reason', reason.exec(page)?.[0].includes('pods=1') ?? page.replace(/<[^>]*>|\s+/g, ' '), true);
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
  checks.is(`${JSON.stringify(chosen)} is accepted`, [201, 202].includes(answer.status), true);
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
  // The API server adds tolerations for not-ready nodes and for extended resources.
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
  checks.is(`${what}: idle kernels are culled`, container.args.includes('--MappingKernelManager.cull_idle_timeout=1200'), true);
  const page = await hub.api(token, 'GET', '/../../user/alice/api/status');
  checks.is(`${what}: the server responds through the proxy`, page.status, 200);
  await stopped(hub, token, 'server');
}

async function stopped(hub: LiveHub, token: string, server: string): Promise<void> {
  await hub.api(token, 'DELETE', `/users/alice/${server}`);
  await hub.until(`${server} is stopped`, async () => (await hub.kubelet.list()).length === 0);
  await hub.until(`the hub reports that ${server} is stopped`, async () =>
    Object.keys(JSON.parse((await hub.api(token, 'GET', '/users/alice')).text).servers).every((name) => name !== ''),
  );
}

/** Idle servers are stopped, earlier if their choice has a shorter timeout. Servers in use are not, even after a downtime of the hub. */
export async function culling(hub: LiveHub): Promise<Result> {
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
  await hub.until('both servers run', async () => (await names()).length === 2);
  await hub.until('the server with the shorter timeout is stopped', async () => (await names()).length < 2, 60);
  checks.is('the other server still runs', await names(), ['jupyter-bob']);
  checks.is('not before its timeout', Date.now() - began > 9_000, true);

  const browser = hub.browser();
  const use = async (seconds: number) => {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(500)) {
      const { status } = await browser.open(`https://${HOST}/user/bob/api/status`);
      if (status !== 200) checks.is('the server responds', status, 200);
    }
  };
  await use(2);
  // Longer than the idle timeout.
  await hub.without(() => use(28));
  // The first two checks of the culler.
  await use(15);
  checks.is('a server in use still runs after a restart of the hub', await names(), ['jupyter-bob']);
  const idleSince = Date.now();
  await hub.until('the idle server is stopped', async () => (await names()).length === 0, 90);
  checks.is('not before its timeout either', Date.now() - idleSince > 20_000, true);
  return checks;
}

/** OpenID Connect login: the groups in userinfo decide who is allowed to log in, and which choices are offered. */
export async function provider(hub: LiveHub): Promise<Result> {
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
    checks.is('a user in no allowed group cannot log in', (await as('mallory', ['others'])).status, 403);
    checks.is('after leaving a group, its environments are hidden', offered((await as('alice', ['guests'])).text).environments, ['python']);
    checks.is('after leaving all allowed groups, login is denied', (await as('alice', [])).status, 403);
  } finally {
    issuer.stop();
  }
  return checks;
}
