import { failure } from '../errors';
import type { Binding, BoundMount, Variable } from './binding';
import type { Endpoint } from './endpoint';
import { prefixInvalid } from './messages';

/**
 * Adds a prefix to the variables and mount paths of an endpoint, for a client that uses two endpoints of the same kind. The other
 * endpoint keeps the standard names, so libraries use it by default; the client's code must read the prefixed variables itself.
 *
 * @param prefix capital letters, digits and `_`, e.g. `ARCHIVE`: `AWS_ENDPOINT_URL` becomes `ARCHIVE_AWS_ENDPOINT_URL`
 * @throws INVALID_ENDPOINT_PREFIX
 */
export function prefixed<E extends Endpoint>(prefix: string, endpoint: E): E {
  if (!/^[A-Z][A-Z0-9_]{0,30}$/.test(prefix)) throw failure(prefixInvalid(prefix), endpoint.name);
  return {
    ...endpoint,
    binding: renamed(prefix, endpoint.binding),
    ...(endpoint.external ? { external: prefixed(prefix, endpoint.external) } : {}),
  };
}

function renamed(prefix: string, binding: Binding): Binding {
  const folder = prefix.toLowerCase().replaceAll('_', '-');
  const paths = Object.keys(binding.mounts ?? {});
  const moved = (path: string) => `/etc/${folder}${path}`;
  // Values that are paths inside of a mount get its new path.
  const value = (given: Variable): Variable => {
    const path = typeof given === 'string' && paths.find((one) => given === one || given.startsWith(`${one}/`));
    return path && typeof given === 'string' ? `${moved(path)}${given.slice(path.length)}` : given;
  };
  return {
    ...binding,
    ...(binding.variables ? { variables: mapped(binding.variables, (name) => `${prefix}_${name}`, value) } : {}),
    ...(binding.mounts
      ? { mounts: mapped(binding.mounts, moved, (one: BoundMount) => ({ ...one, volume: `${folder}-${one.volume}` })) }
      : {}),
  };
}

function mapped<T>(given: Readonly<Record<string, T>>, name: (old: string) => string, value: (old: T) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(given).map(([key, one]) => [name(key), value(one)]));
}
