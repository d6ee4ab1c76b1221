import { defineSite, existingCluster, nodePool, storageClass } from '../../lib';

/** Three existing nodes, selected by a label that they already have. */
export const nodes = nodePool('analysis', {
  count: 3,
  flavor: { vcpus: 16, memory: '64GiB' },
  labels: { 'node.example.org/purpose': 'analysis' },
});

/** An existing cluster: only manifests are written. */
export const site = defineSite('existing-cluster', {
  cluster: existingCluster({
    version: '1.30',
    apiServers: ['10.0.0.10:6443'],
    ingress: { className: 'nginx', namespace: 'ingress-nginx', labels: { 'app.kubernetes.io/name': 'ingress-nginx' } },
  }),
  pools: [nodes],
  storage: { default: storageClass('local-path') },
});
