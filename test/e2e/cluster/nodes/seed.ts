/**
 * Preloaded images of the nodes. They are pulled and unpacked once into a cached seed, which all nodes share: containerd never changes unpacked
 * images.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cache } from '../images/store';
import type { Machine } from './machine';
import { startContainerd } from './node';

const folder = join(cache, 'seeds');

/** Folder of the seed of these images. If missing, it is created with containerd on a machine that is not a node yet. */
export async function seed(
  machine: Machine,
  containerd: string,
  registry: string,
  names: readonly string[],
  digests: readonly string[],
): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([basename(dirname(containerd)), names, digests]))
    .digest('hex')
    .slice(0, 16);
  const target = join(folder, key);
  if (existsSync(target)) return target;

  const daemon = await startContainerd(machine, containerd, { pods: '10.0.0.0/24', registry });
  const ctr = [join(dirname(containerd), 'ctr'), '-n', 'k8s.io', 'images'];
  for (const name of names) await machine.must([...ctr, 'pull', '--hosts-dir', registry, name], { timeout: 600_000 });
  const gone = new Promise((resolve) => daemon.process.once('close', resolve));
  await machine.must(['pkill', '-x', 'containerd']);
  await gone;

  mkdirSync(folder, { recursive: true });
  if (!existsSync(target)) renameSync(join(machine.folder, 'containerd'), target);
  forgetOthers(target);
  return target;
}

/** Copies the databases, and hard-links the files that containerd only reads. */
export function plant(from: string, machine: Machine): void {
  const into = join(machine.folder, 'containerd');
  const snapshots = 'io.containerd.snapshotter.v1.overlayfs/snapshots';
  const blobs = 'io.containerd.content.v1.content/blobs/sha256';
  const linked = [snapshots, blobs].map((it) => join(from, it));
  cpSync(from, into, { recursive: true, filter: (source) => !linked.includes(dirname(source)) });
  for (const name of readdirSync(join(from, snapshots))) symlinkSync(join(from, snapshots, name), join(into, snapshots, name));
  for (const name of readdirSync(join(from, blobs))) linkSync(join(from, blobs, name), join(into, blobs, name));
}

/** Command that protects a seed from removal while it runs. */
export function holding(from: string): string[] {
  return ['flock', '--shared', '--no-fork', `${from}.lock`, 'sleep', 'infinity'];
}

/** Removes old seeds, which are as large as their images: three are kept, and those in use. */
function forgetOthers(kept: string): void {
  const age = (path: string) => -statSync(path).mtimeMs;
  const others = readdirSync(folder)
    .filter((it) => !it.endsWith('.lock'))
    .map((it) => join(folder, it))
    .filter((it) => it !== kept);
  for (const old of others.sort((a, b) => age(a) - age(b)).slice(2)) spawnSync('flock', ['--nonblock', `${old}.lock`, 'rm', '-rf', old]);
}
