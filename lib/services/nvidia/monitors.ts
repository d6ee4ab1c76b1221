import type { Construct } from 'constructs';
import { place, type ServiceChart } from '../../kubernetes';
import { EXPORTER_PATH, type Measured } from './measured';
import type { NvidiaPool } from './pools';
import { alertRules } from './rules';

/** What Prometheus shall watch. */
export function placeRules(
  chart: ServiceChart,
  scope: Construct,
  pools: readonly NvidiaPool[],
  metering: Measured,
  byClaims: boolean,
): void {
  place(scope, 'rules', 'monitoring.coreos.com/v1/PrometheusRule', {
    metadata: { name: chart.objectName('cards'), labels: { ...chart.labelsOf('cards'), ...metering.monitors } },
    spec: { groups: [{ name: chart.node.id, rules: alertRules(pools, metering, byClaims) }] },
  });
}

/** Where Prometheus finds an exporter of this chart: by the Service that has its part's labels, and the name of its port. */
export function placeMonitor(chart: ServiceChart, scope: Construct, part: string, port: string, metering: Measured): void {
  place(scope, 'monitor', 'monitoring.coreos.com/v1/ServiceMonitor', {
    metadata: { name: chart.objectName(part), labels: { ...chart.labelsOf(part), ...metering.monitors } },
    spec: {
      selector: { matchLabels: chart.peerOf(part).labels },
      // `pod` and `namespace` of a series are those of who holds the card, not of the exporter.
      endpoints: [{ port, path: EXPORTER_PATH, interval: metering.every, honorLabels: true }],
    },
  });
}
