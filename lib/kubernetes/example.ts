import type { Construct } from 'constructs';
import type { Endpoint, OidcIssuer } from '../endpoints';
import type { Accelerator, NodePool, PodPeer, Site, StorageClass } from '../site';
import type { ServiceChart, ServiceProps } from './service-chart';

/**
 * The kind of site of an example: `provisioned` has OpenStack VMs with RKE2, a cloud controller and Cinder volumes; `existing` is a cluster
 * of the oldest supported Kubernetes, for tests (`test: true`); `newest` is one of the newest Kubernetes, behind a Gateway.
 */
export type ExampleSite = 'provisioned' | 'existing' | 'newest';

/** What examples find in their site. Services are known as endpoints only. */
export interface ExampleContext {
  readonly site: Site;
  /** Nodes for services. */
  readonly core: NodePool;
  /** Nodes for pods of users. In the provisioned site they are tainted. */
  readonly users: NodePool;
  /** GPUs or slices of three kinds; the pods of one service may use several. */
  readonly accelerators: readonly [Accelerator, Accelerator, Accelerator];
  /** Class for volumes that a single node mounts. */
  readonly volumes: StorageClass;
  /** As `volumes`; what is stored there stays when its claim is deleted. */
  readonly retained: StorageClass;
  /** Class for volumes that several nodes mount at a time. */
  readonly shared: StorageClass;
  /** A namespace of the site that belongs to another service. */
  readonly otherNamespace: string;
  /** A RuntimeClass that exists in the cluster. */
  readonly runtimeClass: string;
  /** Pods that collect metrics. */
  readonly monitoring: PodPeer;
  readonly issuer: OidcIssuer;
  /** What the examples of a lower `order` offer, and an object store: one outside of the site if there is none in it. */
  readonly endpoints: readonly Endpoint[];
}

/** A chart that shows, and proves in the test suites, what props of a service do. */
export interface Example {
  /** Id of the chart. */
  readonly id: string;
  readonly on: ExampleSite;
  /** Examples are created in this order; later ones find the endpoints of earlier ones. */
  readonly order: number;
  readonly alone: boolean;
  readonly props: (context: ExampleContext) => ServiceProps;
  readonly create: (scope: Construct, props: ServiceProps) => ServiceChart;
}

/** One example as its service writes it. */
export interface ExampleOf<P> {
  readonly id: string;
  readonly on: ExampleSite;
  /** A service that takes endpoints of others has a higher number than those. @default 0 */
  readonly order?: number;
  /** Rendered in a site of its own kind without other examples: for a service that a cluster has once. @default false */
  readonly alone?: boolean;
  readonly props: (context: ExampleContext) => P;
}

/**
 * The examples of a service. Together they give every prop: the first one returns `Required<Props>`, so that a new prop does not compile
 * without a value; options that exclude each other stand in further examples.
 *
 * @example examplesOf(Wiki, { id: 'wiki', on: 'provisioned', props: ({ core }): Required<WikiProps> => ({ on: core, … }) })
 */
export function examplesOf<P extends ServiceProps>(
  Chart: new (scope: Construct, id: string, props: P) => ServiceChart,
  first: ExampleOf<Required<P>>,
  ...further: readonly ExampleOf<P>[]
): readonly Example[] {
  return [first, ...further].map(({ id, on, order = 0, alone = false, props }) => ({
    id,
    on,
    order,
    alone,
    props,
    create: (scope, given) => new Chart(scope, id, given as P),
  }));
}
