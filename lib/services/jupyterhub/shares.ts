import { Construct } from 'constructs';
import { PRIORITY_VALUES, place, type ServiceChart } from '../../kubernetes';
import { podsWithDevice } from '../../scheduling';
import { type NodePool, poolsOf } from '../../site';
import type { Environment, ShareProps } from './choices';
import { hubCount, hubEmptyShare, hubExceedsShares, hubMissingShare } from './messages';
import type { JupyterHubProps } from './props';
import { acceleratorOf, type Server, serversOf } from './servers';

/** The priority class by which the quota of an environment knows its pods. */
export function shareClass(chart: ServiceChart, { name }: Environment): string {
  return `${chart.site.name}-${chart.node.id}-${name}`;
}

/** What a quota of one environment counts. */
interface Limits {
  readonly servers: number | undefined;
  readonly devices: Readonly<Record<string, number>>;
}

/**
 * Most pods of one environment, and most devices of theirs. The class says no more of their importance than that of all users: a quota
 * can tell the pods of a namespace apart by their class and by little else.
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
      // Outside of a facility the pods of other environments have none, which is 0.
      value: chart.facility ? PRIORITY_VALUES.user : 0,
      description: `Notebooks of ${environment.name}: as important as all others, and counted by themselves.`,
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

/** The shares of all environments that have one; records what is wrong with them. */
export function placeShares(chart: ServiceChart, props: JupyterHubProps): void {
  const servers = serversOf(props);
  for (const environment of new Set(props.environments)) {
    if (!environment.share) continue;
    const { share } = environment;
    const path = `${pathOf(chart)}/${environment.name}/share`;
    const counted = Object.entries({ servers: share.servers, accelerators: share.accelerators }).filter(([, count]) => count !== undefined);
    for (const [name, count] of counted)
      if (!Number.isInteger(count) || Number(count) < 1) chart.problems.add(`${path}/${name}`, hubCount(count));
    const own = servers.filter((one) => one.environment === environment);
    const devices = resourcesOf(own).map((resource) => [resource, devicesOf(share, mostOf(own, resource)) ?? 0] as const);
    if (share.servers === undefined && (share.accelerators === undefined || devices.length === 0))
      chart.problems.add(path, hubEmptyShare());
    const limits = { servers: share.servers, devices: Object.fromEntries(devices) };
    // A name that is given twice is told elsewhere.
    if (!chart.node.tryFindChild(`share-${environment.name}`)) new Share(chart, environment, limits);
  }
  for (const resource of resourcesOf(servers)) checkTogether(chart, props, resource, servers);
}

/** Most accelerators of one kind that the servers of a share may have, if each has so many; undefined: any number. */
function devicesOf({ servers, accelerators }: Partial<ShareProps>, each: number): number | undefined {
  const limits = [accelerators, servers === undefined ? undefined : servers * each].filter((limit) => limit !== undefined);
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** What the servers of one environment may ask for together. */
interface Claim {
  readonly environment: Environment;
  /** How many there may be; undefined: any number. */
  readonly servers: number | undefined;
  /** Most that one of them has. */
  readonly each: number;
  /** Most that all of them have. */
  readonly most: number | undefined;
  readonly on: readonly NodePool[];
}

/**
 * A share is worth something if all of them can be had at once. Where nobody has one, that is asked of the environments alone whose
 * servers all take the resource, for as many as the hub lets run; who may choose it is held by the quota of the namespace.
 */
function checkTogether(chart: ServiceChart, props: JupyterHubProps, resource: string, all: readonly Server[]): void {
  const users = all.filter((one) => acceleratorOf(one)?.resource === resource);
  const possible = [...new Set(users.map(({ environment }) => environment))].map((environment): Claim => {
    const own = users.filter((one) => one.environment === environment);
    const on = [...new Set(own.flatMap((one) => poolsOf(one.on)))];
    const { servers = props.activeServers, accelerators } = environment.share ?? {};
    const each = mostOf(own, resource);
    return { environment, servers, each, most: devicesOf({ servers, accelerators }, each), on };
  });
  const always = (environment: Environment) => all.every((one) => one.environment !== environment || users.includes(one));
  const shared = possible.some(({ environment }) => environment.share);
  const claims = shared ? possible : possible.filter(({ environment, most }) => most !== undefined && always(environment));
  if (claims.some(({ environment }) => environment.share?.oversubscribe)) return;
  for (const { environment, most } of claims) {
    if (most === undefined) chart.warn(hubMissingShare(resource), `environments/${environment.name}/share`);
  }
  // Each placement by itself, and all together: what is bound to some pools finds no room on others.
  for (const pools of [...claims.map(({ on }) => on), claims.flatMap(({ on }) => on)]) {
    const bound = claims.filter(({ most, on }) => most !== undefined && on.every((pool) => pools.includes(pool)));
    const asked = bound.reduce((sum, { most = 0 }) => sum + most, 0);
    const there = usable(chart, resource, pools, bound);
    const atOnce = (props.activeServers ?? Number.POSITIVE_INFINITY) * Math.max(0, ...bound.map(({ each }) => each));
    if (Math.min(asked, atOnce) > there) {
      chart.problems.add(pathOf(chart), hubExceedsShares(claimText(bound, resource), asked, resource, there));
      return;
    }
  }
}

/** What the nodes have for such servers: two slices of one server must be on one node, and one that is left over serves nobody. */
function usable(chart: ServiceChart, resource: string, pools: readonly NodePool[], claims: readonly Claim[]): number {
  const [each = 1, ...others] = new Set(claims.map((one) => one.each));
  const unit = others.length === 0 ? each : 1;
  return podsWithDevice(chart.site, pools, resource, unit) * unit;
}

function claimText(claims: readonly Claim[], resource: string): string {
  const byServers = claims.every(({ servers = 0, each, most }) => servers * each === most);
  const alike = byServers && new Set(claims.map(({ each }) => each)).size === 1;
  const part = ({ servers, each, most }: Claim) => (alike ? servers : byServers ? `${servers} × ${each}` : most);
  return `${claims.map((one) => `${one.environment.name} ${part(one)}`).join(' + ')}${alike ? ` servers × ${claims[0]?.each}` : ''} ${resource}`;
}

function resourcesOf(servers: readonly Server[]): readonly string[] {
  return [...new Set(servers.flatMap((one) => acceleratorOf(one)?.resource ?? []))].sort();
}

function mostOf(servers: readonly Server[], resource: string): number {
  const counts = servers.flatMap((one) => acceleratorOf(one) ?? []).filter((one) => one.resource === resource);
  return Math.max(0, ...counts.map(({ count }) => count));
}

function pathOf(chart: ServiceChart): string {
  return `${chart.path()}/environments`;
}
