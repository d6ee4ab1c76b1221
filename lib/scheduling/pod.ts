import type { Container, PodSpec } from '../kubernetes';

/** A container with the fields that are newer than the types of Kubernetes 1.27. */
export interface ScheduledContainer extends Omit<Container, 'resources'> {
  /** `Always` makes an init container a sidecar: it runs as long as the pod. */
  readonly restartPolicy?: string;
  readonly resources?: ResourceRequirements;
}

export interface ResourceRequirements {
  readonly requests?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, unknown>>;
}

/** What the scheduler reads of a pod. */
export interface ScheduledSpec
  extends Pick<
    PodSpec,
    'affinity' | 'hostNetwork' | 'nodeName' | 'nodeSelector' | 'tolerations' | 'topologySpreadConstraints' | 'volumes'
  > {
  readonly containers?: readonly ScheduledContainer[];
  readonly initContainers?: readonly ScheduledContainer[];
  readonly overhead?: Readonly<Record<string, unknown>>;
  /** Pod-level resources, of Kubernetes 1.32 and later. */
  readonly resources?: ResourceRequirements;
}

/** A volume that a pod needs on its node. */
export interface PodVolume {
  /** Claims of one name are one volume; undefined: one for each pod. */
  readonly claim?: string;
  /** Name of the CSI driver, where volumes of its kind are limited on each node. */
  readonly driver?: string;
  /** Availability zone that the storage class asks for. */
  readonly zone?: string;
  /** `ReadWriteOncePod`: one pod at a time. */
  readonly exclusive: boolean;
}

/** Pods of one kind. */
export interface Pod {
  /** How messages call it. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: ScheduledSpec;
  readonly volumes: readonly PodVolume[];
}
