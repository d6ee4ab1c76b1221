/** Objects of the suite `cluster`: a web server on every node, one with persistent data, policies and an Ingress. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingressOf, storageClasses } from './shared';

export const image = 'docker.io/library/python:3';
export const host = 'web.cluster.example';
export const namespace = 'proof';
export const data = '/data/log';
/** Label of the nodes that are tested. */
export const label = 'e2e.analysis-facility.io/proof';

const server = `
import http.server, os, sys
if len(sys.argv) > 1: open(sys.argv[1], 'a').write(os.uname().nodename + '\\n')
class Answer(http.server.BaseHTTPRequestHandler):
  def do_GET(self):
    text = (open(sys.argv[1]).read() if len(sys.argv) > 1 else os.environ['NODE']).encode()
    self.send_response(200)
    self.send_header('content-length', str(len(text)))
    self.end_headers()
    self.wfile.write(text)
  def log_message(self, *args): pass
http.server.ThreadingHTTPServer(('', 8080), Answer).serve_forever()
`;

/** Command for `kubectl exec` that prints the response of an address, or fails after a timeout. */
export function fetching(url: string): string[] {
  return ['python3', '-c', `import urllib.request as r; print(r.urlopen('${url}', timeout=1.5).read().decode(), end='')`];
}

const container = (args: readonly string[] = []) => ({
  name: 'server',
  image,
  imagePullPolicy: 'Always',
  command: ['python3', '-c', server, ...args],
  env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
  ports: [{ name: 'http', containerPort: 8080 }],
  readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
  resources: { requests: { cpu: '4', memory: '8Gi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsUser: 1000,
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  },
});

const tolerations = [{ key: 'dedicated', operator: 'Exists' }];
const nodeSelector = { [label]: 'yes' };
const labelled = (app: string) => ({ matchLabels: { app } });
const service = (app: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: app, namespace },
  spec: { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
});

/** A pod with data on a volume of this storage class. */
function keeper(name: string, storageClassName: string): object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '500Gi' } } },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        strategy: { type: 'Recreate' },
        selector: labelled(name),
        template: {
          metadata: { labels: { app: name } },
          spec: {
            nodeSelector,
            terminationGracePeriodSeconds: 1,
            containers: [{ ...container([data]), volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
            volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
          },
        },
      },
    },
  ];
}

export function workloads(folder: string): object[] {
  const { certificate, key } = tls(folder);
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'web', namespace },
      spec: {
        selector: labelled('web'),
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { nodeSelector, tolerations, terminationGracePeriodSeconds: 1, containers: [container()] },
        },
      },
    },
    service('web'),
    ...keeper('kept', storageClasses.following),
    ...keeper('local', storageClasses.local),
    service('kept'),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'tls', namespace },
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': readFileSync(certificate, 'utf8'), 'tls.key': readFileSync(key, 'utf8') },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'web', namespace },
      spec: {
        ingressClassName: ingressOf().className,
        tls: [{ hosts: [host], secretName: 'tls' }],
        rules: [
          { host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { name: 'http' } } } }] } },
        ],
      },
    },
  ];
}

/** `kept` may only be asked by the web servers, and these may ask it, DNS and the internet except the metadata address. */
export function policies(): object[] {
  const policy = (name: string, spec: object) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: { podSelector: labelled(name), policyTypes: ['Ingress', 'Egress'], ...spec },
  });
  const { namespace: entry, labels } = ingressOf();
  const controller = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': entry } },
    podSelector: { matchLabels: labels },
  };
  const dns = {
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
    ],
    ports: [
      { port: 53, protocol: 'UDP' },
      { port: 53, protocol: 'TCP' },
    ],
  };
  const internet = { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '169.254.0.0/16'] } }] };
  return [
    policy('web', {
      ingress: [{ from: [controller], ports: [{ port: 'http' }] }],
      egress: [dns, internet, { to: [{ podSelector: labelled('kept') }], ports: [{ port: 8080 }] }],
    }),
    policy('kept', { ingress: [{ from: [{ podSelector: labelled('web') }], ports: [{ port: 'http' }] }], egress: [dns] }),
  ];
}

export function tls(folder: string): { certificate: string; key: string } {
  const certificate = join(folder, 'proof.crt');
  const key = join(folder, 'proof.key');
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout', key],
      ...['-out', certificate, '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`],
    ],
    { stdio: 'ignore' },
  );
  return { certificate, key };
}
