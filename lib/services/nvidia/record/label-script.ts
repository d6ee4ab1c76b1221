import { compare } from '../../../errors';
import { MIG_CONFIG_LABEL } from '../../../site';
import type { GpuRecord, RecordedNode, RecordedPool } from './record';

/** Label with the MIG layout of a node; the MIG manager applies changes of it. */
export const MIG_CONFIG = MIG_CONFIG_LABEL;

/** Pods that occupy their resources, for `--field-selector` of kubectl. */
export const ALIVE = 'status.phase!=Succeeded,status.phase!=Failed';

/** For `-o jsonpath=` of kubectl: one line per pod with namespace, name and the resources of its containers. */
export const POD_LINES = `'{range .items[*]}{.metadata.namespace} {.metadata.name} {.spec.containers[*].resources.limits}{"\\n"}{end}'`;

/**
 * `label-nodes.sh`: sets labels and taints for GPUs on existing nodes. If the library installs Kubernetes, they are part of the cluster
 * configuration.
 */
export function labelScript(record: GpuRecord): string {
  const pools = record.pools.filter(({ nodes, taints }) => taints.length > 0 || nodes.some(({ labels }) => Object.keys(labels).length > 0));
  return `${[...HEAD, ...pools.flatMap((pool) => ['', `# Pool ${pool.name}`, ...poolLines(pool)]), '', 'exit "$status"'].join('\n')}\n`;
}

const HEAD = [
  '#!/bin/sh',
  '# Sets labels and taints of the GPU nodes. Generated from the description of the site: do not edit.',
  '# It is idempotent. Nodes whose MIG layout would change while pods use their GPUs are skipped and reported.',
  'set -eu',
  'status=0',
  '',
  '# label_mig_node NODE LAYOUT LABEL...',
  'label_mig_node() {',
  '  node=$1 layout=$2',
  '  shift 2',
  `  has=$(kubectl get node "$node" -o 'jsonpath={.metadata.labels.nvidia\\.com/mig\\.config}')`,
  '  if [ "$has" != "$layout" ]; then',
  `    pods=$(kubectl get pods --all-namespaces --field-selector "spec.nodeName=$node,${ALIVE}" -o jsonpath=${POD_LINES})`,
  `    if echo "$pods" | grep -q -F '"nvidia.com/'; then`,
  "      echo \"$node: the layout is '$has' instead of '$layout', but pods use its GPUs: see npx facility gpu-plan\" >&2",
  '      status=1',
  '      return',
  '    fi',
  '  fi',
  '  kubectl label node "$node" --overwrite "$@"',
  '}',
  '',
  '# pool_nodes SELECTOR COUNT: writes the names of the nodes with these labels to the file $list',
  'pool_nodes() {',
  '  kubectl get nodes --selector "$1" -o \'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}\' >"$list"',
  '  count=$(grep -c . "$list" || true)',
  '  if [ "$count" -ne "$2" ]; then',
  '    echo "found $count nodes with the labels \'$1\', but the pool has $2 nodes" >&2',
  '    exit 1',
  '  fi',
  '}',
  'list=$(mktemp)',
  'trap \'rm -f "$list"\' EXIT',
];

function poolLines(pool: RecordedPool): readonly string[] {
  const [first] = pool.nodes;
  if (pool.selector === undefined || !first) return pool.nodes.flatMap((node) => nodeLines(pool, node, node.name));
  if (pool.selector === '')
    return [`echo "pool ${pool.name} has neither hostnames nor labels: set one of them in the description of the site" >&2`, 'status=1'];
  return [
    `pool_nodes '${pool.selector}' ${pool.nodes.length}`,
    'while read -r name; do',
    ...nodeLines(pool, first, '"$name"').map((line) => `  ${line}`),
    'done <"$list"',
  ];
}

/** Commands for one node. */
function nodeLines(pool: RecordedPool, node: RecordedNode, name: string): readonly string[] {
  const labels = Object.entries(node.labels).sort(([a], [b]) => compare(a, b));
  const layout = node.labels[MIG_CONFIG];
  const text = labels.map(([key, value]) => shellQuoted(`${key}=${value}`)).join(' ');
  const command = layout === undefined ? `kubectl label node ${name} --overwrite ${text}` : `label_mig_node ${name} ${layout} ${text}`;
  return [...(labels.length > 0 ? [command] : []), ...pool.taints.map((taint) => `kubectl taint node ${name} --overwrite ${taint}`)];
}

/** Quotes a shell argument if necessary. */
function shellQuoted(text: string): string {
  return /^[\w./=:@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
