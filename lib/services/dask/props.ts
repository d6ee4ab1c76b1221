import type { Endpoint } from '../../endpoints';
import type { ServiceProps } from '../../kubernetes';
import type { Accelerator, Cpu, Duration, Memory, Placement, PodPeer, SecretKey, StorageClass } from '../../site';

/** The size of one worker's pod. */
export interface WorkerSize {
  /** Cores; each whole one is a thread. */
  readonly cpu: Cpu;
  readonly memory: Memory;
}

/**
 * What a worker does as its memory fills, in shares of its limit. `false`: it does not.
 *
 * @see https://distributed.dask.org/en/stable/worker-memory.html
 */
export interface MemoryShares {
  /** Results as counted by Dask: from here on the oldest go to disk. @default 0.6 */
  readonly target?: number | false;
  /** The whole process as counted by the kernel: from here on results go to disk, whatever their count. @default 0.7 */
  readonly spill?: number | false;
  /** From here on it starts no further task. @default 0.8 */
  readonly pause?: number | false;
  /** Here the nanny ends it, and starts it anew. @default 0.95 */
  readonly terminate?: number;
}

/** How old a worker's process may become. It hands over what it holds before, and is started anew. */
export interface WorkerLifetime {
  readonly after: Duration;
  /** So much sooner or later, by chance, so that not all go at once. @default - a tenth of `after` */
  readonly stagger?: Duration;
}

/** What may be said of workers that are all alike. */
export interface WorkerOptions {
  /** Pools whose nodes run the workers. @default - that of their accelerator, else those of the cluster */
  readonly on?: Placement;

  /** Worker processes; each is one pod. @default 2 */
  readonly workers?: number;

  /**
   * What each worker computes with beside the processors, e.g. `gpus.slice('3g.40gb')`. Such workers are rolled in place, one after the
   * other: all cards may be in use. Dask knows nothing of it: tasks that need it say so by `resources`.
   *
   * @default none
   */
  readonly accelerator?: Accelerator | 'none';

  /** Size of one worker's pod. @default { cpu: 2, memory: '8GiB' } */
  readonly worker?: WorkerSize;

  /**
   * Memory that a worker counts as its own; what is left of the pod is for the nanny and the interpreter. Dask ends a
   * worker at 95 % of its limit, the kernel at 100 % of the pod's: the two must not meet.
   *
   * @default - 90 % of the pod's memory, and at least 256 MiB less than it
   * @throws INVALID_DASK_MEMORY_LIMIT if the worker has less than 512 MiB, or the rest of the pod less than 256 MiB
   * @see https://distributed.dask.org/en/stable/worker-memory.html
   */
  readonly memoryLimit?: Memory;

  /**
   * What a worker does as its memory fills.
   *
   * @default { target: 0.6, spill: 0.7, pause: 0.8, terminate: 0.95 }
   * @throws INVALID_DASK_MEMORY_SHARES unless they are shares, and in this order
   */
  readonly memoryShares?: MemoryShares;

  /** Threads of a worker; more than its cores only make them wait. @default - the whole cores of the worker, at least one */
  readonly threads?: number;

  /**
   * What each worker has of what tasks may ask for, e.g. `{ GPU: 1 }`; Dask counts it and knows nothing of its nature.
   *
   * @default - nothing
   * @see https://distributed.dask.org/en/stable/resources.html
   */
  readonly resources?: Readonly<Record<string, number>>;

  /** Disk that a worker may spill to when its memory is full; what would not fit stays in memory. @default 10GiB */
  readonly spill?: Memory;

  /** Class of a volume of its own for each worker's spill. @default - the disk of the node */
  readonly spillOn?: StorageClass;

  /** How old a worker's process may become: the cure for libraries that leak. @default - any age */
  readonly lifetime?: WorkerLifetime;

  /** How long a worker that must go may take to hand over what it holds to the others. @default 2m */
  readonly retirement?: Duration;

  /** How long a worker waits for a scheduler that is gone before it ends and is started anew. @default 60s */
  readonly deathTimeout?: Duration;
}

/** How scheduler, workers and clients know each other. */
export interface DaskTlsProps {
  /** Secret with `tls.crt` and `tls.key`, here and in the namespace of each client. @default - `<id>-tls`, self-signed by `facility bootstrap` */
  readonly secret?: string;

  /** Key in that Secret of the certificate that signed theirs; cert-manager writes `ca.crt`. @default tls.crt */
  readonly authority?: string;
}

/** A Dask cluster that several users share: one scheduler, and workers of one or several sizes. */
export interface DaskClusterProps extends ServiceProps, WorkerOptions {
  /** Pools whose nodes run the workers; the scheduler goes to the first. Workers with an accelerator go to its pool. */
  readonly on: Placement;

  /**
   * Further workers by name: what is not said of a group is as it is said of the cluster.
   *
   * @default - none
   * @example { gpu: { accelerator: gpus.slice('3g.40gb'), workers: 4, resources: { GPU: 1 } } }
   */
  readonly groups?: Readonly<Record<string, WorkerOptions>>;

  /** Size of the scheduler's pod; it keeps one record for each task of every computation. @default { cpu: 1, memory: '4GiB' } */
  readonly scheduler?: WorkerSize;

  /** Image of scheduler and workers; its Dask must be the notebook's. @default - image `dask` of the site */
  readonly image?: string;

  /**
   * What tasks connect to, e.g. `[store.endpoint]`: workers find addresses and keys in their environment.
   *
   * @default - nothing
   * @throws CONFLICTING_ENDPOINTS, CONFLICTING_ENDPOINT_MOUNT, UNSUPPORTED_FOREIGN_ENDPOINT
   */
  readonly uses?: readonly Endpoint[];

  /** Whether tasks reach the public Internet; private addresses and the metadata service stay closed. @default false */
  readonly internet?: boolean;

  /** Variables of scheduler and workers, e.g. `DASK_…` for settings that have no prop; texts, or keys of Secrets. @default - none */
  readonly env?: Readonly<Record<string, string | SecretKey>>;

  /** Encrypts every connection, and refuses whoever has no certificate. @default - plain connections, closed by NetworkPolicies */
  readonly tls?: DaskTlsProps;

  /** Who reads `/metrics` of scheduler (8787) and workers (8790); the image must have `prometheus_client`. @default - nobody */
  readonly metrics?: { readonly from: PodPeer };
}
