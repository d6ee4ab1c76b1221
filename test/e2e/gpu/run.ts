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
import { type Cluster, startCluster } from '../cluster/cluster';
import { clusterOf } from '../cluster/of-site';
import type { NodeProps } from '../cluster/props';
import { type Finding, phase, suite } from '../cluster/report';
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

async function run(): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-'));
  try {
    const all = places(folder);
    const nodes = all.flatMap((it) => clusterOf(it.output.site).nodes).map(bare);
    const cluster = await phase('the cluster', () => startCluster({ nodes }));
    try {
      return await proved(cluster, all);
    } finally {
      await phase('the end', () => cluster.stop());
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

async function proved(cluster: Cluster, all: readonly Place[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const proofs = all.map((it) => new Proof(cluster, it, findings));
  const lost = new Set<Proof>();
  const each = (name: string, work: (proof: Proof) => Promise<unknown>) =>
    phase(name, async () => {
      const one = async (proof: Proof) => {
        if (lost.has(proof)) return;
        const told = await work(proof).catch((error) => {
          // What follows has nothing to look at.
          lost.add(proof);
          findings.push({ where: `${proof.name}: ${name}`, message: String(error) });
        });
        if (typeof told === 'string') console.log(`              ${proof.name}: ${told}`);
      };
      await Promise.all(proofs.map(one));
    });
  try {
    await each('nodes are labelled, and as the model has them', (it) => it.nodes());
    await each('namespaces, quotas and rights', (it) => it.hub.apply());
    await each('every choice runs on its pool and sees its cards', (it) => it.choices());
    await each('an environment gets its share', (it) => it.shares());
    await each('as many servers as promised run', (it) => it.room());
    await each('a node whose slices are in use is not cut anew', (it) => it.leftAlone());
    await each('the next one is refused or waits for the slice of who ends', (it) => it.next());
  } finally {
    for (const { hub } of proofs) hub.stop();
  }
  const refused = await phase('who asks for no card stays away, who asks in vain is told', () => refusals(cluster, all, findings));
  const checks = proofs.reduce((sum, it) => sum + it.checks, refused);
  console.log(`  ${checks} checks`);
  if (checks < 150) findings.push({ where: 'checks', message: `only ${checks}: nothing is proved` });
  return findings;
}

void suite('gpu', run);
