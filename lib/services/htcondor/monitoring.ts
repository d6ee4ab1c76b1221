import type { BoundSecret } from '../../endpoints';
import { type AlertRule, configFiles, Deployment, onlyFile, place, type ServiceChart, scratch } from '../../kubernetes';
import type { Placement, SecretKey } from '../../site';
import { TOKENS } from './base-config';
import { CONDOR_USER, daemonExceptions, secretCopies } from './daemon';
import { clientConfig, type HTCondorEndpoint } from './endpoint';
import type { Member } from './flocking';
import { EXPORTER_PORT } from './ports';
import type { CondorMetricsProps } from './props';

export interface ExporterProps {
  readonly on: Placement;
  readonly metrics: CondorMetricsProps;
  /** Host and port of the collectors. */
  readonly collectors: readonly string[];
  /** Configuration with which the exporter finds and trusts the pool. */
  readonly config: string;
  /** Token that may only read. */
  readonly token: SecretKey;
}

const COMMAND = ['python3', 'CondorExporter.py', '--host', '0.0.0.0', '--port', String(EXPORTER_PORT)] as const;

/** Metrics of slots and jobs, as a program that somebody else maintains reads them from the collector and the schedds. */
export class Exporter extends Deployment {
  constructor(chart: ServiceChart, { on, metrics, collectors, token, config }: ExporterProps) {
    const { mounts, ...copies } = secretCopies(metrics.image, CONDOR_USER, { tokens: [token] });
    super(chart, 'exporter', {
      on,
      fileGroup: CONDOR_USER,
      ...copies,
      containers: {
        exporter: {
          image: metrics.image,
          user: CONDOR_USER,
          command: [...(metrics.command ?? COMMAND), '--collector', collectors.join(',')],
          ports: { metrics: EXPORTER_PORT },
          env: { HOME: '/tmp', PYTHONDONTWRITEBYTECODE: '1' },
          resources: { cpu: '50m', memory: '128MiB' },
          mounts: {
            '/etc/condor/condor_config': onlyFile(configFiles(chart, 'exporter', { condor_config: config }), 'condor_config'),
            ...mounts,
            '/tmp': scratch('tmp', '64MiB'),
          },
          probes: {
            readiness: { http: '/metrics', port: 'metrics', every: 60, timeout: 30 },
            liveness: { tcp: 'metrics', every: 30, failures: 6, timeout: 5 },
          },
        },
      },
      exceptions: { ...daemonExceptions(CONDOR_USER), singleton: 'Prometheus reads one; a gap of a minute does no harm' },
    });
  }
}

/** What the exporter and its alerts need of a pool. */
export interface MetricsFacts {
  readonly on: Placement;
  readonly metrics: CondorMetricsProps;
  readonly endpoint: HTCondorEndpoint;
  /** Token that may only read, and where it comes from. */
  readonly reader: BoundSecret;
  /** Parts of the access points. */
  readonly access: readonly string[];
  /** Managers and access points, which the exporter queries. */
  readonly members: readonly Member[];
}

/** Exporter, its flows, and where the Prometheus operator is installed, what Prometheus finds and watches. */
export function placeMetrics(chart: ServiceChart, { on, metrics, endpoint, reader, access, members }: MetricsFacts): void {
  const { collectors, domain, schedds } = endpoint;
  const token = chart.needs(reader.secret, reader.origin);
  const exporter = new Exporter(chart, { on, metrics, collectors, token, config: clientConfig(collectors, domain, schedds, TOKENS) });
  for (const { targets } of members) exporter.mayReach(...targets);
  exporter.mayBeReachedBy(metrics.from, 'metrics');
  placeMonitors(
    chart,
    exporter,
    metrics,
    access.map((part) => chart.objectName(part)),
  );
}

/** What Prometheus finds and watches, where its operator is installed. */
function placeMonitors(chart: ServiceChart, exporter: Exporter, metrics: CondorMetricsProps, accessPoints: readonly string[]): void {
  if (!metrics.monitors) return;
  const metadata = { name: chart.objectName('exporter'), labels: { ...chart.labelsOf('exporter'), ...metrics.monitors } };
  place(exporter, 'monitor', 'monitoring.coreos.com/v1/ServiceMonitor', {
    metadata,
    spec: {
      selector: { matchLabels: chart.peerOf('exporter').labels },
      endpoints: [{ port: 'metrics', path: '/metrics', interval: '60s', honorLabels: false }],
    },
  });
  const rules = alertRules(chart.namespace, accessPoints, metrics.heldJobs ?? 100);
  place(exporter, 'rules', 'monitoring.coreos.com/v1/PrometheusRule', {
    metadata,
    spec: { groups: [{ name: chart.node.id, rules }] },
  });
}

/**
 * What somebody should be told about a pool.
 *
 * @param accessPoints names of their StatefulSets
 */
export function alertRules(namespace: string, accessPoints: readonly string[], heldJobs: number): readonly AlertRule[] {
  const here = `namespace="${namespace}"`;
  return [
    {
      alert: 'CondorNoSlots',
      expr: `(count(condor_slot_activity_idle{${here}}) + count(condor_slot_activity_busy{${here}}) or vector(0)) == 0`,
      for: '1h',
      labels: { severity: 'critical' },
      annotations: {
        summary: 'The pool has had no slot for an hour',
        description:
          'The collector knows no execute node. Look at the pods of the execute groups, and at StartLog and CollectorLog for DENIED.',
      },
    },
    ...accessPoints.map(
      (name): AlertRule => ({
        alert: 'CondorScheddUnreachable',
        expr: `(kube_statefulset_status_replicas_ready{${here},statefulset="${name}"} or vector(0)) < 1`,
        for: '10m',
        labels: { severity: 'critical' },
        annotations: {
          summary: `The schedd of ${name} does not answer`,
          description: 'Running jobs go on until their lease ends. Look at SchedLog, and whether the pod has its volume.',
        },
      }),
    ),
    {
      alert: 'CondorSpoolFull',
      expr: `kubelet_volume_stats_available_bytes{${here},persistentvolumeclaim=~".*spool.*"} / kubelet_volume_stats_capacity_bytes < 0.1`,
      for: '15m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'Less than 10 % of {{ $labels.persistentvolumeclaim }} are free',
        description:
          'The schedd stops when it cannot write its job queue. Enlarge the volume, or have users fetch the output of completed jobs.',
      },
    },
    {
      alert: 'CondorHeldJobs',
      expr: `sum(condor_job_state_held{${here}}) > ${heldJobs}`,
      for: '30m',
      labels: { severity: 'warning' },
      annotations: {
        summary: `More than ${heldJobs} jobs are held`,
        description: '`condor_q -hold` shows the reasons: memory or disk beyond the request, missing input, an expired credential.',
      },
    },
    {
      alert: 'CondorExporterAbsent',
      expr: `absent(up{${here},job=~".*exporter.*"} == 1)`,
      for: '15m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'Nobody knows how many slots and jobs there are',
        description: 'The exporter does not answer: the other alerts of jobs and slots cannot fire, and no node is started on demand.',
      },
    },
  ];
}
