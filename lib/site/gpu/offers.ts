import { compare, countInvalid, failure } from '../../errors';
import type { Accelerator } from '../accelerator';
import { accelerator } from '../accelerator';
import type { NodePool, Taint } from '../node-pool';
import { poolKeys } from '../site';
import type { AnyProfile } from './cards';
import { gpuCountShared, gpuSliceUnknown } from './messages';
import { cardRow } from './profile';
import { type Gpus, type LayoutOf, layoutsOfNode, type MigGpus, type PlainCard } from './sharing';
import { migConfigPart, migProductSuffix, migResource } from './spelling';

/** One thing that pods may ask for on the nodes of a pool. */
export interface Offer {
  /** The profile; `gpu` where cards are not cut. */
  readonly name: string;
  /** The extended resource that stands for it. */
  readonly resource: string;
  /** How many each node has, by the key of the node. */
  readonly perNode: Readonly<Record<string, number>>;
  /** Whether several pods share one card or instance: a pod then gets one place, never two. */
  readonly shared: boolean;
  /** How users read it, e.g. `3g.40gb of NVIDIA A100 80GB`. */
  readonly title: string;
}

/** What the pods of a pool may ask for; empty where its nodes have no cards. */
export function offersOf(pool: NodePool): readonly Offer[] {
  return pool.gpus ? offers(pool.gpus, poolKeys(pool)) : [];
}

function offers(gpus: Gpus, keys: readonly string[]): readonly Offer[] {
  switch (gpus.sharing) {
    case 'mig':
      return migOffers(gpus, keys);
    case 'whole':
      return [cards('nvidia.com/gpu', gpus.perNode, keys, `a whole ${cardTitle(gpus.card)}`)];
    case 'vgpu':
      return [cards('nvidia.com/gpu', gpus.perNode, keys, gpus.type)];
    case 'plugin':
      return [cards(gpus.resource, gpus.perNode, keys, gpus.resource)];
    case 'time-slicing':
    case 'mps':
      return offers(gpus.of, keys).map((one) => sharedBy(gpus.replicas, one));
  }
}

/** The plugin renames what is shared, so that nobody gets it who wanted it alone. @see https://github.com/NVIDIA/k8s-device-plugin */
function sharedBy(replicas: number, one: Offer): Offer {
  return {
    ...one,
    resource: `${one.resource}.shared`,
    perNode: Object.fromEntries(Object.entries(one.perNode).map(([key, count]) => [key, count * replicas])),
    shared: true,
    title: `${one.title}, shared by ${replicas}`,
  };
}

function cards(resource: string, perNode: number, keys: readonly string[], title: string): Offer {
  return { name: 'gpu', resource, perNode: Object.fromEntries(keys.map((key) => [key, perNode])), shared: false, title };
}

function migOffers(gpus: MigGpus, keys: readonly string[]): readonly Offer[] {
  const layouts = keys.map((key) => [key, layoutsOfNode(gpus, key)] as const);
  return slicesOf(gpus, keys).map((name) => ({
    name,
    resource: gpus.strategy === 'single' ? 'nvidia.com/gpu' : migResource(name as AnyProfile),
    perNode: Object.fromEntries(layouts.map(([key, each]) => [key, each.reduce((sum, layout) => sum + (layout[name] ?? 0), 0)])),
    shared: false,
    title: `${name} of ${cardTitle(gpus.card)}`,
  }));
}

/** The profiles that a pool's cards are cut into, in the order in which they were first written. */
export function slicesOf(gpus: MigGpus, keys: readonly string[]): readonly string[] {
  return [...new Set(keys.flatMap((key) => layoutsOfNode(gpus, key).flatMap((layout) => Object.keys(layout))))];
}

/** How a card is called: of products that are cut alike, the first. */
export function cardTitle(card: MigGpus['card'] | PlainCard): string {
  return typeof card === 'object' && card ? card.product : (cardRow(card).name.split(/ \(|,/)[0] ?? card);
}

/** Extended resources of one node. */
export function devicesOf(pool: NodePool, key: string): Readonly<Record<string, number>> {
  const devices: Record<string, number> = {};
  for (const { resource, perNode } of offersOf(pool)) devices[resource] = (devices[resource] ?? 0) + (perNode[key] ?? 0);
  return devices;
}

/** An accelerator that the nodes of `pool` have. @throws UNKNOWN_GPU_SLICE, INVALID_COUNT, UNSUPPORTED_SHARED_GPU_COUNT */
export function acceleratorOf(pool: NodePool, name: string, count: number): Accelerator {
  const path = `pools/${pool.name}/gpus`;
  const all = offersOf(pool);
  const offer = all.find((one) => one.name === name);
  if (!offer) {
    const names = all.map((one) => one.name);
    throw failure(gpuSliceUnknown(pool.name, name, names), path);
  }
  if (!Number.isInteger(count) || count < 1) throw failure(countInvalid(count), path);
  if (offer.shared && count > 1) throw failure(gpuCountShared(pool.name, offer.resource, count), path);
  return accelerator(offer.resource, { count, on: pool, title: offer.title });
}

/** Keeps pods that ask for no card off the nodes that have some. */
export function gpuTaints(gpus: Gpus | undefined): readonly Taint[] {
  if (!gpus || gpus.sharing === 'plugin' || gpus.dedicated === false) return [];
  return [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }];
}

/** What the containers of a pod find in their environment that runs beside the cards and was given none. */
export function withoutGpu(pools: readonly NodePool[]): Readonly<Record<string, string>> {
  // An image may ask for all cards by this variable, and the container runtime would obey.
  return pools.some(({ gpus }) => gpus && gpus.sharing !== 'plugin') ? { NVIDIA_VISIBLE_DEVICES: 'void' } : {};
}

/** Labels by which the software of the cards knows what a node shall be. */
export function gpuLabels(gpus: Gpus | undefined, key: string): Readonly<Record<string, string>> {
  if (!gpus) return {};
  if (gpus.sharing === 'plugin') return gpus.labels ?? {};
  const cut = migOf(gpus);
  const product = productLabel(gpus, key);
  return {
    ...CARD_SOFTWARE,
    'nvidia.com/device-plugin.config': pluginConfigName(gpus),
    ...(product ? { 'nvidia.com/gpu.product': product } : {}),
    ...(cut ? { [MIG_CONFIG_LABEL]: migConfigName(cut, key) } : {}),
  };
}

/** Label that names the MIG layout of a node; the MIG manager repartitions the GPUs when it changes. */
export const MIG_CONFIG_LABEL = 'nvidia.com/mig.config';

/** Parts that run on a node with cards; while these are cut, the MIG manager takes the labels away, and the parts go. */
const CARD_SOFTWARE = Object.fromEntries(
  ['device-plugin', 'gpu-feature-discovery', 'dcgm-exporter'].map((part) => [`nvidia.com/gpu.deploy.${part}`, 'true']),
);

/** The MIG layout below any sharing. */
export function migOf(gpus: Gpus): MigGpus | undefined {
  if (gpus.sharing === 'mig') return gpus;
  return gpus.sharing === 'time-slicing' && gpus.of.sharing === 'mig' ? gpus.of : undefined;
}

/** As GPU feature discovery will write it. @see https://github.com/NVIDIA/k8s-device-plugin/tree/main/docs/gpu-feature-discovery */
function productLabel(gpus: Exclude<Gpus, { sharing: 'plugin' }>, key: string): string | undefined {
  switch (gpus.sharing) {
    case 'mig': {
      const [slice] = Object.keys(layoutsOfNode(gpus, key)[0] ?? {});
      return gpus.product && (gpus.strategy === 'single' ? gpus.product + migProductSuffix(slice as AnyProfile) : gpus.product);
    }
    case 'whole':
      return typeof gpus.card === 'string' ? undefined : gpus.card.product;
    case 'vgpu':
      return undefined;
    case 'time-slicing':
    case 'mps':
      return productLabel(gpus.of, key);
  }
}

/**
 * Name of a node's layout in the file of mig-parted, and value of the label that asks for it. It tells the contents: the manager
 * changes a node when its label changes, not when the file does.
 */
export function migConfigName(gpus: MigGpus, key: string): string {
  const each = layoutsOfNode(gpus, key).map(migConfigText);
  const name = `${gpus.card}-${[...new Set(each)].length === 1 ? each[0] : each.join('_')}`;
  return name.length <= 63 ? name : `${gpus.card}-${digest(name)}`;
}

/** `2x2g.20gb-3x1g.10gb`: the largest first, however it was written. */
function migConfigText(layout: LayoutOf<string>): string {
  const slices = (name: string) => Number.parseInt(name, 10);
  return Object.entries(layout)
    .sort(([a], [b]) => slices(b) - slices(a) || compare(a, b))
    .map(([name, count]) => `${count}x${migConfigPart(name as AnyProfile)}`)
    .join('-');
}

/** FNV-1a of 32 bits: enough to tell the few layouts of a site apart, and none of Node's modules. @see https://www.rfc-editor.org/rfc/rfc9923 */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Name of a node's entry in the configuration of the device plugin. */
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
