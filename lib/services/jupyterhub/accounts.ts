import type { ServiceChart } from '../../kubernetes';
import { hubAccount } from './messages';
import type { Account, AccountsProps } from './props';

/** Ids in `hub.json`: entries by user and group, and the default, which has both ids. */
export interface AccountSettings {
  readonly default: Account & { readonly uid: number; readonly gid: number };
  readonly users: Readonly<Record<string, Account>>;
  readonly groups: Readonly<Record<string, Account>>;
}

/** Largest id: the kernel interprets 4294967295 as "no change". @see chown(2) */
const LARGEST = 4294967294;

/** Ids by user and group. Reports INVALID_HUB_ACCOUNT; Pod Security `restricted` forbids user 0. */
export function accountSettings(
  chart: ServiceChart,
  { users = {}, groups = {}, uid = 1000, gid = 100, supplementalGroups = [] }: AccountsProps,
): AccountSettings {
  const own = { uid, gid, supplementalGroups };
  checkAccount(chart, 'accounts', own);
  for (const [name, account] of Object.entries(users)) checkAccount(chart, `accounts/users/${name}`, account);
  for (const [name, account] of Object.entries(groups)) checkAccount(chart, `accounts/groups/${name}`, account);
  // JupyterHub normalizes user names to lower case, and this library removes the leading slash of groups.
  return { default: own, users: withKeys(users, (name) => name.toLowerCase()), groups: withKeys(groups, withoutSlash) };
}

/** Name of a group without a leading slash: Keycloak reports full paths. */
export function withoutSlash(group: string): string {
  return group.replace(/^\//, '');
}

function withKeys<T>(entries: Readonly<Record<string, T>>, name: (given: string) => string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [name(key), value]));
}

function checkAccount(chart: ServiceChart, path: string, { uid, gid, supplementalGroups = [] }: Account): void {
  for (const [name, id] of [
    ['uid', uid],
    ['gid', gid],
    ...supplementalGroups.map((group) => ['supplementalGroups', group] as const),
  ] as const)
    if (id !== undefined && (!Number.isInteger(id) || id < 1 || id > LARGEST))
      chart.problems.add(`${chart.path()}/${path}/${name}`, hubAccount(id, LARGEST));
}
