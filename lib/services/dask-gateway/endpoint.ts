import type { Endpoint, HubIdentity, Origin } from '../../endpoints';
import type { Target } from '../../site';

/** Endpoint of a Dask Gateway, which starts Dask clusters for users that a hub authenticates. */
export interface DaskGatewayEndpoint extends Endpoint {
  readonly protocol: 'dask-gateway';
  /** URL of the API, e.g. `http://dask-gateway-proxy.dask-gateway.svc.cluster.local:8000`. */
  readonly address: string;
  /** Address of the proxy to the schedulers, e.g. `gateway://dask-gateway-proxy.dask-gateway.svc.cluster.local:8786`. */
  readonly proxyAddress: string;
}

/** Properties of a gateway endpoint. */
export interface DaskGatewayEndpointProps {
  readonly name: string;
  readonly address: string;
  readonly proxyAddress: string;
  readonly reach: readonly Target[];
  /** The hub whose users it accepts. */
  readonly hub: HubIdentity['hub'];
  readonly origin?: Origin;
}

/** Name of the JupyterHub service of a gateway. */
export const GATEWAY_SERVICE = 'dask-gateway';

/**
 * Creates the endpoint of a gateway. `Gateway()` and the cluster manager of JupyterLab use its variables and start clusters with the image
 * of the notebook. The variables are set only in notebooks, because a gateway accepts only tokens of notebooks.
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
    publish: 'add a DaskGateway to this facility: a gateway serves only users of a hub in its own Kubernetes cluster',
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
