import { type Accelerator, type Placement, poolsOf } from '../../site';
import type { ChoiceProps, Environment, Option, OptionChoice, Size, SizeResources } from './choices';
import type { JupyterHubProps } from './props';

/** An accelerator, and the choice that brought it. */
export interface Brought {
  readonly accelerator: Accelerator;
  readonly at: string;
}

/** A server that somebody may start, as far as room and nodes go. */
export interface Server {
  readonly environment: Environment;
  readonly size: Size;
  /** The answers that made a difference, e.g. `card 'one'`. */
  readonly answers: readonly string[];
  /** The same answers by their names. */
  readonly chosen: readonly { readonly option: string; readonly answer: string }[];
  /** The choice that made the last difference. */
  readonly at: string;
  readonly resources: SizeResources;
  /** The choice that says them. */
  readonly resourcesAt: string;
  readonly on: Placement;
  /** Since nothing was taken away, in the order chosen; the last is what the server has. More than one is a mistake. */
  readonly brought: readonly Brought[];
}

/** Where a choice puts a server: its own word goes before that of its accelerator. */
export function placementOf({ on, accelerator }: Pick<ChoiceProps, 'on' | 'accelerator'>): Placement | undefined {
  return on ?? (accelerator === 'none' ? undefined : accelerator?.on);
}

/** What a server has in the end. */
export function acceleratorOf({ brought }: Pick<Server, 'brought'>): Accelerator | undefined {
  return brought.at(-1)?.accelerator;
}

/** How users and messages call an accelerator. */
export function acceleratorText({ title, resource, count }: Accelerator): string {
  return `${count > 1 ? `${count} × ` : ''}${title ?? resource}`;
}

/** Every server that may be started: environment, size, and one answer to each option; those that take the same room once. */
export function serversOf(props: Pick<JupyterHubProps, 'environments' | 'sizes' | 'options' | 'on' | 'notebooksOn'>): readonly Server[] {
  return props.environments.flatMap((environment) =>
    sizesIn(environment, props).flatMap((size) => {
      const at = `sizes/${size.name}`;
      const first = { environment, size, answers: [], chosen: [], at, resources: size, resourcesAt: at, brought: [] };
      const chosen = after({ ...first, on: props.notebooksOn ?? props.on }, environment, `environments/${environment.name}`);
      return optionsIn(environment, props).reduce<readonly Server[]>(
        (servers, one) => distinct(servers.flatMap((server) => one.choices.map((answer) => answered(server, one, answer)))),
        [{ ...after(chosen, size, at), at }],
      );
    }),
  );
}

function answered(server: Server, { name }: Option, answer: OptionChoice): Server {
  const at = `options/${name}/${answer.name}`;
  const placed = after(server, answer, at);
  const sized = answer.resources ? { ...placed, resources: answer.resources, resourcesAt: at } : placed;
  if (room(sized) === room(server)) return server;
  const chosen = [...server.chosen, { option: name, answer: answer.name }];
  return { ...sized, at, answers: [...server.answers, `${name} '${answer.name}'`], chosen };
}

function after(server: Server, choice: ChoiceProps, at: string): Server {
  return { ...server, at, on: placementOf(choice) ?? server.on, brought: broughtBy(server.brought, choice, at) };
}

function broughtBy(before: readonly Brought[], { accelerator }: ChoiceProps, at: string): readonly Brought[] {
  if (accelerator === undefined) return before;
  if (accelerator === 'none') return [];
  const same = before.some((one) => deviceOf(one.accelerator) === deviceOf(accelerator));
  return same ? before : [...before, { accelerator, at }];
}

/** Two accelerators are one if a pod asks for the same of the same nodes. */
function deviceOf({ resource, count, on }: Accelerator): string {
  return `${count} ${resource} ${on?.name}`;
}

function room({ resourcesAt, on, brought }: Server): string {
  return [resourcesAt, ...poolsOf(on).map((pool) => pool?.name), ...brought.map((one) => deviceOf(one.accelerator))].join();
}

function distinct(servers: readonly Server[]): readonly Server[] {
  return [...new Map([...servers].reverse().map((one) => [room(one), one])).values()].reverse();
}

/** Sizes that are offered with an environment. */
export function sizesIn(environment: Environment, props: Pick<JupyterHubProps, 'sizes'>): readonly Size[] {
  return environment.sizes ?? props.sizes;
}

/** Options that are offered with an environment. */
export function optionsIn(environment: Environment, props: Pick<JupyterHubProps, 'options'>): readonly Option[] {
  return environment.options ?? props.options ?? [];
}
