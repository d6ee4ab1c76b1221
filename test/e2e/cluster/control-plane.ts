/**
 * A real Kubernetes control plane without nodes: etcd, kube-apiserver and the controllers that fill in what admission
 * waits for. Several can run at once. From a shell:
 *
 *   node --import tsx test/e2e/cluster/control-plane.ts VERSION                 prints the kubeconfig, ends on Ctrl-C
 *   node --import tsx test/e2e/cluster/control-plane.ts VERSION COMMAND ARG...  runs COMMAND with KUBECONFIG set, then ends
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The newest release whose Go modules can be had, and the oldest: a dozen staging modules of 1.27 have no checksum. */
export const newest = '1.37.1';
export const oldest = '1.30.4';

export interface ControlPlane {
  readonly version: string;
  readonly kubeconfig: string;
  readonly kubectl: string;
  /** URL of the API server, the certificate that signed its own, and the token of an administrator. */
  readonly server: string;
  readonly authority: string;
  readonly token: string;
  /** URL of its etcd. */
  readonly etcd: string;
  /** What kubectl needs in its environment to stay out of the user's home. */
  readonly env: NodeJS.ProcessEnv;
  /** Stops all processes and removes the folder. */
  stop(): void;
}

const patience = 180_000;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function built(...what: readonly string[]): string {
  return execFileSync(join(__dirname, 'build.sh'), what, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

export async function startControlPlane(version: string): Promise<ControlPlane> {
  const binaries = built('kubernetes', version, 'kube-apiserver', 'kube-controller-manager');
  const kubectl = join(built('kubernetes', newest, 'kubectl'), 'kubectl');
  const etcd = built('etcd');

  const folder = mkdtempSync(join(tmpdir(), `control-plane-${version}-`));
  const daemons: ChildProcess[] = [];
  const interrupted = () => process.exit(1);
  const stop = () => {
    process.off('exit', stop);
    for (const signal of signals) process.off(signal, interrupted);
    for (const daemon of daemons) daemon.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
  };
  process.on('exit', stop);
  for (const signal of signals) process.on(signal, interrupted);

  const start = (binary: string, args: readonly string[]) => {
    const name = binary.slice(dirname(binary).length + 1);
    const log = openSync(join(folder, `${name}.log`), 'w');
    // Stops with this process, even if this process is killed.
    const daemon = spawn('setpriv', ['--pdeathsig', 'KILL', binary, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ['ignore', log, log],
    });
    daemons.push(daemon);
    return { name, daemon, log: join(folder, `${name}.log`) };
  };

  try {
    const [clients, peers, secure] = await freePorts(3);
    const endpoint = `http://127.0.0.1:${clients}`;
    const peer = `http://127.0.0.1:${peers}`;
    const server = `https://127.0.0.1:${secure}`;
    const certificate = join(folder, 'apiserver.crt');
    const token = writeKeys(folder);

    start(etcd, [
      '--name=only',
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${endpoint}`,
      `--advertise-client-urls=${endpoint}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=only=${peer}`,
    ]);
    const api = start(join(binaries, 'kube-apiserver'), [
      `--etcd-servers=${endpoint}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      // Kubernetes rejects a loopback address as endpoint of the Service `kubernetes`.
      '--endpoint-reconciler-type=none',
      `--secure-port=${secure}`,
      `--cert-dir=${folder}`,
      '--token-auth-file=tokens.csv',
      '--authorization-mode=RBAC',
      '--allow-privileged',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--service-account-issuer=https://kubernetes.default.svc',
      '--service-account-signing-key-file=service-accounts.key',
      '--service-account-key-file=service-accounts.pub',
    ]);
    await until('kube-apiserver is ready', api, () => answersReady(server, certificate, token));

    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, kubeconfigText(server, certificate, token), { mode: 0o600 });
    const env = { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(folder, 'kubectl-cache') };

    const controllers = start(join(binaries, 'kube-controller-manager'), [
      `--kubeconfig=${kubeconfig}`,
      '--secure-port=0',
      '--leader-elect=false',
      '--service-account-private-key-file=service-accounts.key',
      `--root-ca-file=${certificate}`,
      // Not the workload controllers: a pod they made would use up the quota that the dry run asks about.
      `--controllers=${['serviceaccount', 'root-ca-certificate-publisher', 'resourcequota', 'namespace'].map((it) => `${it}-controller`).join()}`,
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
    ]);
    await until('the default ServiceAccount is there', controllers, () => {
      return spawnSync(kubectl, ['get', 'serviceaccount', 'default'], { env, stdio: 'ignore' }).status === 0;
    });
    const authority = readFileSync(certificate, 'utf8');
    return { version, kubeconfig, kubectl, server, authority, token, etcd: endpoint, env, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** A key pair for ServiceAccount tokens and the administrator's bearer token. */
function writeKeys(folder: string): string {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const token = randomBytes(16).toString('hex');
  writeFileSync(join(folder, 'service-accounts.key'), privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(folder, 'service-accounts.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  return token;
}

function kubeconfigText(server: string, certificate: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'only',
    clusters: [{ name: 'only', cluster: { server, 'certificate-authority': certificate } }],
    users: [{ name: 'only', user: { token } }],
    contexts: [{ name: 'only', context: { cluster: 'only', user: 'only' } }],
  });
}

/** Outside the range from which the kernel takes ports for outgoing connections, so that none is taken in between. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (free) found.add(port);
  }
  return [...found];
}

export function answersReady(server: string, certificate: string, token: string): Promise<boolean> {
  if (!existsSync(certificate)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const options = { ca: readFileSync(certificate), headers: { authorization: `Bearer ${token}` }, timeout: 5_000 };
    const request = get(`${server}/readyz`, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

/** Watches the clock and whether the process lives, not a number of tries: on a busy machine 600 tries were six minutes. */
async function until(
  what: string,
  from: { name: string; daemon: ChildProcess; log: string },
  done: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await done())) {
    const ended = from.daemon.exitCode !== null || from.daemon.signalCode !== null;
    if (ended || Date.now() > deadline) {
      const last = readFileSync(from.log, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
      throw new Error(`${ended ? `${from.name} ended` : `waited ${patience / 1000} s`} before ${what}:\n${last}`);
    }
    await sleep(100);
  }
}

async function main([version = newest, command, ...args]: readonly string[]): Promise<void> {
  const cluster = await startControlPlane(version);
  if (command) {
    const env = { ...cluster.env, PATH: `${dirname(cluster.kubectl)}:${process.env.PATH}` };
    process.exitCode = spawnSync(command, args, { env, stdio: 'inherit' }).status ?? 1;
    cluster.stop();
    return;
  }
  console.log(cluster.kubeconfig);
}

if (require.main === module) void main(process.argv.slice(2));
