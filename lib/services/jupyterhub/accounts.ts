import type { ServiceChart } from '../../kubernetes';
import { hubAccount } from './messages';
import type { Account, AccountsProps } from './props';

/** What the hub's program reads: entries by user and group, and the default that has both ids. */
export interface AccountSettings {
  readonly default: Account & { readonly uid: number; readonly gid: number };
  readonly users: Readonly<Record<string, Account>>;
  readonly groups: Readonly<Record<string, Account>>;
}

/** Largest id: 4294967295 means "no change" to the kernel. @see chown(2) */
const LARGEST = 4294967294;

/** Ids of users by user and group. INVALID_HUB_ACCOUNT is recorded; user 0 would break Pod Security `restricted`. */
export function accountSettings(
  chart: ServiceChart,
  { users = {}, groups = {}, uid = 1000, gid = 100, supplementalGroups = [] }: AccountsProps,
): AccountSettings {
  const own = { uid, gid, supplementalGroups };
  check(chart, 'accounts', own);
  for (const [name, account] of Object.entries(users)) check(chart, `accounts/users/${name}`, account);
  for (const [name, account] of Object.entries(groups)) check(chart, `accounts/groups/${name}`, account);
  // Names as the hub compares them: users in lower case, groups without the slash of a full path.
  return { default: own, users: renamed(users, (name) => name.toLowerCase()), groups: renamed(groups, withoutSlash) };
}

/** A group as the hub knows it: Keycloak reports full paths. */
export function withoutSlash(group: string): string {
  return group.replace(/^\//, '');
}

function renamed<T>(entries: Readonly<Record<string, T>>, name: (given: string) => string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [name(key), value]));
}

function check(chart: ServiceChart, path: string, { uid, gid, supplementalGroups = [] }: Account): void {
  for (const [name, id] of [['uid', uid], ['gid', gid], ...supplementalGroups.map((one) => ['supplementalGroups', one] as const)] as const)
    if (id !== undefined && (!Number.isInteger(id) || id < 1 || id > LARGEST))
      chart.problems.add(`${chart.path()}/${path}/${name}`, hubAccount(id, LARGEST));
}
