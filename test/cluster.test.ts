import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { parse, parseAllDocuments } from 'yaml';
import { cloudInit, clusterFiles, clusterProblems, clusterWarnings, type PortRule, portRules } from '../lib/cluster';
import {
  defineSite,
  existingCluster,
  loadBalancerAddress,
  type NodePool,
  type NodePoolProps,
  nodePool,
  type OpenStackProps,
  openstack,
  type RancherClusterProps,
  type Rke1Network,
  type Rke2Network,
  rke1,
  rke2,
  type Site,
  type SiteProps,
} from '../lib/site';

type Json = any;

const flavor = { name: 'm1.large', vcpus: 8, memory: '16GiB' } as const;
const image = 'AlmaLinux-9.2';
const sshKey = `ssh-ed25519 ${'A'.repeat(68)} operators`;
const pool = (name: string, props: Partial<NodePoolProps> = {}) => nodePool(name, { flavor, image, ...props });
const master = pool('master', { roles: ['controlplane', 'etcd', 'worker'] });
const worker = pool('worker', { count: 2 });
const cloud = (props: Partial<OpenStackProps> = {}) =>
  openstack({
    region: 'RegionOne',
    cidr: '10.64.0.0/24',
    externalNetwork: 'public',
    admins: ['192.0.2.0/24'],
    sshKey,
    publicAddress: '198.51.100.10',
    mtu: 1500,
    ...props,
  });

type Rke1Props = Partial<RancherClusterProps<Rke1Network>>;
type Rke2Props = Partial<RancherClusterProps<Rke2Network>>;
/** Cluster properties as they come from JSON, where types cannot help. */
type Untyped = Record<string, unknown>;

const site = (cluster: SiteProps['cluster'], props: Partial<SiteProps> = {}): Site =>
  defineSite('napoli', { cluster, cloud: cloud(), pools: [master, worker], ...props });
const one = (props: Rke1Props | Untyped = {}, more: Partial<SiteProps> = {}) =>
  site(rke1({ version: '1.27.16', ...props } as RancherClusterProps<Rke1Network>), more);
const two = (props: Rke2Props | Untyped = {}, more: Partial<SiteProps> = {}) =>
  site(rke2({ version: '1.31.9', ...props } as RancherClusterProps<Rke2Network>), more);
const foreign = () =>
  site(existingCluster({ version: '1.31', apiServers: ['10.0.0.1:6443'] }), { cloud: undefined, pools: [pool('worker')] });

const codes = (given: Site) => clusterProblems(given).map(({ code, path }) => `${code} ${path}`);
const file = (given: Site, path: string) => {
  const found = clusterFiles(given).find((it) => it.path === path);
  if (!found) throw new Error(`no ${path} among ${clusterFiles(given).map((it) => it.path)}`);
  return found.text;
};
const read = (text: string): Json => parse(text, { version: '1.1' });
const clusterYml = (given: Site): Json => read(file(given, 'cluster.yml'));
const config = (given: Site, node: string): Json => read(file(given, `nodes/${node}/config.yaml`));

test('the sites of these tests are sound', () => {
  for (const sound of [one(), two(), foreign()]) {
    expect(sound.problems).toEqual([]);
    expect(clusterProblems(sound)).toEqual([]);
  }
});

describe('laws', () => {
  const rke1Laws: [string, Rke1Props | Untyped, string][] = [
    ['a minor version after the end of RKE', { version: '1.33.1' }, 'RKE1_RELEASE_TOO_NEW napoli/cluster/version'],
    ['a patch level that RKE never had', { version: '1.27.17' }, 'RKE1_RELEASE_UNKNOWN napoli/cluster/version'],
    ['no patch level', { version: '1.28' }, 'RKE1_RELEASE_UNKNOWN napoli/cluster/version'],
    ['half a release name', { version: 'v1.27.16-rancher1' }, 'RKE1_RELEASE_UNKNOWN napoli/cluster/version'],
    ['a network that RKE does not know', { network: 'cilium' }, 'NETWORK_UNSUPPORTED napoli/cluster/network'],
    ['a network of no one', { network: 'constructor' }, 'NETWORK_UNSUPPORTED napoli/cluster/network'],
    ['weave from 1.30 on', { version: '1.30.14', network: 'weave' }, 'NETWORK_REMOVED napoli/cluster/network'],
    ['an MTU for flannel', { network: 'flannel', mtu: 1400 }, 'MTU_WITH_FLANNEL napoli/cluster/mtu'],
    ['an MTU that is no number of bytes', { mtu: 1400.5 }, 'POD_MTU_INVALID napoli/cluster/mtu'],
    ['an MTU below what IPv4 asks for', { mtu: 575 }, 'POD_MTU_INVALID napoli/cluster/mtu'],
    ['VXLAN packets larger than the network', { mtu: 1451 }, 'POD_MTU_TOO_LARGE napoli/cluster/mtu'],
    ['IP-in-IP packets larger than the network', { network: 'calico', mtu: 1481 }, 'POD_MTU_TOO_LARGE napoli/cluster/mtu'],
    ['traefik, which RKE does not install', { ingress: 'traefik' }, 'INGRESS_UNSUPPORTED napoli/cluster/ingress'],
    ['the OpenStack of Kubernetes itself', { cloudProvider: 'openstack' }, 'CLOUD_PROVIDER_IN_TREE napoli/cluster/cloudProvider'],
    ['NodePorts backwards', { nodePorts: '32767-30000' }, 'NODE_PORTS_INVALID napoli/cluster/nodePorts'],
    ['NodePorts beyond the last port', { nodePorts: '30000-65536' }, 'NODE_PORTS_INVALID napoli/cluster/nodePorts'],
    ['NodePorts from 0', { nodePorts: '0-32767' }, 'NODE_PORTS_INVALID napoli/cluster/nodePorts'],
    ['NodePorts that are no range', { nodePorts: '30000' }, 'NODE_PORTS_INVALID napoli/cluster/nodePorts'],
    ['NodePorts over the API', { nodePorts: '6000-7000' }, 'NODE_PORTS_TAKEN napoli/cluster/nodePorts'],
    ['NodePorts over the kubelet', { nodePorts: '10250-10250' }, 'NODE_PORTS_TAKEN napoli/cluster/nodePorts'],
    ['NodePorts over kube-proxy', { nodePorts: '10256-10256' }, 'NODE_PORTS_TAKEN napoli/cluster/nodePorts'],
    ['NodePorts over the peers of etcd', { nodePorts: '2380-2380' }, 'NODE_PORTS_TAKEN napoli/cluster/nodePorts'],
    ['Services without room for DNS', { serviceCidr: '10.43.0.0/29' }, 'SERVICE_CIDR_TOO_SMALL napoli/cluster/serviceCidr'],
    ['a URL in the certificate', { sans: ['https://k8s.example.org'] }, 'SAN_INVALID napoli/cluster/sans'],
    ['an impossible address in the certificate', { sans: ['10.0.0.256'] }, 'SAN_INVALID napoli/cluster/sans'],
    ['snapshots every 90 minutes', { etcdSnapshots: { every: '90m' } }, 'SNAPSHOT_INTERVAL_INVALID napoli/cluster/etcdSnapshots/every'],
    ['snapshots every while', { etcdSnapshots: { every: 'often' } }, 'QUANTITY_UNKNOWN napoli/cluster/etcdSnapshots/every'],
    ['no snapshot kept', { etcdSnapshots: { keep: 0 } }, 'SNAPSHOT_KEEP_INVALID napoli/cluster/etcdSnapshots/keep'],
    [
      'snapshots to S3 without an endpoint',
      { etcdSnapshots: { s3: { endpoint: '', bucket: 'etcd' } } },
      'SNAPSHOT_STORE_INVALID napoli/cluster/etcdSnapshots/s3/endpoint',
    ],
    [
      'snapshots to S3 in clear',
      { etcdSnapshots: { s3: { endpoint: 'http://s3.example.org', bucket: 'etcd' } } },
      'SNAPSHOT_STORE_INVALID napoli/cluster/etcdSnapshots/s3/endpoint',
    ],
    [
      'snapshots to S3 without a bucket',
      { etcdSnapshots: { s3: { endpoint: 's3.example.org' } } },
      'SNAPSHOT_STORE_INVALID napoli/cluster/etcdSnapshots/s3/bucket',
    ],
    ['an upgrade of 0 %', { upgrade: { workers: '0%' } }, 'UPGRADE_INVALID napoli/cluster/upgrade/workers'],
    ['an upgrade of 101 %', { upgrade: { workers: '101%' } }, 'UPGRADE_INVALID napoli/cluster/upgrade/workers'],
    ['an upgrade of half a worker', { upgrade: { workers: 0.5 } }, 'UPGRADE_INVALID napoli/cluster/upgrade/workers'],
    ['an upgrade of a percentage in words', { upgrade: { workers: 'ten%' } }, 'UPGRADE_INVALID napoli/cluster/upgrade/workers'],
    ['an upgrade without control planes', { upgrade: { controlPlanes: 0 } }, 'UPGRADE_INVALID napoli/cluster/upgrade/controlPlanes'],
    [
      'a registry with a scheme',
      { privateRegistries: [{ url: 'https://r.example.org' }] },
      'REGISTRY_INVALID napoli/cluster/privateRegistries',
    ],
    [
      'a registry with a path',
      { privateRegistries: [{ url: 'r.example.org/mirror' }] },
      'REGISTRY_INVALID napoli/cluster/privateRegistries',
    ],
    ['a registry with port 0', { privateRegistries: [{ url: 'r.example.org:0' }] }, 'REGISTRY_INVALID napoli/cluster/privateRegistries'],
    [
      'two default registries',
      { privateRegistries: [{ url: 'a.example.org' }, { url: 'b.example.org' }] },
      'REGISTRY_DEFAULT_TWICE napoli/cluster/privateRegistries',
    ],
    ['arguments for nobody', { arguments: { kubelets: { v: '2' } } }, 'COMPONENT_UNKNOWN napoli/cluster/arguments'],
  ];
  test.each(rke1Laws)('RKE: %s', (_, props, expected) => {
    expect(codes(one(props))).toEqual([expected]);
  });

  const rke2Laws: [string, Rke2Props | Untyped, string][] = [
    ['no patch level', { version: '1.31' }, 'RKE2_RELEASE_UNKNOWN napoli/cluster/version'],
    ['half a release name', { version: 'v1.31.9+rke2' }, 'RKE2_RELEASE_UNKNOWN napoli/cluster/version'],
    ['weave', { network: 'weave' }, 'NETWORK_UNSUPPORTED napoli/cluster/network'],
    ['flannel before RKE2 had it', { version: '1.28.6', network: 'flannel' }, 'RELEASE_TOO_OLD napoli/cluster/network'],
    ['an MTU that does not fit', { network: 'calico', mtu: 1460 }, 'POD_MTU_TOO_LARGE napoli/cluster/mtu'],
    ['traefik before RKE2 had it', { version: '1.30.2', ingress: 'traefik' }, 'RELEASE_TOO_OLD napoli/cluster/ingress'],
    ['traefik on a minor version that never got it', { version: '1.29.15', ingress: 'traefik' }, 'RELEASE_TOO_OLD napoli/cluster/ingress'],
    ['ingress-nginx after its end', { version: '1.37.0' }, 'INGRESS_REMOVED napoli/cluster/ingress'],
    ['an ingress of no one', { ingress: 'haproxy' }, 'INGRESS_UNSUPPORTED napoli/cluster/ingress'],
    [
      'snapshots every 5 hours, which cron cannot say',
      { etcdSnapshots: { every: '5h' } },
      'SNAPSHOT_INTERVAL_INVALID napoli/cluster/etcdSnapshots/every',
    ],
    ['NodePorts over the supervisor', { nodePorts: '9000-9999' }, 'NODE_PORTS_TAKEN napoli/cluster/nodePorts'],
    ['addons', { addons: ['https://example.org/a.yaml'] }, 'ADDONS_UNSUPPORTED napoli/cluster/addons'],
  ];
  test.each(rke2Laws)('RKE2: %s', (_, props, expected) => {
    expect(codes(two(props))).toContain(expected);
    expect(new Set(codes(two(props)))).toEqual(new Set([expected]));
  });

  test('RKE2: labels that a kubelet may not set', () => {
    const labels = (key: string) => codes(two({}, { pools: [master, pool('worker', { labels: { [key]: 'x' } })] }));
    expect(labels('node-role.kubernetes.io/gpu')).toEqual(['NODE_LABEL_RESERVED napoli/pools/worker/labels']);
    expect(labels('topology.kubernetes.io/zone')).toEqual([]);
    expect(labels('node.kubernetes.io/gpu')).toEqual([]);
    expect(labels('example.org/gpu')).toEqual([]);
    const worker = pool('worker', { labels: { 'node-role.kubernetes.io/gpu': 'x' } });
    expect(codes(one({}, { pools: [master, worker] }))).toEqual([]);
  });

  test('root may not install, nor a user without a name', () => {
    expect(codes(one({}, { ssh: { user: 'root' } }))).toEqual(['SSH_USER_ROOT napoli/ssh/user']);
    expect(codes(two({}, { ssh: { user: 'root' } }))).toEqual(['SSH_USER_ROOT napoli/ssh/user']);
    expect(codes(one({}, { ssh: { user: 'Jane Doe' } }))).toEqual(['SSH_USER_INVALID napoli/ssh/user']);
    expect(codes(one({}, { ssh: { user: 'almalinux' } }))).toEqual([]);
  });

  test('a cloud controller needs nodes that wait for it', () => {
    const controlled = { cloud: cloud({ cloudController: true }) };
    expect(codes(one({ cloudProvider: 'none' }, controlled))).toEqual(['CLOUD_PROVIDER_MISSING napoli/cluster/cloudProvider']);
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
  const warned = (given: Site, words: RegExp) => clusterWarnings(given).filter((it) => words.test(it)).length;

  test('are silent for a sound RKE2 site', () => {
    expect(clusterWarnings(two({}, { pools: three, cloud: cloud({ entry: 'load-balancer' }) }))).toEqual([]);
  });

  test.each<[string, Site, RegExp]>([
    ['the end of RKE', one(), /RKE ended in July 2025/],
    ['releases for subscribers', one({ version: '1.31.14' }), /subscription/],
    ['an addon that changes under its URL', one({ addons: ['https://example.org/x/main/a.yaml'] }), /another text tomorrow/],
    ['several servers without a fixed address', two({}, { pools: three }), /3 servers without a load balancer.*napoli-master-1/],
    ['an unknown MTU of the cloud', one({}, { cloud: cloud({ mtu: undefined }) }), /canal assumes 1500/],
    ['flannel, which enforces no policies', one({ network: 'flannel' }), /does not enforce NetworkPolicies/],
    ['no network at all', two({ network: 'none' }), /NotReady/],
    ['an upgrade strategy that RKE2 does not read', two({ upgrade: { drain: true } }), /system-upgrade-controller/],
    ['Secrets that RKE2 encrypts anyway', two({ encryptSecrets: false }), /encrypts Secrets in etcd always/],
    ['a cloud controller that is not ours', two({ cloudProvider: 'external' }), /unschedulable until you install/],
    ['NodePorts among those of outgoing connections', one({ nodePorts: '30000-40000' }), /32768-60999/],
    ['snapshots that die with their node', one(), /snapshots of etcd stay on napoli-master-1/],
  ])('%s', (_, given, words) => {
    expect(warned(given, words)).toBe(1);
  });

  test('go when their reason goes', () => {
    expect(warned(one(), /assumes/)).toBe(0);
    expect(warned(one({ mtu: 1400 }, { cloud: cloud({ mtu: undefined }) }), /assumes/)).toBe(0);
    expect(warned(two({ network: 'cilium' }, { cloud: cloud({ mtu: undefined }) }), /assumes/)).toBe(0);
    expect(warned(one({ addons: ['https://example.org/v1.2/a.yaml'] }), /tomorrow/)).toBe(0);
    expect(warned(one({ etcdSnapshots: { s3: { endpoint: 's3.example.org', bucket: 'etcd' } } }), /stay on/)).toBe(0);
  });
});

describe('cluster.yml', () => {
  // The structure of RKE's own types lies beside the checkout; elsewhere the suite `schemas` needs it, and these tests are left out.
  const schemaFile = join(__dirname, '../../shared/data/rke-cluster.schema.json');
  const withSchema = existsSync(schemaFile) ? test : test.skip;
  const validate = new Ajv({ allErrors: true }).compile(existsSync(schemaFile) ? JSON.parse(readFileSync(schemaFile, 'utf8')) : {});
  const everything: Required<RancherClusterProps<Rke1Network>> = {
    version: 'v1.27.16-rancher1-1',
    network: 'calico',
    mtu: 1480,
    ingress: 'none',
    podCidr: '10.52.0.0/16',
    serviceCidr: '10.53.0.0/16',
    nodePorts: '30000-31000',
    sans: ['k8s.example.org'],
    etcdSnapshots: {
      every: '6h',
      keep: 12,
      s3: { endpoint: 'https://s3.example.org:9000/', bucket: 'etcd', region: 'bari', folder: 'napoli' },
    },
    privateRegistries: [{ url: 'registry.example.org:5000' }, { url: 'other.example.org', isDefault: false }],
    addons: ['https://example.org/v1/addon.yaml'],
    upgrade: { workers: 2, controlPlanes: 1, drain: false },
    cloudProvider: 'external',
    encryptSecrets: false,
    arguments: {
      etcd: { 'quota-backend-bytes': '8589934592' },
      'kube-apiserver': { profiling: 'false' },
      'kube-controller-manager': { 'terminated-pod-gc-threshold': '100' },
      'kube-scheduler': { profiling: 'false' },
      kubelet: { 'max-pods': '200' },
      'kube-proxy': { 'proxy-mode': 'ipvs' },
    },
  };

  withSchema.each<[string, Site]>([
    ['the least that can be said', one()],
    ['everything that can be said', one(everything)],
    [
      'nodes that exist',
      one(
        {},
        {
          cloud: undefined,
          ssh: { user: 'admin', keyPath: '~/.ssh/rke' },
          pools: [pool('all', { addresses: ['192.0.2.1'], roles: ['controlplane', 'etcd', 'worker'] })],
        },
      ),
    ],
    ['a bastion', one({}, { cloud: cloud({ bastion: { flavor: 'm1.small', image } }) })],
  ])('is what RKE decodes: %s', (_, given) => {
    expect(clusterProblems(given)).toEqual([]);
    validate(clusterYml(given));
    expect(validate.errors).toBeNull();
  });

  withSchema('the schema of these tests does refuse', () => {
    expect(validate({ ...clusterYml(one()), kubernetes_versions: 'v1.27.16-rancher1-1' })).toBe(false);
  });

  test('is by default what RKE would ask for', () => {
    expect(clusterYml(one())).toMatchObject({
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
        kubelet: { cluster_domain: 'cluster.local', cluster_dns_server: '10.43.0.10' },
      },
      upgrade_strategy: {
        max_unavailable_worker: '10%',
        max_unavailable_controlplane: '1',
        drain: true,
        node_drain_input: { force: true, ignore_daemonsets: true, delete_local_data: true },
      },
    });
    expect(clusterYml(one())).not.toHaveProperty('cloud_provider');
    expect(clusterYml(one())).not.toHaveProperty('private_registries');
    expect(clusterYml(one())).not.toHaveProperty('addons_include');
  });

  test('says every prop', () => {
    const document = clusterYml(one(everything));
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
      kubelet: { 'max-pods': '200' },
      kubeproxy: { 'proxy-mode': 'ipvs' },
    });
  });

  test('lists the nodes in the order of the site', () => {
    const tainted = pool('gpu', { labels: { 'example.org/gpu': 'yes' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] });
    const { nodes } = clusterYml(one({}, { pools: [master, tainted] }));
    expect(nodes).toEqual([
      {
        address: '10.64.0.10',
        hostname_override: 'napoli-master-1',
        user: 'rke',
        role: ['controlplane', 'etcd', 'worker'],
        labels: { 'analysis-facility/pool': 'master' },
      },
      {
        address: '10.64.0.32',
        hostname_override: 'napoli-gpu-1',
        user: 'rke',
        role: ['worker'],
        labels: { 'analysis-facility/pool': 'gpu', 'example.org/gpu': 'yes' },
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
    expect(clusterYml(one({ version })).kubernetes_version).toBe(release);
  });

  test.each<[string, Rke1Props, number | undefined, number | undefined]>([
    ['VXLAN', { network: 'canal' }, 1450, 1400],
    ['IP-in-IP', { network: 'calico' }, 1450, 1430],
    ['Weave', { network: 'weave' }, 1500, 1412],
    ['flannel, which may not be told', { network: 'flannel' }, 1450, undefined],
    ['an unknown cloud', { network: 'canal' }, undefined, undefined],
    ['what was said', { network: 'canal', mtu: 1300 }, 1450, 1300],
  ])('MTU of pods: %s', (_, props, mtu, expected) => {
    expect(clusterYml(one(props, { cloud: cloud({ mtu }) })).network.mtu).toBe(expected);
  });

  test('SSH from outside goes through the one public address', () => {
    expect(clusterYml(one()).bastion_host).toEqual({ address: '198.51.100.10', user: 'rke' });
    expect(clusterYml(one({}, { cloud: cloud({ entry: 'load-balancer' }) }))).not.toHaveProperty('bastion_host');
    expect(clusterYml(one({}, { cloud: cloud({ publicAddress: undefined }) }))).not.toHaveProperty('bastion_host');
  });

  test('the address of a bastion is added after Terraform has it', () => {
    const bastion = one({}, { cloud: cloud({ bastion: { flavor: 'm1.small', image } }), ssh: { user: 'ops' } });
    expect(clusterYml(bastion).bastion_host).toEqual({ user: 'ops' });
    expect(file(bastion, 'cluster.yml')).toContain('.bastion_host.address = strenv(BASTION)');
  });

  test('a key file takes the place of the agent', () => {
    const keyed = clusterYml(one({}, { ssh: { user: 'ops', keyPath: '~/.ssh/rke' } }));
    expect(keyed.ssh_key_path).toBe('~/.ssh/rke');
    expect(keyed).not.toHaveProperty('ssh_agent_auth');
    expect(keyed.nodes[0].user).toBe('ops');
  });

  test('the load balancer is in the certificate, outside and inside', () => {
    const balanced = cloud({ entry: 'load-balancer' });
    const { sans } = clusterYml(one({}, { cloud: balanced })).authentication;
    expect(sans).toEqual(['198.51.100.10', loadBalancerAddress(balanced)]);
  });

  test('keys are asked for, not written', () => {
    const text = file(one(everything), 'cluster.yml');
    expect(text).toContain('s3backupconfig.access_key = strenv(S3_ACCESS_KEY)');
    expect(text).toContain('s3backupconfig.secret_key = strenv(S3_SECRET_KEY)');
    expect(text).toContain('"password": strenv(REGISTRY_PASSWORD)');
    expect(JSON.stringify(clusterYml(one(everything)))).not.toMatch(/access_key|secret_key|password/);
    expect(file(one(), 'cluster.yml')).not.toContain('strenv');
  });

  test('a cloud controller makes the nodes wait for it', () => {
    expect(clusterYml(one({}, { cloud: cloud({ cloudController: true }) })).cloud_provider).toEqual({ name: 'external' });
  });
});

describe('RKE2', () => {
  const servers = pool('master', { count: 3, roles: ['controlplane', 'etcd'] });
  const s3 = { endpoint: 's3.example.org', bucket: 'etcd', region: 'bari', folder: 'napoli' };
  const everything: Required<Omit<RancherClusterProps<Rke2Network>, 'addons'>> = {
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
  const large = (props: Rke2Props = {}, more: Partial<SiteProps> = {}) => two(props, { pools: [servers, worker], ...more });

  test('a file for every node', () => {
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

  test('the first server joins nobody, all others join it', () => {
    expect(config(large(), 'napoli-master-1')).not.toHaveProperty('server');
    for (const node of ['master-2', 'master-3', 'worker-1']) {
      expect(config(large(), `napoli-${node}`).server).toBe('https://10.64.0.10:9345');
    }
  });

  test('a load balancer is where nodes join, and in the certificate', () => {
    const balanced = cloud({ entry: 'load-balancer' });
    const given = large({}, { cloud: balanced });
    expect(config(given, 'napoli-master-1')).not.toHaveProperty('server');
    expect(config(given, 'napoli-worker-2').server).toBe(`https://${loadBalancerAddress(balanced)}:9345`);
    expect(config(given, 'napoli-master-1')['tls-san']).toEqual(['198.51.100.10', loadBalancerAddress(balanced)]);
  });

  test('an agent knows how to join and who it is', () => {
    const gpu = pool('gpu', { labels: { 'example.org/gpu': 'yes' }, taints: [{ key: 'gpu', value: 'a100', effect: 'NoSchedule' }] });
    expect(config(two({}, { pools: [master, gpu] }), 'napoli-gpu-1')).toEqual({
      server: 'https://10.64.0.10:9345',
      'token-file': '/etc/rancher/rke2/token',
      'node-name': 'napoli-gpu-1',
      'node-ip': '10.64.0.32',
      'node-label': ['analysis-facility/pool=gpu', 'example.org/gpu=yes'],
      'node-taint': ['gpu=a100:NoSchedule'],
      selinux: false,
    });
  });

  test('a server by default', () => {
    expect(config(large(), 'napoli-master-1')).toEqual({
      'token-file': '/etc/rancher/rke2/token',
      'node-name': 'napoli-master-1',
      'node-ip': '10.64.0.10',
      'node-label': ['analysis-facility/pool=master'],
      'node-taint': ['CriticalAddonsOnly=true:NoExecute'],
      selinux: false,
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

  test('a server says every prop', () => {
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
      'kubelet-arg': ['max-pods=200'],
      'kube-apiserver-arg': ['profiling=false', 'v=2'],
      'etcd-arg': ['v=1'],
    });
    expect(config(given, 'napoli-worker-1')).toMatchObject({ 'cloud-provider-name': 'external', 'kubelet-arg': ['max-pods=200'] });
    expect(config(given, 'napoli-worker-1')).not.toHaveProperty('kube-apiserver-arg');
  });

  test('servers differ in who they are and in nothing else', () => {
    const shared = ['napoli-master-1', 'napoli-master-2', 'napoli-master-3'].map((node) => {
      const { server: _, 'node-name': __, 'node-ip': ___, ...rest } = config(large(everything), node);
      return rest;
    });
    expect(shared[1]).toEqual(shared[0]);
    expect(shared[2]).toEqual(shared[0]);
  });

  test('etcd and control plane may stand apart', () => {
    const pools = [pool('cp', { roles: ['controlplane'] }), pool('etcd', { roles: ['etcd'] }), worker];
    const given = two({}, { pools });
    expect(config(given, 'napoli-etcd-1')).not.toHaveProperty('server');
    expect(config(given, 'napoli-etcd-1')).toMatchObject({
      'disable-apiserver': true,
      'disable-controller-manager': true,
      'disable-scheduler': true,
    });
    expect(config(given, 'napoli-cp-1')).toMatchObject({ server: 'https://10.64.0.32:9345', 'disable-etcd': true });
  });

  test('servers that are workers too take pods', () => {
    expect(config(two(), 'napoli-master-1')).not.toHaveProperty('node-taint');
  });

  test.each<[string, Rke2Props, Json]>([
    ['nginx is said', { version: '1.36.1' }, { 'ingress-controller': 'ingress-nginx' }],
    ['none is said', { ingress: 'none' }, { 'ingress-controller': 'none' }],
    ['older releases leave nginx out', { version: '1.29.15', ingress: 'none' }, { disable: ['rke2-ingress-nginx'] }],
  ])('ingress: %s', (_, props, expected) => {
    expect(config(two(props), 'napoli-master-1')).toMatchObject(expected);
  });
  test('ingress: older releases know no key for it', () => {
    expect(config(two({ version: '1.29.15' }), 'napoli-master-1')).not.toHaveProperty('ingress-controller');
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
  test('each chart is told the packet size in its own words', () => {
    const narrow = { cloud: cloud({ mtu: 1450 }) };
    expect(values(two({}, narrow), 'canal')).toEqual({ calico: { vethuMTU: 1400 } });
    expect(values(two({ network: 'calico', mtu: 1300 }, narrow), 'calico')).toEqual({ installation: { calicoNetwork: { mtu: 1300 } } });
    expect(values(two({ network: 'flannel', mtu: 1300 }, narrow), 'flannel')).toEqual({ flannel: { mtu: 1350 } });
    expect(values(two({ network: 'cilium', mtu: 1300 }, narrow), 'cilium')).toEqual({ MTU: 1350, policyCIDRMatchMode: ['nodes'] });
    expect(values(two({ network: 'cilium' }, narrow), 'cilium')).toEqual({ policyCIDRMatchMode: ['nodes'] });
    const paths = clusterFiles(two({ network: 'calico' }, narrow)).map(({ path }) => path);
    expect(paths).not.toContain('manifests/rke2-calico-config.yaml');
  });

  test('registries mirror Docker Hub, and themselves', () => {
    expect(read(file(large(everything), 'registries.yaml'))).toEqual({
      mirrors: {
        'docker.io': { endpoint: ['https://registry.example.org:5000'] },
        'registry.example.org:5000': { endpoint: ['https://registry.example.org:5000'] },
        'other.example.org': { endpoint: ['https://other.example.org'] },
      },
    });
  });

  test('no token and no key is written', () => {
    for (const { text } of clusterFiles(large(everything))) expect(text).not.toMatch(/^\s*(token|etcd-s3-(access|secret)-key|password):/m);
    expect(file(large(everything), 'nodes/napoli-master-1/config.yaml')).toContain('/etc/sysconfig/rke2-server');
  });
});

describe('cloud-init', () => {
  const nodes = (given: Site) => given.nodes.map((node) => ({ node, text: cloudInit(given, node) }));
  const userData = (given: Site, index = 0): Json => read(nodes(given)[index]?.text ?? '');
  const written = (given: Site, path: string, index = 0): string | undefined =>
    userData(given, index).write_files.find((it: Json) => it.path === path)?.content;
  const script = (given: Site, index = 0) => written(given, '/usr/local/sbin/analysis-facility-node', index) ?? '';
  const variants: [string, Site][] = [
    ['RKE', one()],
    ['RKE with Calico', one({ network: 'calico' })],
    ['RKE2', two({ privateRegistries: [{ url: 'registry.example.org' }], network: 'cilium' })],
    ['a cluster of somebody else', site(existingCluster({ version: '1.31', apiServers: ['10.0.0.1:6443'] }))],
  ];

  test.each(variants)('%s: a script that bash reads, in user data that Nova takes', (_, given) => {
    for (const [index, { node, text }] of nodes(given).entries()) {
      expect(text.startsWith('#cloud-config\n')).toBe(true);
      expect(Buffer.from(text).toString('base64').length).toBeLessThan(65_535);
      expect(text).toMatch(/^[\x20-\x7e\n]*$/);
      expect(text).not.toMatch(/[$%]\{/);
      expect(parseAllDocuments(text)).toHaveLength(1);
      expect(userData(given, index)).toMatchObject({ hostname: node.name, fqdn: node.name, preserve_hostname: false });
      const { status, stderr } = spawnSync('bash', ['-n'], { input: script(given, index), encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    }
  });

  test('one user, with the key of the administrators and no password', () => {
    const { users, groups, ssh_pwauth, disable_root } = userData(one({}, { ssh: { user: 'ops' } }));
    expect(groups).toEqual(['docker']);
    expect(ssh_pwauth).toBe(false);
    expect(disable_root).toBe(true);
    expect(users).toEqual([
      {
        name: 'ops',
        gecos: 'Administrators of the facility',
        groups: ['wheel', 'docker'],
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        shell: '/bin/bash',
        lock_passwd: true,
        ssh_authorized_keys: [sshKey],
      },
    ]);
    expect(userData(two())).not.toHaveProperty('groups');
    expect(userData(two()).users[0].groups).toEqual(['wheel']);
  });

  test('permissions are text, or YAML would make them octal numbers', () => {
    for (const { permissions } of userData(two()).write_files) expect(permissions).toMatch(/^0[0-7]{3}$/);
  });

  test('the machine is one that pods can live on', () => {
    expect(written(one(), '/etc/modules-load.d/analysis-facility.conf')?.split('\n')).toEqual(
      expect.arrayContaining(['br_netfilter', 'overlay', 'ip_tables', 'iptable_nat', 'xt_comment']),
    );
    expect(written(one(), '/etc/modules-load.d/analysis-facility.conf')).not.toContain('ipip');
    expect(written(one({ network: 'calico' }), '/etc/modules-load.d/analysis-facility.conf')).toContain('\nipip\n');
    expect(written(one(), '/etc/sysctl.d/90-analysis-facility.conf')).toContain('net.bridge.bridge-nf-call-iptables = 1\n');
    expect(written(one(), '/etc/sysctl.d/90-analysis-facility.conf')).toContain('net.ipv4.ip_forward = 1\n');
    expect(written(one(), '/etc/NetworkManager/conf.d/analysis-facility.conf')).toMatch(/cali\*;interface-name:flannel\*/);
    expect(written(one(), '/etc/ssh/sshd_config.d/10-analysis-facility.conf')).toContain('AllowTcpForwarding yes\n');
    expect(script(one())).toMatch(/systemctl mask firewalld\.service nm-cloud-setup\.service nm-cloud-setup\.timer/);
    expect(script(one())).toContain('swapoff --all');
    expect(script(one())).toContain('container-selinux');
    expect(script(one())).not.toMatch(/setenforce|SELINUX=/);
  });

  test('RKE gets a Docker that it accepts, and keeps it', () => {
    expect(script(one())).toContain('docker-ce-26.1.4-1.el9 docker-ce-cli-26.1.4-1.el9');
    expect(script(one())).toContain('dnf versionlock add docker-ce docker-ce-cli containerd.io');
    expect(written(one(), '/etc/yum.repos.d/docker-ce.repo')).toContain('gpgcheck=1');
    expect(JSON.parse(written(one({}, { cloud: cloud({ mtu: 1450 }) }), '/etc/docker/daemon.json') ?? '')).toMatchObject({ mtu: 1450 });
    expect(script(two())).not.toContain('docker');
  });

  test('kubectl of the cluster and a Helm that was checked, on control planes alone', () => {
    expect(script(one())).toContain('kubectl-1.27.16');
    expect(written(one(), '/etc/yum.repos.d/kubernetes.repo')).toContain('https://pkgs.k8s.io/core:/stable:/v1.27/rpm/');
    expect(script(one())).toMatch(/[0-9a-f]{64} {2}\$folder.*\| sha256sum --check/);
    expect(script(one(), 1)).not.toMatch(/kubectl|helm/);
  });

  test('RKE2 waits for its token', () => {
    expect(script(two())).toContain('install rke2-server-1.31.9~rke2r1\n');
    expect(script(two(), 1)).toContain('install rke2-agent-1.31.9~rke2r1\n');
    expect(script(two())).not.toMatch(/systemctl (enable|start).*rke2-server/);
    expect(written(two(), '/etc/systemd/system/rke2-token.path')).toContain('PathExists=/etc/rancher/rke2/token\n');
    expect(written(two(), '/etc/systemd/system/rke2-token.service', 1)).toContain('start --no-block rke2-agent.service\n');
    expect(written(two(), '/etc/yum.repos.d/rancher-rke2.repo')).toContain('/rke2/stable/1.31/centos/9/$basearch\n');
  });

  test('RKE2 is configured by the very files beside the manifests', () => {
    const given = two({ network: 'cilium', privateRegistries: [{ url: 'registry.example.org' }] });
    expect(written(given, '/etc/rancher/rke2/config.yaml')).toBe(file(given, 'nodes/napoli-master-1/config.yaml'));
    expect(written(given, '/etc/rancher/rke2/config.yaml', 2)).toBe(file(given, 'nodes/napoli-worker-2/config.yaml'));
    expect(written(given, '/etc/rancher/rke2/registries.yaml')).toBe(file(given, 'registries.yaml'));
    const manifest = '/var/lib/rancher/rke2/server/manifests/rke2-cilium-config.yaml';
    expect(written(given, manifest)).toBe(file(given, 'manifests/rke2-cilium-config.yaml'));
    expect(written(given, manifest, 1)).toBeUndefined();
  });

  test('data volumes are named and left alone', () => {
    const given = one({}, { pools: [master, pool('store', { dataVolumes: [{ name: 'minio', size: '500GiB' }] })] });
    expect(nodes(given)[1]?.text).toContain('# Data volumes (minio)');
    expect(script(given, 1)).not.toMatch(/mkfs|mount/);
  });

  test('a version that cannot be is told as every mistake is', () => {
    const broken = two({ version: 'latest' });
    expect(() => cloudInit(broken, broken.nodes[0] as Site['nodes'][number])).toThrow('RKE2_RELEASE_UNKNOWN');
  });
});

describe('ports', () => {
  const shown = ({ protocol, first, last, from, to }: PortRule) =>
    `${protocol}${first === undefined ? '' : ` ${first}${last === first ? '' : `-${last}`}`} ${from} > ${to}`;
  const rules = (given: Site) => portRules(given).map(shown);
  const machines = ['tcp 22 admins > all', 'tcp 22 nodes > all', 'icmp nodes > all'];
  const ingress = ['tcp 80 world > ingress', 'tcp 443 world > ingress'];
  const rke1Base = [
    ...machines,
    'tcp 6443 nodes > controlplane',
    'tcp 6443 admins > controlplane',
    'tcp 2379-2380 nodes > etcd',
    'tcp 10250 nodes > all',
  ];
  const rke2Base = [
    ...machines,
    'tcp 6443 nodes > controlplane',
    'tcp 6443 admins > controlplane',
    'tcp 9345 nodes > controlplane',
    'tcp 2379-2381 nodes > etcd',
    'tcp 10250 nodes > all',
  ];

  test.each<[Rke1Network, string[]]>([
    ['canal', ['udp 8472 nodes > all', 'tcp 9099 nodes > all']],
    ['flannel', ['udp 8472 nodes > all']],
    ['calico', ['ipip nodes > all', 'tcp 179 nodes > all', 'tcp 9099 nodes > all']],
    ['weave', ['tcp 6783 nodes > all', 'udp 6783-6784 nodes > all']],
    ['none', []],
  ])('RKE with %s', (network, own) => {
    const nginx = ['tcp 8443 nodes > ingress', 'tcp 10254 nodes > ingress'];
    expect(rules(one({ network }))).toEqual([...rke1Base, ...nginx, ...own, ...ingress]);
    expect(rules(one({ network, ingress: 'none' }))).toEqual([...rke1Base, ...own]);
  });

  test.each<[Rke2Network, string[]]>([
    ['canal', ['udp 8472 nodes > all', 'tcp 9099 nodes > all']],
    ['cilium', ['udp 8472 nodes > all', 'tcp 4240 nodes > all']],
    ['calico', ['udp 4789 nodes > all', 'tcp 179 nodes > all', 'tcp 5473 nodes > all', 'tcp 9098-9099 nodes > all']],
    ['flannel', ['udp 4789 nodes > all']],
    ['none', []],
  ])('RKE2 with %s', (network, own) => {
    expect(rules(two({ network }))).toEqual([...rke2Base, ...own, ...ingress]);
    expect(rules(two({ network, ingress: 'none' }))).toEqual([...rke2Base, ...own]);
  });

  test('behind a bastion SSH comes from inside', () => {
    const bastion = cloud({ bastion: { flavor: 'm1.small', image } });
    expect(rules(one({}, { cloud: bastion }))).not.toContain('tcp 22 admins > all');
    expect(rules(one({}, { cloud: bastion }))).toContain('tcp 22 nodes > all');
  });

  test('RKE2 servers of etcd alone are joined too', () => {
    const pools: NodePool[] = [pool('cp', { roles: ['controlplane'] }), pool('etcd', { roles: ['etcd'] }), worker];
    expect(rules(two({}, { pools }))).toEqual(expect.arrayContaining(['tcp 6443 nodes > etcd', 'tcp 9345 nodes > etcd']));
    expect(rules(two())).not.toContain('tcp 9345 nodes > etcd');
  });

  test('NodePorts stay closed, but for load balancers of the cloud', () => {
    const ports = ['tcp 30000-30999 nodes > all', 'udp 30000-30999 nodes > all'];
    expect(rules(two({ nodePorts: '30000-30999' }))).not.toEqual(expect.arrayContaining(ports));
    expect(rules(two({ nodePorts: '30000-30999' }, { cloud: cloud({ cloudController: true }) }))).toEqual(expect.arrayContaining(ports));
  });

  test('the world sees the ingress controller and nothing else', () => {
    for (const given of [one(), two(), one({ network: 'calico' }), foreign()]) {
      const open = portRules(given).filter(({ from }) => from === 'world');
      expect(open.every(({ to, protocol, first }) => to === 'ingress' && protocol === 'tcp' && [80, 443].includes(first ?? 0))).toBe(true);
    }
  });

  test('a machine below a cluster of somebody else is administered, no more', () => {
    expect(rules(foreign())).toEqual(machines);
  });

  test('each rule once, with a word about what it is for', () => {
    for (const given of [one(), two(), one({ network: 'calico' }), two({ network: 'calico' })]) {
      expect(new Set(rules(given)).size).toBe(rules(given).length);
      for (const { purpose } of portRules(given)) expect(purpose).toMatch(/^[\x20-\x7e]{4,100}$/);
    }
  });
});

test('the same description gives the same bytes', () => {
  const all = () =>
    [one(), two()].map((given) => [clusterFiles(given), given.nodes.map((node) => cloudInit(given, node)), portRules(given)]);
  expect(JSON.stringify(all())).toBe(JSON.stringify(all()));
});
