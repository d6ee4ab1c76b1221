import { daskMemoryLimit, daskThreads, failure } from '../../errors';
import { bytes, cores, type Memory } from '../../site';
import type { WorkerSize } from './props';

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
 * @throws DASK_MEMORY_LIMIT, DASK_THREADS, QUANTITY_UNKNOWN
 */
export function workerLimits(size: WorkerSize, memoryLimit?: Memory, threads?: number): WorkerLimits {
  const pod = bytes(size.memory);
  const memory = memoryLimit === undefined ? Math.floor(pod * 0.9) : bytes(memoryLimit);
  if (memory < SMALLEST_WORKER || pod - memory < NANNY) throw failure(daskMemoryLimit(memory, pod));
  const whole = Math.max(1, Math.floor(cores(size.cpu)));
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) throw failure(daskThreads(threads));
  return { threads: threads ?? whole, memory };
}
