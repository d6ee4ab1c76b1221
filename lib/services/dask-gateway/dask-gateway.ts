import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Construct } from 'constructs';
import { configFiles, INSTANCE_LABEL, ServiceChart } from '../../kubernetes';
import { type Accelerator, bytes, cores, poolsOf, seconds, type Target } from '../../site';
import { ClusterPods, type PodResources } from './clusters';
import { ApiServer, Controller } from './daemons';
import { placeDefinitions } from './definitions';
import { daskGateway } from './description';
import { type DaskGatewayEndpoint, daskGatewayEndpoint, GATEWAY_SERVICE } from './endpoint';
import { checkWorker, type Limits, limitsOf, maxWorkers } from './limits';
import { HTTP_PORT, HUB_PORT, PORTS, PROXY_PORTS } from './ports';
import type { DaskGatewayProps, HubName, PodSize } from './props';
import { ClusterProxy, MIDDLEWARE } from './proxy';
import { type GatewaySettings, limitText } from './settings';

const PROGRAM = readFileSync(join(__dirname, 'dask_gateway_config.py'), 'utf8');

/** Dask Gateway: starts Dask clusters for users that a hub authenticates, and stops idle ones. */
export class DaskGateway extends ServiceChart {
  /** Endpoint for a hub: variables of notebooks, flows, and the identity and scopes of the gateway. */
  readonly endpoint: DaskGatewayEndpoint;

  constructor(scope: Construct, id: string, props: DaskGatewayProps) {
    super(scope, id, props, daskGateway);
    const spill = this.problems.number(`${this.path()}/spill`, () => bytes(props.spill ?? '10GiB'));
    const pods = { on: props.clustersOn ?? props.on, uses: props.uses ?? [], internet: props.internet ?? true };
    const schedulers = new ClusterPods(this, 'scheduler', { ...pods, disk: 2 ** 30 });
    const workers = new ClusterPods(this, 'worker', { ...pods, disk: spill, volumes: props.volumes ?? [] });
    this.checkVariables(props.env ?? {}, "users' clusters");

    const apiUrl = `http://${this.objectName('api')}.${this.namespace}.svc.${this.site.cluster.domain}:${HTTP_PORT}`;
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
    // CustomResourceDefinitions are cluster-scoped: only the first gateway of the app creates them.
    // Not `instanceof`: cdk8s overrides it, and it is true for every chart.
    const first = !this.node.root.node.findAll().some((construct) => construct !== this && construct.constructor === DaskGateway);
    if (first) placeDefinitions(controller, this.labelsOf('controller'), props.traefikDefinitions ?? true);

    api.mayReach(this.hub(hubOf(props)).reach, schedulers.port(PORTS.api));
    proxy.mayReach(api.port('http'), schedulers.port(PORTS.comm), schedulers.port(PORTS.dashboard));
    // Schedulers request workers from the API server; workers exchange results directly.
    schedulers.mayReach(api.port('http'), workers.port(PORTS.worker), workers.port(PORTS.nanny), workers.port(PORTS.dashboard));
    workers.mayReach(schedulers.port(PORTS.comm), workers.port(PORTS.worker));

    for (const image of settings.images) for (const pods of [schedulers, workers]) pods.uses.check(image);

    this.endpoint = daskGatewayEndpoint({
      name: id,
      address: `http://${proxy.host}:${PROXY_PORTS.web}`,
      proxyAddress: `gateway://${proxy.host}:${PROXY_PORTS.comm}`,
      reach: [proxy.port('web'), proxy.port('comm')],
      hub: hubOf(props),
      origin: this.origin,
    });
    this.declare("scheduler of a user's Dask cluster", schedulers, 'scheduler', settings.scheduler);
    this.declare("worker of a user's Dask cluster", workers, 'worker', settings.worker);
    if (props.largestWorker) this.declare("largest worker of a user's Dask cluster", workers, 'largestWorker', settings.largestWorker);
    for (const [name, device] of Object.entries(props.accelerators ?? {}))
      this.declare(`worker of a user's Dask cluster with '${name}'`, workers, `accelerators/${name}`, settings.worker, device);
    this.note(limitText(settings.limits, props.idleTimeout ?? '1h'));
  }

  /** Records the pod spec of a kind of pod that exists only at run time, for the checks of the facility. */
  private declare(what: string, pods: ClusterPods, name: string, numbers: PodResources, accelerator?: Accelerator): void {
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
    for (const name of images) this.checkImage('images', name);
    const scheduler = props.scheduler ?? { cpu: 1, memory: '2GiB' };
    const worker = props.worker ?? { cpu: 1, memory: '4GiB' };
    const largest = props.largestWorker ?? { cpu: 4, memory: '16GiB' };
    this.problems.attempt(`${this.path()}/worker`, () => checkWorker(worker, largest));
    const numbers = (name: string, size: PodSize): PodResources => ({
      cpu: this.problems.number(`${this.path()}/${name}/cpu`, () => cores(size.cpu)),
      memory: this.problems.number(`${this.path()}/${name}/memory`, () => bytes(size.memory)),
    });
    const limits = (name: string, given: NonNullable<DaskGatewayProps['limits']>): Limits =>
      this.problems.attempt(`${this.path()}/${name}`, () => limitsOf(given, scheduler, worker, largest)) ?? INVALID_LIMITS;
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
      accelerators: this.acceleratorPods(props, workers),
      environment: { HOME: '/tmp', DASK_TEMPORARY_DIRECTORY: '/tmp', ...MEMORY_THRESHOLDS, ...props.env },
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

  private acceleratorPods({ accelerators = {}, clustersOn, on }: DaskGatewayProps, workers: ClusterPods): GatewaySettings['accelerators'] {
    const entries = Object.entries(accelerators).map(([name, device]) => {
      const { pod, container } = workers.withAccelerator(device);
      const pools = poolsOf(device.on ?? clustersOn ?? on);
      const max = this.problems.number(`${this.path()}/accelerators/${name}`, () => maxWorkers(this.site, name, device, pools));
      return [name, { pod, container, workers: max }] as const;
    });
    return Object.fromEntries(entries);
  }

  private hub({ id, namespace }: Required<HubName>): { readonly apiUrl: string; readonly reach: Target } {
    return {
      apiUrl: `http://${id}-hub.${namespace}.svc.${this.site.cluster.domain}:${HUB_PORT}/hub/api`,
      reach: { peer: { kind: 'pods', namespace, labels: { [INSTANCE_LABEL]: `${id}-hub` } }, port: HUB_PORT },
    };
  }
}

function hubOf({ hub = {} }: DaskGatewayProps): Required<HubName> {
  const { id = 'jupyterhub', namespace = id } = hub;
  return { id, namespace };
}

const INVALID_LIMITS: Limits = { clusters: Number.NaN, workers: Number.NaN, cpu: Number.NaN, memory: Number.NaN };

/**
 * The gateway sets the memory limit of a worker to that of its pod. With 90 % of the usual thresholds, the nanny terminates a worker before
 * the kernel kills it.
 */
const MEMORY_THRESHOLDS = {
  DASK_DISTRIBUTED__WORKER__MEMORY__TARGET: '0.54',
  DASK_DISTRIBUTED__WORKER__MEMORY__SPILL: '0.63',
  DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE: '0.72',
  DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE: '0.85',
} as const;
