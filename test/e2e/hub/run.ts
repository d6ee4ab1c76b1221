/**
 * The real JupyterHub, KubeSpawner, OAuthenticator and idle culler (of the release in our image, and of the next), and the real
 * proxy, run with the arguments, the variables and the files of our manifests, on a real kube-apiserver with the rights of the
 * hub's ServiceAccount. Pods do not run: something answers in their place, for one of them the real notebook server.
 *
 *   npm run e2e -- hub
 *
 * Seen to fail: with the filter by groups taken out of jupyterhub_config.py (random choices, "refused" and "provider" tell who sees
 * and starts what is closed to them); without `create` in the hub's Role (no server becomes ready); with the name's claim given to
 * CILogon ("every login": OAuthenticator refuses it); with cullers that look as soon as the hub is there ("culling": a server in use is
 * stopped); before a refused choice was forgotten, JupyterHub 6 refused the next start too ("culling").
 *
 * It needs the rights to make namespaces of mounts and of the network (enter.sh).
 */
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { built, newest, startControlPlane } from '../cluster/control-plane';
import { type Finding, phase, suite, table } from '../cluster/report';
import { configuration } from './configuration';
import { HOST } from './description';
import { LiveHub } from './live';
import { logins } from './logins';
import { property } from './property';
import { culling, provider, refused, rights, type Story, starts } from './stories';

const RELEASES = ['5', '6'] as const;
const NAMES = ['nb-hub.nb.svc.cluster.local', 'nb-proxy.nb.svc.cluster.local', 'iam.example.org', HOST];

const install = (...what: readonly string[]) =>
  execFileSync(join(__dirname, 'install.sh'), what, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();

async function run(release: string): Promise<Finding[]> {
  const proxy = install('proxy');
  const python = install('python', release);
  const rows: (string | number)[][] = [['JupyterHub', 'login', 'story', 'checks', 'findings']];
  const findings: Finding[] = [];
  const known = await phase(`JupyterHub ${release}: every login`, () => logins(python));
  if (known.checks < 7) findings.push({ where: 'every login', message: 'not all were tried: nothing is proved' });
  findings.push(...known.wrong.map((message) => ({ where: `JupyterHub ${release}, every login`, message })));
  rows.push([release, '-', 'every login', known.checks, known.wrong.length]);
  const read = await phase(`JupyterHub ${release}: settings and accounts`, () => configuration(python));
  if (read.checks < 9) findings.push({ where: 'settings and accounts', message: 'not all were tried: nothing is proved' });
  findings.push(...read.wrong.map((message) => ({ where: `JupyterHub ${release}, settings and accounts`, message })));
  rows.push([release, '-', 'settings and accounts', read.checks, read.wrong.length]);
  const random = await phase(`JupyterHub ${release}: random choices`, () => property(python, 60));
  if (random.pods < 300) findings.push({ where: 'random choices', message: `only ${random.pods} pods: nothing is proved` });
  findings.push(...random.findings.map(({ where, message }) => ({ where: `JupyterHub ${release}: ${where}`, message })));
  rows.push([release, '-', 'random choices', random.pods, random.findings.length]);
  for (const [login, stories] of [
    ['dummy', [rights, refused, starts, culling]],
    ['oidc', [provider]],
  ] as const) {
    const told = await live(release, python, proxy, login, stories);
    findings.push(...told.findings);
    rows.push(...told.rows);
  }
  table(rows);
  return findings;
}

async function live(release: string, python: string, proxy: string, login: string, stories: readonly Story[]) {
  const findings: Finding[] = [];
  const rows: (string | number)[][] = [];
  const cluster = await phase(`JupyterHub ${release}: Kubernetes ${newest}`, () => startControlPlane(newest));
  const hub = new LiveHub(cluster, python, proxy, login);
  try {
    await phase(`JupyterHub ${release}: with ${login} login it answers`, () => hub.start());
    for (const story of stories) {
      const told = await phase(`JupyterHub ${release}, ${login}: ${story.name}`, () => story(hub));
      if (told.checks < 4) findings.push({ where: story.name, message: `only ${told.checks} checks: nothing is proved` });
      const where = `JupyterHub ${release}, ${login}, ${story.name}`;
      findings.push(...told.wrong.map((message) => ({ where, message })));
      rows.push([release, login, story.name, told.checks, told.wrong.length]);
    }
  } catch (error) {
    findings.push({ where: `JupyterHub ${release}, ${login}`, message: `${error instanceof Error ? error.stack : error}` });
  } finally {
    await hub.stop();
    cluster.stop();
  }
  return { findings, rows };
}

/** What must be fetched is fetched outside: inside there is no network but this machine's own. Each release has one to itself. */
async function outside(): Promise<void> {
  install('proxy');
  for (const release of RELEASES) install('python', release);
  built('kubernetes', newest, 'kube-apiserver', 'kube-controller-manager', 'kubectl');
  built('etcd');
  const inside = [join(__dirname, 'enter.sh'), process.execPath, '--import', 'tsx', __filename];
  const env = { ...process.env, HUB_NAMES: NAMES.join(' ') };
  const done = RELEASES.map((release) => {
    // It ends with this process, however that ends.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...inside, release], { stdio: 'inherit', env });
    return new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  });
  process.exitCode = Math.max(...(await Promise.all(done)));
}

const [release = ''] = process.argv.slice(2);
if (process.env.HUB_INSIDE === '1') void suite(`hub, JupyterHub ${release}`, () => run(release));
else void outside();
