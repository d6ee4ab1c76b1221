import { certificatesOf, type SnapshotStore } from '../site';

/** Private CA certificate of an S3 store, in PEM; undefined if none is given. */
export function snapshotAuthority({ authority }: SnapshotStore): string | undefined {
  return authority === undefined ? undefined : certificatesOf(authority).join('');
}

/** Host and port of an S3 store. RKE and RKE2 add the scheme, which is always https, since a snapshot contains all Secrets. */
export function snapshotHost(endpoint: string): string {
  return endpoint.replace(/^https:\/\//, '').replace(/\/$/, '');
}

/** Intervals in hours that cron can express, i.e. divisors of 24. */
export const CRON_HOURS: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 24];

/** Cron expression of an interval in hours. */
export function snapshotCron(hours: number): string {
  if (hours === 1) return '0 * * * *';
  return hours === 24 ? '0 0 * * *' : `0 */${hours} * * *`;
}
