import type { AlertRule } from '../../kubernetes';
import { offersOf } from '../../site';
import type { MetricsSettings } from './metrics';
import { migPools, type NvidiaPool, nodeCount } from './pools';

/** XIDs that faulty applications cause; the GPU itself is healthy. @see https://docs.nvidia.com/deploy/xid-errors/ */
const APPLICATION_XIDS = [13, 31, 43, 45];

/** Prometheus alerts for the GPUs of this site. */
export function alertRules(pools: readonly NvidiaPool[], { idle }: MetricsSettings, byClaims: boolean): readonly AlertRule[] {
  return [
    {
      alert: 'GpuIdle',
      expr: `DCGM_FI_PROF_GR_ENGINE_ACTIVE{pod!=""} < ${idle.below}`,
      for: idle.after,
      labels: { severity: 'info' },
      annotations: {
        summary: 'Pod {{ $labels.namespace }}/{{ $labels.pod }} does not use its GPU',
        description: `The compute engines were active for less than ${idle.below} of the time during ${idle.after}: GPU {{ $labels.gpu }} of {{ $labels.Hostname }}, MIG instance {{ $labels.GPU_I_PROFILE }}.`,
      },
    },
    // Claimed GPUs are not part of the allocatable resources of a node.
    ...(byClaims ? [] : resourcesOf(pools).map(exhaustedAlert)),
    {
      alert: 'GpuXidError',
      expr: `DCGM_FI_DEV_XID_ERRORS > 0${APPLICATION_XIDS.map((xid) => ` != ${xid}`).join('')} and changes(DCGM_FI_DEV_XID_ERRORS[15m]) > 0`,
      for: '0s',
      labels: { severity: 'critical' },
      annotations: {
        summary: 'GPU {{ $labels.gpu }} of {{ $labels.Hostname }} reports XID {{ $value }}',
        description:
          'This error is not caused by an application: see https://docs.nvidia.com/deploy/xid-errors/ before using the node again.',
      },
    },
    {
      alert: 'GpuMemoryBroken',
      expr: 'DCGM_FI_DEV_ROW_REMAP_FAILURE > 0',
      for: '0s',
      labels: { severity: 'critical' },
      annotations: {
        summary: 'GPU {{ $labels.gpu }} of {{ $labels.Hostname }} failed to remap a faulty memory row',
        description: 'Replace the GPU.',
      },
    },
    {
      alert: 'GpuExporterAbsent',
      expr: `absent(DCGM_FI_DEV_FB_FREE) or count(count by (Hostname) (DCGM_FI_DEV_FB_FREE)) < ${nodeCount(pools)}`,
      for: '15m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'Metrics of some GPU nodes are missing',
        description: `There are ${nodeCount(pools)} GPU nodes, but at least one DCGM exporter reports no metrics. This is expected while a MIG layout is being changed.`,
      },
    },
    {
      alert: 'GpuProfilingAbsent',
      expr: 'absent(DCGM_FI_PROF_GR_ENGINE_ACTIVE) and on () (count(DCGM_FI_DEV_FB_FREE) > 0)',
      for: '15m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'GPU profiling metrics are missing',
        description: 'GpuIdle cannot fire without them. The DCGM exporter lacks permissions, or another profiler uses the GPUs.',
      },
    },
    ...(migPools(pools).length > 0 ? MIG_ALERTS : []),
  ];
}

/** Distinct extended resources of the pools. */
function resourcesOf(pools: readonly NvidiaPool[]): readonly string[] {
  return [...new Set(pools.flatMap((pool) => offersOf(pool).map(({ resource }) => resource)))];
}

/** Alert if all units of a resource are allocated, so that further pods stay Pending. */
function exhaustedAlert(resource: string): AlertRule {
  // Notation of kube-state-metrics.
  const label = `resource="${resource.replaceAll(/[^a-zA-Z0-9_]/g, '_')}"`;
  const active = 'max by (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Running"} == 1)';
  return {
    alert: 'GpuExhausted',
    expr:
      `sum by (resource) (kube_pod_container_resource_requests{${label},node!=""} * on (namespace, pod) group_left () ${active})` +
      ` >= sum by (resource) (kube_node_status_allocatable{${label}})`,
    for: '15m',
    labels: { severity: 'info' },
    annotations: {
      summary: `All ${resource} are allocated`,
      description: 'Further pods that request it stay Pending. See GpuIdle for pods that do not use theirs.',
    },
  };
}

/** kube-state-metrics exports this label only with --metric-labels-allowlist. */
const STATE_LABEL = 'label_nvidia_com_mig_config_state';

const MIG_ALERTS: readonly AlertRule[] = [
  {
    alert: 'MigLayoutFailed',
    expr: `kube_node_labels{${STATE_LABEL}="failed"} == 1`,
    for: '1m',
    labels: { severity: 'critical' },
    annotations: {
      summary: 'Changing the MIG layout of {{ $labels.node }} failed',
      description: 'See the log of the MIG manager on the node. A process may still use a GPU.',
    },
  },
  {
    alert: 'MigLayoutPending',
    expr: `kube_node_labels{${STATE_LABEL}=~"pending|rebooting"} == 1`,
    for: '1h',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Changing the MIG layout of {{ $labels.node }} has been pending for an hour',
      description: 'The GPUs of the node are unavailable meanwhile. See the log of the MIG manager on the node.',
    },
  },
];
