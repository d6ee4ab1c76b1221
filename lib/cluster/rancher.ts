import type { Rke1Cluster, Rke2Cluster, Site } from '../site';

/** A cluster that one of Rancher's distributions installs. */
export type RancherCluster = Rke1Cluster | Rke2Cluster;

/** The network plugin of a cluster, whatever JSON wrote into it. */
export function networkOf(cluster: RancherCluster): string {
  return cluster.props.network ?? 'canal';
}

/** Whether a cloud controller manager initializes the nodes. */
export function isExternal(site: Site, cluster: RancherCluster): boolean {
  return (cluster.props.cloudProvider ?? (site.cloud?.cloudController ? 'external' : 'none')) === 'external';
}
