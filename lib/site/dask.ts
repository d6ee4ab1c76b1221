import type { Target } from './endpoint';
import type { SecretKey } from './secret';

/** What both ends of an encrypted connection hold. Whoever has the three is let in, and nobody else. */
export interface DaskTls {
  readonly certificate: SecretKey;
  readonly key: SecretKey;
  /** The certificate that signed theirs; theirs itself, where it is signed by itself. */
  readonly authority: SecretKey;
}

/** A Dask scheduler. */
export interface DaskEndpoint {
  readonly kind: 'dask';
  /** e.g. `tcp://dask-scheduler.dask.svc.cluster.local:8786`, with TLS `tls://…` */
  readonly address: string;
  /** Base of the dashboard for a proxy, e.g. `http://dask-scheduler.dask.svc.cluster.local:8787`. */
  readonly dashboard: string;
  readonly reach: readonly Target[];
  /** Dask of scheduler and workers, e.g. `2025.11.0`; a client's must be the same. @default - not known */
  readonly version?: string;
  /** Wanted in the client's own namespace. @default - connections are plain */
  readonly tls?: DaskTls;
}

/** A Dask Gateway: it starts a cluster for each user who asks, with the user's login at the hub. */
export interface DaskGatewayEndpoint {
  readonly kind: 'dask-gateway';
  /** Where clients ask for clusters, e.g. `http://dask-gateway-proxy.dask-gateway.svc.cluster.local:8000`. */
  readonly address: string;
  /** Where clients reach the scheduler of their cluster, e.g. `gateway://dask-gateway-proxy.dask-gateway.svc.cluster.local:8786`. */
  readonly proxyAddress: string;
  readonly reach: readonly Target[];
  /** The hub whose users it lets in. */
  readonly hub: { readonly id: string; readonly namespace: string };
  /** As which service the hub must know it, and what the tokens of its notebooks must be allowed so that the gateway lets them in. */
  readonly service: { readonly name: string; readonly scopes: readonly string[] };
  /** Dask of the clusters unless users choose another image. @default - not known */
  readonly version?: string;
}

/**
 * The version of Dask that an image states: the tag of an image whose name speaks of Dask, e.g. `2025.11.0` for
 * `ghcr.io/dask/dask:2025.11.0-py3.12`. Others have calendars in their tags too.
 */
export function daskVersion(image: string): string | undefined {
  return /(?:^|\/)[^/:@]*dask(?!-gateway|-kubernetes)[^/:@]*:(20\d\d\.(?:[1-9]|1[0-2])\.\d+)(?:[-@]|$)/.exec(image)?.[1];
}

/** Folder of certificate, key and authority in every pod that speaks TLS with Dask. */
export const DASK_TLS = '/etc/dask-tls';

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

/**
 * What a notebook is told of Dask: `Client()` without an address finds the scheduler, and shows a link to its dashboard
 * that leads through the notebook server, so behind the login of the hub; `Gateway()` and the cluster manager of JupyterLab
 * find the gateway, and start clusters with the image that the notebook itself runs.
 *
 * @see https://docs.dask.org/en/stable/configuration.html, https://gateway.dask.org/configuration-user.html
 */
export function daskVariables(endpoint: DaskEndpoint | DaskGatewayEndpoint): Record<string, string> {
  if (endpoint.kind === 'dask') {
    const { host } = new URL(endpoint.dashboard);
    return {
      DASK_SCHEDULER_ADDRESS: endpoint.address,
      DASK_DISTRIBUTED__DASHBOARD__LINK: `{JUPYTERHUB_SERVICE_PREFIX}proxy/${host}/status`,
      ...(endpoint.tls ? daskTlsVariables(endpoint.tls, 'client') : {}),
    };
  }
  return {
    DASK_GATEWAY__ADDRESS: endpoint.address,
    DASK_GATEWAY__PROXY_ADDRESS: endpoint.proxyAddress,
    DASK_GATEWAY__PUBLIC_ADDRESS: `{JUPYTERHUB_SERVICE_PREFIX}proxy/${new URL(endpoint.address).host}`,
    DASK_GATEWAY__AUTH__TYPE: 'jupyterhub',
    DASK_GATEWAY__CLUSTER__OPTIONS__IMAGE: '{JUPYTER_IMAGE_SPEC}',
    DASK_LABEXTENSION__FACTORY__MODULE: 'dask_gateway',
    DASK_LABEXTENSION__FACTORY__CLASS: 'GatewayCluster',
  };
}
