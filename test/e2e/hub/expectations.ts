/** Random environments, sizes and options, and the expected form and pod. The expectation shares no code with the library. */
import { App } from 'cdk8s';
import * as fc from 'fast-check';
import { choice, defineSite, environment, existingCluster, JupyterHub, nodePool, option, size, storageClass } from '../../../lib';
import type { Placement } from '../../../lib/authoring';
import { type Accelerator, accelerator, mig } from '../../../lib/gpu';
import { type ChoiceProps, dummy, type ShareProps } from '../../../lib/services/jupyterhub';
import type { Json } from './pods';

const taint = { key: 'b', value: 'x', effect: 'NoSchedule' } as const;
const pools = [
  nodePool('a', { flavor: { vcpus: 64, memory: '512GiB' }, labels: { pool: 'a' } }),
  nodePool('b', { flavor: { vcpus: 64, memory: '512GiB' }, labels: { room: 'b' }, taints: [taint] }),
  nodePool('c', { flavor: { vcpus: 64, memory: '512GiB' }, labels: { pool: 'c' }, taints: [{ key: 'c', effect: 'NoExecute' }, taint] }),
];
const gpus = nodePool('gpus', {
  flavor: { vcpus: 64, memory: '512GiB' },
  labels: { pool: 'gpus' },
  gpus: mig('a100-80gb', { layout: { '3g.40gb': 2 } }),
});
const cards = [
  gpus.slice('3g.40gb'),
  gpus.slice('3g.40gb', 2),
  accelerator('x.example/one', { env: { CARD: 'one' }, labels: { card: 'one' } }),
  accelerator('y.example/two', { count: 2, taints: [{ key: 'two', effect: 'NoSchedule' }] }),
];
const root = pools.slice(0, 1);
const hidden = 'NVIDIA_VISIBLE_DEVICES';

type Part = ChoiceProps & { readonly name: string; readonly cpu?: number; readonly share?: ShareProps };

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const partWith = (brings: readonly (Accelerator | 'none')[]) =>
  fc.record({
    name: fc.constantFrom('p', 'q', 'r', 's'),
    groups: maybe(fc.subarray(['g', 'h'])),
    image: maybe(fc.constantFrom('example.org/i:1', 'example.org/j:1')),
    env: maybe(fc.dictionary(fc.constantFrom('A', 'B'), fc.constantFrom('1', '{x}', '}{'))),
    on: maybe(fc.subarray(pools, { minLength: 1 }) as fc.Arbitrary<Placement>),
    accelerator: maybe(fc.constantFrom(...brings)),
    cpu: fc.integer({ min: 1, max: 9 }),
    share: maybe(fc.constant({ servers: 4, oversubscribe: true })),
  });
const parts = (...brings: readonly (Accelerator | 'none')[]) =>
  fc.uniqueArray(partWith(brings), { minLength: 1, maxLength: 3, selector: ({ name }) => name });
const choices = (first: readonly Accelerator[], later: readonly Accelerator[]) =>
  fc.record({
    environments: parts(...first, 'none'),
    sizes: parts(...later, 'none'),
    options: fc.array(parts(...later, 'none'), { maxLength: 2 }),
  });
/** Accelerators either only in environments, or the same one in any choice: two different ones in a server are rejected. */
export const lists = fc.oneof(choices(cards, []), ...cards.map((one) => choices([one], [one])));
export type Lists = {
  readonly environments: readonly Part[];
  readonly sizes: readonly Part[];
  readonly options: readonly (readonly Part[])[];
};

/** The files of the hub's ConfigMap. */
export function filesOf({ environments, sizes, options }: Lists): Readonly<Record<string, string>> {
  const hub = new JupyterHub(new App(), 'hub', {
    site: defineSite('lab', {
      test: true,
      cluster: existingCluster({
        version: '1.31',
        apiServers: ['198.51.100.7:443'],
        ingress: { className: 'nginx', namespace: 'ingress' },
      }),
      pools: [...pools, gpus],
      storage: { default: storageClass('fast') },
    }),
    on: root,
    host: 'hub.example.org',
    login: dummy({ allowAll: true }),
    environments: environments.map(({ name, cpu: _, ...one }) => environment(name, one)),
    sizes: sizes.map(({ name, cpu = 1, share: _, ...one }) => size(name, { ...one, cpu, memory: '1GiB' })),
    options: options.map((choices, index) =>
      option(`option-${index}`, { choices: choices.map(({ name, cpu: _, share: __, ...one }) => choice(name, one)) }),
    ),
  });
  if (hub.problems.all.length > 0) throw new Error(JSON.stringify(hub.problems.all));
  const { data } = hub.toJson().find((one: Json) => one.data?.['hub.json']) as Json;
  return data;
}

export type Chosen = Readonly<Record<string, string>>;

/** Every combination of choices, including those that the user may not select. */
export function everything({ environments, sizes, options }: Lists): readonly Chosen[] {
  const first = environments.flatMap((one) => sizes.map((two): Chosen => ({ profile: one.name, size: two.name })));
  return options.reduce<readonly Chosen[]>(
    (all, choices, index) => all.flatMap((one) => choices.map(({ name }) => ({ ...one, [`option-${index}`]: name }))),
    first,
  );
}

function everywhere({ environments, sizes, options }: Lists): readonly Part[] {
  return [...environments, ...sizes, ...options.flat()];
}

/** Whether such servers run on nodes with NVIDIA GPUs. */
function usesGpuNodes({ on, accelerator }: Part): boolean {
  return !on && accelerator !== undefined && accelerator !== 'none' && accelerator.on === gpus;
}

export function differences(
  { environments, sizes, options }: Lists,
  groups: readonly string[],
  asked: Chosen,
  answer: Json,
): readonly string[] {
  const open = (all: readonly Part[]) => all.filter((one) => !one.groups || one.groups.some((group) => groups.includes(group)));
  const questions = options
    .map((choices, index) => [`option-${index}`, open(choices)] as const)
    .filter(([, choices]) => choices.length > 0);
  const may = open(sizes).length > 0 ? open(environments) : [];
  const pick = (all: readonly Part[], name: string | undefined) => (name === undefined ? all[0] : all.find((one) => one.name === name));
  const chosen = [
    pick(may, asked.profile),
    pick(open(sizes), asked.size),
    ...questions.map(([name, choices]) => pick(choices, asked[name])),
  ];
  if (chosen.includes(undefined)) return 'refused' in answer ? [] : ['a choice that the user may not select was started'];
  if (!answer.pod) return [`denied: ${answer.refused}`];

  const made = chosen as readonly Part[];
  const last = <T>(of: (one: Part) => T | undefined, otherwise: T) => made.reduce((before, one) => of(one) ?? before, otherwise);
  const card = last(({ accelerator }) => accelerator, 'none' as const);
  const on = last(
    ({ on, accelerator }) => (on ?? (accelerator === 'none' ? undefined : accelerator?.on && [accelerator.on])) as typeof root | undefined,
    root,
  );
  const { spec } = answer.pod;
  const { containers, affinity, nodeSelector = {}, tolerations = [] } = spec;
  const [{ image, resources, env }] = containers;
  const variable = (name: string) => env.find((one: Json) => one.name === name)?.value;
  const text = (name: string) =>
    made.reduce<string | undefined>((before, one) => (one.env?.[name] as string | undefined) ?? before, undefined);
  const same = (what: string, got: unknown, wanted: unknown) =>
    JSON.stringify(got) === JSON.stringify(wanted) ? [] : [`${what}: ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`];
  const taints = new Set(
    [
      ...on.flatMap((pool) => [...(pool.taints ?? []), ...(pool.gpus ? [{ key: 'nvidia.com/gpu' }] : [])]),
      ...(card === 'none' ? [] : (card.taints ?? [])),
    ].map(({ key }) => key),
  );
  const labels = on.map((pool) => Object.entries(pool.labels ?? {}).join());
  const terms: Json[] = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return [
    ...same(
      'offered',
      answer.offered,
      Object.fromEntries(
        may.map(({ name }) => [
          name,
          {
            size: open(sizes).map((one) => one.name),
            ...Object.fromEntries(questions.map(([key, all]) => [key, all.map((one) => one.name)])),
          },
        ]),
      ),
    ),
    ...may.flatMap(({ name }) => (answer.form.includes(`value="${name}"`) ? [] : [`${name} is missing in the form`])),
    ...same(
      'image',
      image,
      last((one) => one.image, 'ghcr.io/dask/dask-notebook:2025.11.0'),
    ),
    ...same('cpu', resources.requests.cpu, made[1]?.cpu),
    ...same('class', spec.priorityClassName, made[0]?.share && `lab-hub-${made[0].name}`),
    ...same(
      'pools',
      terms.map(({ matchExpressions: [{ key, values }] }) => `${key},${values}`),
      labels,
    ),
    ...same('taints', [...new Set(tolerations.map(({ key }: Json) => key))].sort(), [...taints].sort()),
    ...same('selector', nodeSelector, card === 'none' ? {} : (card.labels ?? {})),
    ...[...new Set(cards.map(({ resource }) => resource))].flatMap((name) =>
      same(name, resources.limits[name], card !== 'none' && card.resource === name ? String(card.count) : undefined),
    ),
    ...['A', 'B'].flatMap((name) => same(name, variable(name), text(name))),
    ...same('CARD', variable('CARD'), card === 'none' ? undefined : card.env?.CARD),
    ...same(
      hidden,
      variable(hidden),
      everywhere({ environments, sizes, options }).some(usesGpuNodes) && card === 'none' ? 'void' : undefined,
    ),
  ];
}
