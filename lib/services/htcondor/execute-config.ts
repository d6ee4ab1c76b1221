import { failure } from '../../errors';
import { type Accelerator, bytes, cores } from '../../site';
import { ccbConfig } from './addressing-config';
import { type Authentication, localConfig, type PoolFacts, poolConfig, securityConfig } from './base-config';
import { attribute, configText, type Entry, expression, quoted, settings, use } from './condor-config';
import type { Drain } from './drain';
import type { ExecuteProps } from './execute-props';
import { condorCpu, condorMemory } from './messages';
import type { AllowLists } from './roles';

/** Memory of a pod that is not for jobs, in MiB: master, shared port, startd, and one starter for each job. */
export const DAEMON_MEMORY = 256;

/** Memory of the smallest slot that is worth a pod, in MiB. */
const SMALLEST_SLOT = 256;

/** Disk of a pod that is not for jobs, in MB: log files. */
export const RESERVED_DISK = 256;

/** What jobs get of one pod. */
export interface Slot {
  readonly cpus: number;
  /** In MiB. */
  readonly memory: number;
}

/**
 * The slot of a pod: its limits less what the daemons need. Left to itself, the startd would advertise all cores and memory of the node.
 *
 * @throws INVALID_CONDOR_CPU, INVALID_CONDOR_MEMORY, INVALID_QUANTITY
 */
export function slotOf({ cpu, memory }: Pick<ExecuteProps, 'cpu' | 'memory'>): Slot {
  const cpus = cores(cpu);
  if (!Number.isInteger(cpus)) throw failure(condorCpu(cpu));
  const all = Math.floor(bytes(memory) / 2 ** 20);
  if (all < DAEMON_MEMORY + SMALLEST_SLOT)
    throw failure(condorMemory(memory, `at least ${DAEMON_MEMORY + SMALLEST_SLOT} MiB: ${DAEMON_MEMORY} MiB are for the daemons`));
  return { cpus, memory: all - DAEMON_MEMORY };
}

/** What the configuration of execute nodes is made of. */
export interface ExecuteFacts {
  readonly pool: PoolFacts;
  readonly port: number;
  readonly allow: AllowLists;
  readonly authentication: Authentication;
  readonly props: ExecuteProps;
  readonly slot: Slot;
  readonly drain: Drain;
  readonly ccb: boolean;
  readonly namespace: string;
  /** Seconds without a job after which the node stops; only for nodes that are started on demand. */
  readonly stopAfter?: number | undefined;
}

/** Attribute of a job that names its tenant; the access point sets it. */
export const TENANT = 'FacilityTenant';

/** Configuration files of execute nodes. */
export function executeConfig(facts: ExecuteFacts): Readonly<Record<string, string>> {
  const { pool, props } = facts;
  const local = localConfig(pool);
  return {
    '10-pool.conf': poolConfig(pool, facts.port),
    '20-security.conf': securityConfig(pool, facts.allow, facts.authentication),
    '30-execute.conf': configText('One partitionable slot with everything that the pod may use.', [
      ...settings({
        DAEMON_LIST: ['MASTER', 'STARTD'],
        NUM_CPUS: facts.slot.cpus,
        MEMORY: facts.slot.memory,
        NUM_SLOTS: 1,
        NUM_SLOTS_TYPE_1: 1,
        SLOT_TYPE_1: 'cpus=100%,memory=100%,disk=100%',
        SLOT_TYPE_1_PARTITIONABLE: true,
        RESERVED_DISK,
        // Control groups of a pod are not writable.
        BASE_CGROUP: '',
        STARTER_ALLOW_RUNAS_OWNER: false,
        UPDATE_INTERVAL: 60,
        MASTER_UPDATE_INTERVAL: 60,
      }),
    ]),
    '40-policy.conf': policyConfig(facts),
    ...(props.accelerator ? { '50-gpus.conf': gpuConfig(props, props.accelerator) } : {}),
    ...(facts.ccb ? { '60-ccb.conf': ccbConfig('$(COLLECTOR_HOST)', pool.domain) } : {}),
    ...(props.containers === 'apptainer' ? { '70-containers.conf': containerConfig(props) } : {}),
    '80-attributes.conf': attributesConfig(props, facts.namespace),
    ...(local ? { '90-local.conf': local } : {}),
  };
}

/** Which jobs start, and how they end. */
function policyConfig({ props, drain, stopAfter }: ExecuteFacts): string {
  return configText('Jobs that start here, and the time that they get when the node is drained.', [
    ...settings({
      START: expression(startExpression(props)),
      SUSPEND: expression('false'),
      PREEMPT: expression('false'),
      KILL: expression('false'),
      MaxJobRetirementTime: drain.retirement,
      MachineMaxVacateTime: drain.vacate,
      SHUTDOWN_GRACEFUL_TIMEOUT: drain.shutdown,
      STARTD_NOCLAIM_SHUTDOWN: stopAfter,
    }),
    // After PREEMPT, which these templates extend.
    use('policy:Hold_If_Memory_Exceeded'),
    use('policy:Hold_If_Disk_Exceeded'),
  ]);
}

/** The jobs that a node accepts: those of its tenants, with a GPU if it has one, and what the operator demands. */
export function startExpression({ tenants = [], accelerator, jobsWithoutGpu = false, start }: ExecuteProps): string {
  const allowed = tenants.map((name) => `TARGET.${TENANT} =?= ${quoted(name)}`);
  const conditions = [
    ...(tenants.length > 0 ? [allowed.join(' || ')] : []),
    // UNDEFINED for jobs that request none.
    ...(accelerator && !jobsWithoutGpu ? ['(TARGET.RequestGPUs ?: 0) > 0'] : []),
    ...(start === undefined ? [] : [start]),
  ];
  return conditions.length === 0 ? 'true' : conditions.map((one) => `(${one})`).join(' && ');
}

function gpuConfig({ gpus = 'discovered' }: ExecuteProps, { count }: Accelerator): string {
  const entries: readonly Entry[] = gpus === 'discovered' ? [use('feature:GPUs')] : settings({ MACHINE_RESOURCE_GPUS: String(count) });
  return configText('GPUs of the pod, which the device plugin has chosen.', entries);
}

function containerConfig({ volumes = [] }: ExecuteProps): string {
  const folders = volumes.map(({ at }) => at).join(' ');
  return configText('Container images of jobs.', [
    ...settings({
      SINGULARITY: '/usr/bin/apptainer',
      // A new PID namespace needs a new /proc, which the masked paths of a pod forbid.
      SINGULARITY_USE_PID_NAMESPACES: false,
      ...(folders ? { SINGULARITY_BIND_EXPR: expression(quoted(folders)) } : {}),
    }),
  ]);
}

function attributesConfig({ attributes = {}, accelerator }: ExecuteProps, namespace: string): string {
  const own = { K8sNamespace: namespace, ...(accelerator ? { K8sDevice: accelerator.resource } : {}), ...attributes };
  return configText('What jobs may require of a node.', [
    ...Object.entries(own).map(([name, value]) => attribute(name, value)),
    attribute('K8sPod', '$ENV(POD_NAME)'),
    attribute('K8sNode', '$ENV(NODE_NAME)'),
    ...settings({ STARTD_ATTRS: ['$(STARTD_ATTRS)', ...Object.keys(own), 'K8sPod', 'K8sNode'] }),
  ]);
}
