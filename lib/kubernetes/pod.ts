import type { Construct } from 'constructs';
import type { Endpoint } from '../endpoints';
import { type Placement, withoutGpu } from '../site';
import { type ContainerProps, container, portOf, USER_ID } from './container';
import type { Exceptions } from './exceptions';
import { type PodSpec, type PodTemplate, withoutUndefined } from './manifest';
import { duplicatePort, duplicatePortName } from './messages';
import { type Apart, antiAffinity, scheduling, type Tolerate } from './placement';
import type { ServiceChart } from './service-chart';
import type { Uses } from './uses';
import { volumesOf } from './volume';

/** Scheduling priority of a pod. */
export type Priority = 'system' | 'service' | 'user' | 'batch';

/** Values of the PriorityClasses: pods with a higher value are scheduled first and can preempt those with a lower value. */
export const PRIORITY_VALUES = { system: 1_000_000, service: 100_000, user: 10_000, batch: 1_000 } as const satisfies Record<
  Priority,
  number
>;

/** Pods of a workload. */
export interface PodProps {
  /** Pools whose nodes run the pods. */
  readonly on: Placement;
  /** Containers by name; the first is the main container. */
  readonly containers: Readonly<Record<string, ContainerProps>>;
  /**
   * Endpoints that the pods connect to. Every container gets their variables and mounts; its own `env` overrides a variable.
   *
   * @default - none
   */
  readonly uses?: readonly Endpoint[];
  /** Init containers by name, in the order in which they run. @default - none */
  readonly initContainers?: Readonly<Record<string, ContainerProps>>;
  /** Priority class of the pods. @default service */
  readonly priority?: Priority;
  /** Group id of the files in volumes (`fsGroup`). @default 10001 */
  readonly fileGroup?: number;
  /** Termination grace period, in seconds. @default 30 */
  readonly grace?: number;
  /** Deviations from the hardened pod, each with its reason. @default - none */
  readonly exceptions?: Exceptions;
  /** Anti-affinity: whether replicas must run on different nodes, or should. @default preferred */
  readonly apart?: Apart;
  /** Whether the pods use the network of the node; the workload must state the exception `host-network`. @default false */
  readonly hostNetwork?: boolean;
  /** Taints that the pods tolerate in addition to those of their pools. @default - none */
  readonly tolerate?: Tolerate;
  /**
   * Name servers of the pods: the DNS of the cluster, or the name servers of the node, which also work before the cluster DNS is running.
   *
   * @default cluster
   */
  readonly resolver?: 'cluster' | 'node';
  /** Host names by address, which the pods resolve without DNS (`/etc/hosts`). @default - none */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** Group of workloads whose pods are one peer for others: flows select them together. @default - none */
  readonly group?: string;
  /** Labels that a node must have in addition to those of its pool. @default - none */
  readonly nodeLabels?: Readonly<Record<string, string>>;
  /** Additional labels of the pods, for selectors of other software. @default - none */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** RuntimeClass of the pods. @default - none: the default runtime of the node */
  readonly runtimeClass?: string;
  /** Linux namespaces of the node that the pod shares; the workload must state the exception `host-namespaces`. @default - none */
  readonly hostNamespaces?: readonly ('pid' | 'ipc')[];
  /** Whether the containers share a process namespace. @default false */
  readonly shareProcesses?: boolean;
  /** Annotations of the pods. @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** @default - Always, or Never for a Job */
  readonly restartPolicy?: 'Always' | 'Never' | 'OnFailure';
}

/**
 * Pod template of one part that satisfies Pod Security `restricted` and the common checkers, unless the part states exceptions.
 */
export function podTemplate(
  chart: ServiceChart,
  scope: Construct,
  part: string,
  props: PodProps,
  serviceAccount: string,
  token: boolean,
  uses: Uses,
): PodTemplate {
  const path = chart.path(scope);
  const labels = { ...props.podLabels, ...chart.labelsOf(part), ...(props.group ? chart.groupOf(props.group).labels : {}) };
  const selector = chart.peerOf(part).labels;
  const pools = chart.checkPlacement(scope, props.on);
  const using = (set: PodProps['containers']) =>
    Object.fromEntries(Object.entries(set).map(([name, props]) => [name, withEndpoints(props, uses)] as const));
  const containers = using(props.containers);
  const initContainers = props.initContainers && using(props.initContainers);
  const sets = { ...initContainers, ...containers };
  for (const { image } of Object.values(sets)) uses.check(image);
  const placed = scheduling(
    chart.site,
    pools,
    props.tolerate,
    Object.values(sets).flatMap(({ accelerator }) => accelerator ?? []),
  );
  const spread = props.restartPolicy === undefined ? antiAffinity(selector, props.apart ?? 'preferred') : {};
  const privileged = Object.values(sets).some(({ privileged }) => privileged);
  const hidden = withoutGpu(pools);
  const make = (set: Readonly<Record<string, ContainerProps>>) =>
    Object.entries(set).map(([name, props]) => container(name, withGpuVariables(props, hidden), chart.problems, `${path}/${name}`));
  checkPorts(chart, path, props);
  const spec: PodSpec = withoutUndefined({
    ...placed,
    ...spread,
    nodeSelector: props.nodeLabels ? { ...placed.nodeSelector, ...props.nodeLabels } : placed.nodeSelector,
    affinity: placed.affinity || spread.affinity ? { ...placed.affinity, ...spread.affinity } : undefined,
    serviceAccountName: serviceAccount,
    automountServiceAccountToken: token,
    enableServiceLinks: false,
    priorityClassName: priorityClass(chart, props.priority ?? 'service'),
    runtimeClassName: props.runtimeClass,
    hostNetwork: props.hostNetwork || undefined,
    hostPID: props.hostNamespaces?.includes('pid') || undefined,
    hostIPC: props.hostNamespaces?.includes('ipc') || undefined,
    shareProcessNamespace: props.shareProcesses || undefined,
    dnsPolicy: props.resolver === 'node' ? 'Default' : props.hostNetwork ? 'ClusterFirstWithHostNet' : undefined,
    hostAliases: props.hosts && Object.entries(props.hosts).map(([ip, hostnames]) => ({ ip, hostnames })),
    restartPolicy: props.restartPolicy,
    terminationGracePeriodSeconds: props.grace ?? 30,
    securityContext: privileged
      ? { seccompProfile: { type: 'RuntimeDefault' } }
      : {
          runAsNonRoot: true,
          runAsUser: USER_ID,
          runAsGroup: USER_ID,
          fsGroup: props.fileGroup ?? USER_ID,
          // Otherwise the kubelet would change the owner of all files of a volume at every start.
          fsGroupChangePolicy: 'OnRootMismatch',
          seccompProfile: { type: 'RuntimeDefault' },
        },
    initContainers: initContainers && make(initContainers),
    containers: make(containers),
    volumes: volumesOf([...Object.values(initContainers ?? {}), ...Object.values(containers)].map(({ mounts = {} }) => mounts)),
  });
  return { metadata: withoutUndefined({ labels, annotations: props.annotations }), spec };
}

/** Adds variables and mounts of endpoints; variables of the container take precedence. */
function withEndpoints(props: ContainerProps, { variables, mounts }: Uses): ContainerProps {
  return {
    ...props,
    ...(Object.keys(variables).length > 0 ? { env: { ...variables, ...props.env } } : {}),
    ...(Object.keys(mounts).length > 0 ? { mounts: { ...props.mounts, ...mounts } } : {}),
  };
}

/** Adds variables of the accelerator, or those that hide the GPUs of the node; variables of the container take precedence. */
function withGpuVariables(props: ContainerProps, hidden: Readonly<Record<string, string>>): ContainerProps {
  const extra = props.accelerator ? (props.accelerator.env ?? {}) : props.privileged ? {} : hidden;
  return Object.keys(extra).length > 0 ? { ...props, env: { ...extra, ...props.env } } : props;
}

/** Name of the PriorityClass. Undefined outside of a facility, which creates the classes. */
export function priorityClass(chart: ServiceChart, priority: Priority): string | undefined {
  return chart.facility ? `${chart.site.name}-${priority}` : undefined;
}

function checkPorts(chart: ServiceChart, path: string, props: PodProps): void {
  const owners = new Map<string, string>();
  for (const [name, { ports = {} }] of Object.entries(props.containers)) {
    for (const [portName, given] of Object.entries(ports)) {
      const { port, protocol = 'TCP' } = portOf(given);
      const at = `${path}/${name}/ports/${portName}`;
      const owner = owners.get(`${protocol} ${port}`);
      if (owner) chart.problems.add(at, duplicatePort(port, protocol, owner));
      owners.set(`${protocol} ${port}`, `${name}/${portName}`);
      const namesake = owners.get(portName);
      if (namesake) chart.problems.add(at, duplicatePortName(portName, namesake));
      owners.set(portName, name);
    }
  }
}
