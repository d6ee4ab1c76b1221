import type { Binding, ClientImage, Endpoint, Origin } from '../../endpoints';
import { checkProps, failure, Problems, propsSchema } from '../../errors';
import { hostTarget, type SecretKey, type Target } from '../../site';
import { daskAddress, daskVersions } from './messages';
import { SCHEDULER_PORTS } from './ports';
import document from './schema.json';

const SCHEMA = propsSchema(document, 'ExternalDaskProps');

/** Files of a mutual TLS connection. Only clients that have all three can connect. */
export interface DaskTls {
  readonly certificate: SecretKey;
  readonly key: SecretKey;
  /** CA certificate; for a self-signed certificate, the certificate itself. */
  readonly authority: SecretKey;
}

/** A Dask scheduler. */
export interface DaskEndpoint extends Endpoint {
  readonly protocol: 'dask';
  /** e.g. `tcp://dask-scheduler.dask.svc.cluster.local:8786`, with TLS `tls://…` */
  readonly address: string;
  /** Base of the dashboard, e.g. `http://dask-scheduler.dask.svc.cluster.local:8787`. @default - not reachable */
  readonly dashboard?: string;
  /** Version of Dask of scheduler and workers, e.g. `2025.11.0`; clients must have the same. @default - unknown */
  readonly version?: string;
  /** Secrets in the namespace of the client. @default - unencrypted connections */
  readonly tls?: DaskTls;
}

/** Properties of a scheduler endpoint. */
export interface DaskEndpointProps {
  readonly name: string;
  readonly address: string;
  readonly dashboard?: string;
  readonly version?: string | undefined;
  readonly tls?: DaskTls | undefined;
  readonly reach: readonly Target[];
  readonly origin?: Origin;
}

/** Directory of certificate, private key and CA certificate in each pod that uses TLS with Dask. */
export const DASK_TLS = '/etc/dask-tls';

/** Endpoint of a Dask scheduler. */
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
    publish: 'add a DaskCluster to this facility: a scheduler accepts connections only from its own Kubernetes cluster',
    binding: {
      variables: { DASK_SCHEDULER_ADDRESS: address, ...dashboardLink(dashboard), ...(tls ? daskTlsVariables(tls, 'client') : {}) },
      ...(tls ? tlsFiles(tls) : {}),
      reach,
      pages: dashboard === undefined ? [] : [dashboard],
      check: ({ image }) => checkVersion(image, version),
    },
  };
}

/**
 * Dashboard link that `Client()` shows. It goes through the notebook server, so it requires a login at the hub.
 *
 * @see https://docs.dask.org/en/stable/configuration.html
 */
function dashboardLink(dashboard: string | undefined): Binding['variables'] {
  if (dashboard === undefined) return {};
  return {
    DASK_DISTRIBUTED__DASHBOARD__LINK: { inNotebook: `{JUPYTERHUB_SERVICE_PREFIX}proxy/${new URL(dashboard).host}/status` },
  };
}

/** Each key of the Secrets is mounted once: a self-signed certificate is also its CA certificate. */
function tlsFiles({ authority, certificate, key }: DaskTls): Pick<Binding, 'mounts' | 'secrets'> {
  const keys = [...new Map([authority, certificate, key].map((file) => [file.key, file])).values()];
  return {
    mounts: { [DASK_TLS]: { volume: 'dask-tls', secret: keys } },
    secrets: keys.map((secret) => ({ secret, origin: { kind: 'operator', what: `${secret.key} of the Dask cluster` } })),
  };
}

/** Compares the versions of Dask. Images whose tag does not state a version are accepted. */
function checkVersion(image: ClientImage['image'], version: string | undefined) {
  const own = daskVersion(image);
  return version && own && own !== version ? daskVersions(image, own, version) : undefined;
}

/**
 * Version of Dask as stated by the tag of an image, e.g. `2025.11.0` for `ghcr.io/dask/dask:2025.11.0-py3.12`. Only images whose name
 * contains `dask` are considered, because other projects also use calendar versions.
 */
export function daskVersion(image: string): string | undefined {
  return /(?:^|\/)[^/:@]*dask(?!-gateway|-kubernetes)[^/:@]*:(20\d\d\.(?:[1-9]|1[0-2])\.\d+)(?:[-@]|$)/.exec(image)?.[1];
}

/**
 * Environment variables that make Dask use TLS and reject unencrypted connections.
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

/** Properties of a Dask scheduler outside the facility. */
export interface ExternalDaskProps {
  /** e.g. `tcp://dask.example.org:8786`, or `tls://…` with `tls`. */
  readonly address: string;
  /** Name in findings. @default - the host name */
  readonly name?: string;
  /** Base URL of its dashboard, e.g. `http://dask.example.org:8787`. @default - no dashboard in notebooks */
  readonly dashboard?: string;
  /** Version of Dask; images of clients must have the same. @default - not checked */
  readonly version?: string;
  /** Certificate, private key and CA certificate for connections to it. @default - unencrypted connections */
  readonly tls?: DaskTls;
  /** IP ranges of the host names, for NetworkPolicies. @default - the IP address in `address`, or the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * Endpoint of a Dask scheduler outside the facility.
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
  const comm = target('address', address, [tls ? 'tls:' : 'tcp:'], SCHEDULER_PORTS.comm);
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
    reach: [comm, page].filter((flow) => flow !== undefined),
  });
}
