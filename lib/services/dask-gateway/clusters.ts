import type { Endpoint } from '../../endpoints';
import {
  type Container,
  envVar,
  mountOwners,
  mountsOf,
  priorityClass,
  type RuntimePodSpec,
  type ServiceChart,
  SpawnedPods,
  type SpawnedUses,
  scheduling,
  scratch,
  sharedVolumes,
  type VolumeSource,
  volumesOf,
} from '../../kubernetes';
import {
  type Accelerator,
  kubernetesCpu,
  kubernetesMemory,
  type NodePool,
  type Placement,
  type SharedVolume,
  withoutGpu,
} from '../../site';

export interface ClusterPodsProps {
  readonly on: Placement;
  /** In bytes. */
  readonly disk: number;
  readonly uses: readonly Endpoint[];
  /** @default - none */
  readonly volumes?: readonly SharedVolume[];
  readonly internet: boolean;
}

/** Size of a pod that users choose: cores and bytes. */
export interface PodResources {
  readonly cpu: number;
  readonly memory: number;
}

/** Labels, pod fields and container fields that the controller adds to each pod. */
export interface PodConfig {
  readonly labels: Readonly<Record<string, string>>;
  readonly pod: object;
  readonly container: object;
}

/** Schedulers or workers of users' clusters as the controller creates them; they comply with Pod Security `restricted`. */
export class ClusterPods extends SpawnedPods {
  readonly config: PodConfig;
  /** Ephemeral storage of one pod, in bytes. */
  readonly disk: number;
  /** Shared volumes by mount path. */
  private readonly volumes: Readonly<Record<string, VolumeSource>>;
  /** Variables, mounts and flows of its endpoints. */
  readonly uses: SpawnedUses;

  constructor(
    private readonly chart: ServiceChart,
    id: 'scheduler' | 'worker',
    private readonly props: ClusterPodsProps,
  ) {
    super(chart, id);
    this.disk = props.disk;
    this.volumes = sharedVolumes(chart, `${chart.path()}/volumes`, props.volumes ?? [], { part: id });
    const own = { '/tmp': 'the pod itself', ...mountOwners(props.volumes ?? []) };
    this.uses = this.use(props.uses, { mounts: own });
    this.config = this.configOf(chart.checkPlacement(this, props.on));
    if (props.internet) this.mayReach({ peer: { kind: 'internet' } });
  }

  /** Configuration of the same pods with an accelerator, on its pool. */
  withAccelerator(accelerator: Accelerator): PodConfig {
    return this.configOf(this.chart.checkPlacement(this, accelerator.on ?? this.props.on), accelerator);
  }

  /**
   * Pod spec as the controller creates it. Cores and memory, which users choose, are requests and limits.
   *
   * @see https://github.com/dask/dask-gateway/blob/main/dask-gateway-server/dask_gateway_server/backends/kubernetes/controller.py (make_pod)
   */
  podOf({ cpu, memory }: PodResources, accelerator?: Accelerator): RuntimePodSpec {
    const { pod, container } = accelerator ? this.withAccelerator(accelerator) : this.config;
    const { resources = {}, ...further } = container as Partial<Container>;
    const own = { cpu: kubernetesCpu(cpu), memory: kubernetesMemory(memory) };
    const combined = { requests: { ...own, ...resources.requests }, limits: { ...own, ...resources.limits } };
    return {
      ...(pod as Partial<RuntimePodSpec>),
      containers: [{ name: `dask-${this.node.id}`, ...further, resources: combined } as Container],
    };
  }

  private configOf(pools: readonly NodePool[], accelerator?: Accelerator): PodConfig {
    const { disk } = this.props;
    const devices = accelerator ? { [accelerator.resource]: String(accelerator.count) } : {};
    const amount = { 'ephemeral-storage': kubernetesMemory(disk), ...devices };
    const variables = { ...(accelerator ? accelerator.env : withoutGpu(pools)), ...this.uses.variables };
    const mounts = { '/tmp': scratch('tmp', disk), ...this.volumes, ...this.uses.mounts };
    const { 'app.kubernetes.io/component': _, ...labels } = this.labels;
    return {
      // The controller sets the component label itself and selects its pods by it.
      labels,
      pod: {
        ...scheduling(this.chart.site, pools, [], accelerator ? [accelerator] : []),
        serviceAccountName: this.serviceAccount,
        ...(this.uses.token ? { automountServiceAccountToken: true } : {}),
        enableServiceLinks: false,
        priorityClassName: priorityClass(this.chart, 'user') ?? '',
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          runAsGroup: 100,
          fsGroup: 100,
          fsGroupChangePolicy: 'OnRootMismatch',
          seccompProfile: { type: 'RuntimeDefault' },
        },
        volumes: volumesOf([mounts]),
      },
      container: {
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        resources: { requests: amount, limits: amount },
        volumeMounts: mountsOf(mounts),
        env: Object.entries(variables).map(([name, value]) => envVar(name, value)),
      },
    };
  }
}
