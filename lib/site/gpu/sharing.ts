import type { Memory } from '../quantity';
import type { GpuModel, Profile } from './models';

/** MIG layout: number of instances per profile on one GPU. */
export type LayoutOf<Slice extends string> = { readonly [Name in Slice]?: number };

/** One layout for all GPUs of a node, or a list with one per GPU, in the order of `nvidia-smi`. */
export type Layouts<Slice extends string> = LayoutOf<Slice> | readonly LayoutOf<Slice>[];

/** A GPU without MIG support. */
export interface GpuProduct {
  /** Value of the node label `nvidia.com/gpu.product`, e.g. `Tesla-V100-PCIE-32GB`. @throws INVALID_GPU_PRODUCT */
  readonly product: string;
  readonly memory: Memory;
}

interface GpuProps {
  /** GPUs per node. @default 1 */
  readonly perNode?: number;
  /**
   * Reserve the nodes for pods that request a GPU, with the taint `nvidia.com/gpu:NoSchedule`.
   *
   * @default true
   */
  readonly dedicated?: boolean;
}

export interface MigProps<Slice extends string> extends GpuProps {
  /** MIG layout of the GPUs. @throws EXCEEDS_GPU_LAYOUT with the reason and the nearest layouts that fit */
  readonly layout: Layouts<Slice>;
  /** Layouts of single nodes, by node key, which replace `layout`. @default - none */
  readonly layouts?: Readonly<Record<string, Layouts<Slice>>>;
  /**
   * MIG strategy of the device plugin. `mixed`: one resource per profile. `single`: all instances are `nvidia.com/gpu`; all GPUs of the pool
   * must have the same profile.
   *
   * @default mixed
   * @throws CONFLICTING_GPU_STRATEGY
   * @see https://github.com/NVIDIA/k8s-device-plugin#mig
   */
  readonly strategy?: 'mixed' | 'single';
  /** Value of the label `nvidia.com/gpu.product`, e.g. `NVIDIA-A100-80GB-PCIe`. @default - set by GPU feature discovery @throws INVALID_GPU_PRODUCT */
  readonly product?: string;
}

/** GPUs in MIG mode: each is partitioned into isolated instances. */
export interface MigGpus<Slice extends string = string> extends MigProps<Slice> {
  readonly kind: 'gpus';
  readonly sharing: 'mig';
  /** @validated UNKNOWN_GPU_MODEL */
  readonly model: GpuModel;
  readonly perNode: number;
}

/** Whole GPUs, each for one pod. */
export interface WholeGpus extends GpuProps {
  readonly kind: 'gpus';
  readonly sharing: 'whole';
  /** @validated UNKNOWN_GPU_MODEL, INVALID_GPU_PRODUCT */
  readonly model: GpuModel | GpuProduct;
  readonly perNode: number;
}

/** GPUs or MIG instances that several pods share by time-slicing. */
export interface TimeSlicedGpus<Of extends WholeGpus | MigGpus = WholeGpus | MigGpus> extends GpuProps {
  readonly kind: 'gpus';
  readonly sharing: 'time-slicing';
  /** @validated DUPLICATE_GPU_SHARING */
  readonly of: Of;
  readonly perNode: number;
  readonly replicas: number;
}

/** GPUs that several pods share by MPS. */
export interface MpsGpus extends GpuProps {
  readonly kind: 'gpus';
  readonly sharing: 'mps';
  /** @validated DUPLICATE_GPU_SHARING */
  readonly of: WholeGpus;
  readonly perNode: number;
  readonly replicas: number;
}

/** Virtual GPUs (vGPU) of the hypervisor. */
export interface VgpuGpus extends GpuProps {
  readonly kind: 'gpus';
  readonly sharing: 'vgpu';
  /** vGPU type, e.g. `NVIDIA A100-3-20C`. */
  readonly type: string;
  readonly perNode: number;
}

/** GPUs or other devices of any vendor, as extended resource of a device plugin. */
export interface PluginGpus {
  readonly kind: 'gpus';
  readonly sharing: 'plugin';
  readonly resource: string;
  readonly perNode: number;
  /** Node labels of the device plugin or its feature discovery. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
}

/** GPUs of the nodes of a pool, and how they are shared. */
export type Gpus = MigGpus | WholeGpus | TimeSlicedGpus | MpsGpus | VgpuGpus | PluginGpus;

/** GPUs of a flavor: by PCI passthrough, or as vGPUs. */
export type FlavorGpus =
  | {
      /** Name of the PCI alias (extra spec `pci_passthrough:alias`). */
      readonly passthrough: string;
      readonly count: number;
      readonly vgpu?: never;
      readonly trait?: never;
    }
  | {
      /** vGPU type, e.g. `NVIDIA A100-3-20C`. */
      readonly vgpu: string;
      /** Trait that selects the vGPU type in Placement (extra spec `trait:<name>`). @default - none */
      readonly trait?: `CUSTOM_${string}`;
      readonly count: number;
      readonly passthrough?: never;
    };

/**
 * Extra specs of a flavor with GPUs, which the administrators of the cloud set: `openstack flavor set <flavor> --property <key>=<value>`.
 * vGPU types are enabled by `enabled_mdev_types` on the hypervisors.
 *
 * @see https://docs.openstack.org/nova/latest/admin/pci-passthrough.html
 * @see https://docs.openstack.org/nova/latest/admin/virtual-gpu.html
 */
export function extraSpecs(gpus: FlavorGpus): Readonly<Record<string, string>> {
  if (gpus.passthrough !== undefined) return { 'pci_passthrough:alias': `${gpus.passthrough}:${gpus.count}` };
  return { 'resources:VGPU': String(gpus.count), ...(gpus.trait ? { [`trait:${gpus.trait}`]: 'required' } : {}) };
}

/** Profiles that `slice()` of a pool with these GPUs accepts; `never` without MIG. */
export type SliceOf<G> = G extends MigGpus<infer Slice> ? Slice : G extends TimeSlicedGpus<MigGpus<infer Slice>> ? Slice : never;

/**
 * GPUs in MIG mode.
 *
 * @example mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 2 } })
 * @see https://docs.nvidia.com/datacenter/tesla/mig-user-guide/
 */
export function mig<const C extends GpuModel, const Slice extends Profile<C>>(model: C, props: MigProps<Slice>): MigGpus<Slice> {
  return { perNode: 1, ...props, kind: 'gpus', sharing: 'mig', model };
}

/** Whole GPUs without MIG. A pod may request several GPUs of a node. */
export function wholeGpus(model: GpuModel | GpuProduct, perNode = 1, props: Omit<GpuProps, 'perNode'> = {}): WholeGpus {
  return { ...props, kind: 'gpus', sharing: 'whole', model, perNode };
}

/**
 * GPUs or MIG instances that several pods share by time-slicing. Neither memory nor faults are isolated: a pod that allocates all memory makes
 * the others fail, and each may delay the others. Suitable for teaching and development.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin#with-cuda-time-slicing
 */
export function timeSlicing<const Of extends WholeGpus | MigGpus>(of: Of, { replicas }: { readonly replicas: number }): TimeSlicedGpus<Of> {
  return { kind: 'gpus', sharing: 'time-slicing', of, perNode: of.perNode, replicas, dedicated: of.dedicated };
}

/**
 * GPUs that several pods use at the same time by MPS, each with an equal part of memory and multiprocessors. Only for whole GPUs: the device
 * plugin rejects it in MIG mode and together with time-slicing.
 *
 * @see https://github.com/NVIDIA/k8s-device-plugin#with-cuda-mps
 */
export function mps(of: WholeGpus, { replicas }: { readonly replicas: number }): MpsGpus {
  return { kind: 'gpus', sharing: 'mps', of, perNode: of.perNode, replicas, dedicated: of.dedicated };
}

/**
 * Virtual GPUs (vGPU). The hypervisor partitions the GPU, so the virtual machine cannot use MIG and there is no layout.
 *
 * @param type vGPU type, e.g. `NVIDIA A100-3-20C`; C types are for computing
 */
export function vgpu(type: string, perNode = 1, props: Omit<GpuProps, 'perNode'> = {}): VgpuGpus {
  return { ...props, kind: 'gpus', sharing: 'vgpu', type, perNode };
}

/** GPUs or other devices of any vendor, by the extended resource of their device plugin. See also `amdGpus`, `intelGpus` and `fpga`. */
export function pluginGpus(resource: string, perNode = 1, labels?: Readonly<Record<string, string>>): PluginGpus {
  return { kind: 'gpus', sharing: 'plugin', resource, perNode, ...(labels ? { labels } : {}) };
}

/** AMD GPUs. @see https://github.com/ROCm/k8s-device-plugin */
export function amdGpus(perNode = 1): PluginGpus {
  return pluginGpus('amd.com/gpu', perNode);
}

/** Intel GPUs. @see https://intel.github.io/intel-device-plugins-for-kubernetes/cmd/gpu_plugin/README.html */
export function intelGpus(perNode = 1, driver: 'xe' | 'i915' = 'xe'): PluginGpus {
  return pluginGpus(`gpu.intel.com/${driver}`, perNode);
}

/**
 * FPGA cards with a programmed function: `amd.com/<shell>` of AMD's device plugin, `fpga.intel.com/region-<id>` or `fpga.intel.com/af-<id>` of
 * Intel's.
 *
 * @see https://github.com/Xilinx/FPGA_as_a_Service
 */
export function fpga(resource: `amd.com/${string}` | `xilinx.com/${string}` | `fpga.intel.com/${string}`, perNode = 1): PluginGpus {
  return pluginGpus(resource, perNode);
}

/** Layouts of the GPUs of a node, one per GPU. */
export function layoutsOfNode(gpus: MigGpus, key: string): readonly LayoutOf<string>[] {
  const given = gpus.layouts?.[key] ?? gpus.layout;
  return Array.isArray(given) ? given : Array.from({ length: gpus.perNode }, () => given as LayoutOf<string>);
}
