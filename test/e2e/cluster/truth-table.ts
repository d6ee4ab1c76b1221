/**
 * Tests which connections NetworkPolicies allow, between pods of three namespaces on three nodes: every kind of selector, of
 * block and of port, replies, changed labels, the node of a pod and other nodes.
 */
import type { Cluster } from './cluster';
import { fetching, image } from './proof';
import type { Finding } from './report';

const ports = { http: 8080, metrics: 9090 };
const outside = '203.0.113.10';

const server = `
import http.server, threading
class Answer(http.server.BaseHTTPRequestHandler):
  def do_GET(self):
    self.send_response(200)
    self.send_header('content-length', '0')
    self.end_headers()
  def log_message(self, *args): pass
for port in (${Object.values(ports).join()}): threading.Thread(target=http.server.ThreadingHTTPServer(('', port), Answer).serve_forever).start()
`;

/** On which node, and what its `app` is. */
const pods: Readonly<Record<string, readonly [number, string]>> = {
  'pa/web': [0, 'web'],
  'pa/client': [0, 'client'],
  'pa/db': [1, 'db'],
  'pb/client': [1, 'client'],
  'pb/other': [0, 'other'],
  'pc/x': [2, 'x'],
};

const app = (value: string) => ({ podSelector: { matchLabels: { app: value } } });
const team = (value: string) => ({ namespaceSelector: { matchLabels: { team: value } } });
const policy = (namespace: string, name: string, spec: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec,
});

/** @param nodes names of three nodes */
export async function truthTable(cluster: Cluster, nodes: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const [first = '', second = '', third = ''] = nodes;
  const addresses = await startPods(cluster, [first, second, third]);
  const addressOf = async (node: string) =>
    (await cluster.run(['get', 'node', node, '-o', 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}'])).stdout;
  const secondAddress = await addressOf(second);

  const opens = async (from: string, to: string, port: string): Promise<boolean> => {
    const url = `http://${addresses[to] ?? to}:${port}/`;
    const node = { node1: first, node2: second, node3: third }[from];
    if (node) return (await cluster.inNode(node, ['curl', '-s', '-m', '2', '-o', '/dev/null', url])).status === 0;
    const [namespace = '', pod = ''] = from.split('/');
    const exec = ['exec', '-n', namespace, pod, '--', ...fetching(url)];
    return (await cluster.run(exec, { may: 'fail', timeout: 15_000 })).status === 0;
  };
  /** Lines of `from to port open|closed`. */
  const check = async (title: string, policies: readonly object[], lines: readonly string[]) => {
    if (policies.length > 0) await cluster.apply(policies);
    await cluster.policiesInForce();
    const right = async (line: string) => {
      const [from = '', to = '', port = '', wanted] = line.split(' ');
      const found = (await opens(from, to, port)) ? 'open' : 'closed';
      if (found !== wanted) findings.push({ where: `policies, ${title}: ${line}`, message: `is ${found}` });
    };
    await Promise.all(lines.map(right));
  };
  const clear = () => Promise.all(['pa', 'pb', 'pc'].map((it) => cluster.run(['delete', 'networkpolicy', '-n', it, '--all'])));

  await check(
    'none',
    [],
    ['pa/client pa/web 8080 open', 'pb/client pa/web 9090 open', `pc/x ${outside} 80 open`, 'node2 pa/web 8080 open'],
  );
  await check(
    'nothing comes in',
    [policy('pa', 'deny', { podSelector: {}, policyTypes: ['Ingress'] })],
    ['pa/client pa/web 8080 closed', 'pa/web pb/client 8080 open', 'node1 pa/web 8080 open', 'node2 pa/web 8080 closed'],
  );
  await check(
    'a pod and a number',
    [policy('pa', 'by-number', { ...app('web'), ingress: [{ from: [app('client')], ports: [{ port: 8080 }] }] })],
    ['pa/client pa/web 8080 open', 'pa/client pa/web 9090 closed', 'pb/client pa/web 8080 closed', 'pa/db pa/web 8080 closed'],
  );
  await check(
    'a namespace, a pod and a name',
    [policy('pa', 'by-name', { ...app('web'), ingress: [{ from: [{ ...team('b'), ...app('client') }], ports: [{ port: 'metrics' }] }] })],
    ['pb/client pa/web 9090 open', 'pb/client pa/web 8080 closed', 'pb/other pa/web 9090 closed', 'pa/client pa/web 8080 open'],
  );
  await cluster.run(['label', 'pod', '-n', 'pb', 'other', 'app=client', '--overwrite']);
  await check('another label of a pod', [], ['pb/other pa/web 9090 open']);
  await cluster.run(['label', 'namespace', 'pb', 'team=z', '--overwrite']);
  await check('another label of a namespace', [], ['pb/other pa/web 9090 closed']);
  await clear();
  const teams = { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['a', 'b'] }] } };
  await check(
    'out to a name',
    [policy('pb', 'out', { ...app('client'), policyTypes: ['Egress'], egress: [{ to: [teams], ports: [{ port: 'http' }] }] })],
    ['pb/client pa/web 8080 open', 'pb/client pa/web 9090 closed', 'pb/client pc/x 8080 closed', `pb/client ${outside} 80 closed`],
  );
  const block = { cidr: '0.0.0.0/0', except: ['169.254.0.0/16', '169.254.169.254/32'] };
  await check(
    'out to a block',
    [policy('pc', 'out', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: block }] }] })],
    [`pc/x ${outside} 80 open`, 'pc/x 169.254.169.254 80 closed', 'pc/x pa/db 9090 open'],
  );
  const notClient = { podSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['client'] }] } };
  const from = [{ ipBlock: { cidr: `${secondAddress}/32` } }];
  await check(
    'in from a block, a range of ports',
    [policy('pa', 'range', { ...notClient, ingress: [{ from, ports: [{ port: 8000, endPort: 8085 }] }] })],
    [
      'node2 pa/web 8080 open',
      'node2 pa/web 9090 closed',
      'node3 pa/web 8080 closed',
      'pc/x pa/client 8080 open',
      'pc/x pa/db 8080 closed',
    ],
  );
  await clear();
  await check('none again', [], ['pb/client pa/web 9090 open', 'pc/x 169.254.169.254 80 open']);
  await cluster.run(['delete', 'namespace', 'pa', 'pb', 'pc', '--wait=false']);
  return findings;
}

/** Starts the pods and returns their addresses. */
async function startPods(cluster: Cluster, nodes: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const namespaces = ['pa', 'pb', 'pc'];
  await cluster.apply(
    namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { team: name.slice(1) } } })),
  );
  for (const namespace of namespaces)
    await cluster.run(['wait', '-n', namespace, '--for=create', 'serviceaccount/default', '--timeout=30s']);
  await cluster.apply(
    Object.entries(pods).map(([path, [node, label]]) => {
      const [namespace, name] = path.split('/');
      const container = {
        name: 'server',
        image,
        command: ['python3', '-c', server],
        ports: Object.entries(ports).map(([it, containerPort]) => ({ name: it, containerPort })),
        readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
      };
      const spec = { nodeName: nodes[node], terminationGracePeriodSeconds: 0, containers: [container] };
      return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { app: label } }, spec };
    }),
  );
  const addresses: Record<string, string> = {};
  for (const path of Object.keys(pods)) {
    const [namespace = '', name = ''] = path.split('/');
    await cluster.run(['wait', '-n', namespace, '--for=condition=Ready', `pod/${name}`, '--timeout=60s']);
    addresses[path] = (await cluster.run(['get', 'pod', '-n', namespace, name, '-o', 'jsonpath={.status.podIP}'])).stdout;
  }
  return addresses;
}
