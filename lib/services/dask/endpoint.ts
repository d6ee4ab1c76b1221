import type { Binding, ClientImage, Endpoint, Origin } from '../../endpoints';
import { checkProps, failure, Problems, propsSchema } from '../../errors';
import { hostTarget, type SecretKey, type Target } from '../../site';
import { daskAddress, daskVersions } from './messages';
import document from './schema.json';

const SCHEMA = propsSchema(document, 'ExternalDaskProps');

/** What both ends of an encrypted connection hold. Whoever has the three is let in, and nobody else. */
export interface DaskTls {
  readonly certificate: SecretKey;
  readonly key: SecretKey;
  /** The certificate that signed theirs; theirs itself, where it is signed by itself. */
  readonly authority: SecretKey;
}

/** A Dask scheduler. */
export interface DaskEndpoint extends Endpoint {
  readonly protocol: 'dask';
  /** e.g. `tcp://dask-scheduler.dask.svc.cluster.local:8786`, with TLS `tls://…` */
  readonly address: string;
  /** Base of the dashboard, e.g. `http://dask-scheduler.dask.svc.cluster.local:8787`. @default - it cannot be reached */
  readonly dashboard?: string;
  /** Dask of scheduler and workers, e.g. `2025.11.0`; a client's must be the same. @default - not known */
  readonly version?: string;
  /** In Secrets of the client's own namespace. @default - connections are plain */
  readonly tls?: DaskTls;
}

/** What a scheduler is made of. */
export interface DaskEndpointProps {
  readonly name: string;
  readonly address: string;
  readonly dashboard?: string;
  readonly version?: string | undefined;
  readonly tls?: DaskTls | undefined;
  readonly reach: readonly Target[];
  readonly origin?: Origin;
}

/** Folder of certificate, key and authority in every pod that speaks TLS with Dask. */
export const DASK_TLS = '/etc/dask-tls';

/** A scheduler as an endpoint. */
export function daskEndpoint(props: DaskEndpointProps): DaskEndpoint {
  const { name, address, dashboard, version, tls, reach, origin } = props;
  return {
    kind: 'endpoint',
    protocol: 'dask',
    name,
    address,
    ...(dashboard === undefined ? {} : { dashboard }),
    ...(version === undefined ? {} : { version }),
    ...(tls ? { tls } : {}),
    ...(origin ? { origin } : {}),
    publish: 'run a Dask cluster in this facility: a scheduler accepts connections from its own Kubernetes cluster alone',
    binding: {
      variables: { DASK_SCHEDULER_ADDRESS: address, ...dashboardLink(dashboard), ...(tls ? daskTlsVariables(tls, 'client') : {}) },
      ...(tls ? files(tls) : {}),
      reach,
      pages: dashboard === undefined ? [] : [dashboard],
      check: ({ image }) => checkVersion(image, version),
    },
  };
}

/**
 * `Client()` shows a link to the dashboard that leads through the notebook server, so behind the login of the hub.
 *
 * @see https://docs.dask.org/en/stable/configuration.html
 */
function dashboardLink(dashboard: string | undefined): Binding['variables'] {
  if (dashboard === undefined) return {};
  return {
    DASK_DISTRIBUTED__DASHBOARD__LINK: { inNotebook: `{JUPYTERHUB_SERVICE_PREFIX}proxy/${new URL(dashboard).host}/status` },
  };
}

/** Each key of the Secrets once: a certificate that is signed by itself is its own authority. */
function files({ authority, certificate, key }: DaskTls): Pick<Binding, 'mounts' | 'secrets'> {
  const keys = [...new Map([authority, certificate, key].map((one) => [one.key, one])).values()];
  return {
    mounts: { [DASK_TLS]: { volume: 'dask-tls', secret: keys } },
    secrets: keys.map((secret) => ({ secret, origin: { kind: 'operator', what: `${secret.key} of the Dask cluster` } })),
  };
}

/** Images that state no version are accepted: nobody knows what is in them. */
function checkVersion(image: ClientImage['image'], version: string | undefined) {
  const own = daskVersion(image);
  return version && own && own !== version ? daskVersions(image, own, version) : undefined;
}

/**
 * The version of Dask that an image states: the tag of an image whose name speaks of Dask, e.g. `2025.11.0` for
 * `ghcr.io/dask/dask:2025.11.0-py3.12`. Others have calendars in their tags too.
 */
export function daskVersion(image: string): string | undefined {
  return /(?:^|\/)[^/:@]*dask(?!-gateway|-kubernetes)[^/:@]*:(20\d\d\.(?:[1-9]|1[0-2])\.\d+)(?:[-@]|$)/.exec(image)?.[1];
}

/**
 * What Dask reads in order to encrypt, and to refuse those who do not.
 *
 * @see https://distributed.dask.org/en/stable/tls.html
 */
export function daskTlsVariables(
  { certificate, key, authority }: DaskTls,
  ...roles: readonly ('scheduler' | 'worker' | 'client')[]
): Record<string, string> {
  const tls = 'DASK_DISTRIBUTED__COMM__TLS__';
  const own = roles.flatMap((role) => [
    [`${tls}${role.toUpperCase()}__CERT`, `${DASK_TLS}/${certificate.key}`],
    [`${tls}${role.toUpperCase()}__KEY`, `${DASK_TLS}/${key.key}`],
  ]);
  return {
    DASK_DISTRIBUTED__COMM__DEFAULT_SCHEME: 'tls',
    DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION: 'True',
    [`${tls}CA_FILE`]: `${DASK_TLS}/${authority.key}`,
    ...Object.fromEntries(own),
  };
}

/** A Dask scheduler that the facility does not run. */
export interface ExternalDaskProps {
  /** e.g. `tcp://dask.example.org:8786`, or `tls://…` with `tls`. */
  readonly address: string;
  /** What messages call it. @default - the host name */
  readonly name?: string;
  /** Base of its dashboard, e.g. `http://dask.example.org:8787`. @default - notebooks show none */
  readonly dashboard?: string;
  /** Its version of Dask, which images of clients are compared with. @default - not compared */
  readonly version?: string;
  /** What connections to it need. @default - connections are plain */
  readonly tls?: DaskTls;
  /** Addresses behind the host names. @default - the address in `address`, or the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * A Dask scheduler outside the facility.
 *
 * @throws INVALID_DASK_ADDRESS, INVALID_CIDR, MISSING_PROP, INVALID_PROP_TYPE
 */
export function externalDask(props: ExternalDaskProps): DaskEndpoint {
  checkProps(SCHEMA, 'externalDask', props);
  const { address, dashboard, version, tls, cidrs } = props;
  const problems = new Problems();
  const target = (name: string, url: string, schemes: readonly string[], port: number) =>
    problems.attempt(`externalDask/${name}`, () => {
      const parsed = URL.canParse(url) ? new URL(url) : undefined;
      if (!parsed?.hostname || !schemes.includes(parsed.protocol)) throw failure(daskAddress(url, schemes));
      return hostTarget(parsed.hostname, Number(parsed.port || port), cidrs);
    });
  const comm = target('address', address, [tls ? 'tls:' : 'tcp:'], 8786);
  const page =
    dashboard === undefined ? undefined : target('dashboard', dashboard, ['http:', 'https:'], dashboard.startsWith('https:') ? 443 : 80);
  problems.throwIfAny();
  const name = props.name ?? new URL(address).hostname;
  return daskEndpoint({
    name,
    address,
    ...(dashboard === undefined ? {} : { dashboard }),
    version,
    tls,
    reach: [comm, page].filter((one) => one !== undefined),
  });
}
