/**
 * The images that every node has from the start. They are pulled and unpacked once, into a seed that is kept: containerd never
 * changes what it has unpacked, so all nodes can share it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cache } from '../images/store';
import type { Machine } from './machine';
import { startContainerd } from './node';

const folder = join(cache, 'seeds');

/** Where the seed of these images is: made with containerd of a machine that is not a node yet, where it is missing. */
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

/** Databases are copied; of what containerd only reads the node gets links, which cost nothing. */
export function plant(from: string, machine: Machine): void {
  const into = join(machine.folder, 'containerd');
  const snapshots = 'io.containerd.snapshotter.v1.overlayfs/snapshots';
  const blobs = 'io.containerd.content.v1.content/blobs/sha256';
  const linked = [snapshots, blobs].map((it) => join(from, it));
  cpSync(from, into, { recursive: true, filter: (source) => !linked.includes(dirname(source)) });
  for (const name of readdirSync(join(from, snapshots))) symlinkSync(join(from, snapshots, name), join(into, snapshots, name));
  for (const name of readdirSync(join(from, blobs))) linkSync(join(from, blobs, name), join(into, blobs, name));
}

/** The command that keeps a seed from being forgotten, as long as it runs. */
export function holding(from: string): string[] {
  return ['flock', '--shared', '--no-fork', `${from}.lock`, 'sleep', 'infinity'];
}

/** Each is as large as its images: three sets are enough, and those in use. */
function forgetOthers(kept: string): void {
  const age = (path: string) => -statSync(path).mtimeMs;
  const others = readdirSync(folder)
    .filter((it) => !it.endsWith('.lock'))
    .map((it) => join(folder, it))
    .filter((it) => it !== kept);
  for (const old of others.sort((a, b) => age(a) - age(b)).slice(2)) spawnSync('flock', ['--nonblock', `${old}.lock`, 'rm', '-rf', old]);
}
