import { hubChoiceTwice, hubCpuLimit, hubNoChoice } from '../../errors';
import { type PodSpec, present, resources, scheduling } from '../../kubernetes';
import { bytes, checkName, cores, memoryText, type NodePool, poolsOf } from '../../site';
import type { JupyterHub } from './jupyterhub';
import { environmentVariables, type Variables } from './notebooks';
import type { Environment, JupyterHubProps, Size } from './props';

/** Settings of KubeSpawner that a choice changes. It sets whatever name it is given: a wrong one would be lost in silence. */
export interface Override {
  readonly image?: string;
  readonly environment?: Variables;
  /** In cores. */
  readonly cpu_guarantee?: number;
  readonly cpu_limit?: number;
  /** In bytes. */
  readonly mem_guarantee?: number;
  readonly mem_limit?: number;
  readonly extra_resource_guarantees?: Readonly<Record<string, string | number>>;
  readonly extra_resource_limits?: Readonly<Record<string, string | number>>;
  readonly node_selector?: PodSpec['nodeSelector'];
  readonly node_affinity_required?: readonly object[];
  readonly tolerations?: PodSpec['tolerations'];
}

/** One entry of KubeSpawner's form. @see https://jupyterhub-kubespawner.readthedocs.io/en/latest/spawner.html */
export interface Profile {
  readonly display_name: string;
  readonly slug: string;
  readonly description?: string;
  readonly kubespawner_override: Override;
  readonly profile_options: {
    readonly size: {
      readonly display_name: string;
      readonly choices: Readonly<Record<string, { readonly display_name: string; readonly kubespawner_override: Override }>>;
    };
  };
}

/** Environments and, in each, sizes: in the order in which they are written. */
export function profileList(chart: JupyterHub, props: JupyterHubProps): readonly Profile[] {
  return props.environments.map((environment) => {
    const path = `${chart.path()}/environments/${environment.name}`;
    const choices = (environment.sizes ?? props.sizes).map((size) => [
      size.name,
      { display_name: titleOf(chart, size), kubespawner_override: sizeOverride(chart, size, poolsFor(size, props)) },
    ]);
    return present({
      display_name: environment.title ?? environment.name,
      slug: environment.name,
      description: environment.description,
      kubespawner_override: present({
        image: environment.image ?? chart.image('dask-notebook'),
        environment: environment.env && environmentVariables(chart, `${path}/env`, environment.env),
      }),
      profile_options: { size: { display_name: 'Size', choices: Object.fromEntries(choices) } },
    });
  });
}

/** Every size that some environment offers, once. */
export function sizesOf(props: Pick<JupyterHubProps, 'environments' | 'sizes'>): readonly Size[] {
  return [...new Set(props.environments.flatMap((environment) => environment.sizes ?? props.sizes))];
}

/** Pools whose nodes run servers of a size. */
export function poolsFor(size: Size, props: Pick<JupyterHubProps, 'on' | 'notebooksOn'>): readonly NodePool[] {
  return poolsOf(size.on ?? props.notebooksOn ?? props.on);
}

/** Records HUB_NO_CHOICE, HUB_CHOICE_TWICE, HUB_CPU_LIMIT, and names and quantities that cannot be read. */
export function checkChoices(chart: JupyterHub, props: JupyterHubProps): void {
  const { environments, sizes } = props;
  checkNames(chart, 'environments', environments);
  checkNames(chart, 'sizes', sizes);
  for (const { name, sizes } of environments) if (sizes) checkNames(chart, 'sizes', sizes, `environments/${name}/`);
  for (const size of sizesOf(props)) {
    const path = pathOf(chart, size);
    const kept = chart.problems.number(`${path}/cpu`, () => cores(size.cpu));
    const limit = chart.problems.number(`${path}/cpuLimit`, () => cores(size.cpuLimit ?? size.cpu));
    if (limit < kept) chart.problems.add(`${path}/cpuLimit`, hubCpuLimit(kept, limit));
  }
}

/** Where messages place a size. */
export function pathOf(chart: JupyterHub, size: Size): string {
  return `${chart.path()}/sizes/${size.name}`;
}

/** What a choice of size changes. Each sets all of these, so that none inherits from another. */
export function sizeOverride(chart: JupyterHub, size: Size, pools: readonly NodePool[]): Override {
  const { cpu, cpuLimit = cpu, memory, disk = '10GiB' } = size;
  const path = pathOf(chart, size);
  const { requests, limits } = resources({ cpu, cpuLimit, memory, disk }, chart.problems, path);
  const inBytes = chart.problems.number(`${path}/memory`, () => bytes(memory));
  const { nodeSelector, affinity, tolerations } = scheduling(chart.site, pools);
  return {
    cpu_guarantee: chart.problems.number(`${path}/cpu`, () => cores(cpu)),
    cpu_limit: chart.problems.number(`${path}/cpuLimit`, () => cores(cpuLimit)),
    mem_guarantee: inBytes,
    mem_limit: inBytes,
    extra_resource_guarantees: { 'ephemeral-storage': requests?.['ephemeral-storage'] ?? '' },
    extra_resource_limits: { 'ephemeral-storage': limits?.['ephemeral-storage'] ?? '' },
    node_selector: nodeSelector ?? {},
    node_affinity_required: affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [],
    tolerations: tolerations ?? [],
  };
}

function titleOf(chart: JupyterHub, size: Size): string {
  if (size.title) return size.title;
  const cpu = chart.problems.number(`${pathOf(chart, size)}/cpu`, () => cores(size.cpu));
  const memory = chart.problems.number(`${pathOf(chart, size)}/memory`, () => bytes(size.memory));
  return `${size.name}: ${cpu} CPU, ${memoryText(memory)}`;
}

function checkNames(chart: JupyterHub, what: 'environments' | 'sizes', choices: readonly (Environment | Size)[], of = ''): void {
  const path = `${chart.path()}/${of}${what}`;
  const names = choices.map(({ name }) => name);
  if (choices.length === 0) chart.problems.add(path, hubNoChoice(what));
  for (const name of names) chart.problems.attempt(`${path}/${name}`, () => checkName(name));
  for (const name of new Set(names.filter((one, index) => names.indexOf(one) !== index)))
    chart.problems.add(path, hubChoiceTwice(what, name));
}
