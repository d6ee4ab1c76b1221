import type { Construct } from 'constructs';
import { countInvalid } from '../../errors';
import { ServiceChart } from '../../kubernetes';
import { type DaskEndpoint, memoryText, poolsOf } from '../../site';
import type { DaskClusterProps } from './props';
import { Scheduler } from './scheduler';
import { WorkerGroup } from './worker';
import { workerLimits } from './worker-size';

/** Scheduler and workers of a shared cluster, closed to everybody who is not let in. */
export class DaskCluster extends ServiceChart {
  /** What a client needs in order to compute here. */
  readonly endpoint: DaskEndpoint;

  constructor(scope: Construct, id: string, props: DaskClusterProps) {
    super(scope, id, props, 'dask');
    const size = props.worker ?? { cpu: 2, memory: '8GiB' };
    const replicas = props.workers ?? 2;
    const limits = this.problems.attempt(`${this.path()}/worker`, () => workerLimits(size, props.memoryLimit, props.threads));
    if (!Number.isInteger(replicas) || replicas < 1) this.problems.add(`${this.path()}/workers`, countInvalid(replicas));
    const image = props.image ?? this.image('dask');

    const scheduler = new Scheduler(this, { on: poolsOf(props.on)[0], size: props.scheduler ?? { cpu: 1, memory: '4GiB' }, image });
    const address = `tcp://${scheduler.host}:8786`;
    const workers = new WorkerGroup(this, {
      on: props.on,
      replicas,
      size,
      limits: limits ?? { threads: Number.NaN, memory: Number.NaN },
      spill: props.spill ?? '10GiB',
      deathTimeout: props.deathTimeout ?? '60s',
      scheduler: address,
      image,
    });

    workers.mayReach(scheduler.port('comm'));
    // Results travel between workers, not through the scheduler.
    workers.mayReach(workers.port('comm'));
    // To gather results, to restart a worker, and to show its page on the dashboard.
    scheduler.mayReach(workers.port('comm'), workers.port('nanny'), workers.port('dashboard'));

    this.endpoint = {
      kind: 'dask',
      address,
      dashboard: `http://${scheduler.host}:8787`,
      reach: [scheduler.port('comm'), scheduler.port('dashboard')],
    };
    if (limits) {
      this.promise(`${replicas} workers, each ${limits.threads} threads and ${memoryText(limits.memory)} for data`);
    }
  }
}
