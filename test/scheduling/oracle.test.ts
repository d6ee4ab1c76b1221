/** Small clusters, whose every placement can be tried: the scheduling room against a judge that shares no code with it. */
import fc from 'fast-check';
import { emptyCluster, fits, type PodSet, type ScheduledSpec, schedule } from '../../lib/scheduling';
import { node, podSet } from '../fixtures/scheduling';

/** What the judge reads: plain values, none of Kubernetes' spelling. */
interface Machine {
  readonly cpu: number;
  readonly memory: number;
  readonly most: number;
  readonly zone: string;
  readonly tainted: boolean;
  readonly fast: boolean;
}

interface Work {
  readonly app: 'x' | 'y';
  readonly cpu: number;
  readonly memory: number;
  readonly tolerant: boolean;
  readonly fast: boolean;
  readonly port: boolean;
  readonly near?: { readonly app: 'x' | 'y'; readonly by: 'host' | 'zone' };
  readonly far?: { readonly app: 'x' | 'y'; readonly by: 'host' | 'zone' };
  readonly even?: { readonly by: 'host' | 'zone'; readonly skew: number };
}

const placeOf = (machines: readonly Machine[], index: number, by: 'host' | 'zone') =>
  by === 'host' ? String(index) : (machines[index] as Machine).zone;

/** Whether a pod may join those that are placed: `where[i]` is the machine of `placed[i]`. */
function allowed(machines: readonly Machine[], placed: readonly Work[], where: readonly number[], pod: Work, target: number): boolean {
  const machine = machines[target] as Machine;
  const here = placed.filter((_, index) => where[index] === target);
  if (machine.tainted && !pod.tolerant) return false;
  if (pod.fast && !machine.fast) return false;
  if (here.length + 1 > machine.most) return false;
  if (pod.cpu > 0 && here.reduce((sum, one) => sum + one.cpu, pod.cpu) > machine.cpu) return false;
  if (pod.memory > 0 && here.reduce((sum, one) => sum + one.memory, pod.memory) > machine.memory) return false;
  if (pod.port && here.some((one) => one.port)) return false;
  const together = (other: number, by: 'host' | 'zone') => placeOf(machines, other, by) === placeOf(machines, target, by);
  if (pod.far && placed.some((one, index) => one.app === pod.far?.app && together(where[index] as number, pod.far.by))) return false;
  if (placed.some((one, index) => one.far?.app === pod.app && together(where[index] as number, one.far.by))) return false;
  if (pod.near) {
    const { app, by } = pod.near;
    const friends = placed.flatMap((one, index) => (one.app === app ? [where[index] as number] : []));
    const first = friends.length === 0 && pod.app === app;
    if (!first && !friends.some((other) => together(other, by))) return false;
  }
  if (pod.even) {
    const { by, skew } = pod.even;
    const open = machines.flatMap((one, index) => (pod.fast && !one.fast ? [] : [placeOf(machines, index, by)]));
    const count = (place: string) =>
      placed.filter((one, index) => {
        const at = where[index] as number;
        return one.app === pod.app && placeOf(machines, at, by) === place && !(pod.fast && !(machines[at] as Machine).fast);
      }).length;
    const least = Math.min(...open.map(count));
    if (count(placeOf(machines, target, by)) + 1 - least > skew) return false;
  }
  return true;
}

/** Whether there is an order of all pods, and a machine for each, in which every one may join. */
function possible(
  machines: readonly Machine[],
  pods: readonly Work[],
  placed: readonly Work[] = [],
  where: readonly number[] = [],
): boolean {
  if (pods.length === 0) return true;
  return pods.some((pod, index) => {
    const rest = pods.filter((_, other) => other !== index);
    return machines.some(
      (_, target) => allowed(machines, placed, where, pod, target) && possible(machines, rest, [...placed, pod], [...where, target]),
    );
  });
}

const KEYS = { host: 'kubernetes.io/hostname', zone: 'topology.kubernetes.io/zone' } as const;

const nodesOf = (machines: readonly Machine[]) =>
  machines.map(({ cpu, memory, most, zone, tainted, fast }, index) =>
    node(`n${index}`, 0, 0, {
      labels: { [KEYS.zone]: zone, ...(fast ? { disk: 'fast' } : {}) },
      taints: tainted ? [{ key: 'own', effect: 'NoSchedule' }] : [],
      allocatable: { cpu: BigInt(cpu), memory: BigInt(memory), pods: BigInt(most) },
    }),
  );

function setOf(work: Work, replicas: number): PodSet {
  const term = ({ app, by }: { readonly app: string; readonly by: 'host' | 'zone' }) => ({
    requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app } }, topologyKey: KEYS[by] }],
  });
  const spec: ScheduledSpec = {
    containers: [
      {
        name: 'main',
        resources: { requests: { cpu: `${work.cpu}m`, memory: String(work.memory) } },
        ports: work.port ? [{ containerPort: 1, hostPort: 1 }] : [],
      },
    ],
    tolerations: work.tolerant ? [{ key: 'own', operator: 'Exists' }] : [],
    nodeSelector: work.fast ? { disk: 'fast' } : {},
    affinity: {
      ...(work.near ? { podAffinity: term(work.near) } : {}),
      ...(work.far ? { podAntiAffinity: term(work.far) } : {}),
    },
    topologySpreadConstraints: work.even
      ? [
          {
            topologyKey: KEYS[work.even.by],
            maxSkew: work.even.skew,
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: { app: work.app } },
          },
        ]
      : [],
  };
  return podSet({ name: work.app, namespace: 'a', labels: { app: work.app }, spec, volumes: [] }, replicas);
}

const rarely = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const app = fc.constantFrom('x' as const, 'y' as const);
const by = fc.constantFrom('host' as const, 'zone' as const);
const seldom = fc.integer({ min: 0, max: 3 }).map((one) => one === 0);
const machines = fc.array(
  fc.record({
    cpu: fc.integer({ min: 0, max: 9 }),
    memory: fc.integer({ min: 0, max: 9 }),
    most: fc.integer({ min: 1, max: 5 }),
    zone: fc.constantFrom('one', 'two'),
    tainted: seldom,
    fast: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
);
const work = fc.record({
  app,
  cpu: fc.integer({ min: 0, max: 4 }),
  memory: fc.integer({ min: 0, max: 4 }),
  tolerant: fc.boolean(),
  fast: seldom,
  port: seldom,
  near: rarely(fc.record({ app, by })),
  far: rarely(fc.record({ app, by })),
  even: rarely(fc.record({ by, skew: fc.integer({ min: 1, max: 2 }) })),
});

describe('against a judge that tries every order and every node', () => {
  test('it never fits when the judge says that it cannot', () => {
    const seen = { fitting: 0, impossible: 0 };
    fc.assert(
      fc.property(machines, fc.array(fc.tuple(work, fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 3 }), (given, wanted) => {
        const all = wanted.flatMap(([one, replicas]) => Array.from({ length: replicas }, () => one)).slice(0, 5);
        const sets = wanted.map(([one]) => setOf(one, all.filter((each) => each === one).length));
        const { waiting } = schedule(nodesOf(given), sets);
        if (waiting.length === 0) {
          seen.fitting += 1;
          expect(possible(given, all)).toBe(true);
        } else if (!possible(given, all)) seen.impossible += 1;
      }),
      { numRuns: 1500 },
    );
    // Both must happen, or nothing was asked.
    expect(Math.min(seen.fitting, seen.impossible)).toBeGreaterThan(100);
  });

  test('one pod fits exactly where the judge says', () => {
    fc.assert(
      fc.property(machines, work, (given, one) => {
        const cluster = emptyCluster(nodesOf(given));
        const { candidate } = setOf(one, 1);
        expect(cluster.nodes.map((state) => fits(candidate, state, cluster))).toEqual(
          given.map((_, target) => allowed(given, [], [], one, target)),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('replicas of one workload that ask for room alone wait only if there is none', () => {
    const plain = work.map(({ app: name, cpu, memory, tolerant, fast, port }): Work => ({ app: name, cpu, memory, tolerant, fast, port }));
    fc.assert(
      fc.property(machines, plain, fc.integer({ min: 1, max: 5 }), (given, one, replicas) => {
        const { waiting } = schedule(nodesOf(given), [setOf(one, replicas)]);
        expect(waiting.length === 0).toBe(
          possible(
            given,
            Array.from({ length: replicas }, () => one),
          ),
        );
      }),
      { numRuns: 500 },
    );
  });
});
