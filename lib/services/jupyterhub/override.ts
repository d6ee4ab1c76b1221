import { type PodSpec, resources as resourcesOf, type ServiceChart, scheduling, withoutUndefined } from '../../kubernetes';
import { type Accelerator, bytes, cores, type NodePool, poolsOf, withoutGpu } from '../../site';
import type { ChoiceProps, SizeResources } from './choices';
import { placementOf } from './servers';
import { environmentVariables, type Variables } from './variables';
import { type Volumes, volumesOf } from './volumes';

type ByKey<T> = Readonly<Record<string, T | null>>;

/**
 * Settings of KubeSpawner that a choice overrides (`kubespawner_override`). KubeSpawner merges objects by key, and removes keys that are
 * null. It accepts any name of a setting: a misspelled one would be ignored silently.
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
  readonly extra_resource_guarantees?: ByKey<string>;
  readonly extra_resource_limits?: ByKey<string>;
  /** Node labels of accelerators. */
  readonly node_selector?: ByKey<string>;
  /** Node pools, as alternatives: the pod can run on the nodes of any of them. */
  readonly node_affinity_required?: ByKey<object>;
  readonly tolerations?: ByKey<object>;
  readonly extra_labels?: Readonly<Record<string, string>>;
  /** Whether the token of the ServiceAccount is mounted. */
  readonly automount_service_account_token?: boolean;
  /** Selects the ResourceQuota that applies to the pod. */
  readonly priority_class_name?: string;
}

/**
 * Keys that the choices of a hub use. Each override contains all of them, with null for those that it does not set: it then replaces what
 * an earlier selection has set.
 */
export interface OverrideKeys {
  readonly pools: number;
  readonly poolTaints: number;
  readonly resources: readonly string[];
  readonly labels: readonly string[];
  readonly taints: number;
  readonly variables: readonly string[];
  /** Variables that hide GPUs from servers without an accelerator. Variables of the pod override those of the device plugin. */
  readonly hidden: Readonly<Record<string, string>>;
}

/** The keys that these choices use together. */
export function overrideKeysOf(chart: ServiceChart, choices: readonly Pick<ChoiceProps, 'on' | 'accelerator'>[]): OverrideKeys {
  const pools = choices.flatMap((choice) => poolsOf(placementOf(choice) ?? []));
  const constraints = choices.map((choice) => constraintsOf(chart, poolsOf(placementOf(choice) ?? [])));
  const hidden = withoutGpu(pools);
  const accelerators = choices.flatMap(({ accelerator }) => (accelerator && accelerator !== 'none' ? [accelerator] : []));
  const largest = (counts: readonly number[]) => Math.max(0, ...counts);
  const unique = (names: readonly string[]) => [...new Set(names)].sort();
  return {
    pools: largest(constraints.map(({ terms }) => terms.length)),
    poolTaints: largest(constraints.map(({ tolerations }) => tolerations.length)),
    resources: unique(accelerators.map(({ resource }) => resource)),
    labels: unique(accelerators.flatMap(({ labels }) => Object.keys(labels ?? {}))),
    taints: largest(accelerators.map(({ taints = [] }) => taints.length)),
    variables: unique([...Object.keys(hidden), ...accelerators.flatMap(({ env }) => Object.keys(env ?? {}))]),
    hidden,
  };
}

/** Default ephemeral storage of a notebook server. */
export const DISK = '10GiB';

/** The override of one choice. Problems are reported under `path`. */
export function override(
  chart: ServiceChart,
  path: string,
  choice: Omit<ChoiceProps, 'title' | 'groups' | 'cull'>,
  resources: SizeResources | undefined,
  keys: OverrideKeys,
): Override {
  const { image, env, volumes, accelerator } = choice;
  const on = placementOf(choice);
  const sized = resources ? resourceSettings(chart, path, resources) : undefined;
  const placed = on ? poolSettings(constraintsOf(chart, poolsOf(on)), keys) : undefined;
  const device = accelerator === undefined ? undefined : acceleratorSettings(accelerator === 'none' ? undefined : accelerator, keys);
  const variables = { ...device?.environment, ...(env ? environmentVariables(chart, `${path}/env`, env) : {}) };
  return withoutUndefined({
    image,
    environment: Object.keys(variables).length > 0 ? (variables as Variables) : undefined,
    ...sized?.settings,
    extra_resource_guarantees: merged(sized?.requests, device?.resources),
    extra_resource_limits: merged(sized?.limits, device?.resources),
    node_selector: device?.labels,
    node_affinity_required: placed?.terms,
    tolerations: merged(placed?.tolerations, device?.tolerations),
    ...(volumes?.length ? volumesOf(chart, path, volumes) : {}),
  });
}

/** CPU and memory have their own settings in KubeSpawner; ephemeral storage is an extra resource. */
function resourceSettings(chart: ServiceChart, path: string, { cpu, cpuLimit = cpu, memory, disk = DISK }: SizeResources) {
  const { requests, limits } = resourcesOf({ cpu, cpuLimit, memory, disk }, chart.problems, path);
  const memoryBytes = chart.problems.number(`${path}/memory`, () => bytes(memory));
  const storage = (from: typeof requests) => ({ 'ephemeral-storage': String(from?.['ephemeral-storage'] ?? '') });
  return {
    settings: {
      cpu_guarantee: chart.problems.number(`${path}/cpu`, () => cores(cpu)),
      cpu_limit: chart.problems.number(`${path}/cpuLimit`, () => cores(cpuLimit)),
      mem_guarantee: memoryBytes,
      mem_limit: memoryBytes,
    },
    requests: storage(requests),
    limits: storage(limits),
  };
}

type Constraints = { readonly terms: readonly object[]; readonly tolerations: readonly object[] };

/**
 * Pools as terms of a node affinity. A single pool is a term as well: a later choice could not remove a node selector for another label.
 */
function constraintsOf(chart: ServiceChart, pools: readonly NodePool[]): Constraints {
  const { nodeSelector, affinity, tolerations = [] } = scheduling(chart.site, pools);
  const labels = Object.entries(nodeSelector ?? {});
  const single =
    labels.length === 0 ? [] : [{ matchExpressions: labels.map(([key, value]) => ({ key, operator: 'In', values: [value] })) }];
  return {
    terms: affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? single,
    tolerations: tolerations.map(toleration),
  };
}

/** Always with `value`, if necessary null: KubeSpawner merges the fields of entries with the same key. */
function toleration({ key, operator, value, effect }: NonNullable<PodSpec['tolerations']>[number]): object {
  return { key, operator, value: value || null, effect };
}

function poolSettings({ terms, tolerations }: Constraints, keys: OverrideKeys) {
  return { terms: numbered('pool', keys.pools, terms), tolerations: numbered('pool', keys.poolTaints, tolerations) };
}

function acceleratorSettings(device: Accelerator | undefined, keys: OverrideKeys) {
  const tolerations = (device?.taints ?? []).map(({ key, value, effect }) =>
    toleration({ key, operator: value ? 'Equal' : 'Exists', value, effect }),
  );
  return {
    resources: withKeys(keys.resources, device ? { [device.resource]: String(device.count) } : {}),
    labels: withKeys(keys.labels, device?.labels ?? {}),
    tolerations: numbered('accelerator', keys.taints, tolerations),
    environment: withKeys(keys.variables, device ? (device.env ?? {}) : keys.hidden),
  };
}

/** All keys; null for those without a value. */
function withKeys(keys: readonly string[], values: Readonly<Record<string, string>>): ByKey<string> {
  return Object.fromEntries(keys.map((key) => [key, values[key] ?? null]));
}

function numbered(prefix: string, count: number, entries: readonly object[]): ByKey<object> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}-${index}`, entries[index] ?? null]));
}

function merged<T>(first: ByKey<T> | undefined, second: ByKey<T> | undefined): ByKey<T> | undefined {
  return first || second ? { ...first, ...second } : undefined;
}
