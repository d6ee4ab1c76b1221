/**
 * Applies the committed manifests of dist/manifests/napoli, unchanged, to six nodes that match its model, and uses the facility: users log in,
 * start notebooks and compute; then components are killed while they are in use.
 *
 *   npm run e2e -- running [--site NAME] [--until STEP] [--manifests FOLDER]
 *
 * Options: only one site; up to the step with this word in its title; other manifests than the committed ones.
 *
 * Three replacements: a local storage class instead of Cinder, whose chart is omitted; Traefik for the ingress class `nginx`; and images that
 * are built here. The image of the hub also contains the certificate authority of the OpenID provider.
 *
 * In parallel, the site existing-cluster is tested on its three nodes up to a computation; then a Dask Gateway is added. Culling and a change of
 * configuration are tested with a ConfigMap of the suite.
 *
 * Seen to fail: without `10.0.0.0/8` among the exceptions of the policy of notebooks, "flows are open and closed as declared" reports the open
 * flows; without the group of administrators, the admin page returns 403; when the hub checks the proxy only every 3000 s, "the proxy is killed"
 * times out; with `cleanup_servers`, a hub that stops also stops the servers; when the object store writes without parity, a read fails while two
 * of its servers are down. If the suite is killed, it leaves no process, mount, cgroup or file.
 */
import { parseArgs } from 'node:util';
import { applyManifests, filesOf } from '../cluster/deploy';
import { type Finding, suite } from '../cluster/report';
import { internet } from '../cluster/shared';
import { type Context, clusterSuite } from '../cluster/suite';
import * as gateway from './gateway';
import { existing, napoli, Site } from './site';
import * as trouble from './trouble';
import * as use from './use';

interface Step {
  readonly title: string;
  /** Runs the step; its result is printed with the duration. */
  readonly work: (site: Site) => Promise<unknown>;
  /** Whether later steps depend on it. */
  readonly needed?: boolean;
}

/** Steps that run in parallel. */
type Stage = readonly Step[];

const applying: readonly Stage[] = [
  [{ title: 'apply to ready, under Pod Security and quotas', work: applied, needed: true }],
  [{ title: 'the bucket Job completes', work: bucketJob, needed: true }],
];
/** A diff also shows changes of the status, so the rollout must have finished. */
const again: Step = { title: 'a second apply would change nothing', work: unchanged };

const logsIn = (user: string, offered?: readonly string[]): Step => ({
  title: `${user} logs in and starts a notebook`,
  work: (it) => use.loginToNotebook(it, user, offered),
  needed: true,
});

const inUse: readonly Stage[] = [
  ...applying,
  [again, { title: 'a user without an allowed group is rejected', work: use.unauthorizedUser }, logsIn(use.first)],
  [
    { title: 'a cell writes to the store, computes on Dask, reads back', work: (it) => use.compute(it, 8), needed: true },
    ...[use.second, use.third, use.fourth].map((it) => logsIn(it)),
  ],
  [
    { title: 'servers match the chosen environment and size', work: use.chosen },
    { title: 'administrators see all users, others do not', work: use.administration },
    { title: `the server of ${use.first} is closed to ${use.second}`, work: use.foreignServer },
  ],
  [{ title: 'flows are open and closed as declared', work: use.flows }],
];

const inTrouble: readonly Stage[] = [
  [{ title: 'the proxy is killed, servers are reachable again', work: trouble.proxyKilled }],
  [
    { title: 'the hub is killed, servers keep running', work: trouble.hubKilled },
    { title: 'workers of Dask are deleted, the computation completes', work: trouble.workerDeleted },
    { title: 'two of four servers of the object store are deleted, reads succeed', work: trouble.storePodsDeleted },
  ],
  [{ title: 'a node with a server of the object store fails, reads and writes continue', work: trouble.nodeFails }],
  [
    { title: 'the node returns, and all workloads are ready', work: trouble.nodeReturns },
    { title: 'a change of configuration keeps users logged in', work: trouble.changedConfiguration },
  ],
  [{ title: 'idle servers are culled, a busy server is not', work: trouble.culling }],
];

/** The smallest site, where all users are allowed to log in. */
const small: readonly Stage[] = [
  ...applying,
  [again, logsIn(use.first, ['python'])],
  [{ title: 'a cell writes to the store, computes on Dask, reads back', work: (it) => use.compute(it, 3) }],
  [{ title: 'a Dask Gateway is added, servers keep running', work: gateway.grows, needed: true }],
  [{ title: `${use.second} starts a cluster of two workers and computes on it`, work: gateway.startsCluster }],
];

async function applied(site: Site): Promise<string> {
  const start = Date.now();
  const seconds = () => ((Date.now() - start) / 1000).toFixed(1);
  await applyManifests(site.cluster, site.manifests, site.secrets, site.charts);
  const applyTime = seconds();
  await site.ready();
  await site.cluster.policiesInForce();
  return `applied in ${applyTime} s, ready after ${seconds()} s`;
}

async function bucketJob(site: Site): Promise<void> {
  await site.cluster.run(['wait', '-n', 'minio', '--for=condition=Complete', 'job', '--all', '--timeout=120s']);
}

async function unchanged(site: Site): Promise<void> {
  const all = ['-f', site.secrets, ...filesOf(site.manifests, site.charts)];
  await use.eventually('nothing to change', 60, async () => {
    const { status, stdout, stderr } = await site.cluster.run(['diff', '--server-side', ...all], { may: 'fail' });
    return status === 0 || `kubectl diff: ${(stdout || stderr).slice(0, 3000)}`;
  });
}

class Story {
  public constructor(
    private readonly site: Site,
    private readonly name: string,
    private readonly findings: Finding[],
  ) {}

  /** @returns whether there is something to look at for what follows */
  public async tell(stages: readonly Stage[]): Promise<boolean> {
    for (const stage of stages) {
      const done = await Promise.all(stage.map((it) => this.perform(it)));
      if (stage.some(({ needed }, i) => needed && !done[i])) return false;
    }
    return true;
  }

  private async perform({ title, work }: Step): Promise<boolean> {
    const start = Date.now();
    const say = (verdict: string, more: string) =>
      console.log(`  ${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s  ${verdict.padEnd(4)}  ${this.name}: ${title}${more}`);
    try {
      const told = await work(this.site);
      say('ok', typeof told === 'string' ? `: ${told}` : '');
      return true;
    } catch (error) {
      say('FAIL', `\n${String(error).slice(0, 2000)}`);
      const seen = await this.site.seen().catch((it) => `and nothing more can be seen: ${it}`);
      this.findings.push({ where: `${this.name}: ${title}`, message: `${error instanceof Error ? error.message : error}\n\n${seen}` });
      return false;
    }
  }
}

/** Stages up to the one that has a step with this word in its title. */
function cut(stages: readonly Stage[], word: string): readonly Stage[] {
  const end = stages.findIndex((stage) => stage.some(({ title }) => title.includes(word)));
  if (end < 0) throw new Error(`no step has ${word} in its title`);
  return stages.slice(0, end + 1);
}

const { values } = parseArgs({
  options: { until: { type: 'string' }, manifests: { type: 'string' }, site: { type: 'string' } },
});
const { until, manifests } = values;
const wanted = (stages: readonly Stage[]) => (until ? cut(stages, until) : stages);

/** The second site has namespaces of the same names, and another address of the API server in its policies: a cluster of its own. */
async function second(findings: Finding[]): Promise<void> {
  await Site.alone(existing, manifests, async (site) => {
    await new Story(site, existing.name, findings).tell(wanted(small));
  });
}

async function first({ cluster, folder, findings }: Context): Promise<void> {
  const story = new Story(Site.on(cluster, napoli, folder, manifests), napoli.name, findings);
  if (until || values.site) {
    await story.tell(wanted([...inUse, ...inTrouble]));
    return;
  }
  if (!(await story.tell(inUse))) return;
  // The second site comes while the first one waits for what was killed.
  const ended = await Promise.allSettled([second(findings), story.tell(inTrouble)]);
  for (const it of ended) if (it.status === 'rejected') throw it.reason;
}

if (values.site === existing.name) {
  void suite('running', async () => {
    const findings: Finding[] = [];
    await second(findings);
    return findings;
  });
} else {
  clusterSuite({ name: 'running', images: gateway.images, hosts: { [napoli.provider]: internet }, test: first });
}
