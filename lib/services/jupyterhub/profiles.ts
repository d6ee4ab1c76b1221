import { type ServiceChart, withoutUndefined } from '../../kubernetes';
import { bytes, cores, memoryText, type NodePool, poolsOf, seconds } from '../../site';
import { withoutSlash } from './accounts';
import type { ChoiceProps, Environment, Option, OptionChoice, Size, SizeResources } from './choices';
import { type Override, type OverrideKeys, override, overrideKeysOf } from './override';
import type { JupyterHubProps } from './props';
import { acceleratorOf, acceleratorText, optionsIn, placementOf, type Server, serversOf, sizesIn } from './servers';
import { shareClass } from './shares';

/** One entry of KubeSpawner's form, with two fields of this library: `groups` and `cull_after`. */
export interface ProfileEntry {
  readonly display_name: string;
  /** Groups whose members may select it; without it, everyone. `jupyterhub_config.py` removes it before KubeSpawner reads the entry. */
  readonly groups?: readonly string[];
  /** Idle timeout in seconds, if it is shorter than that of the hub. `jupyterhub_config.py` removes it as well. */
  readonly cull_after?: number;
  readonly kubespawner_override: Override;
}

/** An option of a profile: a list in KubeSpawner's form. */
export interface ProfileOption {
  readonly display_name: string;
  readonly choices: Readonly<Record<string, ProfileEntry>>;
}

/** An environment, as a profile of KubeSpawner. @see https://jupyterhub-kubespawner.readthedocs.io/en/latest/spawner.html */
export interface Profile extends ProfileEntry {
  readonly slug: string;
  readonly description?: string;
  readonly profile_options: { readonly size: ProfileOption } & Readonly<Record<string, ProfileOption>>;
}

/** Settings of every server, and the profiles that override them, in the order in which they are written. */
export interface ProfileList {
  readonly base: Override;
  readonly profiles: readonly Profile[];
}

export function profileList(chart: ServiceChart, props: JupyterHubProps): ProfileList {
  const root = { image: chart.image('notebook'), on: props.notebooksOn ?? props.on, volumes: props.volumes, env: props.env };
  const keys = overrideKeysOf(chart, [root, ...allChoices(props).map(({ choice }) => choice)]);
  const entry = (path: string, choice: ChoiceProps, title: string, resources?: SizeResources): ProfileEntry =>
    withoutUndefined({
      display_name: choice.title ?? withAccelerator(title, choice),
      groups: choice.groups?.map(withoutSlash),
      cull_after: choice.cull && chart.problems.number(`${path}/cull/after`, () => seconds(choice.cull?.after ?? '1h')),
      kubespawner_override: override(chart, path, choice, resources, keys),
    });
  const profileOption = (option: Option): ProfileOption => ({
    display_name: option.title ?? option.name,
    choices: byName(option.choices, (choice) =>
      entry(`${chart.path()}/options/${option.name}/${choice.name}`, choice, choice.name, choice.resources),
    ),
  });
  return {
    base: baseOf(chart, root, keys),
    profiles: props.environments.map((environment) => ({
      ...withShareClass(chart, environment, entry(`${chart.path()}/environments/${environment.name}`, environment, environment.name)),
      slug: environment.name,
      ...(environment.description === undefined ? {} : { description: environment.description }),
      profile_options: {
        size: {
          display_name: props.texts?.size ?? 'Size',
          choices: byName(sizesIn(environment, props), (size) => entry(pathOf(chart, size), size, titleOf(chart, size), size)),
        },
        ...byName(optionsIn(environment, props), profileOption),
      },
    })),
  };
}

function baseOf(chart: ServiceChart, root: ChoiceProps, keys: OverrideKeys): Override {
  const { environment, ...own } = override(chart, chart.path(), root, undefined, keys);
  return {
    environment: { ...keys.hidden, ...environment },
    volumes: {},
    volume_mounts: {},
    tolerations: {},
    node_affinity_required: {},
    ...own,
  };
}

/** Adds the priority class that is the scope of the environment's quota. */
function withShareClass(chart: ServiceChart, environment: Environment, entry: ProfileEntry): ProfileEntry {
  if (!environment.share) return entry;
  return { ...entry, kubespawner_override: { ...entry.kubespawner_override, priority_class_name: shareClass(chart, environment) } };
}

/** Default title: it includes the accelerator. */
function withAccelerator(title: string, { accelerator = 'none' }: ChoiceProps): string {
  if (accelerator === 'none') return title;
  return `${title}${title.includes(':') ? ', ' : ': '}${acceleratorText(accelerator)}`;
}

/** Servers with equal resources and node pools, for the capacity checks. */
export interface ServerDemand {
  readonly what: string;
  readonly path: string;
  readonly server: Server;
  /** Maximum number of such servers. @default - no limit */
  readonly most: number | undefined;
  /** Whether servers may wait until an accelerator is free. */
  readonly oversubscribed: boolean;
}

/** Every notebook server that users can start, once for equal resources and node pools. */
export function serverDemands(chart: ServiceChart, props: JupyterHubProps): readonly ServerDemand[] {
  const found = new Map<string, ServerDemand>();
  for (const server of serversOf(props)) {
    const { environment, size, choices, on } = server;
    const { share } = environment;
    // The name of the environment is part of the text if the environment affects capacity.
    const named =
      share?.servers !== undefined || share?.oversubscribe || (environment.accelerator ?? 'none') !== 'none' || environment.uses?.length;
    const selection = choices.map(({ option, choice }) => `${option} '${choice}'`).join(', ');
    const what = `notebook server '${size.name}'${named ? ` of '${environment.name}'` : ''}${selection ? ` with ${selection}` : ''}`;
    const accelerator = acceleratorOf(server);
    const { cpu, memory } = server.resources;
    // Two environments may have different sizes of the same name.
    const key = JSON.stringify([what, poolsOf(on).map((pool) => pool?.name), cpu, memory, accelerator?.resource, accelerator?.count]);
    const limits = [share?.servers, props.activeServers].filter((limit) => limit !== undefined);
    if (found.has(key)) continue;
    found.set(key, {
      what,
      path: `${chart.path()}/${server.at}`,
      server,
      most: limits.length > 0 ? Math.min(...limits) : undefined,
      oversubscribed: share?.oversubscribe ?? false,
    });
  }
  return [...found.values()];
}

/** Images of the notebook servers that can run on each pool. */
export function imagesByPool(chart: ServiceChart, props: JupyterHubProps): ReadonlyMap<NodePool, readonly string[]> {
  const images = new Map<NodePool, Set<string>>();
  for (const environment of props.environments) {
    for (const size of sizesIn(environment, props)) {
      const initial = {
        image: size.image ?? environment.image ?? chart.image('notebook'),
        on: placementOf(size) ?? placementOf(environment) ?? props.notebooksOn ?? props.on,
      };
      let servers = [initial];
      for (const { choices } of optionsIn(environment, props)) {
        const next = servers.flatMap(({ image, on }) =>
          choices.map((choice) => ({ image: choice.image ?? image, on: placementOf(choice) ?? on })),
        );
        servers = [...new Map(next.map((server) => [`${server.image} ${poolsOf(server.on).map(({ name }) => name)}`, server])).values()];
      }
      for (const { image, on } of servers) for (const pool of poolsOf(on)) images.set(pool, (images.get(pool) ?? new Set()).add(image));
    }
  }
  return new Map([...images].map(([pool, set]) => [pool, [...set].sort()]));
}

/** Sizes of all environments, without duplicates. */
export function allSizes(props: Pick<JupyterHubProps, 'environments' | 'sizes'>): readonly Size[] {
  return [...new Set(props.environments.flatMap((environment) => sizesIn(environment, props)))];
}

/** Options of all environments, without duplicates. */
export function allOptions(props: Pick<JupyterHubProps, 'environments' | 'options'>): readonly Option[] {
  return [...new Set(props.environments.flatMap((environment) => optionsIn(environment, props)))];
}

/** All environments, sizes and choices of options, each with its path in messages. */
export function allChoices(
  props: Pick<JupyterHubProps, 'environments' | 'sizes' | 'options'>,
): readonly { readonly at: string; readonly choice: Environment | Size | OptionChoice }[] {
  return [
    ...props.environments.map((choice) => ({ at: `environments/${choice.name}`, choice })),
    ...allSizes(props).map((choice) => ({ at: `sizes/${choice.name}`, choice })),
    ...allOptions(props).flatMap(({ name, choices }) => choices.map((choice) => ({ at: `options/${name}/${choice.name}`, choice }))),
  ];
}

/** Path of a size in messages. */
export function pathOf(chart: ServiceChart, size: Size): string {
  return `${chart.path()}/sizes/${size.name}`;
}

function titleOf(chart: ServiceChart, size: Size): string {
  const cpu = chart.problems.number(`${pathOf(chart, size)}/cpu`, () => cores(size.cpu));
  const memory = chart.problems.number(`${pathOf(chart, size)}/memory`, () => bytes(size.memory));
  return `${size.name}: ${cpu} CPU, ${memoryText(memory)}`;
}

function byName<T extends { readonly name: string }, R>(entries: readonly T[], make: (entry: T) => R): Readonly<Record<string, R>> {
  return Object.fromEntries(entries.map((entry) => [entry.name, make(entry)]));
}
