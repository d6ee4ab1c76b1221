/** Failures of a facility in use, and their effect on users. */
import { setTimeout as sleep } from 'node:timers/promises';
import { napoli as facility } from '../../../apps/napoli/facility';
import { summary } from '../../../lib';
import { longComputation, reading } from './cells';
import { type Pod, type Site, type Workload, workloads } from './site';
import { eventually, expect, first, loginToNotebook, remembers, second, third } from './use';

interface Reads {
  readonly reads: number;
  readonly badReads: number;
  readonly writes: number;
  readonly badWrites: number;
  readonly again: number;
  readonly longest: number;
  readonly errors: readonly string[];
}

const rollout = (site: Site, of: 'hub' | 'proxy') =>
  site.cluster.run(['rollout', 'status', '-n', 'jupyterhub', `deployment/${workloads[of][1]}`, '--timeout=120s']);

/** Checks that pod and kernel are the same and that the user is still logged in. */
async function undisturbed(site: Site, before: Pod): Promise<void> {
  expect('the pod of the server', (await site.podOf(first)).uid, before.uid);
  await remembers(site, first);
  await eventually('the page of the hub', 60, async () => {
    const { status, url } = JSON.parse(await site.browse(first, ['page', '/hub/home']));
    return (status === 200 && url === '/hub/home') || `${status} ${url}`;
  });
}

export async function hubKilled(site: Site): Promise<string> {
  const [before, [hub]] = [await site.podOf(first), await site.pods('hub')];
  const start = Date.now();
  await site.kill('hub', hub?.name ?? '');
  await remembers(site, first);
  await eventually('a new hub is ready', 120, async () => (await site.pods('hub')).some((it) => it.ready && it.uid !== hub?.uid));
  const away = ((Date.now() - start) / 1000).toFixed(1);
  await undisturbed(site, before);
  return `back after ${away} s`;
}

/** The routes are only in the memory of the proxy: the hub must send them again. */
export async function proxyKilled(site: Site): Promise<string> {
  const [before, [proxy]] = [await site.podOf(first), await site.pods('proxy')];
  const start = Date.now();
  await site.kill('proxy', proxy?.name ?? '');
  await eventually("the user's server is reachable again", 150, async () => {
    const { status, url } = JSON.parse(await site.browse(first, ['page', `/user/${first}/api/status`]));
    return (status === 200 && url.startsWith(`/user/${first}`)) || `${status} ${url}`;
  });
  const away = ((Date.now() - start) / 1000).toFixed(1);
  await undisturbed(site, before);
  return `reachable again after ${away} s`;
}

export async function workerDeleted(site: Site): Promise<string> {
  const workers = await site.pods('worker');
  const computing = site.cell<boolean[]>(third, longComputation(15), 180);
  computing.catch(() => undefined);
  await sleep(6_000);
  await site.kill('worker', workers[0]?.name ?? '');
  await site.cluster.run(['delete', 'pod', '-n', 'dask', workers[1]?.name ?? '', '--wait=false']);
  expect('the results are right', await computing, [true, true]);
  await eventually('8 workers again', 120, async () => {
    const ready = (await site.pods('worker')).filter((it) => it.ready).length;
    return ready === 8 || `${ready} are ready`;
  });
  return 'one killed, one deleted';
}

/**
 * Maximum duration of a request, in seconds. Client and program time out after 10 s and retry up to four times, because a failed node closes no
 * connections. Measured: half a second to a minute.
 */
const MAX_DURATION = 120;

function readReport({ reads, badReads, writes, badWrites, again, longest, errors }: Reads): string {
  const seen = `${reads} reads, ${badReads} failed; ${writes} writes, ${badWrites} failed; ${again} asked again; longest ${longest} s`;
  if (badReads > 0 || reads < 10 || longest > MAX_DURATION) throw new Error([seen, ...errors].join('\n'));
  return seen;
}

/** Number of servers of the object store that may fail, as printed in the summary. */
function toleratedFailures(): { readonly writing: number; readonly reading: number } {
  const text = summary(facility.output());
  const [, writing, reading] = /tolerates the failure of (\d+) of 4 servers \(reads: (\d+)\)/.exec(text) ?? [];
  if (!writing || !reading) throw new Error(`no note about the object store in the summary:\n${text}`);
  return { writing: Number(writing), reading: Number(reading) };
}

export async function storePodsDeleted(site: Site): Promise<string> {
  const pods = await site.pods('store');
  expect('tolerated failures in the summary', toleratedFailures(), { writing: 1, reading: 2 });
  const reads = site.cell<Reads>(second, reading(20), 300);
  reads.catch(() => undefined);
  await sleep(3_000);
  await site.kill('store', ...pods.slice(0, 2).map((it) => it.name));
  // The next step needs an object store whose servers have reconnected to all drives.
  return readReport(await reads.finally(() => site.ready().then(() => sleep(16_000))));
}

/** Powers off a node with a server of the object store, preferably one without single-replica pods. */
export async function nodeFails(site: Site): Promise<string> {
  const before = await site.podOf(first);
  // The loss of single-replica pods is not part of this step.
  const weight: readonly (readonly [Workload, number])[] = [
    ['hub', 8],
    ['proxy', 8],
    ['scheduler', 4],
    ['user', 2],
  ];
  const costs: Record<string, number> = { [before.node]: 100 };
  for (const [of, cost] of weight) for (const pod of await site.pods(of)) costs[pod.node] = (costs[pod.node] ?? 0) + cost;
  const stores = (await site.pods('store')).map((it) => it.node);
  const [node = ''] = stores.sort((a, b) => (costs[a] ?? 0) - (costs[b] ?? 0));
  const reads = site.cell<Reads>(first, reading(36), 300);
  reads.catch(() => undefined);
  await sleep(3_000);
  await site.cluster.killNode(node);
  const seen = readReport(await reads);
  expect('writes that failed', (await reads).badWrites, 0);
  const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  await eventually(`${node} is not ready`, 120, async () => {
    const { stdout } = await site.cluster.run(['get', 'node', node, '-o', ready]);
    return stdout === 'Unknown' || `Ready is ${stdout}`;
  });
  await undisturbed(site, before);
  return `${node}: ${seen}`;
}

export async function nodeReturns(site: Site): Promise<void> {
  const { stdout } = await site.cluster.run(['get', 'nodes', '-o', 'json']);
  const lost = (JSON.parse(stdout).items as any[]).find((it) =>
    it.status.conditions.some((one: any) => one.type === 'Ready' && one.status !== 'True'),
  );
  if (lost) await site.cluster.startNode(lost.metadata.name);
  await site.ready();
}

/** Rolls the hub with a ConfigMap of another name, as after a change of the facility. The new configuration culls idle servers soon. */
export async function changedConfiguration(site: Site): Promise<string> {
  const before = await site.podOf(first);
  const get = async (what: string) => JSON.parse((await site.cluster.run(['get', '-n', 'jupyterhub', what, '-o', 'json'])).stdout);
  const volumes = (await get('deployment/jupyterhub-hub')).spec.template.spec.volumes as any[];
  const index = volumes.findIndex((it) => it.name === 'hub-files');
  const { data, metadata } = await get(`configmap/${volumes[index].configMap.name}`);
  const facts = { ...JSON.parse(data['hub.json']), cull: { after: 60, every: 5, oldest: 0 } };
  const name = 'jupyterhub-hub-changed';
  await site.cluster.apply([
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'jupyterhub', labels: metadata.labels },
      data: { ...data, 'hub.json': JSON.stringify(facts, null, 2) },
    },
  ]);
  const start = Date.now();
  const patch = [{ op: 'replace', path: `/spec/template/spec/volumes/${index}/configMap/name`, value: name }];
  await site.cluster.run(['patch', '-n', 'jupyterhub', 'deployment/jupyterhub-hub', '--type=json', '-p', JSON.stringify(patch)]);
  await rollout(site, 'hub');
  const away = ((Date.now() - start) / 1000).toFixed(1);
  await undisturbed(site, before);
  return `rolled in ${away} s`;
}

/** Only the server of the first user stays busy. */
export async function culling(site: Site): Promise<string> {
  const before = await site.podOf(first);
  const idle = async () => {
    const users = (await site.pods('user')).map((it) => it.annotations['hub.jupyter.org/username']);
    return users.filter((it) => it !== first);
  };
  // All idle servers may have been on the failed node.
  if ((await idle()).length === 0) await loginToNotebook(site, second);
  const ended = await idle();
  const start = Date.now();
  await eventually('idle servers are stopped', 240, async () => {
    await remembers(site, first);
    const left = await idle();
    return left.length === 0 || `there are servers of ${left.join()}`;
  });
  expect('the pod of the busy user', (await site.podOf(first)).uid, before.uid);
  return `${ended.length} stopped after ${((Date.now() - start) / 1000).toFixed(1)} s`;
}
