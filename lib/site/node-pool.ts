import type { Architecture } from './architecture';
import type { FlavorGpus, Gpus } from './gpu/sharing';
import type { Cpu, Memory } from './quantity';

/** Role of a node: the Kubernetes components that run on it. */
export type Role = 'controlplane' | 'etcd' | 'worker';

/** The size of one node. */
export interface Flavor {
  /** Name in OpenStack (`openstack flavor list`). Required if the site has a `cloud`. @default - none */
  readonly name?: string;
  /** Virtual CPUs. */
  readonly vcpus: number;
  readonly memory: Memory;
  /**
   * Root disk, unless the pool has a boot volume: images, logs and ephemeral storage of pods.
   *
   * @default - unknown: ephemeral storage is not checked
   */
  readonly disk?: Memory;
  /** How virtual machines of the flavor get GPUs, as the cloud's administrators configured it. @default - no GPUs */
  readonly gpus?: FlavorGpus;
}

/** A taint: pods that do not tolerate it are not scheduled on the node. */
export interface Taint {
  readonly key: string;
  /**
   * @mayBeEmpty
   * @default - empty
   */
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
  /**
   * For a volume that the nodes no longer need: what happens to the volumes that exist. The entry stays until it was applied; without it,
   * `npx facility synth` and `npx facility check` refuse to remove the volume.
   *
   * @default - the volume is in use
   */
  readonly retired?: RetiredVolumes;
}

/** Resources that are not available to pods. */
export interface ReservedAmounts {
  readonly cpu?: Cpu;
  readonly memory?: Memory;
  /** Part of the root disk. @default - none */
  readonly disk?: Memory;
}

/** Resources that the kubelet reserves. @see https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/ */
export interface ReservedResources extends ReservedAmounts {
  /** CPU for kubelet and container runtime (`kube-reserved`). */
  readonly cpu: Cpu;
  readonly memory: Memory;
  /** Resources for system daemons (`system-reserved`). @default - none */
  readonly system?: ReservedAmounts;
  /** Free memory and disk below which the kubelet evicts pods immediately (`eviction-hard`). */
  readonly eviction?: {
    /** @default 100MiB */
    readonly memory?: Memory | `${number}%`;
    /** Free space of the root disk. @default 10% */
    readonly disk?: Memory | `${number}%`;
  };
}

/** `.status.allocatable` of a node: Kubernetes quantities by resource name, including extended resources. */
export interface ReportedAllocatable {
  readonly cpu: string;
  readonly memory: string;
  /** @default - unknown: ephemeral storage is not checked */
  readonly 'ephemeral-storage'?: string;
  /** @default 110 */
  readonly pods?: string;
  readonly [resource: string]: string | undefined;
}

/** A boot volume that replaces the local disk of the flavor. */
export interface BootVolume {
  readonly size: Memory;
  /** Volume type (`openstack volume type list`). @default - the cloud's default type */
  readonly type?: string;
  /** Availability zone of Cinder. @default - the cloud's default zone */
  readonly availabilityZone?: string;
}

/** Whether the data volumes of a removed node stay in the project, or are deleted with their data. */
export type RetiredVolumes = 'keep-volumes' | 'delete-volumes';

/** Props of a node pool: nodes of the same kind. */
export interface NodePoolProps<G extends Gpus = Gpus> {
  /**
   * Number of nodes; may be 0. Their keys are `1` to `count`.
   *
   * @default - the number of `hostnames`, or 1
   * @throws EXCEEDS_NODE_COUNT for more than 5000 nodes in a cluster, which Kubernetes does not support
   */
  readonly count?: number;
  /**
   * Keys of the nodes, in place of `count`, so that any node can be removed without renaming the others. The key is part of the name of the
   * node and determines its address.
   *
   * @default - `1` to `count`
   */
  readonly keys?: readonly string[];
  /**
   * Former name of the pool, or all former names with the oldest first, for a pool that was renamed while its virtual machines exist. The
   * machines keep their names and addresses, and Terraform moves them in its state (`moved` blocks) instead of replacing them. Do not remove this
   * prop later.
   *
   * @default - the pool was not renamed
   * @throws CONFLICTING_FORMER_POOL_NAME
   */
  readonly renamedFrom?: string | readonly string[];
  /**
   * Keys of removed nodes that had data volumes, and whether the volumes are kept or deleted. Without an entry, `npx facility synth` and
   * `npx facility check` refuse to remove such a node. With `keep-volumes`, Terraform removes the volumes only from its state (`removed` blocks).
   *
   * @default - none
   */
  readonly retired?: Readonly<Record<string, RetiredVolumes>>;
  readonly flavor: Flavor;
  /** Name of the OpenStack image. Required if the site has a `cloud`. @default - none */
  readonly image?: string;
  /**
   * Processor architecture of the nodes. All images of their pods must support it: `npx facility images` lists the images per architecture.
   *
   * @default - amd64; arm64 with GPUs that exist only with an ARM processor (Grace Hopper, Grace Blackwell, Thor)
   * @throws CONFLICTING_ARCHITECTURE, UNSUPPORTED_ARCHITECTURE with RKE
   */
  readonly architecture?: Architecture;
  /** @default ['worker'] */
  readonly roles?: readonly Role[];
  /**
   * Address of key `1` (or `a`). Key `n` has this address plus `n - 1`, independent of other keys.
   *
   * @default - the start of the pool's block: the lower three quarters of the network are divided into eight blocks, in the order of `pools`
   */
  readonly firstAddress?: string;
  /**
   * Addresses of the nodes by key, or as a list in the order of the keys. Required for keys that are not numbers or single letters.
   *
   * @default - counted from `firstAddress`
   */
  readonly addresses?: readonly string[] | Readonly<Record<string, string>>;
  /**
   * IPv6 addresses of the nodes of a dual-stack cluster without `cloud`, by key or as a list in the order of the keys.
   *
   * @default - computed from the IPv6 range of the cloud
   */
  readonly addresses6?: readonly string[] | Readonly<Record<string, string>>;
  /**
   * Names of existing nodes, one per node, as `kubectl get nodes` prints them. They are needed to label each node with its own MIG layout.
   *
   * @default - existing nodes are identified only by `labels`
   * @throws INVALID_HOSTNAME_COUNT, INVALID_HOSTNAME, DUPLICATE_HOSTNAME, UNSUPPORTED_HOSTNAMES unless the cluster exists
   */
  readonly hostnames?: readonly string[];
  /**
   * Labels of the nodes. In an existing cluster, they are the node selector of the pods.
   *
   * @default - none; if the cluster is installed from the description, nodes always have `analysis-facility.io/pool: <name>`
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - none */
  readonly taints?: readonly Taint[];
  /** Boot from a volume of this size instead of the flavor's local disk. @default - the local disk */
  readonly bootVolume?: BootVolume;
  /** Volumes that are attached to every node besides the root disk. @default - none */
  readonly dataVolumes?: readonly DataVolume[];
  /**
   * Anti-affinity of the virtual machines of the pool (server group). `hard`: two machines never run on the same hypervisor; a machine fails
   * to start otherwise, and several machines that start at the same time may all fail. `soft`: they are spread if possible.
   *
   * @default soft
   */
  readonly spread?: 'hard' | 'soft' | 'none';
  /** Availability zone of Nova. @default - chosen by the cloud */
  readonly availabilityZone?: string;
  /**
   * Resources of each node that the kubelet reserves. They are written into the kubelet arguments and subtracted in the capacity checks; system
   * pods of the distribution (DNS, network, ingress) are counted separately. In an existing cluster nothing is written: give the values of its
   * kubelets, or preferably `allocatable`.
   *
   * @default { cpu: '500m', memory: '1GiB', eviction: { memory: '100MiB', disk: '10%' } }
   * @throws INVALID_QUANTITY, EXCEEDS_FLAVOR, CONFLICTING_RESERVED with RKE, which has the same kubelet arguments on all nodes
   */
  readonly reserved?: ReservedResources;
  /**
   * Allocatable resources of the nodes of an existing cluster: `.status.allocatable` of `kubectl get node NAME -o yaml`. If nodes of the pool
   * differ, give the smallest values. It replaces `flavor` and `reserved` in the capacity checks.
   *
   * @default - computed from `flavor` and `reserved`
   * @throws INVALID_QUANTITY, UNSUPPORTED_ALLOCATABLE unless the cluster exists
   * @example { cpu: '15500m', memory: '64807180Ki', 'ephemeral-storage': '95071997Ki', pods: '110' }
   */
  readonly allocatable?: ReportedAllocatable;
  /** Names of further OpenStack networks of the nodes, e.g. for storage; addresses are assigned by DHCP. @default - none */
  readonly networks?: readonly string[];
  /** GPUs of each node, and how they are shared. @default - none */
  readonly gpus?: G;
}

/**
 * A node pool, on which services are placed.
 *
 * @madeBy nodePool
 */
export interface NodePool extends NodePoolProps {
  readonly kind: 'node-pool';
  readonly name: string;
}

/**
 * One pool or several pools on which a service is placed.
 *
 * @validated UNKNOWN_POOL lists the pools of the site
 */
export type Placement = NodePool | readonly NodePool[];

/** The pools of a placement. */
export function poolsOf(on: Placement): readonly NodePool[] {
  return Array.isArray(on) ? on : [on as NodePool];
}
