import { countInvalid } from '../../errors';
import { Deployment, type ServiceChart, scratch, scratchClaim, type VolumeSource } from '../../kubernetes';
import { type Accelerator, bytes, memoryText, type Placement, seconds } from '../../site';
import { type CommonSettings, environment, tlsMounts } from './environment';
import { WORKER_PORTS } from './ports';
import type { MemoryShares, WorkerOptions } from './props';
import { lifetimeArguments, memoryShares, resourceText, workerLimits } from './worker-size';

export interface WorkerGroupProps {
  readonly on: Placement;
  readonly options: WorkerOptions;
  /** Path of the group in findings, e.g. `groups/gpu`; `''` for the workers of the cluster itself. */
  readonly path: string;
  readonly scheduler: string;
  /** ConfigMap with the preStop hook. */
  readonly retire: VolumeSource;
  readonly common: CommonSettings;
}

/** Ephemeral storage in addition to the spill volume, in bytes. A pod is evicted by the sum of its volumes, logs and writable layers. */
const LOGS_AND_TMP = 2 ** 30;

/** Seconds that a worker has to shut down after its results have been moved to other workers. */
const SHUTDOWN_SECONDS = 60;

/** Workers, each supervised by a nanny that restarts it. All ports are fixed, because a NetworkPolicy cannot open random ports. */
export class WorkerGroup extends Deployment {
  constructor(chart: ServiceChart, id: string, props: WorkerGroupProps) {
    const { options, common } = props;
    const pathOf = (name: string) => [chart.path(), props.path, name].filter(Boolean).join('/');
    const secondsOf = (name: 'deathTimeout' | 'retirement', fallback: '60s' | '2m') =>
      chart.problems.number(pathOf(name), () => seconds(options[name] ?? fallback));
    const size = options.worker ?? { cpu: 2, memory: '8GiB' };
    const replicas = options.workers ?? 2;
    if (!Number.isInteger(replicas) || replicas < 1) chart.problems.add(pathOf('workers'), countInvalid(replicas));
    const limits = chart.problems.attempt(pathOf('worker'), () => workerLimits(size, options.memoryLimit, options.threads));
    const shares = chart.problems.attempt(pathOf('memoryShares'), () => memoryShares(options.memoryShares));
    const resources = chart.problems.attempt(pathOf('resources'), () => resourceText(options.resources ?? {}));
    const lifetime = chart.problems.attempt(pathOf('lifetime'), () => (options.lifetime ? lifetimeArguments(options.lifetime) : []));
    const spill = chart.problems.number(pathOf('spill'), () => bytes(options.spill ?? '10GiB'));
    const retirement = secondsOf('retirement', '2m');
    const accelerator = options.accelerator === 'none' ? undefined : options.accelerator;

    super(chart, id, {
      on: props.on,
      replicas,
      ...(accelerator ? { strategy: 'InPlace' } : {}),
      grace: retirement + SHUTDOWN_SECONDS,
      uses: common.uses,
      containers: {
        worker: {
          image: common.image,
          command: ['dask', 'worker', props.scheduler],
          args: [
            ...['--nworkers', '1', '--nthreads', String(limits?.threads), '--memory-limit', `${limits?.memory}B`],
            ...['--worker-port', String(WORKER_PORTS.comm), '--nanny-port', String(WORKER_PORTS.nanny)],
            ...['--dashboard-address', `:${WORKER_PORTS.dashboard}`],
            ...['--local-directory', '/spill', '--death-timeout', String(secondsOf('deathTimeout', '60s')), '--name', '$(POD_NAME)'],
            ...(resources ? ['--resources', resources] : []),
            ...(lifetime ?? []),
          ],
          ports: WORKER_PORTS,
          env: {
            // The preStop hook is a client of the scheduler.
            ...environment(common, 'worker', 'client'),
            ...(shares ? memoryVariables(shares, spill) : {}),
            DASK_SCHEDULER_ADDRESS: props.scheduler,
            RETIREMENT_SECONDS: String(retirement),
            POD_NAME: { field: 'metadata.name' },
          },
          resources: { ...size, disk: options.spillOn ? LOGS_AND_TMP : spill + LOGS_AND_TMP },
          ...(accelerator ? { accelerator } : {}),
          mounts: {
            '/tmp': scratch('tmp', '512MiB'),
            '/spill': options.spillOn
              ? scratchClaim(chart, 'spill', { size: options.spill ?? '10GiB', storageClass: options.spillOn })
              : scratch('spill', spill),
            '/etc/dask-worker': props.retire,
            ...tlsMounts(common),
            ...common.volumes,
          },
          // On SIGTERM a worker discards its results: they must be moved to other workers before.
          preStop: ['python', '/etc/dask-worker/retire.py'],
          probes: {
            startup: { http: '/health', port: 'dashboard', every: 2, failures: 60 },
            readiness: { http: '/health', port: 'dashboard', timeout: 5 },
            // While a task runs C code that holds the GIL, a worker responds late; the nanny supervises it, not the kubelet.
            liveness: { tcp: 'nanny', every: 30, failures: 10, timeout: 10 },
          },
        },
      },
      ...(replicas > 1 ? {} : { exceptions: { singleton: 'workers is 1' } }),
    });
    const acceleratorNote = accelerator ? `, with ${acceleratorText(accelerator, options.resources)}` : '';
    if (limits)
      chart.note(
        `${replicas} workers${props.path ? ` (${id})` : ''}, each ${limits.threads} threads and ${memoryText(limits.memory)} for data${acceleratorNote}`,
      );
  }
}

/** Dask schedules any task on any worker, unless workers have resources that tasks request. */
function acceleratorText({ count, title, resource }: Accelerator, resources: WorkerOptions['resources'] = {}): string {
  const names = Object.keys(resources);
  const usage =
    names.length > 0
      ? `which tasks request by ${names.join(', ')}`
      : 'but without resources: Dask also schedules tasks there that do not need it';
  return `${count} × ${title ?? resource}, ${usage}`;
}

/** Memory settings as environment variables. At most 90 % of the volume is used: a pod whose volume is full is evicted and loses its results. */
function memoryVariables(shares: Required<MemoryShares>, spill: number): Record<string, string> {
  const memory = 'DASK_DISTRIBUTED__WORKER__MEMORY__';
  const given = Object.entries(shares).map(([name, share]) => [
    `${memory}${name.toUpperCase()}`,
    share === false ? 'False' : String(share),
  ]);
  return { ...Object.fromEntries(given), [`${memory}MAX_SPILL`]: String(Math.floor(spill * 0.9)) };
}
