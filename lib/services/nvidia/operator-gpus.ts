import { Construct } from 'constructs';
import {
  declareFlow,
  dnsTargets,
  exceptionAnnotations,
  ledgerOf,
  place,
  placePolicy,
  type ServiceChart,
  scheduling,
} from '../../kubernetes';
import type { PodPeer } from '../../site';
import { clusterPolicy } from './cluster-policy';
import { configMapOf, configuration, counters } from './configuration';
import { EXPORTER_PORT, type MetricsSettings } from './metrics';
import { placeRules } from './monitors';
import type { NvidiaPool } from './pools';
import type { GpuMetrics, OperatedGpusProps } from './props';

/** Label and ServiceAccount of the DCGM exporter that the operator creates. */
const EXPORTER = 'nvidia-dcgm-exporter';

/** ClusterPolicy of the operator, and the configuration files of its operands. */
export class OperatorGpus extends Construct {
  constructor(chart: ServiceChart, pools: readonly NvidiaPool[], props: OperatedGpusProps, settings?: MetricsSettings) {
    super(chart, 'operated');
    const files = configuration(chart, pools);
    const countersConfigMap = settings && configMapOf(counters(chart));
    const policy = clusterPolicy(chart, pools, props, {
      migParted: files.migParted && configMapOf(files.migParted),
      plugin: props.claims ? undefined : configMapOf(files.plugin),
      counters: countersConfigMap,
      metrics: settings,
    });
    place(this, 'cluster-policy', 'nvidia.com/v1/ClusterPolicy', policy);
    if (!props.metrics || !settings) return;
    this.restrictExporter(chart, pools, props.metrics, props.claims !== undefined);
    if (settings.monitors) placeRules(chart, this, pools, settings, props.claims !== undefined);
  }

  /** NetworkPolicy of the exporter: ingress only from `metrics.from`; egress to the API server only with claims. */
  private restrictExporter(chart: ServiceChart, pools: readonly NvidiaPool[], metrics: GpuMetrics, byClaims: boolean): void {
    const peer: PodPeer = { kind: 'pods', namespace: chart.namespace, labels: { app: EXPORTER } };
    ledgerOf(this).runtimePods.push({
      what: 'DCGM exporter of the operator',
      namespace: chart.namespace,
      labels: peer.labels,
      // Without requests; the operator schedules it on all GPU nodes by its own labels.
      spec: { containers: [{ name: EXPORTER, image: chart.image('dcgm-exporter') }], ...scheduling(chart.site, pools, 'all') },
      perNode: true,
      path: chart.path(this),
    });
    const annotations = exceptionAnnotations({ spawned: 'the GPU Operator creates the pods' });
    placePolicy(this, { name: chart.objectName('dcgm-exporter'), labels: chart.labelsOf('dcgm-exporter'), annotations }, peer, chart.site);
    declareFlow(this, metrics.from, { peer, port: EXPORTER_PORT });
    if (!byClaims) return;
    declareFlow(this, peer, ...dnsTargets(chart.site), { peer: { kind: 'api-server' }, port: chart.site.cluster.apiPort });
    this.allowReadingSlices(chart);
  }

  /** The operator does not grant its exporter permission to read ResourceSlices. */
  private allowReadingSlices(chart: ServiceChart): void {
    const name = `${chart.namespace}-${chart.objectName('dcgm-exporter')}`;
    const metadata = { name, labels: chart.labelsOf('dcgm-exporter') };
    place(this, 'slices', 'rbac.authorization.k8s.io/v1/ClusterRole', {
      metadata,
      rules: [{ apiGroups: ['resource.k8s.io'], resources: ['resourceslices'], verbs: ['get', 'list', 'watch'] }],
    });
    place(this, 'slices-binding', 'rbac.authorization.k8s.io/v1/ClusterRoleBinding', {
      metadata,
      subjects: [{ kind: 'ServiceAccount', name: EXPORTER, namespace: chart.namespace }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    });
  }
}
