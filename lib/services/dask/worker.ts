import { Deployment, scratch } from '../../kubernetes';
import { bytes, type Duration, type Memory, type Placement, seconds } from '../../site';
import type { DaskCluster } from './dask-cluster';
import type { WorkerSize } from './props';
import { DASK_ENVIRONMENT } from './scheduler';
import type { WorkerLimits } from './worker-size';

export interface WorkerGroupProps {
  readonly on: Placement;
  readonly replicas: number;
  readonly size: WorkerSize;
  readonly limits: WorkerLimits;
  readonly spill: Memory;
  readonly deathTimeout: Duration;
  readonly scheduler: string;
  readonly image: string;
}

/** Beside the spill volume, in bytes: what evicts a pod is the sum of its volumes, logs and layers. */
const LOGS_AND_TMP = 2 ** 30;

/** Workers, each under a nanny that starts it again. Every port is fixed: a policy cannot open a port that nobody knows yet. */
export class WorkerGroup extends Deployment {
  constructor(chart: DaskCluster, props: WorkerGroupProps) {
    const death = chart.problems.number(`${chart.path()}/deathTimeout`, () => seconds(props.deathTimeout));
    const spill = chart.problems.number(`${chart.path()}/spill`, () => bytes(props.spill));
    super(chart, 'worker', {
      on: props.on,
      replicas: props.replicas,
      grace: 60,
      containers: {
        worker: {
          image: props.image,
          command: ['dask', 'worker', props.scheduler],
          args: [
            ...['--nworkers', '1', '--nthreads', String(props.limits.threads), '--memory-limit', `${props.limits.memory}B`],
            ...['--worker-port', '8788', '--nanny-port', '8789', '--dashboard-address', ':8790'],
            ...['--local-directory', '/spill', '--death-timeout', String(death), '--name', '$(POD_NAME)'],
          ],
          ports: { comm: 8788, nanny: 8789, dashboard: 8790 },
          env: { ...DASK_ENVIRONMENT, POD_NAME: { field: 'metadata.name' } },
          resources: { ...props.size, disk: spill + LOGS_AND_TMP },
          mounts: { '/tmp': scratch('tmp', '512MiB'), '/spill': scratch('spill', spill) },
          probes: {
            startup: { http: '/health', port: 'dashboard', every: 2, failures: 60 },
            readiness: { http: '/health', port: 'dashboard', timeout: 5 },
            // A worker that computes in C without releasing the interpreter answers late; the nanny judges it, not the kubelet.
            liveness: { tcp: 'nanny', every: 30, failures: 10, timeout: 10 },
          },
        },
      },
      ...(props.replicas > 1 ? {} : { exceptions: { singleton: 'one worker was asked for' } }),
    });
  }
}
