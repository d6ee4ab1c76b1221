import { Construct } from 'constructs';
import { checkProps } from '../errors';
import type { PodPeer, Target } from '../site';
import { type Access, accessOf, needsToken, placeServiceAccount } from './access';
import { type PortProps, portOf } from './container';
import { type ExceptionName, type Exceptions, exceptionAnnotations } from './exceptions';
import { declareFlow, dnsTargets, placePolicy } from './flows';
import { ipFamilies, type PodTemplate, place } from './manifest';
import { exceptionUnstated, portUnknown } from './messages';
import { type PodProps, podTemplate } from './pod';
import { schemaOf } from './schema';
import type { ServiceChart } from './service-chart';
import { useEndpoints } from './uses';

/** What every workload understands. */
export interface WorkloadProps extends PodProps {
  /** What it may do with the Kubernetes API; its token is mounted only then. @default - nothing */
  readonly access?: Access;
  /** Whether it asks the cluster's DNS. @default true, unless the node resolves */
  readonly dns?: boolean;
  /** Whether a Service of its name makes its ports known. @default - if it has ports */
  readonly service?: 'normal' | 'headless' | 'none';
  /** Ports of the Service where they differ from the pod's, by name. @default - the pod's */
  readonly servicePorts?: Readonly<Record<string, number>>;
}

/**
 * Pods of one kind, with everything that goes with them: ServiceAccount, Service, NetworkPolicy, and the roles that they
 * need. The subclasses say how they are kept running.
 */
export abstract class Workload extends Construct {
  /** Name of its objects. */
  readonly name: string;
  protected readonly chart: ServiceChart;
  protected readonly template: PodTemplate;
  protected readonly labels: Record<string, string>;
  protected readonly annotations: Record<string, string> | undefined;
  protected readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  /** Its pods, as flows name them. */
  private readonly peer: PodPeer;
  private readonly ports: Readonly<Record<string, number | PortProps>>;
  private readonly servicePorts: Readonly<Record<string, number>>;

  /**
   * @param definition the interface of its props
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
      ...(token ? { 'api-token': 'it manages objects of Kubernetes, with the rights of its role alone' } : {}),
      ...props.exceptions,
    };
    for (const name of differences(props)) {
      if (!exceptions[name]) chart.problems.add(`${chart.path(this)}/exceptions`, exceptionUnstated(name));
    }
    this.annotations = Object.keys(exceptions).length > 0 ? exceptionAnnotations(exceptions) : undefined;
    const account = placeServiceAccount(chart, this, id, access);
    this.template = podTemplate(chart, this, id, props, account, token, uses);
    this.servicePorts = props.service === 'headless' ? {} : (props.servicePorts ?? {});
    if (Object.keys(this.ports).length > 0 && props.service !== 'none') this.placeService(props);
    if (!props.hostNetwork) placePolicy(this, { name: this.name, labels: this.labels }, this.peer, chart.site, this.selector.matchLabels);
    if (props.dns ?? props.resolver !== 'node') declareFlow(this, this.peer, ...dnsTargets(chart.site));
    this.mayReach(...uses.reach);
    if (token) declareFlow(this, this.peer, { peer: { kind: 'api-server' }, port: chart.site.cluster.apiPort });
  }

  /** One of its ports, or all of them, as something that others may reach. UNKNOWN_PORT is recorded for a name it has not. */
  port(name: string): Target {
    const given = this.ports[name];
    if (given === undefined) this.chart.problems.add(this.chart.path(this), portUnknown(name, Object.keys(this.ports)));
    const { port, protocol } = portOf(given ?? 0);
    return { peer: this.peer, port, protocol };
  }

  /** Number of a port of its Service. */
  servicePort(name: string): number {
    return this.servicePorts[name] ?? portOf(this.ports[name] ?? 0).port;
  }

  /** Lets its pods open connections to these targets; the other end is opened as well, where it is ours. */
  mayReach(...targets: readonly Target[]): void {
    declareFlow(this, this.peer, ...targets);
  }

  /** Lets somebody else open connections to one of its ports. */
  mayBeReachedBy(from: Target['peer'], port: string): void {
    declareFlow(this, from, this.port(port));
  }

  /** `name.namespace.svc.domain` of its Service. */
  get host(): string {
    return `${this.name}.${this.chart.namespace}.svc.${this.chart.site.cluster.domain}`;
  }

  /** A budget that lets one pod go at a time, so that nodes can be drained. */
  protected placeBudget(): void {
    place(this, 'disruption-budget', 'policy/v1/PodDisruptionBudget', {
      metadata: { name: this.name, labels: this.labels },
      // A pod that is not healthy holds nothing up: it may always go.
      spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: this.selector },
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

/** What the containers mount themselves, as messages call it. */
function ownMounts(props: WorkloadProps): Readonly<Record<string, string>> {
  const containers = Object.entries({ ...props.initContainers, ...props.containers });
  return Object.fromEntries(containers.flatMap(([name, { mounts = {} }]) => Object.keys(mounts).map((at) => [at, `container '${name}'`])));
}

/** In what the props differ from the hardened shape: each must be stated with its reason. */
function differences(props: WorkloadProps & { readonly replicas?: number; readonly strategy?: string }): readonly ExceptionName[] {
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
