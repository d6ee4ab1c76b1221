import {
  bind,
  type ClusterState,
  emptyCluster,
  explain,
  fits,
  type Node,
  type PodSet,
  reasonsAgainst,
  type ScheduledSpec,
} from '../../lib/scheduling';
import { candidate, near, node, podSet, pods, spread } from '../fixtures/scheduling';
import { refused } from '../fixtures/site';

/** Names of the nodes on which a pod fits. */
const feasible = ({ candidate: pod }: PodSet, cluster: ClusterState) =>
  cluster.nodes.filter((state) => fits(pod, state, cluster)).map(({ node: { name } }) => name);
/** A cluster with pods by node name. */
function cluster(nodes: readonly Node[], placed: Readonly<Record<string, readonly PodSet[]>> = {}): ClusterState {
  const state = emptyCluster(nodes, (namespace) => ({ team: namespace }));
  for (const [name, sets] of Object.entries(placed)) {
    const on = state.nodes.find((candidateNode) => candidateNode.node.name === name);
    if (on) for (const set of sets) bind(state, set.candidate, on);
  }
  return state;
}
const texts = ({ candidate: pod }: PodSet, state: ClusterState) =>
  state.nodes.map((each) => reasonsAgainst(pod, each, state).map(({ text }) => text));

describe('node name, node selector, node affinity and taints', () => {
  const nodes = [
    node('a', 4, 16, { labels: { disk: 'ssd', size: '4' } }),
    node('b', 4, 16, { labels: { disk: 'hdd', size: '16' } }),
    node('c', 4, 16, { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }),
    node('d', 4, 16, { taints: [{ key: 'soft', effect: 'PreferNoSchedule' }] }),
  ];
  const required = (...nodeSelectorTerms: object[]) =>
    ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } }) as Partial<ScheduledSpec>;
  const where = (spec: Partial<ScheduledSpec>) => feasible(pods('p', {}, spec), cluster(nodes));
  const label = (key: string, operator: string, ...values: string[]) => where(required({ matchExpressions: [{ key, operator, values }] }));

  test.each<[string, () => string[], string[]]>([
    ['no constraints', () => where({}), ['a', 'b', 'd']],
    ['nodeName', () => where({ nodeName: 'b' }), ['b']],
    ['selector', () => where({ nodeSelector: { disk: 'ssd' } }), ['a']],
    ['selector with the name of an inherited property', () => where({ nodeSelector: { constructor: 'x' } }), []],
    ['In', () => label('disk', 'In', 'ssd', 'hdd'), ['a', 'b']],
    ['NotIn', () => label('disk', 'NotIn', 'ssd'), ['b', 'd']],
    ['Exists', () => label('disk', 'Exists'), ['a', 'b']],
    ['DoesNotExist', () => label('disk', 'DoesNotExist'), ['d']],
    ['Gt', () => label('size', 'Gt', '4'), ['b']],
    ['Lt', () => label('size', 'Lt', '16'), ['a']],
    ['Gt with a label that is not an integer', () => label('disk', 'Gt', '1'), []],
    ['field', () => where(required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['d'] }] })), ['d']],
    ['field NotIn', () => where(required({ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['d'] }] })), ['a', 'b']],
    [
      'any of two terms',
      () =>
        where(
          required(
            { matchExpressions: [{ key: 'size', operator: 'In', values: ['4'] }] },
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['d'] }] },
          ),
        ),
      ['a', 'd'],
    ],
    ['an empty term matches nothing', () => where(required({})), []],
    ['no terms match nothing', () => where(required()), []],
    [
      'tolerated by key and value',
      () => where({ tolerations: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }),
      ['a', 'b', 'c', 'd'],
    ],
    ['tolerated with Exists and any value', () => where({ tolerations: [{ key: 'gpu', operator: 'Exists' }] }), ['a', 'b', 'c', 'd']],
    ['all taints tolerated', () => where({ tolerations: [{ operator: 'Exists' }] }), ['a', 'b', 'c', 'd']],
    ['toleration with another value', () => where({ tolerations: [{ key: 'gpu', value: 'no' }] }), ['a', 'b', 'd']],
    ['toleration with another effect', () => where({ tolerations: [{ key: 'gpu', value: 'yes', effect: 'NoExecute' }] }), ['a', 'b', 'd']],
    ['toleration without key needs Exists', () => where({ tolerations: [{ operator: 'Equal', value: 'yes' }] }), ['a', 'b', 'd']],
  ])('%s', (_, found, names) => {
    expect(found()).toEqual(names);
  });

  test.each<[string, () => unknown]>([
    ['unknown operator', () => label('disk', 'Like', 'x')],
    ['In without values', () => label('disk', 'In')],
    ['Exists with values', () => label('disk', 'Exists', 'x')],
    ['Gt with a value that is not an integer', () => label('size', 'Gt', 'four')],
    ['unsupported field', () => where(required({ matchFields: [{ key: 'spec.x', operator: 'In', values: ['d'] }] }))],
  ])('INVALID_SELECTOR: %s', (_, act) => {
    refused('INVALID_SELECTOR', act);
  });
});

describe('resources', () => {
  const fpga = { cpu: '1', 'example.com/fpga': '1' };

  test('all requested resources are checked, including unknown ones', () => {
    const nodes = [node('a', 4, 16), node('b', 2, 64, { allocatable: { 'example.com/fpga': 1n } })];
    const state = cluster(nodes, { b: [pods('there', { cpu: '1', memory: '60Gi' })] });
    expect(texts(pods('p', { cpu: '3', memory: '5Gi' }), state)).toEqual([[], ['Insufficient cpu', 'Insufficient memory']]);
    expect(feasible(pods('p', fpga), state)).toEqual(['b']);
    expect(texts(pods('p', { 'hugepages-2Mi': '2Mi' }), state)).toEqual([['Insufficient hugepages-2Mi'], ['Insufficient hugepages-2Mi']]);
  });

  test('ephemeral storage of unknown size is not checked', () => {
    expect(feasible(pods('p', { 'ephemeral-storage': '9Pi' }), cluster([node('a', 4, 16)]))).toEqual(['a']);
  });

  test('maximum number of pods', () => {
    const nodes = [node('a', 4, 16, { allocatable: { pods: 1n } })];
    expect(texts(pods('p', {}), cluster(nodes, { a: [pods('other', {})] }))).toEqual([['Too many pods']]);
  });

  test('very large quantities are parsed', () => {
    for (const memory of ['1Pi', '1e15', '1E', '1Ei'])
      expect(texts(pods('p', { memory }), cluster([node('a', 4, 16)]))).toEqual([['Insufficient memory']]);
  });
});

describe('host ports', () => {
  const on = (hostPort: number, more: object = {}, spec: Partial<ScheduledSpec> = {}) =>
    pods('p', {}, { containers: [{ name: 'a', ports: [{ containerPort: 80, hostPort, ...more }] }], ...spec });
  const conflict = (first: PodSet, second: PodSet) => feasible(second, cluster([node('a', 4, 16)], { a: [first] })).length === 0;

  test('conflict by port, protocol and address', () => {
    expect(conflict(on(80), on(80))).toBe(true);
    expect(conflict(on(80), on(81))).toBe(false);
    expect(conflict(on(80), on(80, { protocol: 'UDP' }))).toBe(false);
    expect(conflict(on(80, { hostIP: '10.0.0.1' }), on(80, { hostIP: '10.0.0.2' }))).toBe(false);
    expect(conflict(on(80, { hostIP: '10.0.0.1' }), on(80))).toBe(true);
  });

  test('all ports with hostNetwork, and ports of sidecars', () => {
    const inNetwork = pods('p', {}, { hostNetwork: true, containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] });
    const sidecar = pods(
      'p',
      {},
      { initContainers: [{ name: 'a', restartPolicy: 'Always', ports: [{ containerPort: 1, hostPort: 80 }] }] },
    );
    const starting = pods('p', {}, { initContainers: [{ name: 'a', ports: [{ containerPort: 1, hostPort: 80 }] }] });
    expect(conflict(inNetwork, on(80))).toBe(true);
    expect(conflict(sidecar, on(80))).toBe(true);
    expect(conflict(starting, on(80))).toBe(false);
  });
});

describe('pod affinity, anti-affinity and topology spread', () => {
  const nodes = [
    node('a', 4, 16, { labels: { zone: 'one' } }),
    node('b', 4, 16, { labels: { zone: 'one' } }),
    node('c', 4, 16, { labels: { zone: 'two' } }),
    node('nowhere', 4, 16),
  ];
  const db = pods('db', {});

  test('affinity: only in domains with matching pods', () => {
    expect(feasible(pods('web', {}, near('podAffinity', { app: 'db' })), cluster(nodes, { a: [db] }))).toEqual(['a']);
    expect(feasible(pods('web', {}, near('podAffinity', { app: 'db' }, 'zone')), cluster(nodes, { a: [db] }))).toEqual(['a', 'b']);
    expect(feasible(pods('web', {}, near('podAffinity', { app: 'db' })), cluster(nodes))).toEqual([]);
  });

  test('affinity to itself: the first pod fits in every domain', () => {
    const set = pods('db', {}, near('podAffinity', { app: 'db' }, 'zone'));
    expect(feasible(set, cluster(nodes))).toEqual(['a', 'b', 'c']);
    expect(feasible(set, cluster(nodes, { c: [db] }))).toEqual(['c']);
  });

  test('affinity applies to the namespace of the pod by default', () => {
    const elsewhere = podSet({ name: 'db', namespace: 'b', labels: { app: 'db' }, spec: {}, volumes: [] });
    const web = (term: object) =>
      pods(
        'web',
        {},
        {
          affinity: {
            podAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'kubernetes.io/hostname', ...term },
              ],
            },
          },
        },
      );
    const there = cluster(nodes, { a: [elsewhere] });
    expect(feasible(web({}), there)).toEqual([]);
    expect(feasible(web({ namespaces: ['b'] }), there)).toEqual(['a']);
    expect(feasible(web({ namespaceSelector: {} }), there)).toEqual(['a']);
    expect(feasible(web({ namespaceSelector: { matchLabels: { team: 'b' } } }), there)).toEqual(['a']);
    expect(feasible(web({ namespaceSelector: { matchLabels: { team: 'a' } } }), there)).toEqual([]);
  });

  test('anti-affinity of the pod and of existing pods', () => {
    const isolated = pods('isolated', {}, near('podAntiAffinity', { app: 'db' }, 'zone'));
    expect(feasible(isolated, cluster(nodes, { a: [db] }))).toEqual(['c', 'nowhere']);
    expect(texts(db, cluster(nodes, { a: [isolated] }))).toEqual([
      ["node(s) didn't satisfy existing pods anti-affinity rules"],
      ["node(s) didn't satisfy existing pods anti-affinity rules"],
      [],
      [],
    ]);
  });

  test('topology spread: maxSkew and missing labels', () => {
    const set = pods('web', {}, spread({ app: 'web' }, 'zone'));
    expect(feasible(set, cluster(nodes))).toEqual(['a', 'b', 'c']);
    expect(feasible(set, cluster(nodes, { a: [set] }))).toEqual(['c']);
    expect(feasible(pods('web', {}, spread({ app: 'web' }, 'zone', 2)), cluster(nodes, { a: [set] }))).toEqual(['a', 'b', 'c']);
    expect(texts(set, cluster(nodes)).at(-1)).toEqual(["node(s) didn't match pod topology spread constraints (missing required label)"]);
  });

  test('topology spread: only matching nodes count, and minDomains', () => {
    const bound = { ...spread({ app: 'web' }, 'zone'), nodeSelector: { zone: 'one' } };
    const set = pods('web', {}, bound);
    expect(feasible(set, cluster(nodes, { a: [set] }))).toEqual(['a', 'b']);
    const three = pods('web', {}, spread({ app: 'web' }, 'zone', 1, { minDomains: 3 }));
    expect(feasible(three, cluster(nodes, { a: [three], c: [three] }))).toEqual([]);
  });
});

describe('volumes', () => {
  const driver = 'cinder.csi.openstack.org';
  const mounting = (...claims: (string | undefined)[]) =>
    podSet({ name: 'p', namespace: 'a', labels: {}, spec: {}, volumes: claims.map((claim) => ({ claim, driver, exclusive: false })) });
  const limited = node('a', 4, 16, { volumeLimits: { [driver]: 2 } });

  test('limit per node; a claim of several pods counts once', () => {
    expect(feasible(mounting('x', 'y'), cluster([limited], { a: [mounting('x')] }))).toEqual(['a']);
    expect(texts(mounting('x', 'y'), cluster([limited], { a: [mounting('z')] }))).toEqual([['node(s) exceed max volume count']]);
    expect(texts(mounting(undefined), cluster([limited], { a: [mounting(undefined), mounting(undefined)] }))).toEqual([
      ['node(s) exceed max volume count'],
    ]);
  });

  test('availability zone, and ReadWriteOncePod', () => {
    const zoned = podSet({ name: 'p', namespace: 'a', labels: {}, spec: {}, volumes: [{ claim: 'x', zone: 'two', exclusive: true }] });
    const nodes = [node('a', 4, 16, { zone: 'one' }), node('b', 4, 16, { zone: 'two' }), node('c', 4, 16)];
    expect(feasible(zoned, cluster(nodes))).toEqual(['b', 'c']);
    expect(feasible(zoned, cluster(nodes, { c: [zoned] }))).toEqual([]);
  });
});

describe('explanation of unschedulable pods', () => {
  const nodes = [
    ...['n1', 'n2', 'n3', 'n4', 'n5'].map((name) => node(name, 4, 16, { labels: { pool: 'cpu' } })),
    node('g1', 8, 32, { labels: { pool: 'gpu' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] }),
  ];
  const why = (set: PodSet) => explain(set.candidate, emptyCluster(nodes));

  test('message of the scheduler, node names and the smallest change', () => {
    expect(why(pods('p', { cpu: '5' }))).toMatchObject({
      text: '0/6 nodes are available: 5 Insufficient cpu (n1, n2, n3 and 2 more), 1 node(s) had untolerated taint {gpu:NoSchedule} (g1)',
      fix: 'lower its requests to cpu: 4 (free on n1), or add larger nodes',
    });
  });

  test('node selector: the label that the node has instead', () => {
    expect(why(pods('p', {}, { nodeSelector: { pool: 'cpus' } }))).toMatchObject({
      text: "0/6 nodes are available: 5 node(s) didn't match Pod's node affinity/selector (n1, n2, n3 and 2 more), 1 node(s) had untolerated taint {gpu:NoSchedule} (g1)",
      fix: 'add the label pool=cpus to the pool, or correct the node selector: n1 has pool=cpu',
    });
  });

  test('a toleration is a smaller change than a label', () => {
    expect(why(pods('p', {}, { nodeSelector: { pool: 'gpu' } })).fix).toBe(
      'add a toleration for the taint of g1 (gpu:NoSchedule), or place the pod on other nodes',
    );
  });

  test('the suggested change works', () => {
    for (const memory of ['17Gi', '100Gi', '1E']) {
      const [, suggested = ''] = /memory: (\S+)/.exec(why(pods('p', { memory })).fix) ?? [];
      expect(feasible(pods('p', { memory: suggested }), emptyCluster(nodes))).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
    }
  });

  test('without nodes', () => {
    expect(explain(candidate(pods('p', {}).candidate.pod), emptyCluster([]))).toMatchObject({
      text: '0/0 nodes are available',
      fix: 'add a pool to the site',
    });
  });
});
