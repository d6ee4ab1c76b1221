import { clusterFiles, clusterProblems } from '../../lib/cluster';
import { loadBalancerAddress, type RancherClusterProps, type Rke2Network, type Site, type SiteProps } from '../../lib/site';
import { cloud, config, file, type Json, master, pool, type Rke2Props, read, rke2Site, worker } from '../fixtures/cluster';

/** Default reservations of the kubelet. */
const RESERVED = [
  'kube-reserved=cpu=500m,memory=1Gi',
  'eviction-hard=memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%',
];

describe('RKE2', () => {
  const servers = pool('master', { count: 3, roles: ['controlplane', 'etcd'] });
  const s3 = { endpoint: 's3.example.org', bucket: 'etcd', region: 'bari', folder: 'napoli' };
  const everything: Required<Omit<RancherClusterProps<Rke2Network>, 'addons' | 'ipv6'>> = {
    version: 'v1.31.9+rke2r2',
    network: 'calico',
    mtu: 1400,
    ingress: 'traefik',
    podCidr: '10.52.0.0/16',
    serviceCidr: '10.53.0.0/16',
    nodePorts: '30000-31000',
    sans: ['k8s.example.org'],
    etcdSnapshots: { every: '24h', keep: 3, s3 },
    privateRegistries: [{ url: 'registry.example.org:5000' }, { url: 'other.example.org', isDefault: false }],
    upgrade: {},
    cloudProvider: 'external',
    encryptSecrets: true,
    arguments: { kubelet: { 'max-pods': '200' }, 'kube-apiserver': { profiling: 'false', v: '2' }, etcd: { v: '1' } },
  };
  const large = (props: Rke2Props = {}, more: Partial<SiteProps> = {}) => rke2Site(props, { pools: [servers, worker], ...more });

  test('every node has a config.yaml', () => {
    expect(clusterFiles(large()).map(({ path }) => path)).toEqual([
      'nodes/napoli-master-1/config.yaml',
      'nodes/napoli-master-2/config.yaml',
      'nodes/napoli-master-3/config.yaml',
      'nodes/napoli-worker-1/config.yaml',
      'nodes/napoli-worker-2/config.yaml',
      'manifests/rke2-canal-config.yaml',
    ]);
    expect(clusterFiles(large({ network: 'none' })).map(({ path }) => path)).not.toContain('manifests/rke2-canal-config.yaml');
  });

  test('all nodes join the first server', () => {
    expect(config(large(), 'napoli-master-1')).not.toHaveProperty('server');
    for (const node of ['master-2', 'master-3', 'worker-1']) {
      expect(config(large(), `napoli-${node}`).server).toBe('https://10.64.0.10:9345');
    }
  });

  test('nodes join through the load balancer, which is in the certificate', () => {
    const balanced = cloud({ entry: 'load-balancer' });
    const given = large({}, { cloud: balanced });
    expect(config(given, 'napoli-master-1')).not.toHaveProperty('server');
    expect(config(given, 'napoli-worker-2').server).toBe(`https://${loadBalancerAddress(balanced)}:9345`);
    expect(config(given, 'napoli-master-1')['tls-san']).toEqual(['198.51.100.10', loadBalancerAddress(balanced)]);
  });

  test('config.yaml of an agent', () => {
    const gpu = pool('gpu', { labels: { 'example.org/gpu': 'yes' }, taints: [{ key: 'gpu', value: 'a100', effect: 'NoSchedule' }] });
    expect(config(rke2Site({}, { pools: [master, gpu] }), 'napoli-gpu-1')).toEqual({
      server: 'https://10.64.0.10:9345',
      'token-file': '/etc/rancher/rke2/token',
      'node-name': 'napoli-gpu-1',
      'node-ip': '10.64.0.32',
      'node-label': ['analysis-facility.io/pool=gpu', 'example.org/gpu=yes'],
      'node-taint': ['gpu=a100:NoSchedule'],
      selinux: false,
      'kubelet-arg': RESERVED,
    });
  });

  test('config.yaml of a server with defaults', () => {
    expect(config(large(), 'napoli-master-1')).toEqual({
      'token-file': '/etc/rancher/rke2/token',
      'node-name': 'napoli-master-1',
      'node-ip': '10.64.0.10',
      'node-label': ['analysis-facility.io/pool=master'],
      'node-taint': ['CriticalAddonsOnly=true:NoExecute'],
      selinux: false,
      'kubelet-arg': RESERVED,
      'tls-san': ['198.51.100.10'],
      cni: 'canal',
      'cluster-cidr': '10.42.0.0/16',
      'service-cidr': '10.43.0.0/16',
      'cluster-domain': 'cluster.local',
      'service-node-port-range': '30000-32767',
      'ingress-controller': 'ingress-nginx',
      'etcd-snapshot-schedule-cron': '0 */12 * * *',
      'etcd-snapshot-retention': 6,
    });
  });

  test('config.yaml of a server with all props', () => {
    const given = large(everything);
    expect(clusterProblems(given)).toEqual([]);
    expect(config(given, 'napoli-master-2')).toMatchObject({
      'tls-san': ['198.51.100.10', 'k8s.example.org'],
      cni: 'calico',
      'cluster-cidr': '10.52.0.0/16',
      'service-cidr': '10.53.0.0/16',
      'service-node-port-range': '30000-31000',
      'ingress-controller': 'traefik',
      'disable-cloud-controller': true,
      'cloud-provider-name': 'external',
      'system-default-registry': 'registry.example.org:5000',
      'etcd-snapshot-schedule-cron': '0 0 * * *',
      'etcd-snapshot-retention': 3,
      'etcd-s3': true,
      'etcd-s3-endpoint': 's3.example.org',
      'etcd-s3-bucket': 'etcd',
      'etcd-s3-region': 'bari',
      'etcd-s3-folder': 'napoli',
      'kubelet-arg': [...RESERVED, 'max-pods=200'],
      'kube-apiserver-arg': ['profiling=false', 'v=2'],
      'etcd-arg': ['v=1'],
    });
    expect(config(given, 'napoli-worker-1')).toMatchObject({
      'cloud-provider-name': 'external',
      'kubelet-arg': [...RESERVED, 'max-pods=200'],
    });
    expect(config(given, 'napoli-worker-1')).not.toHaveProperty('kube-apiserver-arg');
  });

  test('servers differ only in name, address and server URL', () => {
    const shared = ['napoli-master-1', 'napoli-master-2', 'napoli-master-3'].map((node) => {
      const { server: _, 'node-name': __, 'node-ip': ___, ...rest } = config(large(everything), node);
      return rest;
    });
    expect(shared[1]).toEqual(shared[0]);
    expect(shared[2]).toEqual(shared[0]);
  });

  test('etcd and control plane may be on different nodes', () => {
    const pools = [pool('cp', { roles: ['controlplane'] }), pool('etcd', { roles: ['etcd'] }), worker];
    const given = rke2Site({}, { pools });
    expect(config(given, 'napoli-etcd-1')).not.toHaveProperty('server');
    expect(config(given, 'napoli-etcd-1')).toMatchObject({
      'disable-apiserver': true,
      'disable-controller-manager': true,
      'disable-scheduler': true,
    });
    expect(config(given, 'napoli-cp-1')).toMatchObject({ server: 'https://10.64.0.32:9345', 'disable-etcd': true });
  });

  test('servers with the role worker have no taint', () => {
    expect(config(rke2Site(), 'napoli-master-1')).not.toHaveProperty('node-taint');
  });

  test.each<[string, Rke2Props, Json]>([
    ['nginx is written explicitly', { version: '1.36.1' }, { 'ingress-controller': 'ingress-nginx' }],
    ['none is written explicitly', { ingress: 'none' }, { 'ingress-controller': 'none' }],
    ['older releases disable nginx', { version: '1.29.15', ingress: 'none' }, { disable: ['rke2-ingress-nginx'] }],
  ])('ingress: %s', (_, props, expected) => {
    expect(config(rke2Site(props), 'napoli-master-1')).toMatchObject(expected);
  });
  test('ingress: older releases have no key for it', () => {
    expect(config(rke2Site({ version: '1.29.15' }), 'napoli-master-1')).not.toHaveProperty('ingress-controller');
  });

  const values = (given: Site, name: string): Json => {
    const chart = read(file(given, `manifests/rke2-${name}-config.yaml`));
    expect(chart).toMatchObject({
      apiVersion: 'helm.cattle.io/v1',
      kind: 'HelmChartConfig',
      metadata: { name: `rke2-${name}`, namespace: 'kube-system' },
    });
    return read(chart.spec.valuesContent);
  };
  test('the MTU is set in the values of each chart', () => {
    const narrow = { cloud: cloud({ mtu: 1450 }) };
    expect(values(rke2Site({}, narrow), 'canal')).toEqual({ calico: { vethuMTU: 1400 } });
    expect(values(rke2Site({ network: 'calico', mtu: 1300 }, narrow), 'calico')).toEqual({
      installation: { calicoNetwork: { mtu: 1300 } },
    });
    expect(values(rke2Site({ network: 'flannel', mtu: 1300 }, narrow), 'flannel')).toEqual({ flannel: { mtu: 1350 } });
    expect(values(rke2Site({ network: 'cilium', mtu: 1300 }, narrow), 'cilium')).toEqual({ MTU: 1350, policyCIDRMatchMode: ['nodes'] });
    expect(values(rke2Site({ network: 'cilium' }, narrow), 'cilium')).toEqual({ policyCIDRMatchMode: ['nodes'] });
    const paths = clusterFiles(rke2Site({ network: 'calico' }, narrow)).map(({ path }) => path);
    expect(paths).not.toContain('manifests/rke2-calico-config.yaml');
  });

  test('registries.yaml mirrors Docker Hub, and has the registries themselves', () => {
    expect(read(file(large(everything), 'registries.yaml'))).toEqual({
      mirrors: {
        'docker.io': { endpoint: ['https://registry.example.org:5000'] },
        'registry.example.org:5000': { endpoint: ['https://registry.example.org:5000'] },
        'other.example.org': { endpoint: ['https://other.example.org'] },
      },
    });
  });

  test('config.yaml contains no token and no key', () => {
    for (const { text } of clusterFiles(large(everything))) expect(text).not.toMatch(/^\s*(token|etcd-s3-(access|secret)-key|password):/m);
    expect(file(large(everything), 'nodes/napoli-master-1/config.yaml')).toContain('/etc/sysconfig/rke2-server');
  });
});
