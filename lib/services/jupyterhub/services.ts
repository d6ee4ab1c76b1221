import { nearest } from '../../errors';
import type { ServiceChart } from '../../kubernetes';
import { checkName, type PodPeer, type SecretKey } from '../../site';
import { hubUnknownScope } from './messages';

/** What a service may be allowed in the hub's API. @see https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html */
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

/** A scope, for everybody or narrowed, e.g. `read:servers!group=analysis`. */
export type Scope = ScopeName | `${ScopeName}!${'user' | 'group' | 'server' | 'service'}=${string}`;

/** A program outside the hub that asks its API. */
export interface HubServiceProps {
  /** What it may do, and no more. */
  readonly scopes: readonly Scope[];

  /** Its token, wanted in the hub's namespace. @default - key `<name>` of the Secret `<id>-services`, random */
  readonly token?: SecretKey;

  /** Its pods, which are then let through to the hub's port 8081. @default - it comes through the front door */
  readonly from?: PodPeer;
}

export interface HubService extends HubServiceProps {
  readonly name: string;
}

/** Describes a program that asks the hub's API with a token of its own. */
export function hubService(name: string, props: HubServiceProps): HubService {
  return { ...props, name };
}

/** Who reads `/hub/metrics`. */
export interface HubMetricsProps {
  /** Pods of the monitoring system. */
  readonly from: PodPeer;

  /**
   * `token`: who reads shows the token of the service `metrics` (Secret `<id>-services`); `open`: the NetworkPolicy alone guards
   * them, but the ingress leads there too, so that everyone reads how many users there are.
   *
   * @default token
   */
  readonly access?: 'token' | 'open';
}

/** What the hub is told about a service; the token comes by the environment. */
export interface ServiceSettings {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Name of the variable that holds its token. */
  readonly tokenVariable: string;
}

/** Services of a hub, the reader of its metrics among them. */
export function allServices(services: readonly HubService[], metrics: HubMetricsProps | undefined): readonly HubService[] {
  const reader: HubService[] = metrics ? [{ name: 'metrics', scopes: ['read:metrics'], from: metrics.from }] : [];
  return [...services, ...(metrics?.access === 'open' ? [] : reader)];
}

/** Records UNKNOWN_HUB_SCOPE: the hub would not start with one. */
export function checkScope(chart: ServiceChart, path: string, scope: string): void {
  const [plain = ''] = scope.split('!');
  const known: readonly string[] = SCOPES;
  if (!known.includes(plain)) chart.problems.add(path, hubUnknownScope(scope, nearest(plain, known)));
}

/** Settings and tokens of the services. UNKNOWN_HUB_SCOPE, and names that cannot be used, are recorded. */
export function serviceSettings(
  chart: ServiceChart,
  services: readonly HubService[],
): { readonly settings: readonly ServiceSettings[]; readonly tokens: Readonly<Record<string, SecretKey>> } {
  const settings = services.map(({ name, scopes }) => {
    chart.problems.attempt(`${chart.path()}/services/${name}`, () => checkName(name));
    for (const scope of scopes) checkScope(chart, `${chart.path()}/services/${name}/scopes`, scope);
    return { name, scopes, tokenVariable: `HUB_SERVICE_${name.toUpperCase().replaceAll('-', '_')}` };
  });
  const tokens = services.map((one, index) => [
    settings[index]?.tokenVariable ?? '',
    chart.needs(one.token ?? { name: chart.objectName('services'), key: one.name }, { kind: 'random', bytes: 32 }),
  ]);
  return { settings, tokens: Object.fromEntries(tokens) };
}
