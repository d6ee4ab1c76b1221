import { defineSite, existingCluster, nodePool, storageClass } from '../../lib';

/** Three nodes that somebody else runs, told by a label that they carry already. */
export const nodes = nodePool('analysis', {
  count: 3,
  flavor: { vcpus: 16, memory: '64GiB' },
  labels: { 'node.example.org/purpose': 'analysis' },
});

/** A cluster that exists: nothing is created but manifests. */
export const site = defineSite('existing-cluster', {
  cluster: existingCluster({
    version: '1.30',
    apiServers: ['10.0.0.10:6443'],
    ingress: { className: 'nginx', namespace: 'ingress-nginx', labels: { 'app.kubernetes.io/name': 'ingress-nginx' } },
  }),
  pools: [nodes],
  storage: { default: storageClass('local-path') },
});
