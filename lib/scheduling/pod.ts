import type { Container, PodSpec } from '../kubernetes';
import type { NodeSelectorTerm } from './selectors';

/** A container, with fields that are missing in the types of Kubernetes 1.27. */
export interface ScheduledContainer extends Omit<Container, 'resources'> {
  /** An init container with `Always` is a sidecar, which runs as long as the pod. */
  readonly restartPolicy?: string;
  readonly resources?: ResourceRequirements;
}

export interface ResourceRequirements {
  readonly requests?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, unknown>>;
}

/** The fields of a pod spec that the scheduler and the checks read. */
export interface ScheduledSpec
  extends Pick<
    PodSpec,
    'affinity' | 'hostNetwork' | 'nodeName' | 'nodeSelector' | 'securityContext' | 'tolerations' | 'topologySpreadConstraints' | 'volumes'
  > {
  readonly containers?: readonly ScheduledContainer[];
  readonly initContainers?: readonly ScheduledContainer[];
  readonly overhead?: Readonly<Record<string, unknown>>;
  /** Pod-level resources (Kubernetes 1.32 and later). */
  readonly resources?: ResourceRequirements;
}

/** A persistent volume of a pod. */
export interface PodVolume {
  /** Name of the claim; undefined if each pod has its own claim. */
  readonly claim?: string;
  /** Name of the CSI driver, if the number of its volumes per node is limited. */
  readonly driver?: string;
  /** Availability zone of the storage class. */
  readonly zone?: string;
  /** Node selector terms of its PersistentVolume (`nodeAffinity`). @default - every node can mount it */
  readonly nodes?: readonly NodeSelectorTerm[];
  /** Whether only one pod can use the volume (`ReadWriteOncePod`). */
  readonly exclusive: boolean;
}

/** A pod, or pods with the same spec. */
export interface Pod {
  /** Name in messages. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: ScheduledSpec;
  readonly volumes: readonly PodVolume[];
}
