import {
  type ApiRule,
  type BoundMount,
  type Caller,
  type Endpoint,
  endpointConflicts,
  endpointForeign,
  type HubIdentity,
  type Right,
  type UserToken,
  type Variable,
} from '../endpoints';
import { propType } from '../errors';
import type { SecretKey, Target } from '../site';
import type { EnvValue } from './container';
import { endpointMountConflict, endpointWithoutHub } from './messages';
import { foreignOwner } from './owners';
import type { ServiceChart } from './service-chart';
import { mountVolume } from './shared-volumes';
import { secretFiles, sharedConfigFiles, type VolumeSource } from './volume';

/** Options for pods that use endpoints. */
export interface UsesOptions {
  /** Path of reported problems. @default - `uses` of the chart */
  readonly path?: string;
  /** Whether the pods are notebooks, which also get variables that only they can expand. @default false */
  readonly notebook?: boolean;
  /** Own mounts of the pods: a description for messages, by mount path. @default - none */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Endpoints that the same pods already use, to check for conflicts. @default - none */
  readonly beside?: readonly Endpoint[];
}

/** Combined settings of all endpoints that the pods of a client use. */
export interface Uses {
  readonly variables: Readonly<Record<string, EnvValue>>;
  readonly mounts: Readonly<Record<string, VolumeSource>>;
  /** Name of the endpoint, by mount path. */
  readonly mountedBy: Readonly<Record<string, string>>;
  readonly reach: readonly Target[];
  /** Who connects to the pods. */
  readonly callers: readonly Caller[];
  /** Tokens that a hub signs for the users of notebooks. */
  readonly tokens: readonly UserToken[];
  /** URLs of pages that notebook servers proxy. */
  readonly pages: readonly string[];
  /** RBAC rules in the namespace of the client. */
  readonly rules: readonly ApiRule[];
  /** RBAC rules in other namespaces. */
  readonly rights: readonly (Right & { readonly namespace: string })[];
  readonly identities: readonly { readonly endpoint: string; readonly identity: HubIdentity }[];
  /** Checks an image of the client for compatibility with the endpoints. @param path of reported problems; default: that of the endpoint */
  check(image: string, path?: string): void;
}

/**
 * Applies endpoints to pods of a chart: declares the required Secrets and returns all other settings. For an endpoint of another facility, its
 * external address is used.
 *
 * Reports UNSUPPORTED_FOREIGN_ENDPOINT, CONFLICTING_ENDPOINTS, CONFLICTING_ENDPOINT_MOUNT and INVALID_PROP_TYPE.
 */
export function useEndpoints(chart: ServiceChart, given: readonly Endpoint[], options: UsesOptions = {}): Uses {
  const path = options.path ?? `${chart.path()}/uses`;
  const endpoints = given.flatMap((one, index) => reachableEndpoint(chart, `${path}/${one?.name ?? index}`, one) ?? []);
  for (const { second, finding } of endpointConflicts([...(options.beside ?? []), ...endpoints]))
    if (endpoints.includes(second)) chart.problems.add(`${path}/${second.name}`, finding);
  for (const one of endpoints) checkMounts(chart, `${path}/${one.name}`, one, options.mounts ?? {});
  for (const one of endpoints) declareSecrets(chart, one);
  for (const { name, binding } of endpoints)
    if (binding.identity && !options.notebook)
      chart.problems.add(`${path}/${name}`, { ...endpointWithoutHub(name, binding.identity.hub.id), severity: 'warning' });
  const bindings = endpoints.map(({ binding }) => binding);
  const rights = bindings.flatMap((one) => one.rights ?? []);
  return {
    variables: Object.fromEntries(bindings.flatMap(({ variables = {} }) => expanded(variables, options.notebook ?? false))),
    mounts: Object.fromEntries(
      bindings.flatMap(({ mounts = {} }) => Object.entries(mounts).map(([at, mount]) => [at, sourceOf(chart, at, mount)])),
    ),
    mountedBy: Object.fromEntries(endpoints.flatMap(({ name, binding }) => Object.keys(binding.mounts ?? {}).map((at) => [at, name]))),
    reach: bindings.flatMap(({ reach = [] }) => reach),
    callers: bindings.flatMap(({ callers = [] }) => callers),
    tokens: options.notebook ? bindings.flatMap(({ tokens = [] }) => tokens) : [],
    pages: bindings.flatMap(({ pages = [] }) => pages),
    rules: rights.filter(({ namespace = chart.namespace }) => namespace === chart.namespace).flatMap(({ rules }) => rules),
    rights: rights.flatMap(({ namespace = chart.namespace, rules }) => (namespace === chart.namespace ? [] : [{ namespace, rules }])),
    identities: endpoints.flatMap(({ name, binding: { identity } }) => (identity ? [{ endpoint: name, identity }] : [])),
    check: (image, at) => {
      for (const { name, binding } of endpoints) {
        const finding = binding.check?.({ image });
        if (finding) chart.problems.add(at ?? `${path}/${name}`, finding);
      }
    },
  };
}

/** The endpoint, or its external form for a client in another facility. Reports the reason and returns undefined if it cannot be reached. */
function reachableEndpoint(chart: ServiceChart, path: string, endpoint: Endpoint): Endpoint | undefined {
  if (endpoint?.kind !== 'endpoint') {
    chart.problems.add(path, propType(endpoint, 'an Endpoint'));
    return undefined;
  }
  const owner = (endpoint.binding.reach ?? []).map(({ peer }) => foreignOwner(chart, peer)).find((one) => one !== undefined);
  const there = owner?.site.name ?? endpoint.origin?.site ?? chart.site.name;
  if (!owner && there === chart.site.name) return endpoint;
  if (!endpoint.external) chart.problems.add(path, endpointForeign(endpoint.name, there, chart.site.name, endpoint.publish));
  return endpoint.external;
}

function checkMounts(chart: ServiceChart, path: string, { name, binding }: Endpoint, own: Readonly<Record<string, string>>): void {
  for (const at of Object.keys(binding.mounts ?? {})) {
    const taken = Object.entries(own).find(([other]) => other.replace(/\/$/, '') === at);
    if (taken) chart.problems.add(path, endpointMountConflict(name, at, taken[1]));
  }
}

/** Declares the Secrets that an endpoint refers to. Only the endpoint knows how their values are created; all others are left to the operator. */
function declareSecrets(chart: ServiceChart, { name, binding }: Endpoint): void {
  const stated = binding.secrets ?? [];
  for (const { secret, origin } of stated) chart.needs(secret, origin);
  const referred = [
    ...Object.values(binding.variables ?? {}).filter(isSecret),
    ...Object.values(binding.mounts ?? {}).flatMap((mount) => ('secret' in mount ? mount.secret : [])),
  ];
  for (const secret of referred)
    if (!stated.some((one) => one.secret.name === secret.name && one.secret.key === secret.key))
      chart.needs(secret, { kind: 'operator', what: `${secret.key} of ${name}` });
}

function isSecret(value: Variable): value is SecretKey {
  return typeof value !== 'string' && 'key' in value;
}

function expanded(variables: Readonly<Record<string, Variable>>, notebook: boolean): readonly (readonly [string, EnvValue])[] {
  return Object.entries(variables).flatMap(([name, value]): readonly (readonly [string, EnvValue])[] => {
    if (typeof value === 'string' || isSecret(value)) return [[name, value]];
    return notebook ? [[name, value.inNotebook]] : [];
  });
}

function sourceOf(chart: ServiceChart, at: string, mount: BoundMount): VolumeSource {
  const { volume: name } = mount;
  if ('secret' in mount) return secretFiles(name, ...mount.secret);
  if ('files' in mount) return sharedConfigFiles(chart, name, mount.files);
  const { subPath, writable = false } = mount;
  if ('fileSystem' in mount)
    return mountVolume(chart, `${chart.path()}/uses`, name, { at, from: mount.fileSystem, subPath, writable }, { part: name });
  const readOnly = writable ? {} : { readOnly: true };
  return {
    name,
    volume: { name, persistentVolumeClaim: { claimName: mount.claim, ...readOnly } },
    ...readOnly,
    ...(subPath === undefined ? {} : { subPath }),
  };
}
