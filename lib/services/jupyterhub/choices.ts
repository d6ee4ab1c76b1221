import type { Endpoint } from '../../endpoints';
import type { Accelerator, Cpu, Duration, Memory, Placement, SecretKey, SharedVolume } from '../../site';

/**
 * Settings of a notebook server that a choice changes. Later selections override earlier ones: first the environment, then the size, then
 * the options in their order. Environment variables and volumes are merged.
 */
export interface ChoiceProps {
  /** Title on the spawn page. @default - its name; for a size also its cores and memory */
  readonly title?: string;

  /** Groups whose members may select it. It is hidden from all other users, and denied in API requests. @default - everyone */
  readonly groups?: readonly string[];

  /**
   * Container image. It must contain `jupyterhub-singleuser`, and runs as user 1000, group 100. The major version of JupyterHub in the
   * image should be that of the hub.
   *
   * @default - that of earlier selections; initially the image `notebook` of the site
   */
  readonly image?: string;

  /** Environment variables, with literal values (braces need no escaping) or from a Secret in the hub's namespace. @default - none */
  readonly env?: Readonly<Record<string, string | SecretKey>>;

  /** Additional volumes. @default - only `volumes` of the hub */
  readonly volumes?: readonly SharedVolume[];

  /**
   * Node pools for such servers.
   *
   * @default - that of `accelerator`, otherwise those of earlier selections; initially `notebooksOn` of the hub
   */
  readonly on?: Placement;

  /**
   * GPU or other device, e.g. `gpus.slice('3g.40gb')`. `none` removes the accelerator of earlier selections; the node pools do not change.
   *
   * @default - that of earlier selections
   * @throws DUPLICATE_HUB_ACCELERATOR if it can be combined with a choice that has another accelerator
   */
  readonly accelerator?: Accelerator | 'none';

  /** Stop such servers earlier than others when they are idle, e.g. because they occupy a GPU. @default - `cull` of the hub */
  readonly cull?: {
    /** Idle time after which a server is stopped; less than `cull.after` of the hub. */
    readonly after: Duration;
  };
}

/** Requests and limits of one notebook server. */
export interface SizeResources {
  /** CPU request. */
  readonly cpu: Cpu;

  /** CPU limit. @default - the request, so that the speed does not depend on other servers of the node */
  readonly cpuLimit?: Cpu;

  /** Memory request and limit. A server that exceeds it is killed (OOMKilled). */
  readonly memory: Memory;

  /** Ephemeral storage on the node, for files outside of the home directory, e.g. of `pip install` or in `/tmp`. @default 10GiB */
  readonly disk?: Memory;
}

export interface SizeProps extends ChoiceProps, SizeResources {}

/** A size that users can select. */
export interface Size extends SizeProps {
  readonly kind: 'size';
  readonly name: string;
}

/** Creates a size. It is validated by the hub that offers it. */
export function size(name: string, props: SizeProps): Size {
  return { ...props, kind: 'size', name };
}

export interface OptionChoiceProps extends ChoiceProps {
  /** Overrides the resources of the size. @default - those of the size */
  readonly resources?: SizeResources;
}

/** One choice of an option. */
export interface OptionChoice extends OptionChoiceProps {
  readonly kind: 'choice';
  readonly name: string;
}

/** Creates a choice of an option. */
export function choice(name: string, props: OptionChoiceProps = {}): OptionChoice {
  return { ...props, kind: 'choice', name };
}

export interface OptionProps {
  /** Label on the spawn page. @default - its name */
  readonly title?: string;

  /** The choices, in the order of the spawn page. The first that a user may select is the default. */
  readonly choices: readonly OptionChoice[];
}

/** A further list on the spawn page, in addition to environment and size. */
export interface Option extends OptionProps {
  readonly kind: 'option';
  readonly name: string;
}

/** Creates an option. It is hidden from users who may not select any of its choices. */
export function option(name: string, props: OptionProps): Option {
  return { ...props, kind: 'option', name };
}

/** Quota of one environment, of all its users together. Kubernetes enforces it: pods that exceed it are rejected. */
export interface ShareProps {
  /** Maximum number of running servers of the environment. @default - no limit */
  readonly servers?: number;

  /** Maximum number of accelerators of each kind; servers without one are not counted. @default - accelerators of one server × `servers` */
  readonly accelerators?: number;

  /** Allow the shares to exceed the number of accelerators; servers then wait until one is free. @default false */
  readonly oversubscribe?: boolean;
}

/** An environment: image, endpoints, and the sizes and options that are offered with it. */
export interface EnvironmentProps extends ChoiceProps {
  /** Description below the title. @default - none */
  readonly description?: string;

  /**
   * Endpoints that servers of this environment use in addition to `uses` of the hub, e.g. a compute cluster of one group. Other servers
   * cannot connect to them.
   *
   * @default - only `uses` of the hub
   * @throws CONFLICTING_ENDPOINTS, CONFLICTING_ENDPOINT_MOUNT, UNSUPPORTED_FOREIGN_ENDPOINT
   */
  readonly uses?: readonly Endpoint[];

  /** Sizes that can be selected with it. @default - all sizes of the hub */
  readonly sizes?: readonly Size[];

  /** Options that can be selected with it. @default - all options of the hub */
  readonly options?: readonly Option[];

  /**
   * Quota of this environment.
   *
   * @default - none; `activeServers` of the hub and the capacity of the nodes still apply
   * @throws EXCEEDS_HUB_SHARES if all shares together need more accelerators than the pools have
   */
  readonly share?: ShareProps;
}

/** An environment that users can select. */
export interface Environment extends EnvironmentProps {
  readonly kind: 'environment';
  readonly name: string;
}

/** Creates an environment. It is validated by the hub that offers it. */
export function environment(name: string, props: EnvironmentProps = {}): Environment {
  return { ...props, kind: 'environment', name };
}
