import { Construct } from 'constructs';
import { checkProps } from '../errors';
import type { PodPeer, Target } from '../site';
import { type Access, accessOf, needsToken, placeServiceAccount } from './access';
import { type PortProps, portOf } from './container';
import { type ExceptionName, type Exceptions, exceptionAnnotations } from './exceptions';
import { declareFlow, dnsTargets, placePolicy } from './flows';
import { EXPOSED_TO, ipFamilies, type PodTemplate, place } from './manifest';
import { exceptionUnstated, portUnknown } from './messages';
import { type PodProps, podTemplate } from './pod';
import { schemaOf } from './schema';
import type { ServiceChart } from './service-chart';
import { useEndpoints } from './uses';

/** Props of every workload. */
export interface WorkloadProps extends PodProps {
  /** Access to the Kubernetes API. The token of the ServiceAccount is mounted only if this is set. @default - none */
  readonly access?: Access;
  /** Whether the pods may connect to the DNS of the cluster. @default true, unless `resolver` is `node` */
  readonly dns?: boolean;
  /** Type of its Service. @default - `normal` if it has ports, `none` otherwise */
  readonly service?: 'normal' | 'headless' | 'none';
  /** Ports of the Service that differ from those of the pods, by name. @default - the ports of the pods */
  readonly servicePorts?: Readonly<Record<string, number>>;
  /** CIDRs outside of the cluster that may connect to ports on the node's network. @default - nobody outside */
  readonly exposedTo?: readonly string[];
}

/**
 * A set of pods with their ServiceAccount, roles, Service and NetworkPolicy. Subclasses create the controller.
 */
export abstract class Workload extends Construct {
  /** Name of its objects. */
  readonly name: string;
  protected readonly chart: ServiceChart;
  protected readonly template: PodTemplate;
  protected readonly labels: Record<string, string>;
  protected readonly annotations: Record<string, string> | undefined;
  protected readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  /** Its pods, as a peer of flows. */
  private readonly peer: PodPeer;
  private readonly ports: Readonly<Record<string, number | PortProps>>;
  private readonly servicePorts: Readonly<Record<string, number>>;

  /**
   * @param definition name of the interface of its props
   * @throws MISSING_PROP, INVALID_PROP_TYPE
   */
  constructor(chart: ServiceChart, id: string, props: WorkloadProps, definition: string, stated: Exceptions = {}) {
    if (!chart.isValidated) checkProps(schemaOf(definition), `${chart.path()}/${id}`, props, chart.problems);
    super(chart, id);
    this.chart = chart;
    this.name = chart.objectName(id);
    this.labels = chart.labelsOf(id);
    this.selector = { matchLabels: chart.peerOf(id).labels };
    this.peer = props.group ? chart.groupOf(props.group) : chart.peerOf(id);
    this.ports = Object.assign({}, ...Object.values(props.containers).map((one) => one.ports ?? {}));
    const uses = useEndpoints(chart, props.uses ?? [], { mounts: ownMounts(props) });
    const access = accessOf(props.access, uses);
    const token = needsToken(access);
    const exceptions: Exceptions = {
      ...stated,
      ...(token ? { 'api-token': 'uses the Kubernetes API, restricted to the rules of its roles' } : {}),
      ...props.exceptions,
    };
    for (const name of requiredExceptions(props)) {
      if (!exceptions[name]) chart.problems.add(`${chart.path(this)}/exceptions`, exceptionUnstated(name, DEVIATIONS[name] ?? name));
    }
    const annotations = {
      ...exceptionAnnotations(exceptions),
      ...(props.exposedTo && props.exposedTo.length > 0 ? { [EXPOSED_TO]: props.exposedTo.join(',') } : {}),
    };
    this.annotations = Object.keys(annotations).length > 0 ? annotations : undefined;
    const account = placeServiceAccount(chart, this, id, access);
    this.template = podTemplate(chart, this, id, props, account, token, uses);
    this.servicePorts = props.service === 'headless' ? {} : (props.servicePorts ?? {});
    if (Object.keys(this.ports).length > 0 && props.service !== 'none') this.placeService(props);
    // The checkers look for the pods of a policy, which are in no manifest if a daemon makes them.
    const ofPolicy = exceptions.spawned ? { annotations: exceptionAnnotations({ spawned: exceptions.spawned }) } : {};
    const metadata = { name: this.name, labels: this.labels, ...ofPolicy };
    if (!props.hostNetwork) placePolicy(this, metadata, this.peer, chart.site, this.selector.matchLabels);
    if (props.dns ?? props.resolver !== 'node') declareFlow(this, this.peer, ...dnsTargets(chart.site));
    this.mayReach(...uses.reach);
    for (const { from, port } of uses.callers) declareFlow(this, from, { peer: this.peer, port });
    if (token) declareFlow(this, this.peer, { peer: { kind: 'api-server' }, port: chart.site.cluster.apiPort });
  }

  /** One of its ports, as the target of a flow. Reports UNKNOWN_PORT. */
  port(name: string): Target {
    const given = this.ports[name];
    if (given === undefined) this.chart.problems.add(this.chart.path(this), portUnknown(name, Object.keys(this.ports)));
    const { port, protocol } = portOf(given ?? 0);
    return { peer: this.peer, port, protocol };
  }

  /** Number of a port of its Service, by name. */
  servicePort(name: string): number {
    return this.servicePorts[name] ?? portOf(this.ports[name] ?? 0).port;
  }

  /** Allows its pods to open connections to these targets. Pods of the facility among the targets also get an ingress rule. */
  mayReach(...targets: readonly Target[]): void {
    declareFlow(this, this.peer, ...targets);
  }

  /** Allows a peer to open connections to one of its ports. */
  mayBeReachedBy(from: Target['peer'], port: string): void {
    declareFlow(this, from, this.port(port));
  }

  /** DNS name of its Service: `name.namespace.svc.domain`. */
  get host(): string {
    return `${this.name}.${this.chart.namespace}.svc.${this.chart.site.cluster.domain}`;
  }

  /** Creates a PodDisruptionBudget that allows so many evictions at a time, so that nodes can be drained. */
  protected placeBudget(evictable = 1): void {
    place(this, 'disruption-budget', 'policy/v1/PodDisruptionBudget', {
      metadata: { name: this.name, labels: this.labels },
      // Pods that are not healthy must not block a drain.
      spec: { maxUnavailable: evictable, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: this.selector },
    });
  }

  private placeService(props: WorkloadProps): void {
    const headless = props.service === 'headless';
    place(this, 'service', 'v1/Service', {
      metadata: { name: this.name, labels: this.labels },
      spec: {
        type: 'ClusterIP',
        ...ipFamilies(this.chart.site),
        ...(headless ? { clusterIP: 'None', publishNotReadyAddresses: true } : {}),
        selector: this.selector.matchLabels,
        ports: Object.entries(this.ports).map(([name, given]) => {
          const { protocol = 'TCP' } = portOf(given);
          return { name, port: this.servicePort(name), targetPort: name, protocol };
        }),
      },
    });
  }
}

/** Own mounts of the containers: a description for messages, by mount path. */
function ownMounts(props: WorkloadProps): Readonly<Record<string, string>> {
  const containers = Object.entries({ ...props.initContainers, ...props.containers });
  return Object.fromEntries(
    containers.flatMap(([name, { mounts = {} }]) => Object.keys(mounts).map((path) => [path, `container '${name}'`])),
  );
}

/** The settings that need an exception. */
const DEVIATIONS: Readonly<Partial<Record<ExceptionName, string>>> = {
  privileged: 'privileged: true',
  'writable-root': 'writableRoot: true',
  root: 'user: 0',
  'host-network': 'hostNetwork: true',
  'host-namespaces': 'hostNamespaces',
  capabilities: 'capabilities',
  'host-path': 'a hostPath volume',
  recreate: "strategy: 'Recreate'",
};

/** Exceptions that the props need, because they deviate from the hardened pod. */
function requiredExceptions(props: WorkloadProps & { readonly replicas?: number; readonly strategy?: string }): readonly ExceptionName[] {
  const containers = Object.values({ ...props.initContainers, ...props.containers });
  const volumes = containers.flatMap(({ mounts = {} }) => Object.values(mounts).map(({ volume }) => volume));
  const found: Partial<Record<ExceptionName, boolean>> = {
    privileged: containers.some(({ privileged }) => privileged),
    'writable-root': containers.some(({ writableRoot }) => writableRoot),
    root: containers.some(({ user }) => user === 0),
    'host-network': props.hostNetwork,
    'host-namespaces': (props.hostNamespaces ?? []).length > 0,
    capabilities: containers.some(({ capabilities }) => capabilities),
    'host-path': volumes.some((volume) => volume?.hostPath),
    recreate: props.strategy === 'Recreate',
  };
  return (Object.keys(found) as ExceptionName[]).filter((name) => found[name]);
}
