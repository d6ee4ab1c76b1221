import type { Memory } from '../quantity';
import type { Card, Profile } from './cards';

/** How many instances of which profile one card holds. */
export type LayoutOf<Slice extends string> = { readonly [Name in Slice]?: number };

/** One layout for every card of a node, or one for each, in the order in which `nvidia-smi` counts them. */
export type Layouts<Slice extends string> = LayoutOf<Slice> | readonly LayoutOf<Slice>[];

/** A card that cannot be cut into instances. */
export interface PlainCard {
  /** As GPU feature discovery writes it into the label `nvidia.com/gpu.product`, e.g. `Tesla-V100-PCIE-32GB`. @throws INVALID_GPU_PRODUCT */
  readonly product: string;
  readonly memory: Memory;
}

interface CardProps {
  /** Cards in each node. @default 1 */
  readonly perNode?: number;
  /**
   * Keep pods away that do not tolerate it: the nodes get the taint `nvidia.com/gpu:NoSchedule`.
   *
   * @default true
   */
  readonly dedicated?: boolean;
}

export interface MigProps<Slice extends string> extends CardProps {
  /** What each card is cut into. @throws EXCEEDS_GPU_LAYOUT with the reason and the nearest layouts that fit */
  readonly layout: Layouts<Slice>;
  /** Layouts of single nodes by their key, in place of `layout`. @default - none */
  readonly layouts?: Readonly<Record<string, Layouts<Slice>>>;
  /**
   * `mixed` offers each profile as a resource of its own; `single` offers all as `nvidia.com/gpu`, and wants one profile alone on all
   * cards of the pool.
   *
   * @default mixed
   * @throws CONFLICTING_GPU_STRATEGY
   * @see https://github.com/NVIDIA/k8s-device-plugin#mig
   */
  readonly strategy?: 'mixed' | 'single';
  /** Value of the label `nvidia.com/gpu.product`, e.g. `NVIDIA-A100-80GB-PCIe`. @default - found on the node @throws INVALID_GPU_PRODUCT */
  readonly product?: string;
}

/** Cards in MIG mode: each is cut into instances that share nothing. */
export interface MigGpus<Slice extends string = string> extends MigProps<Slice> {
  readonly kind: 'gpus';
  readonly sharing: 'mig';
  /** @validated UNKNOWN_GPU_CARD */
  readonly card: Card;
  readonly perNode: number;
}

/** Cards that go to one pod as they are. */
export interface WholeGpus extends CardProps {
  readonly kind: 'gpus';
  readonly sharing: 'whole';
  /** @validated UNKNOWN_GPU_CARD, INVALID_GPU_PRODUCT */
  readonly card: Card | PlainCard;
  readonly perNode: number;
}

/** Cards or instances that several pods use in turn. */
export interface TimeSlicedGpus<Of extends WholeGpus | MigGpus = WholeGpus | MigGpus> extends CardProps {
  readonly kind: 'gpus';
  readonly sharing: 'time-slicing';
  /** @validated DUPLICATE_GPU_SHARING */
  readonly of: Of;
  readonly perNode: number;
  readonly replicas: number;
}

/** Cards whose multiprocessors several pods use at once. */
export interface MpsGpus extends CardProps {
  readonly kind: 'gpus';
  readonly sharing: 'mps';
  /** @validated DUPLICATE_GPU_SHARING */
  readonly of: WholeGpus;
  readonly perNode: number;
  readonly replicas: number;
}

/** Virtual GPUs, cut by the hypervisor. */
export interface VgpuGpus extends CardProps {
  readonly kind: 'gpus';
  readonly sharing: 'vgpu';
  /** E.g. `NVIDIA A100-3-20C`: the driver's name of the type. */
  readonly type: string;
  readonly perNode: number;
}

/** Cards of any maker, as a device plugin offers them. */
export interface PluginGpus {
  readonly kind: 'gpus';
  readonly sharing: 'plugin';
  readonly resource: string;
  readonly perNode: number;
  /** Labels by which the plugin or its discovery tells such nodes. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The cards of a pool's nodes, and how pods get hold of them. */
export type Gpus = MigGpus | WholeGpus | TimeSlicedGpus | MpsGpus | VgpuGpus | PluginGpus;

/** How the machines of a flavor get their cards: by PCI passthrough, or as virtual GPUs. */
export type FlavorGpus =
  | {
      /** Name of the PCI alias: extra spec `pci_passthrough:alias`. */
      readonly passthrough: string;
      readonly count: number;
      readonly vgpu?: never;
      readonly trait?: never;
    }
  | {
      /** Type that the hypervisor offers, e.g. `NVIDIA A100-3-20C`. */
      readonly vgpu: string;
      /** Trait by which Placement tells the type: extra spec `trait:<name>`. @default - none */
      readonly trait?: `CUSTOM_${string}`;
      readonly count: number;
      readonly passthrough?: never;
    };

/**
 * What the administrators of the cloud set on such a flavor: `openstack flavor set <flavor> --property <key>=<value>`. The types of
 * virtual GPUs themselves are `enabled_mdev_types` of the hypervisors.
 *
 * @see https://docs.openstack.org/nova/latest/admin/pci-passthrough.html
 * @see https://docs.openstack.org/nova/latest/admin/virtual-gpu.html
 */
export function extraSpecs(gpus: FlavorGpus): Readonly<Record<string, string>> {
  if (gpus.passthrough !== undefined) return { 'pci_passthrough:alias': `${gpus.passthrough}:${gpus.count}` };
  return { 'resources:VGPU': String(gpus.count), ...(gpus.trait ? { [`trait:${gpus.trait}`]: 'required' } : {}) };
}

/** What `slice()` of a pool with these cards may be asked for; never, where its pods get cards alone. */
export type SliceOf<G> = G extends MigGpus<infer Slice> ? Slice : G extends TimeSlicedGpus<MigGpus<infer Slice>> ? Slice : never;

/**
 * Cards in MIG mode.
 *
 * @example mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 2 } })
 * @see https://docs.nvidia.com/datacenter/tesla/mig-user-guide/
 */
export function mig<const C extends Card, const Slice extends Profile<C>>(card: C, props: MigProps<Slice>): MigGpus<Slice> {
  return { perNode: 1, ...props, kind: 'gpus', sharing: 'mig', card };
}

/** Cards that go to one pod each, or to several of one node; without MIG. */
export function wholeGpus(card: Card | PlainCard, perNode = 1, props: Omit<CardProps, 'perNode'> = {}): WholeGpus {
  return { ...props, kind: 'gpus', sharing: 'whole', card, perNode };
}

/**
 * Several pods on one card or instance, one after the other in turns of milliseconds. Nothing keeps them apart: a pod that fills the
 * memory ends the others, and each may wait for all. Good for teaching and development.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin#with-cuda-time-slicing
 */
export function timeSlicing<const Of extends WholeGpus | MigGpus>(of: Of, { replicas }: { readonly replicas: number }): TimeSlicedGpus<Of> {
  return { kind: 'gpus', sharing: 'time-slicing', of, perNode: of.perNode, replicas, dedicated: of.dedicated };
}

/**
 * Several pods on one card at once, each with an equal part of memory and multiprocessors. For whole cards alone: the plugin refuses it
 * in MIG mode, and beside time-slicing.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin#with-cuda-mps
 */
export function mps(of: WholeGpus, { replicas }: { readonly replicas: number }): MpsGpus {
  return { kind: 'gpus', sharing: 'mps', of, perNode: of.perNode, replicas, dedicated: of.dedicated };
}

/**
 * Virtual GPUs. The hypervisor has cut the card: such a machine cannot cut it again, hence there is no layout here.
 *
 * @param type name of the type, e.g. `NVIDIA A100-3-20C`; C types are for computing
 */
export function vgpu(type: string, perNode = 1, props: Omit<CardProps, 'perNode'> = {}): VgpuGpus {
  return { ...props, kind: 'gpus', sharing: 'vgpu', type, perNode };
}

/** Cards of any maker by the resource that their device plugin offers; named shapes are `amdGpus`, `intelGpus` and `fpga`. */
export function pluginGpus(resource: string, perNode = 1, labels?: Readonly<Record<string, string>>): PluginGpus {
  return { kind: 'gpus', sharing: 'plugin', resource, perNode, ...(labels ? { labels } : {}) };
}

/** @see https://github.com/ROCm/k8s-device-plugin */
export function amdGpus(perNode = 1): PluginGpus {
  return pluginGpus('amd.com/gpu', perNode);
}

/** @see https://intel.github.io/intel-device-plugins-for-kubernetes/cmd/gpu_plugin/README.html */
export function intelGpus(perNode = 1, driver: 'xe' | 'i915' = 'xe'): PluginGpus {
  return pluginGpus(`gpu.intel.com/${driver}`, perNode);
}

/**
 * FPGA cards with what is loaded into them: `amd.com/<shell>` of AMD's plugin, `fpga.intel.com/region-<id>` or `fpga.intel.com/af-<id>` of
 * Intel's.
 *
 * @see https://github.com/Xilinx/FPGA_as_a_Service
 */
export function fpga(resource: `amd.com/${string}` | `xilinx.com/${string}` | `fpga.intel.com/${string}`, perNode = 1): PluginGpus {
  return pluginGpus(resource, perNode);
}

/** The layouts of a node's cards, one for each. */
export function layoutsOfNode(gpus: MigGpus, key: string): readonly LayoutOf<string>[] {
  const given = gpus.layouts?.[key] ?? gpus.layout;
  return Array.isArray(given) ? given : Array.from({ length: gpus.perNode }, () => given as LayoutOf<string>);
}
