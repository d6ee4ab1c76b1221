import { type ServiceChart, withoutUndefined } from '../../kubernetes';
import { bytes, cores, memoryText, type NodePool, poolsOf, seconds } from '../../site';
import { withoutSlash } from './accounts';
import type { ChoiceProps, Environment, Option, OptionChoice, Size, SizeResources } from './choices';
import { type Override, override, type Vocabulary, vocabularyOf } from './override';
import type { JupyterHubProps } from './props';
import { acceleratorOf, acceleratorText, optionsIn, placementOf, type Server, serversOf, sizesIn } from './servers';
import { shareClass } from './shares';

/** What users read of a choice, who may make it, and what it changes. */
export interface Entry {
  readonly display_name: string;
  /** Groups whose members may make it; absent: everyone. Ours: the hub's program reads it, KubeSpawner never sees it. */
  readonly groups?: readonly string[];
  /** Seconds after which such a server is stopped, if that is sooner than others. Ours too. */
  readonly cull_after?: number;
  readonly kubespawner_override: Override;
}

/** One question of KubeSpawner's form. */
export interface Question {
  readonly display_name: string;
  readonly choices: Readonly<Record<string, Entry>>;
}

/** One environment in KubeSpawner's form. @see https://jupyterhub-kubespawner.readthedocs.io/en/latest/spawner.html */
export interface Profile extends Entry {
  readonly slug: string;
  readonly description?: string;
  readonly profile_options: { readonly size: Question } & Readonly<Record<string, Question>>;
}

/** What a server is before anything is chosen, and what may be chosen: in the order in which it is written. */
export interface Offer {
  readonly base: Override;
  readonly profiles: readonly Profile[];
}

export function offer(chart: ServiceChart, props: JupyterHubProps): Offer {
  const root = { image: chart.image('dask-notebook'), on: props.notebooksOn ?? props.on, volumes: props.volumes, env: props.env };
  const words = vocabularyOf(chart, [root, ...everyChoice(props).map(({ one }) => one)]);
  const entry = (path: string, one: ChoiceProps, title: string, resources?: SizeResources): Entry =>
    withoutUndefined({
      display_name: one.title ?? withCard(title, one),
      groups: one.groups?.map(withoutSlash),
      cull_after: one.cull && chart.problems.number(`${path}/cull/after`, () => seconds(one.cull?.after ?? '1h')),
      kubespawner_override: override(chart, path, one, resources, words),
    });
  const question = (one: Option): Question => ({
    display_name: one.title ?? one.name,
    choices: named(one.choices, (answer) =>
      entry(`${chart.path()}/options/${one.name}/${answer.name}`, answer, answer.name, answer.resources),
    ),
  });
  return {
    base: baseOf(chart, root, words),
    profiles: props.environments.map((environment) => ({
      ...shared(chart, environment, entry(`${chart.path()}/environments/${environment.name}`, environment, environment.name)),
      slug: environment.name,
      ...(environment.description === undefined ? {} : { description: environment.description }),
      profile_options: {
        size: {
          display_name: props.texts?.size ?? 'Size',
          choices: named(sizesIn(environment, props), (size) => entry(pathOf(chart, size), size, titleOf(chart, size), size)),
        },
        ...named(optionsIn(environment, props), question),
      },
    })),
  };
}

function baseOf(chart: ServiceChart, root: ChoiceProps, words: Vocabulary): Override {
  const { environment, ...own } = override(chart, chart.path(), root, undefined, words);
  return {
    environment: { ...words.hidden, ...environment },
    volumes: {},
    volume_mounts: {},
    tolerations: {},
    node_affinity_required: {},
    ...own,
  };
}

/** Servers of an environment with a share are counted by a quota of their own. */
function shared(chart: ServiceChart, environment: Environment, made: Entry): Entry {
  if (!environment.share) return made;
  return { ...made, kubespawner_override: { ...made.kubespawner_override, priority_class_name: shareClass(chart, environment) } };
}

/** What is scarce is told even where nobody has written a title. */
function withCard(title: string, { accelerator = 'none' }: ChoiceProps): string {
  if (accelerator === 'none') return title;
  return `${title}${title.includes(':') ? ', ' : ': '}${acceleratorText(accelerator)}`;
}

/** Servers of one kind on the same pools, as the checks must make room for them. */
export interface Demand {
  readonly what: string;
  readonly path: string;
  readonly server: Server;
  /** How many there may be at a time. @default - any number */
  readonly most: number | undefined;
  /** More of them than there are accelerators may wait for one. */
  readonly oversubscribed: boolean;
}

/** Every kind of server that somebody may start, as far as room and nodes go, once. */
export function demands(chart: ServiceChart, props: JupyterHubProps): readonly Demand[] {
  const found = new Map<string, Demand>();
  for (const server of serversOf(props)) {
    const { environment, size, answers, on } = server;
    const { share } = environment;
    // What an environment itself says of room is told with its name.
    const own =
      share?.servers !== undefined || share?.oversubscribe || (environment.accelerator ?? 'none') !== 'none' || environment.uses?.length;
    const with_ = answers.length > 0 ? ` with ${answers.join(', ')}` : '';
    const what = `notebook server '${size.name}'${own ? ` of '${environment.name}'` : ''}${with_}`;
    const accelerator = acceleratorOf(server);
    const { cpu, memory } = server.resources;
    // Two environments may give one name to different sizes.
    const key = JSON.stringify([what, poolsOf(on).map((pool) => pool?.name), cpu, memory, accelerator?.resource, accelerator?.count]);
    const limits = [share?.servers, props.activeServers].filter((one) => one !== undefined);
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

/** Images that a server on each pool may be started from: what is worth having there before. */
export function imagesByPool(chart: ServiceChart, props: JupyterHubProps): ReadonlyMap<NodePool, readonly string[]> {
  const images = new Map<NodePool, Set<string>>();
  for (const environment of props.environments) {
    for (const size of sizesIn(environment, props)) {
      const first = {
        image: size.image ?? environment.image ?? chart.image('dask-notebook'),
        on: placementOf(size) ?? placementOf(environment) ?? props.notebooksOn ?? props.on,
      };
      let servers = [first];
      for (const { choices } of optionsIn(environment, props)) {
        const next = servers.flatMap((one) =>
          choices.map((answer) => ({ image: answer.image ?? one.image, on: placementOf(answer) ?? one.on })),
        );
        servers = [...new Map(next.map((one) => [`${one.image} ${poolsOf(one.on).map(({ name }) => name)}`, one])).values()];
      }
      for (const { image, on } of servers) for (const pool of poolsOf(on)) images.set(pool, (images.get(pool) ?? new Set()).add(image));
    }
  }
  return new Map([...images].map(([pool, set]) => [pool, [...set].sort()]));
}

/** Every size that some environment offers, once. */
export function sizesOf(props: Pick<JupyterHubProps, 'environments' | 'sizes'>): readonly Size[] {
  return [...new Set(props.environments.flatMap((environment) => sizesIn(environment, props)))];
}

/** Every option that some environment offers, once. */
export function optionsOf(props: Pick<JupyterHubProps, 'environments' | 'options'>): readonly Option[] {
  return [...new Set(props.environments.flatMap((environment) => optionsIn(environment, props)))];
}

/** Everything that somebody may choose, with the place that messages name. */
export function everyChoice(
  props: Pick<JupyterHubProps, 'environments' | 'sizes' | 'options'>,
): readonly { readonly at: string; readonly one: Environment | Size | OptionChoice }[] {
  return [
    ...props.environments.map((one) => ({ at: `environments/${one.name}`, one })),
    ...sizesOf(props).map((one) => ({ at: `sizes/${one.name}`, one })),
    ...optionsOf(props).flatMap(({ name, choices }) => choices.map((one) => ({ at: `options/${name}/${one.name}`, one }))),
  ];
}

/** Where messages place a size. */
export function pathOf(chart: ServiceChart, size: Size): string {
  return `${chart.path()}/sizes/${size.name}`;
}

function titleOf(chart: ServiceChart, size: Size): string {
  const cpu = chart.problems.number(`${pathOf(chart, size)}/cpu`, () => cores(size.cpu));
  const memory = chart.problems.number(`${pathOf(chart, size)}/memory`, () => bytes(size.memory));
  return `${size.name}: ${cpu} CPU, ${memoryText(memory)}`;
}

function named<T extends { readonly name: string }, R>(entries: readonly T[], make: (entry: T) => R): Readonly<Record<string, R>> {
  return Object.fromEntries(entries.map((one) => [one.name, make(one)]));
}
