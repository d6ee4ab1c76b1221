import type { Construct, IConstruct } from 'constructs';
import { Problems } from '../errors';
import type { FileSystem, Peer, SecretKey, SecretOrigin, Site, Target } from '../site';
import type { PodSpec } from './manifest';

/** A declared connection: its source and its target. */
export interface Flow {
  readonly from: Peer;
  readonly to: Target;
}

/** A Secret that a service requires. */
export interface SecretNeed {
  readonly namespace: string;
  readonly secret: SecretKey;
  readonly origin: SecretOrigin;
  /** Path of the construct that requires it. */
  readonly path: string;
}

/** Fields of a pod spec that are relevant to scheduling: placement, resource requests, volumes. */
export type RuntimePodSpec = Pick<PodSpec, 'nodeSelector' | 'affinity' | 'tolerations' | 'volumes' | 'containers' | 'initContainers'> &
  Partial<Pick<PodSpec, 'priorityClassName' | 'runtimeClassName' | 'securityContext'>>;

/** Fields of a PersistentVolumeClaim that the checks read. */
export interface ClaimSpec {
  readonly storageClassName?: string;
  readonly accessModes?: readonly string[];
  /** PersistentVolume that the claim is bound to. */
  readonly volumeName?: string;
}

/** Pods that a daemon creates at run time, e.g. notebooks or workers on demand. */
export interface RuntimePods {
  /** Name in messages, e.g. `notebook 'large'`. */
  readonly what: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Pod spec as the daemon creates it: requests, node selector, tolerations, volumes. The checks schedule it unchanged. */
  readonly spec: RuntimePodSpec;
  /** Claims that the daemon creates for each pod, by the claim name in the pod spec. @default - none */
  readonly claims?: Readonly<Record<string, ClaimSpec>>;
  /** Whether there is one on each node that its selector and tolerations allow, as for a DaemonSet. @default false */
  readonly perNode?: boolean;
  /** Whether users may request more of them than fit on the nodes; the rest stay pending. @default false */
  readonly oversubscribed?: boolean;
  /** Maximum number at a time; undefined: as many as fit. */
  readonly most?: number;
  readonly path: string;
}

/** A property of a service in the summary, e.g. `tolerates the failure of 1 of 4 servers`. */
export interface SummaryNote {
  readonly service: string;
  readonly text: string;
}

/**
 * Data that constructs of one app share with each other and with the checks, and that no Kubernetes object contains. There is one ledger
 * per app; `ledgerOf` finds it from any construct of the app.
 */
export class Ledger {
  readonly problems = new Problems();
  readonly flows: Flow[] = [];
  readonly secrets: SecretNeed[] = [];
  readonly runtimePods: RuntimePods[] = [];
  readonly summaryNotes: SummaryNote[] = [];
  /** Image names that services use, each with the ids of these services. */
  readonly images = new Map<string, Set<string>>();
  /** Ids of services that the facility installs automatically, each with the prop of the facility that configures it. */
  readonly implied = new Map<string, string>();
  /** Objects that exist already, or that the operator creates, as `Kind namespace/name`: pods may mount them. */
  readonly existingObjects = new Set<string>();
  /** File systems by the claim that mounts them, as `namespace/name`. */
  readonly fileSystems = new Map<string, FileSystem>();
  /** Site of the facility; undefined in an app that is not a facility. */
  site?: Site;
}

// A global symbol, because two copies of the package may be loaded in one process.
const LEDGER = Symbol.for('cdk8s-analysis-facility.ledger');

/** The ledger of the app that contains `scope`. */
export function ledgerOf(scope: IConstruct | Construct): Ledger {
  const root = scope.node.root as IConstruct & { [LEDGER]?: Ledger };
  root[LEDGER] ??= new Ledger();
  return root[LEDGER];
}
