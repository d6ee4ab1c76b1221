import type { Endpoint, HubIdentity, Origin } from '../../endpoints';
import type { Target } from '../../site';

/** A Dask Gateway: it starts a cluster for each user who asks, with the user's login at the hub. */
export interface DaskGatewayEndpoint extends Endpoint {
  readonly protocol: 'dask-gateway';
  /** Where clients ask for clusters, e.g. `http://dask-gateway-proxy.dask-gateway.svc.cluster.local:8000`. */
  readonly address: string;
  /** Where clients reach the scheduler of their cluster, e.g. `gateway://dask-gateway-proxy.dask-gateway.svc.cluster.local:8786`. */
  readonly proxyAddress: string;
}

/** What a gateway is made of. */
export interface DaskGatewayEndpointProps {
  readonly name: string;
  readonly address: string;
  readonly proxyAddress: string;
  readonly reach: readonly Target[];
  /** The hub whose users it accepts. */
  readonly hub: HubIdentity['hub'];
  readonly origin?: Origin;
}

/** Name of the service by which the hub knows a gateway. */
export const GATEWAY_SERVICE = 'dask-gateway';

/**
 * A gateway as an endpoint: `Gateway()` and the cluster manager of JupyterLab find it, and start clusters with the image that the
 * notebook itself runs. A gateway accepts the tokens of notebooks alone, hence what it sets is for notebooks.
 *
 * @see https://gateway.dask.org/configuration-user.html, https://gateway.dask.org/authentication.html
 */
export function daskGatewayEndpoint(props: DaskGatewayEndpointProps): DaskGatewayEndpoint {
  const { name, address, proxyAddress, reach, hub, origin } = props;
  const service = GATEWAY_SERVICE;
  return {
    kind: 'endpoint',
    protocol: 'dask-gateway',
    name,
    address,
    proxyAddress,
    ...(origin ? { origin } : {}),
    publish: 'run a gateway in this facility: it starts clusters in its own Kubernetes cluster, for users of a hub there',
    binding: {
      variables: {
        DASK_GATEWAY__ADDRESS: address,
        DASK_GATEWAY__PROXY_ADDRESS: proxyAddress,
        DASK_GATEWAY__PUBLIC_ADDRESS: { inNotebook: `{JUPYTERHUB_SERVICE_PREFIX}proxy/${new URL(address).host}` },
        DASK_GATEWAY__AUTH__TYPE: 'jupyterhub',
        DASK_GATEWAY__CLUSTER__OPTIONS__IMAGE: { inNotebook: '{JUPYTER_IMAGE_SPEC}' },
        DASK_LABEXTENSION__FACTORY__MODULE: 'dask_gateway',
        DASK_LABEXTENSION__FACTORY__CLASS: 'GatewayCluster',
      },
      reach,
      pages: [address],
      identity: { service, scopes: [`access:services!service=${service}`, 'read:users:name!user', 'read:users:groups!user'], hub },
    },
  };
}
