/** Normal use of a facility: log in, start servers, compute; and connections that must be closed. */
import { metadata } from '../cluster/nodes/network';
import { internet } from '../cluster/shared';
import { lastAnswer } from '../cluster/time';
import { analysis, connections, remembered, surroundings } from './cells';
import type { Pod, Site } from './site';

/** Names of users; the provider derives their group from the login name. */
export const [first, second, third, fourth] = ['alice', 'bob', 'carol', 'dave'];
export const admin = third;

interface Environment {
  readonly image: string;
  /** A library that it must contain. */
  readonly library: string;
}

/** Environments and sizes of Napoli. */
const environments: Readonly<Record<string, Environment>> = {
  python: { image: 'ghcr.io/dask/dask-notebook:2025.11.0', library: 'dask' },
  scipy: { image: 'quay.io/jupyter/scipy-notebook:2025-11-24', library: 'scipy.integrate' },
};
const sizes: Readonly<Record<string, readonly [string, number]>> = { small: ['2', 4 * 2 ** 30], large: ['8', 24 * 2 ** 30] };

/** Choices of the users, which cover all combinations. */
const choices: Readonly<Record<string, readonly [string, string]>> = {
  [first]: ['python', 'small'],
  [second]: ['python', 'large'],
  [third]: ['scipy', 'small'],
  [fourth]: ['scipy', 'large'],
};

export function expect(what: string, found: unknown, wanted: unknown): void {
  const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (is !== should) throw new Error(`${what}: ${is}, expected ${should}`);
}

/** Polls until the condition is met; reports the last result after the timeout. */
export async function eventually(what: string, seconds: number, done: () => Promise<boolean | string>): Promise<void> {
  const ask = () => done().catch((error) => String(error));
  const last = await lastAnswer(seconds, ask, (given) => given === true);
  if (last !== true) throw new Error(`${what}: timed out after ${seconds} s; ${last}`);
}

/** Checks that the kernel is the same. */
export async function remembers(site: Site, user: string): Promise<void> {
  await eventually(`what the kernel of ${user} remembers`, 60, async () => {
    const found = JSON.stringify(await site.cell(user, remembered));
    return found === '"in the memory of the kernel"' || found;
  });
}

/** A user without an allowed group is rejected with 403. */
export async function unauthorizedUser(site: Site): Promise<string> {
  const refusal = await site.browse('eve', ['login', 'others']).then(
    () => 'logged in',
    (error) => String(error),
  );
  if (!refusal.includes(' 403 ')) throw new Error(`user of another group: ${refusal}`);
  return 'rejected with 403';
}

export async function loginToNotebook(site: Site, user: string, offered: readonly string[] = Object.keys(environments)): Promise<string> {
  const [environment, size] = choices[user] ?? [];
  const start = Date.now();
  await site.browse(user, ['login', user === admin ? 'admins' : 'analysis']);
  const loggedIn = Date.now();
  const form = Object.fromEntries(offered.map((it) => [it, ['small', 'large']]));
  expect('the choices of the form', JSON.parse(await site.browse(user, ['offered'])), form);
  await site.browse(user, ['start', String(environment), String(size)]);
  const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
  return `${environment} ${size}, login ${seconds(start, loggedIn)} s, login to notebook ${seconds(start, Date.now())} s`;
}

/** Pods and their contents match the chosen environment and size. */
export async function chosen(site: Site): Promise<string> {
  await Promise.all(Object.keys(choices).map((it) => isChosen(site, it)));
  return `${Object.keys(choices).length} combinations`;
}

async function isChosen(site: Site, user: string): Promise<void> {
  const [environment, size] = choices[user] ?? ['', ''];
  const { image, library } = environments[environment] ?? { image: '', library: '' };
  const { name, labels } = await site.podOf(user);
  const { stdout } = await site.cluster.run(['get', 'pod', '-n', 'jupyterhub', name, '-o', 'json']);
  const { spec } = JSON.parse(stdout);
  const [cores, memory] = sizes[size] ?? [];
  expect(`${user}: the image`, spec.containers[0].image, image);
  const { limits } = spec.containers[0].resources;
  expect(`${user}: the size`, [limits.cpu, limits.memory], [cores, String(memory)]);
  expect(`${user}: a token of Kubernetes`, spec.automountServiceAccountToken, false);
  expect(`${user}: the label that policies select`, labels['app.kubernetes.io/instance'], 'jupyterhub-user');
  const found = await site.cell<string[]>(user, surroundings(library));
  expect(`${user}: the size in environment variables`, found.map(Number), [Number(cores), memory]);
}

/** Administrators see all users; others do not. */
export async function administration(site: Site): Promise<void> {
  const page = async (user: string) => JSON.parse(await site.browse(user, ['page', '/hub/admin'])).status;
  const users = async (user: string) => JSON.parse(await site.browse(user, ['api', '/users']));
  expect('the page of administrators for one', await page(admin), 200);
  expect('and for a user', await page(first), 403);
  const { answer } = await users(admin);
  expect('the users', answer.map((it: { name: string }) => it.name).sort(), [first, second, third, fourth]);
  expect('the users for a user', (await users(first)).status, 403);
}

export async function compute(site: Site, size: number): Promise<string> {
  const { total, workers, pods } = await site.cell<{ total: number; workers: number; pods: number }>(first, analysis(size));
  expect('the result that was read back', total, 499_999_500_000);
  expect('the workers', workers, size);
  return `${workers} workers in ${pods} pods`;
}

/** Checks connections of notebooks. Closed ones must be open to other clients, otherwise they would not prove that policies are enforced. */
export async function flows(site: Site): Promise<string> {
  const [own, other] = [await site.podOf(first), await site.podOf(second)];
  const store = (await site.pods('store'))[0] as Pod;
  const worker = (await site.pods('worker'))[0] as Pod;
  const checks: readonly (readonly [string, string, number, 'open' | 'closed'])[] = [
    ['the hub', 'jupyterhub-hub.jupyterhub.svc.cluster.local', 8081, 'open'],
    ['the proxy', 'jupyterhub-proxy.jupyterhub.svc.cluster.local', 8000, 'open'],
    ['the store', 'minio-s3.minio.svc.cluster.local', 9000, 'open'],
    ['the scheduler', 'dask-scheduler.dask.svc.cluster.local', 8786, 'open'],
    ["the scheduler's dashboard", 'dask-scheduler.dask.svc.cluster.local', 8787, 'open'],
    ['the internet', internet, 443, 'open'],
    ["another user's notebook", other.address, 8888, 'closed'],
    ['the API server by its Service', '10.43.0.1', 443, 'closed'],
    ['the API server by its address', '10.64.0.11', 6443, 'closed'],
    ['the metadata', metadata, 80, 'closed'],
    ["the proxy's API", 'jupyterhub-proxy.jupyterhub.svc.cluster.local', 8001, 'closed'],
    ["the store's console", store.address, 9001, 'closed'],
    ['a worker of Dask', worker.address, 8788, 'closed'],
    ['the ingress controller on a node', '10.64.0.11', 443, 'closed'],
  ];
  const ask = () => site.cell<string[]>(first, connections(checks.map(([, to, port]) => [to, port])));
  const wrong = (found: readonly string[], of: 'open' | 'closed') =>
    checks.flatMap(([what, , , wanted], i) => (wanted !== of || found[i] === wanted ? [] : [`${what} is ${found[i]}, not ${wanted}`]));
  // Open connections may take a moment; closed ones must be closed at every attempt.
  const found = await lastAnswer(60, ask, (it) => wrong(it, 'open').length === 0 || wrong(it, 'closed').length > 0);
  const all = [...wrong(found, 'open'), ...wrong(found, 'closed')];
  if (all.length > 0) throw new Error(all.join('\n'));
  // NetworkPolicies do not apply to connections from a node to its own pods.
  const open: readonly (readonly [string, string])[] = [
    [other.node, `http://${other.address}:8888/`],
    [store.node, `http://${store.address}:9001/`],
    [own.node, `http://${metadata}/`],
    [own.node, 'https://10.43.0.1/'],
    [own.node, 'https://10.64.0.11:6443/'],
    [own.node, 'https://10.64.0.11/'],
  ];
  await eventually('targets that are closed to notebooks are reachable from their nodes', 60, async () => {
    const reached = open.map(([node, url]) => site.cluster.inNode(node, ['curl', '-sk', '-m', '4', '-o', '/dev/null', url]));
    const statuses = (await Promise.all(reached)).map(({ status }) => status);
    const closed = open.flatMap(([node, url], i) => (statuses[i] === 0 ? [] : [`${url} is closed to ${node} as well`]));
    return closed.length === 0 || closed.join('\n');
  });
  return `${checks.filter((it) => it[3] === 'open').length} open, ${checks.filter((it) => it[3] === 'closed').length} closed`;
}

/** The server of another user is also closed through the proxy. */
export async function foreignServer(site: Site): Promise<void> {
  const { status } = JSON.parse(await site.browse(second, ['page', `/user/${first}/api/contents`]));
  expect(`the server of ${first} for ${second}`, status, 403);
}
