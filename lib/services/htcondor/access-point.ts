import {
  claim,
  type ServiceChart,
  StatefulSet,
  scratch,
  secretFiles,
  sharedConfigFiles,
  sharedVolumes,
  type VolumeSource,
} from '../../kubernetes';
import { bytes, type NodePool, seconds, type VolumeRequest } from '../../site';
import type { Place } from './addressing';
import { addressingConfig } from './addressing-config';
import { type Authentication, LOCAL_DIR, localConfig, mapfile, type PoolFacts, poolConfig, securityConfig } from './base-config';
import { configText, type Entry, settings } from './condor-config';
import { CONDOR_USER, type DaemonSecrets, daemonContainers, daemonExceptions, type LateConfig } from './daemon';
import { HOST_NETWORK, hostPlacement } from './manager';
import type { AccessPointProps, QueueLimits } from './props';
import type { AllowLists } from './roles';
import type { JobCredentialsProps } from './security-props';
import { accountFiles, accountsOf } from './users';

export interface AccessPointWorkloadProps {
  readonly name: string;
  readonly props: AccessPointProps;
  readonly place: Place;
  readonly image: string;
  readonly pools: readonly NodePool[];
  readonly config: LateConfig;
  readonly secrets: DaemonSecrets;
  /** Host name of the pod. */
  readonly host: string;
}

/** What the configuration of an access point is made of. */
export interface AccessPointFacts {
  readonly pool: PoolFacts;
  readonly place: Place;
  /** SCHEDD_NAME, with the domain. */
  readonly scheddName: string;
  readonly allow: AllowLists;
  readonly authentication: Authentication;
  readonly limits: QueueLimits;
  /** In seconds. */
  readonly lease: number;
  /** Collectors of other pools. */
  readonly flockTo: readonly string[];
  /** Tenants and accounting groups of jobs. */
  readonly transforms: readonly Entry[];
  readonly credentials: JobCredentialsProps | undefined;
}

/** Folder of the key with which an access point signs tokens of jobs. */
const ISSUER_KEY = '/etc/condor/issuer-key';

/** The shortest lease with which jobs survive that the pod moves to another node. */
export const SHORTEST_LEASE = 300;

const VOLUME: VolumeRequest = { size: '20GiB' };

/**
 * A schedd: one process with one job queue. Jobs run on while it restarts, and it finds them again by its name and its volume within the job
 * lease. New configuration does not restart it.
 */
export class AccessPoint extends StatefulSet {
  constructor(chart: ServiceChart, made: AccessPointWorkloadProps) {
    const { name, props, place, config } = made;
    const accounts = accountsOf(props.users);
    const part = `access-${name}`;
    const spool = props.spool ?? VOLUME;
    super(chart, part, {
      on: made.pools,
      fileGroup: accounts.user === 0 ? CONDOR_USER : accounts.user,
      // The schedd stops fast: jobs keep running without it.
      grace: 60,
      // The pod is never evicted unasked: somebody should know that the queue moves.
      evictable: 0,
      updates: 'rolling',
      ...hostPlacement(place),
      ...daemonContainers(chart, {
        image: made.image,
        user: accounts.user,
        port: place.port,
        config: config.volume,
        secrets: made.secrets,
        resources: props.resources ?? { cpu: 1, memory: '4GiB' },
        scratch: bytes('2GiB'),
        env: { RECONFIGURE: 'yes', POD_NAME: { field: 'metadata.name' }, POD_HOST: made.host },
        mounts: {
          [`${LOCAL_DIR}/spool`]: spoolVolume(chart, part, spool),
          ...accountMounts(chart, part, accountFiles(accounts)),
          ...sharedVolumes(chart, `${chart.path()}/accessPoints/${name}/volumes`, props.volumes ?? [], { part: 'jobs' }),
          ...(props.credentials ? { [ISSUER_KEY]: secretFiles('issuer-key', props.credentials.localIssuer.key) } : {}),
        },
        probes: {
          // A long queue is read before the port opens.
          startup: { tcp: 'condor', every: 5, failures: 180 },
          readiness: { command: ['condor_ping', '-type', 'SCHEDD', 'READ'], every: 20, failures: 6, timeout: 15 },
          // The schedd does not answer during large transactions; a restart would only repeat them.
          liveness: { tcp: 'condor', every: 60, failures: 10, timeout: 10 },
        },
      }),
      exceptions: {
        ...daemonExceptions(accounts.user),
        singleton: 'the job queue belongs to one process',
        ...(place.addressing.kind === 'host-network' ? HOST_NETWORK : {}),
      },
    });
  }
}

function spoolVolume(chart: ServiceChart, part: string, spool: VolumeRequest | 'temporary'): VolumeSource {
  return spool === 'temporary' ? scratch('spool', bytes('20GiB')) : claim(chart, `${part}-spool`, spool, 'condor_schedd');
}

/** Users of the access point; the image knows only its own. */
function accountMounts(chart: ServiceChart, part: string, files: Readonly<Record<string, string>>): Readonly<Record<string, VolumeSource>> {
  const source = sharedConfigFiles(chart, `${part}-accounts`, files);
  return Object.fromEntries(Object.keys(files).map((file) => [`/etc/${file}`, { ...source, subPath: file }]));
}

/** Seconds for which jobs run on without their access point. */
export function leaseOf(chart: ServiceChart, name: string, { jobLease = '40m' }: AccessPointProps): number {
  return chart.problems.number(`${chart.path()}/accessPoints/${name}/jobLease`, () => seconds(jobLease));
}

/** Configuration files of an access point. */
export function accessPointConfig(facts: AccessPointFacts): Readonly<Record<string, string>> {
  const { pool, place, limits, credentials } = facts;
  const local = localConfig(pool);
  const megabytes = (amount: QueueLimits['input']) => (amount === undefined ? undefined : Math.floor(bytes(amount) / 2 ** 20));
  return {
    '10-pool.conf': poolConfig(pool, place.port),
    ...addressingConfig(place),
    '20-security.conf': securityConfig(pool, facts.allow, facts.authentication),
    ...(facts.authentication.scitokens ? { '.mapfile': mapfile(pool) } : {}),
    '30-access-point.conf': configText('The schedd.', [
      ...settings({
        DAEMON_LIST: ['MASTER', 'SCHEDD', ...(credentials ? ['CREDD', 'CREDMON_OAUTH'] : [])],
        SCHEDD_NAME: facts.scheddName,
        SCHEDD_INTERVAL: 60,
        JOB_DEFAULT_LEASE_DURATION: facts.lease,
        MAX_JOBS_RUNNING: limits.running ?? 2000,
        MAX_JOBS_SUBMITTED: limits.submitted ?? 50_000,
        MAX_JOBS_PER_OWNER: limits.perUser ?? limits.submitted ?? 50_000,
        MAX_CONCURRENT_UPLOADS: limits.transfers ?? 100,
        MAX_CONCURRENT_DOWNLOADS: limits.transfers ?? 100,
        MAX_TRANSFER_INPUT_MB: megabytes(limits.input),
        MAX_TRANSFER_OUTPUT_MB: megabytes(limits.output),
        ...(facts.flockTo.length > 0 ? { FLOCK_TO: facts.flockTo } : {}),
      }),
    ]),
    ...(facts.transforms.length > 0 ? { '50-tenants.conf': configText('Tenants and accounting groups of jobs.', facts.transforms) } : {}),
    ...(credentials ? { '60-credentials.conf': credentialsConfig(credentials) } : {}),
    ...(local ? { '90-local.conf': local } : {}),
  };
}

function credentialsConfig({ localIssuer }: JobCredentialsProps): string {
  const { name, issuer, key, keyId = key.key, scopes, lifetime } = localIssuer;
  return configText('Tokens that jobs get from the issuer of this access point.', [
    ...settings({
      SEC_CREDENTIAL_DIRECTORY_OAUTH: '$(SPOOL)/oauth_credentials',
      TRUST_CREDENTIAL_DIRECTORY: true,
      LOCAL_CREDMON_PROVIDER_NAMES: [name],
      LOCAL_CREDMON_PRIVATE_KEY: `${ISSUER_KEY}/${key.key}`,
      LOCAL_CREDMON_KEY_ID: keyId,
      LOCAL_CREDMON_ISSUER: issuer,
      LOCAL_CREDMON_AUTHZ_TEMPLATE: scopes,
      LOCAL_CREDMON_TOKEN_LIFETIME: seconds(lifetime ?? '20m'),
    }),
  ]);
}
