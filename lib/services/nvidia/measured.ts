import { type Duration, seconds } from '../../site';
import type { GpuMetrics } from './props';

/** Port and path at which the exporter answers. */
export const EXPORTER_PORT = 9400;
export const EXPORTER_PATH = '/metrics';

/** The configuration of the exporter, whoever starts it. */
export const COUNTERS_FILE = 'dcgm-metrics.csv';

/** What is measured, with its defaults. */
export interface Measured {
  readonly every: Duration;
  readonly environment: Readonly<Record<string, string>>;
  readonly monitors?: Readonly<Record<string, string>>;
  readonly idle: { readonly below: number; readonly after: Duration };
}

/** @throws DURATION_INVALID */
export function measured(metrics: GpuMetrics, byClaims: boolean): Measured {
  const every = metrics.every ?? '30s';
  return {
    every,
    environment: {
      DCGM_EXPORTER_INTERVAL: String(seconds(every) * 1000),
      // The kubelet tells claimed devices by the names of their slices.
      ...(byClaims ? { KUBERNETES_ENABLE_DRA: 'true' } : {}),
    },
    ...(metrics.monitors ? { monitors: metrics.monitors } : {}),
    idle: { below: metrics.idle?.below ?? 0.01, after: metrics.idle?.after ?? '2h' },
  };
}
