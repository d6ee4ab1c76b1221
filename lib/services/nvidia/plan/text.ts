import { ALIVE, POD_LINES } from '../record/label-script';
import { layoutText, plural } from '../record/layout-text';
import type { GpuChange, GpuPlan, NodeStep } from './model';
import { ORDER_RULE } from './order';
import { actionsOf, rollback, STATE } from './steps';

/** A plan as text with shell commands. */
export function planText(plan: GpuPlan): string {
  const { steps, pools, totals } = plan;
  if (steps.length === 0 && pools.length === 0) return `${plan.site}: no GPU changes\n`;
  const lines = [
    `${plan.site}: ${plural(steps.length, 'node')} to change`,
    ...pools.map((text) => `  ${text}`),
    ...(totals.length > 0 ? ['', 'Total'] : []),
    ...totals.map(
      ({ resource, before, after }) =>
        `  ${resource.padEnd(Math.max(...totals.map((total) => total.resource.length)))}  ${before} → ${after}`,
    ),
    ...(steps.length > 0 ? preface(steps) : []),
    ...steps.flatMap((step, index) => ['', ...stepLines(step, index + 1)]),
    ...(steps.some(({ change }) => change === 'layout' || change === 'mode' || change === 'replaced') ? TROUBLESHOOTING : []),
  ];
  return `${lines.join('\n')}\n`;
}

function preface(steps: readonly NodeStep[]): readonly string[] {
  return [
    '',
    ...wrapped(`Order: ${ORDER_RULE}.`),
    ...wrapped(
      'First apply the manifests with the new configurations of mig-parted and of the device plugin: a label whose layout is not in the ' +
        'configuration of mig-parted results in the state failed. For a rollback, first apply the previous manifests, which contain the old ' +
        'layouts. `rke up` would set the labels of all nodes at once: run it after these steps.',
    ),
    ...(steps.some(({ affected }) => affected.length > 0)
      ? ['', 'Define these shell functions first:', ...FUNCTIONS.map((line) => `  ${line}`)]
      : []),
  ];
}

const FUNCTIONS = [
  '# gpu_pods NODE RESOURCE...: pods on the node that use one of the resources',
  `gpu_pods() { kubectl get pods --all-namespaces --field-selector "spec.nodeName=$1,${ALIVE}" -o jsonpath=${POD_LINES} |`,
  `  grep -F $(shift; printf ' -e "%s"' "$@"); }`,
  'delete_pods() { while read -r namespace pod _; do kubectl delete pod --wait=false --namespace "$namespace" "$pod"; done; }',
];

const CHANGES: Readonly<Record<NodeStep['change'], string>> = {
  added: 'node is added',
  removed: 'node is removed',
  replaced: 'GPUs are replaced',
  mode: 'MIG is enabled or disabled',
  layout: 'MIG layout changes',
  sharing: 'sharing changes',
  labels: 'only labels or taints change',
};

function stepLines(step: NodeStep, number: number): readonly string[] {
  const command = rollback(step);
  return [
    `${number}. ${step.node} (pool ${step.pool}, ${step.title}): ${CHANGES[step.change]}`,
    ...step.gpus.flatMap((gpu) => gpuLines(gpu, step.units)),
    ...difference('removed', step.before, step.after),
    ...difference('added', step.after, step.before),
    ...Object.entries(step.remaining).map(([resource, count]) => `   available on other nodes meanwhile: ${count} × ${resource}`),
    ...actionsOf(step).flatMap((action) => [`     # ${action.description}`, ...(action.command ? [`     ${action.command}`] : [])]),
    ...(command ? ['   rollback: the same steps, with', `     ${command}`] : []),
  ];
}

const DELETES_ALL =
  'However, mig-parted deletes all instances of a GPU before it creates new ones, so their pods are stopped. To add instances manually, see ' +
  'docs/gpus.md.';

function gpuLines({ gpu, before, after, unchanged, additional }: GpuChange, units: number | undefined): readonly string[] {
  if (unchanged) return [`   GPU ${gpu}  ${layoutText(before, units)}  unchanged, its pods keep running`];
  const placements = additional?.map(({ profile, start }) => `${profile} at memory unit ${start}`).join(', ');
  return [
    `   GPU ${gpu}  ${layoutText(before, units)}`,
    `        → ${layoutText(after, units)}`,
    ...(placements
      ? wrapped(`All existing instances could remain, with ${placements}. ${DELETES_ALL}`).map((line) => `          ${line}`)
      : []),
  ];
}

function difference(label: string, of: Readonly<Record<string, number>>, to: Readonly<Record<string, number>>): readonly string[] {
  const more = Object.entries(of).filter(([resource, count]) => count > (to[resource] ?? 0));
  const list = more.map(([resource, count]) => `${count - (to[resource] ?? 0)} × ${resource}`);
  return list.length > 0 ? [`   ${label}: ${list.join(', ')}`] : [];
}

const TROUBLESHOOTING = [
  '',
  ...wrapped(
    'While the layout of a node is changed, the MIG manager stops device plugin, feature discovery and DCGM on the node, and starts them ' +
      `again at the end. If ${STATE} is failed, a process still uses a GPU: a pod that was not listed, nvidia_drm or a display, a daemon of ` +
      'the host. The log shows the failed step: kubectl logs --namespace gpu-operator --selector app=nvidia-mig-manager --tail=50. The MIG ' +
      'manager deletes instances one by one and does not restore them, so assume that the node has none. Setting the same label again has ' +
      'no effect: stop the process, then delete the pod of the MIG manager on that node; it retries.',
  ),
];

/** Text in lines that fit a terminal. */
function wrapped(text: string): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = [lines.at(-1), word].filter(Boolean).join(' ');
    if (line.length > 120) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines;
}
