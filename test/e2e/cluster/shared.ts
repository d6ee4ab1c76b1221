/** The cluster that suites share, and a site for facilities on it. */
import { site as napoli } from '../../../apps/napoli/site';
import { defineSite, existingCluster, nodePool, type Site, storageClass } from '../../../lib';
import { clusterOf } from './of-site';
import type { ClusterProps } from './props';

/** An address that represents the Internet; the hub of the cluster responds on it. */
export const internet = '203.0.113.10';

/** The default class, whose volumes follow a pod to any node; and one whose volumes stay on the node of the first pod. */
export const storageClasses = { following: 'cinder', local: 'disk' } as const;

/** The nodes, addresses and classes of the example site `napoli`: its manifests run there as they are committed. */
export function sharedCluster(): ClusterProps {
  const props = clusterOf(napoli);
  return {
    ...props,
    storageClasses: [...(props.storageClasses ?? []), { name: storageClasses.local, follows: false }],
    outside: [internet],
  };
}

/** Where the ingress controller of the cluster runs, and the labels of its pods. */
export function ingressOf(props: ClusterProps = sharedCluster()) {
  if (!props.ingress) throw new Error('the shared cluster has no ingress controller');
  return props.ingress;
}

/** The five workers of the cluster, for services that a suite deploys. */
export const workers = nodePool('worker', {
  count: 5,
  flavor: { vcpus: 32, memory: '64GiB' },
  hostnames: ['2', '3', '4', '5', '6'].map((key) => `napoli-worker-${key}`),
});

/**
 * The shared cluster as a site: a facility on it can be applied to the cluster.
 *
 * @param name name of the suite, used in the names of Secrets and folders
 */
export function sharedSite(name: string): Site {
  const props = sharedCluster();
  const { className, namespace, labels } = ingressOf(props);
  return defineSite(name, {
    test: true,
    cluster: existingCluster({
      version: '1.34',
      apiServers: [`${props.apiServer}:6443`],
      podCidr: props.podCidr,
      serviceCidr: props.serviceCidr,
      ingress: { className, namespace, labels },
    }),
    pools: [workers],
    storage: { default: storageClass(storageClasses.following) },
  });
}
