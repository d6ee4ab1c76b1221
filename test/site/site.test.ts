import '../../lib/services';
import {
  allocationPool,
  apiServers,
  type CinderProps,
  cinder,
  controllerOf,
  defineSite,
  type ExistingClusterProps,
  existingCluster,
  type GatewayControllerProps,
  type GatewayReference,
  type IngressClassProps,
  imageOf,
  kubernetesVersion,
  mig,
  type NodePoolProps,
  nodePool,
  nodesWith,
  type OpenStackProps,
  openstack,
  POOL_LABEL,
  poolLabels,
  type RancherClusterProps,
  type Rke1Network,
  registeredImages,
  rke1,
  rke2,
  type SiteProps,
  secret,
  siteRanges,
  storageClass,
  targetOf,
} from '../../lib/site';
import { CERTIFICATE } from '../fixtures/certificate';
import { briefly, cloud, existing, master, provisioned, refused, sshKey, untyped, worker } from '../fixtures/site';

describe('derived values of a site', () => {
  test('nodes: names, keys, roles, labels and allocatable resources', () => {
    const [first, second, third] = provisioned({
      pools: [master(), worker({ keys: ['2', 'x'], firstAddress: '10.64.0.12', labels: { disk: 'ssd' } })],
    }).nodes;
    expect(first).toMatchObject({ name: 'napoli-master-1', key: '1', address: '10.64.0.10', roles: ['controlplane', 'etcd', 'worker'] });
    expect(second).toMatchObject({
      name: 'napoli-worker-2',
      address: '10.64.0.13',
      roles: ['worker'],
      labels: { [POOL_LABEL]: 'worker', disk: 'ssd' },
      taints: [],
    });
    expect(third).toMatchObject({ name: 'napoli-worker-x', address: '10.64.0.35' });
    // 16 GiB minus 1/64 and 512 MiB for Linux, 1 GiB reserved, and 100 MiB eviction threshold.
    expect(first?.allocatable).toEqual({ cpu: 7.5, memory: 14_492 * 2 ** 20, disk: Number.POSITIVE_INFINITY, pods: 110 });
    const cluster = rke2({ version: '1.30.4', arguments: { kubelet: { 'max-pods': '250' } } });
    expect(provisioned({ cluster }).nodes[0]?.allocatable.pods).toBe(250);
  });

  test('pods are placed by the pool label, or by the labels of the pool in existing clusters', () => {
    expect(poolLabels(provisioned(), worker())).toEqual({ [POOL_LABEL]: 'worker' });
    const site = existing();
    expect(site.pools.map((pool) => poolLabels(site, pool))).toEqual([{ 'node.example.org/purpose': 'analysis' }]);
    expect(site.nodes[0]?.labels).toEqual({ 'node.example.org/purpose': 'analysis' });
  });

  test('API servers are the control-plane nodes, or those of the existing cluster', () => {
    expect(apiServers(provisioned({ pools: [master({ count: 3 }), worker()] }))).toEqual([
      '10.64.0.10/32',
      '10.64.0.11/32',
      '10.64.0.12/32',
    ]);
    const site = existing({}, { apiServers: ['10.0.0.10:443', '10.0.0.11:443'] });
    expect(apiServers(site)).toEqual(['10.0.0.10/32', '10.0.0.11/32']);
    expect(site.cluster.apiPort).toBe(443);
    expect(nodesWith(site, 'etcd')).toEqual([]);
  });

  test('ranges of a site are its networks and the addresses of its nodes', () => {
    expect(siteRanges(provisioned())).toEqual(expect.arrayContaining(['10.64.0.0/24', '10.42.0.0/16', '10.43.0.0/16']));
    expect(siteRanges(existing({ pools: [worker({ addresses: ['203.0.113.5', '203.0.113.6', '203.0.113.7'] })] }))).toEqual(
      expect.arrayContaining(['203.0.113.5/32', '203.0.113.7/32']),
    );
  });

  test('the default allocation pool is the last quarter of the network', () => {
    expect(allocationPool(cloud())).toEqual({ first: '10.64.0.192', last: '10.64.0.254' });
    expect(allocationPool(cloud({ allocationPool: { first: '10.64.0.100', last: '10.64.0.110' } }))).toEqual({
      first: '10.64.0.100',
      last: '10.64.0.110',
    });
    expect(briefly(provisioned({}, { allocationPool: { first: '10.64.0.33', last: '10.64.0.40' } }).problems)).toEqual([
      'RESERVED_ADDRESS at napoli/pools/worker/2/address',
      'RESERVED_ADDRESS at napoli/pools/worker/3/address',
    ]);
  });

  test.each([
    ['v1.27.16-rancher1-1', '1.27.16'],
    ['v1.31.4+rke2r1', '1.31.4'],
    ['1.30', '1.30'],
    ['2.0.1', undefined],
    ['latest', undefined],
    ['1.30.', undefined],
  ])('release %s is Kubernetes %s', (release, version) => expect(kubernetesVersion(release)).toBe(version));

  test('rke1 and rke2 take the same props; nodes of RKE2 join with a token', () => {
    const props = { version: '1.31.4', network: 'canal', podCidr: '10.50.0.0/16' } as const;
    const [rke1Cluster, rke2Cluster] = [rke1(props), rke2(props)];
    expect(rke2Cluster).toMatchObject({
      podCidr: rke1Cluster.podCidr,
      serviceCidr: rke1Cluster.serviceCidr,
      minor: 31,
      apiPort: rke1Cluster.apiPort,
      dns: rke1Cluster.dns,
    });
    expect(rke2Cluster.token).toEqual({ name: 'rke2-token', key: 'token' });
    expect([rke1Cluster.ingress?.pods.namespace, rke2Cluster.ingress?.pods.namespace]).toEqual(['ingress-nginx', 'kube-system']);
    expect(rke2({ ...props, ingress: 'traefik' }).ingress?.className).toBe('traefik');
    expect([rke1({ ...props, ingress: 'none' }).ingress, rke2({ ...props, ingress: 'none' }).ingress]).toEqual([undefined, undefined]);
  });

  test('images: defaults, registry mirror and overrides; all have fixed tags', () => {
    expect(imageOf({}, 'dask')).toBe('ghcr.io/dask/dask:2025.11.0');
    expect(imageOf({ registry: 'harbor.example.org/cache' }, 'cinder-csi')).toBe(
      'harbor.example.org/cache/provider-os/cinder-csi-plugin:v1.27.3',
    );
    expect(imageOf({ registry: 'harbor.example.org', images: { dask: 'x.example/dask:1' } }, 'dask')).toBe('x.example/dask:1');
    expect(refused('UNKNOWN_IMAGE', () => imageOf({}, untyped('daks'))).fix).toBe("write 'dask'");
    for (const image of Object.values(registeredImages())) expect(image).toMatch(/^[a-z0-9.-]+\.[a-z]+\/[a-z0-9/._-]+:(?!latest)[\w.-]+$/);
  });

  test('StorageClasses: Cinder and existing ones', () => {
    const props: Required<CinderProps> = { name: 'ssd', volumeType: 'ssd', availabilityZone: 'nova', reclaim: 'Retain' };
    expect(cinder(props)).toEqual({ kind: 'cinder', ...props, shared: false });
    expect(cinder()).toMatchObject({ name: 'cinder', reclaim: 'Delete' });
    expect(storageClass('cephfs', { shared: true })).toEqual({ kind: 'existing', name: 'cephfs', reclaim: 'Delete', shared: true });
    const site = existing({ storage: { default: storageClass('a'), classes: [storageClass('b')] } });
    expect(site.storageClasses.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('a secret reference has a valid name and key', () => {
    for (const [name, key, given] of [
      ['My_Secret', 'a', "given:   a name of 9 characters, with the invalid characters 'M' '_' 'S'"],
      ['a-', 'a', 'given:   a name of 2 characters'],
      ['a', 'b c', "given:   a key of 3 characters, with the invalid characters ' '"],
      ['a', '', 'given:   a key of 0 characters'],
      ['a', '..', 'given:   a key of 2 characters'],
    ] as const)
      expect(() => secret(name, key)).toThrow(`INVALID_SECRET at secret\n  ${given}\n`);
    expect([secret('oidc'), secret('oidc', 'client')]).toEqual([
      { name: 'oidc', key: 'value' },
      { name: 'oidc', key: 'client' },
    ]);
  });
});

describe('targets', () => {
  test.each([
    ['https://s3.example.org', { peer: { kind: 'internet' }, port: 443 }],
    ['http://s3.example.org/path', { peer: { kind: 'internet' }, port: 80 }],
    ['https://192.0.2.7:9000', { peer: { kind: 'addresses', cidrs: ['192.0.2.7/32'] }, port: 9000 }],
  ])('the target of %s is %j', (url, target) => expect(targetOf(url)).toEqual(target));

  test.each(['s3.example.org', 'ftp://s3.example.org', '', 's3.example.org:443'])('%j is not a valid URL', (url) => {
    refused('INVALID_URL', () => targetOf(url));
  });
});

test('a site with all props', () => {
  // Props of existing nodes are left out.
  const pool: Required<Omit<NodePoolProps, 'hostnames' | 'allocatable' | 'addresses6'>> = {
    count: 2,
    keys: ['a', 'b'],
    flavor: { name: 'm1', vcpus: 8, memory: '16GiB', disk: '50GiB', gpus: { passthrough: 'a100', count: 1 } },
    image: 'AlmaLinux-9.2',
    roles: ['controlplane', 'etcd', 'worker'],
    firstAddress: '10.64.0.20',
    addresses: ['10.64.0.21', '10.64.0.23'],
    renamedFrom: 'worker',
    retired: { c: 'keep-volumes' },
    networks: ['storage'],
    labels: { disk: 'ssd' },
    taints: [{ key: 'data', value: 'yes', effect: 'NoSchedule' }],
    bootVolume: { size: '100GiB', type: 'ssd', availabilityZone: 'nova' },
    dataVolumes: [
      { name: 'data', size: '1TiB', type: 'hdd', availabilityZone: 'nova' },
      { name: 'old', size: '1TiB', retired: 'keep-volumes' },
    ],
    spread: 'hard',
    architecture: 'amd64',
    availabilityZone: 'nova',
    reserved: {
      cpu: 1,
      memory: '2GiB',
      disk: '10GiB',
      system: { cpu: '250m', memory: '512MiB', disk: '5GiB' },
      eviction: { memory: '5%', disk: '20GiB' },
    },
    gpus: mig('a100-80gb', { layout: { '3g.40gb': 2 } }),
  };
  // Props of an existing network are left out.
  const openstackProps: Required<Omit<OpenStackProps, 'network' | 'subnet' | 'router' | 'ipv6'>> = {
    region: 'RegionOne',
    cidr: '10.64.0.0/24',
    externalNetwork: 'public',
    admins: ['192.0.2.0/24'],
    sshKey,
    publicAddress: '192.0.2.10',
    floatingIp: 'reserved',
    entry: 'load-balancer',
    mtu: 1450,
    nameServers: ['192.0.2.53'],
    allocationPool: { first: '10.64.0.200', last: '10.64.0.250' },
    state: { kind: 's3', bucket: 'states', key: 'napoli', region: 'cern', endpoint: 'https://s3.example.org' },
    cloudController: true,
    authUrl: 'https://keystone.example.org:5000/v3',
    bastion: { flavor: 'm1', image: 'Debian-12', address: '10.64.0.9' },
    configDrive: true,
    volumesPerMachine: 20,
  };
  const cluster: Required<Omit<RancherClusterProps<Rke1Network>, 'ipv6'>> = {
    version: 'v1.27.16-rancher1-1',
    network: 'canal',
    mtu: 1400,
    ingress: 'nginx',
    podCidr: '10.50.0.0/16',
    serviceCidr: '10.51.0.0/16',
    nodePorts: '30000-30100',
    sans: ['k8s.example.org'],
    etcdSnapshots: { every: '6h', keep: 12, s3: { endpoint: 's3.example.org', bucket: 'etcd', region: 'cern', folder: 'napoli' } },
    privateRegistries: [{ url: 'harbor.example.org', isDefault: true, mirrors: { 'docker.io': '' }, login: true }],
    addons: ['https://example.org/addon.yaml'],
    upgrade: { workers: '20%', controlPlanes: 1, drain: true },
    cloudProvider: 'external',
    encryptSecrets: true,
    arguments: { kubelet: { 'max-pods': '200' } },
  };
  const other = nodePool('data', { ...pool, keys: ['1'], addresses: ['10.64.0.30'], roles: ['etcd'], renamedFrom: ['disk', 'store'] });
  const props: Required<SiteProps> = {
    cluster: rke1(cluster),
    pools: [nodePool('master', pool), other],
    cloud: openstack(openstackProps),
    storage: { default: cinder(), classes: [storageClass('nfs', { shared: true })] },
    ssh: { user: 'rke', keyPath: '~/.ssh/id_ed25519' },
    accept: [{ code: 'UNSUPPORTED_RKE1', path: 'napoli/cluster', reason: 'moves to RKE2 in spring' }],
    test: true,
    images: { dask: 'x.example/dask:1' },
    registry: 'harbor.example.org',
    imagePullSecrets: ['registry-login'],
    egress: {
      proxy: { http: 'http://proxy.example.org:3128', https: 'http://proxy.example.org:3129', noProxy: ['.example.org'] },
      mirrors: {
        enterpriseLinux: 'https://mirror.example.org/almalinux',
        docker: 'https://mirror.example.org/docker',
        rke2: 'https://mirror.example.org/rke2',
        kubernetes: 'https://mirror.example.org/kubernetes',
        helm: 'https://mirror.example.org/helm',
      },
      authorities: [CERTIFICATE],
    },
  };
  const site = defineSite('napoli', props);

  expect(site.problems).toEqual([]);
  expect(site.warnings).toEqual([]);
  expect(site.nodes.map(({ name, address }) => `${name} ${address}`)).toEqual([
    'napoli-worker-a 10.64.0.21',
    'napoli-worker-b 10.64.0.23',
    'napoli-disk-1 10.64.0.30',
  ]);
  expect(site.cluster).toMatchObject({ podCidr: '10.50.0.0/16', serviceCidr: '10.51.0.0/16', minor: 27 });
});

test('a former name belongs to one pool', () => {
  const worker = nodePool('worker', { flavor: { vcpus: 4, memory: '8GiB' } });
  const renamed = nodePool('compute', { flavor: { vcpus: 4, memory: '8GiB' }, renamedFrom: ['data', 'worker'] });
  const { problems } = defineSite('napoli', {
    cluster: existingCluster({ version: '1.31', apiServers: ['10.0.0.10'] }),
    pools: [worker, renamed],
  });

  expect(briefly(problems)).toEqual(['CONFLICTING_FORMER_POOL_NAME at napoli/pools/compute/renamedFrom']);
});

test('an existing cluster with all props', () => {
  const props: Required<ExistingClusterProps> = {
    version: '1.31',
    apiServers: ['10.0.0.10:8443'],
    ingress: { className: 'traefik', namespace: 'traefik', labels: { app: 'traefik' } } satisfies Omit<
      Required<IngressClassProps>,
      'controller'
    >,
    podCidr: '10.50.0.0/16',
    serviceCidr: '10.51.0.0/16',
    ipv6: { podCidr: 'fd00:42::/56', serviceCidr: 'fd00:43::/112' },
    domain: 'k8s.example',
    dnsLabels: { app: 'coredns' },
  };
  expect(existingCluster(props)).toEqual({
    kind: 'existing',
    version: '1.31',
    minor: 31,
    podCidr: '10.50.0.0/16',
    serviceCidr: '10.51.0.0/16',
    ipv6: { podCidr: 'fd00:42::/56', serviceCidr: 'fd00:43::/112' },
    domain: 'k8s.example',
    dns: { kind: 'pods', namespace: 'kube-system', labels: { app: 'coredns' } },
    ingress: { className: 'traefik', controller: 'traefik', pods: { kind: 'pods', namespace: 'traefik', labels: { app: 'traefik' } } },
    apiPort: 8443,
    apiServers: ['10.0.0.10/32'],
    apiPorts: [8443],
  });
});

test('the type of an ingress controller is derived from the class name or the distribution', () => {
  const controllers = (...names: readonly string[]) => names.map((className) => controllerOf(className));
  expect(controllers('nginx', 'nginx-internal', 'rke2-traefik', 'haproxy')).toEqual(['nginx', 'nginx', 'traefik', 'haproxy']);
  expect(controllers('internal', 'nginxish', 'cilium')).toEqual([undefined, undefined, undefined]);
  const versions = { version: '1.30.4' } as const;
  expect(rke1(versions).ingress?.controller).toBe('nginx');
  expect(rke2({ ...versions, ingress: 'nginx' }).ingress?.controller).toBe('nginx');
  expect(rke2({ ...versions, ingress: 'traefik' }).ingress?.controller).toBe('traefik');
});

test('an existing Gateway needs its name and namespace', () => {
  const cluster = (ingress: ExistingClusterProps['ingress']) =>
    existingCluster({ version: '1.31', apiServers: ['10.0.0.10:6443'], ingress });
  const all: Required<GatewayControllerProps> = {
    controller: 'gateway',
    gateway: { name: 'public', namespace: 'gateways', listener: 'https' } satisfies Required<GatewayReference>,
    namespace: 'envoy',
    labels: { app: 'envoy' },
  };
  expect(cluster(all).ingress).toEqual({
    controller: 'gateway',
    gateway: all.gateway,
    pods: { kind: 'pods', namespace: 'envoy', labels: { app: 'envoy' } },
  });
  refused('MISSING_PROP', () => cluster(untyped({ controller: 'gateway', namespace: 'envoy' })));
  refused('MISSING_PROP', () => cluster(untyped({ namespace: 'envoy' })));
  refused('INVALID_PROP_VALUE', () => cluster(untyped({ className: 'internal', controller: 'apache', namespace: 'a' })));
});
