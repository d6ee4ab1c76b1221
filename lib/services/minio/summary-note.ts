import type { ServiceChart } from '../../kubernetes';
import { memoryText } from '../../site';
import { faultTolerance } from './erasure';
import { minioNoParity, minioServersTogether } from './messages';
import type { Pool } from './pools';
import type { MinIOProps } from './props';

/** Space that objects may fill, in bytes. */
export function usableSpace(pools: readonly Pool[]): number {
  return pools.reduce((sum, { raw, code }) => sum + raw * (code?.usable ?? Number.NaN), 0);
}

/** Says in the summary what may be lost, and warns of what may not. */
export function promiseLoss(chart: ServiceChart, props: MinIOProps, pools: readonly Pool[]): void {
  const codes = pools.flatMap(({ code }) => code ?? []);
  // A shape that is none is among the problems; nothing is promised of it.
  if (codes.length < pools.length || codes.length === 0) return;
  const raw = pools.reduce((sum, pool) => sum + pool.raw, 0);
  const space = `usable ${memoryText(usableSpace(pools))} of ${memoryText(raw)}`;
  if (codes[0]?.parity === 0) {
    chart.warn(minioNoParity(), 'parity');
    chart.note(space);
    return;
  }
  if (props.apart === 'preferred') chart.warn(minioServersTogether(), 'apart');
  const { serversWriting, serversReading, drivesWriting, drivesReading } = faultTolerance(codes);
  const [only] = codes;
  const several = pools.length > 1;
  const servers = several
    ? `${serversWriting} server${serversWriting === 1 ? '' : 's'} of each of ${pools.length} pools`
    : `${serversWriting} of ${pools[0]?.servers} servers`;
  const drives = several
    ? `${drivesWriting} drive${drivesWriting === 1 ? '' : 's'} of each set`
    : `${drivesWriting} of ${only?.setSize} drives of a set`;
  chart.note(`survives the loss of ${servers} (reading: ${serversReading}), or of ${drives} (reading: ${drivesReading}); ${space}`);
}
