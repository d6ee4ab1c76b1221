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

/** Names of the nodes that take a pod. */
const takers = ({ candidate: one }: PodSet, cluster: ClusterState) =>
  cluster.nodes.filter((state) => fits(one, state, cluster)).map(({ node: { name } }) => name);
/** A cluster with pods on nodes, by the name of the node. */
function cluster(nodes: readonly Node[], placed: Readonly<Record<string, readonly PodSet[]>> = {}): ClusterState {
  const state = emptyCluster(nodes, (namespace) => ({ team: namespace }));
  for (const [name, sets] of Object.entries(placed)) {
    const on = state.nodes.find((one) => one.node.name === name);
    if (on) for (const set of sets) bind(state, set.candidate, on);
  }
  return state;
}
const texts = ({ candidate: one }: PodSet, state: ClusterState) =>
  state.nodes.map((each) => reasonsAgainst(one, each, state).map(({ text }) => text));

describe('nodes by name, label and taint', () => {
  const nodes = [
    node('a', 4, 16, { labels: { disk: 'ssd', size: '4' } }),
    node('b', 4, 16, { labels: { disk: 'hdd', size: '16' } }),
    node('c', 4, 16, { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }),
    node('d', 4, 16, { taints: [{ key: 'soft', effect: 'PreferNoSchedule' }] }),
  ];
  const required = (...nodeSelectorTerms: object[]) =>
    ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } }) as Partial<ScheduledSpec>;
  const where = (spec: Partial<ScheduledSpec>) => takers(pods('p', {}, spec), cluster(nodes));
  const label = (key: string, operator: string, ...values: string[]) => where(required({ matchExpressions: [{ key, operator, values }] }));

  test.each<[string, () => string[], string[]]>([
    ['anywhere', () => where({}), ['a', 'b', 'd']],
    ['nodeName', () => where({ nodeName: 'b' }), ['b']],
    ['selector', () => where({ nodeSelector: { disk: 'ssd' } }), ['a']],
    ['selector that every object has by inheritance', () => where({ nodeSelector: { constructor: 'x' } }), []],
    ['In', () => label('disk', 'In', 'ssd', 'hdd'), ['a', 'b']],
    ['NotIn', () => label('disk', 'NotIn', 'ssd'), ['b', 'd']],
    ['Exists', () => label('disk', 'Exists'), ['a', 'b']],
    ['DoesNotExist', () => label('disk', 'DoesNotExist'), ['d']],
    ['Gt', () => label('size', 'Gt', '4'), ['b']],
    ['Lt', () => label('size', 'Lt', '16'), ['a']],
    ['Gt of what is no number', () => label('disk', 'Gt', '1'), []],
    ['field', () => where(required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['d'] }] })), ['d']],
    ['field NotIn', () => where(required({ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['d'] }] })), ['a', 'b']],
    [
      'one of two terms',
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
    ['tolerated whatever the value', () => where({ tolerations: [{ key: 'gpu', operator: 'Exists' }] }), ['a', 'b', 'c', 'd']],
    ['everything tolerated', () => where({ tolerations: [{ operator: 'Exists' }] }), ['a', 'b', 'c', 'd']],
    ['another value', () => where({ tolerations: [{ key: 'gpu', value: 'no' }] }), ['a', 'b', 'd']],
    ['another effect', () => where({ tolerations: [{ key: 'gpu', value: 'yes', effect: 'NoExecute' }] }), ['a', 'b', 'd']],
    ['no key needs Exists', () => where({ tolerations: [{ operator: 'Equal', value: 'yes' }] }), ['a', 'b', 'd']],
  ])('%s', (_, found, names) => {
    expect(found()).toEqual(names);
  });

  test.each<[string, () => unknown]>([
    ['an operator that is none', () => label('disk', 'Like', 'x')],
    ['In without values', () => label('disk', 'In')],
    ['Exists with values', () => label('disk', 'Exists', 'x')],
    ['Gt of what is no number', () => label('size', 'Gt', 'four')],
    ['another field than the name', () => where(required({ matchFields: [{ key: 'spec.x', operator: 'In', values: ['d'] }] }))],
  ])('INVALID_SELECTOR: %s', (_, act) => {
    refused('INVALID_SELECTOR', act);
  });
});

describe('room on a node', () => {
  const fpga = { cpu: '1', 'example.com/fpga': '1' };

  test('every resource counts, also one that no node has', () => {
    const nodes = [node('a', 4, 16), node('b', 2, 64, { allocatable: { 'example.com/fpga': 1n } })];
    const state = cluster(nodes, { b: [pods('there', { cpu: '1', memory: '60Gi' })] });
    expect(texts(pods('p', { cpu: '3', memory: '5Gi' }), state)).toEqual([[], ['Insufficient cpu', 'Insufficient memory']]);
    expect(takers(pods('p', fpga), state)).toEqual(['b']);
    expect(texts(pods('p', { 'hugepages-2Mi': '2Mi' }), state)).toEqual([['Insufficient hugepages-2Mi'], ['Insufficient hugepages-2Mi']]);
  });

  test('nobody knows how large the disk is: it refuses nothing', () => {
    expect(takers(pods('p', { 'ephemeral-storage': '9Pi' }), cluster([node('a', 4, 16)]))).toEqual(['a']);
  });

  test('the kubelet takes so many pods', () => {
    const nodes = [node('a', 4, 16, { allocatable: { pods: 1n } })];
    expect(texts(pods('p', {}), cluster(nodes, { a: [pods('other', {})] }))).toEqual([['Too many pods']]);
  });

  test('an exabyte is not a number that nobody reads', () => {
    for (const memory of ['1Pi', '1e15', '1E', '1Ei'])
      expect(texts(pods('p', { memory }), cluster([node('a', 4, 16)]))).toEqual([['Insufficient memory']]);
  });
});

describe('ports of the node', () => {
  const on = (hostPort: number, more: object = {}, spec: Partial<ScheduledSpec> = {}) =>
    pods('p', {}, { containers: [{ name: 'a', ports: [{ containerPort: 80, hostPort, ...more }] }], ...spec });
  const taken = (first: PodSet, second: PodSet) => takers(second, cluster([node('a', 4, 16)], { a: [first] })).length === 0;

  test('one pod for each port, protocol and address', () => {
    expect(taken(on(80), on(80))).toBe(true);
    expect(taken(on(80), on(81))).toBe(false);
    expect(taken(on(80), on(80, { protocol: 'UDP' }))).toBe(false);
    expect(taken(on(80, { hostIP: '10.0.0.1' }), on(80, { hostIP: '10.0.0.2' }))).toBe(false);
    expect(taken(on(80, { hostIP: '10.0.0.1' }), on(80))).toBe(true);
  });

  test('all ports of a pod on the network of the node, and those of sidecars', () => {
    const inNetwork = pods('p', {}, { hostNetwork: true, containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] });
    const sidecar = pods(
      'p',
      {},
      { initContainers: [{ name: 'a', restartPolicy: 'Always', ports: [{ containerPort: 1, hostPort: 80 }] }] },
    );
    const starting = pods('p', {}, { initContainers: [{ name: 'a', ports: [{ containerPort: 1, hostPort: 80 }] }] });
    expect(taken(inNetwork, on(80))).toBe(true);
    expect(taken(sidecar, on(80))).toBe(true);
    expect(taken(starting, on(80))).toBe(false);
  });
});

describe('pods near others', () => {
  const nodes = [
    node('a', 4, 16, { labels: { zone: 'one' } }),
    node('b', 4, 16, { labels: { zone: 'one' } }),
    node('c', 4, 16, { labels: { zone: 'two' } }),
    node('nowhere', 4, 16),
  ];
  const db = pods('db', {});

  test('affinity: where such pods are, and nowhere if there are none', () => {
    expect(takers(pods('web', {}, near('podAffinity', { app: 'db' })), cluster(nodes, { a: [db] }))).toEqual(['a']);
    expect(takers(pods('web', {}, near('podAffinity', { app: 'db' }, 'zone')), cluster(nodes, { a: [db] }))).toEqual(['a', 'b']);
    expect(takers(pods('web', {}, near('podAffinity', { app: 'db' })), cluster(nodes))).toEqual([]);
  });

  test('affinity to itself: the first of them goes anywhere that has the label', () => {
    const set = pods('db', {}, near('podAffinity', { app: 'db' }, 'zone'));
    expect(takers(set, cluster(nodes))).toEqual(['a', 'b', 'c']);
    expect(takers(set, cluster(nodes, { c: [db] }))).toEqual(['c']);
  });

  test('affinity means the own namespace, unless it names others', () => {
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
    expect(takers(web({}), there)).toEqual([]);
    expect(takers(web({ namespaces: ['b'] }), there)).toEqual(['a']);
    expect(takers(web({ namespaceSelector: {} }), there)).toEqual(['a']);
    expect(takers(web({ namespaceSelector: { matchLabels: { team: 'b' } } }), there)).toEqual(['a']);
    expect(takers(web({ namespaceSelector: { matchLabels: { team: 'a' } } }), there)).toEqual([]);
  });

  test('anti-affinity works both ways', () => {
    const lonely = pods('lonely', {}, near('podAntiAffinity', { app: 'db' }, 'zone'));
    expect(takers(lonely, cluster(nodes, { a: [db] }))).toEqual(['c', 'nowhere']);
    expect(texts(db, cluster(nodes, { a: [lonely] }))).toEqual([
      ["node(s) didn't satisfy existing pods anti-affinity rules"],
      ["node(s) didn't satisfy existing pods anti-affinity rules"],
      [],
      [],
    ]);
  });

  test('spread: no place gets ahead of the emptiest', () => {
    const set = pods('web', {}, spread({ app: 'web' }, 'zone'));
    expect(takers(set, cluster(nodes))).toEqual(['a', 'b', 'c']);
    expect(takers(set, cluster(nodes, { a: [set] }))).toEqual(['c']);
    expect(takers(pods('web', {}, spread({ app: 'web' }, 'zone', 2)), cluster(nodes, { a: [set] }))).toEqual(['a', 'b', 'c']);
    expect(texts(set, cluster(nodes)).at(-1)).toEqual(["node(s) didn't match pod topology spread constraints (missing required label)"]);
  });

  test('spread counts the places that the pod may go to, and as many as it wants at least', () => {
    const bound = { ...spread({ app: 'web' }, 'zone'), nodeSelector: { zone: 'one' } };
    const set = pods('web', {}, bound);
    expect(takers(set, cluster(nodes, { a: [set] }))).toEqual(['a', 'b']);
    const three = pods('web', {}, spread({ app: 'web' }, 'zone', 1, { minDomains: 3 }));
    expect(takers(three, cluster(nodes, { a: [three], c: [three] }))).toEqual([]);
  });
});

describe('volumes', () => {
  const driver = 'cinder.csi.openstack.org';
  const mounting = (...claims: (string | undefined)[]) =>
    podSet({ name: 'p', namespace: 'a', labels: {}, spec: {}, volumes: claims.map((claim) => ({ claim, driver, exclusive: false })) });
  const limited = node('a', 4, 16, { volumeLimits: { [driver]: 2 } });

  test('a machine takes so many; one that several pods mount is one', () => {
    expect(takers(mounting('x', 'y'), cluster([limited], { a: [mounting('x')] }))).toEqual(['a']);
    expect(texts(mounting('x', 'y'), cluster([limited], { a: [mounting('z')] }))).toEqual([['node(s) exceed max volume count']]);
    expect(texts(mounting(undefined), cluster([limited], { a: [mounting(undefined), mounting(undefined)] }))).toEqual([
      ['node(s) exceed max volume count'],
    ]);
  });

  test('a class of another zone, and a claim for one pod', () => {
    const zoned = podSet({ name: 'p', namespace: 'a', labels: {}, spec: {}, volumes: [{ claim: 'x', zone: 'two', exclusive: true }] });
    const nodes = [node('a', 4, 16, { zone: 'one' }), node('b', 4, 16, { zone: 'two' }), node('c', 4, 16)];
    expect(takers(zoned, cluster(nodes))).toEqual(['b', 'c']);
    expect(takers(zoned, cluster(nodes, { c: [zoned] }))).toEqual([]);
  });
});

describe('why there is no node', () => {
  const nodes = [
    ...['n1', 'n2', 'n3', 'n4', 'n5'].map((name) => node(name, 4, 16, { labels: { pool: 'cpu' } })),
    node('g1', 8, 32, { labels: { pool: 'gpu' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] }),
  ];
  const why = (set: PodSet) => explain(set.candidate, emptyCluster(nodes));

  test('as the scheduler says it, with the nodes and the least change', () => {
    expect(why(pods('p', { cpu: '5' }))).toMatchObject({
      text: '0/6 nodes are available: 5 Insufficient cpu (n1, n2, n3 and 2 more), 1 node(s) had untolerated taint {gpu:NoSchedule} (g1)',
      fix: 'lower its requests to cpu: 4 (what n1 has left), or add larger nodes',
    });
  });

  test('labels: what the node has instead', () => {
    expect(why(pods('p', {}, { nodeSelector: { pool: 'cpus' } }))).toMatchObject({
      text: "0/6 nodes are available: 5 node(s) didn't match Pod's node affinity/selector (n1, n2, n3 and 2 more), 1 node(s) had untolerated taint {gpu:NoSchedule} (g1)",
      fix: 'give the pool the label pool=cpus, or correct the node selector: n1 has pool=cpu',
    });
  });

  test('a taint is the least that is in the way', () => {
    expect(why(pods('p', {}, { nodeSelector: { pool: 'gpu' } })).fix).toBe(
      'tolerate the taint of g1 (gpu:NoSchedule), or place it elsewhere',
    );
  });

  test('the change that is told helps', () => {
    for (const memory of ['17Gi', '100Gi', '1E']) {
      const [, suggested = ''] = /memory: (\S+)/.exec(why(pods('p', { memory })).fix) ?? [];
      expect(takers(pods('p', { memory: suggested }), emptyCluster(nodes))).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
    }
  });

  test('without nodes', () => {
    expect(explain(candidate(pods('p', {}).candidate.pod), emptyCluster([]))).toMatchObject({
      text: '0/0 nodes are available',
      fix: 'add a pool to the site',
    });
  });
});
