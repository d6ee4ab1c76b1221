import type { Resources, ServiceProps, Tls } from '../../kubernetes';
import type { Cpu, DaskEndpoint, Duration, Memory, Placement, S3Endpoint, SecretKey, StorageClass, VolumeRequest } from '../../site';
import type { Login } from './login';

/** What one notebook server may use. What is kept for it is kept whether it computes or not. */
export interface SizeProps {
  /** How users read it. @default - its name, cores and memory */
  readonly title?: string;

  /** Cores that are kept for the server. */
  readonly cpu: Cpu;

  /** Cores that it may take while others leave them. @default - no more than are kept: a notebook is as fast today as tomorrow */
  readonly cpuLimit?: Cpu;

  /** Memory that is kept for the server, and at which the kernel ends it. */
  readonly memory: Memory;

  /** Disk of the node for what is written outside the home folder, e.g. by `pip install` or into `/tmp`. @default 10GiB */
  readonly disk?: Memory;

  /** Pools whose nodes run servers of this size. @default - `notebooksOn` of the hub */
  readonly on?: Placement;
}

/** A size that users may choose. */
export interface Size extends SizeProps {
  readonly kind: 'size';
  readonly name: string;
}

/** Describes a size. What is wrong with it is told by the hub that offers it. */
export function size(name: string, props: SizeProps): Size {
  return { ...props, kind: 'size', name };
}

/** What is installed where users work. */
export interface EnvironmentProps {
  /** How users read it. @default - its name */
  readonly title?: string;

  /** A sentence below the title. @default - none */
  readonly description?: string;

  /**
   * Image with `jupyterhub-singleuser` in its path, run as user 1000, group 100. JupyterHub inside and outside should have
   * the same first number.
   *
   * @default - image `dask-notebook` of the site
   */
  readonly image?: string;

  /** Environment variables, as they are (braces need no care), or from a Secret of the hub's namespace. @default - none */
  readonly env?: Readonly<Record<string, string | SecretKey>>;

  /** Sizes that are offered with it. @default - all sizes of the hub */
  readonly sizes?: readonly Size[];
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
 * When servers are stopped that nobody uses. Use is traffic: an open browser tab or a kernel that prints counts, a silent
 * computation without a tab does not.
 *
 * @see https://github.com/jupyterhub/jupyterhub-idle-culler
 */
export interface CullProps {
  /** How long nothing may happen. @default 1h */
  readonly after?: Duration;

  /** How often the hub looks. @default 10m */
  readonly every?: Duration;

  /** Age at which a server is stopped even if it is in use. @default - any */
  readonly oldest?: Duration;
}

/** Notebook servers for many users: a hub that starts them, and a proxy in front of hub and servers. */
export interface JupyterHubProps extends ServiceProps {
  /** Pools whose nodes run hub and proxy. */
  readonly on: Placement;

  /** Pools whose nodes run notebook servers, for sizes that name none. @default - those of hub and proxy */
  readonly notebooksOn?: Placement;

  /** Host name under which users find the hub, e.g. `jupyter.example.org`. */
  readonly host: string;

  /** Certificate of the host name. @default - Secret `<id>-web-tls`, self-signed by `facility bootstrap` until a real one takes its place */
  readonly tls?: Tls;

  /**
   * How users say who they are, and who of them is let in.
   *
   * @throws HUB_NOBODY_MAY_LOG_IN if no rule admits anybody, HUB_DUMMY_LOGIN outside of test sites
   */
  readonly login: Login;

  /** What users choose from first, in this order; the first is chosen unless they say otherwise. */
  readonly environments: readonly Environment[];

  /** What users choose from then, in this order. */
  readonly sizes: readonly Size[];

  /** Homes of the users; `none`: what they write goes when their server stops. @default { size: '10GiB' } */
  readonly home?: HomeProps | 'none';

  /** Object store whose address, keys and bucket every notebook finds in its environment. @default - none */
  readonly s3?: S3Endpoint;

  /** Dask cluster that `dask.distributed.Client()` connects to in every notebook. @default - none */
  readonly dask?: DaskEndpoint;

  /** Environment variables of every notebook. @default - those of `s3` and `dask` alone */
  readonly env?: Readonly<Record<string, string | SecretKey>>;

  /** Whether notebooks reach the public Internet; private addresses and the metadata service stay closed. @default true */
  readonly internet?: boolean;

  /** Servers that may run at a time. @default - as many as the nodes hold */
  readonly activeServers?: number;

  /** Servers that may be starting at a time; further users are asked to try again. @default 64 */
  readonly concurrentStarts?: number;

  /** How long a server may take until it answers; the first start on a node pulls an image of some GiB. @default 10m */
  readonly startTimeout?: Duration;

  /** When unused servers are stopped. @default { after: '1h', every: '10m' } */
  readonly cull?: CullProps | 'never';

  /** Volume of the hub's database (SQLite): users, servers, tokens. @default { size: '1GiB' } */
  readonly database?: VolumeRequest;

  /** Resources of the hub. @default { cpu: '250m', cpuLimit: 2, memory: '1GiB' } */
  readonly hub?: Resources;

  /** Resources of the proxy, which all traffic of notebooks passes. @default { cpu: '250m', cpuLimit: 1, memory: '512MiB' } */
  readonly proxy?: Resources;

  /**
   * For the hub's configuration what `patch` is for its objects: settings by class, applied last, e.g.
   * `{ JupyterHub: { admin_access: false } }`.
   *
   * @default - none
   * @see https://jupyterhub.readthedocs.io/en/stable/reference/config-reference.html
   */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
