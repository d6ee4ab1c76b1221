import { cloudInit } from '../../../lib/cluster';
import { defineSite, nodePool, openstack, type RancherClusterProps, rke1, rke2, type Site, type SiteProps } from '../../../lib/site';

/** A certificate with arbitrary content, which is not parsed. */
const AUTHORITY = `-----BEGIN CERTIFICATE-----\n${`${'TGFi'.repeat(16)}\n`.repeat(3)}-----END CERTIFICATE-----\n`;

const flavor = { name: 'm1', vcpus: 8, memory: '16GiB', disk: '50GiB' } as const;
const image = 'AlmaLinux-9.2';
const master = nodePool('master', { flavor, image, roles: ['controlplane', 'etcd', 'worker'] });
const worker = nodePool('worker', { flavor, image, dataVolumes: [{ name: 'data', size: '1TiB' }] });

const cloud = openstack({
  region: 'RegionOne',
  cidr: '10.64.0.0/24',
  externalNetwork: 'public',
  publicAddress: '192.0.2.10',
  admins: ['192.0.2.0/24'],
  sshKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVuLZTWXO7LJzCX0w0GcHXkfkyXPyPzMEjBR2Wr8HcC admin@example.org',
});

const mirror = 'https://mirror.example.org';
const closed: Pick<SiteProps, 'cloud' | 'egress'> = {
  cloud,
  egress: {
    proxy: { http: 'http://proxy.example.org:3128', https: 'http://proxy.example.org:3129', noProxy: ['.example.org'] },
    mirrors: {
      enterpriseLinux: `${mirror}/almalinux`,
      docker: `${mirror}/docker`,
      rke2: `${mirror}/rke2`,
      kubernetes: `${mirror}/kubernetes`,
      helm: `${mirror}/helm`,
    },
    authorities: [AUTHORITY],
  },
};
const cluster: Omit<RancherClusterProps<'canal'>, 'version'> = {
  network: 'canal',
  privateRegistries: [{ url: 'registry.example.org:5000', login: true }],
  etcdSnapshots: { s3: { endpoint: 's3.example.org', bucket: 'etcd', authority: AUTHORITY } },
};

/** Sites with user data that the example sites do not cover. */
export const sites: readonly Site[] = [
  defineSite('closed-rke1', { ...closed, cluster: rke1({ ...cluster, version: '1.30.14' }), pools: [master, worker] }),
  defineSite('closed-rke2', { ...closed, cluster: rke2({ ...cluster, version: '1.31.9' }), pools: [master, worker] }),
  defineSite('dual-stack', {
    cloud: openstack({ ...cloud, ipv6: { cidr: '2001:db8:0:1::/64' } }),
    cluster: rke2({ version: '1.31.9', network: 'cilium', ipv6: { podCidr: 'fd00:42::/56', serviceCidr: 'fd00:43::/112' } }),
    pools: [master, worker],
  }),
  defineSite('arm', {
    cloud,
    cluster: rke2({ version: '1.31.9' }),
    pools: [nodePool('grace', { flavor, image, roles: ['controlplane', 'etcd', 'worker'], architecture: 'arm64' })],
  }),
];

/** User data of every node of these sites. */
export const userData = () =>
  sites.flatMap((site) => site.nodes.map((node) => ({ where: `${site.name}: ${node.name}`, text: cloudInit(site, node) })));
