import { Deployment, type ServiceChart, scratch } from '../../kubernetes';
import type { NodePool } from '../../site';
import { type Common, environment, tlsMounts } from './environment';
import type { WorkerSize } from './props';

export interface SchedulerProps {
  readonly on: NodePool | undefined;
  readonly size: WorkerSize;
  readonly common: Common;
}

/**
 * The scheduler: one process, since it holds the state of every computation in memory. Two behind one Service would each
 * know half of the workers, so the old one ends before the new one starts.
 */
export class Scheduler extends Deployment {
  constructor(chart: ServiceChart, props: SchedulerProps) {
    super(chart, 'scheduler', {
      on: props.on ? [props.on] : [],
      strategy: 'Recreate',
      containers: {
        scheduler: {
          image: props.common.image,
          command: ['dask', 'scheduler', '--host', '0.0.0.0', '--port', '8786', '--dashboard-address', ':8787', '--dashboard'],
          ports: { comm: 8786, dashboard: 8787 },
          env: environment(props.common, 'scheduler'),
          resources: props.size,
          mounts: { '/tmp': scratch('tmp', '512MiB'), ...tlsMounts(props.common) },
          probes: {
            // The scheduler answers /health as soon as its event loop turns, Bokeh or not.
            startup: { http: '/health', port: 'dashboard', every: 2, failures: 60 },
            readiness: { http: '/health', port: 'dashboard', timeout: 5 },
            liveness: { http: '/health?alive', port: 'dashboard', every: 20, failures: 6, timeout: 10 },
          },
        },
      },
      exceptions: {
        singleton: 'the scheduler keeps the state of all computations in memory; a second one would know nothing of it',
        recreate: 'two schedulers behind one Service would each get half of the workers',
      },
    });
  }
}
