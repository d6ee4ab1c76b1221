import type { Construct } from 'constructs';
import { ServiceChart, secretFolders } from '../../kubernetes';
import { cloudConf, type NodePool, type Site } from '../../site';
import { openStackCloudController } from './description';
import { Manager } from './manager';
import { kubeletsDoNotWait } from './messages';
import type { OpenStackCloudControllerProps } from './props';

/** The cloud controller manager of OpenStack: until it has spoken to a node, no other pod starts there. */
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
      loadBalancers ? 'Services of type LoadBalancer get one from Octavia' : 'nodes carry the addresses and zones of their machines',
    );
    if (!waitsForIt(this.site)) {
      this.warn(kubeletsDoNotWait());
    }
  }
}

function controlPlanes(pools: readonly NodePool[]): readonly NodePool[] {
  const found = pools.filter(({ roles = ['worker'] }) => roles.includes('controlplane'));
  return found.length > 0 ? found : pools;
}

/** Whether the nodes are installed with `cloud-provider=external`; of a cluster that exists, nobody knows. */
function waitsForIt({ cluster, cloud }: Site): boolean {
  if (cluster.kind === 'existing') return true;
  return (cluster.props.cloudProvider ?? (cloud?.cloudController ? 'external' : 'none')) === 'external';
}
