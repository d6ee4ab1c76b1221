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
import { EXPORTER_PORT, type Measured } from './measured';
import { placeRules } from './monitors';
import type { NvidiaPool } from './pools';
import type { GpuMetrics, OperatedGpusProps } from './props';

/** How the operator calls its exporter: its label, and its ServiceAccount. */
const EXPORTER = 'nvidia-dcgm-exporter';

/** The operator is told what to do, and given the files that its parts read. */
export class OperatedCards extends Construct {
  constructor(chart: ServiceChart, pools: readonly NvidiaPool[], props: OperatedGpusProps, metering?: Measured) {
    super(chart, 'operated');
    const files = configuration(chart, pools);
    const measuredFields = metering && configMapOf(counters(chart));
    const policy = clusterPolicy(chart, pools, props, {
      migParted: files.migParted && configMapOf(files.migParted),
      plugin: props.claims ? undefined : configMapOf(files.plugin),
      counters: measuredFields,
      measured: metering,
    });
    place(this, 'cluster-policy', 'nvidia.com/v1/ClusterPolicy', policy);
    if (!props.metrics || !metering) return;
    this.closeExporter(chart, pools, props.metrics, props.claims !== undefined);
    if (metering.monitors) placeRules(chart, this, pools, metering, props.claims !== undefined);
  }

  /** The exporter's pods may be read by those who were named, and reach nobody unless claims make them ask the API server. */
  private closeExporter(chart: ServiceChart, pools: readonly NvidiaPool[], metrics: GpuMetrics, byClaims: boolean): void {
    const peer: PodPeer = { kind: 'pods', namespace: chart.namespace, labels: { app: EXPORTER } };
    ledgerOf(this).runtimePods.push({
      what: 'the DCGM exporter of the operator',
      namespace: chart.namespace,
      labels: peer.labels,
      // It asks for nothing; the operator places it by labels of its own, on every node with cards.
      spec: { containers: [{ name: EXPORTER, image: chart.image('dcgm-exporter') }], ...scheduling(chart.site, pools, 'all') },
      perNode: true,
      path: chart.path(this),
    });
    const annotations = exceptionAnnotations({ spawned: 'the GPU operator makes the pods' });
    placePolicy(this, { name: chart.objectName('dcgm-exporter'), labels: chart.labelsOf('dcgm-exporter'), annotations }, peer, chart.site);
    declareFlow(this, metrics.from, { peer, port: EXPORTER_PORT });
    if (!byClaims) return;
    declareFlow(this, peer, ...dnsTargets(chart.site), { peer: { kind: 'api-server' }, port: chart.site.cluster.apiPort });
    this.mayReadSlices(chart);
  }

  /** The operator gives its exporter no right to see which slice is whose. */
  private mayReadSlices(chart: ServiceChart): void {
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
