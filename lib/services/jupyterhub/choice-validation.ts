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
import { allChoices, allOptions, allSizes } from './profiles';
import type { JupyterHubProps } from './props';

/**
 * Interval in seconds at which the hub reads the last activity from the proxy. It is also the time until a restarted proxy has its routes
 * again, for which JupyterHub's default of 300 is too long.
 */
export function activityInterval({ settings }: JupyterHubProps): number {
  return Number(settings?.JupyterHub?.last_activity_interval ?? 20);
}

/** Validates environments, sizes and options, and warns of choices that no user can select. */
export function checkChoices(chart: ServiceChart, props: JupyterHubProps): void {
  const { environments, sizes, options = [] } = props;
  checkNames(chart, 'environments', environments);
  checkNames(chart, 'sizes', sizes);
  checkNames(chart, 'options', options, '', 0);
  for (const { name, sizes, options } of environments) {
    if (sizes) checkNames(chart, 'sizes', sizes, `environments/${name}/`);
    if (options) checkNames(chart, 'options', options, `environments/${name}/`, 0);
  }
  for (const { name, choices } of allOptions(props)) {
    // The hub stores the choices of options together with `profile` and `size`.
    if (['profile', 'size'].includes(name)) chart.problems.add(`${chart.path()}/options/${name}`, hubReservedOptionName(name));
    checkNames(chart, 'choices', choices, `options/${name}/`);
    for (const choice of choices) if (choice.resources) checkCpu(chart, `${chart.path()}/options/${name}/${choice.name}`, choice.resources);
  }
  for (const size of allSizes(props)) checkCpu(chart, `${chart.path()}/sizes/${size.name}`, size);
  for (const { at, choice } of allChoices(props)) if (choice.image !== undefined) chart.checkImage(`${at}/image`, choice.image);
  checkVariables(chart, props);
  checkCulling(chart, props);
  checkGroups(chart, props);
}

function checkCpu(chart: ServiceChart, path: string, { cpu, cpuLimit = cpu }: SizeResources): void {
  const request = chart.problems.number(`${path}/cpu`, () => cores(cpu));
  const limit = chart.problems.number(`${path}/cpuLimit`, () => cores(cpuLimit));
  if (limit < request) chart.problems.add(`${path}/cpuLimit`, hubCpuLimit(request, limit));
}

/** Variables of endpoints, as plain values and references to Secrets. */
function endpointVariables(uses: readonly Endpoint[] = []): Readonly<Record<string, string | SecretKey>> {
  const all = uses.flatMap((endpoint) => Object.entries(endpoint?.binding?.variables ?? {}));
  return Object.fromEntries(
    all.map(([name, value]) => [name, typeof value === 'object' && 'inNotebook' in value ? value.inNotebook : value]),
  );
}

function checkVariables(chart: ServiceChart, props: JupyterHubProps): void {
  const choices = allChoices(props).map(({ choice }) => choice.env);
  const given = [
    { ...endpointVariables(props.uses), ...props.env },
    ...props.environments.map(({ uses }) => endpointVariables(uses)),
    ...choices,
  ].flatMap((env) => Object.entries(env ?? {}));
  const texts = new Set(given.filter(([, value]) => typeof value === 'string').map(([name]) => name));
  const mixed = new Set(given.filter(([name, value]) => typeof value !== 'string' && texts.has(name)).map(([name]) => name));
  for (const name of mixed) chart.problems.add(`${chart.path()}/env`, hubConflictingVariable(name));
}

/**
 * The idle timeout of the hub applies to every server; that of a choice can only be shorter. Both must be at least three intervals at which
 * the hub reads the last activity: that value is up to one interval old, two after a failed request, and a user in a short break is not
 * idle.
 */
function checkCulling(chart: ServiceChart, props: JupyterHubProps): void {
  const { cull = {} } = props;
  if (cull === 'never') return;
  const interval = activityInterval(props);
  const timeout = (path: string, after: Duration): number => {
    const value = chart.problems.number(path, () => seconds(after));
    if (value < 3 * interval) chart.problems.add(path, hubCullTooShort(value, interval, 3 * interval));
    return value;
  };
  const general = timeout(`${chart.path()}/cull/after`, cull.after ?? '1h');
  for (const { at, choice } of allChoices(props)) {
    if (!choice.cull) continue;
    const path = `${chart.path()}/${at}/cull/after`;
    const own = timeout(path, choice.cull.after);
    if (own >= general) chart.problems.add(path, hubCullTooLong(own, general));
  }
}

function checkGroups(chart: ServiceChart, props: JupyterHubProps): void {
  const known = groupsKnownTo(props.login);
  const someKnown = (groups: readonly string[]) => groups.some((group) => known === 'any' || known.includes(group));
  for (const { at, choice } of allChoices(props)) {
    if (choice.groups && !someKnown(choice.groups)) chart.warn(hubUnknownGroups(choice.groups), `${at}/groups`);
  }
  const open = (choices: readonly { readonly groups?: readonly string[] }[]) => choices.some(({ groups }) => groups === undefined);
  const { environments, sizes } = props;
  if (environments.length > 0 && !environments.some((environment) => !environment.groups && open(environment.sizes ?? sizes))) {
    chart.warn(hubNoOpenChoice(), 'environments');
  }
}

type Kind = 'environments' | 'sizes' | 'options' | 'choices';

function checkNames(chart: ServiceChart, list: Kind, entries: readonly { readonly name: string }[], parent = '', least = 1): void {
  const path = `${chart.path()}/${parent}${list}`;
  const names = entries.map(({ name }) => name);
  if (entries.length < least) chart.problems.add(path, hubNoChoices(list));
  for (const name of names) chart.problems.attempt(`${path}/${name}`, () => checkName(name));
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index))) {
    chart.problems.add(path, hubDuplicateChoice(list, name));
  }
}
