import { type Access, DaemonSet, hostPath, type ServiceChart } from '../../kubernetes';
import { ALL_GPUS, GPU_ACCESS, GPU_ACCESS_REASONS } from './config-manager';
import { counters } from './configuration';
import { COUNTERS_FILE, EXPORTER_PORT, type MetricsSettings } from './metrics';
import type { NvidiaPool, PlainNodes } from './pools';

export interface DcgmExporterProps {
  readonly on: readonly NvidiaPool[];
  readonly nodes: PlainNodes;
  readonly settings: MetricsSettings;
  readonly byClaims: boolean;
}

const READ_SLICES: Access = {
  clusterRules: [{ apiGroups: ['resource.k8s.io'], resources: ['resourceslices'], verbs: ['get', 'list', 'watch'] }],
};

/**
 * DCGM exporter: collects metrics of the GPUs and MIG instances of its node, and queries the kubelet for the pods to which they are allocated.
 *
 * @see https://github.com/NVIDIA/dcgm-exporter/blob/main/deployment/examples/dcgm-exporter.yaml
 */
export class DcgmExporter extends DaemonSet {
  constructor(chart: ServiceChart, { on, nodes, settings, byClaims }: DcgmExporterProps) {
    super(chart, 'dcgm-exporter', {
      on,
      priority: 'system',
      runtimeClass: nodes.runtimeClass,
      nodeLabels: { 'nvidia.com/gpu.deploy.dcgm-exporter': 'true' },
      podLabels: { app: 'nvidia-dcgm-exporter' },
      // Claims are mapped to devices by ResourceSlices, which are read from the API server.
      ...(byClaims ? { access: READ_SLICES } : { dns: false }),
      containers: {
        exporter: {
          image: chart.image('dcgm-exporter'),
          env: {
            ...ALL_GPUS,
            ...settings.environment,
            DCGM_EXPORTER_LISTEN: `:${EXPORTER_PORT}`,
            DCGM_EXPORTER_KUBERNETES: 'true',
            DCGM_EXPORTER_COLLECTORS: `/etc/counters/${COUNTERS_FILE}`,
            NODE_NAME: { field: 'spec.nodeName' },
          },
          ports: { metrics: EXPORTER_PORT },
          ...GPU_ACCESS,
          writableRoot: true,
          resources: { cpu: '100m', cpuLimit: '500m', memory: '512MiB', disk: '256MiB' },
          mounts: {
            '/etc/counters': counters(chart),
            '/var/lib/kubelet/pod-resources': { ...hostPath('pod-resources', `${nodes.kubeletDir}/pod-resources`), readOnly: true },
          },
          probes: {
            readiness: { tcp: 'metrics' },
            // Discovering all GPUs and their counters takes some time.
            liveness: { http: '/health', port: 'metrics', every: 30, failures: 6, timeout: 5 },
          },
        },
      },
      exceptions: {
        root: GPU_ACCESS_REASONS.root,
        capabilities: 'the driver provides profiling counters only to processes with SYS_ADMIN',
        'host-path': 'the kubelet reports allocated devices through a socket in its directory',
        'writable-root': 'the DCGM host engine writes state and logs below /var',
      },
    });
  }
}
