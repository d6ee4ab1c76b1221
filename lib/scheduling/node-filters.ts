import type { Node } from './nodes';
import type { Pod, ScheduledSpec } from './pod';
import type { Reason } from './reason';
import { matchesNodeTerm } from './selectors';

/** Asked of every pod and node over and over; neither changes. */
const known = new WeakMap<ScheduledSpec, WeakMap<Node, boolean>>();

/** Whether selector, affinity and taints let a pod onto a node, whatever else runs there. @throws INVALID_SELECTOR */
export function mayRunOn({ spec }: Pick<Pod, 'spec'>, node: Node): boolean {
  const nodes = known.get(spec) ?? new WeakMap<Node, boolean>();
  known.set(spec, nodes);
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
      !tolerations.some((one) => {
        const named = (!one.effect || one.effect === taint.effect) && (!one.key || one.key === taint.key);
        // Without a key only Exists is valid, and then everything is tolerated.
        return (
          named &&
          (one.operator === 'Exists' ||
            (Boolean(one.key) && (one.operator ?? 'Equal') === 'Equal' && (one.value ?? '') === (taint.value ?? '')))
        );
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

/** Node selector and required node affinity alone. @throws INVALID_SELECTOR */
export function requiresNode(spec: ScheduledSpec, name: string, labels: Node['labels']): boolean {
  const selected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return selected && (!required || required.nodeSelectorTerms.map((term) => matchesNodeTerm(term, name, labels)).some(Boolean));
}

/** Whether a pod tolerates the taints of a node. */
export function tolerated(spec: ScheduledSpec, node: Node): boolean {
  return tolerates(spec, node).length === 0;
}
