import * as fc from 'fast-check';
import { type Chosen, differences, everything, filesOf, lists } from '../../e2e/hub/expectations';
import type { Json } from '../../fixtures/hub';

/** Merges like KubeSpawner: objects by key, null removes a key. The suite `hub` runs the same test with the real KubeSpawner. */
function merge(target: Json, given: Json): Json {
  for (const [key, value] of Object.entries(given)) {
    if (value === null) delete target[key];
    else if (typeof value === 'object' && !Array.isArray(value)) target[key] = merge(target[key] ?? {}, value);
    else target[key] = value;
  }
  return target;
}

function spawn(facts: Json, groups: readonly string[], chosen: Chosen): Json {
  const open = (entry: Json) => !entry.groups || entry.groups.some((group: string) => groups.includes(group));
  const openChoices = (option: Json): [string, Json][] => Object.entries<Json>(option.choices).filter(([, entry]) => open(entry));
  const optionsOf = (profile: Json) =>
    Object.entries<Json>(profile.profile_options)
      .map(([name, option]) => [name, openChoices(option)] as const)
      .filter(([, choices]) => choices.length > 0);
  const profiles = facts.profiles.filter((entry: Json) => open(entry) && optionsOf(entry).some(([name]) => name === 'size'));
  const profile = chosen.profile === undefined ? profiles[0] : profiles.find(({ slug }: Json) => slug === chosen.profile);
  if (!profile) return { refused: 'unknown environment' };
  const selected = optionsOf(profile).map(
    ([name, choices]) => (chosen[name] === undefined ? choices[0] : choices.find(([key]) => key === chosen[name]))?.[1],
  );
  if (selected.includes(undefined)) return { refused: 'unknown choice' };
  const {
    image,
    cpu_guarantee,
    environment = {},
    ...pod
  } = [profile, ...selected].reduce<Json>((before, entry) => merge(before, entry.kubespawner_override), merge({}, facts.notebooks.base));
  const env = Object.entries(environment).map(([name, value]) => ({ name, value }));
  const nodeSelectorTerms = Object.values(pod.node_affinity_required);
  return {
    form: profiles.map(({ slug }: Json) => `value="${slug}"`).join(),
    offered: Object.fromEntries(
      profiles.map((entry: Json) => [
        entry.slug,
        Object.fromEntries(optionsOf(entry).map(([name, choices]) => [name, choices.map(([key]) => key)])),
      ]),
    ),
    pod: {
      spec: {
        containers: [{ image, env, resources: { requests: { cpu: cpu_guarantee }, limits: pod.extra_resource_limits } }],
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
        nodeSelector: pod.node_selector,
        tolerations: Object.values(pod.tolerations),
        priorityClassName: pod.priority_class_name,
      },
    },
  };
}

test('random choices: the form offers exactly the allowed choices, and the pod has their settings', () => {
  let pods = 0;
  fc.assert(
    fc.property(lists, (given) => {
      const facts = JSON.parse(filesOf(given)['hub.json'] ?? '{}');
      const found: string[] = [];
      for (const groups of [[], ['g'], ['g', 'h']]) {
        for (const chosen of [{}, ...everything(given)]) {
          const got = spawn(facts, groups, chosen);
          if (got.pod) pods += 1;
          found.push(...differences(given, groups, chosen, got).map((text) => `${groups} ${JSON.stringify(chosen)}: ${text}`));
        }
      }
      expect(found).toEqual([]);
    }),
    { numRuns: 60 },
  );
  expect(pods).toBeGreaterThan(100);
});
