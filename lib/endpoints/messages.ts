import { type Finding, quote } from '../errors';

export const endpointVariable = (name: string): Finding => ({
  code: 'INVALID_ENDPOINT_VARIABLE',
  given: `the environment variable ${quote(name)}`,
  allowed: 'letters, digits and _, not starting with a digit',
  fix: "rename it, e.g. 'LICENCE_SERVER'",
});

export const endpointMount = (path: string): Finding => ({
  code: 'INVALID_ENDPOINT_MOUNT',
  given: `the mount path ${quote(path)}`,
  allowed: 'an absolute path other than /, without a colon or a trailing slash',
  fix: "write e.g. '/etc/licences'",
});

export const prefixInvalid = (prefix: unknown): Finding => ({
  code: 'INVALID_ENDPOINT_PREFIX',
  given: `the prefix ${quote(prefix)}`,
  allowed: 'up to 31 capital letters, digits and _, starting with a letter',
  fix: "write e.g. prefixed('ARCHIVE', store.endpoint)",
});

/** @param settings all variables, mount paths, volumes and hub services that both set, to different values */
export const endpointsConflict = (first: string, second: string, settings: readonly string[]): Finding => ({
  code: 'CONFLICTING_ENDPOINTS',
  given: `endpoints ${quote(first)} and ${quote(second)}, which set different values of ${settings.join(', ')}`,
  allowed: 'endpoints with the same value for each variable, mount path and volume of the pods that use them',
  fix: `remove one of them, or write prefixed('SECOND', …) around ${quote(second)}: its variables then start with SECOND_, and ${quote(first)} is the default`,
});

/** @param fix instruction from the service that provides the endpoint */
export const endpointForeign = (name: string, there: string, here: string, fix: string | undefined): Finding => ({
  code: 'UNSUPPORTED_FOREIGN_ENDPOINT',
  given: `endpoint ${quote(name)} of site ${quote(there)}, used on site ${quote(here)}`,
  allowed: 'endpoints of the same facility, or endpoints with an external address',
  fix: fix ?? 'define an endpoint with an address that is reachable from this site: endpoint({ name, variables, reach })',
});

export const postgresqlPort = (port: unknown): Finding => ({
  code: 'INVALID_POSTGRESQL_PORT',
  given: `port ${quote(port)}`,
  allowed: 'a whole number from 1 to 65535',
  fix: 'write e.g. port: 5433, or remove it to use 5432',
});
