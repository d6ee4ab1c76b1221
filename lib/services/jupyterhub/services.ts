import { nearest } from '../../errors';
import type { ServiceChart } from '../../kubernetes';
import { checkName, type PodPeer, type SecretKey } from '../../site';
import { hubUnknownScope } from './messages';

/** Scopes of the hub's API. @see https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html */
export const SCOPES = [
  ...['admin:users', 'admin:auth_state', 'users', 'delete:users', 'list:users', 'read:users', 'read:users:name', 'read:users:groups'],
  ...['read:users:activity', 'users:activity', 'read:roles', 'read:roles:users', 'read:roles:services', 'read:roles:groups'],
  ...['admin:servers', 'admin:server_state', 'servers', 'read:servers', 'delete:servers', 'tokens', 'read:tokens'],
  ...['admin:groups', 'groups', 'list:groups', 'read:groups', 'read:groups:name', 'delete:groups'],
  ...['admin:services', 'list:services', 'read:services', 'read:services:name', 'read:hub', 'access:servers', 'access:services'],
  ...[
    'shares',
    'read:shares',
    'users:shares',
    'read:users:shares',
    'groups:shares',
    'read:groups:shares',
    'proxy',
    'shutdown',
    'read:metrics',
  ],
] as const;

export type ScopeName = (typeof SCOPES)[number];

/** A scope, optionally with a filter, e.g. `read:servers!group=analysis`. */
export type Scope = ScopeName | `${ScopeName}!${'user' | 'group' | 'server' | 'service'}=${string}`;

/** An external program that calls the API of the hub. */
export interface HubServiceProps {
  /** Scopes of its token. */
  readonly scopes: readonly Scope[];

  /** Its token, in a Secret of the hub's namespace. @default - key `<name>` of the Secret `<id>-services`, random */
  readonly token?: SecretKey;

  /** Its pods; a NetworkPolicy then allows them to connect to port 8081 of the hub. @default - it uses the public URL */
  readonly from?: PodPeer;
}

export interface HubService extends HubServiceProps {
  readonly name: string;
}

/** Creates a service of the hub: an external program that calls its API with a token of its own. */
export function hubService(name: string, props: HubServiceProps): HubService {
  return { ...props, name };
}

/** Access to `/hub/metrics`. */
export interface HubMetricsProps {
  /** Pods of the monitoring system. */
  readonly from: PodPeer;

  /**
   * `token`: requests need the token of the service `metrics` (Secret `<id>-services`). `open`: no authentication. The NetworkPolicy still
   * applies, but the Ingress publishes the path too, so that everyone can read e.g. the number of users.
   *
   * @default token
   */
  readonly access?: 'token' | 'open';
}

/** Settings of a service in `hub.json`. Its token is in an environment variable. */
export interface ServiceSettings {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Name of the environment variable with its token. */
  readonly tokenVariable: string;
}

/** Services of a hub, including the one that reads its metrics. */
export function allServices(services: readonly HubService[], metrics: HubMetricsProps | undefined): readonly HubService[] {
  const metricsService: HubService[] = metrics ? [{ name: 'metrics', scopes: ['read:metrics'], from: metrics.from }] : [];
  return [...services, ...(metrics?.access === 'open' ? [] : metricsService)];
}

/** Reports UNKNOWN_HUB_SCOPE: the hub does not start with an unknown scope. */
export function checkScope(chart: ServiceChart, path: string, scope: string): void {
  const [name = ''] = scope.split('!');
  const known: readonly string[] = SCOPES;
  if (!known.includes(name)) chart.problems.add(path, hubUnknownScope(scope, nearest(name, known)));
}

/** Settings and tokens of the services. Reports UNKNOWN_HUB_SCOPE and invalid names. */
export function serviceSettings(
  chart: ServiceChart,
  services: readonly HubService[],
): { readonly settings: readonly ServiceSettings[]; readonly tokens: Readonly<Record<string, SecretKey>> } {
  const settings = services.map(({ name, scopes }) => {
    chart.problems.attempt(`${chart.path()}/services/${name}`, () => checkName(name));
    for (const scope of scopes) checkScope(chart, `${chart.path()}/services/${name}/scopes`, scope);
    return { name, scopes, tokenVariable: `HUB_SERVICE_${name.toUpperCase().replaceAll('-', '_')}` };
  });
  const tokens = services.map((service, index) => [
    settings[index]?.tokenVariable ?? '',
    chart.needs(service.token ?? { name: chart.objectName('services'), key: service.name }, { kind: 'random', bytes: 32 }),
  ]);
  return { settings, tokens: Object.fromEntries(tokens) };
}
