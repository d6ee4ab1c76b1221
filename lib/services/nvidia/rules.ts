import type { AlertRule } from '../../kubernetes';
import { offersOf } from '../../site';
import type { Measured } from './measured';
import { cutPools, type NvidiaPool, nodeCount } from './pools';

/** XIDs that a program causes by its own mistakes; the card is well. @see https://docs.nvidia.com/deploy/xid-errors/ */
const OF_PROGRAMS = [13, 31, 43, 45];

/** What somebody should be told about the cards of this site. */
export function alertRules(pools: readonly NvidiaPool[], { idle }: Measured, byClaims: boolean): readonly AlertRule[] {
  return [
    {
      alert: 'GpuIdle',
      expr: `DCGM_FI_PROF_GR_ENGINE_ACTIVE{pod!=""} < ${idle.below}`,
      for: idle.after,
      labels: { severity: 'info' },
      annotations: {
        summary: 'Pod {{ $labels.namespace }}/{{ $labels.pod }} holds a card that it does not use',
        description: `Its engines were active for less than ${idle.below} of the last ${idle.after}: card {{ $labels.gpu }} of {{ $labels.Hostname }}, instance {{ $labels.GPU_I_PROFILE }}.`,
      },
    },
    // Cards that are claimed are not counted among what a node can give.
    ...(byClaims ? [] : resourcesOf(pools).map(exhausted)),
    {
      alert: 'GpuXidError',
      expr: `DCGM_FI_DEV_XID_ERRORS > 0${OF_PROGRAMS.map((xid) => ` != ${xid}`).join('')} and changes(DCGM_FI_DEV_XID_ERRORS[15m]) > 0`,
      for: '0s',
      labels: { severity: 'critical' },
      annotations: {
        summary: 'Card {{ $labels.gpu }} of {{ $labels.Hostname }} reports XID {{ $value }}',
        description:
          'An error that no program causes by itself: see https://docs.nvidia.com/deploy/xid-errors/ before the node is used again.',
      },
    },
    {
      alert: 'GpuMemoryBroken',
      expr: 'DCGM_FI_DEV_ROW_REMAP_FAILURE > 0',
      for: '0s',
      labels: { severity: 'critical' },
      annotations: {
        summary: 'Card {{ $labels.gpu }} of {{ $labels.Hostname }} has a broken row of memory and none to replace it',
        description: 'The card must be changed.',
      },
    },
    {
      alert: 'GpuExporterAbsent',
      expr: `absent(DCGM_FI_DEV_FB_FREE) or count(count by (Hostname) (DCGM_FI_DEV_FB_FREE)) < ${nodeCount(pools)}`,
      for: '15m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'Not every node with cards is measured',
        description: `${nodeCount(pools)} nodes have cards; the exporter of one at least is silent, or a layout is being changed.`,
      },
    },
    {
      alert: 'GpuProfilingAbsent',
      expr: 'absent(DCGM_FI_PROF_GR_ENGINE_ACTIVE) and on () (count(DCGM_FI_DEV_FB_FREE) > 0)',
      for: '15m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'Nobody knows whether the cards are used',
        description:
          'The exporter has no profiling metrics, so that GpuIdle cannot fire: it lacks rights, or another profiler holds the cards.',
      },
    },
    ...(cutPools(pools).length > 0 ? MIG_STATE : []),
  ];
}

/** Extended resources of the pools, each once. */
function resourcesOf(pools: readonly NvidiaPool[]): readonly string[] {
  return [...new Set(pools.flatMap((pool) => offersOf(pool).map(({ resource }) => resource)))];
}

/** Every one is given away: the next pod waits. */
function exhausted(resource: string): AlertRule {
  // As kube-state-metrics writes it.
  const label = `resource="${resource.replaceAll(/[^a-zA-Z0-9_]/g, '_')}"`;
  const alive = 'max by (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Running"} == 1)';
  return {
    alert: 'GpuExhausted',
    expr:
      `sum by (resource) (kube_pod_container_resource_requests{${label},node!=""} * on (namespace, pod) group_left () ${alive})` +
      ` >= sum by (resource) (kube_node_status_allocatable{${label}})`,
    for: '15m',
    labels: { severity: 'info' },
    annotations: {
      summary: `All ${resource} are given away`,
      description: 'Whoever asks for one waits until a pod ends. Compare with GpuIdle.',
    },
  };
}

/** kube-state-metrics shows labels of nodes only if it is told which. */
const STATE = 'label_nvidia_com_mig_config_state';

const MIG_STATE: readonly AlertRule[] = [
  {
    alert: 'MigLayoutFailed',
    expr: `kube_node_labels{${STATE}="failed"} == 1`,
    for: '1m',
    labels: { severity: 'critical' },
    annotations: {
      summary: 'The cards of {{ $labels.node }} could not be cut as its label asks',
      description: "See the log of the node's MIG manager. Something may still use the cards.",
    },
  },
  {
    alert: 'MigLayoutPending',
    expr: `kube_node_labels{${STATE}=~"pending|rebooting"} == 1`,
    for: '1h',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'The cards of {{ $labels.node }} have been about to be cut for an hour',
      description: "Nothing of the node can be used meanwhile. See the log of the node's MIG manager.",
    },
  },
];
