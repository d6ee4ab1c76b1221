import type { Construct } from 'constructs';
import { place, type ServiceChart } from '../../kubernetes';
import { alertRules } from './alert-rules';
import { EXPORTER_PATH, type MetricsSettings } from './metrics';
import type { NvidiaPool } from './pools';

/** Creates the PrometheusRule with the alerts. */
export function placeRules(
  chart: ServiceChart,
  scope: Construct,
  pools: readonly NvidiaPool[],
  settings: MetricsSettings,
  byClaims: boolean,
): void {
  place(scope, 'rules', 'monitoring.coreos.com/v1/PrometheusRule', {
    metadata: { name: chart.objectName('cards'), labels: { ...chart.labelsOf('cards'), ...settings.monitors } },
    spec: { groups: [{ name: chart.node.id, rules: alertRules(pools, settings, byClaims) }] },
  });
}

/** Creates the ServiceMonitor of the exporter of this chart. */
export function placeMonitor(chart: ServiceChart, scope: Construct, part: string, port: string, settings: MetricsSettings): void {
  place(scope, 'monitor', 'monitoring.coreos.com/v1/ServiceMonitor', {
    metadata: { name: chart.objectName(part), labels: { ...chart.labelsOf(part), ...settings.monitors } },
    spec: {
      selector: { matchLabels: chart.peerOf(part).labels },
      // Labels `pod` and `namespace` are those of the pod that has the GPU, not of the exporter.
      endpoints: [{ port, path: EXPORTER_PATH, interval: settings.every, honorLabels: true }],
    },
  });
}
