import { type AnyProfile, layoutsOfNode, migConfigName, migPartedKey, poolKeys } from '../../site';
import { cutPools, type NvidiaPool } from './pools';

/**
 * What some cards of a node are cut into.
 *
 * Entries could be narrowed to cards of some PCI ids (`device-filter`). They are not: the name of a layout says which card it is for,
 * a node has cards of one kind, and an id that is missing in such a list leaves its card as it is without a word.
 */
interface Cut {
  readonly devices: 'all' | readonly number[];
  readonly 'mig-enabled': boolean;
  readonly 'mig-devices'?: Readonly<Record<string, number>>;
}

/** The file of mig-parted. @see https://github.com/NVIDIA/mig-parted/blob/main/api/spec/v1/spec.go */
export interface MigParted {
  readonly version: 'v1';
  readonly 'mig-configs': Readonly<Record<string, readonly Cut[]>>;
}

/** Each layout that a node of these pools asks for by its label, once; and the way back to whole cards. */
export function migParted(pools: readonly NvidiaPool[]): MigParted {
  const layouts = cutPools(pools).flatMap((pool) =>
    poolKeys(pool).map((key) => [migConfigName(pool.cut, key), cutsOf(layoutsOfNode(pool.cut, key))] as const),
  );
  return {
    version: 'v1',
    'mig-configs': { 'all-disabled': [{ devices: 'all', 'mig-enabled': false }], ...Object.fromEntries(layouts) },
  };
}

type Layout = ReturnType<typeof layoutsOfNode>[number];

/** One entry for all cards that are cut alike. */
function cutsOf(layouts: readonly Layout[]): readonly Cut[] {
  const alike = new Map<string, number[]>();
  layouts.forEach((layout, card) => {
    const key = JSON.stringify(layout);
    alike.set(key, [...(alike.get(key) ?? []), card]);
  });
  return [...alike].map(([key, cards]) => ({
    devices: alike.size === 1 ? 'all' : cards,
    'mig-enabled': true,
    'mig-devices': devicesOf(JSON.parse(key)),
  }));
}

function devicesOf(layout: Layout): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(layout).map(([profile, count]) => [migPartedKey(profile as AnyProfile), count ?? 0]));
}
