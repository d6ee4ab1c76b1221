import type { Accelerator } from './accelerator';
import { acceleratorOf, gpuLabels, gpuTaints } from './gpu/offers';
import type { FlavorGpus, Gpus, SliceOf } from './gpu/sharing';
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
  /** Root disk; a local one of the flavor, unless the pool has a boot volume. @default 50GiB */
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

/** Nodes of one kind. */
export interface NodePoolProps<G extends Gpus = Gpus> {
  /** Number of nodes; they get the keys `1` to `count`. @default 1 */
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
   * Labels of the nodes. Where nodes exist already, these are what their pods are placed by.
   *
   * @default - `analysis-facility/pool: <name>` alone, where the library installs Kubernetes
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
  /** What the system and its DaemonSets need of each node; the rest is for pods. @default { cpu: '500m', memory: '1GiB' } */
  readonly reserved?: { readonly cpu: Cpu; readonly memory: Memory };
  /** Cards of each node, and how pods get hold of them. @default - none */
  readonly gpus?: G;
}

/** Nodes of one kind, as services are placed on them. */
export interface NodePool extends NodePoolProps {
  readonly kind: 'node-pool';
  readonly name: string;
}

/** Nodes whose cards are cut: their pods get slices. */
export interface SlicedPool<Slice extends string = string> extends NodePool {
  /**
   * A slice of a card, as sizes, environments and workers ask for it.
   *
   * @param name a profile of the layout
   * @param count instances in one pod; a CUDA process uses one of them. @default 1
   * @throws GPU_SLICE_UNKNOWN with what the pool has
   */
  slice(name: Slice, count?: number): Accelerator;
}

/** Nodes whose pods get cards, or shares of them. */
export interface GpuPool extends NodePool {
  /** @param count cards of one node in one pod; of a shared card always 1. @default 1 */
  gpu(count?: number): Accelerator;
}

/** The pool that such cards make. */
export type PoolOf<G extends Gpus> = [G] extends [never] ? NodePool : [SliceOf<G>] extends [never] ? GpuPool : SlicedPool<SliceOf<G>>;

/** Describes nodes of one kind. What is wrong with them is told when the site is defined. */
export function nodePool<G extends Gpus = never>(name: string, props: NodePoolProps<G>): PoolOf<G> {
  const pool: SlicedPool & GpuPool = {
    ...props,
    kind: 'node-pool',
    name,
    slice: (wanted, count = 1) => acceleratorOf(pool, wanted, count),
    gpu: (count = 1) => acceleratorOf(pool, 'gpu', count),
  };
  return pool as PoolOf<G>;
}

/** Labels of one node beside those of its pool's placement: the pool's own, and those that its cards want. */
export function nodeLabels(pool: NodePool, key: string): Readonly<Record<string, string>> {
  return { ...gpuLabels(pool.gpus, key), ...pool.labels };
}

/** Taints of the nodes of a pool: its own, and the one that keeps its cards for those who ask. */
export function poolTaints(pool: NodePool): readonly Taint[] {
  return [...(pool.taints ?? []), ...gpuTaints(pool.gpus)];
}

/** One pool or several: what a service is placed on. */
export type Placement = NodePool | readonly NodePool[];

/** The pools of a placement. */
export function poolsOf(on: Placement): readonly NodePool[] {
  return Array.isArray(on) ? on : [on as NodePool];
}
