import { type Gpus, type MigGpus, migOf, type NodePool, type PluginGpus, poolKeys, type Site } from '../../site';

/** Cards that NVIDIA's software looks after. */
export type NvidiaCards = Exclude<Gpus, PluginGpus>;

export interface NvidiaPool extends NodePool {
  readonly gpus: NvidiaCards;
}

/** What the parts must know about the nodes themselves. */
export interface PlainNodes {
  readonly runtimeClass?: string;
  readonly kubeletDir: string;
}

/** The pools whose nodes have cards of NVIDIA. */
export function nvidiaPools(site: Site): readonly NvidiaPool[] {
  return site.pools.filter((pool): pool is NvidiaPool => pool.gpus !== undefined && pool.gpus.sharing !== 'plugin');
}

/** Those whose cards are cut, with what they are cut into; virtual cards are not among them: the hypervisor has cut those. */
export function cutPools(pools: readonly NvidiaPool[]): readonly (NvidiaPool & { readonly cut: MigGpus })[] {
  return pools.flatMap((pool) => {
    const cut = migOf(pool.gpus);
    return cut ? [{ ...pool, cut }] : [];
  });
}

/** Whether any of the cards could be cut: those that are whole now may have been cut before. */
export function knowsCuts(pools: readonly NvidiaPool[]): boolean {
  return pools.some(({ gpus }) => {
    const cards = gpus.sharing === 'time-slicing' || gpus.sharing === 'mps' ? gpus.of : gpus;
    return cards.sharing !== 'vgpu' && typeof cards.card === 'string';
  });
}

/** Number of nodes with cards. */
export function nodeCount(pools: readonly NvidiaPool[]): number {
  return pools.reduce((sum, pool) => sum + poolKeys(pool).length, 0);
}
