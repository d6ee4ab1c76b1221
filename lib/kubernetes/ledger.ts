import type { Construct, IConstruct } from 'constructs';
import { Problems } from '../errors';
import type { NodePool, Peer, SecretKey, SecretOrigin, Site, Target } from '../site';

/** One declared connection: who opens it, and what it may reach. */
export interface Flow {
  readonly from: Peer;
  readonly to: Target;
}

/** A Secret that somebody needs. */
export interface SecretNeed {
  readonly namespace: string;
  readonly secret: SecretKey;
  readonly origin: SecretOrigin;
  /** Construct path of the one who needs it. */
  readonly path: string;
}

/** Pods that exist only at run time: notebooks, workers on request. */
export interface RuntimePods {
  /** What they are called in messages, e.g. `notebook 'large'`. */
  readonly what: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly on: readonly NodePool[];
  /** Requests of one pod, in cores and bytes. */
  readonly cpu: number;
  readonly memory: number;
  /** On the disk of the node, in bytes. @default - nothing */
  readonly disk?: number;
  /** What one pod asks for beside, by the name of the extended resource. @default - nothing */
  readonly devices?: Readonly<Record<string, number>>;
  /** More of them may be asked for than the nodes have; the rest waits. @default false */
  readonly oversubscribed?: boolean;
  /** How many there may be at a time; undefined: as many as fit. */
  readonly most?: number;
  readonly path: string;
}

/** What a service promises about itself in the summary, e.g. `survives 1 server`. */
export interface SummaryNote {
  readonly service: string;
  readonly text: string;
}

/**
 * What constructs of one app tell each other and the checks, beside the objects that they place.
 * There is one for each app, found from any construct in it.
 */
export class Ledger {
  readonly problems = new Problems();
  readonly flows: Flow[] = [];
  readonly secrets: SecretNeed[] = [];
  readonly runtimePods: RuntimePods[] = [];
  readonly summaryNotes: SummaryNote[] = [];
  /** Ids of what a facility makes by itself, each with the prop of the facility that sets it. */
  readonly implied = new Map<string, string>();
  /** The site of the facility; undefined in an app that is none. */
  site?: Site;
}

// A symbol of the registry, since two copies of the package may be loaded in one process.
const LEDGER = Symbol.for('cdk8s-analysis-facility.ledger');

/** The ledger of the app that `scope` is in. */
export function ledgerOf(scope: IConstruct | Construct): Ledger {
  const root = scope.node.root as IConstruct & { [LEDGER]?: Ledger };
  root[LEDGER] ??= new Ledger();
  return root[LEDGER];
}
