import { failure } from '../errors';
import type { Binding, BoundMount, Variable } from './binding';
import type { Endpoint } from './endpoint';
import { prefixInvalid } from './messages';

/**
 * The same endpoint under other names, for a client that uses two of a kind: its variables begin with the prefix, and what it mounts is
 * in a folder of the prefix. The other endpoint keeps the usual names and so is the default, which libraries find by themselves; this one
 * must be named in the client's code.
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
  const word = prefix.toLowerCase().replaceAll('_', '-');
  const paths = Object.keys(binding.mounts ?? {});
  const moved = (path: string) => `/etc/${word}${path}`;
  // Values that are files of a mount follow it to its new place.
  const value = (given: Variable): Variable => {
    const path = typeof given === 'string' && paths.find((one) => given === one || given.startsWith(`${one}/`));
    return path && typeof given === 'string' ? `${moved(path)}${given.slice(path.length)}` : given;
  };
  return {
    ...binding,
    ...(binding.variables ? { variables: mapped(binding.variables, (name) => `${prefix}_${name}`, value) } : {}),
    ...(binding.mounts
      ? { mounts: mapped(binding.mounts, moved, (one: BoundMount) => ({ ...one, volume: `${word}-${one.volume}` })) }
      : {}),
  };
}

function mapped<T>(given: Readonly<Record<string, T>>, name: (old: string) => string, value: (old: T) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(given).map(([key, one]) => [name(key), value(one)]));
}
