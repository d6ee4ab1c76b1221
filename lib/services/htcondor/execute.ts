import { type Exceptions, type ServiceChart, StatefulSet, scratchClaim, sharedVolumes, type VolumeSource } from '../../kubernetes';
import { bytes, type Placement } from '../../site';
import { LOCAL_DIR } from './base-config';
import { CONDOR_USER, type DaemonSecrets, daemonContainers, daemonExceptions } from './daemon';
import type { Drain } from './drain';
import type { ExecuteProps } from './execute-props';

export interface ExecuteWorkloadProps {
  readonly name: string;
  readonly props: ExecuteProps;
  readonly on: Placement;
  readonly port: number;
  readonly image: string;
  readonly config: VolumeSource;
  readonly secrets: DaemonSecrets;
  readonly drain: Drain;
  /** Whether the node registers with CCB. */
  readonly ccb: boolean;
}

/** Log files and /tmp, in bytes. */
const LOGS = 2 ** 30;

/** Linux capability with which Apptainer mounts images. */
const CONTAINERS = ['SYS_ADMIN'] as const;

/** Execute nodes of a fixed number. A change of their configuration drains one after the other. */
export class ExecuteNodes extends StatefulSet {
  constructor(chart: ServiceChart, made: ExecuteWorkloadProps, pods: number) {
    super(chart, `execute-${made.name}`, {
      ...executePod(chart, made),
      replicas: pods,
      parallel: true,
      updates: 'rolling',
      evictable: made.props.drainedAtOnce ?? 1,
    });
  }
}

/** The pod of execute nodes, however they are started. */
export function executePod(chart: ServiceChart, made: ExecuteWorkloadProps) {
  const { props, name } = made;
  const disk = chart.problems.number(`${chart.path()}/execute/${name}/disk`, () => bytes(props.disk ?? '20GiB'));
  const user = props.isolation === 'pod' && props.containers !== 'apptainer' ? CONDOR_USER : 0;
  const further = props.containers === 'apptainer' ? CONTAINERS : [];
  return {
    on: made.on,
    priority: 'batch' as const,
    fileGroup: CONDOR_USER,
    grace: made.drain.grace,
    ...daemonContainers(chart, {
      image: made.image,
      user,
      port: made.port,
      config: made.config,
      secrets: made.secrets,
      capabilities: further,
      // Limits, not more: jobs would be slower than the slot promises while neighbours use their cores.
      resources: { cpu: props.cpu, cpuLimit: props.cpu, memory: props.memory, disk: props.diskOn ? LOGS : disk + LOGS },
      ...(props.accelerator ? { accelerator: props.accelerator } : {}),
      scratch: props.diskOn ? LOGS : disk + LOGS,
      env: {
        POD_NAME: { field: 'metadata.name' },
        NODE_NAME: { field: 'spec.nodeName' },
        ...(made.ccb ? { WAIT_FOR_COLLECTOR: 'yes' } : {}),
      },
      mounts: {
        ...(props.diskOn
          ? {
              [`${LOCAL_DIR}/execute`]: scratchClaim(chart, `execute-${name}-disk`, {
                size: props.disk ?? '20GiB',
                storageClass: props.diskOn,
              }),
            }
          : {}),
        ...sharedVolumes(chart, `${chart.path()}/execute/${name}/volumes`, props.volumes ?? [], { part: 'jobs' }),
      },
      probes: {
        startup: { tcp: 'condor', every: 5, failures: 60 },
        // Nobody is sent here by readiness: it tells an operator, and the rollout, that the startd works.
        readiness: { command: ['condor_ping', '-type', 'STARTD', 'READ'], every: 30, failures: 4, timeout: 15 },
        // A restart kills all jobs of the pod, so only a master that has been gone for ten minutes is a reason.
        liveness: { tcp: 'condor', every: 60, failures: 10, timeout: 10 },
      },
    }),
    exceptions: executeExceptions(user, further),
  };
}

function executeExceptions(user: number, further: readonly string[]): Exceptions {
  return {
    ...daemonExceptions(user, further),
    singleton: 'as many nodes as the operator wants; jobs of one that is gone run again elsewhere',
  };
}
