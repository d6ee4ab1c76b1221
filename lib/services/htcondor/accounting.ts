import { failure, type Problems } from '../../errors';
import { block, type Entry, member, quoted, settings } from './condor-config';
import { TENANT } from './execute-config';
import type { Quota } from './manager';
import { condorGroup, condorQuota, condorTenantUser } from './messages';
import type { AccountingGroupProps, HTCondorPoolProps, TenantProps } from './props';

type Groups = Pick<HTCondorPoolProps, 'groups' | 'tenants'>;

/** Accounting groups of a pool: those of the operator, and one for each tenant with a quota. Parents come before their children. */
export function quotasOf({ groups = {}, tenants = {} }: Groups): readonly Quota[] {
  const ofTenants = Object.entries(tenants).flatMap(([name, { quota, surplus }]): [string, AccountingGroupProps][] =>
    quota === undefined ? [] : [[name, { quota, ...(surplus === undefined ? {} : { surplus }) }]],
  );
  return Object.entries({ ...Object.fromEntries(ofTenants), ...groups })
    .map(([name, { quota, surplus = true }]) => ({ name, quota, surplus }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Records INVALID_CONDOR_GROUP, and EXCEEDS_CONDOR_QUOTA for groups of one parent that have more than all of it. */
export function checkQuotas(path: string, quotas: readonly Quota[], problems: Problems): void {
  const names = new Set(quotas.map(({ name }) => name));
  const byParent = new Map<string | undefined, Quota[]>();
  for (const one of quotas) {
    problems.attempt(`${path}/groups/${one.name}`, () => checkGroup(one, names));
    const parent = parentOf(one.name);
    byParent.set(parent, [...(byParent.get(parent) ?? []), one]);
  }
  for (const [parent, children] of byParent) {
    const sum = children.reduce((total, { quota }) => total + quota, 0);
    // Three times 1/3 is a little more than 1 in floating point.
    if (sum > 1 + 1e-9)
      problems.add(
        `${path}/groups`,
        condorQuota(
          sum,
          parent,
          children.map(({ name }) => name),
        ),
      );
  }
}

function parentOf(name: string): string | undefined {
  return name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : undefined;
}

function checkGroup({ name, quota }: Quota, names: ReadonlySet<string>): void {
  if (!/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(name)) throw failure(condorGroup(name, 'the name is invalid'));
  if (!(quota > 0 && quota <= 1)) throw failure(condorGroup(name, `a quota of ${quota}`));
  const parent = parentOf(name);
  if (parent !== undefined && !names.has(parent)) throw failure(condorGroup(name, `there is no group '${parent}'`));
}

/** Records DUPLICATE_CONDOR_TENANT_USER and INVALID_CONDOR_GROUP. */
export function checkTenants(path: string, tenants: Readonly<Record<string, TenantProps>>, problems: Problems): void {
  const owners = new Map<string, string>();
  for (const [name, { users = [] }] of Object.entries(tenants)) {
    if (!/^[A-Za-z_]\w*$/.test(name)) problems.add(`${path}/tenants/${name}`, condorGroup(name, 'the name of a tenant is invalid'));
    for (const user of users) {
      const owner = owners.get(user);
      if (owner !== undefined) problems.add(`${path}/tenants/${name}/users`, condorTenantUser(user, owner, name));
      owners.set(user, name);
    }
  }
}

/** Name of the job transform and of the user map. */
const MAP = 'FacilityTenants';

/**
 * What an access point adds to each job: its tenant, and the accounting group of a tenant with a quota. Users cannot set or change either: the
 * transform replaces what a submit file says, and the attributes are immutable afterwards.
 *
 * @see https://htcondor.readthedocs.io/en/25.0/classads/transforms.html
 */
export function transformsOf({ tenants = {}, groups = {} }: Groups, own?: string): readonly Entry[] {
  if (Object.keys(tenants).length === 0 && own === undefined) return [];
  const lines = Object.entries(tenants).flatMap(([name, { users = [] }]) => users.map((user) => `* ${user} ${name}`));
  const tenant = own === undefined ? `userMap("${MAP}", Owner)` : quoted(own);
  const shared = Object.entries(tenants).flatMap(([name, { quota }]) => (quota === undefined && !groups[name] ? [] : [name]));
  const isShared = shared.map((name) => `${TENANT} =?= ${quoted(name)}`).join(' || ');
  return [
    ...(own === undefined
      ? [...settings({ SCHEDD_CLASSAD_USER_MAP_NAMES: [MAP] }), member('CLASSAD_USER_MAPDATA_NAME', MAP, block(...lines))]
      : []),
    ...settings({ JOB_TRANSFORM_NAMES: [MAP] }),
    member(
      'JOB_TRANSFORM_NAME',
      MAP,
      block(
        `EVALSET ${TENANT} ${tenant}`,
        ...(isShared
          ? [
              `EVALSET AcctGroup ifThenElse(${isShared}, ${TENANT}, AcctGroup)`,
              `EVALSET AccountingGroup ifThenElse(${isShared}, strcat(${TENANT}, ".", Owner), AccountingGroup)`,
              `EVALSET AcctGroupUser ifThenElse(${isShared}, Owner, AcctGroupUser)`,
            ]
          : []),
      ),
    ),
    ...settings({ IMMUTABLE_JOB_ATTRS: [TENANT, ...(isShared ? ['AcctGroup', 'AccountingGroup', 'AcctGroupUser'] : [])] }),
  ];
}
