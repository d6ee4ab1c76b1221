import { createHash } from 'node:crypto';
import { type Duration, seconds, type VolumeRequest } from '../site';
import { IMMUTABLE_LAYOUT, place } from './manifest';
import { protectedMetadata } from './protection';
import type { ServiceChart } from './service-chart';
import { claimSpec } from './volume';
import { Workload, type WorkloadProps } from './workload';

export interface DeploymentProps extends WorkloadProps {
  /** Number of pods. @default 1, which needs the exception `singleton` */
  readonly replicas?: number;
  /**
   * Update strategy. `Recreate` stops all old pods before new ones start; it needs the exception `recreate`. `InPlace` does so one pod at a
   * time: a rolling update without surge, for pods that use all of a limited resource, e.g. all GPUs of a pool.
   *
   * @default RollingUpdate
   */
  readonly strategy?: 'RollingUpdate' | 'Recreate' | 'InPlace';
}

const STRATEGIES = {
  RollingUpdate: { type: 'RollingUpdate' },
  Recreate: { type: 'Recreate' },
  InPlace: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
} as const satisfies Record<NonNullable<DeploymentProps['strategy']>, object>;

/** Interchangeable pods. */
export class Deployment extends Workload {
  constructor(chart: ServiceChart, id: string, props: DeploymentProps) {
    super(chart, id, props, 'DeploymentProps');
    const replicas = props.replicas ?? 1;
    place(this, 'deployment', 'apps/v1/Deployment', {
      metadata: { name: this.name, labels: this.labels, annotations: this.annotations },
      spec: {
        replicas,
        selector: this.selector,
        strategy: STRATEGIES[props.strategy ?? 'RollingUpdate'],
        revisionHistoryLimit: 3,
        template: this.template,
      },
    });
    if (replicas > 1) this.placeBudget();
  }
}

export interface StatefulSetProps extends WorkloadProps {
  /** Number of pods. @default 1 */
  readonly replicas?: number;
  /** Volumes of each pod (`volumeClaimTemplates`) by name; containers mount them by the same name. @default - none */
  readonly claims?: Readonly<Record<string, VolumeRequest>>;
  /**
   * Program that writes to the volumes and needs a file system that only one node mounts at a time, e.g. `PostgreSQL`. A shared storage
   * class is then a warning.
   *
   * @default - none: any storage class is suitable
   */
  readonly writer?: string;
  /**
   * How a change reaches the pods: `rolling` replaces one after the other, each within its grace period; `on-delete` leaves it to the operator.
   *
   * @default rolling
   */
  readonly updates?: 'rolling' | 'on-delete';
  /**
   * How many pods may be evicted at a time when nodes are drained, 0 for none: somebody must then delete the pod.
   *
   * @default 1 with several replicas; a single pod has no budget
   */
  readonly evictable?: number;
  /** Whether all pods are started at once (`podManagementPolicy: Parallel`), for members that wait for each other. @default false */
  readonly parallel?: boolean;
  /**
   * Description of the layout on which the data on its volumes depend, e.g. `4 servers with 1 drive each`. After it has been written,
   * `npx facility check` rejects any other text.
   *
   * @default - none: only fields that are immutable in Kubernetes are protected
   */
  readonly immutableLayout?: string;
}

/** Pods with stable names and their own volumes, behind a headless Service. */
export class StatefulSet extends Workload {
  constructor(chart: ServiceChart, id: string, props: StatefulSetProps) {
    super(chart, id, { ...props, service: 'headless' }, 'StatefulSetProps');
    const replicas = props.replicas ?? 1;
    const claims = Object.entries(props.claims ?? {});
    // One warning for all claims of a class.
    const classes = claims.map(([, { storageClass }]) => storageClass);
    const isFirst = (index: number) => classes.indexOf(classes[index]) === index;
    const annotations = props.immutableLayout ? { ...this.annotations, [IMMUTABLE_LAYOUT]: props.immutableLayout } : this.annotations;
    place(this, 'stateful-set', 'apps/v1/StatefulSet', {
      metadata: { name: this.name, labels: this.labels, annotations },
      spec: {
        replicas,
        serviceName: this.name,
        podManagementPolicy: props.parallel ? 'Parallel' : 'OrderedReady',
        updateStrategy: { type: props.updates === 'on-delete' ? 'OnDelete' : 'RollingUpdate' },
        revisionHistoryLimit: 3,
        selector: this.selector,
        template: this.template,
        volumeClaimTemplates: claims.map(([name, request], index) => ({
          // Defaults of the API server: without them, GitOps tools would report a difference.
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: protectedMetadata({ name, labels: this.selector.matchLabels }),
          spec: claimSpec(chart, this, `claims/${name}`, request, ['ReadWriteOnce'], isFirst(index) ? props.writer : undefined),
        })),
      },
    });
    if (replicas > 1 || props.evictable !== undefined) this.placeBudget(props.evictable);
  }

  /** DNS name of one pod. */
  member(index: number): string {
    return `${this.name}-${index}.${this.host}`;
  }
}

/** One pod on each node of the pools. */
export class DaemonSet extends Workload {
  constructor(chart: ServiceChart, id: string, props: WorkloadProps) {
    super(chart, id, props, 'WorkloadProps');
    place(this, 'daemon-set', 'apps/v1/DaemonSet', {
      metadata: { name: this.name, labels: this.labels, annotations: this.annotations },
      spec: {
        selector: this.selector,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        revisionHistoryLimit: 3,
        template: this.template,
      },
    });
  }
}

export interface JobProps extends WorkloadProps {
  /** Number of retries before the Job has failed (`backoffLimit`). @default 6 */
  readonly retries?: number;
  /**
   * How long the finished Job is kept (`ttlSecondsAfterFinished`). GitOps tools create a deleted Job again, so it runs again after this time.
   *
   * @default - until the next Job replaces it
   */
  readonly keep?: Duration;
}

/**
 * Pods that run to completion. A Job is immutable, so its name contains a hash of its content: a change creates a new Job. The finished Job
 * is kept, so that it is not created again while its content is unchanged; GitOps tools prune it when a new Job replaces it.
 */
export class Job extends Workload {
  constructor(chart: ServiceChart, id: string, props: JobProps) {
    super(chart, id, { ...props, restartPolicy: 'Never' }, 'JobProps', {
      unreachable: 'accepts no connections; runs to completion',
    });
    const hash = createHash('sha256').update(JSON.stringify(this.template)).digest('hex').slice(0, 8);
    const name = `${this.name}-${hash}`;
    const { keep } = props;
    place(this, 'job', 'batch/v1/Job', {
      metadata: { name, labels: { ...this.labels, 'app.kubernetes.io/instance': name }, annotations: this.annotations },
      spec: {
        backoffLimit: props.retries ?? 6,
        ...(keep === undefined ? {} : { ttlSecondsAfterFinished: chart.problems.number(`${chart.path(this)}/keep`, () => seconds(keep)) }),
        template: this.template,
      },
    });
  }
}

export interface CronJobProps extends WorkloadProps {
  /** Cron expression of five fields, in UTC, e.g. `'0 3 * * *'`. */
  readonly schedule: string;
  /** How late a run may start before it is skipped (`startingDeadlineSeconds`). @default 1h */
  readonly deadline?: Duration;
  /** Number of retries before a run has failed (`backoffLimit`). @default 2 */
  readonly retries?: number;
}

/** Pods that run on a schedule, never two at a time. */
export class CronJob extends Workload {
  constructor(chart: ServiceChart, id: string, props: CronJobProps) {
    super(chart, id, { ...props, restartPolicy: 'Never' }, 'CronJobProps', {
      unreachable: 'accepts no connections; runs to completion',
    });
    place(this, 'cron-job', 'batch/v1/CronJob', {
      metadata: { name: this.name, labels: this.labels, annotations: this.annotations },
      spec: {
        schedule: props.schedule,
        timeZone: 'Etc/UTC',
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: chart.problems.number(`${chart.path(this)}/deadline`, () => seconds(props.deadline ?? '1h')),
        jobTemplate: { spec: { backoffLimit: props.retries ?? 2, ttlSecondsAfterFinished: 86400, template: this.template } },
      },
    });
  }
}
