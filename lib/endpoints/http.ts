import { checkProps, Problems } from '../errors';
import { type SecretKey, targetOf } from '../site';
import type { Endpoint } from './endpoint';
import { schemaOf } from './schema';

/** An HTTP service, e.g. a catalogue, a licence portal or a metadata server. */
export interface HttpEndpoint extends Endpoint {
  readonly protocol: 'http';
  readonly url: string;
}

/** Props of an HTTP service outside of the facility. */
export interface ExternalHttpProps {
  readonly url: string;
  /** Name in messages. @default - the host name */
  readonly name?: string;
  /** Environment variable that contains the URL. @default - none: clients know the URL */
  readonly variable?: string;
  /** Further environment variables, e.g. a token. @default - none */
  readonly variables?: Readonly<Record<string, string | SecretKey>>;
  /** Whether notebook servers proxy its web pages to their users. @default false */
  readonly page?: boolean;
  /** Addresses of the host name, in CIDR notation. @default - the address in the URL, or the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * Endpoint of an HTTP service outside of the facility.
 *
 * @example externalHttp({ url: 'https://catalogue.example.org', variable: 'CATALOGUE_URL' })
 * @throws INVALID_URL, MISSING_PROP, INVALID_PROP_TYPE
 */
export function externalHttp(props: ExternalHttpProps): HttpEndpoint {
  checkProps(schemaOf('ExternalHttpProps'), 'externalHttp', props);
  const { url, variable, page = false, cidrs } = props;
  const problems = new Problems();
  const reach = problems.attempt('externalHttp/url', () => targetOf(url, cidrs));
  problems.throwIfAny();
  return {
    kind: 'endpoint',
    protocol: 'http',
    name: props.name ?? new URL(url).hostname,
    url,
    binding: {
      variables: { ...(variable ? { [variable]: url } : {}), ...props.variables },
      reach: reach ? [reach] : [],
      pages: page ? [url] : [],
    },
  };
}
