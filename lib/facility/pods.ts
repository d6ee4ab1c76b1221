import type { Container, PodSpec } from '../kubernetes';
import type { Site, SiteNode } from '../site';
import type { Built, PlacedObject } from './built';

/** Pods of one kind, as a workload in the output makes them, or as a daemon will make them at run time. */
export interface PodGroup {
  readonly path: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  /** How many; `Infinity` for as many as fit. */
  readonly replicas: number;
  /** One on each node. */
  readonly perNode: boolean;
  /** How many more there may be while a new version is rolled out. */
  readonly surge: number;
  /** Requests of one pod, in cores and bytes. */
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
  /** Extended resources of one pod. */
  readonly devices: Readonly<Record<string, number>>;
}

/** The pod groups of everything that was built. */
export function podGroups(built: Built): readonly PodGroup[] {
  return built.objects.flatMap((placed) => {
    const template = templateOf(placed);
    return template ? [groupOf(placed, template)] : [];
  });
}

interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

/** The pod template of a workload, whoever wrote it. */
export function templateOf({ object }: PlacedObject): Template | undefined {
  switch (object.kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'ReplicaSet':
    case 'Job':
      return object.spec?.template;
    case 'CronJob':
      return object.spec?.jobTemplate?.spec?.template;
    case 'Pod':
      return { metadata: object.metadata, spec: object.spec };
    default:
      return undefined;
  }
}

function groupOf(placed: PlacedObject, template: Template): PodGroup {
  const { object } = placed;
  const replicas = object.kind === 'Job' ? (object.spec.parallelism ?? 1) : (object.spec.replicas ?? 1);
  const rolling = object.kind === 'Deployment' && object.spec.strategy?.type !== 'Recreate';
  return {
    path: placed.path,
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? 'default',
    labels: template.metadata?.labels ?? {},
    spec: template.spec,
    replicas,
    perNode: object.kind === 'DaemonSet',
    surge: rolling ? surgeOf(object.spec.strategy?.rollingUpdate?.maxSurge ?? '25%', replicas) : 0,
    ...requestsOf(template.spec),
  };
}

/** How many pods of a group there may be, while it is rolled. */
export function mostPods(site: Site, group: PodGroup): number {
  return (group.perNode ? nodesFor(site, group.spec).length : group.replicas) + group.surge;
}

/** Kubernetes starts a quarter more, rounded up, unless told otherwise. */
function surgeOf(given: string | number, replicas: number): number {
  return typeof given === 'number' ? given : Math.ceil((replicas * Number.parseInt(given, 10)) / 100);
}

/** What the scheduler counts: all containers together, or the largest init container if that is more. */
export function requestsOf(spec: PodSpec): Pick<PodGroup, 'cpu' | 'memory' | 'disk' | 'devices'> {
  const of = (name: string) => {
    const asked = (container: Container) => quantity(container.resources?.requests?.[name] ?? container.resources?.limits?.[name] ?? 0);
    const together = (spec.containers ?? []).map(asked).reduce((sum, one) => sum + one, 0);
    return Math.max(together, ...(spec.initContainers ?? []).map(asked));
  };
  return {
    cpu: thousandths(of('cpu')),
    memory: of('memory'),
    disk: of('ephemeral-storage'),
    devices: Object.fromEntries(deviceNames(spec).map((name) => [name, of(name)])),
  };
}

/** Whether a resource is what a device plugin offers: those of Kubernetes itself have no domain. */
export function isDevice(resource: string): boolean {
  return resource.includes('/');
}

function deviceNames({ containers = [], initContainers = [] }: PodSpec): readonly string[] {
  const names = [...containers, ...initContainers].flatMap(({ resources }) =>
    Object.keys({ ...resources?.requests, ...resources?.limits }),
  );
  return [...new Set(names.filter(isDevice))];
}

/** Cores that Kubernetes would count: sums of tenths would else be a hair above or below what was asked. */
export function thousandths(cores: number): number {
  return Math.round(cores * 1000) / 1000;
}

const SUFFIXES: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A quantity as Kubernetes writes it, as a number; `NaN` if it is none. */
export function quantity(text: unknown): number {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(String(text));
  if (!match) return Number.NaN;
  return Number(match[1]) * (match[2] ? (SUFFIXES[match[2]] ?? Number.NaN) : 1);
}

/** The nodes on which the scheduler may put a pod, by selector, required affinity and taints; not yet by size. */
export function nodesFor(site: Site, spec: PodSpec): readonly SiteNode[] {
  return site.nodes.filter((node) => selected(node, spec) && tolerated(node, spec));
}

const nodeLabels = new WeakMap<SiteNode, Readonly<Record<string, string>>>();

/** Labels that every node has, beside those of its pool; asked for by every pod, hence kept. */
function labelsOf(node: SiteNode): Readonly<Record<string, string>> {
  const labels = nodeLabels.get(node) ?? allLabels(node);
  nodeLabels.set(node, labels);
  return labels;
}

function allLabels(node: SiteNode): Readonly<Record<string, string>> {
  return {
    'kubernetes.io/hostname': node.name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    ...roleLabels(node),
    ...node.labels,
  };
}

function roleLabels(node: SiteNode): Record<string, string> {
  return Object.fromEntries(
    node.roles.flatMap((role): [string, string][] =>
      role === 'controlplane'
        ? [
            ['node-role.kubernetes.io/controlplane', 'true'],
            ['node-role.kubernetes.io/control-plane', 'true'],
          ]
        : [[`node-role.kubernetes.io/${role}`, 'true']],
    ),
  );
}

function selected(node: SiteNode, spec: PodSpec): boolean {
  const labels = labelsOf(node);
  const wanted = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return wanted && (!terms || terms.some((term) => (term.matchExpressions ?? []).every((one) => matches(labels[one.key], one))));
}

function matches(
  label: string | undefined,
  { operator, values = [] }: { readonly operator: string; readonly values?: readonly string[] },
): boolean {
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    default:
      // Gt and Lt compare numbers that only the node knows.
      return true;
  }
}

function tolerated(node: SiteNode, spec: PodSpec): boolean {
  return node.taints
    .filter(({ effect }) => effect !== 'PreferNoSchedule')
    .every((taint) =>
      (spec.tolerations ?? []).some(
        (one) =>
          (one.effect === undefined || one.effect === taint.effect) &&
          (one.key === undefined || one.key === taint.key) &&
          ((one.operator ?? 'Equal') === 'Exists' || (one.value ?? '') === (taint.value ?? '')),
      ),
    );
}

/** Whether two replicas of the group may never share a node. */
export function mustBeApart(group: PodGroup): boolean {
  const terms = group.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.some(
    (term) =>
      term.topologyKey === 'kubernetes.io/hostname' &&
      Object.entries(term.labelSelector?.matchLabels ?? {}).every(([key, value]) => group.labels[key] === value),
  );
}
