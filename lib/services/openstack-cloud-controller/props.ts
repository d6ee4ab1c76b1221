import type { ServiceProps } from '../../kubernetes';
import type { CloudConfProps, Placement } from '../../site';

/** Cloud controller manager of OpenStack: addresses and zones of nodes, and load balancers. */
export interface OpenStackCloudControllerProps extends ServiceProps, CloudConfProps {
  /** Node pools on which it runs. @default - the pools with role `controlplane`, or all pools if there are none */
  readonly on?: Placement;

  /**
   * Name of the cluster in the names of its Octavia load balancers. After a change, load balancers with the old name are orphaned.
   *
   * @default - the name of the site
   */
  readonly clusterName?: string;

  /** Whether to create Octavia load balancers for Services of type LoadBalancer. Set it to false for a cloud without Octavia. @default true */
  readonly loadBalancers?: boolean;
}
