import type { Rke2Cluster, Site } from '../site';
import { environmentFile } from './egress';
import { rke2Registries } from './registries';
import { clusterYml } from './rke1';
import { rke2Config, rke2Manifests } from './rke2';
import { snapshotAuthority } from './snapshots';

/** A file of the cluster configuration of a site. */
export interface ClusterFile {
  /** Relative to the folder of the site. */
  readonly path: string;
  readonly text: string;
}

/**
 * Configuration files that Kubernetes is installed with: `cluster.yml` of RKE, or the files of each RKE2 node. Empty for an existing
 * cluster. The site must have no errors.
 */
export function clusterFiles(site: Site): readonly ClusterFile[] {
  const { cluster } = site;
  switch (cluster.kind) {
    case 'rke1':
      return [{ path: 'cluster.yml', text: clusterYml(site, cluster) }];
    case 'rke2':
      return rke2Files(site, cluster);
    case 'existing':
      return [];
  }
}

function rke2Files(site: Site, cluster: Rke2Cluster): readonly ClusterFile[] {
  const registries = rke2Registries(cluster);
  const environment = environmentFile(site);
  const store = cluster.props.etcdSnapshots?.s3;
  const authority = store && snapshotAuthority(store);
  return [
    ...site.nodes.map((node) => ({ path: `nodes/${node.name}/config.yaml`, text: rke2Config(site, cluster, node) })),
    ...Object.entries(rke2Manifests(site, cluster)).map(([name, text]) => ({ path: `manifests/${name}`, text })),
    ...(registries === undefined ? [] : [{ path: 'registries.yaml', text: registries }]),
    ...(environment === undefined ? [] : [{ path: 'proxy.env', text: environment }]),
    ...(authority === undefined ? [] : [{ path: 'etcd-s3-ca.crt', text: authority }]),
  ];
}
