import { type Duration, seconds } from '../../site';
import type { GpuMetrics } from './props';

/** Port and path of the DCGM exporter. */
export const EXPORTER_PORT = 9400;
export const EXPORTER_PATH = '/metrics';

/** Name of the metrics file of the exporter. */
export const COUNTERS_FILE = 'dcgm-metrics.csv';

/** `GpuMetrics` with defaults applied. */
export interface MetricsSettings {
  readonly every: Duration;
  readonly environment: Readonly<Record<string, string>>;
  readonly monitors?: Readonly<Record<string, string>>;
  readonly idle: { readonly below: number; readonly after: Duration };
}

/** @throws DURATION_INVALID */
export function metricsSettings(metrics: GpuMetrics, byClaims: boolean): MetricsSettings {
  const every = metrics.every ?? '30s';
  return {
    every,
    environment: {
      DCGM_EXPORTER_INTERVAL: String(seconds(every) * 1000),
      // The exporter then maps claimed devices to pods by ResourceSlices.
      ...(byClaims ? { KUBERNETES_ENABLE_DRA: 'true' } : {}),
    },
    ...(metrics.monitors ? { monitors: metrics.monitors } : {}),
    idle: { below: metrics.idle?.below ?? 0.01, after: metrics.idle?.after ?? '2h' },
  };
}
