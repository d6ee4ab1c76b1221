import { failure } from '../../errors';
import { condorGrace, condorLongestJob } from './messages';

/** Times of an execute node in seconds, all derived from the longest job. */
export interface Drain {
  /** MaxJobRetirementTime: a job may run on for this time less MachineMaxVacateTime. */
  readonly retirement: number;
  /** MachineMaxVacateTime: from SIGTERM of a job to SIGKILL. */
  readonly vacate: number;
  /** SHUTDOWN_GRACEFUL_TIMEOUT of the master. */
  readonly shutdown: number;
  /** terminationGracePeriodSeconds of the pod. */
  readonly grace: number;
}

/** Time in which the master notices that its daemons have stopped, and the kubelet that the master has. */
const MARGIN = 60;

/**
 * The times with which a node lets a job of this duration finish before it stops.
 *
 * The startd subtracts MachineMaxVacateTime from MaxJobRetirementTime, and evicts at once what is left of a shorter time: with the default of
 * 600 s, a retirement below ten minutes has no effect. The master stops its daemons fast after SHUTDOWN_GRACEFUL_TIMEOUT, and the kubelet kills
 * the pod after its grace period: each must be longer than the one before.
 *
 * condor_master is the first process of the container and stops gracefully on SIGTERM, so that no preStop command is needed.
 *
 * @param longest duration of the longest job
 * @param vacate time that a job may take to stop
 * @param grace of the operator. @default - the shortest that is sufficient
 * @throws INVALID_CONDOR_LONGEST_JOB, CONFLICTING_CONDOR_GRACE
 */
export function drainOf(longest: number, vacate: number, grace?: number): Drain {
  if (!(longest >= 1) || !(vacate >= 1)) throw failure(condorLongestJob(longest, vacate));
  const retirement = longest + vacate;
  const shutdown = retirement + MARGIN;
  const needed = shutdown + MARGIN;
  if (grace !== undefined && grace < needed) throw failure(condorGrace(grace, needed, longest));
  return { retirement, vacate, shutdown, grace: grace ?? needed };
}
