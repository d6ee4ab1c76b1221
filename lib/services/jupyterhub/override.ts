import { type PodSpec, resources, type ServiceChart, scheduling, withoutUndefined } from '../../kubernetes';
import { type Accelerator, bytes, cores, type NodePool, poolsOf, withoutGpu } from '../../site';
import type { ChoiceProps, SizeResources } from './choices';
import { placementOf } from './servers';
import { environmentVariables, type Variables } from './variables';
import { type Volumes, volumesOf } from './volumes';

type Named<T> = Readonly<Record<string, T | null>>;

/**
 * Settings of KubeSpawner that a choice changes. It merges what is given by name, and takes away what is null; it sets whatever
 * name it is given, so that a wrong one would be lost in silence.
 *
 * @see https://jupyterhub-kubespawner.readthedocs.io/en/latest/spawner.html#kubespawner.KubeSpawner.profile_list
 */
export interface Override extends Partial<Volumes> {
  readonly image?: string;
  readonly environment?: Variables;
  /** In cores. */
  readonly cpu_guarantee?: number;
  readonly cpu_limit?: number;
  /** In bytes. */
  readonly mem_guarantee?: number;
  readonly mem_limit?: number;
  readonly extra_resource_guarantees?: Named<string>;
  readonly extra_resource_limits?: Named<string>;
  /** Labels of accelerators. */
  readonly node_selector?: Named<string>;
  /** Pools: a pod may go to the nodes of any. */
  readonly node_affinity_required?: Named<object>;
  readonly tolerations?: Named<object>;
  readonly extra_labels?: Readonly<Record<string, string>>;
  /** Whether the pod has the token of its ServiceAccount. */
  readonly automount_service_account_token?: boolean;
  /** Whose quota counts the pod. */
  readonly priority_class_name?: string;
}

/** Names that any choice of a hub uses, so that a later choice can take away what an earlier one brought. */
export interface Vocabulary {
  readonly pools: number;
  readonly poolTaints: number;
  readonly resources: readonly string[];
  readonly labels: readonly string[];
  readonly taints: number;
  readonly variables: readonly string[];
  /** Variables that hide the cards of a node from whoever has asked for none; they are in the pod, hence go before the device plugin's. */
  readonly hidden: Readonly<Record<string, string>>;
}

/** The names that these choices use together. */
export function vocabularyOf(chart: ServiceChart, choices: readonly Pick<ChoiceProps, 'on' | 'accelerator'>[]): Vocabulary {
  const pools = choices.flatMap((one) => poolsOf(placementOf(one) ?? []));
  const placements = choices.map((one) => placedOn(chart, poolsOf(placementOf(one) ?? [])));
  const hidden = withoutGpu(pools);
  const found = choices.flatMap(({ accelerator }) => (accelerator && accelerator !== 'none' ? [accelerator] : []));
  const most = (counts: readonly number[]) => Math.max(0, ...counts);
  const all = (names: readonly string[]) => [...new Set(names)].sort();
  return {
    pools: most(placements.map(({ terms }) => terms.length)),
    poolTaints: most(placements.map(({ tolerations }) => tolerations.length)),
    resources: all(found.map(({ resource }) => resource)),
    labels: all(found.flatMap(({ labels }) => Object.keys(labels ?? {}))),
    taints: most(found.map(({ taints = [] }) => taints.length)),
    variables: all([...Object.keys(hidden), ...found.flatMap(({ env }) => Object.keys(env ?? {}))]),
    hidden,
  };
}

/** Of a server, on its node, unless its size says another. */
export const DISK = '10GiB';

/** What one choice changes. Problems are recorded under `path`. */
export function override(
  chart: ServiceChart,
  path: string,
  choice: Omit<ChoiceProps, 'title' | 'groups' | 'cull'>,
  given: SizeResources | undefined,
  words: Vocabulary,
): Override {
  const { image, env, volumes, accelerator } = choice;
  const on = placementOf(choice);
  const kept = given ? keptFor(chart, path, given) : undefined;
  const placed = on ? onPools(placedOn(chart, poolsOf(on)), words) : undefined;
  const card = accelerator === undefined ? undefined : withAccelerator(accelerator === 'none' ? undefined : accelerator, words);
  const variables = { ...card?.environment, ...(env ? environmentVariables(chart, `${path}/env`, env) : {}) };
  return withoutUndefined({
    image,
    environment: Object.keys(variables).length > 0 ? (variables as Variables) : undefined,
    ...kept?.own,
    extra_resource_guarantees: merged(kept?.requests, card?.resources),
    extra_resource_limits: merged(kept?.limits, card?.resources),
    node_selector: card?.labels,
    node_affinity_required: placed?.terms,
    tolerations: merged(placed?.tolerations, card?.tolerations),
    ...(volumes?.length ? volumesOf(chart, path, volumes) : {}),
  });
}

/** Cores and memory have settings of their own; disk is one of the further resources. */
function keptFor(chart: ServiceChart, path: string, { cpu, cpuLimit = cpu, memory, disk = DISK }: SizeResources) {
  const { requests, limits } = resources({ cpu, cpuLimit, memory, disk }, chart.problems, path);
  const inBytes = chart.problems.number(`${path}/memory`, () => bytes(memory));
  const storage = (from: typeof requests) => ({ 'ephemeral-storage': String(from?.['ephemeral-storage'] ?? '') });
  return {
    own: {
      cpu_guarantee: chart.problems.number(`${path}/cpu`, () => cores(cpu)),
      cpu_limit: chart.problems.number(`${path}/cpuLimit`, () => cores(cpuLimit)),
      mem_guarantee: inBytes,
      mem_limit: inBytes,
    },
    requests: storage(requests),
    limits: storage(limits),
  };
}

type Placed = { readonly terms: readonly object[]; readonly tolerations: readonly object[] };

/** Pools as terms of an affinity, one alone too: a selector by label could not be taken back by a choice that names another label. */
function placedOn(chart: ServiceChart, pools: readonly NodePool[]): Placed {
  const { nodeSelector, affinity, tolerations = [] } = scheduling(chart.site, pools);
  const [one] = Object.keys(nodeSelector ?? {});
  const only =
    one === undefined
      ? []
      : [{ matchExpressions: Object.entries(nodeSelector ?? {}).map(([key, value]) => ({ key, operator: 'In', values: [value] })) }];
  return {
    terms: affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? only,
    tolerations: tolerations.map(toleration),
  };
}

/** With a value even if it is none: KubeSpawner merges the fields of entries that have one name. */
function toleration({ key, operator, value, effect }: NonNullable<PodSpec['tolerations']>[number]): object {
  return { key, operator, value: value || null, effect };
}

function onPools({ terms, tolerations }: Placed, words: Vocabulary) {
  return { terms: numbered('pool', words.pools, terms), tolerations: numbered('pool', words.poolTaints, tolerations) };
}

function withAccelerator(card: Accelerator | undefined, words: Vocabulary) {
  const tolerations = (card?.taints ?? []).map(({ key, value, effect }) =>
    toleration({ key, operator: value ? 'Equal' : 'Exists', value, effect }),
  );
  return {
    resources: worded(words.resources, card ? { [card.resource]: String(card.count) } : {}),
    labels: worded(words.labels, card?.labels ?? {}),
    tolerations: numbered('accelerator', words.taints, tolerations),
    environment: worded(words.variables, card ? (card.env ?? {}) : words.hidden),
  };
}

function worded(names: readonly string[], given: Readonly<Record<string, string>>): Named<string> {
  return Object.fromEntries(names.map((name) => [name, given[name] ?? null]));
}

function numbered(word: string, most: number, entries: readonly object[]): Named<object> {
  return Object.fromEntries(Array.from({ length: most }, (_, index) => [`${word}-${index}`, entries[index] ?? null]));
}

function merged<T>(one: Named<T> | undefined, other: Named<T> | undefined): Named<T> | undefined {
  return one || other ? { ...one, ...other } : undefined;
}
