import { type MpsGpus, migOf, offersOf, pluginConfigName, type TimeSlicedGpus } from '../../site';
import type { ManagedGpus, NvidiaPool } from './pools';

/** Configuration of device plugin and GPU Feature Discovery on a node. @see https://github.com/NVIDIA/k8s-device-plugin#configuration-option-details */
export interface PluginConfig {
  readonly version: 'v1';
  readonly flags: { readonly migStrategy: 'none' | 'single' | 'mixed' };
  readonly sharing?: Readonly<Partial<Record<'timeSlicing' | 'mps', Sharing>>>;
}

interface Sharing {
  readonly renameByDefault: true;
  readonly failRequestsGreaterThanOne: true;
  readonly resources: readonly { readonly name: string; readonly replicas: number }[];
}

/** Configuration of nodes without the label: whole GPUs. */
export const DEFAULT_CONFIG = 'whole';

/** Configurations by name; the label of each node refers to one of them. */
export function pluginConfigs(pools: readonly NvidiaPool[]): Readonly<Record<string, PluginConfig>> {
  const configs: Record<string, PluginConfig> = { [DEFAULT_CONFIG]: { version: 'v1', flags: { migStrategy: 'none' } } };
  for (const name of new Set(pools.map(({ gpus }) => pluginConfigName(gpus)))) {
    // Pools with the same kind of sharing have one configuration with the profiles of all of them; a node ignores profiles that it lacks.
    const matching = pools.filter(({ gpus }) => pluginConfigName(gpus) === name);
    const [{ gpus }] = matching as [NvidiaPool, ...NvidiaPool[]];
    configs[name] = { version: 'v1', flags: { migStrategy: strategyOf(gpus) }, ...sharingOf(gpus, matching) };
  }
  return configs;
}

/** MIG strategy: how MIG instances of these GPUs are exposed. */
export function strategyOf(gpus: ManagedGpus): 'none' | 'single' | 'mixed' {
  const mig = migOf(gpus);
  return mig ? (mig.strategy ?? 'mixed') : 'none';
}

function sharingOf(gpus: ManagedGpus, pools: readonly NvidiaPool[]): Pick<PluginConfig, 'sharing'> {
  if (gpus.sharing !== 'time-slicing' && gpus.sharing !== 'mps') return {};
  const { replicas } = gpus;
  const names = pools.flatMap((pool) =>
    offersOf({ ...pool, gpus: (pool.gpus as TimeSlicedGpus | MpsGpus).of }).map(({ resource }) => resource),
  );
  const resources = [...new Set(names)].map((name) => ({ name, replicas }));
  const settings: Sharing = { renameByDefault: true, failRequestsGreaterThanOne: true, resources };
  return { sharing: { [gpus.sharing === 'mps' ? 'mps' : 'timeSlicing']: settings } };
}
