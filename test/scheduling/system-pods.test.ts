import { candidateOf, emptyCluster, freeOn, mayRunOn, scheduleDaemons, scheduleOn, schedulerNodes, systemPods } from '../../lib/scheduling';
import { nodePool, type Rke2Network, rke1, rke2, type Site } from '../../lib/site';
import { deployment, problemsIn, raw } from '../fixtures/facility';
import { briefly, existing, master, provisioned, worker } from '../fixtures/site';

const GiB = 2n ** 30n;
const control = { roles: ['controlplane', 'etcd'], count: 3 } as const;
const site = (cluster: Site['cluster'], more: Partial<Site> = {}) =>
  provisioned({ cluster, pools: [master(control), worker({ count: 5 })], ...more });
const rke = site(rke1({ version: '1.27.16' }));
const rancher = site(rke2({ version: '1.31.9' }));
const names = (of: Site) => systemPods(of).map(({ candidate }) => candidate.pod.name);
/** What the pods of the distribution take of a node. */
function taken(of: Site, node: string) {
  const { cluster } = scheduleDaemons(emptyCluster(schedulerNodes(of)), systemPods(of));
  const state = cluster.nodes.find((one) => one.node.name === node);
  const whole = state && { ...state, used: {} };
  return Object.fromEntries(
    ['cpu', 'memory', 'pods'].map((name) => [name, state && whole && (freeOn(whole, name) ?? 0n) - (freeOn(state, name) ?? 0n)]),
  );
}

describe('pods of the distribution', () => {
  test('RKE: what its templates ask for, on every node', () => {
    expect(names(rke)).toEqual([
      'coredns',
      'coredns-autoscaler',
      'metrics-server',
      'canal',
      'calico-kube-controllers',
      'nginx-ingress-controller',
      'default-http-backend',
    ]);
    expect(taken(rke, 'napoli-master-1')).toEqual({ cpu: 250n, memory: 0n, pods: 1n });
    expect(taken(rke, 'napoli-worker-1')).toEqual({ cpu: 250n, memory: 0n, pods: 2n });
  });

  test('RKE2: static pods of servers, kube-proxy, network and ingress', () => {
    expect(taken(rancher, 'napoli-master-1')).toEqual({ cpu: 1350n, memory: 2n * GiB + 128n * 2n ** 20n, pods: 7n });
    expect(taken(rancher, 'napoli-worker-1')).toEqual({ cpu: 600n, memory: 218n * 2n ** 20n, pods: 3n });
    const controlled = provisioned(
      {
        cluster: rke2({ version: '1.31.9' }),
        pools: [master(control), worker()],
      },
      { cloudController: true, authUrl: 'https://keystone.example.org/v3' },
    );
    // The cloud's own controller takes the place of that of RKE2.
    expect(names(controlled)).not.toContain('cloud-controller-manager');
  });

  test.each<Rke2Network>(['calico', 'cilium', 'flannel', 'none'])('RKE2 with %s', (network) => {
    const found = names(site(rke2({ version: '1.31.9', network, ingress: 'none' })));
    expect(found).not.toContain('rke2-canal');
    expect(found).not.toContain('rke2-ingress-nginx-controller');
    expect(found.length).toBeGreaterThanOrEqual(names(rancher).length - 2);
  });

  test('all of them find a node; of DNS there are as many as the autoscaler wants', () => {
    for (const each of [rke, rancher]) {
      const { cluster } = scheduleDaemons(emptyCluster(schedulerNodes(each)), systemPods(each));
      expect(scheduleOn(cluster, systemPods(each)).waiting).toEqual([]);
    }
    const dns = (count: number) => {
      const of = provisioned({ pools: [master(control), worker({ count, flavor: { name: 'w', vcpus: 16, memory: '64GiB' } })] });
      return systemPods(of).find(({ candidate }) => candidate.pod.name === 'coredns')?.replicas;
    };
    expect([1, 2, 8, 9, 20].map(dns)).toEqual([1, 2, 2, 3, 5]);
  });

  test('none that somebody else runs', () => {
    expect(names(existing())).toEqual([]);
  });

  test('EXCEEDS_NODE: what they take is not there for others', () => {
    const asking = (cpu: string) =>
      deployment('web', { containers: [{ name: 'a', image: 'x.example/y:1', resources: { requests: { cpu } } }] });
    const small = provisioned({ pools: [master(), worker({ flavor: { name: 'w', vcpus: 4, memory: '16GiB' }, roles: ['worker'] })] });
    const problems = (cpu: string) => briefly(problemsIn((facility) => raw(facility, 'raw', asking(cpu)), small));
    // 8 cores, half of one reserved, a quarter for the network.
    expect(problems('7250m')).toEqual([]);
    expect(problems('7251m')).toEqual(['EXCEEDS_NODE at napoli/raw/Deployment/web']);
  });
});

describe('nodes as the scheduler sees them', () => {
  const taints = (of: Site, name: string) => schedulerNodes(of).find((one) => one.name === name)?.taints;
  const anywhere = { spec: { containers: [] } };

  test('servers that are no workers take no pods', () => {
    expect(taints(rke, 'napoli-master-1')).toEqual([
      { key: 'node-role.kubernetes.io/controlplane', value: 'true', effect: 'NoSchedule' },
      { key: 'node-role.kubernetes.io/etcd', value: 'true', effect: 'NoExecute' },
    ]);
    expect(taints(rancher, 'napoli-master-1')).toEqual([{ key: 'CriticalAddonsOnly', value: 'true', effect: 'NoExecute' }]);
    for (const each of [rke, rancher])
      expect(schedulerNodes(each).map((one) => mayRunOn(anywhere, one))).toEqual([false, false, false, true, true, true, true, true]);
    expect(taints(provisioned(), 'napoli-master-1')).toEqual([]);
  });

  test('labels are those that somebody puts on them', () => {
    const [rkeServer, rke2Server, other] = [rke, rancher, existing()].map((of) => Object.keys(schedulerNodes(of)[0]?.labels ?? {}));
    expect(rkeServer).toContain('node-role.kubernetes.io/controlplane');
    expect(rke2Server).toContain('node-role.kubernetes.io/master');
    expect(rke2Server).not.toContain('node-role.kubernetes.io/controlplane');
    expect(other?.filter((key) => key.includes('node-role'))).toEqual([]);
  });

  test('zones are labels where a cloud controller tells them', () => {
    const zone = (cloudController: boolean) =>
      schedulerNodes(
        provisioned(
          {
            pools: [master(), worker({ availabilityZone: 'north' })],
          },
          { cloudController, authUrl: 'https://keystone.example.org/v3' },
        ),
      ).map(({ labels }) => labels['topology.kubernetes.io/zone']);
    expect(zone(true)).toEqual(['nova', 'north', 'north', 'north']);
    expect(zone(false)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('pods of a StatefulSet are told apart by their names', () => {
    const [set] = systemPods(rke);
    if (!set) throw new Error('no pods');
    const numbered = { ...set, labelsOf: (ordinal: number) => ({ number: String(ordinal) }) };
    expect(candidateOf(numbered, 2).pod.labels).toEqual({ 'k8s-app': 'coredns', number: '2' });
    expect(candidateOf(set, 2).pod.labels).toEqual({ 'k8s-app': 'coredns' });
  });

  test('what cannot be read is not counted as nothing', () => {
    const of = existing({ pools: [nodePool('p', { flavor: { vcpus: 4, memory: 'much' as never }, labels: { a: 'b' } })] });
    expect(schedulerNodes(of)[0]?.unknown).toEqual(new Set(['memory', 'ephemeral-storage']));
  });
});
