import { Construct } from 'constructs';
import { place, type ServiceChart } from '../../kubernetes';
import { configuration } from './configuration';
import { DcgmExporter } from './dcgm-exporter';
import { DevicePlugin } from './device-plugin';
import { FeatureDiscovery } from './feature-discovery';
import type { Measured } from './measured';
import { MigManager } from './mig-manager';
import { placeMonitor, placeRules } from './monitors';
import { MpsControl } from './mps-control';
import { knowsCuts, type NvidiaPool, type PlainNodes } from './pools';
import type { PlainGpusProps } from './props';

/** The parts of NVIDIA's software, each a DaemonSet on the pools that it is for. */
export class PlainCards extends Construct {
  constructor(chart: ServiceChart, pools: readonly NvidiaPool[], props: PlainGpusProps, metering?: Measured) {
    super(chart, 'plain');
    const { kind } = chart.site.cluster;
    const nodes: PlainNodes = {
      // Docker below RKE knows no runtime classes.
      runtimeClass: props.runtimeClass ?? (kind === 'rke1' ? undefined : 'nvidia'),
      kubeletDir: props.kubeletDir ?? '/var/lib/kubelet',
    };
    // RKE2 makes the class itself; one of another name is somebody else's.
    if (kind === 'existing' && props.runtimeClass === undefined) this.placeRuntimeClass(chart);

    const files = configuration(chart, pools);
    const shared = pools.filter(({ gpus }) => gpus.sharing === 'mps');
    const cuttable = pools.filter((pool) => knowsCuts([pool]));
    if (!props.claims) new DevicePlugin(chart, { on: pools, nodes, files, mps: shared.length > 0 });
    new FeatureDiscovery(chart, { on: pools, nodes, files });
    if (shared.length > 0) new MpsControl(chart, { on: shared, nodes, files });
    if (files.migParted) new MigManager(chart, { on: cuttable, nodes, layouts: files.migParted, reboot: props.reboot ?? false });
    if (!props.metrics || !metering) return;
    const exporter = new DcgmExporter(chart, { on: pools, nodes, metering, byClaims: props.claims !== undefined });
    exporter.mayBeReachedBy(props.metrics.from, 'metrics');
    if (!metering.monitors) return;
    placeMonitor(chart, this, 'dcgm-exporter', 'metrics', metering);
    placeRules(chart, this, pools, metering, props.claims !== undefined);
  }

  private placeRuntimeClass(chart: ServiceChart): void {
    place(this, 'runtime-class', 'node.k8s.io/v1/RuntimeClass', {
      metadata: { name: 'nvidia', labels: chart.labelsOf('runtime-class') },
      handler: 'nvidia',
    });
  }
}
