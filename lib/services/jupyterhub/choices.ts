import type { Endpoint } from '../../endpoints';
import type { Accelerator, Cpu, Duration, Memory, Placement, SecretKey } from '../../site';
import type { SharedVolume } from './volumes';

/**
 * What a choice changes in a notebook server. What is chosen later wins: the environment, then the size, then the options in
 * their order; environment variables and volumes add up.
 */
export interface ChoiceProps {
  /** How users read it. @default - its name; of a size, its cores and memory too */
  readonly title?: string;

  /** Who may choose it: members of any of these groups. It is hidden from all others, and refused to them. @default - everyone */
  readonly groups?: readonly string[];

  /**
   * Image with `jupyterhub-singleuser` in its path, run as user 1000, group 100. JupyterHub inside and outside should have
   * the same first number.
   *
   * @default - what was chosen before, at first the image `dask-notebook` of the site
   */
  readonly image?: string;

  /** Environment variables, as they are (braces need no care), or from a Secret of the hub's namespace. @default - none */
  readonly env?: Readonly<Record<string, string | SecretKey>>;

  /** Volumes that come with it. @default - those of every notebook alone */
  readonly volumes?: readonly SharedVolume[];

  /**
   * Pools whose nodes run such servers.
   *
   * @default - those of its `accelerator`, else what was chosen before, at first `notebooksOn` of the hub
   */
  readonly on?: Placement;

  /**
   * What computes beside the processors, e.g. `gpus.slice('3g.40gb')`; `none` takes away what was chosen before, and leaves the server
   * where it is.
   *
   * @default - what was chosen before
   * @throws DUPLICATE_HUB_ACCELERATOR if some other choice that goes with it brings another one
   */
  readonly accelerator?: Accelerator | 'none';

  /** Stop such servers sooner than others: what is scarce should not wait for its user. @default - as `cull` of the hub */
  readonly cull?: {
    /** How long nothing may happen; less than `cull.after` of the hub. */
    readonly after: Duration;
  };
}

/** What one notebook server may use. What is kept for it is kept whether it computes or not. */
export interface SizeResources {
  /** Cores that are kept for the server. */
  readonly cpu: Cpu;

  /** Cores that it may take while others leave them. @default - no more than are kept: a notebook is as fast today as tomorrow */
  readonly cpuLimit?: Cpu;

  /** Memory that is kept for the server, and at which the kernel ends it. */
  readonly memory: Memory;

  /** Disk of the node for what is written outside the home folder, e.g. by `pip install` or into `/tmp`. @default 10GiB */
  readonly disk?: Memory;
}

export interface SizeProps extends ChoiceProps, SizeResources {}

/** A size that users may choose. */
export interface Size extends SizeProps {
  readonly kind: 'size';
  readonly name: string;
}

/** Describes a size. What is wrong with it is told by the hub that offers it. */
export function size(name: string, props: SizeProps): Size {
  return { ...props, kind: 'size', name };
}

export interface OptionChoiceProps extends ChoiceProps {
  /** Takes the place of what the size says. @default - the size's */
  readonly resources?: SizeResources;
}

/** One answer to the question that an option asks. */
export interface OptionChoice extends OptionChoiceProps {
  readonly kind: 'choice';
  readonly name: string;
}

/** Describes an answer. */
export function choice(name: string, props: OptionChoiceProps = {}): OptionChoice {
  return { ...props, kind: 'choice', name };
}

export interface OptionProps {
  /** The question, as users read it. @default - its name */
  readonly title?: string;

  /** The answers, in this order; the first that a user may give is given unless they say otherwise. */
  readonly choices: readonly OptionChoice[];
}

/** Something that users choose beside environment and size. */
export interface Option extends OptionProps {
  readonly kind: 'option';
  readonly name: string;
}

/** Describes an option. Whoever may give none of its answers is not asked. */
export function option(name: string, props: OptionProps): Option {
  return { ...props, kind: 'option', name };
}

/** How much of a hub is for the users of one environment. Kubernetes enforces it: the pod of whoever comes too late is refused. */
export interface ShareProps {
  /** Most servers of the environment at a time, of all users together. @default - any number */
  readonly servers?: number;

  /** Most accelerators of each kind that these servers have at a time; servers without one are not counted. @default - one server's times `servers` */
  readonly accelerators?: number;

  /** Whether the servers may ask for more accelerators than there are: who comes too late then waits until one is free. @default false */
  readonly oversubscribe?: boolean;
}

/** What is installed where users work. */
export interface EnvironmentProps extends ChoiceProps {
  /** A sentence below the title. @default - none */
  readonly description?: string;

  /**
   * What servers of this environment connect to beside `uses` of the hub, e.g. a Dask cluster that only one group works with. No other
   * server may connect to it.
   *
   * @default - `uses` of the hub alone
   * @throws CONFLICTING_ENDPOINTS, CONFLICTING_ENDPOINT_MOUNT, UNSUPPORTED_FOREIGN_ENDPOINT
   */
  readonly uses?: readonly Endpoint[];

  /** Sizes that are offered with it. @default - all sizes of the hub */
  readonly sizes?: readonly Size[];

  /** Options that are offered with it. @default - all options of the hub */
  readonly options?: readonly Option[];

  /**
   * Most servers of this environment at a time.
   *
   * @default - as many as `activeServers` of the hub and the nodes allow
   * @throws EXCEEDS_HUB_SHARES if all shares together need more of an accelerator than the pools have
   */
  readonly share?: ShareProps;
}

/** An environment that users may choose. */
export interface Environment extends EnvironmentProps {
  readonly kind: 'environment';
  readonly name: string;
}

/** Describes an environment. What is wrong with it is told by the hub that offers it. */
export function environment(name: string, props: EnvironmentProps = {}): Environment {
  return { ...props, kind: 'environment', name };
}
