/** Configuration of a cluster that matches a site: its nodes, addresses, storage classes and names. */
import { join } from 'node:path';
import { apiServers, type Site } from '../../../lib/site';
import { tableImages } from './images';
import type { ClusterProps } from './props';

/** @param name folder of the site under apps/ */
export function ofSite(name: string): ClusterProps {
  const { site } = require(join(__dirname, '../../../apps', name, 'site')) as { site: Site };
  return clusterOf(site);
}

export function clusterOf(site: Site): ClusterProps {
  const { cluster, cloud, nodes, storageClasses } = site;
  const { ingress } = cluster;
  return {
    nodeCidr: cloud?.cidr,
    podCidr: cluster.podCidr,
    serviceCidr: cluster.serviceCidr,
    apiServer: apiServers(site)[0]?.split(/[:/]/)[0],
    nodes: nodes.map(({ name, flavor, labels, taints, devices, address }) => ({
      name,
      cpu: flavor.vcpus,
      memory: flavor.memory,
      labels,
      taints,
      resources: Object.fromEntries(Object.entries(devices).filter(([, count]) => count > 0)),
      address: address || undefined,
    })),
    storageClasses: storageClasses.map((it) => ({ name: it.name, default: it === site.storage?.default, reclaim: it.reclaim })),
    images: tableImages,
    ingress:
      ingress?.className === undefined
        ? undefined
        : { className: ingress.className, namespace: ingress.pods.namespace, labels: ingress.pods.labels },
  };
}

export function plain(count: number): ClusterProps {
  return {
    nodes: Array.from({ length: count }, (_, i) => ({ name: `node-${i + 1}`, cpu: 32, memory: '64GiB' })),
    ingress: { className: 'nginx', namespace: 'ingress-nginx', labels: { app: 'ingress-nginx' } },
  };
}
