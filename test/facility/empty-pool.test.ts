import { DaemonSet, Deployment } from '../../lib/kubernetes';
import { mig, nodePool } from '../../lib/site';
import { Bench, one, problemsIn } from '../fixtures/facility';
import { briefly, existing, nodes } from '../fixtures/site';

const empty = nodePool('gpu', { count: 0, flavor: { vcpus: 64, memory: '512GiB' }, labels: { 'node.example.org/purpose': 'gpu' } });
const site = () => existing({ pools: [nodes, empty] });

describe('a pool of zero nodes', () => {
  test('has no nodes, and is valid', () => {
    expect(briefly(site().problems)).toEqual([]);
    expect(site().nodes.map(({ pool }) => pool.name)).toEqual(['analysis', 'analysis', 'analysis']);
    expect(problemsIn(() => {}, site())).toEqual([]);
  });

  test('is rejected as placement of a service, for every kind of workload', () => {
    const on = (kind: typeof Deployment | typeof DaemonSet) =>
      problemsIn(
        (facility) => new Bench(facility, 'bench', (bench) => new kind(bench, 'server', { on: empty, containers: { main: one } })),
        site(),
      );
    for (const kind of [Deployment, DaemonSet])
      expect(on(kind)).toMatchObject([
        {
          code: 'MISSING_NODE',
          given: "bench-server is placed on pool 'gpu', which has no nodes",
          fix: "set count of nodePool('gpu', …) to 1 or more, or use another pool",
        },
      ]);
  });

  test('offers the GPUs that its first node will have', () => {
    const gpus = mig('a100-80gb', { perNode: 2, layout: { '3g.40gb': 2 } });
    const pool = nodePool('gpu', { count: 0, flavor: { vcpus: 64, memory: '512GiB' }, labels: { purpose: 'gpu' }, gpus });
    expect(pool.slice('3g.40gb')).toMatchObject({ resource: 'nvidia.com/mig-3g.40gb', count: 1 });
    expect(() => pool.slice('1g.10gb' as never)).toThrow('UNKNOWN_GPU_SLICE');
  });

  test('adds nothing to the capacity of a service that may use another pool as well', () => {
    const both = problemsIn(
      (facility) =>
        new Bench(facility, 'bench', (bench) => new Deployment(bench, 'server', { on: [nodes, empty], containers: { main: one } })),
      site(),
    );
    expect(briefly(both)).toEqual([]);
  });
});
