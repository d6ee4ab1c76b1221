import { cloudInit, clusterFiles, clusterProblems, clusterWarnings, portRules } from '../../lib/cluster';
import type { Site } from '../../lib/site';
import {
  cloud,
  codes,
  existingClusterSite,
  master,
  pool,
  type Rke1Props,
  type Rke2Props,
  rke1Site,
  rke2Site,
  type Untyped,
  worker,
} from '../fixtures/cluster';

test('the fixtures have no errors', () => {
  for (const valid of [rke1Site(), rke2Site(), existingClusterSite()]) {
    expect(valid.problems).toEqual([]);
    expect(clusterProblems(valid)).toEqual([]);
  }
});

describe('validation', () => {
  const rke1Errors: [string, Rke1Props | Untyped, string][] = [
    ['a minor version after the last one of RKE', { version: '1.33.1' }, 'UNSUPPORTED_RKE1_RELEASE napoli/cluster/version'],
    ['a patch level without an RKE release', { version: '1.27.17' }, 'UNKNOWN_RKE1_RELEASE napoli/cluster/version'],
    ['no patch level', { version: '1.28' }, 'UNKNOWN_RKE1_RELEASE napoli/cluster/version'],
    ['an incomplete release name', { version: 'v1.27.16-rancher1' }, 'UNKNOWN_RKE1_RELEASE napoli/cluster/version'],
    ['a network plugin that RKE does not support', { network: 'cilium' }, 'UNSUPPORTED_NETWORK napoli/cluster/network'],
    ['a network plugin named like a property of Object', { network: 'constructor' }, 'UNSUPPORTED_NETWORK napoli/cluster/network'],
    ['weave with 1.30 or later', { version: '1.30.14', network: 'weave' }, 'UNSUPPORTED_NETWORK_RELEASE napoli/cluster/network'],
    ['an MTU with flannel', { network: 'flannel', mtu: 1400 }, 'UNSUPPORTED_MTU napoli/cluster/mtu'],
    ['a fractional MTU', { mtu: 1400.5 }, 'INVALID_POD_MTU napoli/cluster/mtu'],
    ['an MTU below the minimum of IPv4', { mtu: 575 }, 'INVALID_POD_MTU napoli/cluster/mtu'],
    ['an MTU that is too large with VXLAN', { mtu: 1451 }, 'EXCEEDS_POD_MTU napoli/cluster/mtu'],
    ['an MTU that is too large with IP-in-IP', { network: 'calico', mtu: 1481 }, 'EXCEEDS_POD_MTU napoli/cluster/mtu'],
    ['traefik, which RKE does not support', { ingress: 'traefik' }, 'UNSUPPORTED_INGRESS napoli/cluster/ingress'],
    ['the in-tree OpenStack provider', { cloudProvider: 'openstack' }, 'UNSUPPORTED_CLOUD_PROVIDER napoli/cluster/cloudProvider'],
    ['NodePorts in descending order', { nodePorts: '32767-30000' }, 'INVALID_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts above 65535', { nodePorts: '30000-65536' }, 'INVALID_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts from 0', { nodePorts: '0-32767' }, 'INVALID_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts without a range', { nodePorts: '30000' }, 'INVALID_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts that include the API server', { nodePorts: '6000-7000' }, 'RESERVED_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts that include the kubelet', { nodePorts: '10250-10250' }, 'RESERVED_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts that include kube-proxy', { nodePorts: '10256-10256' }, 'RESERVED_NODE_PORTS napoli/cluster/nodePorts'],
    ['NodePorts that include the etcd peers', { nodePorts: '2380-2380' }, 'RESERVED_NODE_PORTS napoli/cluster/nodePorts'],
    ['a Service range without an address for DNS', { serviceCidr: '10.43.0.0/29' }, 'EXCEEDS_SERVICE_CIDR napoli/cluster/serviceCidr'],
    ['a URL in the certificate', { sans: ['https://k8s.example.org'] }, 'INVALID_SAN napoli/cluster/sans'],
    ['an invalid address in the certificate', { sans: ['10.0.0.256'] }, 'INVALID_SAN napoli/cluster/sans'],
    ['snapshots every 90 minutes', { etcdSnapshots: { every: '90m' } }, 'INVALID_SNAPSHOT_INTERVAL napoli/cluster/etcdSnapshots/every'],
    ['an interval of snapshots in words', { etcdSnapshots: { every: 'often' } }, 'INVALID_QUANTITY napoli/cluster/etcdSnapshots/every'],
    ['a retention of zero snapshots', { etcdSnapshots: { keep: 0 } }, 'INVALID_SNAPSHOT_KEEP napoli/cluster/etcdSnapshots/keep'],
    [
      'snapshots to S3 without an endpoint',
      { etcdSnapshots: { s3: { endpoint: '', bucket: 'etcd' } } },
      'INVALID_SNAPSHOT_STORE napoli/cluster/etcdSnapshots/s3/endpoint',
    ],
    [
      'snapshots to S3 without TLS',
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
    ['an upgrade of a fractional number of workers', { upgrade: { workers: 0.5 } }, 'INVALID_UPGRADE napoli/cluster/upgrade/workers'],
    ['an upgrade with a percentage in words', { upgrade: { workers: 'ten%' } }, 'INVALID_UPGRADE napoli/cluster/upgrade/workers'],
    ['an upgrade of zero control planes', { upgrade: { controlPlanes: 0 } }, 'INVALID_UPGRADE napoli/cluster/upgrade/controlPlanes'],
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
    ['arguments of an unknown component', { arguments: { kubelets: { v: '2' } } }, 'UNKNOWN_COMPONENT napoli/cluster/arguments'],
  ];
  test.each(rke1Errors)('RKE: %s', (_, props, expected) => {
    expect(codes(rke1Site(props))).toEqual([expected]);
  });

  const rke2Errors: [string, Rke2Props | Untyped, string][] = [
    ['no patch level', { version: '1.31' }, 'UNKNOWN_RKE2_RELEASE napoli/cluster/version'],
    ['an incomplete release name', { version: 'v1.31.9+rke2' }, 'UNKNOWN_RKE2_RELEASE napoli/cluster/version'],
    ['weave', { network: 'weave' }, 'UNSUPPORTED_NETWORK napoli/cluster/network'],
    [
      'flannel with a release that does not support it',
      { version: '1.28.6', network: 'flannel' },
      'UNSUPPORTED_RELEASE napoli/cluster/network',
    ],
    ['an MTU that is too large', { network: 'calico', mtu: 1460 }, 'EXCEEDS_POD_MTU napoli/cluster/mtu'],
    [
      'traefik with a release that does not support it',
      { version: '1.30.2', ingress: 'traefik' },
      'UNSUPPORTED_RELEASE napoli/cluster/ingress',
    ],
    [
      'traefik with a minor version that never supported it',
      { version: '1.29.15', ingress: 'traefik' },
      'UNSUPPORTED_RELEASE napoli/cluster/ingress',
    ],
    ['ingress-nginx after its removal', { version: '1.37.0' }, 'UNSUPPORTED_INGRESS_RELEASE napoli/cluster/ingress'],
    ['an unknown ingress controller', { ingress: 'haproxy' }, 'UNSUPPORTED_INGRESS napoli/cluster/ingress'],
    [
      'snapshots every 5 hours, which cron cannot express',
      { etcdSnapshots: { every: '5h' } },
      'INVALID_SNAPSHOT_INTERVAL napoli/cluster/etcdSnapshots/every',
    ],
    ['NodePorts that include the supervisor', { nodePorts: '9000-9999' }, 'RESERVED_NODE_PORTS napoli/cluster/nodePorts'],
    ['addons', { addons: ['https://example.org/a.yaml'] }, 'UNSUPPORTED_ADDONS napoli/cluster/addons'],
  ];
  test.each(rke2Errors)('RKE2: %s', (_, props, expected) => {
    expect(codes(rke2Site(props))).toContain(expected);
    expect(new Set(codes(rke2Site(props)))).toEqual(new Set([expected]));
  });

  test('RKE2: labels that the kubelet rejects', () => {
    const labels = (key: string) => codes(rke2Site({}, { pools: [master, pool('worker', { labels: { [key]: 'x' } })] }));
    expect(labels('node-role.kubernetes.io/gpu')).toEqual(['RESERVED_NODE_LABEL napoli/pools/worker/labels']);
    expect(labels('topology.kubernetes.io/zone')).toEqual([]);
    expect(labels('node.kubernetes.io/gpu')).toEqual([]);
    expect(labels('example.org/gpu')).toEqual([]);
    const worker = pool('worker', { labels: { 'node-role.kubernetes.io/gpu': 'x' } });
    expect(codes(rke1Site({}, { pools: [master, worker] }))).toEqual([]);
  });

  test('root and invalid user names are rejected for SSH', () => {
    expect(codes(rke1Site({}, { ssh: { user: 'root' } }))).toEqual(['INSECURE_SSH_USER napoli/ssh/user']);
    expect(codes(rke2Site({}, { ssh: { user: 'root' } }))).toEqual(['INSECURE_SSH_USER napoli/ssh/user']);
    expect(codes(rke1Site({}, { ssh: { user: 'Jane Doe' } }))).toEqual(['INVALID_SSH_USER napoli/ssh/user']);
    expect(codes(rke1Site({}, { ssh: { user: 'almalinux' } }))).toEqual([]);
  });

  test("a cloud controller requires cloudProvider 'external'", () => {
    const controlled = { cloud: cloud({ cloudController: true }) };
    expect(codes(rke1Site({ cloudProvider: 'none' }, controlled))).toEqual(['MISSING_CLOUD_PROVIDER napoli/cluster/cloudProvider']);
    expect(codes(rke1Site({}, controlled))).toEqual([]);
  });

  test('the fix for an unknown MTU depends on whether the network is created', () => {
    const fix = (props: object) =>
      clusterWarnings(rke1Site({}, { cloud: cloud({ mtu: undefined, ...props }) })).find(({ code }) => code === 'MISSING_CLOUD_MTU')?.fix;

    expect(fix({})).toMatch(/^write openstack\(\{ mtu: 1500 \}\)/);
    expect(fix({ network: 'provider' })).toBe(
      'if `openstack network show provider -f value -c mtu` prints 1500, write rke1({ mtu: 1450 }); otherwise its output less 50',
    );
  });

  test('messages contain the fix', () => {
    const [problem] = clusterProblems(rke1Site({ cloudProvider: 'openstack' }));
    expect(problem?.fix).toMatch(/cloudController.*cinder\(\)/);
    expect(clusterProblems(rke2Site({ network: 'calicco' }))[0]?.fix).toBe("write 'calico'");
    expect(clusterProblems(rke1Site({ version: '1.32.99' }))[0]?.fix).toBe("write 'v1.32.13-rancher1-3'");
    expect(clusterProblems(rke2Site({ version: '1.29.15', ingress: 'traefik' }))[0]?.allowed).toBe('traefik since version 1.30.3');
  });

  test('values at the limits are valid', () => {
    expect(codes(rke1Site({ mtu: 1450 }))).toEqual([]);
    expect(codes(rke1Site({ network: 'calico', mtu: 1480 }))).toEqual([]);
    expect(codes(rke1Site({ nodePorts: '30000-65535' }))).toEqual([]);
    expect(codes(rke1Site({ upgrade: { workers: '100%', controlPlanes: 1 } }))).toEqual([]);
    expect(codes(rke1Site({ privateRegistries: [{ url: '10.0.0.5:5000' }, { url: 'b.example.org', isDefault: false }] }))).toEqual([]);
    expect(codes(rke2Site({ network: 'flannel', version: '1.27.11' }))).toEqual([]);
    expect(codes(rke2Site({ ingress: 'traefik', version: '1.30.3' }))).toEqual([]);
    expect(codes(rke2Site({ ingress: 'traefik', version: '1.37.0' }))).toEqual([]);
  });

  test('an existing cluster has no validation, files or warnings', () => {
    expect(clusterProblems(existingClusterSite())).toEqual([]);
    expect(clusterFiles(existingClusterSite())).toEqual([]);
    expect(clusterWarnings(existingClusterSite())).toEqual([]);
  });
});

describe('warnings', () => {
  const three = [pool('master', { count: 3, roles: ['controlplane', 'etcd'] }), worker];
  const count = (given: Site, code: string) => clusterWarnings(given).filter((it) => it.code === code).length;

  test('there are none for a valid RKE2 site', () => {
    expect(clusterWarnings(rke2Site({}, { pools: three, cloud: cloud({ entry: 'load-balancer' }) }))).toEqual([]);
  });

  test.each<[string, Site, string, string]>([
    ['the end of life of RKE', rke1Site(), 'UNSUPPORTED_RKE1', 'cluster'],
    ['releases that require a subscription', rke1Site({ version: '1.31.14' }), 'UNSUPPORTED_RKE1_VERSION', 'cluster/version'],
    ['an addon from a branch', rke1Site({ addons: ['https://example.org/x/main/a.yaml'] }), 'INSECURE_ADDON_VERSION', 'cluster/addons'],
    ['several servers without a load balancer', rke2Site({}, { pools: three }), 'MISSING_REGISTRATION_ADDRESS', 'cluster'],
    ['an unknown MTU of the cloud', rke1Site({}, { cloud: cloud({ mtu: undefined }) }), 'MISSING_CLOUD_MTU', 'cloud/mtu'],
    ['flannel, which does not enforce NetworkPolicies', rke1Site({ network: 'flannel' }), 'INSECURE_POD_NETWORK', 'cluster/network'],
    ['no network plugin', rke2Site({ network: 'none' }), 'MISSING_POD_NETWORK', 'cluster/network'],
    ['an upgrade strategy, which RKE2 ignores', rke2Site({ upgrade: { drain: true } }), 'UNSUPPORTED_UPGRADE_STRATEGY', 'cluster/upgrade'],
    [
      'encryption of Secrets disabled, which RKE2 ignores',
      rke2Site({ encryptSecrets: false }),
      'UNSUPPORTED_SECRET_ENCRYPTION',
      'cluster/encryptSecrets',
    ],
    [
      'an external cloud provider without a cloud controller',
      rke2Site({ cloudProvider: 'external' }),
      'MISSING_CLOUD_CONTROLLER',
      'cluster/cloudProvider',
    ],
    [
      'NodePorts in the range for outgoing connections',
      rke1Site({ nodePorts: '30000-40000' }),
      'CONFLICTING_NODE_PORTS',
      'cluster/nodePorts',
    ],
    ['snapshots only on the single etcd node', rke1Site(), 'MISSING_ETCD_SNAPSHOT_STORE', 'cluster/etcdSnapshots'],
  ])('%s', (_, given, code, at) => {
    expect(clusterWarnings(given).filter((it) => it.code === code)).toMatchObject([{ path: `${given.name}/${at}`, severity: 'warning' }]);
  });

  test('contain the affected nodes', () => {
    const given = Object.fromEntries(
      [...clusterWarnings(rke1Site()), ...clusterWarnings(rke2Site({}, { pools: three }))].map((it) => [it.code, it.given]),
    );
    expect(given.MISSING_REGISTRATION_ADDRESS).toContain('3 servers without a load balancer: while napoli-master-1 is down');
    expect(given.MISSING_ETCD_SNAPSHOT_STORE).toContain('etcd snapshots only on napoli-master-1');
  });

  test('disappear when the cause is fixed', () => {
    expect(count(rke1Site(), 'MISSING_CLOUD_MTU')).toBe(0);
    expect(count(rke1Site({ mtu: 1400 }, { cloud: cloud({ mtu: undefined }) }), 'MISSING_CLOUD_MTU')).toBe(0);
    expect(count(rke2Site({ network: 'cilium' }, { cloud: cloud({ mtu: undefined }) }), 'MISSING_CLOUD_MTU')).toBe(0);
    expect(count(rke1Site({ addons: ['https://example.org/v1.2/a.yaml'] }), 'INSECURE_ADDON_VERSION')).toBe(0);
    expect(count(rke1Site({ etcdSnapshots: { s3: { endpoint: 's3.example.org', bucket: 'etcd' } } }), 'MISSING_ETCD_SNAPSHOT_STORE')).toBe(
      0,
    );
  });
});

test('output is deterministic', () => {
  const all = () =>
    [rke1Site(), rke2Site()].map((given) => [clusterFiles(given), given.nodes.map((node) => cloudInit(given, node)), portRules(given)]);
  expect(JSON.stringify(all())).toBe(JSON.stringify(all()));
});
