import type { ServiceProps } from '../../kubernetes';
import type { Duration, PodPeer } from '../../site';

/** Metrics of the GPUs and alerts. */
export interface GpuMetrics {
  /** Pods that scrape the metrics, e.g. those of Prometheus. */
  readonly from: PodPeer;

  /**
   * Creates a ServiceMonitor and a PrometheusRule for the Prometheus Operator, with these labels, by which Prometheus selects them.
   *
   * @default - neither is created
   * @example { release: 'monitoring' }
   */
  readonly monitors?: Readonly<Record<string, string>>;

  /** Collection and scrape interval. @default 30s */
  readonly every?: Duration;

  /**
   * When an allocated GPU or MIG instance is idle: its engines were active for less than the fraction `below` of the time for `after`.
   *
   * @default { below: 0.01, after: '2h' }
   * @throws INVALID_NVIDIA_IDLE, DURATION_INVALID
   */
  readonly idle?: { readonly below?: number; readonly after?: Duration };
}

/**
 * Dynamic resource allocation (DRA): pods get GPUs by ResourceClaims instead of extended resources. Creates a DeviceClass for each MIG
 * profile, and ResourceClaimTemplates in some namespaces. The device plugin is not deployed; NVIDIA's DRA driver must be installed.
 *
 * @see https://github.com/kubernetes-sigs/dra-driver-nvidia-gpu
 */
export interface GpuClaims {
  /** Namespaces that get a ResourceClaimTemplate for each profile. @default - none: pods request extended resources */
  readonly namespaces?: readonly string[];

  /**
   * Whether pods may still request the extended resources `nvidia.com/mig-…`, as the pods of this library do. Set it to true if the feature
   * gate DRAExtendedResource has been enabled manually.
   *
   * @default - true for Kubernetes 1.36 and later, where the gate is enabled by default
   */
  readonly byResource?: boolean;
}

interface AnyProps extends ServiceProps {
  /**
   * Whether the MIG manager may reboot a node if this is necessary to change the MIG mode: Ampere GPUs in virtual machines.
   *
   * @default false
   */
  readonly reboot?: boolean;

  /** Metrics of the GPUs. @default - none: no exporter is deployed */
  readonly metrics?: GpuMetrics;

  /**
   * Dynamic resource allocation.
   *
   * @default - none: the device plugin offers extended resources
   * @throws UNSUPPORTED_NVIDIA_CLAIMS_RELEASE, UNSUPPORTED_NVIDIA_CLAIMS_SHARING, UNSUPPORTED_NVIDIA_CLAIMS_STRATEGY
   */
  readonly claims?: GpuClaims;
}

/** GPU software managed by NVIDIA's GPU Operator, which must be installed without its own ClusterPolicy. */
export interface OperatedGpusProps extends AnyProps {
  /** @default operator */
  readonly by?: 'operator';

  /** Namespace of the operator and its configuration. @default gpu-operator */
  readonly namespace?: string;

  /**
   * Installation of the driver: `operator`, from an image for the operating system of the node (Ubuntu, RHEL), or `nodes`, if it is part of
   * the nodes.
   *
   * @default nodes
   * @throws UNSUPPORTED_NVIDIA_VGPU_DRIVER
   */
  readonly driver?: 'operator' | 'nodes';

  /** Installation of the NVIDIA Container Toolkit, which configures containerd or Docker. @default operator */
  readonly toolkit?: 'operator' | 'nodes';
}

/** GPU software as DaemonSets of this chart. Driver and container toolkit must be part of the nodes. */
export interface PlainGpusProps extends AnyProps {
  readonly by: 'plain';

  /**
   * RuntimeClass of containers that use GPUs.
   *
   * @default nvidia; none for RKE, where the NVIDIA runtime is the default runtime of Docker
   */
  readonly runtimeClass?: string;

  /** Directory of the kubelet on the nodes. @default /var/lib/kubelet */
  readonly kubeletDir?: string;
}

export type NvidiaGpusProps = OperatedGpusProps | PlainGpusProps;
