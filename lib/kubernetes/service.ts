import type { Construct } from 'constructs';
import type { NodePool, Site } from '../site';
import type { ServiceChart } from './service-chart';
import type { ServiceDescription } from './service-description';

/**
 * Props of services that a facility installs automatically, by the name of the prop of the facility. Such a service adds its props in its own
 * folder (`declare module`).
 */
// biome-ignore lint/suspicious/noEmptyInterface: services add to it
export interface ImpliedProps {}

/** A service that a facility installs automatically if its site needs it. */
export interface ImpliedService {
  /** Id of its chart. */
  readonly id: string;
  /** Prop of the facility that configures it. */
  readonly prop: keyof ImpliedProps;
  readonly isNeeded: (site: Site) => boolean;
  readonly place: (scope: Construct, id: string, props: ImpliedProps) => void;
}

/** Node pools for the example of a service. */
export interface ExampleSurroundings {
  /** Nodes for services. */
  readonly core: NodePool;
  /** Nodes for users' pods. */
  readonly users: NodePool;
}

/** A service of the library: what `lib/services/index.ts` lists. */
export interface Service {
  readonly description: ServiceDescription;
  /** Set for a service that the facility installs automatically. @default - it is part of a facility only if it is created explicitly */
  readonly implied?: ImpliedService;
  /** Minimal useful chart, for documentation and tests. @default - none, for a service that is installed automatically */
  readonly example?: (scope: Construct, surroundings: ExampleSurroundings) => ServiceChart;
}
