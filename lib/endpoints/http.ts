import { checkProps, Problems } from '../errors';
import { type SecretKey, targetOf } from '../site';
import type { Endpoint } from './endpoint';
import { schemaOf } from './schema';

/** An HTTP service: a catalogue, a licence portal, a metadata server. */
export interface HttpEndpoint extends Endpoint {
  readonly protocol: 'http';
  readonly url: string;
}

/** An HTTP service that the facility does not run. */
export interface ExternalHttpProps {
  readonly url: string;
  /** What messages call it. @default - the host name */
  readonly name?: string;
  /** Environment variable that holds the URL. @default - none: clients know the URL */
  readonly variable?: string;
  /** Further variables, e.g. one that holds a token. @default - none */
  readonly variables?: Readonly<Record<string, string | SecretKey>>;
  /** Whether notebooks show its pages to their users through their own server. @default false */
  readonly page?: boolean;
  /** Addresses behind the host name. @default - the address in the URL, or the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * An HTTP service outside the facility.
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
