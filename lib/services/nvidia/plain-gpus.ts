import { Construct } from 'constructs';
import { place, type ServiceChart } from '../../kubernetes';
import { configuration } from './configuration';
import { DcgmExporter } from './dcgm-exporter';
import { DevicePlugin } from './device-plugin';
import { FeatureDiscovery } from './feature-discovery';
import type { MetricsSettings } from './metrics';
import { MigManager } from './mig-manager';
import { placeMonitor, placeRules } from './monitors';
import { MpsControl } from './mps-control';
import { type NvidiaPool, type PlainNodes, supportsMig } from './pools';
import type { PlainGpusProps } from './props';

/** NVIDIA's software as DaemonSets, each on the pools that need it. */
export class PlainGpus extends Construct {
  constructor(chart: ServiceChart, pools: readonly NvidiaPool[], props: PlainGpusProps, settings?: MetricsSettings) {
    super(chart, 'plain');
    const { kind } = chart.site.cluster;
    const nodes: PlainNodes = {
      // Docker with RKE does not support RuntimeClasses.
      runtimeClass: props.runtimeClass ?? (kind === 'rke1' ? undefined : 'nvidia'),
      kubeletDir: props.kubeletDir ?? '/var/lib/kubelet',
    };
    // RKE2 creates the class itself; a class with another name must exist already.
    if (kind === 'existing' && props.runtimeClass === undefined) this.placeRuntimeClass(chart);

    const files = configuration(chart, pools);
    const mpsPools = pools.filter(({ gpus }) => gpus.sharing === 'mps');
    const migCapable = pools.filter((pool) => supportsMig([pool]));
    if (!props.claims) new DevicePlugin(chart, { on: pools, nodes, files, mps: mpsPools.length > 0 });
    new FeatureDiscovery(chart, { on: pools, nodes, files });
    if (mpsPools.length > 0) new MpsControl(chart, { on: mpsPools, nodes, files });
    if (files.migParted) new MigManager(chart, { on: migCapable, nodes, layouts: files.migParted, reboot: props.reboot ?? false });
    if (!props.metrics || !settings) return;
    const exporter = new DcgmExporter(chart, { on: pools, nodes, settings, byClaims: props.claims !== undefined });
    exporter.mayBeReachedBy(props.metrics.from, 'metrics');
    if (!settings.monitors) return;
    placeMonitor(chart, this, 'dcgm-exporter', 'metrics', settings);
    placeRules(chart, this, pools, settings, props.claims !== undefined);
  }

  private placeRuntimeClass(chart: ServiceChart): void {
    place(this, 'runtime-class', 'node.k8s.io/v1/RuntimeClass', {
      metadata: { name: 'nvidia', labels: chart.labelsOf('runtime-class') },
      handler: 'nvidia',
    });
  }
}
