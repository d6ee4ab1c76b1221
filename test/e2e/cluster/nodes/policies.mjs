// Enforces NetworkPolicies of networking.k8s.io/v1 on the nodes of a cluster: `node policies.mjs KUBECONFIG FOLDER`.
//
// Whatever changes, one table of nftables is computed for every node and loaded whole into its network. Every packet of a pod is routed,
// so it meets the forward hook of the node that it leaves (there its egress is judged) and of the one that it enters (ingress), behind
// kube-proxy: a Service is judged by its pods. What a node and its own pods say to each other does not cross that hook: it is always
// allowed, as Kubernetes promises. Pods on the network of their node are judged by their address only.
// FOLDER/policies tells the time of the newest state that is in force. IPv4 only.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const paths = {
  pods: '/api/v1/pods',
  namespaces: '/api/v1/namespaces',
  policies: '/apis/networking.k8s.io/v1/networkpolicies',
};

const operators = {
  In: (value, values) => values.includes(value),
  NotIn: (value, values) => !values.includes(value),
  Exists: (value) => value !== undefined,
  DoesNotExist: (value) => value === undefined,
};

function selects(selector, labels = {}) {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => operators[operator](labels[key], values))
  );
}

const ip = (pod) => pod.status.podIP;
const judged = ({ spec, status }) => status.podIP && !spec.hostNetwork && !['Succeeded', 'Failed'].includes(status.phase);

function isolates({ spec }, direction) {
  const types = spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])];
  return types.includes(direction);
}

function namedPort({ spec }, name, protocol) {
  const containers = [...spec.containers, ...(spec.initContainers ?? []).filter((it) => it.restartPolicy === 'Always')];
  const found = containers.flatMap((it) => it.ports ?? []).find((it) => it.name === name && (it.protocol ?? 'TCP') === protocol);
  return found?.containerPort;
}

const ways = {
  ingress: { direction: 'Ingress', peers: 'from', field: 'saddr', own: 'daddr' },
  egress: { direction: 'Egress', peers: 'to', field: 'daddr', own: 'saddr' },
};

/** The text of every node's table, by the name of the node. */
export function tables({ pods, namespaces, policies }, nodes) {
  const live = pods.filter(judged);
  const labelsOf = Object.fromEntries(namespaces.map(({ metadata }) => [metadata.name, metadata.labels]));

  const podsOf = (peer, namespace) =>
    live.filter(
      ({ metadata }) =>
        selects(peer.podSelector, metadata.labels) &&
        (peer.namespaceSelector ? selects(peer.namespaceSelector, labelsOf[metadata.namespace]) : metadata.namespace === namespace),
    );

  // Whom a rule speaks of: a condition for the address, and the pods behind it, which give their numbers to named ports.
  function peersOf(peers, namespace, field) {
    if (!peers?.length) return [{ condition: '', pods: live }];
    const selected = new Set(peers.filter((it) => !it.ipBlock).flatMap((it) => podsOf(it, namespace)));
    const blocks = peers.flatMap(({ ipBlock }) => (ipBlock && !ipBlock.cidr.includes(':') ? [ipBlock] : []));
    return [
      ...(selected.size > 0 ? [{ condition: `ip ${field} { ${[...selected].map(ip).sort().join(', ')} } `, pods: [...selected] }] : []),
      ...blocks.map(({ cidr, except = [] }) => ({
        condition: [`ip ${field} ${cidr} `, ...except.map((it) => `ip ${field} != ${it} `)].join(''),
        pods: [],
      })),
    ];
  }

  function portConditions({ port, endPort, protocol = 'TCP' }, way, pod, peer) {
    const transport = protocol.toLowerCase();
    if (port === undefined) return [`meta l4proto ${transport} `];
    if (typeof port === 'number') return [`${transport} dport ${port}${endPort ? `-${endPort}` : ''} `];
    const givers = way === ways.ingress ? [pod] : peer.pods;
    return givers.flatMap((it) => {
      const number = namedPort(it, port, protocol);
      return number ? [`ip daddr ${ip(it)} ${transport} dport ${number} `] : [];
    });
  }

  function linesOf(rule, way, pod) {
    return peersOf(rule[way.peers], pod.metadata.namespace, way.field).flatMap((peer) => {
      const ports = rule.ports?.length ? rule.ports.flatMap((it) => portConditions(it, way, pod, peer)) : [''];
      return ports.map((it) => `    ${peer.condition}${it}return`);
    });
  }

  function chainsOf(name, way, local) {
    return local.flatMap((pod) => {
      const about = policies.filter(
        (it) =>
          it.metadata.namespace === pod.metadata.namespace &&
          isolates(it, way.direction) &&
          selects(it.spec.podSelector, pod.metadata.labels),
      );
      if (about.length === 0) return [];
      const lines = about.flatMap((it) => (it.spec[name] ?? []).flatMap((rule) => linesOf(rule, way, pod)));
      return [{ address: ip(pod), chain: `${name}_${ip(pod).replaceAll('.', '_')}`, lines: [...new Set(lines)] }];
    });
  }

  function tableOf(node) {
    const local = live.filter((it) => it.spec.nodeName === node);
    const chains = Object.entries(ways).map(([name, way]) => ({ own: way.own, chains: chainsOf(name, way, local) }));
    const all = chains.flatMap((it) => it.chains);
    const jumps = chains
      .filter((it) => it.chains.length > 0)
      .map((it) => `    ip ${it.own} vmap { ${it.chains.map(({ address, chain }) => `${address} : jump ${chain}`).join(', ')} }`);
    return [
      'table ip policies',
      'delete table ip policies',
      'table ip policies {',
      ...all.flatMap(({ chain, lines }) => [`  chain ${chain} {`, ...lines, '    counter drop', '  }']),
      '  chain forward {',
      '    type filter hook forward priority filter; policy accept;',
      '    ct state established,related accept',
      ...jumps,
      '  }',
      '}',
      '',
    ].join('\n');
  }

  return new Map(nodes.map((node) => [node, tableOf(node)]));
}

function main(kubeconfig, folder) {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8'));
  const { server, 'certificate-authority': ca } = clusters[0].cluster;
  const agent = new Agent({ ca: readFileSync(ca), keepAlive: true });
  const options = { agent, headers: { authorization: `Bearer ${users[0].user.token}` } };
  const state = {};
  let wake = () => {};

  const ask = (path) => new Promise((resolve, reject) => get(`${server}${path}`, options, resolve).on('error', reject));

  async function list(kind) {
    let body = '';
    for await (const chunk of await ask(paths[kind])) body += chunk;
    const { items, metadata } = JSON.parse(body);
    state[kind] = new Map(items.map((it) => [it.metadata.uid, it]));
    return metadata.resourceVersion;
  }

  async function watch(kind) {
    for (;;) {
      try {
        const version = await list(kind);
        wake();
        const events = await ask(`${paths[kind]}?watch=1&timeoutSeconds=300&resourceVersion=${version}`);
        for await (const line of createInterface({ input: events })) {
          const { type, object } = JSON.parse(line);
          if (type === 'ERROR') break;
          if (type === 'DELETED') state[kind].delete(object.metadata.uid);
          else state[kind].set(object.metadata.uid, object);
          wake();
        }
      } catch (error) {
        console.error(kind, String(error));
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  const loaded = new Map();
  function load(node, text) {
    const pid = readFileSync(join(folder, node, 'pid'), 'utf8').trim();
    // A node that returns has a new network namespace without rules.
    if (loaded.get(node) === `${pid} ${text}`) return;
    const { status, stderr } = spawnSync('nsenter', ['-t', pid, '-n', 'nft', '-f', '-'], { input: text, encoding: 'utf8' });
    if (status === 0) loaded.set(node, `${pid} ${text}`);
    else console.error(node, stderr.slice(0, 500));
  }

  async function enforce() {
    for (;;) {
      const woken = new Promise((resolve) => {
        wake = resolve;
      });
      if (Object.keys(paths).every((kind) => state[kind])) {
        const since = Date.now();
        const now = Object.fromEntries(Object.keys(paths).map((kind) => [kind, [...state[kind].values()]]));
        const nodes = readdirSync(folder).filter((it) => existsSync(join(folder, it, 'kubelet.json')));
        for (const [node, text] of tables(now, nodes)) load(node, text);
        writeFileSync(join(folder, 'policies.part'), String(since));
        renameSync(join(folder, 'policies.part'), join(folder, 'policies'));
      }
      await Promise.race([woken, new Promise((resolve) => setTimeout(resolve, 500))]);
      // Events come in bursts: one table per burst.
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  for (const kind of Object.keys(paths)) void watch(kind);
  void enforce();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(...process.argv.slice(2));
