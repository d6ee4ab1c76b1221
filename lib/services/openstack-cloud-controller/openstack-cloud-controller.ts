import type { Construct } from 'constructs';
import { ServiceChart, secretFolders } from '../../kubernetes';
import { cloudConf, type NodePool, type Site } from '../../site';
import { openStackCloudController } from './description';
import { Manager } from './manager';
import { externalCloudProviderMissing } from './messages';
import type { OpenStackCloudControllerProps } from './props';

/** Cloud controller manager of OpenStack. Other pods are not scheduled on a node until it has initialized the node. */
export class OpenStackCloudController extends ServiceChart {
  constructor(scope: Construct, id: string, props: OpenStackCloudControllerProps = {}) {
    super(scope, id, props, openStackCloudController);
    const loadBalancers = props.loadBalancers ?? true;
    const conf = cloudConf(this.site, props);

    new Manager(this, {
      on: props.on ?? controlPlanes(this.site.pools),
      clusterName: props.clusterName ?? this.site.name,
      loadBalancers,
      conf,
      mounts: secretFolders(this, conf.folders),
    });

    this.note(
      loadBalancers
        ? 'creates Octavia load balancers for Services of type LoadBalancer'
        : 'sets addresses and zones of nodes; no load balancers',
    );
    if (!hasExternalCloudProvider(this.site)) {
      this.warn(externalCloudProviderMissing());
    }
  }
}

function controlPlanes(pools: readonly NodePool[]): readonly NodePool[] {
  const selected = pools.filter(({ roles = ['worker'] }) => roles.includes('controlplane'));
  return selected.length > 0 ? selected : pools;
}

/** Whether the nodes are installed with `cloud-provider=external`; assumed for existing clusters. */
function hasExternalCloudProvider({ cluster, cloud }: Site): boolean {
  if (cluster.kind === 'existing') return true;
  return (cluster.props.cloudProvider ?? (cloud?.cloudController ? 'external' : 'none')) === 'external';
}
