import { createHash } from 'node:crypto';
import { type Duration, seconds, type VolumeRequest } from '../site';
import { IMMUTABLE_LAYOUT, place } from './manifest';
import type { ServiceChart } from './service-chart';
import { claimSpec } from './volume';
import { Workload, type WorkloadProps } from './workload';

export interface DeploymentProps extends WorkloadProps {
  /** @default 1, which wants the exception `singleton` */
  readonly replicas?: number;
  /**
   * `Recreate` ends the old pods before the new ones start; wants the exception `recreate`. `InPlace` does so one pod at a time: for
   * pods that hold what there is no more of, e.g. all cards of a pool.
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

/** Pods that are all alike. */
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
  /** @default 1 */
  readonly replicas?: number;
  /** Volumes of each pod, by name; mounted under the same name. @default - none */
  readonly claims?: Readonly<Record<string, VolumeRequest>>;
  /**
   * What writes to the volumes, if it needs a file system that one node mounts at a time, e.g. `PostgreSQL`: a shared storage class is then a
   * warning.
   *
   * @default - any storage class will do
   */
  readonly writer?: string;
  /** Start all pods at once, for members that wait for each other. @default false */
  readonly parallel?: boolean;
  /**
   * What the data on its volumes depend on, in words, e.g. `4 servers with 1 drive each`. Once it was written, `facility check`
   * refuses any other words.
   *
   * @default - nothing but what Kubernetes itself refuses to change
   */
  readonly immutableLayout?: string;
}

/** Pods with names and volumes of their own, behind a headless Service. */
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
        updateStrategy: { type: 'RollingUpdate' },
        revisionHistoryLimit: 3,
        selector: this.selector,
        template: this.template,
        volumeClaimTemplates: claims.map(([name, request], index) => ({
          // The server fills these in, and GitOps tools would report the difference.
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name, labels: this.selector.matchLabels },
          spec: claimSpec(chart, this, `claims/${name}`, request, ['ReadWriteOnce'], isFirst(index) ? props.writer : undefined),
        })),
      },
    });
    if (replicas > 1) this.placeBudget();
  }

  /** Host name of one pod. */
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
  /** How often a failed pod is tried again. @default 6 */
  readonly retries?: number;
  /**
   * How long the finished Job stays. GitOps tools create a Job that Kubernetes has deleted once more, so it then runs again after this time.
   *
   * @default - until the next Job replaces it
   */
  readonly keep?: Duration;
}

/**
 * Pods that run to completion. A Job is immutable, so its name contains a hash of its content: a change creates a new Job. The finished Job
 * stays, so that it is not created again while its content is the same; GitOps tools prune it when another replaces it.
 */
export class Job extends Workload {
  constructor(chart: ServiceChart, id: string, props: JobProps) {
    super(chart, id, { ...props, restartPolicy: 'Never' }, 'JobProps', {
      unreachable: 'nothing connects to it; it ends when its work is done',
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
  /** Five fields of cron, in UTC, e.g. `'0 3 * * *'`. */
  readonly schedule: string;
  /** How late it may start before the run is dropped. @default 1h */
  readonly deadline?: Duration;
  /** @default 2 */
  readonly retries?: number;
}

/** Pods that are started by the clock, never two at a time. */
export class CronJob extends Workload {
  constructor(chart: ServiceChart, id: string, props: CronJobProps) {
    super(chart, id, { ...props, restartPolicy: 'Never' }, 'CronJobProps', {
      unreachable: 'nothing connects to it; it ends when its work is done',
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
