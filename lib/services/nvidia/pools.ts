import { type Gpus, type MigGpus, migOf, type NodePool, type PluginGpus, poolKeys, type Site } from '../../site';

/** GPUs that NVIDIA's software manages. */
export type ManagedGpus = Exclude<Gpus, PluginGpus>;

export interface NvidiaPool extends NodePool {
  readonly gpus: ManagedGpus;
}

/** Node settings of the DaemonSets. */
export interface PlainNodes {
  readonly runtimeClass?: string;
  readonly kubeletDir: string;
}

/** Pools with NVIDIA GPUs. */
export function nvidiaPools(site: Site): readonly NvidiaPool[] {
  return site.pools.filter((pool): pool is NvidiaPool => pool.gpus !== undefined && pool.gpus.sharing !== 'plugin');
}

/** Pools whose GPUs are partitioned with MIG, with their layout. Virtual GPUs are excluded: the hypervisor partitions them. */
export function migPools(pools: readonly NvidiaPool[]): readonly (NvidiaPool & { readonly mig: MigGpus })[] {
  return pools.flatMap((pool) => {
    const mig = migOf(pool.gpus);
    return mig ? [{ ...pool, mig }] : [];
  });
}

/** Whether any of the GPUs supports MIG, including unpartitioned GPUs, which may have been partitioned before. */
export function supportsMig(pools: readonly NvidiaPool[]): boolean {
  return pools.some(({ gpus }) => {
    const physical = gpus.sharing === 'time-slicing' || gpus.sharing === 'mps' ? gpus.of : gpus;
    return physical.sharing !== 'vgpu' && typeof physical.model === 'string';
  });
}

/** Number of nodes with GPUs. */
export function nodeCount(pools: readonly NvidiaPool[]): number {
  return pools.reduce((sum, pool) => sum + poolKeys(pool).length, 0);
}
