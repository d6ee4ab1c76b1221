import type { Construct } from 'constructs';
import type { Site } from '../site';
import type { Example } from './example';
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

/** A service of the library: what `lib/services/index.ts` lists. */
export interface Service {
  readonly description: ServiceDescription;
  /** Set for a service that the facility installs automatically. @default - it is part of a facility only if it is created explicitly */
  readonly implied?: ImpliedService;
  /**
   * Examples with every prop, which the test suites render. They stand in `examples.ts` of the service and are loaded by this call only, so
   * that no synthesis pays for them.
   */
  readonly examples: () => readonly Example[];
}
