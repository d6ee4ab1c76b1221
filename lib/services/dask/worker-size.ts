import { failure } from '../../errors';
import { bytes, cores, type Memory, seconds } from '../../site';
import { daskLifetime, daskMemoryLimit, daskMemoryShares, daskResource, daskThreads } from './messages';
import type { MemoryShares, WorkerLifetime, WorkerSize } from './props';

/** Threads and memory limit of a worker, derived from the size of its pod. */
export interface WorkerLimits {
  readonly threads: number;
  /** In bytes. */
  readonly memory: number;
}

/** In bytes. */
const MIN_WORKER_MEMORY = 512 * 2 ** 20;
/** Memory of the pod for nanny and interpreter, in bytes. */
const NANNY_MEMORY = 256 * 2 ** 20;

/**
 * Threads and memory of a worker.
 *
 * @throws INVALID_DASK_MEMORY_LIMIT, INVALID_DASK_THREADS, INVALID_QUANTITY
 */
export function workerLimits(size: WorkerSize, memoryLimit?: Memory, threads?: number): WorkerLimits {
  const pod = bytes(size.memory);
  const memory = memoryLimit === undefined ? Math.min(Math.floor(pod * 0.9), pod - NANNY_MEMORY) : bytes(memoryLimit);
  if (memory < MIN_WORKER_MEMORY || pod - memory < NANNY_MEMORY) throw failure(daskMemoryLimit(memory, pod));
  const wholeCores = Math.max(1, Math.floor(cores(size.cpu)));
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) throw failure(daskThreads(threads));
  return { threads: threads ?? wholeCores, memory };
}

/**
 * All four memory thresholds, in ascending order: a worker that pauses before it spills would never resume. None is above 1, so that the
 * nanny terminates a worker before the kernel kills its pod; `workerLimits` reserves memory between the two limits.
 *
 * @throws INVALID_DASK_MEMORY_SHARES
 */
export function memoryShares(given: MemoryShares = {}): Required<MemoryShares> {
  const shares = { target: 0.6, spill: 0.7, pause: 0.8, terminate: 0.95, ...given } as const;
  const order = [shares.target, shares.spill, shares.pause, shares.terminate];
  const numbers = order.filter((share) => share !== false);
  const valid = numbers.every((share, i) => share > (numbers[i - 1] ?? 0) && share <= 1) && Number.isFinite(shares.terminate);
  if (!valid) throw failure(daskMemoryShares(`target ${order[0]}, spill ${order[1]}, pause ${order[2]}, terminate ${order[3]}`));
  return shares;
}

/**
 * Value of the option `--resources`: the abstract resources of a worker that tasks can request.
 *
 * @throws INVALID_DASK_RESOURCE
 */
export function resourceText(resources: Readonly<Record<string, number>>): string {
  return Object.entries(resources)
    .map(([name, amount]) => {
      if (!/^[A-Za-z0-9_-]+$/.test(name) || !(Number.isFinite(amount) && amount > 0)) throw failure(daskResource(name, amount));
      return `${name}=${amount}`;
    })
    .join(' ');
}

/**
 * Command-line options of a worker that is restarted after its lifetime.
 *
 * @throws INVALID_DASK_LIFETIME, INVALID_QUANTITY
 */
export function lifetimeArguments({ after, stagger }: WorkerLifetime): readonly string[] {
  const age = seconds(after);
  const jitter = stagger === undefined ? Math.floor(age / 10) : seconds(stagger);
  if (age < 60 || jitter >= age) throw failure(daskLifetime(age, jitter));
  return ['--lifetime', `${age}s`, '--lifetime-stagger', `${jitter}s`, '--lifetime-restart'];
}
