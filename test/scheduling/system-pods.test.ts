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
/** Requests of the system pods on a node. */
function requestsOn(of: Site, node: string) {
  const { cluster } = scheduleDaemons(emptyCluster(schedulerNodes(of)), systemPods(of));
  const state = cluster.nodes.find((candidate) => candidate.node.name === node);
  const empty = state && { ...state, used: {} };
  return Object.fromEntries(
    ['cpu', 'memory', 'pods'].map((name) => [name, state && empty && (freeOn(empty, name) ?? 0n) - (freeOn(state, name) ?? 0n)]),
  );
}

describe('system pods of the distribution', () => {
  test('RKE: requests of its templates', () => {
    expect(names(rke)).toEqual([
      'coredns',
      'coredns-autoscaler',
      'metrics-server',
      'canal',
      'calico-kube-controllers',
      'nginx-ingress-controller',
      'default-http-backend',
    ]);
    expect(requestsOn(rke, 'napoli-master-1')).toEqual({ cpu: 250n, memory: 0n, pods: 1n });
    expect(requestsOn(rke, 'napoli-worker-1')).toEqual({ cpu: 250n, memory: 0n, pods: 2n });
  });

  test('RKE2: static pods of servers, kube-proxy, network and ingress', () => {
    expect(requestsOn(rancher, 'napoli-master-1')).toEqual({ cpu: 1350n, memory: 2n * GiB + 128n * 2n ** 20n, pods: 7n });
    expect(requestsOn(rancher, 'napoli-worker-1')).toEqual({ cpu: 600n, memory: 218n * 2n ** 20n, pods: 3n });
    const controlled = provisioned(
      {
        cluster: rke2({ version: '1.31.9' }),
        pools: [master(control), worker()],
      },
      { cloudController: true, authUrl: 'https://keystone.example.org/v3' },
    );
    // The OpenStack cloud controller manager replaces that of RKE2.
    expect(names(controlled)).not.toContain('cloud-controller-manager');
  });

  test.each<Rke2Network>(['calico', 'cilium', 'flannel', 'none'])('RKE2 with %s', (network) => {
    const found = names(site(rke2({ version: '1.31.9', network, ingress: 'none' })));
    expect(found).not.toContain('rke2-canal');
    expect(found).not.toContain('rke2-ingress-nginx-controller');
    expect(found.length).toBeGreaterThanOrEqual(names(rancher).length - 2);
  });

  test('all system pods fit; CoreDNS has the replicas of the autoscaler', () => {
    for (const each of [rke, rancher]) {
      const { cluster } = scheduleDaemons(emptyCluster(schedulerNodes(each)), systemPods(each));
      expect(scheduleOn(cluster, systemPods(each)).unscheduled).toEqual([]);
    }
    const dns = (count: number) => {
      const of = provisioned({ pools: [master(control), worker({ count, flavor: { name: 'w', vcpus: 16, memory: '64GiB' } })] });
      return systemPods(of).find(({ candidate }) => candidate.pod.name === 'coredns')?.replicas;
    };
    expect([1, 2, 8, 9, 20].map(dns)).toEqual([1, 2, 2, 3, 5]);
  });

  test('none for existing clusters', () => {
    expect(names(existing())).toEqual([]);
  });

  test('EXCEEDS_NODE: their requests are subtracted', () => {
    const asking = (cpu: string) =>
      deployment('web', { containers: [{ name: 'a', image: 'x.example/y:1', resources: { requests: { cpu } } }] });
    const small = provisioned({ pools: [master(), worker({ flavor: { name: 'w', vcpus: 4, memory: '16GiB' }, roles: ['worker'] })] });
    const problems = (cpu: string) => briefly(problemsIn((facility) => raw(facility, 'raw', asking(cpu)), small));
    // 8 cores minus 500m reserved and 250m of the network plugin.
    expect(problems('7250m')).toEqual([]);
    expect(problems('7251m')).toEqual(['EXCEEDS_NODE at napoli/raw/Deployment/web']);
  });
});

describe('nodes of a site for the scheduler', () => {
  const taints = (of: Site, name: string) => schedulerNodes(of).find((node) => node.name === name)?.taints;
  const anywhere = { spec: { containers: [] } };

  test('servers without the role worker have taints', () => {
    expect(taints(rke, 'napoli-master-1')).toEqual([
      { key: 'node-role.kubernetes.io/controlplane', value: 'true', effect: 'NoSchedule' },
      { key: 'node-role.kubernetes.io/etcd', value: 'true', effect: 'NoExecute' },
    ]);
    expect(taints(rancher, 'napoli-master-1')).toEqual([{ key: 'CriticalAddonsOnly', value: 'true', effect: 'NoExecute' }]);
    for (const each of [rke, rancher])
      expect(schedulerNodes(each).map((node) => mayRunOn(anywhere, node))).toEqual([false, false, false, true, true, true, true, true]);
    expect(taints(provisioned(), 'napoli-master-1')).toEqual([]);
  });

  test('role labels of RKE, RKE2 and existing clusters', () => {
    const [rkeServer, rke2Server, other] = [rke, rancher, existing()].map((of) => Object.keys(schedulerNodes(of)[0]?.labels ?? {}));
    expect(rkeServer).toContain('node-role.kubernetes.io/controlplane');
    expect(rke2Server).toContain('node-role.kubernetes.io/master');
    expect(rke2Server).not.toContain('node-role.kubernetes.io/controlplane');
    expect(other?.filter((key) => key.includes('node-role'))).toEqual([]);
  });

  test('zone labels with a cloud controller manager', () => {
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

  test('labels of single pods of a StatefulSet', () => {
    const [set] = systemPods(rke);
    if (!set) throw new Error('no pods');
    const numbered = { ...set, labelsOf: (ordinal: number) => ({ number: String(ordinal) }) };
    expect(candidateOf(numbered, 2).pod.labels).toEqual({ 'k8s-app': 'coredns', number: '2' });
    expect(candidateOf(set, 2).pod.labels).toEqual({ 'k8s-app': 'coredns' });
  });

  test('invalid amounts are unknown, not 0', () => {
    const of = existing({ pools: [nodePool('p', { flavor: { vcpus: 4, memory: 'much' as never }, labels: { a: 'b' } })] });
    expect(schedulerNodes(of)[0]?.unknown).toEqual(new Set(['memory', 'ephemeral-storage']));
  });
});
