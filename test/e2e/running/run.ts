/**
 * Napoli as committed in dist/manifests/napoli, unchanged, is applied to six nodes as its model says, and used: users log in, start
 * notebooks, compute; then its parts are killed under their hands.
 *
 *   npm run e2e -- running [--until STEP] [--manifests FOLDER]     up to the step with that word in its title; others than the committed ones
 *
 * Three things stand in: a storage class of the cluster's own for the one of OpenStack, whose chart is left out; Traefik for the class
 * `nginx`; and the images, which are built here. That of the hub has one file more, the authority that signed the certificate of the
 * provider.
 *
 * Then the site of existing-cluster, on its three nodes, as far as a computation. The culling and the change of configuration are tried
 * with a ConfigMap of ours.
 *
 * Seen to fail: without `10.0.0.0/8` among the exceptions of the policy of notebooks, "flows are open and closed as declared" says what
 * is open; when the hub culls after a shorter time than it takes to learn from the proxy who is active, "a changed configuration logs
 * nobody out" misses the server.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Finding } from '../cluster/report';
import { phase, suite } from '../cluster/report';
import { existing, napoli, type Place, Site } from './site';
import * as trouble from './trouble';
import * as use from './use';

interface Step {
  readonly title: string;
  /** What is told beside the time. */
  readonly work: (site: Site) => Promise<unknown>;
  /** Without it the others have nothing to look at. */
  readonly needed?: boolean;
}

const choices = ['python', 'scipy'];

const steps: readonly Step[] = [
  { title: 'apply to ready, under Pod Security and quotas', work: applied, needed: true },
  { title: 'the bucket Job completes', work: bucketJob, needed: true },
  { title: 'a second apply would change nothing', work: unchanged },
  { title: 'a stranger is not let in', work: use.stranger },
  { title: `${use.first} logs in and starts a notebook`, work: (it) => use.loginToNotebook(it, use.first, choices), needed: true },
  { title: `${use.second} as well`, work: (it) => use.loginToNotebook(it, use.second, choices), needed: true },
  { title: 'the pod is what was chosen', work: (it) => use.chosen(it, use.first) },
  { title: 'a cell writes to the store, computes on Dask, reads back', work: (it) => use.compute(it, 8), needed: true },
  { title: 'flows are open and closed as declared', work: use.flows },
  { title: `the server of ${use.first} is closed to ${use.second}`, work: use.foreignServer },
  { title: 'the hub is killed, servers stay', work: trouble.hubDies },
  { title: 'the proxy is killed, servers are found again', work: trouble.proxyDies },
  { title: 'workers of Dask are deleted, the computation ends', work: trouble.workerDeleted },
  { title: 'two of four servers of the store are deleted, data are read', work: trouble.storePodsDeleted },
  { title: 'a node with a server of the store dies, reads and writes go on', work: trouble.nodeDies },
  { title: 'it returns, and everything is ready', work: trouble.nodeReturns },
  { title: 'a changed configuration logs nobody out', work: trouble.changedConfiguration },
  { title: 'an idle server is culled, a busy one is not', work: trouble.culling },
];

/** On the second site, where everybody who is known may come in. */
const small: readonly Step[] = [
  ...steps.slice(0, 3),
  { title: `${use.first} logs in and starts a notebook`, work: (it) => use.loginToNotebook(it, use.first, ['python']), needed: true },
  { title: 'a cell writes to the store, computes on Dask, reads back', work: (it) => use.compute(it, 3) },
];

async function applied(site: Site): Promise<string> {
  const apply = (...what: readonly string[]) => site.cluster.run(['apply', '--server-side', ...what]);
  const start = Date.now();
  await apply(...site.namespaces);
  await apply('-f', site.secrets);
  await apply(...site.manifests);
  const told = `applied in ${((Date.now() - start) / 1000).toFixed(1)} s`;
  await site.ready();
  await site.cluster.policiesInForce();
  return told;
}

async function bucketJob(site: Site): Promise<void> {
  await site.cluster.run(['wait', '-n', 'minio', '--for=condition=Complete', 'job', '--all', '--timeout=120s']);
}

async function unchanged(site: Site): Promise<void> {
  const { status, stdout, stderr } = await site.cluster.run(['diff', '--server-side', '-f', site.secrets, ...site.manifests], {
    may: 'fail',
  });
  if (status !== 0) throw new Error(`kubectl diff: ${(stdout || stderr).slice(0, 3000)}`);
}

async function perform(site: Site, { title, work }: Step, findings: Finding[]): Promise<boolean> {
  const start = Date.now();
  const say = (verdict: string, more: string) =>
    console.log(`  ${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s  ${verdict.padEnd(4)}  ${title}${more}`);
  try {
    const told = await work(site);
    say('ok', typeof told === 'string' ? `: ${told}` : '');
    return true;
  } catch (error) {
    say('FAIL', `\n${String(error).slice(0, 2000)}`);
    const seen = await site.seen().catch((it) => `and nothing more can be seen: ${it}`);
    findings.push({ where: title, message: `${error instanceof Error ? error.message : error}\n\n${seen}` });
    return false;
  }
}

async function on(place: Place, todo: readonly Step[], manifests?: string): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'running-'));
  const findings: Finding[] = [];
  // There are Secrets in it: also of a run that is interrupted.
  const clean = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', clean);
  console.log(`  ${place.name}`);
  try {
    const site = await phase('the cluster and the provider', () => Site.start(place, folder, manifests));
    try {
      for (const step of todo) if (!(await perform(site, step, findings)) && step.needed) break;
    } finally {
      await phase('the end', () => site.stop());
    }
  } finally {
    clean();
  }
  return findings.map((it) => ({ ...it, where: `${place.name}: ${it.where}` }));
}

async function run(args: readonly string[]): Promise<Finding[]> {
  const { values } = parseArgs({ args: [...args], options: { until: { type: 'string' }, manifests: { type: 'string' } } });
  const { until, manifests } = values;
  const end = until === undefined ? steps.length : 1 + steps.findIndex((it) => it.title.includes(until));
  if (end === 0) throw new Error(`no step has ${until} in its title`);
  const findings = await on(napoli, steps.slice(0, end), manifests);
  // The smallest site: that the same is true of it, without trouble.
  const others = until === undefined && manifests === undefined ? await on(existing, small) : [];
  return [...findings, ...others];
}

// The cluster ends with this process, however that ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
void suite('running', () => run(process.argv.slice(2)));
