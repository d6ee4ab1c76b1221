import { type ServiceChart, StatefulSet, type VolumeSource } from '../../kubernetes';
import { bytes, type NodePool, seconds, type VolumeRequest } from '../../site';
import type { Place } from './addressing';
import { addressingConfig } from './addressing-config';
import { type Authentication, localConfig, type PoolFacts, poolConfig, securityConfig } from './base-config';
import { configText, type Entry, member, settings } from './condor-config';
import { CONDOR_USER, type DaemonSecrets, daemonContainers, daemonExceptions, type LateConfig } from './daemon';
import type { ManagerProps } from './props';
import type { AllowLists } from './roles';

export interface ManagerWorkloadProps {
  readonly props: ManagerProps;
  readonly place: Place;
  readonly image: string;
  readonly pools: readonly NodePool[];
  readonly config: LateConfig;
  readonly secrets: DaemonSecrets;
  /** Domain of the pods in DNS: that of their headless Service. */
  readonly domain: string;
}

/** What the configuration of a manager is made of. */
export interface ManagerFacts {
  readonly pool: PoolFacts;
  readonly place: Place;
  readonly name: string;
  readonly allow: AllowLists;
  readonly authentication: Authentication;
  /** Host names of all managers. */
  readonly hosts: readonly string[];
  readonly negotiatorInterval: number;
  readonly groups: readonly Quota[];
}

/** An accounting group with its share. */
export interface Quota {
  readonly name: string;
  readonly quota: number;
  readonly surplus: boolean;
}

const SPOOL: VolumeRequest = { size: '5GiB' };

/** Volume of a manager, as the claim template of its StatefulSet makes it. */
const CLAIMED: VolumeSource = { name: 'spool' };

/**
 * Collector and negotiator. A restart does not stop jobs, since access points and execute nodes talk to each other; but the collector starts
 * empty, and knows a slot again when its startd sends the next update.
 */
export class Manager extends StatefulSet {
  constructor(chart: ServiceChart, { props, place, image, pools, config, secrets, domain }: ManagerWorkloadProps) {
    const count = props.count ?? 1;
    const hostNetwork = place.addressing.kind === 'host-network';
    super(chart, 'manager', {
      on: pools,
      replicas: count,
      parallel: true,
      writer: 'condor_negotiator',
      claims: { spool: props.spool ?? SPOOL },
      fileGroup: CONDOR_USER,
      annotations: config.annotations,
      ...(count > 1 ? { apart: 'required' as const } : {}),
      ...hostPlacement(place),
      ...daemonContainers(chart, {
        image,
        user: CONDOR_USER,
        port: place.port,
        config: config.volume,
        secrets,
        resources: props.resources ?? { cpu: '500m', memory: '1GiB' },
        scratch: bytes('1GiB'),
        env: { POD_NAME: { field: 'metadata.name' }, POD_HOST: `$(POD_NAME).${domain}` },
        mounts: { '/var/lib/condor/spool': CLAIMED },
        probes: {
          startup: { tcp: 'condor', every: 2, failures: 150 },
          // The collector answers, and knows who may read. The port alone is open as soon as the shared port daemon runs.
          readiness: { command: ['condor_ping', '-type', 'COLLECTOR', 'READ'], every: 15, failures: 4, timeout: 10 },
          liveness: { tcp: 'condor', every: 30, failures: 6, timeout: 5 },
        },
      }),
      exceptions: {
        ...daemonExceptions(CONDOR_USER),
        ...(count > 1 ? {} : { singleton: 'one manager was asked for; running jobs do not need it, and it comes back with its volume' }),
        ...(hostNetwork ? HOST_NETWORK : {}),
      },
    });
  }
}

/** The part of a pod on the network of a node. */
export function hostPlacement({ addressing, nodes }: Place) {
  if (addressing.kind !== 'host-network') return {};
  const named = nodes.filter(({ address }) => address !== '');
  return {
    hostNetwork: true,
    // Each daemon looks up the name of its machine when it starts, for a minute where name servers do not answer.
    ...(named.length > 0 ? { hosts: Object.fromEntries(named.map(({ address, name }) => [address, [name]])) } : {}),
    ...(addressing.nodeLabels ? { nodeLabels: addressing.nodeLabels } : {}),
    ...(addressing.from ? { exposedTo: addressing.from } : {}),
  };
}

export const HOST_NETWORK = {
  'host-network': 'daemons of other sites and clients outside of the cluster connect to the address of the node',
} as const;

/** Configuration files of a manager. */
export function managerConfig(facts: ManagerFacts): Readonly<Record<string, string>> {
  const { pool, place, hosts } = facts;
  const local = localConfig(pool);
  return {
    '10-pool.conf': poolConfig(pool, place.port),
    ...addressingConfig(place),
    '20-security.conf': securityConfig(pool, facts.allow, facts.authentication),
    '30-manager.conf': configText('Collector and negotiator.', [
      ...settings({
        DAEMON_LIST: ['MASTER', 'COLLECTOR', 'NEGOTIATOR', ...(hosts.length > 1 ? ['HAD', 'REPLICATION'] : [])],
        COLLECTOR_NAME: facts.name,
        COLLECTOR_MAX_FILE_DESCRIPTORS: 10240,
        NEGOTIATOR_INTERVAL: facts.negotiatorInterval,
        // Its first update is lost if the collector starts later; until the next one, condor_userprio does not find it.
        NEGOTIATOR_UPDATE_INTERVAL: 60,
        UPDATE_INTERVAL: 60,
        MASTER_UPDATE_INTERVAL: 60,
      }),
    ]),
    ...(hosts.length > 1 ? { '40-availability.conf': availabilityConfig(hosts, place.port) } : {}),
    ...(facts.groups.length > 0 ? { '50-accounting.conf': accountingConfig(facts.groups) } : {}),
    ...(local ? { '90-local.conf': local } : {}),
  };
}

/**
 * Two managers: both collect, condor_had elects the one that negotiates, condor_replication copies the priorities of users.
 *
 * @see https://htcondor.readthedocs.io/en/25.0/admin-manual/cm-configuration.html#high-availability-of-the-central-manager
 */
function availabilityConfig(hosts: readonly string[], port: number): string {
  const members = hosts.map((host) => `${host}:${port}`);
  return configText('High availability: one of the managers negotiates.', [
    ...settings({
      HAD_LIST: members,
      HAD_USE_SHARED_PORT: true,
      HAD_USE_PRIMARY: true,
      HAD_USE_REPLICATION: true,
      REPLICATION_LIST: members,
      REPLICATION_USE_SHARED_PORT: true,
      MASTER_NEGOTIATOR_CONTROLLER: 'HAD',
      STATE_FILE: '$(SPOOL)/Accountantnew.log',
    }),
  ]);
}

function accountingConfig(groups: readonly Quota[]): string {
  const entries: readonly Entry[] = [
    ...settings({ GROUP_NAMES: groups.map(({ name }) => name) }),
    ...groups.flatMap(({ name, quota, surplus }) => [
      member('GROUP_QUOTA_DYNAMIC_NAME', name, quota),
      member('GROUP_ACCEPT_SURPLUS_NAME', name, surplus),
    ]),
  ];
  return configText('Accounting groups and their shares of the pool.', entries);
}

/** Seconds of the matching cycle. */
export function negotiatorInterval(chart: ServiceChart, { negotiatorInterval = '60s' }: ManagerProps): number {
  return chart.problems.number(`${chart.path()}/manager/negotiatorInterval`, () => seconds(negotiatorInterval));
}
