import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Construct } from 'constructs';
import { endpointConflicts } from '../../endpoints';
import { configFiles, ServiceChart, sharedVolumes } from '../../kubernetes';
import { checkName, type Placement, poolsOf } from '../../site';
import { dask } from './description';
import { type DaskEndpoint, type DaskTls, daskEndpoint, daskVersion } from './endpoint';
import { daskMetricsMissing } from './messages';
import { SCHEDULER_PORTS } from './ports';
import type { DaskClusterProps, DaskTlsProps, WorkerOptions } from './props';
import { Scheduler } from './scheduler';
import { WorkerGroup } from './worker';

const RETIRE = readFileSync(join(__dirname, 'retire.py'), 'utf8');

/** Scheduler and workers of a shared Dask cluster. Only clients that use its endpoint can connect. */
export class DaskCluster extends ServiceChart {
  /** Endpoint for clients: address, dashboard, version and TLS files. */
  readonly endpoint: DaskEndpoint;

  constructor(scope: Construct, id: string, props: DaskClusterProps) {
    super(scope, id, props, dask);
    const common = {
      image: props.image ?? this.image('dask'),
      env: props.env ?? {},
      tls: props.tls && this.tls(props.tls),
      uses: props.uses ?? [],
      volumes: sharedVolumes(this, `${this.path()}/volumes`, props.volumes ?? [], { part: 'worker' }),
    };
    this.checkVariables(common.env, 'scheduler and workers');
    const size = props.scheduler ?? { cpu: 1, memory: '4GiB' };
    const scheduler = new Scheduler(this, { on: poolsOf(props.on)[0], size, common });
    const address = `${common.tls ? 'tls' : 'tcp'}://${scheduler.host}:${SCHEDULER_PORTS.comm}`;
    const retire = configFiles(this, 'retire', { 'retire.py': RETIRE });
    const group = (name: string, path: string, on: Placement | undefined, options: WorkerOptions) =>
      new WorkerGroup(this, name, { on: on ?? acceleratorPool(options) ?? props.on, options, path, scheduler: address, retire, common });
    const workers = [
      // `on` of the cluster also places the scheduler; workers with an accelerator go to its pool.
      group('worker', '', undefined, props),
      ...Object.entries(props.groups ?? {}).map(([name, options]) =>
        group(this.groupName(name), `groups/${name}`, options.on, { ...props, ...options }),
      ),
    ];

    for (const group of workers) {
      group.mayReach(scheduler.port('comm'));
      // Workers exchange results directly, not through the scheduler.
      group.mayReach(...workers.map((other) => other.port('comm')));
      // The scheduler gathers results, restarts workers and shows their pages on the dashboard.
      scheduler.mayReach(group.port('comm'), group.port('nanny'), group.port('dashboard'));
      if (props.internet) group.mayReach({ peer: { kind: 'internet' } });
    }
    if (props.metrics) {
      for (const part of [scheduler, ...workers]) part.mayBeReachedBy(props.metrics.from, 'dashboard');
      if (!props.image) this.warn(daskMetricsMissing(), 'metrics');
    }

    this.endpoint = daskEndpoint({
      name: id,
      address,
      dashboard: `http://${scheduler.host}:${SCHEDULER_PORTS.dashboard}`,
      reach: [scheduler.port('comm'), scheduler.port('dashboard')],
      version: daskVersion(common.image),
      tls: common.tls,
      origin: this.origin,
    });
    // Workers set the variables of their own scheduler: an endpoint in `uses` must not set them too.
    for (const { first, second, finding } of endpointConflicts([this.endpoint, ...common.uses]))
      if (first === this.endpoint) this.problems.add(`${this.path()}/uses/${second.name}`, finding);
  }

  private groupName(name: string): string {
    this.problems.attempt(`${this.path()}/groups/${name}`, () => checkName(name, 20));
    return `worker-${name}`;
  }

  private tls({ secret: name = this.objectName('tls'), authority = 'tls.crt' }: DaskTlsProps): DaskTls {
    const certificate = this.needs({ name, key: 'tls.crt' }, { kind: 'certificate', hosts: [this.objectName('scheduler')] });
    const key = { name, key: 'tls.key' };
    if (authority === certificate.key) return { certificate, key, authority: certificate };
    const signer = { kind: 'operator', what: 'CA certificate of the Dask cluster (PEM)' } as const;
    return { certificate, key, authority: this.needs({ name, key: authority }, signer) };
  }
}

/** Pool that has the accelerator of these workers. */
function acceleratorPool({ accelerator }: WorkerOptions): Placement | undefined {
  return accelerator === 'none' ? undefined : accelerator?.on;
}
