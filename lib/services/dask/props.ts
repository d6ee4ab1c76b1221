import type { ServiceProps } from '../../kubernetes';
import type { Cpu, Duration, Memory, Placement } from '../../site';

/** The size of one worker's pod. */
export interface WorkerSize {
  /** Cores; each whole one is a thread. */
  readonly cpu: Cpu;
  readonly memory: Memory;
}

/** A Dask cluster that several users share: one scheduler, workers of one size. */
export interface DaskClusterProps extends ServiceProps {
  /** Pools whose nodes run the workers; the scheduler goes to the first. */
  readonly on: Placement;

  /** Worker processes; each is one pod. @default 2 */
  readonly workers?: number;

  /** Size of one worker's pod. @default { cpu: 2, memory: '8GiB' } */
  readonly worker?: WorkerSize;

  /**
   * Memory that a worker counts as its own; what is left of the pod is for the nanny and the interpreter. Dask ends a
   * worker at 95 % of its limit, the kernel at 100 % of the pod's: the two must not meet.
   *
   * @default - 90 % of the pod's memory
   * @throws DASK_MEMORY_LIMIT if the worker has less than 512 MiB, or the rest of the pod less than 256 MiB
   * @see https://distributed.dask.org/en/stable/worker-memory.html
   */
  readonly memoryLimit?: Memory;

  /** Threads of a worker; more than its cores only make them wait. @default - the whole cores of the worker, at least one */
  readonly threads?: number;

  /** Size of the scheduler's pod; it keeps one record for each task of every computation. @default { cpu: 1, memory: '4GiB' } */
  readonly scheduler?: WorkerSize;

  /** Disk that a worker may spill to when its memory is full. @default 10GiB */
  readonly spill?: Memory;

  /** How long a worker waits for a scheduler that is gone before it ends and is started anew. @default 60s */
  readonly deathTimeout?: Duration;

  /** Image of scheduler and workers; its Dask must be the notebook's. @default - image `dask` of the site */
  readonly image?: string;
}
