import type { Construct } from 'constructs';
import type { Endpoint } from '../endpoints';
import { type Placement, withoutGpu } from '../site';
import { type ContainerProps, container, portOf, USER_ID } from './container';
import type { Exceptions } from './exceptions';
import { type PodSpec, type PodTemplate, withoutUndefined } from './manifest';
import { portNameTwice, portTwice } from './messages';
import { type Apart, apart, scheduling, type Tolerate } from './placement';
import type { ServiceChart } from './service-chart';
import type { Uses } from './uses';
import { volumesOf } from './volume';

/** How important a pod is when a node is short of room. */
export type Priority = 'system' | 'service' | 'user' | 'batch';

/** The greater goes first, and takes the place of the smaller. */
export const PRIORITY_VALUES = { system: 1_000_000, service: 100_000, user: 10_000, batch: 1_000 } as const satisfies Record<
  Priority,
  number
>;

/** What the pods of a workload are made of. */
export interface PodProps {
  /** Pools whose nodes run the pods. */
  readonly on: Placement;
  /** Containers by name; the first is the main one. */
  readonly containers: Readonly<Record<string, ContainerProps>>;
  /**
   * What the pods connect to. Every container gets the variables and mounts of the endpoints; its own `env` overrides a variable.
   *
   * @default - nothing
   */
  readonly uses?: readonly Endpoint[];
  /** Containers that run before, one after the other. @default - none */
  readonly initContainers?: Readonly<Record<string, ContainerProps>>;
  /** @default service */
  readonly priority?: Priority;
  /** Group of the files in volumes. @default 10001 */
  readonly fileGroup?: number;
  /** How long the pod may take to end, in seconds. @default 30 */
  readonly grace?: number;
  /** Differences from the hardened shape, each with its reason. @default - none */
  readonly exceptions?: Exceptions;
  /** Whether replicas must be on different nodes. @default preferred */
  readonly apart?: Apart;
  /** Share the node's network; states nothing by itself: the exception `host-network` must be given. @default false */
  readonly hostNetwork?: boolean;
  /** Taints that the pods tolerate beside those of their pools. @default - none */
  readonly tolerate?: Tolerate;
  /**
   * Who resolves names: the cluster's DNS, or the name servers of the node, which answer before the cluster does.
   *
   * @default cluster
   */
  readonly resolver?: 'cluster' | 'node';
  /** Part that the pods of several workloads are to everybody else: flows name them together. @default - the workload is alone */
  readonly group?: string;
  /** Labels that a node must have beside those of its pool. @default - none */
  readonly nodeLabels?: Readonly<Record<string, string>>;
  /** Labels of the pods that somebody else looks for. @default - those of the library alone */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** RuntimeClass: how the node starts the containers. @default - the node's usual way */
  readonly runtimeClass?: string;
  /** Namespaces of the node that the pod shares; the exception `host-namespaces` must be given. @default - none */
  readonly hostNamespaces?: readonly ('pid' | 'ipc')[];
  /** Let the containers see each other's processes. @default false */
  readonly shareProcesses?: boolean;
  /** Annotations of the pods. @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** @default - Always, or Never for a Job */
  readonly restartPolicy?: 'Always' | 'Never' | 'OnFailure';
}

/**
 * The pod template of one part in the shape that Pod Security `restricted` and the common checkers accept, unless the part
 * states an exception.
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
    Object.fromEntries(Object.entries(set).map(([name, one]) => [name, withUses(one, uses)] as const));
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
  const spread = props.restartPolicy === undefined ? apart(selector, props.apart ?? 'preferred') : {};
  const privileged = Object.values(sets).some((one) => one.privileged);
  const hidden = withoutGpu(pools);
  const make = (set: Readonly<Record<string, ContainerProps>>) =>
    Object.entries(set).map(([name, one]) => container(name, withVariables(one, hidden), chart.problems, `${path}/${name}`));
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
    restartPolicy: props.restartPolicy,
    terminationGracePeriodSeconds: props.grace ?? 30,
    securityContext: privileged
      ? { seccompProfile: { type: 'RuntimeDefault' } }
      : {
          runAsNonRoot: true,
          runAsUser: USER_ID,
          runAsGroup: USER_ID,
          fsGroup: props.fileGroup ?? USER_ID,
          // Volumes with many files would else be walked at every start.
          fsGroupChangePolicy: 'OnRootMismatch',
          seccompProfile: { type: 'RuntimeDefault' },
        },
    initContainers: initContainers && make(initContainers),
    containers: make(containers),
    volumes: volumesOf([...Object.values(initContainers ?? {}), ...Object.values(containers)].map((one) => one.mounts ?? {})),
  });
  return { metadata: withoutUndefined({ labels, annotations: props.annotations }), spec };
}

/** The container with what endpoints bring; what it says itself comes first. */
function withUses(props: ContainerProps, { variables, mounts }: Uses): ContainerProps {
  return {
    ...props,
    ...(Object.keys(variables).length > 0 ? { env: { ...variables, ...props.env } } : {}),
    ...(Object.keys(mounts).length > 0 ? { mounts: { ...props.mounts, ...mounts } } : {}),
  };
}

/** The variables of the accelerator, or those that hide the cards of the node; what the operator says goes before. */
function withVariables(props: ContainerProps, hidden: Readonly<Record<string, string>>): ContainerProps {
  const extra = props.accelerator ? (props.accelerator.env ?? {}) : props.privileged ? {} : hidden;
  return Object.keys(extra).length > 0 ? { ...props, env: { ...extra, ...props.env } } : props;
}

/** The facility makes the classes; elsewhere the cluster's default applies. */
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
      if (owner) chart.problems.add(at, portTwice(port, protocol, owner));
      owners.set(`${protocol} ${port}`, `${name}/${portName}`);
      const namesake = owners.get(portName);
      if (namesake) chart.problems.add(at, portNameTwice(portName, namesake));
      owners.set(portName, name);
    }
  }
}
