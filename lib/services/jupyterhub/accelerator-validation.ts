import type { ServiceChart } from '../../kubernetes';
import { poolsOf } from '../../site';
import { hubCpuServersOnGpuNodes, hubDuplicateAccelerator, hubIdleAccelerator } from './messages';
import { everyChoice } from './profiles';
import type { JupyterHubProps } from './props';
import { acceleratorOf, acceleratorText, serversOf } from './servers';

/** Records choices that do not go together, and warns of cards that would wait for a user who has gone, or for cores that others have. */
export function checkAccelerators(chart: ServiceChart, props: JupyterHubProps): void {
  const told = new Set<string>();
  for (const { brought } of serversOf(props)) {
    const [first, second] = brought;
    if (!first || !second || told.has(`${first.at} ${second.at}`)) continue;
    told.add(`${first.at} ${second.at}`);
    const text = ({ accelerator, at }: typeof first) => `${acceleratorText(accelerator)} (${at})`;
    chart.problems.add(`${chart.path()}/${second.at}/accelerator`, hubDuplicateAccelerator(text(first), text(second)));
  }
  for (const { at, one } of everyChoice(props)) {
    if (one.accelerator === undefined || one.accelerator === 'none' || one.cull) continue;
    const when = props.cull === 'never' ? 'are never stopped (cull: never)' : 'are not stopped earlier than other servers';
    chart.warn(hubIdleAccelerator(acceleratorText(one.accelerator), when), at);
  }
  warnOfGuests(chart, props);
}

/** Servers without a card on nodes with cards, where nobody said so of one choice: a card without cores is nobody's. */
function warnOfGuests(chart: ServiceChart, props: JupyterHubProps): void {
  const on = props.notebooksOn ?? props.on;
  const withCards = poolsOf(on).filter((pool) => pool?.gpus);
  if (withCards.length === 0 || withCards.length === poolsOf(on).length) return;
  if (!serversOf(props).some((server) => server.on === on && !acceleratorOf(server))) return;
  const names = withCards.map(({ name }) => name).join(', ');
  const prop = props.notebooksOn ? 'notebooksOn' : 'on';
  chart.warn(hubCpuServersOnGpuNodes(names, prop), prop);
}
