import { failure } from '../../errors';
import type { ServiceChart } from '../../kubernetes';
import { checkName } from '../../site';
import { checkQuotas, checkTenants, quotasOf } from './accounting';
import { isDomain } from './endpoint';
import { KNOBS } from './knobs';
import {
  condorAllow,
  condorDomainInvalid,
  condorDomainMissing,
  condorKnobName,
  condorKnobRemoved,
  condorKnobReserved,
  condorManagers,
  condorNoExecute,
  condorReplicas,
  condorSciTokens,
  condorSpool,
  condorTenant,
} from './messages';
import type { AccessPointProps, HTCondorPoolProps } from './props';
import { removedKnob } from './removed-knobs';
import { isOpenEntry } from './roles';
import type { AllowList } from './security-props';
import { checkUsers } from './users';

/** Records everything that is wrong with the props of a pool and is not found where a value is used. */
export function checkPool(chart: ServiceChart, props: HTCondorPoolProps): void {
  const { problems } = chart;
  const path = chart.path();
  if (!props.domain) problems.add(`${path}/domain`, condorDomainMissing());
  else if (!isDomain(props.domain)) problems.add(`${path}/domain`, condorDomainInvalid(props.domain));
  const managers = props.manager?.count ?? 1;
  if (managers !== 1 && managers !== 2) problems.add(`${path}/manager/count`, condorManagers(managers));
  if (Object.keys(props.execute).length === 0 && !props.flocksTo?.length) problems.add(`${path}/execute`, condorNoExecute());
  for (const group of Object.keys(props.execute)) problems.attempt(`${path}/execute/${group}`, () => checkName(group, 20));
  for (const [name, one] of Object.entries(accessPointsOf(props))) checkAccessPoint(chart, name, one);
  checkQuotas(path, quotasOf(props), problems);
  checkTenants(path, props.tenants ?? {}, problems);
  checkTenantNames(chart, props);
  checkAllowLists(chart, props);
  checkConfig(chart, props.config ?? {});
  for (const [subject, user] of Object.entries(props.security?.scitokens?.users ?? {}))
    problems.attempt(`${path}/security/scitokens/users`, () => checkMapping(subject, user));
}

/** Access points of a pool; one named `ap` unless others are given. */
export function accessPointsOf({ accessPoints = { ap: {} } }: HTCondorPoolProps): Readonly<Record<string, AccessPointProps>> {
  return accessPoints;
}

function checkAccessPoint(chart: ServiceChart, name: string, { replicas = 1, spool, users }: AccessPointProps): void {
  const { problems, site } = chart;
  const at = `${chart.path()}/accessPoints/${name}`;
  problems.attempt(at, () => checkName(name, 20));
  if (replicas !== 1) problems.add(`${at}/replicas`, condorReplicas(name, replicas));
  if (spool === undefined && !site.storage?.default) problems.add(`${at}/spool`, condorSpool(name));
  if (users) problems.attempt(`${at}/users`, () => checkUsers(users));
}

function checkMapping(subject: string, user: string): void {
  if (!/^\S+$/.test(subject)) throw failure(condorSciTokens(`the subject '${subject}'`));
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(user) || ['condor', 'root'].includes(user))
    throw failure(condorSciTokens(`the user '${user}'`));
}

/** Tenants that execute groups and access points name are tenants of the pool. */
function checkTenantNames(chart: ServiceChart, props: HTCondorPoolProps): void {
  const known = Object.keys(props.tenants ?? {});
  const check = (at: string, name: string) => {
    if (!known.includes(name)) chart.problems.add(`${chart.path()}/${at}`, condorTenant(name, known));
  };
  for (const [group, { tenants = [] }] of Object.entries(props.execute))
    for (const name of tenants) check(`execute/${group}/tenants`, name);
  for (const [name, { tenant }] of Object.entries(accessPointsOf(props)))
    if (tenant !== undefined) check(`accessPoints/${name}/tenant`, tenant);
}

/** No entry of the operator lets in everybody, or everybody of a network. */
function checkAllowLists(chart: ServiceChart, { security, domain }: HTCondorPoolProps): void {
  for (const [list, entries] of Object.entries(security?.allow ?? {}) as [AllowList, readonly string[]][])
    for (const entry of entries)
      if (isOpenEntry(entry, list, domain)) chart.problems.add(`${chart.path()}/security/allow/${list}`, condorAllow(entry, list));
  for (const name of security?.administrators ?? [])
    if (!/^[A-Za-z0-9_.-]+(?:@[A-Za-z0-9.-]+)?$/.test(name))
      chart.problems.add(`${chart.path()}/security/administrators`, condorAllow(name, 'ADMINISTRATOR'));
}

/** Knobs that a prop sets could be contradicted by the operator's; everything else is passed on. */
function checkConfig(chart: ServiceChart, config: Readonly<Record<string, unknown>>): void {
  const reserved = new Set(Object.keys(KNOBS).map((name) => name.toUpperCase()));
  for (const knob of Object.keys(config)) {
    const at = `${chart.path()}/config/${knob}`;
    const removed = removedKnob(knob);
    // A prefix limits a knob to one daemon: `SCHEDD.MAX_JOBS_RUNNING`.
    const plain = knob.toUpperCase().replace(/^[A-Z_]+\./, '');
    if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(knob)) chart.problems.add(at, condorKnobName(knob));
    else if (removed) chart.problems.add(at, condorKnobRemoved(knob, removed.since, removed.successor));
    else if (reserved.has(plain) || isSecurityKnob(plain)) chart.problems.add(at, condorKnobReserved(knob));
  }
}

/** Rights and authentication are props; a knob beside them would undo what was checked. */
function isSecurityKnob(knob: string): boolean {
  return /^(?:ALLOW|DENY)_/.test(knob) || /^SEC_\w+_(?:AUTHENTICATION|ENCRYPTION|INTEGRITY)(?:_METHODS)?$/.test(knob);
}
