import type { Accelerator, Cpu, Duration, Memory, Placement, SharedVolume, StorageClass } from '../../site';

/** Pods that KEDA starts while jobs wait, and that stop when they have nothing to do. */
export interface DemandProps {
  /** Most pods at a time. */
  readonly most: number;
  /** Idle jobs for which one pod is started. @default 4 */
  readonly jobsPerPod?: number;
  /** Time without a job after which a pod stops. @default 20m */
  readonly idle?: Duration;
  /** URL of the Prometheus that has the metrics of the exporter, e.g. `http://prometheus.monitoring.svc:9090`. */
  readonly prometheus: string;
  /** How often KEDA asks. @default 60s */
  readonly every?: Duration;
}

/** Execute nodes of one kind. */
export interface ExecuteProps {
  /** Pools whose nodes run them. @default - that of the accelerator, else those of the pool */
  readonly on?: Placement;

  /** Number of pods, each with one partitionable slot. @default 1, or none beside `demand` */
  readonly pods?: number;

  /** Start pods while jobs wait. @default - only `pods` */
  readonly demand?: DemandProps;

  /** Whole cores of one pod; jobs get all of them. */
  readonly cpu: Cpu;

  /**
   * Memory of one pod. 256 MiB of it are for the daemons.
   *
   * @throws INVALID_CONDOR_MEMORY
   */
  readonly memory: Memory;

  /** Scratch disk for all jobs of one pod. @default 20GiB */
  readonly disk?: Memory;

  /**
   * Class of a volume of its own for the scratch disk, which is deleted with the pod: a job that fills it cannot have the pod evicted.
   *
   * @default - the disk of the node
   */
  readonly diskOn?: StorageClass;

  /** GPUs or MIG slices of one pod, e.g. `gpus.slice('3g.40gb')`. @default - none */
  readonly accelerator?: Accelerator;

  /** Whether jobs that request no GPU run on nodes with an accelerator. @default false */
  readonly jobsWithoutGpu?: boolean;

  /**
   * How nodes find their GPUs: `discovered` by condor_gpu_discovery with their properties, or `counted` by the number of the accelerator.
   *
   * @default discovered
   */
  readonly gpus?: 'discovered' | 'counted';

  /** Tenants whose jobs run here. @default - everybody, also jobs of other pools */
  readonly tenants?: readonly string[];

  /**
   * Further condition on jobs, a ClassAd expression, e.g. `TARGET.RequestMemory >= 4096`.
   *
   * @default - none
   */
  readonly start?: string;

  /** Attributes that the nodes advertise, e.g. `{ HasCvmfs: true }`. @default - namespace and pod */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;

  /**
   * Whether jobs run in container images (`universe = container`) with Apptainer. It costs root with SYS_ADMIN in the pod and the Pod
   * Security level `privileged` of the namespace: a job that breaks out of its container is root on the node.
   *
   * @default none
   */
  readonly containers?: 'apptainer' | 'none';

  /**
   * Whose processes jobs are. `pod`: they have the user id of the daemons, so that a job can read the token of the node and stop other jobs;
   * for pools with one owner per pod. `nobody`: the pod starts as root with six capabilities, and jobs run as `nobody`.
   *
   * @default nobody
   */
  readonly isolation?: 'nobody' | 'pod';

  /** Volumes that jobs see. @default - none */
  readonly volumes?: readonly SharedVolume[];

  /**
   * Whether access points connect to the nodes directly, or ask the collector to have the nodes connect to them (CCB).
   *
   * @default ccb if an access point is outside of the pod network or the pool takes jobs of other pools, else direct
   */
  readonly inbound?: 'direct' | 'ccb';

  /** Whether jobs reach the public Internet. Private addresses and the metadata service are closed. @default false */
  readonly internet?: boolean;

  /** Duration of the longest job on these nodes. @default - that of the pool */
  readonly longestJob?: Duration;

  /** How long a job may take to stop when it is evicted. @default 1m */
  readonly vacate?: Duration;

  /**
   * terminationGracePeriodSeconds of the pods.
   *
   * @default - derived from the longest job
   * @throws CONFLICTING_CONDOR_GRACE if it is shorter
   */
  readonly grace?: Duration;

  /** How many nodes may be drained at a time: PodDisruptionBudget. @default 1 */
  readonly drainedAtOnce?: number;

  /** Image of these nodes, with the software of the jobs. @default - that of the pool */
  readonly image?: string;
}
