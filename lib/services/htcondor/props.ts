import type { Resources, ServiceProps } from '../../kubernetes';
import type { Duration, Memory, Placement, PodPeer, SharedVolume, VolumeRequest } from '../../site';
import type { Addressing } from './addressing-props';
import type { HTCondorEndpoint } from './endpoint';
import type { ExecuteProps } from './execute-props';
import type { CondorSecurityProps, JobCredentialsProps } from './security-props';

/** Collector and negotiator. */
export interface ManagerProps {
  /** Pools whose nodes run the managers. @default - those of the pool */
  readonly on?: Placement;
  /**
   * 2 for high availability: both collect, one negotiates, and the priorities of users are replicated.
   *
   * @default 1
   * @throws INVALID_CONDOR_MANAGERS
   */
  readonly count?: 1 | 2;
  /** @default inCluster() */
  readonly addressing?: Addressing;
  /** Volume with the priorities of users; without it, every restart forgets them. @default { size: '5GiB' } */
  readonly spool?: VolumeRequest;
  /** @default { cpu: '500m', memory: '1GiB' } */
  readonly resources?: Resources;
  /** Time between two matching cycles. @default 60s */
  readonly negotiatorInterval?: Duration;
}

/** Limits of one access point. */
export interface QueueLimits {
  /** Running jobs; each has a condor_shadow of about 1 MiB. @default 2000 */
  readonly running?: number;
  /** Jobs in the queue. @default 50000 */
  readonly submitted?: number;
  /** Jobs of one user in the queue. @default - those of the queue */
  readonly perUser?: number;
  /** Simultaneous transfers in each direction. @default 100 */
  readonly transfers?: number;
  /** Input files of one job. @default - unlimited */
  readonly input?: Memory;
  /** Output files of one job. @default - unlimited */
  readonly output?: Memory;
}

/** A schedd with its job queue. It is never replicated: the queue belongs to one process. */
export interface AccessPointProps {
  /** Pools whose nodes run it. @default - those of the pool */
  readonly on?: Placement;
  /** @default inCluster() */
  readonly addressing?: Addressing;
  /**
   * Volume of the job queue and of spooled files; `temporary` loses the queue with the pod.
   *
   * @default - 20 GiB of the default storage class of the site
   * @throws MISSING_CONDOR_SPOOL where the site has no default storage class
   */
  readonly spool?: VolumeRequest | 'temporary';
  /**
   * Users and their user ids. Files in the spool belong to them.
   *
   * One user: the pod runs as this user, without any privilege. Several: it starts as root with six capabilities.
   *
   * @default { submit: 1001 }, to whom the files of all users belong; users submit remotely
   * @throws INVALID_CONDOR_USER
   */
  readonly users?: Readonly<Record<string, number>>;
  /** Tenant to which all jobs of this access point belong. @default - the tenant of the user */
  readonly tenant?: string;
  /** @default { running: 2000, submitted: 50000, transfers: 100 } */
  readonly limits?: QueueLimits;
  /** How long jobs run on while the access point is gone. A restart must be faster. @default 40m */
  readonly jobLease?: Duration;
  /** Volumes that users see in the pod, e.g. home directories. @default - none */
  readonly volumes?: readonly SharedVolume[];
  /** Tokens that jobs get. @default - none */
  readonly credentials?: JobCredentialsProps;
  /** @default { cpu: 1, memory: '4GiB' } */
  readonly resources?: Resources;
  /**
   * Only 1 is possible.
   *
   * @default 1
   * @throws UNSUPPORTED_CONDOR_REPLICAS
   */
  readonly replicas?: number;
}

/** Users who share a part of the pool. */
export interface TenantProps {
  /** Names of the users. Jobs of others do not run on nodes of the tenant. @default - only the jobs of access points of the tenant */
  readonly users?: readonly string[];
  /** Share of the pool from 0 to 1, as an accounting group of the name of the tenant. @default - none: users of all tenants are equal */
  readonly quota?: number;
  /** Whether the tenant may use slots that others leave idle. @default true */
  readonly surplus?: boolean;
}

/** An accounting group, which jobs name by `accounting_group`. */
export interface AccountingGroupProps {
  /** Share of the pool, or of its parent, from 0 to 1. */
  readonly quota: number;
  /** Whether it may use slots that others leave idle. @default true */
  readonly surplus?: boolean;
}

/** Metrics of slots and jobs for Prometheus. */
export interface CondorMetricsProps {
  /** Pods of Prometheus. */
  readonly from: PodPeer;
  /**
   * Image with the exporter of NIC Labs; the project publishes none.
   *
   * @see https://github.com/niclabs/htcondor-monitor
   */
  readonly image: string;
  /**
   * @mayBeEmpty
   * @default ['python3', 'CondorExporter.py', '--host', '0.0.0.0', '--port', '9118']
   */
  readonly command?: readonly string[];
  /** Labels of the ServiceMonitor and PrometheusRule, by which the Prometheus operator selects them. @default - neither is written */
  readonly monitors?: Readonly<Record<string, string>>;
  /** Held jobs from which on there is an alert. @default 100 */
  readonly heldJobs?: number;
}

/** Notebooks that submit jobs. */
export interface CondorNotebooksProps {
  /** Port at which the Dask scheduler in a notebook waits for workers in the pool. @default 8786 */
  readonly schedulerPort?: number;
  /** Port of a Dask worker in the pool. @default 8788 */
  readonly workerPort?: number;
}

/** An HTCondor pool. */
export interface HTCondorPoolProps extends ServiceProps {
  /** Pools whose nodes run managers and access points. */
  readonly on: Placement;

  /**
   * Domain of the pool, e.g. `pool.example.org`: TRUST_DOMAIN and UID_DOMAIN. It need not exist in DNS, and it never changes: tokens and jobs
   * contain it.
   *
   * @throws MISSING_CONDOR_DOMAIN, INVALID_CONDOR_DOMAIN
   * @validated
   */
  readonly domain: string;

  /** @default - one manager in the pod network */
  readonly manager?: ManagerProps;

  /** Access points by name. @default { ap: {} } */
  readonly accessPoints?: Readonly<Record<string, AccessPointProps>>;

  /** Execute nodes by the name of their group. */
  readonly execute: Readonly<Record<string, ExecuteProps>>;

  /**
   * Duration of the longest job. Execute nodes wait for it before they stop: MaxJobRetirementTime, SHUTDOWN_GRACEFUL_TIMEOUT and
   * terminationGracePeriodSeconds follow from it.
   *
   * @default 24h
   */
  readonly longestJob?: Duration;

  /** @default - IDTOKENs of one key */
  readonly security?: CondorSecurityProps;

  /** Users who share the pool, by the name of the tenant. @default - all users are alike */
  readonly tenants?: Readonly<Record<string, TenantProps>>;

  /**
   * Accounting groups by name, e.g. `{ cms: { quota: 0.6 }, 'cms.production': { quota: 0.5 } }`.
   *
   * @default - those of the tenants
   * @throws EXCEEDS_CONDOR_QUOTA, INVALID_CONDOR_GROUP
   */
  readonly groups?: Readonly<Record<string, AccountingGroupProps>>;

  /**
   * Pools that run jobs of this one when its own slots are not sufficient. Both ends are configured where the other pool is modelled too.
   *
   * @default - none
   * @throws CONFLICTING_CONDOR_DOMAIN for a pool of the same domain
   */
  readonly flocksTo?: readonly HTCondorEndpoint[];

  /** How notebooks with dask-jobqueue and workers in the pool find each other. @default { schedulerPort: 8786, workerPort: 8788 } */
  readonly notebooks?: CondorNotebooksProps;

  /** @default - none */
  readonly metrics?: CondorMetricsProps;

  /** Image of all daemons: condor_master and a user `condor` with the id 64. @default - image `htcondor` of the site */
  readonly image?: string;

  /**
   * Further knobs for all daemons, as text.
   *
   * @default - none
   * @throws UNSUPPORTED_CONDOR_KNOB for removed knobs, RESERVED_CONDOR_KNOB for those that a prop sets
   */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
}
