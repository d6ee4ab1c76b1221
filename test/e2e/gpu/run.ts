/**
 * MAX IV as committed in dist/, and a workshop that shares its cards otherwise, on a real cluster whose kubelets give out slices, by a
 * device plugin that has no cards (../cluster/devices). The nodes are labelled by the program that the facility writes; the real
 * KubeSpawner makes a pod of every choice of the hubs, and their accounts create it. Where it runs, what it sees, how many fit and what
 * is refused must be as the model and the summary say.
 *
 *   npm run e2e -- gpu
 *
 * The hubs themselves do not run (`hub`, `running` are for that), and the image of every notebook is one that says what it sees.
 *
 * Seen to fail, each at the choice or the node that it is about: a node that tells of one slice less than the model (its number, and the
 * last session is Pending); a choice without its toleration; `void` left in a choice with a slice, and absent where there is none; a
 * quota of one slice too many; quotas of shares for another priority class; a label or a taint that label-nodes.sh leaves out.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maxiv } from '../../../apps/maxiv/facility';
import { gpuFiles } from '../../../lib/services/nvidia/cards/files';
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

/** A node as it was before anybody said what its cards are: with the labels that its pool is known by. */
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
          // What follows has nothing to look at.
          lost.add(proof);
          context.find(`${proof.name}: ${name}`, String(error));
        });
        if (typeof told === 'string') console.log(`              ${proof.name}: ${told}`);
      };
      await Promise.all(proofs.map(one));
    });
  try {
    await each('nodes are labelled, and as the model has them', (it) => it.nodes());
    await each('namespaces, quotas and rights', (it) => it.hub.apply());
    await each('every choice runs on its pool and sees its GPUs', (it) => it.choices());
    await each('an environment gets its share', (it) => it.shares());
    await each('as many servers as the summary says run', (it) => it.room());
    await each('a node whose slices are in use is not repartitioned', (it) => it.leftAlone());
    await each('the next one is refused or waits for a slice', (it) => it.next());
  } finally {
    for (const { hub } of proofs) hub.stop();
  }
  const refused = await context.step('pods without a GPU stay away, invalid requests are refused', () => refusals(cluster, all, findings));
  context.checks += proofs.reduce((sum, it) => sum + it.checks, refused);
  if (context.checks < 150) context.find('checks', `only ${context.checks}: nothing is proved`);
}

const scratch = mkdtempSync(join(tmpdir(), 'gpu-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const all = places(scratch);
clusterSuite({
  name: 'gpu',
  nodes: all.flatMap((it) => clusterOf(it.output.site).nodes).map(bare),
  // Notebooks are to be pulled: another image has their names.
  nodeImages: [],
  test: (context) => prove(context, all),
});
