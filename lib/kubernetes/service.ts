import type { Construct } from 'constructs';
import type { NodePool, Site } from '../site';
import type { ServiceChart } from './service-chart';
import type { ServiceDescription } from './service-description';

/**
 * Props of services that a facility installs by itself, by the name under which the facility takes them. A service that a site implies adds
 * its own in its folder (`declare module`).
 */
// biome-ignore lint/suspicious/noEmptyInterface: services add to it
export interface ImpliedProps {}

/** A service that a site implies, so that a facility installs it without being told. */
export interface ImpliedService {
  /** Id of its chart. */
  readonly id: string;
  /** Prop of the facility that sets its props. */
  readonly prop: keyof ImpliedProps;
  readonly isNeeded: (site: Site) => boolean;
  readonly place: (scope: Construct, id: string, props: ImpliedProps) => void;
}

/** What an example of a service is made in. */
export interface ExampleSurroundings {
  /** Nodes for services. */
  readonly core: NodePool;
  /** Nodes for users' pods. */
  readonly users: NodePool;
}

/** A service of the library: what `lib/services/index.ts` lists. */
export interface Service {
  readonly description: ServiceDescription;
  /** Set for a service that the facility installs by itself. @default - it is part of a facility only if it is created */
  readonly implied?: ImpliedService;
  /** The smallest useful chart, for documentation and suites. @default - none: the site implies it */
  readonly example?: (scope: Construct, surroundings: ExampleSurroundings) => ServiceChart;
}
