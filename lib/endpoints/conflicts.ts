import type { Finding } from '../errors';
import type { Endpoint } from './endpoint';
import { endpointsConflict } from './messages';

/** Two endpoints that cannot be used by one pod. */
export interface Conflict {
  readonly first: Endpoint;
  readonly second: Endpoint;
  readonly finding: Finding;
}

/** What the endpoints set differently in one pod: one finding for each pair, with everything that it disagrees about. */
export function endpointConflicts(given: readonly Endpoint[]): readonly Conflict[] {
  // What is no endpoint is reported where it is used.
  const endpoints = given.filter((one) => one?.kind === 'endpoint');
  return endpoints.flatMap((second, index) =>
    endpoints.slice(0, index).flatMap((first) => {
      const [one, other] = [settings(first), settings(second)];
      const both = [...other].filter(([what, value]) => one.has(what) && one.get(what) !== value).map(([what]) => what);
      return both.length > 0 ? [{ first, second, finding: endpointsConflict(first.name, second.name, both) }] : [];
    }),
  );
}

/** Everything of a pod that an endpoint sets, by the words in which messages name it. */
function settings({ binding }: Endpoint): ReadonlyMap<string, string> {
  const { variables = {}, mounts = {}, identity } = binding;
  return new Map([
    ...Object.entries(variables).map(([name, value]) => [`variable ${name}`, JSON.stringify(value)] as const),
    ...Object.entries(mounts).map(([path, mount]) => [`folder ${path}`, JSON.stringify(mount)] as const),
    ...Object.values(mounts).map((mount) => [`volume ${mount.volume}`, JSON.stringify({ ...mount, subPath: undefined })] as const),
    ...(identity ? [[`hub service ${identity.service}`, JSON.stringify(identity)] as const] : []),
  ]);
}
