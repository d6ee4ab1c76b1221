import { CONDOR_PORT } from './ports';

/** How the value of a knob is written. */
export interface KnobTypes {
  /** One line, taken as it is; `$(NAME)` refers to another knob. */
  readonly text: string;
  readonly path: string;
  /** Entries that are joined by `, `. */
  readonly list: readonly string[];
  readonly boolean: boolean;
  readonly count: number;
  readonly seconds: number;
  readonly megabytes: number;
  /** A share from 0 to 1. */
  readonly share: number;
  /** ClassAd expression or arithmetic that the daemon evaluates: `expression('…')`. */
  readonly expression: never;
  /** Several lines: `block([...])`. */
  readonly block: never;
}

interface Knob {
  readonly type: keyof KnobTypes;
  /** Value of a daemon whose configuration does not set it, as the manual states it. */
  readonly default: string;
  readonly meaning: string;
  /** Chapter of the manual that describes it, or the file of the source code that does. */
  readonly source: string;
}

/**
 * Every knob that the library writes. `NAME` at the end of a name stands for a group, a job transform, a user map or a machine resource.
 * Another knob is added here before it can be written. The suites read all of them with the parser of HTCondor.
 *
 * @see https://htcondor.readthedocs.io/en/25.0/admin-manual/configuration/index.html
 */
export const KNOBS = {
  // Layout and addresses.
  CONDOR_HOST: { type: 'text', default: '', meaning: 'Host of the central manager.', source: 'configuration/global' },
  COLLECTOR_HOST: {
    type: 'list',
    default: '$(CONDOR_HOST)',
    meaning: 'Host and port of each collector.',
    source: 'configuration/global',
  },
  UID_DOMAIN: {
    type: 'text',
    default: '$(FULL_HOSTNAME)',
    meaning: 'Domain of the users: jobs of `alice` belong to `alice@<domain>`.',
    source: 'configuration/shared_filesystem',
  },
  TRUST_DOMAIN: {
    type: 'text',
    default: '$(UID_DOMAIN)',
    meaning: 'Issuer of IDTOKENs. The default is the host name of a pod, so that tokens become invalid with the pod.',
    source: 'configuration/security',
  },
  FILESYSTEM_DOMAIN: {
    type: 'text',
    default: '$(FULL_HOSTNAME)',
    meaning: 'Hosts with the same value share a file system.',
    source: 'configuration/shared_filesystem',
  },
  NETWORK_HOSTNAME: {
    type: 'text',
    default: '',
    meaning: 'Host name of the daemons, instead of the one that the system reports.',
    source: 'configuration/global',
  },
  TCP_FORWARDING_HOST: {
    type: 'text',
    default: '',
    meaning: 'Address that daemons advertise instead of their own. The port stays the same.',
    source: 'configuration/global',
  },
  CCB_ADDRESS: {
    type: 'text',
    default: '',
    meaning: 'Collector through which others ask a daemon to connect to them, because they cannot connect to it.',
    source: 'configuration/global',
  },
  PRIVATE_NETWORK_NAME: {
    type: 'text',
    default: '',
    meaning: 'Daemons with the same value connect to each other directly, without CCB.',
    source: 'configuration/global',
  },
  SHARED_PORT_PORT: {
    type: 'count',
    default: String(CONDOR_PORT),
    meaning: 'The one TCP port of all daemons of a host.',
    source: 'configuration/shared_port',
  },
  RELEASE_DIR: { type: 'path', default: '/usr', meaning: 'Prefix of the installation.', source: 'configuration/global' },
  BIN: { type: 'path', default: '$(RELEASE_DIR)/bin', meaning: 'Commands.', source: 'configuration/global' },
  SBIN: { type: 'path', default: '$(RELEASE_DIR)/sbin', meaning: 'Daemons.', source: 'configuration/global' },
  LIB: { type: 'path', default: '$(RELEASE_DIR)/lib', meaning: 'Libraries.', source: 'configuration/global' },
  LIBEXEC: { type: 'path', default: '$(RELEASE_DIR)/libexec', meaning: 'Programs that daemons start.', source: 'configuration/global' },
  SHARE: { type: 'path', default: '$(RELEASE_DIR)/share/condor', meaning: 'Data files.', source: 'configuration/global' },
  ETC: { type: 'path', default: '/etc/condor', meaning: 'Configuration, tokens and keys.', source: 'configuration/global' },
  LOCAL_DIR: { type: 'path', default: '/var', meaning: 'Folder of everything that daemons write.', source: 'configuration/global' },
  LOG: { type: 'path', default: '$(LOCAL_DIR)/log', meaning: 'Log files.', source: 'configuration/global' },
  RUN: { type: 'path', default: '$(LOCAL_DIR)/run', meaning: 'Sockets and process ids.', source: 'configuration/global' },
  LOCK: { type: 'path', default: '$(LOG)', meaning: 'Lock files, and the sockets of the shared port.', source: 'configuration/global' },
  SPOOL: {
    type: 'path',
    default: '$(LOCAL_DIR)/spool',
    meaning: 'Job queue and spooled files of an access point; priorities of users at a manager.',
    source: 'configuration/global',
  },
  EXECUTE: { type: 'path', default: '$(LOCAL_DIR)/execute', meaning: 'Scratch folders of running jobs.', source: 'configuration/global' },
  LOCAL_CONFIG_FILE: { type: 'path', default: '', meaning: 'Further configuration file.', source: 'configuration/global' },
  LOCAL_CONFIG_DIR: {
    type: 'path',
    default: '',
    meaning: 'Folder of further configuration files, read in the order of their names.',
    source: 'configuration/global',
  },
  ENABLE_KERNEL_TUNING: {
    type: 'boolean',
    default: 'true',
    meaning: 'Change settings of the kernel at the start; a container may not.',
    source: 'configuration/master',
  },
  DISCARD_SESSION_KEYRING_ON_STARTUP: {
    type: 'boolean',
    default: 'true',
    meaning: 'Use a new session keyring; the seccomp profile of containers forbids it.',
    source: 'configuration/master',
  },
  CREATE_CORE_FILES: { type: 'boolean', default: 'undefined', meaning: 'Write core files.', source: 'configuration/global' },
  DAEMON_LIST: { type: 'list', default: 'MASTER', meaning: 'Daemons that condor_master starts.', source: 'configuration/master' },
  UPDATE_INTERVAL: {
    type: 'seconds',
    default: '300',
    meaning: 'Interval of updates that a startd sends: a collector that was restarted knows all slots after this time.',
    source: 'configuration/startd',
  },
  NEGOTIATOR_UPDATE_INTERVAL: {
    type: 'seconds',
    default: '300',
    meaning: 'Time between two updates of the negotiator to the collector.',
    source: 'configuration/negotiator',
  },
  MASTER_UPDATE_INTERVAL: {
    type: 'seconds',
    default: '300',
    meaning: 'Interval of updates that a master sends.',
    source: 'configuration/master',
  },
  SCHEDD_INTERVAL: { type: 'seconds', default: '300', meaning: 'Interval of updates that a schedd sends.', source: 'configuration/schedd' },
  SHUTDOWN_GRACEFUL_TIMEOUT: {
    type: 'seconds',
    default: '1800',
    meaning: 'How long a master waits for its daemons after SIGTERM before it stops them fast.',
    source: 'configuration/global',
  },

  // Security.
  SEC_DEFAULT_AUTHENTICATION_METHODS: {
    type: 'list',
    default: 'FS, IDTOKENS, KERBEROS, SCITOKENS, SSL',
    meaning: 'Authentication methods in the order of preference.',
    source: 'configuration/security',
  },
  SEC_READ_AUTHENTICATION: {
    type: 'text',
    default: 'OPTIONAL',
    meaning: 'Whether those who only read must authenticate.',
    source: 'configuration/security',
  },
  ALLOW_READ: { type: 'list', default: '*', meaning: 'Identities that may query.', source: 'configuration/security' },
  ALLOW_WRITE: { type: 'list', default: '$(ALLOW_READ)', meaning: 'Identities that may submit jobs.', source: 'configuration/security' },
  ALLOW_ADMINISTRATOR: {
    type: 'list',
    default: '$(CONDOR_HOST)',
    meaning: 'Identities that may drain, stop and reconfigure daemons.',
    source: 'configuration/security',
  },
  ALLOW_DAEMON: { type: 'list', default: '$(ALLOW_WRITE)', meaning: 'Identities of other daemons.', source: 'configuration/security' },
  ALLOW_NEGOTIATOR: {
    type: 'list',
    default: '$(CONDOR_HOST)',
    meaning: 'Identities of negotiators.',
    source: 'configuration/security',
  },
  ALLOW_CONFIG: {
    type: 'list',
    default: '',
    meaning: 'Identities that may change the configuration of running daemons.',
    source: 'configuration/security',
  },
  ALLOW_ADVERTISE_MASTER: {
    type: 'list',
    default: '$(ALLOW_DAEMON)',
    meaning: 'Identities that may advertise a master to the collector.',
    source: 'configuration/security',
  },
  ALLOW_ADVERTISE_SCHEDD: {
    type: 'list',
    default: '$(ALLOW_DAEMON)',
    meaning: 'Identities that may advertise a schedd.',
    source: 'configuration/security',
  },
  ALLOW_ADVERTISE_STARTD: {
    type: 'list',
    default: '$(ALLOW_DAEMON)',
    meaning: 'Identities that may advertise a startd.',
    source: 'configuration/security',
  },
  SEC_PASSWORD_DIRECTORY: {
    type: 'path',
    default: '/etc/condor/passwords.d',
    meaning: 'Folder of the signing keys; the name of the file is the id of the key.',
    source: 'configuration/security',
  },
  SEC_TOKEN_ISSUER_KEY: {
    type: 'text',
    default: 'POOL',
    meaning: 'Id of the key that signs new tokens.',
    source: 'configuration/security',
  },
  SEC_TOKEN_SYSTEM_DIRECTORY: {
    type: 'path',
    default: '/etc/condor/tokens.d',
    meaning: 'Folder of the tokens of daemons that run as root.',
    source: 'configuration/security',
  },
  SEC_TOKEN_DIRECTORY: {
    type: 'path',
    default: '~/.condor/tokens.d',
    meaning: 'Folder of the tokens of users, and of daemons that do not run as root.',
    source: 'configuration/security',
  },
  SEC_TOKEN_REVOCATION_EXPR: {
    type: 'expression',
    default: '',
    meaning: 'Tokens for whose claims it is true are rejected.',
    source: 'configuration/security',
  },
  FS_LOCAL_DIR: {
    type: 'path',
    default: '/tmp',
    meaning: 'Folder in which FS authentication creates its test folder. It must not be setgid, as volumes with fsGroup are.',
    source: 'configuration/security',
  },
  CERTIFICATE_MAPFILE: {
    type: 'path',
    default: '',
    meaning: 'File that maps authenticated names (SCITOKENS, SSL) to identities.',
    source: 'configuration/security',
  },
  AUTH_SSL_SERVER_CERTFILE: { type: 'path', default: '', meaning: 'Host certificate.', source: 'configuration/security' },
  AUTH_SSL_SERVER_KEYFILE: { type: 'path', default: '', meaning: 'Key of the host certificate.', source: 'configuration/security' },
  AUTH_SSL_SERVER_CAFILE: {
    type: 'path',
    default: '',
    meaning: 'Authorities of client certificates.',
    source: 'configuration/security',
  },
  AUTH_SSL_CLIENT_CAFILE: {
    type: 'path',
    default: '',
    meaning: 'Authorities of the host certificates that a client accepts.',
    source: 'configuration/security',
  },
  SCITOKENS_SERVER_AUDIENCE: {
    type: 'list',
    default: '',
    meaning: 'Audiences of which a SciToken must have one.',
    source: 'src/condor_utils/param_info.in',
  },

  // Central manager.
  COLLECTOR_NAME: { type: 'text', default: '', meaning: 'Description of the pool.', source: 'configuration/collector' },
  COLLECTOR_MAX_FILE_DESCRIPTORS: {
    type: 'count',
    default: '10240',
    meaning: 'Open connections of the collector; CCB needs one per daemon and one per running job.',
    source: 'configuration/global',
  },
  NEGOTIATOR_INTERVAL: { type: 'seconds', default: '60', meaning: 'Time between two matching cycles.', source: 'configuration/negotiator' },
  GROUP_NAMES: { type: 'list', default: '', meaning: 'Accounting groups.', source: 'configuration/negotiator' },
  GROUP_QUOTA_DYNAMIC_NAME: {
    type: 'share',
    default: '0',
    meaning: 'Share of the pool, or of its parent group, that a group gets.',
    source: 'configuration/negotiator',
  },
  GROUP_ACCEPT_SURPLUS_NAME: {
    type: 'boolean',
    default: 'false',
    meaning: 'Whether the group may use slots that other groups leave idle.',
    source: 'configuration/negotiator',
  },
  HAD_LIST: { type: 'list', default: '', meaning: 'Daemons that elect the active negotiator.', source: 'configuration/high_availability' },
  HAD_USE_SHARED_PORT: {
    type: 'boolean',
    default: 'false',
    meaning: 'Whether condor_had is reached through the shared port.',
    source: 'configuration/high_availability',
  },
  HAD_USE_PRIMARY: {
    type: 'boolean',
    default: 'false',
    meaning: 'Whether the first host of the list is preferred.',
    source: 'configuration/high_availability',
  },
  HAD_USE_REPLICATION: {
    type: 'boolean',
    default: 'false',
    meaning: 'Whether the priorities of users are replicated.',
    source: 'configuration/high_availability',
  },
  MASTER_NEGOTIATOR_CONTROLLER: {
    type: 'text',
    default: '',
    meaning: 'Daemon that starts and stops the negotiator.',
    source: 'configuration/high_availability',
  },
  REPLICATION_LIST: {
    type: 'list',
    default: '',
    meaning: 'Daemons that replicate the priorities of users.',
    source: 'configuration/high_availability',
  },
  REPLICATION_USE_SHARED_PORT: {
    type: 'boolean',
    default: 'false',
    meaning: 'Whether condor_replication is reached through the shared port.',
    source: 'configuration/high_availability',
  },
  STATE_FILE: {
    type: 'path',
    default: '$(SPOOL)/Accountantnew.log',
    meaning: 'File that is replicated: the priorities of users.',
    source: 'configuration/high_availability',
  },

  // Access point.
  SCHEDD_NAME: {
    type: 'text',
    default: '$(FULL_HOSTNAME)',
    meaning: 'Name of the schedd; with `@` it is used as it is. Jobs belong to this name.',
    source: 'configuration/schedd',
  },
  SCHEDD_MAX_FILE_DESCRIPTORS: {
    type: 'count',
    default: '20000',
    meaning: 'Open connections of the schedd.',
    source: 'src/condor_utils/param_info.in',
  },
  JOB_DEFAULT_LEASE_DURATION: {
    type: 'seconds',
    default: '2400',
    meaning: 'How long a job keeps running while its schedd is gone.',
    source: 'src/condor_utils/param_info.in',
  },
  MAX_JOBS_RUNNING: { type: 'count', default: '10000', meaning: 'Running jobs of the schedd.', source: 'configuration/schedd' },
  MAX_JOBS_SUBMITTED: { type: 'count', default: '2147483647', meaning: 'Jobs in the queue of the schedd.', source: 'configuration/schedd' },
  MAX_JOBS_PER_OWNER: { type: 'count', default: '100000', meaning: 'Jobs of one user in the queue.', source: 'configuration/schedd' },
  MAX_CONCURRENT_UPLOADS: { type: 'count', default: '100', meaning: 'Simultaneous transfers of input.', source: 'configuration/schedd' },
  MAX_CONCURRENT_DOWNLOADS: { type: 'count', default: '100', meaning: 'Simultaneous transfers of output.', source: 'configuration/schedd' },
  MAX_TRANSFER_INPUT_MB: { type: 'megabytes', default: '-1', meaning: 'Input files of one job.', source: 'configuration/submit' },
  MAX_TRANSFER_OUTPUT_MB: { type: 'megabytes', default: '-1', meaning: 'Output files of one job.', source: 'configuration/submit' },
  FLOCK_TO: {
    type: 'list',
    default: '',
    meaning: 'Collectors of other pools that run jobs of this schedd.',
    source: 'configuration/schedd',
  },
  JOB_TRANSFORM_NAMES: { type: 'list', default: '', meaning: 'Changes to jobs when they are submitted.', source: 'configuration/schedd' },
  JOB_TRANSFORM_NAME: { type: 'block', default: '', meaning: 'One change to jobs.', source: 'configuration/schedd' },
  SCHEDD_CLASSAD_USER_MAP_NAMES: { type: 'list', default: '', meaning: 'Maps for the function userMap.', source: 'configuration/classad' },
  CLASSAD_USER_MAPDATA_NAME: { type: 'block', default: '', meaning: 'One such map.', source: 'configuration/classad' },
  IMMUTABLE_JOB_ATTRS: {
    type: 'list',
    default: '',
    meaning: 'Attributes that nobody may change after the job is submitted.',
    source: 'configuration/schedd',
  },
  SEC_CREDENTIAL_DIRECTORY_OAUTH: {
    type: 'path',
    default: '/var/lib/condor/oauth_credentials',
    meaning: 'Folder of the tokens that jobs get.',
    source: 'configuration/credd',
  },
  TRUST_CREDENTIAL_DIRECTORY: {
    type: 'boolean',
    default: 'false',
    meaning: 'Accept a folder of credentials that does not belong to root.',
    source: 'src/condor_utils/param_info.in',
  },
  LOCAL_CREDMON_PROVIDER_NAMES: {
    type: 'list',
    default: '',
    meaning: 'Names by which jobs request a token of the local issuer.',
    source: 'configuration/credd',
  },
  LOCAL_CREDMON_PRIVATE_KEY: { type: 'path', default: '', meaning: 'Key of the local issuer (PEM).', source: 'configuration/credd' },
  LOCAL_CREDMON_KEY_ID: { type: 'text', default: '', meaning: 'Id of that key.', source: 'configuration/credd' },
  LOCAL_CREDMON_ISSUER: { type: 'text', default: '', meaning: 'Issuer URL of these tokens.', source: 'configuration/credd' },
  LOCAL_CREDMON_AUTHZ_TEMPLATE: {
    type: 'text',
    default: 'read:/user/{username} write:/user/{username}',
    meaning: 'Scopes of these tokens.',
    source: 'configuration/credd',
  },
  LOCAL_CREDMON_TOKEN_LIFETIME: { type: 'seconds', default: '1200', meaning: 'Lifetime of these tokens.', source: 'configuration/credd' },

  SCHEDD_HOST: { type: 'text', default: '', meaning: 'Schedd that commands use unless they name one.', source: 'configuration/schedd' },

  // Execute nodes.
  NUM_CPUS: { type: 'count', default: '$(DETECTED_CPUS_LIMIT)', meaning: 'Cores that jobs get.', source: 'configuration/startd' },
  MEMORY: { type: 'megabytes', default: '$(DETECTED_MEMORY)', meaning: 'Memory that jobs get.', source: 'configuration/startd' },
  NUM_SLOTS: { type: 'count', default: '1', meaning: 'Number of slots.', source: 'configuration/startd' },
  NUM_SLOTS_TYPE_1: { type: 'count', default: '1', meaning: 'Number of slots of type 1.', source: 'configuration/startd' },
  SLOT_TYPE_1: { type: 'text', default: 'auto', meaning: 'Resources of slots of type 1.', source: 'configuration/startd' },
  SLOT_TYPE_1_PARTITIONABLE: {
    type: 'boolean',
    default: 'false',
    meaning: 'Whether a slot is divided by what jobs request.',
    source: 'configuration/startd',
  },
  START: { type: 'expression', default: 'true', meaning: 'Jobs that the node accepts.', source: 'configuration/startd' },
  SUSPEND: { type: 'expression', default: 'false', meaning: 'When a running job is suspended.', source: 'configuration/startd' },
  PREEMPT: { type: 'expression', default: 'false', meaning: 'When a running job is preempted.', source: 'configuration/startd' },
  KILL: { type: 'expression', default: 'false', meaning: 'When a job that is being evicted is killed.', source: 'configuration/startd' },
  BASE_CGROUP: {
    type: 'text',
    default: 'htcondor',
    meaning: 'Control group of jobs; empty: none, since a pod may not write control groups.',
    source: 'configuration/procd',
  },
  RESERVED_DISK: { type: 'megabytes', default: '0', meaning: 'Disk that jobs do not get.', source: 'configuration/startd' },
  STARTER_ALLOW_RUNAS_OWNER: {
    type: 'boolean',
    default: 'true',
    meaning: 'Whether jobs run as the user who submitted them.',
    source: 'configuration/starter',
  },
  MaxJobRetirementTime: {
    type: 'seconds',
    default: '0',
    meaning: 'How long a job may still run after it was asked to leave.',
    source: 'configuration/startd',
  },
  MachineMaxVacateTime: {
    type: 'seconds',
    default: '600',
    meaning: 'How long a job may take to stop. It is subtracted from MaxJobRetirementTime.',
    source: 'configuration/startd',
  },
  STARTD_ATTRS: { type: 'list', default: '', meaning: 'Configuration values that the startd advertises.', source: 'configuration/global' },
  STARTD_NOCLAIM_SHUTDOWN: {
    type: 'seconds',
    default: '0',
    meaning: 'Time without a job after which the startd stops.',
    source: 'configuration/startd',
  },
  MACHINE_RESOURCE_GPUS: { type: 'text', default: '', meaning: 'GPUs that jobs get.', source: 'configuration/startd' },
  SINGULARITY: {
    type: 'path',
    default: '/usr/bin/singularity',
    meaning: 'Program that runs container images.',
    source: 'configuration/singularity',
  },
  SINGULARITY_USE_PID_NAMESPACES: {
    type: 'boolean',
    default: 'auto',
    meaning: 'Whether a container has a PID namespace, which needs a /proc that a pod may not mount.',
    source: 'configuration/singularity',
  },
  SINGULARITY_BIND_EXPR: {
    type: 'expression',
    default: '',
    meaning: 'Folders of the node that containers of jobs see.',
    source: 'configuration/singularity',
  },
} as const satisfies Record<string, Knob>;

export type KnobName = keyof typeof KNOBS;

/** Templates (`use CATEGORY:NAME`) that the library uses. @see https://htcondor.readthedocs.io/en/25.0/admin-manual/introduction-to-configuration.html */
export const TEMPLATES = {
  'security:recommended_v9_0': 'Authentication, encryption and integrity of every connection. 23.9 has no plain `recommended`.',
  'feature:GPUs': 'Detects GPUs with condor_gpu_discovery and gives them to jobs that request them.',
  'policy:Hold_If_Memory_Exceeded': 'Holds a job that uses more memory than it requested, before the kernel kills the pod with all jobs.',
  'policy:Hold_If_Disk_Exceeded': 'Holds a job that uses more disk than it requested, before the kubelet evicts the pod with all jobs.',
} as const satisfies Record<string, string>;

export type TemplateName = keyof typeof TEMPLATES;
