import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Construct } from 'constructs';
import { configFiles, INSTANCE_LABEL, ServiceChart } from '../../kubernetes';
import { type Accelerator, bytes, cores, poolsOf, seconds, type Target } from '../../site';
import { ClusterPods, PORTS, type PodNumbers } from './clusters';
import { ApiServer, Controller } from './daemons';
import { placeDefinitions } from './definitions';
import { daskGateway } from './description';
import { type DaskGatewayEndpoint, daskGatewayEndpoint, GATEWAY_SERVICE } from './endpoint';
import { checkWorker, type Limits, limitsOf, mostWorkers } from './limits';
import type { DaskGatewayProps, HubName, PodSize } from './props';
import { ClusterProxy, MIDDLEWARE } from './proxy';
import { type GatewaySettings, limitText } from './settings';

const PROGRAM = readFileSync(join(__dirname, 'dask_gateway_config.py'), 'utf8');

/** Starts a Dask cluster for each user who asks, with the user's login at the hub, and stops it when it has nothing to do. */
export class DaskGateway extends ServiceChart {
  /** What a hub tells its notebooks, and must allow their users. */
  readonly endpoint: DaskGatewayEndpoint;

  constructor(scope: Construct, id: string, props: DaskGatewayProps) {
    super(scope, id, props, daskGateway);
    const spill = this.problems.number(`${this.path()}/spill`, () => bytes(props.spill ?? '10GiB'));
    const pods = { on: props.clustersOn ?? props.on, uses: props.uses ?? [], internet: props.internet ?? true };
    const schedulers = new ClusterPods(this, 'scheduler', { ...pods, disk: 2 ** 30 });
    const workers = new ClusterPods(this, 'worker', { ...pods, disk: spill });
    this.checkVariables(props.env ?? {}, "users' clusters");

    const apiUrl = `http://${this.objectName('api')}.${this.namespace}.svc.${this.site.cluster.domain}:8000`;
    const settings = this.settingsFor(props, apiUrl, schedulers, workers);
    const config = configFiles(this, 'gateway', {
      'dask_gateway_config.py': PROGRAM,
      'gateway.json': `${JSON.stringify({ ...settings, middleware: MIDDLEWARE }, undefined, 2)}\n`,
    });
    const small = { cpu: '100m', cpuLimit: 1, memory: '256MiB' } as const;
    const api = new ApiServer(this, { on: props.on, resources: props.api ?? small, config });
    const controller = new Controller(this, { on: props.on, resources: props.controller ?? small, config });
    const proxyResources = props.proxy ?? { cpu: '250m', cpuLimit: 2, memory: '256MiB' };
    const proxy = new ClusterProxy(this, { on: props.on, resources: proxyResources, apiUrl, instance: id });
    // Definitions are cluster-wide: the first gateway of the app has them, further ones share them.
    // Not `instanceof`, which cdk8s makes true of every chart.
    const first = !this.node.root.node.findAll().some((one) => one !== this && one.constructor === DaskGateway);
    if (first) placeDefinitions(controller, this.labelsOf('controller'), props.traefikDefinitions ?? true);

    api.mayReach(this.hub(hubOf(props)).reach, schedulers.port(PORTS.api));
    proxy.mayReach(api.port('http'), schedulers.port(PORTS.comm), schedulers.port(PORTS.dashboard));
    // Schedulers tell the API server how many workers they want; results travel between workers.
    schedulers.mayReach(api.port('http'), workers.port(PORTS.worker), workers.port(PORTS.nanny), workers.port(PORTS.dashboard));
    workers.mayReach(schedulers.port(PORTS.comm), workers.port(PORTS.worker));

    for (const image of settings.images) for (const pods of [schedulers, workers]) pods.uses.check(image);

    this.endpoint = daskGatewayEndpoint({
      name: id,
      address: `http://${proxy.host}:8000`,
      proxyAddress: `gateway://${proxy.host}:8786`,
      reach: [proxy.port('web'), proxy.port('comm')],
      hub: hubOf(props),
      origin: this.origin,
    });
    this.declare("scheduler of a user's Dask cluster", schedulers, 'scheduler', settings.scheduler);
    this.declare("worker of a user's Dask cluster", workers, 'worker', settings.worker);
    if (props.largestWorker) this.declare("largest worker of a user's Dask cluster", workers, 'largestWorker', settings.largestWorker);
    for (const [name, card] of Object.entries(props.accelerators ?? {}))
      this.declare(`worker of a user's Dask cluster with '${name}'`, workers, `accelerators/${name}`, settings.worker, card);
    this.note(limitText(settings.limits, props.idleTimeout ?? '1h'));
  }

  /** They exist at run time alone: the checks are given the pod of each kind. */
  private declare(what: string, pods: ClusterPods, name: string, numbers: PodNumbers, accelerator?: Accelerator): void {
    this.ledger.runtimePods.push({
      what,
      namespace: this.namespace,
      labels: pods.labels,
      spec: pods.podOf(numbers, accelerator),
      path: `${this.path()}/${name}`,
    });
  }

  private settingsFor(props: DaskGatewayProps, apiUrl: string, schedulers: ClusterPods, workers: ClusterPods): GatewaySettings {
    const image = props.image ?? this.image('dask-gateway');
    const images = [...new Set([image, ...(props.images ?? [])])];
    for (const one of images) this.checkImage('images', one);
    const scheduler = props.scheduler ?? { cpu: 1, memory: '2GiB' };
    const worker = props.worker ?? { cpu: 1, memory: '4GiB' };
    const largest = props.largestWorker ?? { cpu: 4, memory: '16GiB' };
    this.problems.attempt(`${this.path()}/worker`, () => checkWorker(worker, largest));
    const numbers = (name: string, size: PodSize): PodNumbers => ({
      cpu: this.problems.number(`${this.path()}/${name}/cpu`, () => cores(size.cpu)),
      memory: this.problems.number(`${this.path()}/${name}/memory`, () => bytes(size.memory)),
    });
    const limits = (name: string, given: NonNullable<DaskGatewayProps['limits']>): Limits =>
      this.problems.attempt(`${this.path()}/${name}`, () => limitsOf(given, scheduler, worker, largest)) ?? NOTHING;
    return {
      instance: this.node.id,
      namespace: this.namespace,
      apiUrl,
      hub: { apiUrl: this.hub(hubOf(props)).apiUrl, service: GATEWAY_SERVICE },
      image,
      images,
      worker: numbers('worker', worker),
      largestWorker: numbers('largestWorker', largest),
      scheduler: numbers('scheduler', scheduler),
      schedulerPods: schedulers.config,
      workerPods: workers.config,
      accelerators: this.accelerated(props, workers),
      environment: { HOME: '/tmp', DASK_TEMPORARY_DIRECTORY: '/tmp', ...SHARES, ...props.env },
      schedulerCommand: ['dask', 'scheduler'],
      workerCommand: [
        'dask',
        'worker',
        '--worker-port',
        String(PORTS.worker),
        '--nanny-port',
        String(PORTS.nanny),
        '--local-directory',
        '/tmp',
        '--death-timeout',
        '60',
      ],
      idleTimeout: this.problems.number(`${this.path()}/idleTimeout`, () => seconds(props.idleTimeout ?? '1h')),
      limits: limits('limits', props.limits ?? {}),
      groups: Object.fromEntries(
        Object.entries(props.groups ?? {}).map(([name, given]) => [name, limits(`groups/${name}`, { ...props.limits, ...given })]),
      ),
    };
  }

  private accelerated({ accelerators = {}, clustersOn, on }: DaskGatewayProps, workers: ClusterPods): GatewaySettings['accelerators'] {
    const entries = Object.entries(accelerators).map(([name, card]) => {
      const { pod, container } = workers.computingWith(card);
      const pools = poolsOf(card.on ?? clustersOn ?? on);
      const most = this.problems.number(`${this.path()}/accelerators/${name}`, () => mostWorkers(this.site, name, card, pools));
      return [name, { pod, container, workers: most }] as const;
    });
    return Object.fromEntries(entries);
  }

  private hub({ id, namespace }: Required<HubName>): { readonly apiUrl: string; readonly reach: Target } {
    return {
      apiUrl: `http://${id}-hub.${namespace}.svc.${this.site.cluster.domain}:8081/hub/api`,
      reach: { peer: { kind: 'pods', namespace, labels: { [INSTANCE_LABEL]: `${id}-hub` } }, port: 8081 },
    };
  }
}

function hubOf({ hub = {} }: DaskGatewayProps): Required<HubName> {
  const { id = 'jupyterhub', namespace = id } = hub;
  return { id, namespace };
}

const NOTHING: Limits = { clusters: Number.NaN, workers: Number.NaN, cpu: Number.NaN, memory: Number.NaN };

/**
 * The gateway gives a worker the whole memory of its pod as limit: nine tenths of the usual shares keep the nanny ahead of
 * the kernel.
 */
const SHARES = {
  DASK_DISTRIBUTED__WORKER__MEMORY__TARGET: '0.54',
  DASK_DISTRIBUTED__WORKER__MEMORY__SPILL: '0.63',
  DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE: '0.72',
  DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE: '0.85',
} as const;
