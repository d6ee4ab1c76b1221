/** Deploys a facility to a cluster, like an operator. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Facility } from '../../../lib';
import { bootstrap } from '../../../lib/command/bootstrap';
import { type Manifest, readSites } from './manifests';
import type { Cluster } from './props';
import type { Context } from './suite';

/** Namespaces, quotas and priority classes, which are applied first. */
const FIRST = '00-cluster.k8s.yaml';

/** The files of a folder of manifests as arguments for kubectl. */
export function filesOf(folder: string, charts: readonly string[]): string[] {
  return charts.flatMap((it) => ['-f', join(folder, `${it}.k8s.yaml`)]);
}

/**
 * Applies the manifests of a folder, and the Secrets of another one before those that use them.
 *
 * @param charts names of the files to apply, without `.k8s.yaml`. @default - all of the folder
 */
export async function applyManifests(cluster: Cluster, manifests: string, secrets: string, charts?: readonly string[]): Promise<void> {
  const apply = ['apply', '--server-side'];
  await cluster.run([...apply, '-f', join(manifests, FIRST)]);
  const hasSecrets = existsSync(secrets) && readdirSync(secrets).some((it) => it.endsWith('.yaml'));
  if (hasSecrets) await cluster.run([...apply, '-f', secrets]);
  await cluster.run([...apply, ...(charts ? filesOf(manifests, charts) : ['-f', manifests])]);
}

/** Waits until all workloads are rolled out, and Jobs are complete. */
export async function rolledOut(cluster: Cluster, manifests: readonly Manifest[], seconds = 180): Promise<void> {
  const wait = ({ object: { kind, metadata } }: Manifest): readonly string[] | undefined => {
    const about = ['-n', metadata.namespace ?? 'default', `${kind.toLowerCase()}/${metadata.name}`, `--timeout=${seconds}s`];
    if (kind === 'Job') return ['wait', '--for=condition=Complete', ...about];
    return ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind) ? ['rollout', 'status', ...about] : undefined;
  };
  const waits = manifests.flatMap((it) => [wait(it) ?? []]).filter((it) => it.length > 0);
  if (waits.length === 0) throw new Error('no workload in the manifests');
  await Promise.all(waits.map((it) => cluster.run(it, { timeout: (seconds + 20) * 1000 })));
}

/**
 * Writes the manifests and Secrets of a facility on `sharedSite()`, applies them, and waits until everything runs.
 *
 * @param describe makes the facility, with this folder as its `outdir`
 */
export async function deploy({ cluster, folder }: Context, describe: (outdir: string) => Facility, seconds = 180): Promise<void> {
  const [manifests, secrets] = [join(folder, 'manifests'), join(folder, 'secrets')];
  const facility = describe(manifests);
  facility.synth();
  quietly(() => bootstrap([facility], [facility.output().site.name, '--out', secrets]));
  await applyManifests(cluster, manifests, secrets);
  await rolledOut(
    cluster,
    readSites(manifests).flatMap((it) => it.manifests),
    seconds,
  );
  await cluster.policiesInForce();
}

/** Suppresses the output of a command. */
function quietly(act: () => void): void {
  const write = process.stdout.write;
  process.stdout.write = () => true;
  try {
    act();
  } finally {
    process.stdout.write = write;
  }
}
