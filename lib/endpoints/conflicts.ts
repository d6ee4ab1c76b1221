import type { Finding } from '../errors';
import type { Endpoint } from './endpoint';
import { endpointsConflict } from './messages';

/** Two endpoints that cannot be used by the same pod. */
export interface Conflict {
  readonly first: Endpoint;
  readonly second: Endpoint;
  readonly finding: Finding;
}

/** Pairs of endpoints that set a variable, mount path, volume or hub service to different values; one finding per pair lists all of them. */
export function endpointConflicts(given: readonly Endpoint[]): readonly Conflict[] {
  // Values that are not endpoints are reported where `uses` is read.
  const endpoints = given.filter((one) => one?.kind === 'endpoint');
  return endpoints.flatMap((second, index) =>
    endpoints.slice(0, index).flatMap((first) => {
      const [one, other] = [settings(first), settings(second)];
      const both = [...other].filter(([setting, value]) => one.has(setting) && one.get(setting) !== value).map(([setting]) => setting);
      return both.length > 0 ? [{ first, second, finding: endpointsConflict(first.name, second.name, both) }] : [];
    }),
  );
}

/** Everything that an endpoint sets in a pod. The keys are printed in messages. */
function settings({ binding }: Endpoint): ReadonlyMap<string, string> {
  const { variables = {}, mounts = {}, identity, tokens = [] } = binding;
  return new Map([
    ...Object.entries(variables).map(([name, value]) => [`variable ${name}`, JSON.stringify(value)] as const),
    ...Object.entries(mounts).map(([path, mount]) => [`mount path ${path}`, JSON.stringify(mount)] as const),
    ...Object.values(mounts).map((mount) => [`volume ${mount.volume}`, JSON.stringify({ ...mount, subPath: undefined })] as const),
    ...tokens.map((token) => [`token file ${token.file}`, JSON.stringify(token)] as const),
    ...(identity ? [[`hub service ${identity.service}`, JSON.stringify(identity)] as const] : []),
  ]);
}
