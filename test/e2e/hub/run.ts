/**
 * Runs the real JupyterHub, KubeSpawner, OAuthenticator and idle culler (the release of the image, and the next one) and the real proxy
 * with the arguments, environment variables and files of the generated manifests, on a real kube-apiserver with the permissions of the
 * hub's ServiceAccount. Pods do not run: an HTTP server responds instead of them, for one of them the real notebook server.
 *
 *   npm run e2e -- hub
 *
 * Seen to fail: with the filter by groups removed from jupyterhub_config.py (random choices, "denied" and "provider" report users who can
 * see and start choices of other groups); without `create` in the hub's Role (no server becomes ready); with `username_claim` set for
 * CILogon ("every login": OAuthenticator rejects it); with cullers that check immediately after a start of the hub ("culling": a server in
 * use is stopped); when a denied choice was still stored, JupyterHub 6 denied the next start too ("culling").
 *
 * It needs permission to create mount and network namespaces (enter.sh).
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
import { culling, denied, permissions, provider, type Scenario, starts } from './scenarios';

const RELEASES = ['5', '6'] as const;
const NAMES = ['nb-hub.nb.svc.cluster.local', 'nb-proxy.nb.svc.cluster.local', 'iam.example.org', HOST];

const install = (...what: readonly string[]) =>
  execFileSync(join(__dirname, 'install.sh'), what, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();

async function run(release: string): Promise<Finding[]> {
  const proxy = install('proxy');
  const python = install('python', release);
  const rows: (string | number)[][] = [['JupyterHub', 'login', 'scenario', 'checks', 'findings']];
  const findings: Finding[] = [];
  const known = await phase(`JupyterHub ${release}: every login`, () => logins(python));
  if (known.checks < 7) findings.push({ where: 'every login', message: 'some logins were not tested' });
  findings.push(...known.wrong.map((message) => ({ where: `JupyterHub ${release}, every login`, message })));
  rows.push([release, '-', 'every login', known.checks, known.wrong.length]);
  const read = await phase(`JupyterHub ${release}: settings and accounts`, () => configuration(python));
  if (read.checks < 9) findings.push({ where: 'settings and accounts', message: 'some checks did not run' });
  findings.push(...read.wrong.map((message) => ({ where: `JupyterHub ${release}, settings and accounts`, message })));
  rows.push([release, '-', 'settings and accounts', read.checks, read.wrong.length]);
  const random = await phase(`JupyterHub ${release}: random choices`, () => property(python, 60));
  if (random.pods < 300) findings.push({ where: 'random choices', message: `only ${random.pods} pods, expected at least 300` });
  findings.push(...random.findings.map(({ where, message }) => ({ where: `JupyterHub ${release}: ${where}`, message })));
  rows.push([release, '-', 'random choices', random.pods, random.findings.length]);
  for (const [login, scenarios] of [
    ['dummy', [permissions, denied, starts, culling]],
    ['oidc', [provider]],
  ] as const) {
    const result = await live(release, python, proxy, login, scenarios);
    findings.push(...result.findings);
    rows.push(...result.rows);
  }
  table(rows);
  return findings;
}

async function live(release: string, python: string, proxy: string, login: string, scenarios: readonly Scenario[]) {
  const findings: Finding[] = [];
  const rows: (string | number)[][] = [];
  const cluster = await phase(`JupyterHub ${release}: Kubernetes ${newest}`, () => startControlPlane(newest));
  const hub = new LiveHub(cluster, python, proxy, login);
  try {
    await phase(`JupyterHub ${release}: start with ${login} login`, () => hub.start());
    for (const scenario of scenarios) {
      const result = await phase(`JupyterHub ${release}, ${login}: ${scenario.name}`, () => scenario(hub));
      if (result.checks < 4) findings.push({ where: scenario.name, message: `only ${result.checks} checks, expected at least 4` });
      const where = `JupyterHub ${release}, ${login}, ${scenario.name}`;
      findings.push(...result.wrong.map((message) => ({ where, message })));
      rows.push([release, login, scenario.name, result.checks, result.wrong.length]);
    }
  } catch (error) {
    findings.push({ where: `JupyterHub ${release}, ${login}`, message: `${error instanceof Error ? error.stack : error}` });
  } finally {
    await hub.stop();
    cluster.stop();
  }
  return { findings, rows };
}

/** Downloads everything first: inside of the namespaces there is no external network. Each release runs in its own namespaces. */
async function outside(): Promise<void> {
  install('proxy');
  for (const release of RELEASES) install('python', release);
  built('kubernetes', newest, 'kube-apiserver', 'kube-controller-manager', 'kubectl');
  built('etcd');
  const inside = [join(__dirname, 'enter.sh'), process.execPath, '--import', 'tsx', __filename];
  const env = { ...process.env, HUB_NAMES: NAMES.join(' ') };
  const done = RELEASES.map((release) => {
    // The child is killed when this process exits, for any reason.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...inside, release], { stdio: 'inherit', env });
    return new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  });
  process.exitCode = Math.max(...(await Promise.all(done)));
}

const [release = ''] = process.argv.slice(2);
if (process.env.HUB_INSIDE === '1') void suite(`hub, JupyterHub ${release}`, () => run(release));
else void outside();
