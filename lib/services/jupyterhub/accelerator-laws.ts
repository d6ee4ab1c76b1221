import { hubAcceleratorTwice } from '../../errors';
import type { ServiceChart } from '../../kubernetes';
import { everyChoice } from './profiles';
import type { JupyterHubProps } from './props';
import { acceleratorText, serversOf } from './servers';

/** Records choices that do not go together, and warns of cards that would wait for a user who has gone. */
export function checkAccelerators(chart: ServiceChart, props: JupyterHubProps): void {
  const told = new Set<string>();
  for (const { brought } of serversOf(props)) {
    const [first, second] = brought;
    if (!first || !second || told.has(`${first.at} ${second.at}`)) continue;
    told.add(`${first.at} ${second.at}`);
    const text = ({ accelerator, at }: typeof first) => `${acceleratorText(accelerator)} (${at})`;
    chart.problems.add(`${chart.path()}/${second.at}/accelerator`, hubAcceleratorTwice(text(first), text(second)));
  }
  for (const { at, one } of everyChoice(props)) {
    if (one.accelerator === undefined || one.accelerator === 'none' || one.cull) continue;
    const when = props.cull === 'never' ? 'are never stopped (cull: never)' : 'are stopped no sooner than others';
    chart.warn(`${at}: servers with ${acceleratorText(one.accelerator)} that nobody uses ${when}; give the choice a cull.after`);
  }
}
