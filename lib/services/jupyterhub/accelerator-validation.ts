import type { ServiceChart } from '../../kubernetes';
import { poolsOf } from '../../site';
import { hubCpuServersOnGpuNodes, hubDuplicateAccelerator, hubIdleAccelerator } from './messages';
import { allChoices } from './profiles';
import type { JupyterHubProps } from './props';
import { acceleratorOf, acceleratorText, serversOf } from './servers';

/** Reports DUPLICATE_HUB_ACCELERATOR. Warns of accelerators in idle servers, and of servers without a GPU on GPU nodes. */
export function checkAccelerators(chart: ServiceChart, props: JupyterHubProps): void {
  const reported = new Set<string>();
  for (const { accelerators } of serversOf(props)) {
    const [first, second] = accelerators;
    if (!first || !second || reported.has(`${first.at} ${second.at}`)) continue;
    reported.add(`${first.at} ${second.at}`);
    const text = ({ accelerator, at }: typeof first) => `${acceleratorText(accelerator)} (${at})`;
    chart.problems.add(`${chart.path()}/${second.at}/accelerator`, hubDuplicateAccelerator(text(first), text(second)));
  }
  for (const { at, choice } of allChoices(props)) {
    if (choice.accelerator === undefined || choice.accelerator === 'none' || choice.cull) continue;
    const when = props.cull === 'never' ? 'are never stopped (cull: never)' : 'are not stopped earlier than other servers';
    chart.warn(hubIdleAccelerator(acceleratorText(choice.accelerator), when), at);
  }
  checkPlacement(chart, props);
}

/**
 * Warns of servers without a GPU on GPU nodes, unless they are placed there explicitly: GPUs of a node without free cores cannot be used.
 */
function checkPlacement(chart: ServiceChart, props: JupyterHubProps): void {
  const on = props.notebooksOn ?? props.on;
  const gpuPools = poolsOf(on).filter((pool) => pool?.gpus);
  if (gpuPools.length === 0 || gpuPools.length === poolsOf(on).length) return;
  if (!serversOf(props).some((server) => server.on === on && !acceleratorOf(server))) return;
  const names = gpuPools.map(({ name }) => name).join(', ');
  const prop = props.notebooksOn ? 'notebooksOn' : 'on';
  chart.warn(hubCpuServersOnGpuNodes(names, prop), prop);
}
