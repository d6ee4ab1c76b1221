import { type Access, DaemonSet, hostPath, type ServiceChart } from '../../kubernetes';
import { ALL_CARDS, SEES_CARDS, SEES_CARDS_BECAUSE } from './config-manager';
import { counters } from './configuration';
import { COUNTERS_FILE, EXPORTER_PORT, type Measured } from './measured';
import type { NvidiaPool, PlainNodes } from './pools';

export interface DcgmExporterProps {
  readonly on: readonly NvidiaPool[];
  readonly nodes: PlainNodes;
  readonly metering: Measured;
  readonly byClaims: boolean;
}

const READ_SLICES: Access = {
  clusterRules: [{ apiGroups: ['resource.k8s.io'], resources: ['resourceslices'], verbs: ['get', 'list', 'watch'] }],
};

/**
 * Measures the cards and instances of its node, and asks the kubelet which pods hold them.
 *
 * @see https://github.com/NVIDIA/dcgm-exporter/blob/main/deployment/examples/dcgm-exporter.yaml
 */
export class DcgmExporter extends DaemonSet {
  constructor(chart: ServiceChart, { on, nodes, metering, byClaims }: DcgmExporterProps) {
    super(chart, 'dcgm-exporter', {
      on,
      priority: 'system',
      runtimeClass: nodes.runtimeClass,
      nodeLabels: { 'nvidia.com/gpu.deploy.dcgm-exporter': 'true' },
      podLabels: { app: 'nvidia-dcgm-exporter' },
      // Which claim is whose stands in slices, of which the API server tells.
      ...(byClaims ? { access: READ_SLICES } : { dns: false }),
      containers: {
        exporter: {
          image: chart.image('dcgm-exporter'),
          env: {
            ...ALL_CARDS,
            ...metering.environment,
            DCGM_EXPORTER_LISTEN: `:${EXPORTER_PORT}`,
            DCGM_EXPORTER_KUBERNETES: 'true',
            DCGM_EXPORTER_COLLECTORS: `/etc/counters/${COUNTERS_FILE}`,
            NODE_NAME: { field: 'spec.nodeName' },
          },
          ports: { metrics: EXPORTER_PORT },
          ...SEES_CARDS,
          writableRoot: true,
          resources: { cpu: '100m', cpuLimit: '500m', memory: '512MiB', disk: '256MiB' },
          mounts: {
            '/etc/counters': counters(chart),
            '/var/lib/kubelet/pod-resources': { ...hostPath('pod-resources', `${nodes.kubeletDir}/pod-resources`), readOnly: true },
          },
          probes: {
            readiness: { tcp: 'metrics' },
            // To find all cards and their counters takes its time.
            liveness: { http: '/health', port: 'metrics', every: 30, failures: 6, timeout: 5 },
          },
        },
      },
      exceptions: {
        root: SEES_CARDS_BECAUSE.root,
        capabilities: 'the driver gives profiling counters to who has SYS_ADMIN',
        'host-path': 'the kubelet tells through a socket in its folder which pod holds what',
        'writable-root': 'the engine of DCGM keeps its state and log below /var',
      },
    });
  }
}
