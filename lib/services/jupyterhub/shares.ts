import { Construct } from 'constructs';
import { PRIORITY_VALUES, place, type ServiceChart } from '../../kubernetes';
import { podsWithDevice } from '../../scheduling';
import { type NodePool, poolsOf } from '../../site';
import type { Environment, ShareProps } from './choices';
import { hubCount, hubEmptyShare, hubExceedsShares, hubMissingShare } from './messages';
import type { JupyterHubProps } from './props';
import { acceleratorOf, type Server, serversOf } from './servers';

/** Priority class of the servers of an environment: the scope of its quota. */
export function shareClass(chart: ServiceChart, { name }: Environment): string {
  return `${chart.site.name}-${chart.node.id}-${name}`;
}

/** Hard limits of the quota of an environment. */
interface Limits {
  readonly servers: number | undefined;
  readonly devices: Readonly<Record<string, number>>;
}

/**
 * ResourceQuota for the pods and devices of one environment, and the priority class that is its scope. The class has the same value as that
 * of all notebook servers: it exists because a quota can select pods of a namespace by their priority class, but not by labels.
 *
 * @see https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-per-priorityclass
 */
export class Share extends Construct {
  constructor(chart: ServiceChart, environment: Environment, { servers, devices }: Limits) {
    super(chart, `share-${environment.name}`);
    const labels = chart.labelsOf('user');
    const name = shareClass(chart, environment);
    place(this, 'priority-class', 'scheduling.k8s.io/v1/PriorityClass', {
      metadata: { name, labels },
      // Without a facility, pods of other environments have no priority class, i.e. priority 0.
      value: chart.facility ? PRIORITY_VALUES.user : 0,
      description: `Notebook servers of ${environment.name}: same priority as all notebook servers, with a quota of their own.`,
      globalDefault: false,
    });
    place(this, 'quota', 'v1/ResourceQuota', {
      metadata: { name: chart.objectName(environment.name), labels },
      spec: {
        hard: {
          ...(servers === undefined ? {} : { pods: String(servers) }),
          ...Object.fromEntries(Object.entries(devices).map(([device, count]) => [`requests.${device}`, String(count)])),
        },
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: [name] }] },
      },
    });
  }
}

/** Creates the quotas of all environments with a share. Reports MISSING_HUB_SHARE_LIMIT, INVALID_HUB_COUNT and EXCEEDS_HUB_SHARES. */
export function placeShares(chart: ServiceChart, props: JupyterHubProps): void {
  const servers = serversOf(props);
  for (const environment of new Set(props.environments)) {
    if (!environment.share) continue;
    const { share } = environment;
    const path = `${pathOf(chart)}/${environment.name}/share`;
    const counts = Object.entries({ servers: share.servers, accelerators: share.accelerators }).filter(([, count]) => count !== undefined);
    for (const [name, count] of counts)
      if (!Number.isInteger(count) || Number(count) < 1) chart.problems.add(`${path}/${name}`, hubCount(count));
    const own = servers.filter((server) => server.environment === environment);
    const devices = resourcesOf(own).map((resource) => [resource, maxDevices(share, perServer(own, resource)) ?? 0] as const);
    if (share.servers === undefined && (share.accelerators === undefined || devices.length === 0))
      chart.problems.add(path, hubEmptyShare());
    const limits = { servers: share.servers, devices: Object.fromEntries(devices) };
    // A duplicate name of an environment is reported by checkChoices.
    if (!chart.node.tryFindChild(`share-${environment.name}`)) new Share(chart, environment, limits);
  }
  for (const resource of resourcesOf(servers)) checkCapacity(chart, props, resource, servers);
}

/** Maximum number of accelerators of one kind for a share, with `each` of them per server; undefined without a limit. */
function maxDevices({ servers, accelerators }: Partial<ShareProps>, each: number): number | undefined {
  const limits = [accelerators, servers === undefined ? undefined : servers * each].filter((limit) => limit !== undefined);
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** Demand of all servers of one environment for one kind of accelerator. */
interface Demand {
  readonly environment: Environment;
  /** Maximum number of servers; undefined without a limit. */
  readonly servers: number | undefined;
  /** Maximum number of accelerators per server. */
  readonly each: number;
  /** Maximum number of accelerators of all servers; undefined without a limit. */
  readonly total: number | undefined;
  readonly on: readonly NodePool[];
}

/**
 * Checks that all shares together fit on the nodes. Without shares, only environments count in which every server has the accelerator, with
 * `activeServers` of the hub as their limit; all other servers are limited by the quota of the namespace.
 */
function checkCapacity(chart: ServiceChart, props: JupyterHubProps, resource: string, servers: readonly Server[]): void {
  const users = servers.filter((server) => acceleratorOf(server)?.resource === resource);
  const possible = [...new Set(users.map(({ environment }) => environment))].map((environment): Demand => {
    const own = users.filter((server) => server.environment === environment);
    const on = [...new Set(own.flatMap((server) => poolsOf(server.on)))];
    const { servers: limit = props.activeServers, accelerators } = environment.share ?? {};
    const each = perServer(own, resource);
    return { environment, servers: limit, each, total: maxDevices({ servers: limit, accelerators }, each), on };
  });
  const inEveryServer = (environment: Environment) =>
    servers.every((server) => server.environment !== environment || users.includes(server));
  const shared = possible.some(({ environment }) => environment.share);
  const demands = shared ? possible : possible.filter(({ environment, total }) => total !== undefined && inEveryServer(environment));
  if (demands.some(({ environment }) => environment.share?.oversubscribe)) return;
  for (const { environment, total } of demands) {
    if (total === undefined) chart.warn(hubMissingShare(resource), `environments/${environment.name}/share`);
  }
  // For each placement separately, and for all together: servers of some pools cannot use the nodes of others.
  for (const pools of [...demands.map(({ on }) => on), demands.flatMap(({ on }) => on)]) {
    const limited = demands.filter(({ total, on }) => total !== undefined && on.every((pool) => pools.includes(pool)));
    const requested = limited.reduce((sum, { total = 0 }) => sum + total, 0);
    const available = capacity(chart, resource, pools, limited);
    const atOnce = (props.activeServers ?? Number.POSITIVE_INFINITY) * Math.max(0, ...limited.map(({ each }) => each));
    if (Math.min(requested, atOnce) > available) {
      chart.problems.add(pathOf(chart), hubExceedsShares(demandText(limited, resource), requested, resource, available));
      return;
    }
  }
}

/** Accelerators that such servers can use: those of one server must be on the same node, so that a remainder of a node stays unused. */
function capacity(chart: ServiceChart, resource: string, pools: readonly NodePool[], demands: readonly Demand[]): number {
  const [each = 1, ...others] = new Set(demands.map((demand) => demand.each));
  const unit = others.length === 0 ? each : 1;
  return podsWithDevice(chart.site, pools, resource, unit) * unit;
}

function demandText(demands: readonly Demand[], resource: string): string {
  const byServers = demands.every(({ servers = 0, each, total }) => servers * each === total);
  const uniform = byServers && new Set(demands.map(({ each }) => each)).size === 1;
  const part = ({ servers, each, total }: Demand) => (uniform ? servers : byServers ? `${servers} × ${each}` : total);
  const parts = demands.map((demand) => `${demand.environment.name} ${part(demand)}`).join(' + ');
  return `${parts}${uniform ? ` servers × ${demands[0]?.each}` : ''} ${resource}`;
}

function resourcesOf(servers: readonly Server[]): readonly string[] {
  return [...new Set(servers.flatMap((server) => acceleratorOf(server)?.resource ?? []))].sort();
}

/** Maximum number of accelerators of one kind in one server. */
function perServer(servers: readonly Server[], resource: string): number {
  const accelerators = servers.flatMap((server) => acceleratorOf(server) ?? []).filter((accelerator) => accelerator.resource === resource);
  return Math.max(0, ...accelerators.map(({ count }) => count));
}

function pathOf(chart: ServiceChart): string {
  return `${chart.path()}/environments`;
}
