import { compare } from '../../../errors';
import { MIG_CONFIG_LABEL } from '../../../site';
import type { GpuRecord, RecordedNode, RecordedPool } from './record';

/** The label whose change makes a node's cards be cut anew. */
export const MIG_CONFIG = MIG_CONFIG_LABEL;

/** Pods that have what they ask for, for kubectl's `--field-selector`. */
export const ALIVE = 'status.phase!=Succeeded,status.phase!=Failed';

/** Namespace and name of a pod, and the resources of its containers, for kubectl's `-o jsonpath=`: a line for each. */
export const POD_LINES = `'{range .items[*]}{.metadata.namespace} {.metadata.name} {.spec.containers[*].resources.limits}{"\\n"}{end}'`;

/**
 * `label-nodes.sh`: gives nodes that exist already the labels and taints that their cards want. Where Kubernetes is installed by the
 * library, its configuration has them.
 */
export function labelScript(record: GpuRecord): string {
  const pools = record.pools.filter(({ nodes, taints }) => taints.length > 0 || nodes.some(({ labels }) => Object.keys(labels).length > 0));
  return `${[...HEAD, ...pools.flatMap((pool) => ['', `# Pool ${pool.name}`, ...poolLines(pool)]), '', 'exit "$status"'].join('\n')}\n`;
}

const HEAD = [
  '#!/bin/sh',
  '# Labels and taints of the nodes with cards, from the description of the site: change that, not this file.',
  '# It may run again and again. A node whose cards would be cut anew under running pods is left as it is, and told.',
  'set -eu',
  'status=0',
  '',
  '# card_node NODE LAYOUT LABEL...',
  'card_node() {',
  '  node=$1 layout=$2',
  '  shift 2',
  `  has=$(kubectl get node "$node" -o 'jsonpath={.metadata.labels.nvidia\\.com/mig\\.config}')`,
  '  if [ "$has" != "$layout" ]; then',
  `    pods=$(kubectl get pods --all-namespaces --field-selector "spec.nodeName=$node,${ALIVE}" -o jsonpath=${POD_LINES})`,
  `    if echo "$pods" | grep -q -F '"nvidia.com/'; then`,
  "      echo \"$node: has the layout '$has', not '$layout', and pods run on its cards: facility gpu-plan tells how to change it\" >&2",
  '      status=1',
  '      return',
  '    fi',
  '  fi',
  '  kubectl label node "$node" --overwrite "$@"',
  '}',
  '',
  '# pool_nodes SELECTOR COUNT: the names of the nodes that the labels of a pool tell',
  'pool_nodes() {',
  '  kubectl get nodes --selector "$1" -o \'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}\' >"$list"',
  '  count=$(grep -c . "$list" || true)',
  '  if [ "$count" -ne "$2" ]; then',
  '    echo "$count nodes have the labels \'$1\', but the description of the site says $2" >&2',
  '    exit 1',
  '  fi',
  '}',
  'list=$(mktemp)',
  'trap \'rm -f "$list"\' EXIT',
];

function poolLines(pool: RecordedPool): readonly string[] {
  const [first] = pool.nodes;
  if (pool.selector === undefined || !first) return pool.nodes.flatMap((node) => nodeLines(pool, node, node.name));
  if (pool.selector === '') return [`echo "pool ${pool.name}: give it hostnames or labels; nothing tells its nodes" >&2`, 'status=1'];
  return [
    `pool_nodes '${pool.selector}' ${pool.nodes.length}`,
    'while read -r name; do',
    ...nodeLines(pool, first, '"$name"').map((line) => `  ${line}`),
    'done <"$list"',
  ];
}

/** The layout `''` is that of a node whose cards nobody cuts. */
function nodeLines(pool: RecordedPool, node: RecordedNode, name: string): readonly string[] {
  const labels = Object.entries(node.labels).sort(([a], [b]) => compare(a, b));
  const layout = node.labels[MIG_CONFIG];
  const text = labels.map(([key, value]) => word(`${key}=${value}`)).join(' ');
  const command = layout === undefined ? `kubectl label node ${name} --overwrite ${text}` : `card_node ${name} ${layout} ${text}`;
  return [...(labels.length > 0 ? [command] : []), ...pool.taints.map((taint) => `kubectl taint node ${name} --overwrite ${taint}`)];
}

/** A word of the shell, in quotes where it has to be. */
function word(text: string): string {
  return /^[\w./=:@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
