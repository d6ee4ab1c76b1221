import { Yaml } from 'cdk8s';
import { configFiles, type ServiceChart, type VolumeSource } from '../../kubernetes';
import { countersFile } from './counters';
import { COUNTERS_FILE } from './metrics';
import { migParted } from './mig-parted';
import { pluginConfigs } from './plugin-config';
import { type NvidiaPool, supportsMig } from './pools';

/** Configuration files as volumes. A change creates a new ConfigMap, so that the pods that mount it are restarted. */
export interface Configuration {
  readonly migParted?: VolumeSource;
  readonly plugin: VolumeSource;
}

export function configuration(chart: ServiceChart, pools: readonly NvidiaPool[]): Configuration {
  const configs = Object.entries(pluginConfigs(pools)).map(([name, config]) => [name, Yaml.stringify(config)]);
  return {
    ...(supportsMig(pools) ? { migParted: configFiles(chart, 'mig-parted', { 'config.yaml': Yaml.stringify(migParted(pools)) }) } : {}),
    plugin: configFiles(chart, 'device-plugin', Object.fromEntries(configs)),
  };
}

export function counters(chart: ServiceChart): VolumeSource {
  return configFiles(chart, 'counters', { [COUNTERS_FILE]: countersFile() });
}

/** Name of the ConfigMap of a volume. */
export function configMapOf({ volume }: VolumeSource): string | undefined {
  return volume?.configMap?.name;
}
