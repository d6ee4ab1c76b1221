import * as fc from 'fast-check';
import { type Chosen, differences, everything, filesOf, lists } from '../../e2e/hub/reckoning';
import type { Json } from '../../fixtures/hub';

/** KubeSpawner's way with what it is given by name: fields are merged, null takes away. The suite `hub` asks KubeSpawner itself. */
function merge(target: Json, given: Json): Json {
  for (const [key, value] of Object.entries(given)) {
    if (value === null) delete target[key];
    else if (typeof value === 'object' && !Array.isArray(value)) target[key] = merge(target[key] ?? {}, value);
    else target[key] = value;
  }
  return target;
}

function answer(facts: Json, groups: readonly string[], chosen: Chosen): Json {
  const open = (entry: Json) => !entry.groups || entry.groups.some((group: string) => groups.includes(group));
  const answers = (question: Json): [string, Json][] => Object.entries<Json>(question.choices).filter(([, one]) => open(one));
  const questions = (profile: Json) =>
    Object.entries<Json>(profile.profile_options)
      .map(([name, question]) => [name, answers(question)] as const)
      .filter(([, choices]) => choices.length > 0);
  const profiles = facts.profiles.filter((one: Json) => open(one) && questions(one).some(([name]) => name === 'size'));
  const profile = chosen.profile === undefined ? profiles[0] : profiles.find(({ slug }: Json) => slug === chosen.profile);
  if (!profile) return { refused: 'no such environment' };
  const made = questions(profile).map(
    ([name, choices]) => (chosen[name] === undefined ? choices[0] : choices.find(([key]) => key === chosen[name]))?.[1],
  );
  if (made.includes(undefined)) return { refused: 'no such choice' };
  const {
    image,
    cpu_guarantee,
    environment = {},
    ...pod
  } = [profile, ...made].reduce<Json>((before, one) => merge(before, one.kubespawner_override), merge({}, facts.notebooks.base));
  const env = Object.entries(environment).map(([name, value]) => ({ name, value }));
  const nodeSelectorTerms = Object.values(pod.node_affinity_required);
  return {
    form: profiles.map(({ slug }: Json) => `value="${slug}"`).join(),
    offered: Object.fromEntries(
      profiles.map((one: Json) => [
        one.slug,
        Object.fromEntries(questions(one).map(([name, choices]) => [name, choices.map(([key]) => key)])),
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

test('what a user may choose is what the hub offers and what the pod gets', () => {
  let pods = 0;
  fc.assert(
    fc.property(lists, (given) => {
      const facts = JSON.parse(filesOf(given)['hub.json'] ?? '{}');
      const wrong: string[] = [];
      for (const groups of [[], ['g'], ['g', 'h']]) {
        for (const chosen of [{}, ...everything(given)]) {
          const got = answer(facts, groups, chosen);
          if (got.pod) pods += 1;
          wrong.push(...differences(given, groups, chosen, got).map((one) => `${groups} ${JSON.stringify(chosen)}: ${one}`));
        }
      }
      expect(wrong).toEqual([]);
    }),
    { numRuns: 60 },
  );
  expect(pods).toBeGreaterThan(100);
});
