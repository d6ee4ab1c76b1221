import type { Endpoint } from '../../endpoints';
import type { Resources, ServiceProps, Tls } from '../../kubernetes';
import type { Duration, Memory, Placement, SecretKey, SharedVolume, SharedVolumeProps, StorageClass, Target } from '../../site';
import type { ChoiceProps, Environment, Option, Size, SizeResources } from './choices';
import type { Database } from './database';
import type { Login } from './login';
import type { HubMetricsProps, HubService } from './services';

/** A persistent volume for each user, mounted at `/home/jovyan`. It is created when the user starts the first server. */
export interface HomeProps {
  /** Size of each home directory. Changing it affects only new users. @default 10GiB */
  readonly size?: Memory;

  /** @default - the default storage class of the site */
  readonly storageClass?: StorageClass;

  /** Delete the volume of a user, with all files in it, when an administrator deletes the user in the hub. @default false */
  readonly deleteWithUser?: boolean;
}

/**
 * A directory of one shared file system for each user, mounted at `/home/jovyan`. The root directory must belong to group 100 and have the
 * setgid bit (`chmod 2775`): the kubelet creates the directories of new users with the group of their parent.
 */
export interface SharedHomeProps {
  /** An existing claim in the namespace of the hub, or a new one that is part of the hub's chart. */
  readonly shared: SharedVolumeProps['from'];

  /**
   * Directory of a user, relative to the root of the volume. `{username}` is the name in a form that is safe for Kubernetes: unchanged if
   * the name consists of lower-case letters, digits and single hyphens, otherwise with a hash (`alice@example.org` becomes
   * `alice-example-org---…`). `{unescaped_username}` is the name as the login reports it, for existing directories.
   *
   * @default '{username}'
   * @throws INVALID_HUB_MOUNT_PATH without the user's name, or with `..` or a leading slash
   * @see https://jupyterhub-kubespawner.readthedocs.io/en/latest/templates.html
   */
  readonly subPath?: string;
}

/** Numeric user and group ids of the processes of a notebook server. */
export interface Account {
  /** User id, from 1. */
  readonly uid?: number;
  /** Primary group id, from 1. */
  readonly gid?: number;
  /** Supplementary group ids, e.g. of data on NFS. The ids of all entries that apply are combined. */
  readonly supplementalGroups?: readonly number[];
}

/** User and group ids of notebook servers, for file systems that check numeric ids. */
export interface AccountsProps extends Account {
  /** Ids of single users, by the user name that the login reports. */
  readonly users?: Readonly<Record<string, Account>>;
  /** Ids for members of groups. An entry in `users` takes precedence, then the first group in this order that has a `uid` or `gid`. */
  readonly groups?: Readonly<Record<string, Account>>;
}

/** Culling of idle kernels. A kernel that executes code is not idle. */
export interface CullKernelsProps {
  /** Idle time after which a kernel is shut down. @default 1h */
  readonly after?: Duration;

  /** Interval between checks of the notebook server. @default 5m */
  readonly every?: Duration;

  /** Also shut down kernels whose notebook is open in a browser. Otherwise a forgotten tab keeps kernel and server running. @default true */
  readonly connected?: boolean;
}

/** Placeholder pods, which reserve capacity for future notebook servers. */
export interface PlaceholdersProps {
  /** Number of placeholder pods. */
  readonly count: number;
  /** Resources of each placeholder, and its accelerator; a size of the hub can be used. */
  readonly size: SizeResources & Pick<ChoiceProps, 'on' | 'accelerator'>;
}

/** Texts on the pages of the hub; HTML is allowed. */
export interface Texts {
  /** At the top of every page. @default - none */
  readonly announcement?: string;

  /** On the login page. @default - `announcement` */
  readonly login?: string;

  /** On the page where users select environment and size. @default - `announcement` */
  readonly spawn?: string;

  /** On the page that lists the servers of a user. @default - `announcement` */
  readonly home?: string;

  /** Label of the list of sizes. @default Size */
  readonly size?: string;
}

/**
 * Culling of idle notebook servers. Activity is network traffic through the proxy: an open browser tab and a kernel that prints output are
 * activity, a computation without output and without an open tab is not.
 *
 * @see https://github.com/jupyterhub/jupyterhub-idle-culler
 */
export interface CullProps {
  /**
   * Idle time after which a server is stopped.
   *
   * @default 1h
   * @throws INVALID_HUB_CULL if it is less than three times the interval at which the hub updates the last activity (20 seconds)
   */
  readonly after?: Duration;

  /** Interval between checks. @default 10m */
  readonly every?: Duration;

  /** Age at which a server is stopped even if it is in use. @default - no limit */
  readonly oldest?: Duration;

  /**
   * Culling of idle kernels, so that an open browser tab does not keep a server running permanently.
   *
   * @default never
   * @see https://jupyter-server.readthedocs.io/en/latest/other/full-config.html
   */
  readonly kernels?: CullKernelsProps | 'never';
}

/** JupyterHub: a hub that starts a notebook server for each user, and a proxy in front of the hub and the servers. */
export interface JupyterHubProps extends ServiceProps {
  /** Node pools for hub and proxy. */
  readonly on: Placement;

  /** Node pools for notebook servers, unless a choice has its own (`on`, `accelerator`). @default - those of hub and proxy */
  readonly notebooksOn?: Placement;

  /** Public host name of the hub, e.g. `jupyter.example.org`. */
  readonly host: string;

  /** TLS certificate of the host name. @default - Secret `<id>-web-tls`; `npx facility bootstrap` writes a self-signed certificate until you replace it */
  readonly tls?: Tls;

  /**
   * Authentication, and the users who are allowed to log in.
   *
   * @throws MISSING_HUB_ALLOWED_USERS if no user is allowed to log in; INSECURE_HUB_DUMMY_LOGIN for `dummy()` on a site without `test: true`
   */
  readonly login: Login;

  /** Environments, in the order of the spawn page; the first is the default. */
  readonly environments: readonly Environment[];

  /** Sizes, in the order of the spawn page; the first is the default. */
  readonly sizes: readonly Size[];

  /** Further options of the spawn page, in this order. @default - none */
  readonly options?: readonly Option[];

  /** Home directories of the users. With `none`, files of users are deleted when their servers stop. @default { size: '10GiB' } */
  readonly home?: HomeProps | SharedHomeProps | 'none';

  /**
   * User and group ids of notebook servers. Home volumes (`home: { size }`) get the primary group (`fsGroup`); the ownership of files on
   * other volumes is not changed.
   *
   * @default { uid: 1000, gid: 100 }
   * @throws INVALID_HUB_ACCOUNT for an id that is not a whole number from 1 to 4294967294
   */
  readonly accounts?: AccountsProps;

  /** Volumes that are mounted in every notebook server. @default - none */
  readonly volumes?: readonly SharedVolume[];

  /**
   * Endpoints that every notebook server uses, e.g. `[store.endpoint, cluster.endpoint]`. Addresses and credentials are set as environment
   * variables; pages such as a dashboard are opened through the notebook server (jupyter-server-proxy).
   *
   * @default - none
   * @throws CONFLICTING_ENDPOINTS, CONFLICTING_ENDPOINT_MOUNT, UNSUPPORTED_FOREIGN_ENDPOINT; CONFLICTING_HUB_IDENTITY if an endpoint
   * authenticates the users of another hub
   */
  readonly uses?: readonly Endpoint[];

  /** Environment variables of every notebook server; they override those of `uses`. @default - only those of `uses` */
  readonly env?: Readonly<Record<string, string | SecretKey>>;

  /** Allow notebook servers to connect to the public Internet. Private addresses and the metadata service stay blocked. @default true */
  readonly internet?: boolean;

  /**
   * Further destinations that notebook servers may connect to, e.g. a license server.
   *
   * @default - none
   * @throws INSECURE_HUB_REACH for the metadata service of the cloud or the API server
   * @example [{ peer: { kind: 'addresses', cidrs: ['10.0.7.11/32'] }, port: 27000 }]
   */
  readonly reach?: readonly Target[];

  /** Number of named servers that each user may have in addition to the default server. Each has its own home volume. @default 0 */
  readonly namedServers?: number;

  /** Maximum number of running servers of all users. @default - as many as fit on the nodes */
  readonly activeServers?: number;

  /** Maximum number of servers that start at the same time; further users are asked to try again. @default 64 */
  readonly concurrentStarts?: number;

  /** Maximum time until a new server responds. The first start on a node pulls an image of several GiB. @default 10m */
  readonly startTimeout?: Duration;

  /** Culling of idle servers. @default { after: '1h', every: '10m' } */
  readonly cull?: CullProps | 'never';

  /** Database for users, servers and tokens: SQLite on a volume, or PostgreSQL, e.g. `externalPostgresql({ … })`. @default { size: '1GiB' } */
  readonly database?: Database;

  /**
   * Pull the images of all choices in advance, on the nodes of the pools where they are used. Each image needs `/bin/sh`.
   *
   * @default false
   */
  readonly pullImages?: boolean;

  /** Placeholder pods, which reserve capacity for future notebook servers. @default - none */
  readonly placeholders?: PlaceholdersProps;

  /** Programs that call the API of the hub with a token of their own. @default - none, apart from the idle culler */
  readonly services?: readonly HubService[];

  /** Access to `/hub/metrics`. @default - nobody */
  readonly metrics?: HubMetricsProps;

  /** Texts on the pages of the hub. @default - those of JupyterHub */
  readonly texts?: Texts;

  /** Resources of the hub. @default { cpu: '250m', cpuLimit: 2, memory: '1GiB' } */
  readonly hub?: Resources;

  /** Resources of the proxy, which carries all traffic of the notebooks. @default { cpu: '250m', cpuLimit: 1, memory: '512MiB' } */
  readonly proxy?: Resources;

  /**
   * Additional settings of the hub's configuration, by class, e.g. `{ JupyterHub: { admin_access: false } }`. They are applied last:
   * objects are merged with those of the library, lists are extended (entries with a `name` are merged by name), other values
   * replace them.
   *
   * @default - none
   * @throws RESERVED_HUB_SETTING for a setting that has a prop or that the library manages
   * @see https://jupyterhub.readthedocs.io/en/stable/reference/config-reference.html
   */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
