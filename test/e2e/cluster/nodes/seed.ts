/**
 * The images that every node has from the start. They are pulled and unpacked once, into a seed that is kept; a node gets it as hard
 * links, for containerd never changes what it has unpacked, and as copies of its databases.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cache } from '../images/store';
import { answer, type Machine } from './machine';
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

export async function plant(from: string, machine: Machine): Promise<void> {
  const into = join(machine.folder, 'containerd');
  await succeed('cp', '-al', from, into);
  const databases = readdirSync(into, { recursive: true, encoding: 'utf8' }).filter((it) => it.endsWith('.db'));
  for (const file of databases) await succeed('cp', '--remove-destination', join(from, file), join(into, file));
}

/** Each is as large as its images: three sets are enough. */
function forgetOthers(kept: string): void {
  const age = (path: string) => -statSync(path).mtimeMs;
  const others = readdirSync(folder)
    .map((it) => join(folder, it))
    .filter((it) => it !== kept);
  for (const old of others.sort((a, b) => age(a) - age(b)).slice(2)) rmSync(old, { recursive: true, force: true });
}

async function succeed(command: string, ...args: readonly string[]): Promise<void> {
  const { status, stderr } = await answer(command, args, { timeout: 600_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
