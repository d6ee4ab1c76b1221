import type { Endpoint } from '../../endpoints';
import type { Resources, ServiceProps } from '../../kubernetes';
import type { Accelerator, Cpu, Duration, Memory, Placement } from '../../site';

/** Most that one user may have; the scheduler of a cluster counts. */
export interface UserLimits {
  /** Clusters at a time. @default 1 */
  readonly clusters?: number;
  /** Workers of one cluster. @default 10 */
  readonly workers?: number;
  /** Cores of one cluster. @default - what the workers come to */
  readonly cpu?: Cpu;
  /** Memory of one cluster. @default - what the workers come to */
  readonly memory?: Memory;
}

/** A JupyterHub of the same cluster. */
export interface HubName {
  /** Its id. @default jupyterhub */
  readonly id?: string;
  /** @default - its id */
  readonly namespace?: string;
}

/** The size of a pod of a user's cluster. */
export interface PodSize {
  readonly cpu: Cpu;
  readonly memory: Memory;
}

/** A gateway that starts a Dask cluster for each user who asks for one. */
export interface DaskGatewayProps extends ServiceProps {
  /** Pools whose nodes run the gateway: API server, controller, proxy. */
  readonly on: Placement;

  /** Pools whose nodes run the users' clusters. @default - those of the gateway */
  readonly clustersOn?: Placement;

  /** The hub that knows the users. @default { id: 'jupyterhub' } */
  readonly hub?: HubName;

  /** Image of clusters whose users choose none; it needs the package `dask-gateway`. @default - image `dask-gateway` of the site */
  readonly image?: string;

  /**
   * Images that users may choose; a notebook asks for its own. @default - `image` alone
   */
  readonly images?: readonly string[];

  /** Worker that users get unless they choose otherwise. @default { cpu: 1, memory: '4GiB' } */
  readonly worker?: PodSize;

  /** Largest worker that they may choose. @default { cpu: 4, memory: '16GiB' } */
  readonly largestWorker?: PodSize;

  /**
   * What workers may compute with beside the processors, by the name that users write: `new_cluster(accelerator='slice')`. Such workers
   * go to the accelerator's pool, and no cluster gets more of them than there are.
   *
   * @default - none
   * @throws INVALID_GATEWAY_ACCELERATOR
   * @example { slice: gpus.slice('3g.40gb') }
   */
  readonly accelerators?: Readonly<Record<string, Accelerator>>;

  /** Scheduler of each cluster. @default { cpu: 1, memory: '2GiB' } */
  readonly scheduler?: PodSize;

  /** Most that each user may have. @default { clusters: 1, workers: 10 } */
  readonly limits?: UserLimits;

  /** The same by group of the hub: who belongs to some of them has the largest of each. @default - none */
  readonly groups?: Readonly<Record<string, UserLimits>>;

  /** How long a cluster may have nothing to do before it is stopped; workers that wait cost what workers that work do. @default 1h */
  readonly idleTimeout?: Duration;

  /** Disk of the node for each worker, for what it spills and writes. @default 10GiB */
  readonly spill?: Memory;

  /**
   * What users' clusters connect to, e.g. `[store.endpoint]`: schedulers and workers find addresses and keys in their environment.
   *
   * @default - nothing
   * @throws CONFLICTING_ENDPOINTS, CONFLICTING_ENDPOINT_MOUNT, UNSUPPORTED_FOREIGN_ENDPOINT
   */
  readonly uses?: readonly Endpoint[];

  /** Variables of schedulers and workers. @default - none */
  readonly env?: Readonly<Record<string, string>>;

  /** Whether clusters reach the public Internet; private addresses and the metadata service stay closed. @default true */
  readonly internet?: boolean;

  /**
   * Whether the definitions of Traefik's objects come with the gateway; not where the cluster has a Traefik of its own.
   *
   * @default true
   */
  readonly traefikDefinitions?: boolean;

  /** Resources of the API server. @default { cpu: '100m', cpuLimit: 1, memory: '256MiB' } */
  readonly api?: Resources;

  /** Resources of the controller. @default { cpu: '100m', cpuLimit: 1, memory: '256MiB' } */
  readonly controller?: Resources;

  /** Resources of the proxy, which all traffic between notebooks and schedulers passes. @default { cpu: '250m', cpuLimit: 2, memory: '256MiB' } */
  readonly proxy?: Resources;
}
