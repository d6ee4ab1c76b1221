import type { ServiceProps } from '../../kubernetes';
import type { Duration, PodPeer } from '../../site';

/** Who reads what the cards say about themselves, and when somebody shall be told. */
export interface GpuMetrics {
  /** The pods that read the metrics, e.g. those of Prometheus. */
  readonly from: PodPeer;

  /**
   * Makes a ServiceMonitor and a PrometheusRule, for the Prometheus operator: the labels by which its Prometheus chooses them.
   *
   * @default - neither
   * @example { release: 'monitoring' }
   */
  readonly monitors?: Readonly<Record<string, string>>;

  /** How often they are measured and read. @default 30s */
  readonly every?: Duration;

  /**
   * When a card or an instance that a pod holds counts as idle: its engines were active for less than this share of the time.
   *
   * @default { below: 0.01, after: '2h' }
   * @throws INVALID_NVIDIA_IDLE, DURATION_INVALID
   */
  readonly idle?: { readonly below?: number; readonly after?: Duration };
}

/**
 * Pods get cards by claims (dynamic resource allocation) instead of counts: a class of devices for each profile, and templates by
 * which pods of some namespaces claim them. The device plugin stays away; NVIDIA's driver for claims must be installed.
 *
 * @see https://github.com/kubernetes-sigs/dra-driver-nvidia-gpu
 */
export interface GpuClaims {
  /** Namespaces in which each profile has a ResourceClaimTemplate. @default - none: pods ask by the name of the resource */
  readonly namespaces?: readonly string[];

  /**
   * Whether pods may still ask for `nvidia.com/mig-…`, as those of this library do. To be set where the feature gate
   * DRAExtendedResource was switched on by hand.
   *
   * @default - from Kubernetes 1.36 on, where the gate is on by itself
   */
  readonly byResource?: boolean;
}

interface AnyProps extends ServiceProps {
  /**
   * Whether the MIG manager may restart a node whose cards do not change their mode otherwise: Ampere's in a virtual machine.
   *
   * @default false
   */
  readonly reboot?: boolean;

  /** @default - none: nothing measures the cards */
  readonly metrics?: GpuMetrics;

  /**
   * @default - none: the device plugin offers resources that pods count
   * @throws UNSUPPORTED_NVIDIA_CLAIMS_RELEASE, UNSUPPORTED_NVIDIA_CLAIMS_SHARING, UNSUPPORTED_NVIDIA_CLAIMS_STRATEGY
   */
  readonly claims?: GpuClaims;
}

/** The software of the cards by NVIDIA's GPU operator, which must be installed without a ClusterPolicy of its own. */
export interface OperatedGpusProps extends AnyProps {
  /** @default operator */
  readonly by?: 'operator';

  /** Where the operator is, and its configuration. @default gpu-operator */
  readonly namespace?: string;

  /**
   * Who installs the driver: the operator, from an image that fits the node's system (Ubuntu, RHEL), or whoever made the nodes.
   *
   * @default nodes
   * @throws UNSUPPORTED_NVIDIA_VGPU_DRIVER
   */
  readonly driver?: 'operator' | 'nodes';

  /** Who teaches containerd or Docker about cards. @default operator */
  readonly toolkit?: 'operator' | 'nodes';
}

/** The software of the cards as DaemonSets of this chart. Driver and container toolkit are part of the nodes. */
export interface PlainGpusProps extends AnyProps {
  readonly by: 'plain';

  /**
   * RuntimeClass under which containers see the cards.
   *
   * @default nvidia; for RKE none, whose Docker has NVIDIA's runtime as its default
   */
  readonly runtimeClass?: string;

  /** Folder of the kubelet on the nodes. @default /var/lib/kubelet */
  readonly kubeletDir?: string;
}

export type NvidiaGpusProps = OperatedGpusProps | PlainGpusProps;
