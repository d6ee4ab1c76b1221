import { account } from './account';

export const ingressImage = 'docker.io/library/traefik:v3.6.12';

export interface IngressProps {
  readonly className: string;
  /** Where its pods run, and the labels by which policies know them. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Label of nodes that were added for one suite: they accept no external traffic. */
export const JOINED = 'e2e.analysis-facility.io/joined';

/** Traefik on ports 80 and 443 of its nodes, for one class of Ingresses. */
export function ingress({ className, namespace, labels }: IngressProps): object[] {
  const name = 'ingress-controller';
  const firstNodes = { matchExpressions: [{ key: JOINED, operator: 'DoesNotExist' }] };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    ...account(name, namespace, [
      { apiGroups: [''], resources: ['services', 'secrets', 'nodes', 'namespaces', 'configmaps'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'ingressclasses'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['update'] },
    ]),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: className },
      spec: { controller: 'traefik.io/ingress-controller' },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name, namespace },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [firstNodes] } } },
            terminationGracePeriodSeconds: 2,
            containers: [
              {
                name: 'traefik',
                image: ingressImage,
                args: [
                  '--global.checknewversion=false',
                  '--global.sendanonymoususage=false',
                  '--ping=true',
                  '--entrypoints.traefik.address=:8080',
                  '--entrypoints.web.address=:8000',
                  '--entrypoints.websecure.address=:8443',
                  '--entrypoints.websecure.http.tls=true',
                  '--providers.kubernetesingress=true',
                  `--providers.kubernetesingress.ingressclass=${className}`,
                ],
                ports: [
                  { name: 'web', containerPort: 8000, hostPort: 80 },
                  { name: 'websecure', containerPort: 8443, hostPort: 443 },
                ],
                readinessProbe: { httpGet: { path: '/ping', port: 8080 }, periodSeconds: 1 },
                securityContext: { runAsUser: 65532 },
              },
            ],
          },
        },
      },
    },
  ];
}
