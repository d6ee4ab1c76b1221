import { MIG_CONFIG } from '../record/label-script';
import { ALL_DISABLED, type NodeStep, resourcesOf, targetLayout } from './model';

/** An action on a node: its description, and the command, if there is one. */
export interface Action {
  readonly description: string;
  readonly command?: string;
}

/** Label in which the MIG manager reports its state. */
export const STATE = 'nvidia.com/mig.config.state';

const STATE_PATH = `{.metadata.labels.${STATE.replaceAll('.', '\\.')}}`;

/** Actions of a step, in order. */
export function actionsOf(step: NodeStep): readonly Action[] {
  const node = nodeArgument(step);
  const { change } = step;
  const lookup = step.selector ? [{ description: 'look up the name of the node', command: nameCommand(step) }] : [];
  if (change === 'labels') return [...lookup, ...relabel(step, node), ...(targetLayout(step) === undefined ? [] : waiting(step, node))];
  if (change === 'added')
    return [
      ...lookup,
      { description: 'a node on which the library installs Kubernetes has its labels already' },
      ...relabel(step, node),
      allocatable(step, node),
    ];
  const prepare = [
    ...lookup,
    { description: 'prevent new pods from starting on the node', command: `kubectl cordon ${node}` },
    ...stopPods(step, node),
  ];
  if (change === 'removed')
    return [
      ...prepare,
      { description: 'remove the node, or its GPUs; remove the labels from a node that remains' },
      ...relabel(step, node),
    ];
  const replace = change === 'replaced' ? [{ description: 'replace the GPUs of the machine' }] : [];
  return [
    ...prepare,
    ...replace,
    ...relabel(step, node),
    ...waiting(step, node),
    allocatable(step, node),
    { description: 'allow pods on the node again', command: `kubectl uncordon ${node}` },
  ];
}

/** Command that restores the previous labels; the other actions are the same. */
export function rollback(step: NodeStep): string | undefined {
  if (step.labels.length === 0 || ['added', 'removed', 'replaced'].includes(step.change)) return undefined;
  const labels = step.labels.map(({ key, before }) => {
    const value = step.change === 'mode' && key === MIG_CONFIG ? (before ?? ALL_DISABLED) : before;
    return value === undefined ? `${key}-` : `${key}=${value}`;
  });
  const state = targetLayout(step) === undefined ? [] : [`${STATE}-`];
  return ['kubectl label node', nodeArgument(step), '--overwrite', ...labels, ...state].join(' ');
}

/** Name of the node for the shell; a variable if the node is selected by labels. */
function nodeArgument(step: NodeStep): string {
  return step.selector ? '"$node"' : step.node;
}

function nameCommand({ selector, pool }: NodeStep): string {
  const { labels, index } = selector as NonNullable<NodeStep['selector']>;
  if (labels === '') return `node=…   # a node of pool ${pool}, which has neither hostnames nor labels`;
  return `node=$(kubectl get nodes --selector '${labels}' -o jsonpath='{.items[${index}].metadata.name}'); echo "$node"`;
}

/** Stops all pods if the machine may reboot, else only the pods that use affected resources. */
function stopPods({ change, affected, gpus }: NodeStep, node: string): readonly Action[] {
  if (affected.length === 0) return [];
  // Kubernetes knows the resource of a pod, but not the GPU.
  const also = gpus.some((gpu) => gpu.unchanged && resourcesOf(gpu.before, affected).length > 0)
    ? '; some of them may use a GPU that does not change'
    : '';
  const list = {
    description: `list the pods to be stopped${also}; inform their owners, or wait until the list is empty`,
    command: `gpu_pods ${node} ${affected.join(' ')}`,
  };
  const drain = `kubectl drain ${node} --ignore-daemonsets --delete-emptydir-data --force`;
  return change === 'layout' || change === 'sharing'
    ? [
        list,
        { description: 'delete the remaining pods', command: `${list.command} | delete_pods` },
        { description: 'wait until they are deleted', command: `while ${list.command}; do sleep 5; done` },
      ]
    : [list, { description: 'stop all pods, because the machine may reboot; notebooks have no controller, hence --force', command: drain }];
}

function relabel(step: NodeStep, node: string): readonly Action[] {
  const layout = targetLayout(step);
  const labels = step.labels.flatMap(({ key, after }) => {
    if (key === MIG_CONFIG) return layout === undefined ? [`${key}-`] : [`${key}=${layout}`];
    return [after === undefined ? `${key}-` : `${key}=${after}`];
  });
  const all = layout === undefined ? labels : [...labels, `${STATE}-`];
  const disabled = layout === ALL_DISABLED ? '; this layout disables MIG and must be in the configuration file of mig-parted' : '';
  const taints = [...step.taints.added.map((taint) => `${taint} --overwrite`), ...step.taints.removed.map((taint) => `${taint}-`)];
  return [
    ...(labels.length > 0
      ? [{ description: `set the labels of the node${disabled}`, command: `kubectl label node ${node} --overwrite ${all.join(' ')}` }]
      : []),
    ...taints.map((taint) => ({ description: 'set the taints of the node', command: `kubectl taint node ${node} ${taint}` })),
  ];
}

function waiting(step: NodeStep, node: string): readonly Action[] {
  if (targetLayout(step) === undefined) return [{ description: 'wait until the device plugin has restarted with the new configuration' }];
  const states =
    step.change === 'mode' || step.change === 'replaced'
      ? 'pending, then rebooting if the driver requires it, then success'
      : 'pending, then success';
  return [
    {
      description: `wait for the label ${STATE}: ${states}`,
      command: `kubectl wait node/${node} --for=jsonpath='${STATE_PATH}'=success --timeout=20m`,
    },
  ];
}

function allocatable({ after }: NodeStep, node: string): Action {
  const expected = Object.entries(after).map(([resource, count]) => `"${resource}":"${count}"`);
  return {
    description: `verify the allocatable resources: ${expected.join(', ')}`,
    command: `kubectl get node ${node} -o jsonpath='{.status.allocatable}'`,
  };
}
