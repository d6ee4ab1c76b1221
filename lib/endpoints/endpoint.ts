import { checkProps, Problems } from '../errors';
import type { Binding } from './binding';
import { endpointMount, endpointVariable } from './messages';
import { schemaOf } from './schema';

/** The service of a facility that provides an endpoint. */
export interface Origin {
  /** Name of the site. */
  readonly site: string;
  /** Id of the service. */
  readonly service: string;
}

/**
 * A service that others connect to: an object store, a compute cluster, a database. Its binding contains everything that a client
 * needs. Clients take endpoints in their prop `uses` and apply the binding without knowing the kind of service.
 *
 * @madeBy endpoint, externalHttp, externalPostgresql, externalS3
 */
export interface Endpoint {
  readonly kind: 'endpoint';
  /** Name in messages: the id of the service, or the host name. */
  readonly name: string;
  /** Protocol, e.g. `s3`. */
  readonly protocol: string;
  /** What a client in the same facility needs. */
  readonly binding: Binding;
  /** The service that provides it. @default - none: it runs outside of all facilities */
  readonly origin?: Origin;
  /** The endpoint for clients outside of the facility. @default - it is not reachable from outside */
  readonly external?: Endpoint;
  /** How to make it reachable from outside of the facility; the `fix` of messages. @default - a generic instruction */
  readonly publish?: string;
}

/** Props of a custom endpoint. */
export interface EndpointProps extends Binding {
  /** Name in messages. */
  readonly name: string;
  /** Protocol. @default custom */
  readonly protocol?: string;
  /** The service that provides it: `origin` of a ServiceChart. @default - none: it runs outside of all facilities */
  readonly origin?: Origin;
  /** The endpoint for clients outside of the facility. @default - it is not reachable from outside */
  readonly external?: Endpoint;
}

/**
 * Describes a service that others connect to, and what clients need to use it.
 *
 * @example endpoint({ name: 'licences', variables: { LM_LICENSE_FILE: '27000@192.0.2.7' }, reach: [hostTarget('192.0.2.7', 27000)] })
 * @throws INVALID_ENDPOINT_VARIABLE, INVALID_ENDPOINT_MOUNT; MISSING_PROP, INVALID_PROP_TYPE
 */
export function endpoint(props: EndpointProps): Endpoint {
  checkProps(schemaOf('EndpointProps'), 'endpoint', props);
  const { name, protocol = 'custom', origin, external, ...binding } = props;
  const problems = new Problems();
  const at = `endpoint/${name}`;
  for (const variable of Object.keys(binding.variables ?? {}))
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) problems.add(`${at}/variables`, endpointVariable(variable));
  for (const path of Object.keys(binding.mounts ?? {})) if (!/^\/[^:]*[^:/]$/.test(path)) problems.add(`${at}/mounts`, endpointMount(path));
  problems.throwIfAny();
  return { kind: 'endpoint', name, protocol, binding, ...(origin ? { origin } : {}), ...(external ? { external } : {}) };
}
