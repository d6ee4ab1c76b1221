import './custom-resources';
import { type PodSpec, place, type ServiceChart, Workload } from '../../kubernetes';
import { seconds } from '../../site';
import { type ExecuteWorkloadProps, executePod } from './execute';
import type { DemandProps } from './execute-props';

/**
 * Execute nodes that KEDA starts while jobs wait: one Job with one pod for a number of idle jobs.
 *
 * A ScaledJob, since demand then only ever adds pods: a node stops by itself when it has had no job for a while (STARTD_NOCLAIM_SHUTDOWN). A
 * HorizontalPodAutoscaler would delete any pod, with the jobs in it. KEDA rather than a provisioner that creates pods: the pod is in the
 * manifests, so that all checks see it, and nothing of the pool has rights in the Kubernetes API.
 */
export class DemandNodes extends Workload {
  constructor(chart: ServiceChart, made: ExecuteWorkloadProps, demand: DemandProps) {
    const id = `execute-${made.name}-demand`;
    const path = `${chart.path()}/execute/${made.name}/demand`;
    const pod = executePod(chart, made);
    super(
      chart,
      id,
      {
        ...pod,
        restartPolicy: 'Never',
        // Nobody connects by name: nodes are found through the collector.
        service: 'none',
        exceptions: { ...pod.exceptions, spawned: 'KEDA creates the pods while jobs wait' },
      },
      'WorkloadProps',
    );
    const every = chart.problems.number(`${path}/every`, () => seconds(demand.every ?? '60s'));
    place(this, 'scaled-job', 'keda.sh/v1alpha1/ScaledJob', {
      metadata: { name: this.name, labels: this.labels, ...(this.annotations ? { annotations: this.annotations } : {}) },
      spec: {
        jobTargetRef: {
          parallelism: 1,
          completions: 1,
          // A node that fails is not tried again: the next one is started by demand.
          backoffLimit: 0,
          ttlSecondsAfterFinished: 600,
          template: this.template,
        },
        pollingInterval: every,
        successfulJobsHistoryLimit: 5,
        failedJobsHistoryLimit: 5,
        maxReplicaCount: demand.most,
        // A changed template leaves running nodes alone.
        rollout: { strategy: 'gradual' },
        scalingStrategy: { strategy: 'eager' },
        triggers: [
          {
            type: 'prometheus',
            metadata: {
              serverAddress: demand.prometheus,
              query: `sum(condor_job_state_idle{namespace="${chart.namespace}"})`,
              threshold: String(demand.jobsPerPod ?? 4),
              ignoreNullValues: 'true',
            },
          },
        ],
      },
    });
  }

  /** The pod, which no object of the manifests makes. */
  get spec(): PodSpec {
    return this.template.spec ?? { containers: [] };
  }

  /** Labels of the pods. */
  get podLabels(): Readonly<Record<string, string>> {
    return this.template.metadata?.labels ?? {};
  }
}

/** Seconds without a job after which a node that was started on demand stops. */
export function stopAfter(chart: ServiceChart, name: string, { idle = '20m' }: DemandProps): number {
  return chart.problems.number(`${chart.path()}/execute/${name}/demand/idle`, () => seconds(idle));
}
