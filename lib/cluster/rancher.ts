import type { Rke1Cluster, Rke2Cluster, Site } from '../site';

/** A cluster that RKE or RKE2 installs. */
export type RancherCluster = Rke1Cluster | Rke2Cluster;

/** The network plugin of a cluster; not validated, so the value may be invalid. */
export function networkOf(cluster: RancherCluster): string {
  return cluster.props.network ?? 'canal';
}

/** Whether a cloud controller manager initializes the nodes. */
export function hasExternalCloudProvider(site: Site, cluster: RancherCluster): boolean {
  return (cluster.props.cloudProvider ?? (site.cloud?.cloudController ? 'external' : 'none')) === 'external';
}
