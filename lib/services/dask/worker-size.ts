import { failure } from '../../errors';
import { bytes, cores, type Memory, seconds } from '../../site';
import { daskLifetime, daskMemoryLimit, daskMemoryShares, daskResource, daskThreads } from './messages';
import type { MemoryShares, WorkerLifetime, WorkerSize } from './props';

/** What a worker is told, derived from the pod that holds it. */
export interface WorkerLimits {
  readonly threads: number;
  /** In bytes. */
  readonly memory: number;
}

const SMALLEST_WORKER = 512 * 2 ** 20;
const NANNY = 256 * 2 ** 20;

/**
 * Threads and memory of a worker.
 *
 * @throws INVALID_DASK_MEMORY_LIMIT, INVALID_DASK_THREADS, INVALID_QUANTITY
 */
export function workerLimits(size: WorkerSize, memoryLimit?: Memory, threads?: number): WorkerLimits {
  const pod = bytes(size.memory);
  const memory = memoryLimit === undefined ? Math.min(Math.floor(pod * 0.9), pod - NANNY) : bytes(memoryLimit);
  if (memory < SMALLEST_WORKER || pod - memory < NANNY) throw failure(daskMemoryLimit(memory, pod));
  const whole = Math.max(1, Math.floor(cores(size.cpu)));
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) throw failure(daskThreads(threads));
  return { threads: threads ?? whole, memory };
}

/**
 * All four shares, in order: a worker that paused before it spilled would wait for ever. No share is above 1, so that the
 * nanny ends a worker before the kernel ends its pod: `workerLimits` keeps the two apart.
 *
 * @throws INVALID_DASK_MEMORY_SHARES
 */
export function memoryShares(given: MemoryShares = {}): Required<MemoryShares> {
  const shares = { target: 0.6, spill: 0.7, pause: 0.8, terminate: 0.95, ...given } as const;
  const order = [shares.target, shares.spill, shares.pause, shares.terminate];
  const numbers = order.filter((share) => share !== false);
  const fits = numbers.every((share, i) => share > (numbers[i - 1] ?? 0) && share <= 1) && Number.isFinite(shares.terminate);
  if (!fits) throw failure(daskMemoryShares(`target ${order[0]}, spill ${order[1]}, pause ${order[2]}, terminate ${order[3]}`));
  return shares;
}

/**
 * What tasks may ask of a worker, as the command line takes it.
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
 * The options of a worker that is started anew at an age.
 *
 * @throws INVALID_DASK_LIFETIME, INVALID_QUANTITY
 */
export function lifetimeArguments({ after, stagger }: WorkerLifetime): readonly string[] {
  const age = seconds(after);
  const either = stagger === undefined ? Math.floor(age / 10) : seconds(stagger);
  if (age < 60 || either >= age) throw failure(daskLifetime(age, either));
  return ['--lifetime', `${age}s`, '--lifetime-stagger', `${either}s`, '--lifetime-restart'];
}
