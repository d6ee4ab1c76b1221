/**
 * Builds missing software that suites share: Kubernetes, the programs of the cluster, the images of the library.
 *
 *   node --import tsx test/e2e/cluster/prepare.ts
 *
 * Two chains beside each other: what compiles has both cores, what waits for the network or for a linker has one.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { newest, oldest } from './control-plane';

type Command = readonly [program: string, ...args: string[]];

const build = (...what: string[]): Command => [join(__dirname, 'build.sh'), ...what];

const chains: readonly (readonly Command[])[] = [
  [
    build('kubernetes', newest, 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kubelet', 'kube-proxy'),
    build('kubernetes', oldest, 'kube-apiserver', 'kube-controller-manager'),
  ],
  [
    [join(__dirname, 'nodes/packages.sh')],
    build('etcd'),
    build('tool', 'containerd', 'coredns', 'local-path-provisioner', 'traefik', 'minio', 'mc', 'kubeconform', 'kube-score'),
    build('device-plugin'),
    [process.execPath, '--import', 'tsx', join(__dirname, 'images.ts')],
  ],
];

function run([program, ...args]: Command): Promise<void> {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => (status === 0 ? resolve() : reject(new Error(`${program} ${args.join(' ')} ended with ${status}`))));
  });
}

async function main(): Promise<void> {
  const inOrder = async (chain: readonly Command[]) => {
    for (const command of chain) await run(command);
  };
  await Promise.all(chains.map(inOrder));
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
