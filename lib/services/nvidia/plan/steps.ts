import { MIG_CONFIG } from '../cards/labels';
import { ALL_DISABLED, layoutWanted, type NodeStep, resourcesOf } from './model';

/** One thing to do on a node: what it is for, and the command, if there is one. */
export interface Action {
  readonly say: string;
  readonly run?: string;
}

/** Label in which the manager of MIG tells how far it is. */
export const STATE = 'nvidia.com/mig.config.state';

const STATE_PATH = `{.metadata.labels.${STATE.replaceAll('.', '\\.')}}`;

/** What is to be done on a node, in order. */
export function actionsOf(step: NodeStep): readonly Action[] {
  const node = nodeWord(step);
  const { change } = step;
  const name = step.selector ? [{ say: 'the node', run: nameCommand(step) }] : [];
  if (change === 'labels') return [...name, ...relabel(step, node), ...(layoutWanted(step) === undefined ? [] : waiting(step, node))];
  if (change === 'added')
    return [
      ...name,
      { say: 'a node that Kubernetes is installed on by the library has its labels already' },
      ...relabel(step, node),
      allocatable(step, node),
    ];
  const quiet = [...name, { say: 'nothing new starts here', run: `kubectl cordon ${node}` }, ...emptied(step, node)];
  if (change === 'removed')
    return [...quiet, { say: 'take the node away, or its cards; a node that stays loses their labels' }, ...relabel(step, node)];
  const exchange = change === 'exchanged' ? [{ say: 'give the machine its other cards' }] : [];
  return [
    ...quiet,
    ...exchange,
    ...relabel(step, node),
    ...waiting(step, node),
    allocatable(step, node),
    { say: 'pods may start here again', run: `kubectl uncordon ${node}` },
  ];
}

/** How to get back to what was; the steps are the same, with this label. */
export function wayBack(step: NodeStep): string | undefined {
  if (step.labels.length === 0 || ['added', 'removed', 'exchanged'].includes(step.change)) return undefined;
  const back = step.labels.map(({ key, before }) => {
    const value = step.change === 'mode' && key === MIG_CONFIG ? (before ?? ALL_DISABLED) : before;
    return value === undefined ? `${key}-` : `${key}=${value}`;
  });
  const state = layoutWanted(step) === undefined ? [] : [`${STATE}-`];
  return ['kubectl label node', nodeWord(step), '--overwrite', ...back, ...state].join(' ');
}

/** As the shell has it: of a node that is told by labels, a variable. */
function nodeWord(step: NodeStep): string {
  return step.selector ? '"$node"' : step.node;
}

function nameCommand({ selector, pool }: NodeStep): string {
  const { labels, index } = selector as NonNullable<NodeStep['selector']>;
  if (labels === '') return `node=…   # a node of pool ${pool}: the description has neither its name nor labels`;
  return `node=$(kubectl get nodes --selector '${labels}' -o jsonpath='{.items[${index}].metadata.name}'); echo "$node"`;
}

/** Where the machine may restart, all pods go; elsewhere those alone that hold what is cut anew. */
function emptied({ change, ends, cards }: NodeStep, node: string): readonly Action[] {
  if (ends.length === 0) return [];
  // Kubernetes knows the resource that a pod has, and not the card.
  const also = cards.some((card) => card.stays && resourcesOf(card.before, ends).length > 0) ? '; some may be on a card that stays' : '';
  const list = {
    say: `pods that end here${also}: tell their owners, or wait until nothing is listed`,
    run: `gpu_pods ${node} ${ends.join(' ')}`,
  };
  const drain = `kubectl drain ${node} --ignore-daemonsets --delete-emptydir-data --force`;
  return change === 'recut' || change === 'sharing'
    ? [
        list,
        { say: 'end those that are left', run: `${list.run} | end_pods` },
        { say: 'until they have ended', run: `while ${list.run}; do sleep 5; done` },
      ]
    : [list, { say: 'end all pods, since the machine may restart; notebooks have no controller, hence --force', run: drain }];
}

function relabel(step: NodeStep, node: string): readonly Action[] {
  const wanted = layoutWanted(step);
  const set = step.labels.flatMap(({ key, after }) => {
    if (key === MIG_CONFIG) return wanted === undefined ? [`${key}-`] : [`${key}=${wanted}`];
    return [after === undefined ? `${key}-` : `${key}=${after}`];
  });
  const words = wanted === undefined ? set : [...set, `${STATE}-`];
  const off = wanted === ALL_DISABLED ? ': MIG goes off by a layout that the file of mig-parted must have' : '';
  const taints = [...step.taints.added.map((taint) => `${taint} --overwrite`), ...step.taints.removed.map((taint) => `${taint}-`)];
  return [
    ...(set.length > 0 ? [{ say: `what the node shall be${off}`, run: `kubectl label node ${node} --overwrite ${words.join(' ')}` }] : []),
    ...taints.map((taint) => ({ say: 'who may come', run: `kubectl taint node ${node} ${taint}` })),
  ];
}

function waiting(step: NodeStep, node: string): readonly Action[] {
  if (layoutWanted(step) === undefined) return [{ say: 'the device plugin starts anew with its other configuration' }];
  const states =
    step.change === 'mode' || step.change === 'exchanged'
      ? 'pending, then rebooting where the driver wants it, then success'
      : 'pending, then success';
  return [{ say: `${STATE}: ${states}`, run: `kubectl wait node/${node} --for=jsonpath='${STATE_PATH}'=success --timeout=20m` }];
}

function allocatable({ after }: NodeStep, node: string): Action {
  const there = Object.entries(after).map(([resource, count]) => `"${resource}":"${count}"`);
  return { say: `must show ${there.join(', ')}`, run: `kubectl get node ${node} -o jsonpath='{.status.allocatable}'` };
}
