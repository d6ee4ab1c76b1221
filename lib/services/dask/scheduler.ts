import { Deployment, type ServiceChart, scratch } from '../../kubernetes';
import type { NodePool } from '../../site';
import { type CommonSettings, environment, tlsMounts } from './environment';
import { SCHEDULER_PORTS } from './ports';
import type { WorkerSize } from './props';

export interface SchedulerProps {
  readonly on: NodePool | undefined;
  readonly size: WorkerSize;
  readonly common: CommonSettings;
}

/**
 * The scheduler: one process, because it keeps the state of all computations in memory. With two schedulers behind one Service, each would
 * have half of the workers; therefore the old pod is stopped before the new one starts.
 */
export class Scheduler extends Deployment {
  constructor(chart: ServiceChart, props: SchedulerProps) {
    super(chart, 'scheduler', {
      on: props.on ? [props.on] : [],
      strategy: 'Recreate',
      containers: {
        scheduler: {
          image: props.common.image,
          command: [
            ...['dask', 'scheduler', '--host', '0.0.0.0', '--port', String(SCHEDULER_PORTS.comm)],
            ...['--dashboard-address', `:${SCHEDULER_PORTS.dashboard}`, '--dashboard'],
          ],
          ports: SCHEDULER_PORTS,
          env: environment(props.common, 'scheduler'),
          resources: props.size,
          mounts: { '/tmp': scratch('tmp', '512MiB'), ...tlsMounts(props.common) },
          probes: {
            // /health responds as soon as the event loop runs, with or without Bokeh.
            startup: { http: '/health', port: 'dashboard', every: 2, failures: 60 },
            readiness: { http: '/health', port: 'dashboard', timeout: 5 },
            liveness: { http: '/health?alive', port: 'dashboard', every: 20, failures: 6, timeout: 10 },
          },
        },
      },
      exceptions: {
        singleton: 'the scheduler keeps the state of all computations in memory; a second replica would not have it',
        recreate: 'with two schedulers behind one Service, each would get half of the workers',
      },
    });
  }
}
