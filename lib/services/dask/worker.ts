import { countInvalid } from '../../errors';
import { Deployment, type ServiceChart, scratch, scratchClaim, type VolumeSource } from '../../kubernetes';
import { type Accelerator, bytes, memoryText, type Placement, seconds } from '../../site';
import { type Common, environment, tlsMounts } from './environment';
import type { MemoryShares, WorkerOptions } from './props';
import { lifetimeArguments, memoryShares, resourceText, workerLimits } from './worker-size';

export interface WorkerGroupProps {
  readonly on: Placement;
  readonly options: WorkerOptions;
  /** How mistakes call the group: `''` for the workers of the cluster itself. */
  readonly path: string;
  readonly scheduler: string;
  /** The program that a worker runs before it ends. */
  readonly retire: VolumeSource;
  readonly common: Common;
}

/** Beside the spill volume, in bytes: what evicts a pod is the sum of its volumes, logs and layers. */
const LOGS_AND_TMP = 2 ** 30;

/** Seconds that a worker has to end in, when it has handed over what it held. */
const CLOSING = 60;

/** Workers, each under a nanny that starts it again. Every port is fixed: a policy cannot open a port that nobody knows yet. */
export class WorkerGroup extends Deployment {
  constructor(chart: ServiceChart, id: string, props: WorkerGroupProps) {
    const { options, common } = props;
    const at = (name: string) => [chart.path(), props.path, name].filter(Boolean).join('/');
    const span = (name: 'deathTimeout' | 'retirement', fallback: '60s' | '2m') =>
      chart.problems.number(at(name), () => seconds(options[name] ?? fallback));
    const size = options.worker ?? { cpu: 2, memory: '8GiB' };
    const replicas = options.workers ?? 2;
    if (!Number.isInteger(replicas) || replicas < 1) chart.problems.add(at('workers'), countInvalid(replicas));
    const limits = chart.problems.attempt(at('worker'), () => workerLimits(size, options.memoryLimit, options.threads));
    const shares = chart.problems.attempt(at('memoryShares'), () => memoryShares(options.memoryShares));
    const resources = chart.problems.attempt(at('resources'), () => resourceText(options.resources ?? {}));
    const lifetime = chart.problems.attempt(at('lifetime'), () => (options.lifetime ? lifetimeArguments(options.lifetime) : []));
    const spill = chart.problems.number(at('spill'), () => bytes(options.spill ?? '10GiB'));
    const retirement = span('retirement', '2m');
    const accelerator = options.accelerator === 'none' ? undefined : options.accelerator;

    super(chart, id, {
      on: props.on,
      replicas,
      ...(accelerator ? { strategy: 'InPlace' } : {}),
      grace: retirement + CLOSING,
      uses: common.uses,
      containers: {
        worker: {
          image: common.image,
          command: ['dask', 'worker', props.scheduler],
          args: [
            ...['--nworkers', '1', '--nthreads', String(limits?.threads), '--memory-limit', `${limits?.memory}B`],
            ...['--worker-port', '8788', '--nanny-port', '8789', '--dashboard-address', ':8790'],
            ...['--local-directory', '/spill', '--death-timeout', String(span('deathTimeout', '60s')), '--name', '$(POD_NAME)'],
            ...(resources ? ['--resources', resources] : []),
            ...(lifetime ?? []),
          ],
          ports: { comm: 8788, nanny: 8789, dashboard: 8790 },
          env: {
            // The program that hands over is a client of the scheduler.
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
          },
          // A worker that is told to end throws away what it holds: it must hand over before.
          preStop: ['python', '/etc/dask-worker/retire.py'],
          probes: {
            startup: { http: '/health', port: 'dashboard', every: 2, failures: 60 },
            readiness: { http: '/health', port: 'dashboard', timeout: 5 },
            // A worker that computes in C without releasing the interpreter answers late; the nanny judges it, not the kubelet.
            liveness: { tcp: 'nanny', every: 30, failures: 10, timeout: 10 },
          },
        },
      },
      ...(replicas > 1 ? {} : { exceptions: { singleton: 'one worker was asked for' } }),
    });
    const card = accelerator ? `, with ${cardText(accelerator, options.resources)}` : '';
    if (limits)
      chart.note(
        `${replicas} workers${props.path ? ` (${id})` : ''}, each ${limits.threads} threads and ${memoryText(limits.memory)} for data${card}`,
      );
  }
}

/** Dask sends any task to any worker, unless it is told what tasks may ask for. */
function cardText({ count, title, resource }: Accelerator, resources: WorkerOptions['resources'] = {}): string {
  const asked = Object.keys(resources);
  const how =
    asked.length > 0 ? `tasks ask for it by ${asked.join(', ')}` : 'and tasks come whether they need it or not: the group has no resources';
  return `${count} × ${title ?? resource}, ${how}`;
}

/** Nine tenths of the disk at most: a pod whose volume is full is evicted, with everything that it has spilled. */
function memoryVariables(shares: Required<MemoryShares>, spill: number): Record<string, string> {
  const memory = 'DASK_DISTRIBUTED__WORKER__MEMORY__';
  const given = Object.entries(shares).map(([name, share]) => [
    `${memory}${name.toUpperCase()}`,
    share === false ? 'False' : String(share),
  ]);
  return { ...Object.fromEntries(given), [`${memory}MAX_SPILL`]: String(Math.floor(spill * 0.9)) };
}
