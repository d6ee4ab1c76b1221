import { checkProps, Problems } from '../errors';
import type { Binding } from './binding';
import { endpointMount, endpointVariable } from './messages';
import { schemaOf } from './schema';

/** The service of a facility that offers an endpoint. */
export interface Origin {
  /** Name of the site. */
  readonly site: string;
  /** Id of the service. */
  readonly service: string;
}

/**
 * Something that other services connect to: an object store, a compute cluster, a database. It says itself what a client needs; a client
 * takes it in its prop `uses`, applies the binding, and need not know what it is.
 *
 * @madeBy endpoint, externalHttp, externalPostgresql, externalS3
 */
export interface Endpoint {
  readonly kind: 'endpoint';
  /** What messages call it: the id of its service, or its host. */
  readonly name: string;
  /** What it speaks, e.g. `s3`. */
  readonly protocol: string;
  /** What a client in the same facility needs. */
  readonly binding: Binding;
  /** The service that offers it. @default - nobody in a facility: somebody else runs it */
  readonly origin?: Origin;
  /** The same service as clients outside the facility see it. @default - it cannot be reached from outside */
  readonly external?: Endpoint;
  /** What to do so that clients outside the facility can reach it, as the fix of a message. @default - a general advice */
  readonly publish?: string;
}

/** An endpoint of one's own. */
export interface EndpointProps extends Binding {
  /** What messages call it. */
  readonly name: string;
  /** What it speaks. @default custom */
  readonly protocol?: string;
  /** The service that offers it: `origin` of a ServiceChart. @default - none: somebody else runs it */
  readonly origin?: Origin;
  /** The same service as clients outside the facility see it. @default - it cannot be reached from outside */
  readonly external?: Endpoint;
}

/**
 * Describes something that services connect to, and what they need for it.
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
