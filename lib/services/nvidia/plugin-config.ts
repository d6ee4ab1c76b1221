import { type MpsGpus, migOf, offersOf, pluginConfigName, type TimeSlicedGpus } from '../../site';
import type { NvidiaCards, NvidiaPool } from './pools';

/** What the device plugin and GPU feature discovery read on one node. @see https://github.com/NVIDIA/k8s-device-plugin#configuration-option-details */
export interface PluginConfig {
  readonly version: 'v1';
  readonly flags: { readonly migStrategy: 'none' | 'single' | 'mixed' };
  readonly sharing?: Readonly<Partial<Record<'timeSlicing' | 'mps', Shared>>>;
}

interface Shared {
  readonly renameByDefault: true;
  readonly failRequestsGreaterThanOne: true;
  readonly resources: readonly { readonly name: string; readonly replicas: number }[];
}

/** Where a node has no label: cards as they are. */
export const DEFAULT_CONFIG = 'whole';

/** The configuration that each node asks for by its label, by name. */
export function pluginConfigs(pools: readonly NvidiaPool[]): Readonly<Record<string, PluginConfig>> {
  const configs: Record<string, PluginConfig> = { [DEFAULT_CONFIG]: { version: 'v1', flags: { migStrategy: 'none' } } };
  for (const name of new Set(pools.map(({ gpus }) => pluginConfigName(gpus)))) {
    // One name says how cards are shared, not which: profiles that another pool has are no concern of a node that lacks them.
    const alike = pools.filter(({ gpus }) => pluginConfigName(gpus) === name);
    const [{ gpus }] = alike as [NvidiaPool, ...NvidiaPool[]];
    configs[name] = { version: 'v1', flags: { migStrategy: strategyOf(gpus) }, ...sharingOf(gpus, alike) };
  }
  return configs;
}

/** How the instances of these cards are called. */
export function strategyOf(gpus: NvidiaCards): 'none' | 'single' | 'mixed' {
  const cut = migOf(gpus);
  return cut ? (cut.strategy ?? 'mixed') : 'none';
}

function sharingOf(gpus: NvidiaCards, alike: readonly NvidiaPool[]): Pick<PluginConfig, 'sharing'> {
  if (gpus.sharing !== 'time-slicing' && gpus.sharing !== 'mps') return {};
  const { replicas } = gpus;
  const names = alike.flatMap((pool) => offersOf({ ...pool, gpus: (pool.gpus as TimeSlicedGpus | MpsGpus).of }).map((one) => one.resource));
  const resources = [...new Set(names)].map((name) => ({ name, replicas }));
  const shared: Shared = { renameByDefault: true, failRequestsGreaterThanOne: true, resources };
  return { sharing: { [gpus.sharing === 'mps' ? 'mps' : 'timeSlicing']: shared } };
}
