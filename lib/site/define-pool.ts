import { checkProps } from '../errors';
import type { Accelerator } from './accelerator';
import { acceleratorOf, gpuLabels, gpuTaints } from './gpu/offers';
import type { Gpus, SliceOf } from './gpu/sharing';
import type { NodePool, NodePoolProps, Taint } from './node-pool';
import { schemaOf } from './schema';

/** Node pool whose GPUs are partitioned with MIG; pods request slices. */
export interface SlicedPool<Slice extends string = string> extends NodePool {
  /**
   * A MIG slice, for the prop `gpu` of sizes, environments and workers.
   *
   * @param name MIG profile in the layout of the pool
   * @param count instances per pod; a CUDA process can use only one of them. @default 1
   * @throws UNKNOWN_GPU_SLICE with the profiles of the pool
   */
  slice(name: Slice, count?: number): Accelerator;
}

/** Node pool whose pods request whole, shared or virtual GPUs. */
export interface GpuPool extends NodePool {
  /** @param count GPUs per pod; 1 for shared GPUs. @default 1 */
  gpu(count?: number): Accelerator;
}

/** Type of the pool, determined by its GPUs. */
export type PoolOf<G extends Gpus> = [G] extends [never] ? NodePool : [SliceOf<G>] extends [never] ? GpuPool : SlicedPool<SliceOf<G>>;

/** Describes a node pool. Invalid values are reported when the site is defined. @throws MISSING_PROP, INVALID_PROP_TYPE */
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

/** Labels of one node besides those of the placement: those of the pool, and those that the GPU software reads. */
export function nodeLabels(pool: NodePool, key: string): Readonly<Record<string, string>> {
  return { ...gpuLabels(pool.gpus, key), ...pool.labels };
}

/** Taints of the nodes of a pool: those of the pool, and the one that reserves its GPUs for pods that request them. */
export function poolTaints(pool: NodePool): readonly Taint[] {
  return [...(pool.taints ?? []), ...gpuTaints(pool.gpus)];
}
