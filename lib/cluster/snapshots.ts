import { certificatesOf, type SnapshotStore } from '../site';

/** Certificate in PEM of the private authority of an S3 store; undefined if none is given. */
export function snapshotAuthority({ authority }: SnapshotStore): string | undefined {
  return authority === undefined ? undefined : certificatesOf(authority).join('');
}

/** Host and port of an S3 store. Both distributions add the scheme, always https: a snapshot holds every Secret. */
export function snapshotHost(endpoint: string): string {
  return endpoint.replace(/^https:\/\//, '').replace(/\/$/, '');
}

/** Hours between snapshots that cron can say: it starts anew each day. */
export const CRON_HOURS: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 24];

/** Every so many hours, as cron writes it. */
export function snapshotCron(hours: number): string {
  if (hours === 1) return '0 * * * *';
  return hours === 24 ? '0 0 * * *' : `0 */${hours} * * *`;
}
