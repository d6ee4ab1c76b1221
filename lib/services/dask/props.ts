import type { Endpoint } from '../../endpoints';
import type { ServiceProps } from '../../kubernetes';
import type { Accelerator, Cpu, Duration, Memory, Placement, PodPeer, SecretKey, SharedVolume, StorageClass } from '../../site';

/** Size of one pod. */
export interface WorkerSize {
  /** CPU cores; each whole core of a worker is one thread. */
  readonly cpu: Cpu;
  readonly memory: Memory;
}

/**
 * Memory thresholds of a worker, as fractions of its memory limit. `false` disables a threshold.
 *
 * @see https://distributed.dask.org/en/stable/worker-memory.html
 */
export interface MemoryShares {
  /** Size of the results as counted by Dask above which the least recently used are spilled to disk. @default 0.6 */
  readonly target?: number | false;
  /** Memory of the process as reported by the operating system above which results are spilled to disk. @default 0.7 */
  readonly spill?: number | false;
  /** Memory of the process above which the worker starts no new tasks. @default 0.8 */
  readonly pause?: number | false;
  /** Memory of the process above which the nanny terminates and restarts the worker. @default 0.95 */
  readonly terminate?: number;
}

/** Maximum age of a worker process. Before the restart, its results are moved to other workers. */
export interface WorkerLifetime {
  /** Age at which the process is restarted. */
  readonly after: Duration;
  /** Random variation of the age in both directions, so that workers do not restart at the same time. @default - a tenth of `after` */
  readonly stagger?: Duration;
}

/** Options of a group of identical workers. */
export interface WorkerOptions {
  /** Node pools of the workers. @default - the pool of the accelerator, else the pools of the cluster */
  readonly on?: Placement;

  /** Number of worker processes, one per pod. @default 2 */
  readonly workers?: number;

  /**
   * Accelerator of each worker, e.g. `gpus.slice('3g.40gb')`. Such workers are replaced one at a time (old pod first), because all GPUs may
   * be in use. Dask does not know about it: tasks that need it request it through `resources`.
   *
   * @default none
   */
  readonly accelerator?: Accelerator | 'none';

  /** Size of one worker pod. @default { cpu: 2, memory: '8GiB' } */
  readonly worker?: WorkerSize;

  /**
   * Memory limit of the worker process; the rest of the memory of the pod is for nanny and interpreter. Dask terminates a worker at 95 % of
   * this limit, the kernel at 100 % of the limit of the pod: the first must be lower than the second.
   *
   * @default - 90 % of the memory of the pod, and at least 256 MiB less than it
   * @throws INVALID_DASK_MEMORY_LIMIT if it is below 512 MiB, or less than 256 MiB below the memory of the pod
   * @see https://distributed.dask.org/en/stable/worker-memory.html
   */
  readonly memoryLimit?: Memory;

  /**
   * Memory thresholds at which a worker spills, pauses and is terminated.
   *
   * @default { target: 0.6, spill: 0.7, pause: 0.8, terminate: 0.95 }
   * @throws INVALID_DASK_MEMORY_SHARES unless they are fractions in ascending order
   */
  readonly memoryShares?: MemoryShares;

  /** Threads of a worker. More threads than cores slow down tasks that use the CPU. @default - the whole cores of the worker, at least one */
  readonly threads?: number;

  /**
   * Abstract resources of each worker that tasks can request, e.g. `{ GPU: 1 }`. Dask only counts them.
   *
   * @default - none
   * @see https://distributed.dask.org/en/stable/resources.html
   */
  readonly resources?: Readonly<Record<string, number>>;

  /** Disk space to which a worker may spill results; results that do not fit stay in memory. @default 10GiB */
  readonly spill?: Memory;

  /** StorageClass of a separate spill volume for each worker. @default - the disk of the node */
  readonly spillOn?: StorageClass;

  /** Maximum age of a worker process, e.g. to work around memory leaks of libraries. @default - unlimited */
  readonly lifetime?: WorkerLifetime;

  /** Maximum time to move the results of a stopping worker to other workers. @default 2m */
  readonly retirement?: Duration;

  /** Time that a worker waits for an unreachable scheduler before it exits and is restarted. @default 60s */
  readonly deathTimeout?: Duration;
}

/** Mutual TLS between scheduler, workers and clients. */
export interface DaskTlsProps {
  /**
   * Secret with `tls.crt` and `tls.key`, in this namespace and in that of each client.
   *
   * @default - `<id>-tls`, self-signed by `npx facility bootstrap`
   */
  readonly secret?: string;

  /** Key of the CA certificate in that Secret; cert-manager writes `ca.crt`. @default tls.crt */
  readonly authority?: string;
}

/** A shared Dask cluster: one scheduler, and workers of one or several sizes. */
export interface DaskClusterProps extends ServiceProps, WorkerOptions {
  /** Node pools of the workers; the scheduler runs on the first. Workers with an accelerator run on the pool of the accelerator. */
  readonly on: Placement;

  /**
   * Additional groups of workers by name. Options that a group does not set are those of the cluster.
   *
   * @default - none
   * @example { gpu: { accelerator: gpus.slice('3g.40gb'), workers: 4, resources: { GPU: 1 } } }
   */
  readonly groups?: Readonly<Record<string, WorkerOptions>>;

  /** Size of the scheduler pod. The scheduler keeps a record of each task of all computations. @default { cpu: 1, memory: '4GiB' } */
  readonly scheduler?: WorkerSize;

  /** Image of scheduler and workers; it must contain the same version of Dask as the notebook image. @default - image `dask` of the site */
  readonly image?: string;

  /**
   * Endpoints that tasks connect to, e.g. `[store.endpoint]`. Workers get addresses and credentials as environment variables.
   *
   * @default - none
   * @throws CONFLICTING_ENDPOINTS, CONFLICTING_ENDPOINT_MOUNT, UNSUPPORTED_FOREIGN_ENDPOINT
   */
  readonly uses?: readonly Endpoint[];

  /**
   * Volumes that workers mount, e.g. data sets that notebooks mount at the same path.
   *
   * @default - none
   * @throws INVALID_MOUNT_PATH, UNSUPPORTED_STORAGE_CLASS, UNSUPPORTED_WRITABLE_MOUNT, DUPLICATE_SHARED_VOLUME
   */
  readonly volumes?: readonly SharedVolume[];

  /** Whether tasks can reach the public Internet. Private addresses and the metadata service remain blocked. @default false */
  readonly internet?: boolean;

  /** Environment variables of scheduler and workers, e.g. `DASK_…` for settings without a prop; values or keys of Secrets. @default - none */
  readonly env?: Readonly<Record<string, string | SecretKey>>;

  /** Encrypts all connections and rejects clients without a certificate. @default - unencrypted, restricted by NetworkPolicies */
  readonly tls?: DaskTlsProps;

  /** Pods that scrape `/metrics` of scheduler (8787) and workers (8790); the image must contain `prometheus_client`. @default - none */
  readonly metrics?: { readonly from: PodPeer };
}
