import { type Accelerator, type Placement, poolsOf } from '../../site';
import type { ChoiceProps, Environment, Option, OptionChoice, Size, SizeResources } from './choices';
import type { JupyterHubProps } from './props';

/** An accelerator, and the path of the choice that selects it. */
export interface SelectedAccelerator {
  readonly accelerator: Accelerator;
  readonly at: string;
}

/** A notebook server that a user can start: one combination of choices, as far as resources and node pools depend on it. */
export interface Server {
  readonly environment: Environment;
  readonly size: Size;
  /** The choices of options that change resources or node pools, by name. */
  readonly choices: readonly { readonly option: string; readonly choice: string }[];
  /** Path of the last choice that changes resources or node pools. */
  readonly at: string;
  readonly resources: SizeResources;
  /** Path of the choice that sets the resources. */
  readonly resourcesAt: string;
  readonly on: Placement;
  /** Selected accelerators since the last `none`, in order. The server gets the last one; more than one is an error. */
  readonly accelerators: readonly SelectedAccelerator[];
}

/** Node pools of a choice: `on` takes precedence over the pool of its accelerator. */
export function placementOf({ on, accelerator }: Pick<ChoiceProps, 'on' | 'accelerator'>): Placement | undefined {
  return on ?? (accelerator === 'none' ? undefined : accelerator?.on);
}

/** The accelerator that a server gets. */
export function acceleratorOf({ accelerators }: Pick<Server, 'accelerators'>): Accelerator | undefined {
  return accelerators.at(-1)?.accelerator;
}

/** Text for an accelerator, in titles and messages. */
export function acceleratorText({ title, resource, count }: Accelerator): string {
  return `${count > 1 ? `${count} × ` : ''}${title ?? resource}`;
}

/** Every combination of environment, size, and one choice of each option. Combinations with equal resources and node pools occur once. */
export function serversOf(props: Pick<JupyterHubProps, 'environments' | 'sizes' | 'options' | 'on' | 'notebooksOn'>): readonly Server[] {
  return props.environments.flatMap((environment) =>
    sizesIn(environment, props).flatMap((size) => {
      const at = `sizes/${size.name}`;
      const initial = { environment, size, choices: [], at, resources: size, resourcesAt: at, accelerators: [] };
      const selected = select({ ...initial, on: props.notebooksOn ?? props.on }, environment, `environments/${environment.name}`);
      return optionsIn(environment, props).reduce<readonly Server[]>(
        (servers, option) => distinct(servers.flatMap((server) => option.choices.map((choice) => selectOption(server, option, choice)))),
        [{ ...select(selected, size, at), at }],
      );
    }),
  );
}

function selectOption(server: Server, { name }: Option, choice: OptionChoice): Server {
  const at = `options/${name}/${choice.name}`;
  const placed = select(server, choice, at);
  const sized = choice.resources ? { ...placed, resources: choice.resources, resourcesAt: at } : placed;
  if (schedulingKey(sized) === schedulingKey(server)) return server;
  return { ...sized, at, choices: [...server.choices, { option: name, choice: choice.name }] };
}

function select(server: Server, choice: ChoiceProps, at: string): Server {
  return { ...server, at, on: placementOf(choice) ?? server.on, accelerators: selectAccelerator(server.accelerators, choice, at) };
}

function selectAccelerator(
  selected: readonly SelectedAccelerator[],
  { accelerator }: ChoiceProps,
  at: string,
): readonly SelectedAccelerator[] {
  if (accelerator === undefined) return selected;
  if (accelerator === 'none') return [];
  const same = selected.some((other) => deviceKey(other.accelerator) === deviceKey(accelerator));
  return same ? selected : [...selected, { accelerator, at }];
}

/** Two accelerators are equal if a pod requests the same devices on the same nodes. */
function deviceKey({ resource, count, on }: Accelerator): string {
  return `${count} ${resource} ${on?.name}`;
}

/** Servers with equal keys are equal for the scheduler. */
function schedulingKey({ resourcesAt, on, accelerators }: Server): string {
  return [resourcesAt, ...poolsOf(on).map((pool) => pool?.name), ...accelerators.map(({ accelerator }) => deviceKey(accelerator))].join();
}

/** Of servers with equal keys, the first. */
function distinct(servers: readonly Server[]): readonly Server[] {
  return [...new Map([...servers].reverse().map((server) => [schedulingKey(server), server])).values()].reverse();
}

/** Sizes that can be selected with an environment. */
export function sizesIn(environment: Environment, props: Pick<JupyterHubProps, 'sizes'>): readonly Size[] {
  return environment.sizes ?? props.sizes;
}

/** Options that can be selected with an environment. */
export function optionsIn(environment: Environment, props: Pick<JupyterHubProps, 'options'>): readonly Option[] {
  return environment.options ?? props.options ?? [];
}
