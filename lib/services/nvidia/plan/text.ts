import { ALIVE, POD_LINES } from '../cards/labels';
import { cardText, plural } from '../cards/picture';
import type { CardChange, GpuPlan, NodeStep } from './model';
import { ORDER_RULE } from './order';
import { actionsOf, STATE, wayBack } from './steps';

/** A plan as operators read it, and copy it into a shell line by line. */
export function planText(plan: GpuPlan): string {
  const { steps, pools, totals } = plan;
  if (steps.length === 0 && pools.length === 0) return `${plan.site}: nothing changes on any card\n`;
  const lines = [
    `${plan.site}: ${plural(steps.length, 'node')} to change`,
    ...pools.map((text) => `  ${text}`),
    ...(totals.length > 0 ? ['', 'In total'] : []),
    ...totals.map(
      ({ resource, before, after }) => `  ${resource.padEnd(Math.max(...totals.map((one) => one.resource.length)))}  ${before} → ${after}`,
    ),
    ...(steps.length > 0 ? preface(steps) : []),
    ...steps.flatMap((step, index) => ['', ...stepLines(step, index + 1)]),
    ...(steps.some(({ change }) => change === 'recut' || change === 'mode' || change === 'exchanged') ? FAILED : []),
  ];
  return `${lines.join('\n')}\n`;
}

function preface(steps: readonly NodeStep[]): readonly string[] {
  return [
    '',
    ...wrapped(`Order: ${ORDER_RULE}.`),
    ...wrapped(
      'First apply the manifests that have the new configurations of mig-parted and of the device plugin: a label whose layout the file of ' +
        'mig-parted lacks ends in the state failed. The way back starts with the manifests of before, whose file has the old layouts. `rke up` would set the labels of all nodes at ' +
        'once: run it after this.',
    ),
    ...(steps.some(({ ends }) => ends.length > 0) ? ['', 'For your shell, once:', ...FUNCTIONS.map((line) => `  ${line}`)] : []),
  ];
}

const FUNCTIONS = [
  '# gpu_pods NODE RESOURCE...: pods of the node that have one of the resources',
  `gpu_pods() { kubectl get pods --all-namespaces --field-selector "spec.nodeName=$1,${ALIVE}" -o jsonpath=${POD_LINES} |`,
  `  grep -F $(shift; printf ' -e "%s"' "$@"); }`,
  'end_pods() { while read -r namespace pod _; do kubectl delete pod --wait=false --namespace "$namespace" "$pod"; done; }',
];

const CHANGES: Readonly<Record<NodeStep['change'], string>> = {
  added: 'is new',
  removed: 'goes',
  exchanged: 'gets other cards',
  mode: 'has MIG switched on or off',
  recut: 'is cut anew',
  sharing: 'is offered otherwise',
  labels: 'gets other labels, nothing else',
};

function stepLines(step: NodeStep, number: number): readonly string[] {
  const back = wayBack(step);
  return [
    `${number}. ${step.node} (pool ${step.pool}, ${step.title}) ${CHANGES[step.change]}`,
    ...step.cards.flatMap((card) => cardLines(card, step.units)),
    ...difference('lost', step.before, step.after),
    ...difference('gained', step.after, step.before),
    ...Object.entries(step.left).map(([resource, count]) => `   meanwhile ${count} × ${resource} on other nodes`),
    ...actionsOf(step).flatMap(({ say, run }) => [`     # ${say}`, ...(run ? [`     ${run}`] : [])]),
    ...(back ? [`   way back: the same steps, with`, `     ${back}`] : []),
  ];
}

const EMPTIES = 'But mig-parted empties a card before it cuts it anew: what is there ends all the same. To add by hand, see docs/gpus.md.';

function cardLines({ card, before, after, stays, beside }: CardChange, units: number | undefined): readonly string[] {
  if (stays) return [`   card ${card}  ${cardText(before, units)}  stays, with the pods on it`];
  const where = beside?.map(({ profile, start }) => `${profile} to unit ${start}`).join(', ');
  return [
    `   card ${card}  ${cardText(before, units)}`,
    `         → ${cardText(after, units)}`,
    ...(where ? wrapped(`All that is there could stay, with ${where}. ${EMPTIES}`).map((line) => `           ${line}`) : []),
  ];
}

function difference(what: string, of: Readonly<Record<string, number>>, to: Readonly<Record<string, number>>): readonly string[] {
  const more = Object.entries(of).filter(([resource, count]) => count > (to[resource] ?? 0));
  const list = more.map(([resource, count]) => `${count - (to[resource] ?? 0)} × ${resource}`);
  return list.length > 0 ? [`   ${what} ${list.join(', ')}`] : [];
}

const FAILED = [
  '',
  ...wrapped(
    'While a node is cut, the manager of MIG stops the device plugin, feature discovery and DCGM there, and starts them again at the end. ' +
      `If ${STATE} is failed, something still holds a card: a pod that was not listed, nvidia_drm or a display, a daemon of the host. ` +
      'Its log says which step: kubectl logs --namespace gpu-operator --selector app=nvidia-mig-manager --tail=50. It destroys instances ' +
      'one by one and puts none back, so take the node for empty. The same label again does nothing: free the card, then delete the pod ' +
      'of the manager on that node, and it tries anew.',
  ),
];

/** Prose in lines that fit a terminal. */
function wrapped(text: string): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = [lines.at(-1), word].filter(Boolean).join(' ');
    if (line.length > 120) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines;
}
