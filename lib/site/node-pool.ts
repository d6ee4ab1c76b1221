import type { Architecture } from './architecture';
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

/** A volume that is independent of its virtual machine. */
export interface DataVolume {
  /** Unique in the pool; part of the volume's name. */
  readonly name: string;
  /** A volume can be enlarged, not shrunk. */
  readonly size: Memory;
  /** Volume type (`openstack volume type list`). @default - the cloud's default type */
  readonly type?: string;
  /** Availability zone of Cinder. @default - the cloud's default zone */
  readonly availabilityZone?: string;
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

/** A boot volume in place of the flavor's local disk. */
export interface BootVolume {
  readonly size: Memory;
  /** Volume type (`openstack volume type list`). @default - the cloud's default type */
  readonly type?: string;
  /** Availability zone of Cinder. @default - the cloud's default zone */
  readonly availabilityZone?: string;
}

/** What happens to the data volumes of a node that is removed: they stay in the project, or are deleted with their data. */
export type RetiredVolumes = 'keep-volumes' | 'delete-volumes';

/** Nodes of one kind. */
export interface NodePoolProps<G extends Gpus = Gpus> {
  /** Number of nodes, 0 for none yet; they get the keys `1` to `count`. @default - as many as `hostnames`, or 1 */
  readonly count?: number;
  /**
   * Keys of the nodes instead of a count, so that a node in the middle can be removed without renaming the others. The key is part of the
   * node's name and determines its address.
   *
   * @default - `1` to `count`
   */
  readonly keys?: readonly string[];
  /**
   * Former name of the pool, for a pool that was renamed while its virtual machines exist. They keep their names and addresses, and Terraform
   * moves them in its state (`moved` blocks) instead of replacing them. Leave it in place.
   *
   * @default - the pool was not renamed
   */
  readonly renamedFrom?: string;
  /**
   * Keys of nodes that were removed from `count` or `keys` although they have data volumes, each with what happens to these. Without it,
   * `facility synth` and `facility check` refuse to remove such a node. `keep-volumes` lets Terraform forget the volumes (`removed` blocks).
   *
   * @default - none
   */
  readonly retired?: Readonly<Record<string, RetiredVolumes>>;
  readonly flavor: Flavor;
  /** Name of the OpenStack image. Wanted where machines are created. @default - none */
  readonly image?: string;
  /**
   * Processor architecture of the nodes. Every image of their pods must exist for it: `facility images` lists which images run where.
   *
   * @default - amd64; arm64 with GPUs that are built with an ARM processor only (Grace Hopper, Grace Blackwell)
   * @throws CONFLICTING_ARCHITECTURE, UNSUPPORTED_ARCHITECTURE with RKE
   */
  readonly architecture?: Architecture;
  /** @default ['worker'] */
  readonly roles?: readonly Role[];
  /**
   * Address of key `1` (or `a`); key `n` has the address `n - 1` further on, whichever other keys there are.
   *
   * @default - a block for each pool: the lower three quarters of the network are divided among eight pools, in the order of the site
   */
  readonly firstAddress?: string;
  /**
   * Addresses of the nodes by key, or as a list in the order of the keys. Keys other than numbers and single letters need an address here.
   *
   * @default - counted from `firstAddress`
   */
  readonly addresses?: readonly string[] | Readonly<Record<string, string>>;
  /**
   * IPv6 addresses of the nodes of a dual-stack cluster whose machines the library does not create, by key or in the order of the keys.
   *
   * @default - counted from the IPv6 range of the cloud
   */
  readonly addresses6?: readonly string[] | Readonly<Record<string, string>>;
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
  readonly bootVolume?: BootVolume;
  /** Disks beside the root disk, one of each for every node. @default - none */
  readonly dataVolumes?: readonly DataVolume[];
  /**
   * Whether two machines of the pool may share a hypervisor. `hard` refuses to start a machine rather than share; OpenStack
   * decides late, and several machines that start together may all be refused.
   *
   * @default soft
   */
  readonly spread?: 'hard' | 'soft' | 'none';
  /** Availability zone of Nova. @default - chosen by the cloud */
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
  /** Names of further networks of the project that the nodes are attached to, e.g. one for storage; their ports get an address by DHCP. @default - none */
  readonly networks?: readonly string[];
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
