import { loadBalancerAddress, type Site } from '../../lib/site';
import { cloud, everyRke1Option, file, image, type Json, master, pool, type Rke1Props, read, rke1Site } from '../fixtures/cluster';

const clusterYml = (given: Site): Json => read(file(given, 'cluster.yml'));

/** Default reservations of the kubelet. */
const RESERVED = {
  'kube-reserved': 'cpu=500m,memory=1Gi',
  'eviction-hard': 'memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%',
};

describe('cluster.yml', () => {
  test('has defaults for all settings', () => {
    expect(clusterYml(rke1Site())).toMatchObject({
      cluster_name: 'napoli',
      kubernetes_version: 'v1.27.16-rancher1-1',
      enable_cri_dockerd: true,
      ignore_docker_version: false,
      ssh_agent_auth: true,
      network: { plugin: 'canal', mtu: 1450 },
      authentication: { strategy: 'x509', sans: ['198.51.100.10'] },
      authorization: { mode: 'rbac' },
      ingress: { provider: 'nginx', network_mode: 'hostPort', default_ingress_class: true },
      dns: { provider: 'coredns' },
      monitoring: { provider: 'metrics-server' },
      services: {
        etcd: { backup_config: { enabled: true, interval_hours: 12, retention: 6 } },
        'kube-api': {
          service_cluster_ip_range: '10.43.0.0/16',
          service_node_port_range: '30000-32767',
          secrets_encryption_config: { enabled: true },
        },
        'kube-controller': { cluster_cidr: '10.42.0.0/16', service_cluster_ip_range: '10.43.0.0/16' },
        kubelet: { cluster_domain: 'cluster.local', cluster_dns_server: '10.43.0.10', extra_args: RESERVED },
      },
      upgrade_strategy: {
        max_unavailable_worker: '10%',
        max_unavailable_controlplane: '1',
        drain: true,
        node_drain_input: { force: true, ignore_daemonsets: true, delete_local_data: true },
      },
    });
    expect(clusterYml(rke1Site())).not.toHaveProperty('cloud_provider');
    expect(clusterYml(rke1Site())).not.toHaveProperty('private_registries');
    expect(clusterYml(rke1Site())).not.toHaveProperty('addons_include');
  });

  test('contains all props', () => {
    const document = clusterYml(rke1Site(everyRke1Option));
    expect(document.network).toEqual({ plugin: 'calico', mtu: 1480 });
    expect(document.ingress).toEqual({ provider: 'none' });
    expect(document.authentication.sans).toEqual(['198.51.100.10', 'k8s.example.org']);
    expect(document.services.etcd.backup_config).toEqual({
      enabled: true,
      interval_hours: 6,
      retention: 12,
      s3backupconfig: { endpoint: 's3.example.org:9000', bucket_name: 'etcd', region: 'bari', folder: 'napoli' },
    });
    expect(document.services['kube-controller'].cluster_cidr).toBe('10.52.0.0/16');
    expect(document.services.kubelet.cluster_dns_server).toBe('10.53.0.10');
    expect(document.services['kube-api'].service_node_port_range).toBe('30000-31000');
    expect(document.services['kube-api'].secrets_encryption_config.enabled).toBe(false);
    expect(document.private_registries).toEqual([
      { url: 'registry.example.org:5000', is_default: true },
      { url: 'other.example.org', is_default: false },
    ]);
    expect(document.addons_include).toEqual(['https://example.org/v1/addon.yaml']);
    expect(document.upgrade_strategy).toEqual({ max_unavailable_worker: '2', max_unavailable_controlplane: '1', drain: false });
    expect(document.cloud_provider).toEqual({ name: 'external' });
    const services = Object.entries<Json>(document.services).map(([name, { extra_args }]) => [name, extra_args]);
    expect(Object.fromEntries(services)).toEqual({
      etcd: { 'quota-backend-bytes': '8589934592' },
      'kube-api': { profiling: 'false' },
      'kube-controller': { 'terminated-pod-gc-threshold': '100' },
      scheduler: { profiling: 'false' },
      kubelet: { ...RESERVED, 'max-pods': '200' },
      kubeproxy: { 'proxy-mode': 'ipvs' },
    });
  });

  test('contains the nodes in the order of the site', () => {
    const tainted = pool('gpu', { labels: { 'example.org/gpu': 'yes' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] });
    const { nodes } = clusterYml(rke1Site({}, { pools: [master, tainted] }));
    expect(nodes).toEqual([
      {
        address: '10.64.0.10',
        hostname_override: 'napoli-master-1',
        user: 'rke',
        role: ['controlplane', 'etcd', 'worker'],
        labels: { 'analysis-facility.io/pool': 'master' },
      },
      {
        address: '10.64.0.32',
        hostname_override: 'napoli-gpu-1',
        user: 'rke',
        role: ['worker'],
        labels: { 'analysis-facility.io/pool': 'gpu', 'example.org/gpu': 'yes' },
        taints: [{ key: 'gpu', value: '', effect: 'NoSchedule' }],
      },
    ]);
  });

  test.each([
    ['1.27.16', 'v1.27.16-rancher1-1'],
    ['v1.27.16', 'v1.27.16-rancher1-1'],
    ['v1.27.16+rke2r2', 'v1.27.16-rancher1-1'],
    ['1.27.8', 'v1.27.8-rancher2-1'],
    ['1.32.13', 'v1.32.13-rancher1-3'],
    ['1.32.13-rancher1-2', 'v1.32.13-rancher1-2'],
  ])('version %s is the release %s', (version, release) => {
    expect(clusterYml(rke1Site({ version })).kubernetes_version).toBe(release);
  });

  test.each<[string, Rke1Props, number | undefined, number | undefined]>([
    ['VXLAN', { network: 'canal' }, 1450, 1400],
    ['IP-in-IP', { network: 'calico' }, 1450, 1430],
    ['Weave', { network: 'weave' }, 1500, 1412],
    ['flannel, for which RKE rejects an MTU', { network: 'flannel' }, 1450, undefined],
    ['an unknown MTU of the cloud', { network: 'canal' }, undefined, undefined],
    ['the prop mtu', { network: 'canal', mtu: 1300 }, 1450, 1300],
  ])('MTU of pods: %s', (_, props, mtu, expected) => {
    expect(clusterYml(rke1Site(props, { cloud: cloud({ mtu }) })).network.mtu).toBe(expected);
  });

  test('the public address is the bastion host, without a load balancer', () => {
    expect(clusterYml(rke1Site()).bastion_host).toEqual({ address: '198.51.100.10', user: 'rke' });
    expect(clusterYml(rke1Site({}, { cloud: cloud({ entry: 'load-balancer' }) }))).not.toHaveProperty('bastion_host');
    expect(clusterYml(rke1Site({}, { cloud: cloud({ publicAddress: undefined }) }))).not.toHaveProperty('bastion_host');
  });

  test('the address of a bastion is omitted; a comment explains how to add it', () => {
    const bastion = rke1Site({}, { cloud: cloud({ bastion: { flavor: 'm1.small', image } }), ssh: { user: 'ops' } });
    expect(clusterYml(bastion).bastion_host).toEqual({ user: 'ops' });
    expect(file(bastion, 'cluster.yml')).toContain('.bastion_host.address = strenv(BASTION)');
  });

  test('a key file replaces the SSH agent', () => {
    const keyed = clusterYml(rke1Site({}, { ssh: { user: 'ops', keyPath: '~/.ssh/rke' } }));
    expect(keyed.ssh_key_path).toBe('~/.ssh/rke');
    expect(keyed).not.toHaveProperty('ssh_agent_auth');
    expect(keyed.nodes[0].user).toBe('ops');
  });

  test('the certificate contains both addresses of the load balancer', () => {
    const balanced = cloud({ entry: 'load-balancer' });
    const { sans } = clusterYml(rke1Site({}, { cloud: balanced })).authentication;
    expect(sans).toEqual(['198.51.100.10', loadBalancerAddress(balanced)]);
  });

  test('keys and passwords are omitted; a comment explains how to add them', () => {
    const text = file(rke1Site(everyRke1Option), 'cluster.yml');
    expect(text).toContain('s3backupconfig.access_key = strenv(S3_ACCESS_KEY)');
    expect(text).toContain('s3backupconfig.secret_key = strenv(S3_SECRET_KEY)');
    expect(text).toContain('"password": strenv(REGISTRY_PASSWORD)');
    expect(JSON.stringify(clusterYml(rke1Site(everyRke1Option)))).not.toMatch(/access_key|secret_key|password/);
    expect(file(rke1Site(), 'cluster.yml')).not.toContain('strenv');
  });

  test('a cloud controller sets the external cloud provider', () => {
    expect(clusterYml(rke1Site({}, { cloud: cloud({ cloudController: true }) })).cloud_provider).toEqual({ name: 'external' });
  });
});
