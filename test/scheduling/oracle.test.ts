/** Compares lib/scheduling with an independent brute-force implementation on small clusters. */
import fc from 'fast-check';
import { emptyCluster, fits, type PodSet, type ScheduledSpec, schedule } from '../../lib/scheduling';
import { node, podSet } from '../fixtures/scheduling';

/** Nodes and pods of the brute-force implementation, as plain values. */
interface Machine {
  readonly cpu: number;
  readonly memory: number;
  readonly maxPods: number;
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
  readonly spread?: { readonly by: 'host' | 'zone'; readonly skew: number };
}

const domainOf = (machines: readonly Machine[], index: number, by: 'host' | 'zone') =>
  by === 'host' ? String(index) : (machines[index] as Machine).zone;

/** Whether a pod fits on a machine with the placed pods: `where[i]` is the machine of `placed[i]`. */
function allowed(machines: readonly Machine[], placed: readonly Work[], where: readonly number[], pod: Work, target: number): boolean {
  const machine = machines[target] as Machine;
  const here = placed.filter((_, index) => where[index] === target);
  if (machine.tainted && !pod.tolerant) return false;
  if (pod.fast && !machine.fast) return false;
  if (here.length + 1 > machine.maxPods) return false;
  if (pod.cpu > 0 && here.reduce((sum, other) => sum + other.cpu, pod.cpu) > machine.cpu) return false;
  if (pod.memory > 0 && here.reduce((sum, other) => sum + other.memory, pod.memory) > machine.memory) return false;
  if (pod.port && here.some((other) => other.port)) return false;
  const together = (other: number, by: 'host' | 'zone') => domainOf(machines, other, by) === domainOf(machines, target, by);
  if (pod.far && placed.some((other, index) => other.app === pod.far?.app && together(where[index] as number, pod.far.by))) return false;
  if (placed.some((other, index) => other.far?.app === pod.app && together(where[index] as number, other.far.by))) return false;
  if (pod.near) {
    const { app, by } = pod.near;
    const targets = placed.flatMap((other, index) => (other.app === app ? [where[index] as number] : []));
    const first = targets.length === 0 && pod.app === app;
    if (!first && !targets.some((other) => together(other, by))) return false;
  }
  if (pod.spread) {
    const { by, skew } = pod.spread;
    const open = machines.flatMap((other, index) => (pod.fast && !other.fast ? [] : [domainOf(machines, index, by)]));
    const count = (domain: string) =>
      placed.filter((other, index) => {
        const at = where[index] as number;
        return other.app === pod.app && domainOf(machines, at, by) === domain && !(pod.fast && !(machines[at] as Machine).fast);
      }).length;
    const least = Math.min(...open.map(count));
    if (count(domainOf(machines, target, by)) + 1 - least > skew) return false;
  }
  return true;
}

/** Whether all pods can be placed in some order. */
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
  machines.map(({ cpu, memory, maxPods, zone, tainted, fast }, index) =>
    node(`n${index}`, 0, 0, {
      labels: { [KEYS.zone]: zone, ...(fast ? { disk: 'fast' } : {}) },
      taints: tainted ? [{ key: 'own', effect: 'NoSchedule' }] : [],
      allocatable: { cpu: BigInt(cpu), memory: BigInt(memory), pods: BigInt(maxPods) },
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
    topologySpreadConstraints: work.spread
      ? [
          {
            topologyKey: KEYS[work.spread.by],
            maxSkew: work.spread.skew,
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: { app: work.app } },
          },
        ]
      : [],
  };
  return podSet({ name: work.app, namespace: 'a', labels: { app: work.app }, spec, volumes: [] }, replicas);
}

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const app = fc.constantFrom('x' as const, 'y' as const);
const by = fc.constantFrom('host' as const, 'zone' as const);
const rarely = fc.integer({ min: 0, max: 3 }).map((value) => value === 0);
const machines = fc.array(
  fc.record({
    cpu: fc.integer({ min: 0, max: 9 }),
    memory: fc.integer({ min: 0, max: 9 }),
    maxPods: fc.integer({ min: 1, max: 5 }),
    zone: fc.constantFrom('one', 'two'),
    tainted: rarely,
    fast: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
);
const work = fc.record({
  app,
  cpu: fc.integer({ min: 0, max: 4 }),
  memory: fc.integer({ min: 0, max: 4 }),
  tolerant: fc.boolean(),
  fast: rarely,
  port: rarely,
  near: optional(fc.record({ app, by })),
  far: optional(fc.record({ app, by })),
  spread: optional(fc.record({ by, skew: fc.integer({ min: 1, max: 2 }) })),
});

describe('compared with a search over all orders and nodes', () => {
  test('a placement is only found if one exists', () => {
    const seen = { fitting: 0, impossible: 0 };
    fc.assert(
      fc.property(machines, fc.array(fc.tuple(work, fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 3 }), (given, wanted) => {
        const all = wanted.flatMap(([one, replicas]) => Array.from({ length: replicas }, () => one)).slice(0, 5);
        const sets = wanted.map(([one]) => setOf(one, all.filter((each) => each === one).length));
        const { unscheduled } = schedule(nodesOf(given), sets);
        if (unscheduled.length === 0) {
          seen.fitting += 1;
          expect(possible(given, all)).toBe(true);
        } else if (!possible(given, all)) seen.impossible += 1;
      }),
      { numRuns: 1500 },
    );
    // Both cases must occur, otherwise the test is not meaningful.
    expect(Math.min(seen.fitting, seen.impossible)).toBeGreaterThan(100);
  });

  test('a single pod fits on exactly the same nodes', () => {
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

  test('replicas of a workload without affinity are placed whenever possible', () => {
    const plain = work.map(({ app: name, cpu, memory, tolerant, fast, port }): Work => ({ app: name, cpu, memory, tolerant, fast, port }));
    fc.assert(
      fc.property(machines, plain, fc.integer({ min: 1, max: 5 }), (given, one, replicas) => {
        const { unscheduled } = schedule(nodesOf(given), [setOf(one, replicas)]);
        expect(unscheduled.length === 0).toBe(
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
