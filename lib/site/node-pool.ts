import type { FlavorGpus, Gpus } from './gpu/sharing';
import type { Cpu, Memory } from './quantity';

/** What a node is for: the parts of Kubernetes that run on it. */
export type Role = 'controlplane' | 'etcd' | 'worker';

/** The size of one node. */
export interface Flavor {
  /** Name in OpenStack (`openstack flavor list`). Wanted where machines are created. @default - none */
  readonly name?: string;
  /** Virtual CPUs. */
  readonly vcpus: number;
  readonly memory: Memory;
  /** Root disk, unless the pool has a boot volume: images, logs, and what pods write beside their volumes. @default - not known, and not counted */
  readonly disk?: Memory;
  /** How its machines get their cards, as the cloud's administrators have set it up. @default - without cards */
  readonly gpus?: FlavorGpus;
}

/** Keeps pods away unless they tolerate it. */
export interface Taint {
  readonly key: string;
  /** @default - empty */
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** A disk that outlives its machine. */
export interface DataVolume {
  /** Unique in the pool; part of the volume's name. */
  readonly name: string;
  readonly size: Memory;
  /** @default - the cloud's default type */
  readonly type?: string;
}

/** Resources that are kept from pods. */
export interface ReservedAmounts {
  readonly cpu?: Cpu;
  readonly memory?: Memory;
  /** Of the root disk. @default - nothing */
  readonly disk?: Memory;
}

/** What the kubelet keeps from pods. @see https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/ */
export interface ReservedResources extends ReservedAmounts {
  /** For kubelet and container runtime (`kube-reserved`). */
  readonly cpu: Cpu;
  readonly memory: Memory;
  /** For the daemons of the operating system (`system-reserved`). @default - nothing beside */
  readonly system?: ReservedAmounts;
  /** Free memory and disk below which the kubelet evicts pods at once (`eviction-hard`). */
  readonly eviction?: {
    /** @default 100MiB */
    readonly memory?: Memory | `${number}%`;
    /** Of the root disk. @default 10% */
    readonly disk?: Memory | `${number}%`;
  };
}

/** `.status.allocatable` of a node: Kubernetes quantities by the name of the resource, extended resources included. */
export interface ReportedAllocatable {
  readonly cpu: string;
  readonly memory: string;
  /** @default - not known, and not counted */
  readonly 'ephemeral-storage'?: string;
  /** @default 110 */
  readonly pods?: string;
  readonly [resource: string]: string | undefined;
}

/** Nodes of one kind. */
export interface NodePoolProps<G extends Gpus = Gpus> {
  /** Number of nodes; they get the keys `1` to `count`. @default - as many as `hostnames`, or 1 */
  readonly count?: number;
  /**
   * Keys of the nodes instead of a count, so that the one in the middle can go without renaming the others.
   *
   * @default - `1` to `count`
   */
  readonly keys?: readonly string[];
  readonly flavor: Flavor;
  /** Name of the OpenStack image. Wanted where machines are created. @default - none */
  readonly image?: string;
  /** @default ['worker'] */
  readonly roles?: readonly Role[];
  /**
   * Address of the first node; the others follow it. Say it for every pool, and no pool moves when another grows.
   *
   * @default - a block for each pool: the lower three quarters of the network are divided among eight pools, in the order of the site
   */
  readonly firstAddress?: string;
  /** Addresses of nodes that exist already, one for each. @default - counted from `firstAddress` */
  readonly addresses?: readonly string[];
  /**
   * Names of nodes that exist already, one for each, as `kubectl get nodes` prints them. By these, each node is told which layout its
   * cards have.
   *
   * @default - such nodes are told by `labels` alone
   * @throws INVALID_HOSTNAME_COUNT, INVALID_HOSTNAME, DUPLICATE_HOSTNAME, UNSUPPORTED_HOSTNAMES where the library names the nodes
   */
  readonly hostnames?: readonly string[];
  /**
   * Labels of the nodes. Where nodes exist already, these are what their pods are placed by.
   *
   * @default - `analysis-facility.io/pool: <name>` alone, where the library installs Kubernetes
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - none */
  readonly taints?: readonly Taint[];
  /** Boot from a volume of this size instead of the flavor's local disk. @default - the local disk */
  readonly bootVolume?: { readonly size: Memory; readonly type?: string };
  /** Disks beside the root disk, one of each for every node. @default - none */
  readonly dataVolumes?: readonly DataVolume[];
  /**
   * Whether two machines of the pool may share a hypervisor. `hard` refuses to start a machine rather than share; OpenStack
   * decides late, and several machines that start together may all be refused.
   *
   * @default soft
   */
  readonly spread?: 'hard' | 'soft' | 'none';
  /** @default - wherever the cloud likes */
  readonly availabilityZone?: string;
  /**
   * What each node keeps from pods. It is written into the arguments of the kubelet, and is what the capacity checks subtract. Pods of the
   * distribution itself (DNS, network, ingress) are counted beside it. Where the cluster exists already, nothing is written: say what the
   * kubelets there keep, or better `allocatable`.
   *
   * @default { cpu: '500m', memory: '1GiB', eviction: { memory: '100MiB', disk: '10%' } }
   * @throws INVALID_QUANTITY, EXCEEDS_FLAVOR, CONFLICTING_RESERVED with RKE, whose kubelets all have the same arguments
   */
  readonly reserved?: ReservedResources;
  /**
   * What pods may use of each node, as the nodes of an existing cluster report it: `kubectl get node NAME -o yaml`, `.status.allocatable`.
   * Of pools whose nodes differ, the smallest. It takes the place of `flavor` and `reserved` in the capacity checks.
   *
   * @default - computed from `flavor` and `reserved`
   * @throws INVALID_QUANTITY, UNSUPPORTED_ALLOCATABLE where the library installs Kubernetes
   * @example { cpu: '15500m', memory: '64807180Ki', 'ephemeral-storage': '95071997Ki', pods: '110' }
   */
  readonly allocatable?: ReportedAllocatable;
  /** Cards of each node, and how pods get hold of them. @default - none */
  readonly gpus?: G;
}

/**
 * Nodes of one kind, as services are placed on them.
 *
 * @madeBy nodePool
 */
export interface NodePool extends NodePoolProps {
  readonly kind: 'node-pool';
  readonly name: string;
}

/**
 * One pool or several: what a service is placed on.
 *
 * @validated UNKNOWN_POOL lists the pools of the site
 */
export type Placement = NodePool | readonly NodePool[];

/** The pools of a placement. */
export function poolsOf(on: Placement): readonly NodePool[] {
  return Array.isArray(on) ? on : [on as NodePool];
}
