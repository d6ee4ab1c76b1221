import { type Finding, quote } from '../errors';

export const endpointVariable = (name: string): Finding => ({
  code: 'INVALID_ENDPOINT_VARIABLE',
  given: `the environment variable ${quote(name)}`,
  allowed: 'letters, digits and _, and no digit at the beginning',
  fix: "rename it, e.g. 'LICENCE_SERVER'",
});

export const endpointMount = (path: string): Finding => ({
  code: 'INVALID_ENDPOINT_MOUNT',
  given: `the mount path ${quote(path)}`,
  allowed: 'an absolute path other than /, without a colon and without / at its end',
  fix: "write e.g. '/etc/licences'",
});

export const prefixInvalid = (prefix: unknown): Finding => ({
  code: 'INVALID_ENDPOINT_PREFIX',
  given: `the prefix ${quote(prefix)}`,
  allowed: 'up to 31 capital letters, digits and _, with a letter first',
  fix: "write e.g. prefixed('ARCHIVE', store.endpoint)",
});

/** @param what all variables, folders and volumes that both set differently */
export const endpointsConflict = (first: string, second: string, what: readonly string[]): Finding => ({
  code: 'CONFLICTING_ENDPOINTS',
  given: `endpoints ${quote(first)} and ${quote(second)}, which both set ${what.join(', ')}`,
  allowed: 'endpoints that agree about every variable, folder and volume of the pods that use them',
  fix: `leave one of them out; or write prefixed('SECOND', …) around ${quote(second)}: its variables then begin with SECOND_, and ${quote(first)} is the default`,
});

/** @param fix what the service of the endpoint advises */
export const endpointForeign = (name: string, there: string, here: string, fix: string | undefined): Finding => ({
  code: 'UNSUPPORTED_FOREIGN_ENDPOINT',
  given: `endpoint ${quote(name)} of the facility on site ${quote(there)}, used on site ${quote(here)}`,
  allowed: 'endpoints of the same facility, and others that have an address outside their cluster',
  fix: fix ?? 'describe an address that can be reached from here: endpoint({ name, variables, reach })',
});

export const postgresqlPort = (port: unknown): Finding => ({
  code: 'INVALID_POSTGRESQL_PORT',
  given: `port ${quote(port)}`,
  allowed: 'a whole number from 1 to 65535',
  fix: 'leave it out: 5432 is used',
});
