import { type Manifest, pullSecrets, type ServiceChart, withoutUndefined } from '../../kubernetes';
import { type ImageName, poolTaints } from '../../site';
import type { ClusterPolicy, OperandImage } from './custom-resources';
import type { Measured } from './measured';
import { DEFAULT_CONFIG, strategyOf } from './plugin-config';
import type { NvidiaPool } from './pools';
import type { OperatedGpusProps } from './props';

/** Names of the ConfigMaps that the operator hands to its parts; undefined where a part stays away. */
export interface OperatorConfig {
  readonly migParted?: string;
  readonly plugin?: string;
  readonly counters?: string;
  readonly measured?: Measured;
}

type Spec = ClusterPolicy['spec'];

/** What the operator shall do with the cards of this site. @see https://docs.nvidia.com/datacenter/cloud-native/gpu-operator/latest/index.html */
export function clusterPolicy(
  chart: ServiceChart,
  pools: readonly NvidiaPool[],
  props: OperatedGpusProps,
  config: OperatorConfig,
): Manifest<'nvidia.com/v1/ClusterPolicy'> {
  const secrets = pullSecrets(chart).imagePullSecrets?.map(({ name }) => name);
  const image = (name: ImageName) => ({ ...operandImage(chart.image(name)), ...(secrets ? { imagePullSecrets: secrets } : {}) });
  const off = { enabled: false } as const;
  const strategies = pools.map(({ gpus }) => strategyOf(gpus)).filter((one) => one !== 'none');
  return {
    // The operator obeys one policy alone, and this is the name by which its chart would call it.
    metadata: { name: 'cluster-policy', labels: chart.labelsOf('cluster-policy') },
    spec: {
      operator: { defaultRuntime: chart.site.cluster.kind === 'rke1' ? 'docker' : 'containerd', runtimeClass: 'nvidia' },
      daemonsets: withoutUndefined({
        priorityClassName: 'system-node-critical',
        tolerations: tolerations(pools),
        updateStrategy: 'RollingUpdate' as const,
        rollingUpdate: { maxUnavailable: '1' },
      }),
      // Cards come into a container because Kubernetes gave them, not because its image names them.
      cdi: { enabled: true },
      driver: props.driver === 'operator' ? { enabled: true, ...image('nvidia-driver'), manager: image('k8s-driver-manager') } : off,
      toolkit: props.toolkit === 'nodes' ? off : { enabled: true, ...image('nvidia-container-toolkit'), ...toolkitEnv(chart) },
      devicePlugin: config.plugin
        ? { enabled: true, ...image('nvidia-device-plugin'), config: { name: config.plugin, default: DEFAULT_CONFIG } }
        : off,
      gfd: { enabled: true, ...image('nvidia-device-plugin') },
      mig: { strategy: strategies[0] ?? 'none' },
      migManager: migManager(config, image('k8s-mig-manager'), props.reboot ?? false),
      // The exporter brings the engine along.
      dcgm: off,
      dcgmExporter: dcgmExporter(config, image('dcgm-exporter')),
      nodeStatusExporter: off,
      validator: image('gpu-operator'),
    },
  };
}

function tolerations(pools: readonly NvidiaPool[]): Spec['daemonsets']['tolerations'] {
  const taints = new Map(pools.flatMap(poolTaints).map((taint) => [JSON.stringify(taint), taint]));
  if (taints.size === 0) return undefined;
  return [...taints.values()].map(({ key, value, effect }) =>
    withoutUndefined({ key, operator: value ? 'Equal' : 'Exists', value: value || undefined, effect }),
  );
}

/** RKE2 has its containerd where k3s has it. @see https://docs.rke2.io/add-ons/gpu_operators */
function toolkitEnv({ site: { cluster } }: ServiceChart): Pick<Spec['toolkit'], 'env'> {
  return cluster.kind === 'rke2' ? { env: [{ name: 'CONTAINERD_SOCKET', value: '/run/k3s/containerd/containerd.sock' }] } : {};
}

function migManager({ migParted }: OperatorConfig, image: OperandImage, reboot: boolean): Spec['migManager'] {
  // A machine with virtual cards cannot cut them, and other cards know no cuts.
  if (!migParted) return { enabled: false };
  return {
    enabled: true,
    ...image,
    env: [{ name: 'WITH_REBOOT', value: String(reboot) }],
    // A node that is no longer to be cut gets its cards whole again.
    config: { name: migParted, default: 'all-disabled' },
  };
}

function dcgmExporter({ counters, measured }: OperatorConfig, image: OperandImage): Spec['dcgmExporter'] {
  if (!counters || !measured) return { enabled: false };
  const { every, environment, monitors } = measured;
  return {
    enabled: true,
    ...image,
    env: Object.entries(environment).map(([name, value]) => ({ name, value })),
    config: { name: counters },
    serviceMonitor: monitors ? { enabled: true, interval: every, honorLabels: true, additionalLabels: monitors } : { enabled: false },
  };
}

/** An image in three pieces; a digest takes the place of the tag. */
function operandImage(image: string): OperandImage {
  const [, repository = '', name = '', tag, digest] = /^(.*)\/([^/:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(image) ?? [];
  return { repository, image: name, version: digest ?? tag ?? '' };
}
