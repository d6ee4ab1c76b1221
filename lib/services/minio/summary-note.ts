import type { ServiceChart } from '../../kubernetes';
import { memoryText } from '../../site';
import { faultTolerance } from './erasure';
import { minioNoParity, minioServersColocated } from './messages';
import type { Pool } from './pools';
import type { MinIOProps } from './props';

/** Usable capacity of the store, in bytes. */
export function usableSpace(pools: readonly Pool[]): number {
  return pools.reduce((sum, { raw, code }) => sum + raw * (code?.usable ?? Number.NaN), 0);
}

/** Adds usable capacity and fault tolerance to the summary, and warnings about missing redundancy. */
export function noteFaultTolerance(chart: ServiceChart, props: MinIOProps, pools: readonly Pool[]): void {
  const codes = pools.flatMap(({ code }) => code ?? []);
  // Pools with invalid drives have a finding already.
  if (codes.length < pools.length || codes.length === 0) return;
  const raw = pools.reduce((sum, pool) => sum + pool.raw, 0);
  const capacity = `usable ${memoryText(usableSpace(pools))} of ${memoryText(raw)}`;
  if (codes[0]?.parity === 0) {
    chart.warn(minioNoParity(), 'parity');
    chart.note(capacity);
    return;
  }
  if (props.apart === 'preferred') chart.warn(minioServersColocated(), 'apart');
  const { serversWriting, serversReading, drivesWriting, drivesReading } = faultTolerance(codes);
  const [first] = codes;
  const several = pools.length > 1;
  const servers = several
    ? `${serversWriting} server${serversWriting === 1 ? '' : 's'} of each of ${pools.length} pools`
    : `${serversWriting} of ${pools[0]?.servers} servers`;
  const drives = several
    ? `${drivesWriting} drive${drivesWriting === 1 ? '' : 's'} of each set`
    : `${drivesWriting} of ${first?.setSize} drives of a set`;
  chart.note(`tolerates the failure of ${servers} (reads: ${serversReading}), or of ${drives} (reads: ${drivesReading}); ${capacity}`);
}
