/**
 * MAX IV as committed in dist/, and a workshop with other kinds of sharing, on a real cluster whose kubelets allocate slices of a device
 * plugin without GPUs (../cluster/devices). The generated label-nodes.sh labels the nodes; the real KubeSpawner makes a pod of each choice
 * of the hubs, and the ServiceAccounts of the hubs create it. Placement, visible GPUs, capacity and rejections must be as in model and summary.
 *
 *   npm run e2e -- gpu
 *
 * The hubs themselves do not run (see the suites `hub` and `running`), and all notebooks have an image that prints its visible GPUs.
 *
 * Seen to fail, each with the affected choice or node: a node with one slice less than in the model (its number, and the last session is
 * Pending); a choice without its toleration; `void` in a choice with a slice, and its absence in a choice without; a quota with one slice too
 * many; quotas of shares for another priority class; a label or taint missing in label-nodes.sh.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maxiv } from '../../../apps/maxiv/facility';
import { gpuFiles } from '../../../lib/services/nvidia/record/files';
import { clusterOf } from '../cluster/of-site';
import type { NodeProps } from '../cluster/props';
import { type Context, clusterSuite } from '../cluster/suite';
import { type Place, Proof } from './proof';
import { refusals } from './refusals';
import { site, workshop } from './site';

const dist = join(__dirname, '../../../dist');
const nvidia = (name: string) => `nvidia.com/${name}`;

function places(folder: string): readonly Place[] {
  const lessons = workshop(join(folder, 'workshop'));
  lessons.synth();
  const labels = join(folder, 'label-nodes.sh');
  writeFileSync(labels, gpuFiles(site).find(({ path }) => path === 'label-nodes.sh')?.text ?? '');
  return [
    {
      output: maxiv.output(),
      manifests: join(dist, 'manifests/maxiv'),
      labels: join(dist, 'cluster/maxiv/label-nodes.sh'),
      hub: 'jupyterhub',
      expected: ({ profile, gpu = 'none' }) => {
        if (profile === 'tomography') return { pool: 'gpu-half', resource: nvidia('mig-3g.40gb') };
        const slices: Readonly<Record<string, string>> = { small: 'mig-1g.10gb', medium: 'mig-2g.20gb' };
        return slices[gpu] ? { pool: 'gpu-fine', resource: nvidia(slices[gpu]) } : { pool: 'cpu' };
      },
    },
    {
      output: lessons.output(),
      manifests: join(folder, 'workshop'),
      labels,
      hub: 'classroom',
      expected: ({ profile }) => {
        if (profile === 'lesson') return { pool: 'shared', resource: nvidia('gpu.shared') };
        if (profile === 'half') return { pool: 'single', resource: nvidia('gpu') };
        return { pool: 'open', resource: profile === 'whole' ? nvidia('gpu') : undefined };
      },
    },
  ];
}

/** A node without the labels and taints of its GPUs, only with the labels that select its pool. */
function bare({ labels = {}, taints = [], ...node }: NodeProps): NodeProps {
  const known = (key: string) => !key.startsWith('nvidia.com/');
  return {
    ...node,
    labels: Object.fromEntries(Object.entries(labels).filter(([key]) => known(key))),
    taints: taints.filter(({ key }) => known(key)),
  };
}

async function prove(context: Context, all: readonly Place[]): Promise<void> {
  const { cluster, findings, folder } = context;
  const proofs = all.map((it) => new Proof(cluster, it, findings, folder));
  const lost = new Set<Proof>();
  const each = (name: string, work: (proof: Proof) => Promise<unknown>) =>
    context.step(name, async () => {
      const one = async (proof: Proof) => {
        if (lost.has(proof)) return;
        const told = await work(proof).catch((error) => {
          // Later steps of this site cannot run.
          lost.add(proof);
          context.find(`${proof.name}: ${name}`, String(error));
        });
        if (typeof told === 'string') console.log(`              ${proof.name}: ${told}`);
      };
      await Promise.all(proofs.map(one));
    });
  try {
    await each('nodes are labelled as in the model', (it) => it.nodes());
    await each('namespaces, quotas and RBAC', (it) => it.hub.apply());
    await each('each choice runs on its pool and sees its GPUs', (it) => it.choices());
    await each('an environment gets its share', (it) => it.shares());
    await each('the number of servers in the summary fits', (it) => it.capacity());
    await each('label-nodes.sh skips a node whose slices are in use', (it) => it.skipsUsedNode());
    await each('one more server is rejected or waits for a slice', (it) => it.next());
  } finally {
    for (const { hub } of proofs) hub.stop();
  }
  const refused = await context.step('pods without a GPU are not scheduled on GPU nodes, invalid requests are rejected', () =>
    refusals(cluster, all, findings),
  );
  context.checks += proofs.reduce((sum, it) => sum + it.checks, refused);
  if (context.checks < 150) context.find('checks', `only ${context.checks} checks were run`);
}

const scratch = mkdtempSync(join(tmpdir(), 'gpu-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const all = places(scratch);
clusterSuite({
  name: 'gpu',
  nodes: all.flatMap((it) => clusterOf(it.output.site).nodes).map(bare),
  // The images of notebooks are replaced by another image with the same name.
  nodeImages: [],
  test: (context) => prove(context, all),
});
