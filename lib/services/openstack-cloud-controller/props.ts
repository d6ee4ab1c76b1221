import type { ServiceProps } from '../../kubernetes';
import type { CloudConfProps, Placement } from '../../site';

/** What Kubernetes asks of the OpenStack that its nodes run in: their addresses and zones, and load balancers. */
export interface OpenStackCloudControllerProps extends ServiceProps, CloudConfProps {
  /** Pools whose nodes run it. @default - the pools of role `controlplane`, or every pool of a site that names none */
  readonly on?: Placement;

  /**
   * Name of the cluster in the names of its load balancers in Octavia. A new name leaves the load balancers of the old one
   * behind.
   *
   * @default - the name of the site
   */
  readonly clusterName?: string;

  /** Whether Services of type LoadBalancer get one from Octavia. False for a cloud without Octavia. @default true */
  readonly loadBalancers?: boolean;
}
