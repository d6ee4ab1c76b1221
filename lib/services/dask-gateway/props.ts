import type { Endpoint } from '../../endpoints';
import type { Resources, ServiceProps } from '../../kubernetes';
import type { Accelerator, Cpu, Duration, Memory, Placement, SharedVolume } from '../../site';

/** Limits of one user. The scheduler of a cluster counts towards cores and memory. */
export interface UserLimits {
  /** Number of clusters at the same time. @default 1 */
  readonly clusters?: number;
  /** Number of workers of one cluster. @default 10 */
  readonly workers?: number;
  /** Cores of one cluster. @default - the scheduler and `workers` workers of the largest size */
  readonly cpu?: Cpu;
  /** Memory of one cluster. @default - the scheduler and `workers` workers of the largest size */
  readonly memory?: Memory;
}

/** A JupyterHub of the same Kubernetes cluster. */
export interface HubName {
  /** Its id. @default jupyterhub */
  readonly id?: string;
  /** @default - its id */
  readonly namespace?: string;
}

/** Size of a pod of a user's cluster. */
export interface PodSize {
  readonly cpu: Cpu;
  readonly memory: Memory;
}

/** A gateway that starts Dask clusters for users on demand. */
export interface DaskGatewayProps extends ServiceProps {
  /** Node pools of the gateway: API server, controller, proxy. */
  readonly on: Placement;

  /** Node pools of the users' clusters. @default - those of the gateway */
  readonly clustersOn?: Placement;

  /** The hub that authenticates the users. @default { id: 'jupyterhub' } */
  readonly hub?: HubName;

  /** Default image of clusters; it must contain the package `dask-gateway`. @default - image `dask-gateway` of the site */
  readonly image?: string;

  /** Further images that users may choose; notebooks request their own image. @default - only `image` */
  readonly images?: readonly string[];

  /** Default size of a worker. @default { cpu: 1, memory: '4GiB' } */
  readonly worker?: PodSize;

  /** Largest size of a worker that users may choose. @default { cpu: 4, memory: '16GiB' } */
  readonly largestWorker?: PodSize;

  /**
   * Accelerators that users may choose for their workers, by name: `new_cluster(accelerator='slice')`. Such workers run on the pool of the
   * accelerator, and the number of workers of a cluster is limited to the accelerators that exist.
   *
   * @default - none
   * @throws INVALID_GATEWAY_ACCELERATOR
   * @example { slice: gpus.slice('3g.40gb') }
   */
  readonly accelerators?: Readonly<Record<string, Accelerator>>;

  /** Size of the scheduler of each cluster. @default { cpu: 1, memory: '2GiB' } */
  readonly scheduler?: PodSize;

  /** Limits of each user. @default { clusters: 1, workers: 10 } */
  readonly limits?: UserLimits;

  /** Limits by group of the hub. A user in several groups gets the highest value of each limit. @default - none */
  readonly groups?: Readonly<Record<string, UserLimits>>;

  /** Inactivity after which a cluster is stopped; idle workers still occupy their cores and memory. @default 1h */
  readonly idleTimeout?: Duration;

  /** Ephemeral storage of each worker, for spilled results and temporary files. @default 10GiB */
  readonly spill?: Memory;

  /**
   * Endpoints that users' clusters connect to, e.g. `[store.endpoint]`. Schedulers and workers get addresses and credentials as environment
   * variables.
   *
   * @default - none
   * @throws CONFLICTING_ENDPOINTS, CONFLICTING_ENDPOINT_MOUNT, UNSUPPORTED_FOREIGN_ENDPOINT
   */
  readonly uses?: readonly Endpoint[];

  /**
   * Volumes that workers of users' clusters mount, e.g. data sets that notebooks mount at the same path.
   *
   * @default - none
   * @throws INVALID_MOUNT_PATH, UNSUPPORTED_STORAGE_CLASS, UNSUPPORTED_WRITABLE_MOUNT, DUPLICATE_SHARED_VOLUME
   */
  readonly volumes?: readonly SharedVolume[];

  /** Environment variables of schedulers and workers. @default - none */
  readonly env?: Readonly<Record<string, string>>;

  /** Whether clusters can reach the public Internet. Private addresses and the metadata service remain blocked. @default true */
  readonly internet?: boolean;

  /**
   * Whether to create the CustomResourceDefinitions of Traefik. Set it to false if the cluster has its own Traefik.
   *
   * @default true
   */
  readonly traefikDefinitions?: boolean;

  /** Resources of the API server. @default { cpu: '100m', cpuLimit: 1, memory: '256MiB' } */
  readonly api?: Resources;

  /** Resources of the controller. @default { cpu: '100m', cpuLimit: 1, memory: '256MiB' } */
  readonly controller?: Resources;

  /** Resources of the proxy, which forwards all traffic between notebooks and schedulers. @default { cpu: '250m', cpuLimit: 2, memory: '256MiB' } */
  readonly proxy?: Resources;
}
