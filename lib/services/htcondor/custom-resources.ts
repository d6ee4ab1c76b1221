import type { PodTemplate } from '../../kubernetes';

/**
 * A Job for each share of waiting work. A pod that has started is never deleted by a lower demand, unlike replicas of a workload.
 *
 * @see https://keda.sh/docs/2.17/reference/scaledjob-spec/
 */
export interface ScaledJob {
  readonly spec: {
    readonly jobTargetRef: {
      readonly parallelism: 1;
      readonly completions: 1;
      readonly backoffLimit: number;
      readonly ttlSecondsAfterFinished: number;
      readonly template: PodTemplate;
    };
    readonly pollingInterval: number;
    readonly successfulJobsHistoryLimit: number;
    readonly failedJobsHistoryLimit: number;
    readonly maxReplicaCount: number;
    readonly rollout: { readonly strategy: 'gradual' };
    readonly scalingStrategy: { readonly strategy: 'eager' };
    readonly triggers: readonly {
      readonly type: 'prometheus';
      readonly metadata: {
        readonly serverAddress: string;
        readonly query: string;
        readonly threshold: string;
        readonly ignoreNullValues: 'true';
      };
    }[];
  };
}

declare module '../../kubernetes/manifest' {
  interface Kinds {
    'keda.sh/v1alpha1/ScaledJob': ScaledJob;
  }
}
