import type { Endpoint } from '../../endpoints';
import type { Resources, ServiceProps, Tls } from '../../kubernetes';
import type { Duration, Memory, Placement, SecretKey, StorageClass, Target } from '../../site';
import type { ChoiceProps, Environment, Option, Size, SizeResources } from './choices';
import type { Database } from './database';
import type { Login } from './login';
import type { HubMetricsProps, HubService } from './services';
import type { SharedVolume, SharedVolumeProps } from './volumes';

/** One volume for each user, mounted at `/home/jovyan`; it is made at the first start. */
export interface HomeProps {
  /** Size of each home; enlarging it changes the homes of new users alone. @default 10GiB */
  readonly size?: Memory;

  /** @default - the default class of the site */
  readonly storageClass?: StorageClass;

  /** Whether an administrator who deletes a user in the hub deletes the home with everything in it. @default false */
  readonly deleteWithUser?: boolean;
}

/**
 * A folder of one shared file system for each user, mounted at `/home/jovyan`. Its root must belong to group 100 and pass that on
 * (`chmod 2775`): the kubelet makes the folders of new users after it.
 */
export interface SharedHomeProps {
  /** A claim that is in the hub's namespace already, or one that the hub's chart makes. */
  readonly shared: SharedVolumeProps['from'];

  /**
   * Folder of a user. `{username}` is the name in a form that is safe for Kubernetes: unchanged for names of lower-case letters, digits and
   * single hyphens, otherwise with a hash (`alice@example.org` becomes `alice-example-org---…`). `{unescaped_username}` is the
   * name as the login reports it, for folders that exist under real names.
   *
   * @default '{username}'
   * @throws INVALID_HUB_MOUNT_PATH without the user's name, or with `..` or a leading slash
   * @see https://jupyterhub-kubespawner.readthedocs.io/en/latest/templates.html
   */
  readonly subPath?: string;
}

/** User and groups that the processes of a notebook server run as, as numbers. */
export interface Account {
  /** User id, from 1. */
  readonly uid?: number;
  /** Primary group id, from 1. */
  readonly gid?: number;
  /** Ids of further groups, e.g. of data on NFS. The groups of all entries that apply are added up. */
  readonly supplementalGroups?: readonly number[];
}

/** Ids of the users of a hub, for file systems that know users by number. */
export interface AccountsProps extends Account {
  /** Ids of single users, by the name that the login reports. */
  readonly users?: Readonly<Record<string, Account>>;
  /** Ids of the members of groups. Of several groups with a `uid` or `gid`, the first in this order counts, after the user's own. */
  readonly groups?: Readonly<Record<string, Account>>;
}

/** When kernels are ended that nobody uses. A kernel that computes is spared; a notebook that is merely open is not. */
export interface CullKernelsProps {
  /** How long a kernel may do nothing. @default 1h */
  readonly after?: Duration;

  /** How often the notebook server looks. @default 5m */
  readonly every?: Duration;

  /** Whether kernels end whose notebook is open in a browser: else a forgotten tab keeps kernel and server for ever. @default true */
  readonly connected?: boolean;
}

/** Room that is kept for servers to come. */
export interface PlaceholdersProps {
  /** How many servers' room is kept. */
  readonly count: number;
  /** Room of each, with its accelerator; a size serves. */
  readonly size: SizeResources & Pick<ChoiceProps, 'on' | 'accelerator'>;
}

/** Texts that users read; HTML is allowed. */
export interface Texts {
  /** On top of every page. @default - none */
  readonly announcement?: string;

  /** On the page of the login. @default - `announcement` */
  readonly login?: string;

  /** On the page where environment and size are chosen. @default - `announcement` */
  readonly spawn?: string;

  /** On the page of one's servers. @default - `announcement` */
  readonly home?: string;

  /** Heading of the sizes. @default Size */
  readonly size?: string;
}

/**
 * When servers are stopped that nobody uses. Use is traffic: an open browser tab or a kernel that prints counts, a silent
 * computation without a tab does not.
 *
 * @see https://github.com/jupyterhub/jupyterhub-idle-culler
 */
export interface CullProps {
  /**
   * How long nothing may happen.
   *
   * @default 1h
   * @throws INVALID_HUB_CULL if it is less than three times the 20 seconds after which the hub asks the proxy again who is active
   */
  readonly after?: Duration;

  /** How often the hub looks. @default 10m */
  readonly every?: Duration;

  /** Age at which a server is stopped even if it is in use. @default - any */
  readonly oldest?: Duration;

  /**
   * When kernels are ended before, so that an open tab does not keep a server for ever.
   *
   * @default never
   * @see https://jupyter-server.readthedocs.io/en/latest/other/full-config.html
   */
  readonly kernels?: CullKernelsProps | 'never';
}

/** Notebook servers for many users: a hub that starts them, and a proxy in front of hub and servers. */
export interface JupyterHubProps extends ServiceProps {
  /** Pools whose nodes run hub and proxy. */
  readonly on: Placement;

  /** Pools whose nodes run notebook servers, for choices that bring none (`on`, `accelerator`). @default - those of hub and proxy */
  readonly notebooksOn?: Placement;

  /** Host name under which users find the hub, e.g. `jupyter.example.org`. */
  readonly host: string;

  /** Certificate of the host name. @default - Secret `<id>-web-tls`, self-signed by `facility bootstrap` until a real one takes its place */
  readonly tls?: Tls;

  /**
   * How users say who they are, and who of them is let in.
   *
   * @throws MISSING_HUB_ALLOWED_USERS if no rule admits anybody, INSECURE_HUB_DUMMY_LOGIN outside of test sites
   */
  readonly login: Login;

  /** What users choose from first, in this order; the first is chosen unless they say otherwise. */
  readonly environments: readonly Environment[];

  /** What users choose from then, in this order. */
  readonly sizes: readonly Size[];

  /** What users choose beside environment and size, in this order. @default - nothing */
  readonly options?: readonly Option[];

  /** Homes of the users; `none`: what they write goes when their server stops. @default { size: '10GiB' } */
  readonly home?: HomeProps | SharedHomeProps | 'none';

  /**
   * User and group ids of notebook servers. Files of own homes belong to the primary group; volumes are never re-grouped otherwise.
   *
   * @default { uid: 1000, gid: 100 }
   * @throws INVALID_HUB_ACCOUNT for an id that is not a whole number from 1 to 4294967294
   */
  readonly accounts?: AccountsProps;

  /** Volumes that every notebook has. @default - none */
  readonly volumes?: readonly SharedVolume[];

  /**
   * What every notebook connects to, e.g. `[store.endpoint, dask.endpoint]`: it finds addresses and keys in its environment, and shows
   * pages such as a dashboard through its own server.
   *
   * @default - nothing
   * @throws CONFLICTING_ENDPOINTS, CONFLICTING_ENDPOINT_MOUNT, UNSUPPORTED_FOREIGN_ENDPOINT; CONFLICTING_HUB_IDENTITY if an endpoint
   * recognizes the users of another hub
   */
  readonly uses?: readonly Endpoint[];

  /** Environment variables of every notebook; they override those of `uses`. @default - those of `uses` alone */
  readonly env?: Readonly<Record<string, string | SecretKey>>;

  /** Whether notebooks reach the public Internet; private addresses and the metadata service stay closed. @default true */
  readonly internet?: boolean;

  /**
   * Further servers that notebooks may open connections to, e.g. one that hands out licences.
   *
   * @default - none
   * @throws INSECURE_HUB_REACH if it would open the metadata service of the cloud or the API server to users
   * @example [{ peer: { kind: 'addresses', cidrs: ['10.0.7.11/32'] }, port: 27000 }]
   */
  readonly reach?: readonly Target[];

  /** Servers that each user may have beside the first, under names of their own, with homes of their own. @default 0 */
  readonly namedServers?: number;

  /** Servers that may run at a time. @default - as many as the nodes hold */
  readonly activeServers?: number;

  /** Servers that may be starting at a time; further users are asked to try again. @default 64 */
  readonly concurrentStarts?: number;

  /** How long a server may take until it answers; the first start on a node pulls an image of some GiB. @default 10m */
  readonly startTimeout?: Duration;

  /** When unused servers are stopped. @default { after: '1h', every: '10m' } */
  readonly cull?: CullProps | 'never';

  /** Where users, servers and tokens are kept: SQLite on a volume, or PostgreSQL, e.g. `externalPostgresql({ … })`. @default { size: '1GiB' } */
  readonly database?: Database;

  /**
   * Have the images of all choices on the nodes before somebody needs them, on the pools where they are used. Each needs `/bin/sh`.
   *
   * @default false
   */
  readonly pullImages?: boolean;

  /** Room that is kept for servers to come. @default - none */
  readonly placeholders?: PlaceholdersProps;

  /** Programs that ask the hub's API. @default - none beside the culler */
  readonly services?: readonly HubService[];

  /** Who reads `/hub/metrics`. @default - nobody */
  readonly metrics?: HubMetricsProps;

  /** Texts that users read. @default - those of JupyterHub */
  readonly texts?: Texts;

  /** Resources of the hub. @default { cpu: '250m', cpuLimit: 2, memory: '1GiB' } */
  readonly hub?: Resources;

  /** Resources of the proxy, which all traffic of notebooks passes. @default { cpu: '250m', cpuLimit: 1, memory: '512MiB' } */
  readonly proxy?: Resources;

  /**
   * For the hub's configuration what `patch` is for its objects: settings by class, applied last, e.g.
   * `{ JupyterHub: { admin_access: false } }`. Maps are merged with those of the library, lists are extended (roles, services, volumes by
   * their name), other values replace them.
   *
   * @default - none
   * @throws RESERVED_HUB_SETTING for a setting that has a prop, or without which the hub does not work
   * @see https://jupyterhub.readthedocs.io/en/stable/reference/config-reference.html
   */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
