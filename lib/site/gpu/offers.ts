import { compare, countInvalid, failure } from '../../errors';
import type { Accelerator } from '../accelerator';
import { accelerator } from '../accelerator';
import type { NodePool, Taint } from '../node-pool';
import { poolKeys } from '../site';
import { gpuCountShared, gpuSliceUnknown } from './messages';
import type { AnyProfile } from './models';
import { gpuModelSpec } from './profile';
import { type GpuProduct, type Gpus, type LayoutOf, layoutsOfNode, type MigGpus } from './sharing';
import { migConfigPart, migProductSuffix, migResource } from './spelling';

/** A GPU resource that pods can request on the nodes of a pool. */
export interface Offer {
  /** MIG profile, or `gpu` without MIG. */
  readonly name: string;
  /** Name of the extended resource. */
  readonly resource: string;
  /** Number per node, by node key. */
  readonly perNode: Readonly<Record<string, number>>;
  /** Whether several pods share a GPU or instance. A pod can then request only one. */
  readonly shared: boolean;
  /** Display name, e.g. `3g.40gb of NVIDIA A100 80GB`. */
  readonly title: string;
}

/** GPU resources that pods can request on the nodes of a pool. */
export function offersOf(pool: NodePool): readonly Offer[] {
  if (!pool.gpus) return [];
  const keys = poolKeys(pool);
  // A pool without nodes offers what its first node will have.
  return keys.length > 0 ? offers(pool.gpus, keys) : offers(pool.gpus, ['1']).map((offer) => ({ ...offer, perNode: {} }));
}

function offers(gpus: Gpus, keys: readonly string[]): readonly Offer[] {
  switch (gpus.sharing) {
    case 'mig':
      return migOffers(gpus, keys);
    case 'whole':
      return [uniformOffer('nvidia.com/gpu', gpus.perNode, keys, `a whole ${gpuTitle(gpus.model)}`)];
    case 'vgpu':
      return [uniformOffer('nvidia.com/gpu', gpus.perNode, keys, gpus.type)];
    case 'plugin':
      return [uniformOffer(gpus.resource, gpus.perNode, keys, gpus.resource)];
    case 'time-slicing':
    case 'mps':
      return offers(gpus.of, keys).map((offer) => sharedOffer(gpus.replicas, offer));
  }
}

/** The device plugin renames shared resources, so that pods that need an exclusive GPU do not get them. @see https://github.com/NVIDIA/k8s-device-plugin */
function sharedOffer(replicas: number, offer: Offer): Offer {
  return {
    ...offer,
    resource: `${offer.resource}.shared`,
    perNode: Object.fromEntries(Object.entries(offer.perNode).map(([key, count]) => [key, count * replicas])),
    shared: true,
    title: `${offer.title}, shared by ${replicas}`,
  };
}

function uniformOffer(resource: string, perNode: number, keys: readonly string[], title: string): Offer {
  return { name: 'gpu', resource, perNode: Object.fromEntries(keys.map((key) => [key, perNode])), shared: false, title };
}

function migOffers(gpus: MigGpus, keys: readonly string[]): readonly Offer[] {
  const layouts = keys.map((key) => [key, layoutsOfNode(gpus, key)] as const);
  return slicesOf(gpus, keys).map((name) => ({
    name,
    resource: gpus.strategy === 'single' ? 'nvidia.com/gpu' : migResource(name as AnyProfile),
    perNode: Object.fromEntries(layouts.map(([key, each]) => [key, each.reduce((sum, layout) => sum + (layout[name] ?? 0), 0)])),
    shared: false,
    title: `${name} of ${gpuTitle(gpus.model)}`,
  }));
}

/** MIG profiles of a pool, in the order of the description. */
export function slicesOf(gpus: MigGpus, keys: readonly string[]): readonly string[] {
  return [...new Set(keys.flatMap((key) => layoutsOfNode(gpus, key).flatMap((layout) => Object.keys(layout))))];
}

/** Display name of a GPU model: the first of its products. */
export function gpuTitle(model: MigGpus['model'] | GpuProduct): string {
  return typeof model === 'object' && model ? model.product : (gpuModelSpec(model).name.split(/ \(|,/)[0] ?? model);
}

/** Extended resources of one node. */
export function devicesOf(pool: NodePool, key: string): Readonly<Record<string, number>> {
  const devices: Record<string, number> = {};
  for (const { resource, perNode } of offersOf(pool)) devices[resource] = (devices[resource] ?? 0) + (perNode[key] ?? 0);
  return devices;
}

/** A GPU resource of a pool, as accelerator for pods. @throws UNKNOWN_GPU_SLICE, INVALID_COUNT, UNSUPPORTED_SHARED_GPU_COUNT */
export function acceleratorOf(pool: NodePool, name: string, count: number): Accelerator {
  const path = `pools/${pool.name}/gpus`;
  const all = offersOf(pool);
  const offer = all.find((candidate) => candidate.name === name);
  if (!offer) {
    const names = all.map((candidate) => candidate.name);
    throw failure(gpuSliceUnknown(pool.name, name, names), path);
  }
  if (!Number.isInteger(count) || count < 1) throw failure(countInvalid(count), path);
  if (offer.shared && count > 1) throw failure(gpuCountShared(pool.name, offer.resource, count), path);
  return accelerator(offer.resource, { count, on: pool, title: offer.title });
}

/** Taints that reserve GPU nodes for pods that request a GPU. */
export function gpuTaints(gpus: Gpus | undefined): readonly Taint[] {
  if (!gpus || gpus.sharing === 'plugin' || gpus.dedicated === false) return [];
  return [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }];
}

/** Environment variables for containers on GPU nodes that request no GPU. */
export function withoutGpu(pools: readonly NodePool[]): Readonly<Record<string, string>> {
  // Otherwise an image that sets this variable gets all GPUs from the container runtime.
  return pools.some(({ gpus }) => gpus && gpus.sharing !== 'plugin') ? { NVIDIA_VISIBLE_DEVICES: 'void' } : {};
}

/** Node labels that configure the GPU software. */
export function gpuLabels(gpus: Gpus | undefined, key: string): Readonly<Record<string, string>> {
  if (!gpus) return {};
  if (gpus.sharing === 'plugin') return gpus.labels ?? {};
  const partitioned = migOf(gpus);
  const product = productLabel(gpus, key);
  return {
    ...GPU_SOFTWARE_LABELS,
    'nvidia.com/device-plugin.config': pluginConfigName(gpus),
    ...(product ? { 'nvidia.com/gpu.product': product } : {}),
    ...(partitioned ? { [MIG_CONFIG_LABEL]: migConfigName(partitioned, key) } : {}),
  };
}

/** Node label with the name of the MIG layout; the MIG manager repartitions the GPUs when it changes. */
export const MIG_CONFIG_LABEL = 'nvidia.com/mig.config';

/** Labels that deploy the GPU DaemonSets on a node. The MIG manager removes them while it repartitions the GPUs. */
const GPU_SOFTWARE_LABELS = Object.fromEntries(
  ['device-plugin', 'gpu-feature-discovery', 'dcgm-exporter'].map((part) => [`nvidia.com/gpu.deploy.${part}`, 'true']),
);

/** The MIG layout, also of time-sliced instances. */
export function migOf(gpus: Gpus): MigGpus | undefined {
  if (gpus.sharing === 'mig') return gpus;
  return gpus.sharing === 'time-slicing' && gpus.of.sharing === 'mig' ? gpus.of : undefined;
}

/** Product label that GPU feature discovery writes. @see https://github.com/NVIDIA/k8s-device-plugin/tree/main/docs/gpu-feature-discovery */
function productLabel(gpus: Exclude<Gpus, { sharing: 'plugin' }>, key: string): string | undefined {
  switch (gpus.sharing) {
    case 'mig': {
      const [slice] = Object.keys(layoutsOfNode(gpus, key)[0] ?? {});
      return gpus.product && (gpus.strategy === 'single' ? gpus.product + migProductSuffix(slice as AnyProfile) : gpus.product);
    }
    case 'whole':
      return typeof gpus.model === 'string' ? undefined : gpus.model.product;
    case 'vgpu':
      return undefined;
    case 'time-slicing':
    case 'mps':
      return productLabel(gpus.of, key);
  }
}

/**
 * Name of the layout of a node in the configuration of mig-parted, and value of the label `nvidia.com/mig.config`. It is derived from the
 * layout, because the MIG manager reconfigures a node when the label changes, not when the file changes.
 */
export function migConfigName(gpus: MigGpus, key: string): string {
  const each = layoutsOfNode(gpus, key).map(migConfigText);
  const name = `${gpus.model}-${[...new Set(each)].length === 1 ? each[0] : each.join('_')}`;
  return name.length <= 63 ? name : `${gpus.model}-${digest(name)}`;
}

/** `2x2g.20gb-3x1g.10gb`: the largest profile first, independent of the order in the description. */
function migConfigText(layout: LayoutOf<string>): string {
  const slices = (name: string) => Number.parseInt(name, 10);
  return Object.entries(layout)
    .sort(([a], [b]) => slices(b) - slices(a) || compare(a, b))
    .map(([name, count]) => `${count}x${migConfigPart(name as AnyProfile)}`)
    .join('-');
}

/** 32-bit FNV-1a hash: sufficient for the few layouts of a site, and without Node.js modules. @see https://www.rfc-editor.org/rfc/rfc9923 */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Name of the device plugin configuration of a node. */
export function pluginConfigName(gpus: Exclude<Gpus, { sharing: 'plugin' }>): string {
  switch (gpus.sharing) {
    case 'mig':
      return `mig-${gpus.strategy ?? 'mixed'}`;
    case 'whole':
    case 'vgpu':
      return gpus.sharing;
    case 'time-slicing':
    case 'mps':
      return `${pluginConfigName(gpus.of)}-${gpus.sharing}-${gpus.replicas}`;
  }
}
