import { cloudInit, clusterFiles, clusterProblems, clusterWarnings, portRules } from '../../lib/cluster';
import type { Site } from '../../lib/site';
import { cloud, codes, foreign, master, one, pool, type Rke1Props, type Rke2Props, two, type Untyped, worker } from '../fixtures/cluster';

test('the sites of these tests are sound', () => {
  for (const sound of [one(), two(), foreign()]) {
    expect(sound.problems).toEqual([]);
    expect(clusterProblems(sound)).toEqual([]);
  }
});

describe('laws', () => {
  const rke1Laws: [string, Rke1Props | Untyped, string][] = [
    ['a minor version after the end of RKE', { version: '1.33.1' }, 'UNSUPPORTED_RKE1_RELEASE napoli/cluster/version'],
    ['a patch level that RKE never had', { version: '1.27.17' }, 'UNKNOWN_RKE1_RELEASE napoli/cluster/version'],
    ['no patch level', { version: '1.28' }, 'UNKNOWN_RKE1_RELEASE napoli/cluster/version'],
    ['half a release name', { version: 'v1.27.16-rancher1' }, 'UNKNOWN_RKE1_RELEASE napoli/cluster/version'],
    ['a network that RKE does not know', { network: 'cilium' }, 'UNSUPPORTED_NETWORK napoli/cluster/network'],
    ['a network of no one', { network: 'constructor' }, 'UNSUPPORTED_NETWORK napoli/cluster/network'],
    ['weave from 1.30 on', { version: '1.30.14', network: 'weave' }, 'UNSUPPORTED_NETWORK_RELEASE napoli/cluster/network'],
    ['an MTU for flannel', { network: 'flannel', mtu: 1400 }, 'UNSUPPORTED_MTU napoli/cluster/mtu'],
    ['an MTU that is no number of bytes', { mtu: 1400.5 }, 'INVALID_POD_MTU napoli/cluster/mtu'],
    ['an MTU below what IPv4 asks for', { mtu: 575 }, 'INVALID_POD_MTU napoli/cluster/mtu'],
    ['VXLAN packets larger than the network', { mtu: 1451 }, 'EXCEEDS_POD_MTU napoli/cluster/mtu'],
    ['IP-in-IP packets larger than the network', { network: 'calico', mtu: 1481 }, 'EXCEEDS_POD_MTU napoli/cluster/mtu'],
    ['traefik, which RKE does not install', { ingress: 'traefik' }, 'UNSUPPORTED_INGRESS napoli/cluster/ingress'],
    ['the OpenStack of Kubernetes itself', { cloudProvider: 'openstack' }, 'UNSUPPORTED_CLOUD_PROVIDER napoli/cluster/cloudProvider'],
    ['NodePorts backwards', { nodePorts: '32767-30000' }, 'INVALID_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts beyond the last port', { nodePorts: '30000-65536' }, 'INVALID_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts from 0', { nodePorts: '0-32767' }, 'INVALID_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts that are no range', { nodePorts: '30000' }, 'INVALID_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts over the API', { nodePorts: '6000-7000' }, 'RESERVED_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts over the kubelet', { nodePorts: '10250-10250' }, 'RESERVED_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts over kube-proxy', { nodePorts: '10256-10256' }, 'RESERVED_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts over the peers of etcd', { nodePorts: '2380-2380' }, 'RESERVED_NODE_PORTS napoli/cluster/nodePorts'],
    ['Services without room for DNS', { serviceCidr: '10.43.0.0/29' }, 'EXCEEDS_SERVICE_CIDR napoli/cluster/serviceCidr'],
    ['a URL in the certificate', { sans: ['https://k8s.example.org'] }, 'INVALID_SAN napoli/cluster/sans'],
    ['an impossible address in the certificate', { sans: ['10.0.0.256'] }, 'INVALID_SAN napoli/cluster/sans'],
    ['snapshots every 90 minutes', { etcdSnapshots: { every: '90m' } }, 'INVALID_SNAPSHOT_INTERVAL napoli/cluster/etcdSnapshots/every'],
    ['snapshots every while', { etcdSnapshots: { every: 'often' } }, 'INVALID_QUANTITY napoli/cluster/etcdSnapshots/every'],
    ['no snapshot kept', { etcdSnapshots: { keep: 0 } }, 'INVALID_SNAPSHOT_KEEP napoli/cluster/etcdSnapshots/keep'],
    [
      'snapshots to S3 without an endpoint',
      { etcdSnapshots: { s3: { endpoint: '', bucket: 'etcd' } } },
      'INVALID_SNAPSHOT_STORE napoli/cluster/etcdSnapshots/s3/endpoint',
    ],
    [
      'snapshots to S3 in clear',
      { etcdSnapshots: { s3: { endpoint: 'http://s3.example.org', bucket: 'etcd' } } },
      'INVALID_SNAPSHOT_STORE napoli/cluster/etcdSnapshots/s3/endpoint',
    ],
    [
      'snapshots to S3 without a bucket',
      { etcdSnapshots: { s3: { bucket: '', endpoint: 's3.example.org' } } },
      'INVALID_SNAPSHOT_STORE napoli/cluster/etcdSnapshots/s3/bucket',
    ],
    ['an upgrade of 0 %', { upgrade: { workers: '0%' } }, 'INVALID_UPGRADE napoli/cluster/upgrade/workers'],
    ['an upgrade of 101 %', { upgrade: { workers: '101%' } }, 'INVALID_UPGRADE napoli/cluster/upgrade/workers'],
    ['an upgrade of half a worker', { upgrade: { workers: 0.5 } }, 'INVALID_UPGRADE napoli/cluster/upgrade/workers'],
    ['an upgrade of a percentage in words', { upgrade: { workers: 'ten%' } }, 'INVALID_UPGRADE napoli/cluster/upgrade/workers'],
    ['an upgrade without control planes', { upgrade: { controlPlanes: 0 } }, 'INVALID_UPGRADE napoli/cluster/upgrade/controlPlanes'],
    [
      'a registry with a scheme',
      { privateRegistries: [{ url: 'https://r.example.org' }] },
      'INVALID_REGISTRY napoli/cluster/privateRegistries',
    ],
    [
      'a registry with a path',
      { privateRegistries: [{ url: 'r.example.org/mirror' }] },
      'INVALID_REGISTRY napoli/cluster/privateRegistries',
    ],
    ['a registry with port 0', { privateRegistries: [{ url: 'r.example.org:0' }] }, 'INVALID_REGISTRY napoli/cluster/privateRegistries'],
    [
      'two default registries',
      { privateRegistries: [{ url: 'a.example.org' }, { url: 'b.example.org' }] },
      'DUPLICATE_DEFAULT_REGISTRY napoli/cluster/privateRegistries',
    ],
    ['arguments for nobody', { arguments: { kubelets: { v: '2' } } }, 'UNKNOWN_COMPONENT napoli/cluster/arguments'],
  ];
  test.each(rke1Laws)('RKE: %s', (_, props, expected) => {
    expect(codes(one(props))).toEqual([expected]);
  });

  const rke2Laws: [string, Rke2Props | Untyped, string][] = [
    ['no patch level', { version: '1.31' }, 'UNKNOWN_RKE2_RELEASE napoli/cluster/version'],
    ['half a release name', { version: 'v1.31.9+rke2' }, 'UNKNOWN_RKE2_RELEASE napoli/cluster/version'],
    ['weave', { network: 'weave' }, 'UNSUPPORTED_NETWORK napoli/cluster/network'],
    ['flannel before RKE2 had it', { version: '1.28.6', network: 'flannel' }, 'UNSUPPORTED_RELEASE napoli/cluster/network'],
    ['an MTU that does not fit', { network: 'calico', mtu: 1460 }, 'EXCEEDS_POD_MTU napoli/cluster/mtu'],
    ['traefik before RKE2 had it', { version: '1.30.2', ingress: 'traefik' }, 'UNSUPPORTED_RELEASE napoli/cluster/ingress'],
    [
      'traefik on a minor version that never got it',
      { version: '1.29.15', ingress: 'traefik' },
      'UNSUPPORTED_RELEASE napoli/cluster/ingress',
    ],
    ['ingress-nginx after its end', { version: '1.37.0' }, 'UNSUPPORTED_INGRESS_RELEASE napoli/cluster/ingress'],
    ['an ingress of no one', { ingress: 'haproxy' }, 'UNSUPPORTED_INGRESS napoli/cluster/ingress'],
    [
      'snapshots every 5 hours, which cron cannot say',
      { etcdSnapshots: { every: '5h' } },
      'INVALID_SNAPSHOT_INTERVAL napoli/cluster/etcdSnapshots/every',
    ],
    ['NodePorts over the supervisor', { nodePorts: '9000-9999' }, 'RESERVED_NODE_PORTS napoli/cluster/nodePorts'],
    ['addons', { addons: ['https://example.org/a.yaml'] }, 'UNSUPPORTED_ADDONS napoli/cluster/addons'],
  ];
  test.each(rke2Laws)('RKE2: %s', (_, props, expected) => {
    expect(codes(two(props))).toContain(expected);
    expect(new Set(codes(two(props)))).toEqual(new Set([expected]));
  });

  test('RKE2: labels that a kubelet may not set', () => {
    const labels = (key: string) => codes(two({}, { pools: [master, pool('worker', { labels: { [key]: 'x' } })] }));
    expect(labels('node-role.kubernetes.io/gpu')).toEqual(['RESERVED_NODE_LABEL napoli/pools/worker/labels']);
    expect(labels('topology.kubernetes.io/zone')).toEqual([]);
    expect(labels('node.kubernetes.io/gpu')).toEqual([]);
    expect(labels('example.org/gpu')).toEqual([]);
    const worker = pool('worker', { labels: { 'node-role.kubernetes.io/gpu': 'x' } });
    expect(codes(one({}, { pools: [master, worker] }))).toEqual([]);
  });

  test('root may not install, nor a user without a name', () => {
    expect(codes(one({}, { ssh: { user: 'root' } }))).toEqual(['INSECURE_SSH_USER napoli/ssh/user']);
    expect(codes(two({}, { ssh: { user: 'root' } }))).toEqual(['INSECURE_SSH_USER napoli/ssh/user']);
    expect(codes(one({}, { ssh: { user: 'Jane Doe' } }))).toEqual(['INVALID_SSH_USER napoli/ssh/user']);
    expect(codes(one({}, { ssh: { user: 'almalinux' } }))).toEqual([]);
  });

  test('a cloud controller needs nodes that wait for it', () => {
    const controlled = { cloud: cloud({ cloudController: true }) };
    expect(codes(one({ cloudProvider: 'none' }, controlled))).toEqual(['MISSING_CLOUD_PROVIDER napoli/cluster/cloudProvider']);
    expect(codes(one({}, controlled))).toEqual([]);
  });

  test('the message names the way out', () => {
    const [problem] = clusterProblems(one({ cloudProvider: 'openstack' }));
    expect(problem?.fix).toMatch(/cloudController.*cinder\(\)/);
    expect(clusterProblems(two({ network: 'calicco' }))[0]?.fix).toBe("did you mean 'calico'?");
    expect(clusterProblems(one({ version: '1.32.99' }))[0]?.fix).toBe("write 'v1.32.13-rancher1-3'");
    expect(clusterProblems(two({ version: '1.29.15', ingress: 'traefik' }))[0]?.allowed).toBe('traefik from 1.30.3 on');
  });

  test('what fits exactly is fine', () => {
    expect(codes(one({ mtu: 1450 }))).toEqual([]);
    expect(codes(one({ network: 'calico', mtu: 1480 }))).toEqual([]);
    expect(codes(one({ nodePorts: '30000-65535' }))).toEqual([]);
    expect(codes(one({ upgrade: { workers: '100%', controlPlanes: 1 } }))).toEqual([]);
    expect(codes(one({ privateRegistries: [{ url: '10.0.0.5:5000' }, { url: 'b.example.org', isDefault: false }] }))).toEqual([]);
    expect(codes(two({ network: 'flannel', version: '1.27.11' }))).toEqual([]);
    expect(codes(two({ ingress: 'traefik', version: '1.30.3' }))).toEqual([]);
    expect(codes(two({ ingress: 'traefik', version: '1.37.0' }))).toEqual([]);
  });

  test('a cluster of somebody else has no laws, no files and no warnings here', () => {
    expect(clusterProblems(foreign())).toEqual([]);
    expect(clusterFiles(foreign())).toEqual([]);
    expect(clusterWarnings(foreign())).toEqual([]);
  });
});

describe('warnings', () => {
  const three = [pool('master', { count: 3, roles: ['controlplane', 'etcd'] }), worker];
  const count = (given: Site, code: string) => clusterWarnings(given).filter((it) => it.code === code).length;

  test('are silent for a sound RKE2 site', () => {
    expect(clusterWarnings(two({}, { pools: three, cloud: cloud({ entry: 'load-balancer' }) }))).toEqual([]);
  });

  test.each<[string, Site, string, string]>([
    ['the end of RKE', one(), 'UNSUPPORTED_RKE1', 'cluster'],
    ['releases for subscribers', one({ version: '1.31.14' }), 'UNSUPPORTED_RKE1_VERSION', 'cluster/version'],
    [
      'an addon that changes under its URL',
      one({ addons: ['https://example.org/x/main/a.yaml'] }),
      'INSECURE_ADDON_VERSION',
      'cluster/addons',
    ],
    ['several servers without a fixed address', two({}, { pools: three }), 'MISSING_REGISTRATION_ADDRESS', 'cluster'],
    ['an unknown MTU of the cloud', one({}, { cloud: cloud({ mtu: undefined }) }), 'MISSING_CLOUD_MTU', 'cloud/mtu'],
    ['flannel, which enforces no policies', one({ network: 'flannel' }), 'INSECURE_POD_NETWORK', 'cluster/network'],
    ['no network at all', two({ network: 'none' }), 'MISSING_POD_NETWORK', 'cluster/network'],
    ['an upgrade strategy that RKE2 does not read', two({ upgrade: { drain: true } }), 'UNSUPPORTED_UPGRADE_STRATEGY', 'cluster/upgrade'],
    ['Secrets that RKE2 encrypts anyway', two({ encryptSecrets: false }), 'UNSUPPORTED_SECRET_ENCRYPTION', 'cluster/encryptSecrets'],
    ['a cloud controller that is not ours', two({ cloudProvider: 'external' }), 'MISSING_CLOUD_CONTROLLER', 'cluster/cloudProvider'],
    ['NodePorts among those of outgoing connections', one({ nodePorts: '30000-40000' }), 'CONFLICTING_NODE_PORTS', 'cluster/nodePorts'],
    ['snapshots that die with their node', one(), 'MISSING_ETCD_SNAPSHOT_STORE', 'cluster/etcdSnapshots'],
  ])('%s', (_, given, code, at) => {
    expect(clusterWarnings(given).filter((it) => it.code === code)).toMatchObject([{ path: `${given.name}/${at}`, severity: 'warning' }]);
  });

  test('name what they are about', () => {
    const given = Object.fromEntries(
      [...clusterWarnings(one()), ...clusterWarnings(two({}, { pools: three }))].map((it) => [it.code, it.given]),
    );
    expect(given.MISSING_REGISTRATION_ADDRESS).toContain('3 servers without a load balancer: while napoli-master-1 is down');
    expect(given.MISSING_ETCD_SNAPSHOT_STORE).toContain('napoli-master-1 alone');
  });

  test('go when their reason goes', () => {
    expect(count(one(), 'MISSING_CLOUD_MTU')).toBe(0);
    expect(count(one({ mtu: 1400 }, { cloud: cloud({ mtu: undefined }) }), 'MISSING_CLOUD_MTU')).toBe(0);
    expect(count(two({ network: 'cilium' }, { cloud: cloud({ mtu: undefined }) }), 'MISSING_CLOUD_MTU')).toBe(0);
    expect(count(one({ addons: ['https://example.org/v1.2/a.yaml'] }), 'INSECURE_ADDON_VERSION')).toBe(0);
    expect(count(one({ etcdSnapshots: { s3: { endpoint: 's3.example.org', bucket: 'etcd' } } }), 'MISSING_ETCD_SNAPSHOT_STORE')).toBe(0);
  });
});

test('the same description gives the same bytes', () => {
  const all = () =>
    [one(), two()].map((given) => [clusterFiles(given), given.nodes.map((node) => cloudInit(given, node)), portRules(given)]);
  expect(JSON.stringify(all())).toBe(JSON.stringify(all()));
});
