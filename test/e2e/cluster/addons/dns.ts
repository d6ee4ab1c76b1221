import type { Network } from '../nodes/network';
import { account } from './account';

export const dnsImage = 'registry.k8s.io/coredns/coredns:v1.15.0';

/** DNS server for names outside of the cluster: it reloads its hosts file after a change. */
export function outsideDns(plan: Network, hosts: string): string {
  return `.:53 {
  bind ${plan.hub}
  errors
  hosts ${hosts} {
    ttl 1
    reload 200ms
  }
}
`;
}

/** Cluster DNS as on a real cluster: two pods that policies know by their label; other names are those of `outsideDns`. */
export function dns(plan: Network): object[] {
  const labels = { 'k8s-app': 'kube-dns' };
  const metadata = { name: 'coredns', namespace: 'kube-system' };
  const corefile = `.:53 {
  errors
  health
  ready
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods insecure
  }
  cache 5 cluster.local in-addr.arpa
  forward . ${plan.hub}
}
`;
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ];
  return [
    ...account(metadata.name, metadata.namespace, [
      { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ]),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'coredns',
            priorityClassName: 'system-cluster-critical',
            dnsPolicy: 'Default',
            tolerations: [{ effect: 'NoSchedule', key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }],
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: labels },
              },
            ],
            containers: [
              {
                name: 'coredns',
                image: dnsImage,
                args: ['-conf', '/etc/coredns/Corefile'],
                ports: ports.map(({ name, port, protocol }) => ({ name, containerPort: port, protocol })),
                readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
                volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
              },
            ],
            volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
      spec: { clusterIP: plan.dns, selector: labels, ports },
    },
  ];
}
