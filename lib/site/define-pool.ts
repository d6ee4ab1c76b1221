import { checkProps } from '../errors';
import type { Accelerator } from './accelerator';
import { acceleratorOf, gpuLabels, gpuTaints } from './gpu/offers';
import type { Gpus, SliceOf } from './gpu/sharing';
import type { NodePool, NodePoolProps, Taint } from './node-pool';
import { schemaOf } from './schema';

/** Nodes whose cards are cut: their pods get slices. */
export interface SlicedPool<Slice extends string = string> extends NodePool {
  /**
   * A slice of a card, as sizes, environments and workers ask for it.
   *
   * @param name a profile of the layout
   * @param count instances in one pod; a CUDA process uses one of them. @default 1
   * @throws UNKNOWN_GPU_SLICE with what the pool has
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

/** Describes nodes of one kind. What is wrong with them is told when the site is defined. @throws MISSING_PROP, INVALID_PROP_TYPE */
export function nodePool<G extends Gpus = never>(name: string, props: NodePoolProps<G>): PoolOf<G> {
  const pool: SlicedPool & GpuPool = {
    ...props,
    kind: 'node-pool',
    name,
    slice: (wanted, count = 1) => acceleratorOf(pool, wanted, count),
    gpu: (count = 1) => acceleratorOf(pool, 'gpu', count),
  };
  checkProps(schemaOf('NodePoolProps'), `pools/${name}`, props, 'later');
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
