import type { Node } from './nodes';
import type { Pod, ScheduledSpec } from './pod';
import type { Reason } from './reason';
import { matchesNodeTerm } from './selectors';

/** Results by pod spec and node, which never change. */
const cache = new WeakMap<ScheduledSpec, WeakMap<Node, boolean>>();

/** Whether a pod matches a node by node name, selector, node affinity and taints, regardless of other pods. @throws INVALID_SELECTOR */
export function mayRunOn({ spec }: Pick<Pod, 'spec'>, node: Node): boolean {
  const nodes = cache.get(spec) ?? new WeakMap<Node, boolean>();
  cache.set(spec, nodes);
  const found =
    nodes.get(node) ?? [nodeNamed(spec, node), tolerates(spec, node), nodeAffinity(spec, node)].every((reasons) => reasons.length === 0);
  nodes.set(node, found);
  return found;
}

/** @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/nodename/node_name.go */
export function nodeNamed({ nodeName }: ScheduledSpec, { name }: Node): readonly Reason[] {
  return nodeName === undefined || nodeName === name ? [] : [{ kind: 'name', text: "node(s) didn't match the requested node name" }];
}

/**
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/api/core/v1/toleration.go (ToleratesTaint)
 */
export function tolerates({ tolerations = [] }: ScheduledSpec, { taints }: Node): readonly Reason[] {
  const hard = taints.filter(({ effect }) => effect !== 'PreferNoSchedule');
  const untolerated = hard.find(
    (taint) =>
      !tolerations.some(({ key, operator = 'Equal', value = '', effect }) => {
        const sameTaint = (!effect || effect === taint.effect) && (!key || key === taint.key);
        // Without a key, only Exists is valid; it tolerates all taints.
        return sameTaint && (operator === 'Exists' || (Boolean(key) && operator === 'Equal' && value === (taint.value ?? '')));
      }),
  );
  if (!untolerated) return [];
  const { key, value, effect } = untolerated;
  return [{ kind: 'taint', text: `node(s) had untolerated taint {${key}${value ? `=${value}` : ''}:${effect}}` }];
}

/** @see https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go */
export function nodeAffinity(spec: ScheduledSpec, { name, labels }: Node): readonly Reason[] {
  return requiresNode(spec, name, labels) ? [] : [{ kind: 'selector', text: "node(s) didn't match Pod's node affinity/selector" }];
}

/** Whether a node matches node selector and required node affinity. @throws INVALID_SELECTOR */
export function requiresNode(spec: ScheduledSpec, name: string, labels: Node['labels']): boolean {
  const selected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return selected && (!required || required.nodeSelectorTerms.map((term) => matchesNodeTerm(term, name, labels)).some(Boolean));
}

/** Whether a pod tolerates the taints of a node. */
export function tolerated(spec: ScheduledSpec, node: Node): boolean {
  return tolerates(spec, node).length === 0;
}
