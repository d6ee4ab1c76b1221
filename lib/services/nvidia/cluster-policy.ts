import { type Manifest, pullSecrets, type ServiceChart, withoutUndefined } from '../../kubernetes';
import { type ImageName, poolTaints } from '../../site';
import type { ClusterPolicy, OperandImage } from './custom-resources';
import type { MetricsSettings } from './metrics';
import { DEFAULT_CONFIG, strategyOf } from './plugin-config';
import type { NvidiaPool } from './pools';
import type { OperatedGpusProps } from './props';

/** Names of the ConfigMaps of operands; undefined if an operand is disabled. */
export interface OperatorConfig {
  readonly migParted?: string;
  readonly plugin?: string;
  readonly counters?: string;
  readonly metrics?: MetricsSettings;
}

type Spec = ClusterPolicy['spec'];

/** ClusterPolicy for the GPUs of this site. @see https://docs.nvidia.com/datacenter/cloud-native/gpu-operator/latest/index.html */
export function clusterPolicy(
  chart: ServiceChart,
  pools: readonly NvidiaPool[],
  props: OperatedGpusProps,
  config: OperatorConfig,
): Manifest<'nvidia.com/v1/ClusterPolicy'> {
  const secrets = pullSecrets(chart).imagePullSecrets?.map(({ name }) => name);
  const image = (name: ImageName) => ({ ...operandImage(chart.image(name)), ...(secrets ? { imagePullSecrets: secrets } : {}) });
  const off = { enabled: false } as const;
  const strategies = pools.map(({ gpus }) => strategyOf(gpus)).filter((strategy) => strategy !== 'none');
  return {
    // The operator uses only one ClusterPolicy; this is the name that its Helm chart uses.
    metadata: { name: 'cluster-policy', labels: chart.labelsOf('cluster-policy') },
    spec: {
      operator: { defaultRuntime: chart.site.cluster.kind === 'rke1' ? 'docker' : 'containerd', runtimeClass: 'nvidia' },
      daemonsets: withoutUndefined({
        priorityClassName: 'system-node-critical',
        tolerations: tolerations(pools),
        updateStrategy: 'RollingUpdate' as const,
        rollingUpdate: { maxUnavailable: '1' },
      }),
      // With CDI, a container gets the GPUs that Kubernetes allocated, regardless of the variables of its image.
      cdi: { enabled: true },
      driver: props.driver === 'operator' ? { enabled: true, ...image('nvidia-driver'), manager: image('k8s-driver-manager') } : off,
      toolkit: props.toolkit === 'nodes' ? off : { enabled: true, ...image('nvidia-container-toolkit'), ...toolkitEnv(chart) },
      devicePlugin: config.plugin
        ? { enabled: true, ...image('nvidia-device-plugin'), config: { name: config.plugin, default: DEFAULT_CONFIG } }
        : off,
      gfd: { enabled: true, ...image('nvidia-device-plugin') },
      mig: { strategy: strategies[0] ?? 'none' },
      migManager: migManager(config, image('k8s-mig-manager'), props.reboot ?? false),
      // The exporter contains the DCGM host engine.
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

/** RKE2 has the containerd socket of k3s. @see https://docs.rke2.io/add-ons/gpu_operators */
function toolkitEnv({ site: { cluster } }: ServiceChart): Pick<Spec['toolkit'], 'env'> {
  return cluster.kind === 'rke2' ? { env: [{ name: 'CONTAINERD_SOCKET', value: '/run/k3s/containerd/containerd.sock' }] } : {};
}

function migManager({ migParted }: OperatorConfig, image: OperandImage, reboot: boolean): Spec['migManager'] {
  // Virtual GPUs cannot be partitioned in the machine, and other models do not support MIG.
  if (!migParted) return { enabled: false };
  return {
    enabled: true,
    ...image,
    env: [{ name: 'WITH_REBOOT', value: String(reboot) }],
    // Disables MIG on nodes whose label was removed.
    config: { name: migParted, default: 'all-disabled' },
  };
}

function dcgmExporter({ counters, metrics }: OperatorConfig, image: OperandImage): Spec['dcgmExporter'] {
  if (!counters || !metrics) return { enabled: false };
  const { every, environment, monitors } = metrics;
  return {
    enabled: true,
    ...image,
    env: Object.entries(environment).map(([name, value]) => ({ name, value })),
    config: { name: counters },
    serviceMonitor: monitors ? { enabled: true, interval: every, honorLabels: true, additionalLabels: monitors } : { enabled: false },
  };
}

/** Splits an image into repository, name and version; the version is the digest if there is one, else the tag. */
function operandImage(image: string): OperandImage {
  const [, repository = '', name = '', tag, digest] = /^(.*)\/([^/:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(image) ?? [];
  return { repository, image: name, version: digest ?? tag ?? '' };
}
