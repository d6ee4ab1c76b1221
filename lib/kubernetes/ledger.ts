import type { Construct, IConstruct } from 'constructs';
import { Problems } from '../errors';
import type { Peer, SecretKey, SecretOrigin, Site, Target } from '../site';
import type { PodSpec } from './manifest';

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

/** What binds a pod to nodes: its placement, what its containers ask for, its volumes. */
export type RuntimePodSpec = Pick<PodSpec, 'nodeSelector' | 'affinity' | 'tolerations' | 'volumes' | 'containers' | 'initContainers'> &
  Partial<Pick<PodSpec, 'priorityClassName' | 'runtimeClassName'>>;

/** What the checks read of a claim. */
export interface ClaimSpec {
  readonly storageClassName?: string;
  readonly accessModes?: readonly string[];
}

/** Pods that exist only at run time: notebooks, workers on request. */
export interface RuntimePods {
  /** What they are called in messages, e.g. `notebook 'large'`. */
  readonly what: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The pod as the daemon will make it: requests, selector, tolerations, volumes. The checks schedule it as it is. */
  readonly spec: RuntimePodSpec;
  /** Claims that the daemon makes with each pod, by the name that the pod mounts. @default - none */
  readonly claims?: Readonly<Record<string, ClaimSpec>>;
  /** One on each node that selector and taints let it onto, as a DaemonSet makes them. @default false */
  readonly perNode?: boolean;
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
  /** Names of the image table that services have looked up, each with the ids of these services. */
  readonly images = new Map<string, Set<string>>();
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
