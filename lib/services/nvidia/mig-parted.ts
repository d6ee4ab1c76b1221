import { type AnyProfile, layoutsOfNode, migConfigName, migPartedKey, poolKeys } from '../../site';
import { migPools, type NvidiaPool } from './pools';

/**
 * MIG configuration of some GPUs of a node.
 *
 * Entries are not restricted to PCI ids (`device-filter`): the name of a layout contains the GPU model, all GPUs of a node have the same
 * model, and a GPU whose id is missing in such a list would silently not be partitioned.
 */
interface DeviceConfig {
  readonly devices: 'all' | readonly number[];
  readonly 'mig-enabled': boolean;
  readonly 'mig-devices'?: Readonly<Record<string, number>>;
}

/** Configuration file of mig-parted. @see https://github.com/NVIDIA/mig-parted/blob/main/api/spec/v1/spec.go */
export interface MigParted {
  readonly version: 'v1';
  readonly 'mig-configs': Readonly<Record<string, readonly DeviceConfig[]>>;
}

/** All layouts that the labels of the nodes of these pools refer to, and `all-disabled`, which disables MIG. */
export function migParted(pools: readonly NvidiaPool[]): MigParted {
  const layouts = migPools(pools).flatMap((pool) =>
    poolKeys(pool).map((key) => [migConfigName(pool.mig, key), deviceConfigs(layoutsOfNode(pool.mig, key))] as const),
  );
  return {
    version: 'v1',
    'mig-configs': { 'all-disabled': [{ devices: 'all', 'mig-enabled': false }], ...Object.fromEntries(layouts) },
  };
}

type Layout = ReturnType<typeof layoutsOfNode>[number];

/** One entry for all GPUs with the same layout. */
function deviceConfigs(layouts: readonly Layout[]): readonly DeviceConfig[] {
  const byLayout = new Map<string, number[]>();
  layouts.forEach((layout, gpu) => {
    const key = JSON.stringify(layout);
    byLayout.set(key, [...(byLayout.get(key) ?? []), gpu]);
  });
  return [...byLayout].map(([key, gpus]) => ({
    devices: byLayout.size === 1 ? 'all' : gpus,
    'mig-enabled': true,
    'mig-devices': devicesOf(JSON.parse(key)),
  }));
}

function devicesOf(layout: Layout): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(layout).map(([profile, count]) => [migPartedKey(profile as AnyProfile), count ?? 0]));
}
