import type { Endpoint } from '../../endpoints';
import type { ServiceChart } from '../../kubernetes';
import { checkName, cores, type Duration, type SecretKey, seconds } from '../../site';
import type { SizeResources } from './choices';
import { groupsKnownTo } from './login';
import {
  hubConflictingVariable,
  hubCpuLimit,
  hubCullTooLong,
  hubCullTooShort,
  hubDuplicateChoice,
  hubNoChoices,
  hubNoOpenChoice,
  hubReservedOptionName,
  hubUnknownGroups,
} from './messages';
import { everyChoice, optionsOf, sizesOf } from './profiles';
import type { JupyterHubProps } from './props';

/**
 * Seconds between two times that the hub asks the proxy who is active. JupyterHub's own 300 would also be how long a proxy that was
 * restarted knows no servers.
 */
export function activityInterval({ settings }: JupyterHubProps): number {
  return Number(settings?.JupyterHub?.last_activity_interval ?? 20);
}

/** Records what is wrong with environments, sizes and options, and warns of what nobody may choose. */
export function checkChoices(chart: ServiceChart, props: JupyterHubProps): void {
  const { environments, sizes, options = [] } = props;
  checkNames(chart, 'environments', environments);
  checkNames(chart, 'sizes', sizes);
  checkNames(chart, 'options', options, '', 0);
  for (const one of environments) {
    if (one.sizes) checkNames(chart, 'sizes', one.sizes, `environments/${one.name}/`);
    if (one.options) checkNames(chart, 'options', one.options, `environments/${one.name}/`, 0);
  }
  for (const { name, choices } of optionsOf(props)) {
    // The hub keeps the answers beside the name of the profile and the size.
    if (['profile', 'size'].includes(name)) chart.problems.add(`${chart.path()}/options/${name}`, hubReservedOptionName(name));
    checkNames(chart, 'choices', choices, `options/${name}/`);
    for (const one of choices) if (one.resources) checkCpu(chart, `${chart.path()}/options/${name}/${one.name}`, one.resources);
  }
  for (const size of sizesOf(props)) checkCpu(chart, `${chart.path()}/sizes/${size.name}`, size);
  for (const { at, one } of everyChoice(props)) if (one.image !== undefined) chart.checkImage(`${at}/image`, one.image);
  checkVariables(chart, props);
  checkCulling(chart, props);
  warnOfGroups(chart, props);
}

function checkCpu(chart: ServiceChart, path: string, { cpu, cpuLimit = cpu }: SizeResources): void {
  const kept = chart.problems.number(`${path}/cpu`, () => cores(cpu));
  const limit = chart.problems.number(`${path}/cpuLimit`, () => cores(cpuLimit));
  if (limit < kept) chart.problems.add(`${path}/cpuLimit`, hubCpuLimit(kept, limit));
}

/** Variables of endpoints, as texts and references to Secrets. */
function bound(uses: readonly Endpoint[] = []): Readonly<Record<string, string | SecretKey>> {
  const all = uses.flatMap((one) => Object.entries(one?.binding?.variables ?? {}));
  return Object.fromEntries(
    all.map(([name, value]) => [name, typeof value === 'object' && 'inNotebook' in value ? value.inNotebook : value]),
  );
}

function checkVariables(chart: ServiceChart, props: JupyterHubProps): void {
  const choices = everyChoice(props).map(({ one }) => one.env);
  const given = [{ ...bound(props.uses), ...props.env }, ...props.environments.map(({ uses }) => bound(uses)), ...choices].flatMap((env) =>
    Object.entries(env ?? {}),
  );
  const texts = new Set(given.filter(([, value]) => typeof value === 'string').map(([name]) => name));
  const mixed = new Set(given.filter(([name, value]) => typeof value !== 'string' && texts.has(name)).map(([name]) => name));
  for (const name of mixed) chart.problems.add(`${chart.path()}/env`, hubConflictingVariable(name));
}

/**
 * The hub's own rule stops every server; a choice can be stricter, not milder. Both see a use only when the hub has asked the proxy
 * for it: the last one may be an interval old, two if the proxy did not answer once, and a user may pause between two answers.
 */
function checkCulling(chart: ServiceChart, props: JupyterHubProps): void {
  const { cull = {} } = props;
  if (cull === 'never') return;
  const interval = activityInterval(props);
  const span = (path: string, after: Duration): number => {
    const found = chart.problems.number(path, () => seconds(after));
    if (found < 3 * interval) chart.problems.add(path, hubCullTooShort(found, interval, 3 * interval));
    return found;
  };
  const general = span(`${chart.path()}/cull/after`, cull.after ?? '1h');
  for (const { at, one } of everyChoice(props)) {
    if (!one.cull) continue;
    const path = `${chart.path()}/${at}/cull/after`;
    const own = span(path, one.cull.after);
    if (own >= general) chart.problems.add(path, hubCullTooLong(own, general));
  }
}

function warnOfGroups(chart: ServiceChart, props: JupyterHubProps): void {
  const known = groupsKnownTo(props.login);
  const somebody = (groups: readonly string[]) => groups.some((one) => known === 'any' || known.includes(one));
  for (const { at, one } of everyChoice(props)) {
    if (one.groups && !somebody(one.groups)) chart.warn(hubUnknownGroups(one.groups), `${at}/groups`);
  }
  const open = (choices: readonly { readonly groups?: readonly string[] }[]) => choices.some(({ groups }) => groups === undefined);
  const { environments, sizes } = props;
  if (environments.length > 0 && !environments.some((one) => !one.groups && open(one.sizes ?? sizes))) {
    chart.warn(hubNoOpenChoice(), 'environments');
  }
}

type Kind = 'environments' | 'sizes' | 'options' | 'choices';

function checkNames(chart: ServiceChart, what: Kind, entries: readonly { readonly name: string }[], of = '', least = 1): void {
  const path = `${chart.path()}/${of}${what}`;
  const names = entries.map(({ name }) => name);
  if (entries.length < least) chart.problems.add(path, hubNoChoices(what));
  for (const name of names) chart.problems.attempt(`${path}/${name}`, () => checkName(name));
  for (const name of new Set(names.filter((one, index) => names.indexOf(one) !== index))) {
    chart.problems.add(path, hubDuplicateChoice(what, name));
  }
}
