import { spawnSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import { cloudInit, type PortRule, portRules } from '../../lib/cluster';
import { existingCluster, type NodePool, type Rke1Network, type Rke2Network, type Site } from '../../lib/site';
import {
  cloud,
  existingClusterSite,
  file,
  image,
  type Json,
  master,
  pool,
  read,
  rke1Site,
  rke2Site,
  site,
  worker,
} from '../fixtures/cluster';
import { sshKey } from '../fixtures/site';

describe('cloud-init', () => {
  const nodes = (given: Site) => given.nodes.map((node) => ({ node, text: cloudInit(given, node) }));
  const userData = (given: Site, index = 0): Json => read(nodes(given)[index]?.text ?? '');
  const written = (given: Site, path: string, index = 0): string | undefined =>
    userData(given, index).write_files.find((it: Json) => it.path === path)?.content;
  const script = (given: Site, index = 0) => written(given, '/usr/local/sbin/analysis-facility-node', index) ?? '';
  const variants: [string, Site][] = [
    ['RKE', rke1Site()],
    ['RKE with Calico', rke1Site({ network: 'calico' })],
    ['RKE2', rke2Site({ privateRegistries: [{ url: 'registry.example.org' }], network: 'cilium' })],
    ['an existing cluster', site(existingCluster({ version: '1.31', apiServers: ['10.0.0.1:6443'] }))],
  ];

  test.each(variants)('%s: the script is valid bash, and the user data is valid for cloud-init and Nova', (_, given) => {
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

  test('there is one user, with an SSH key and without a password', () => {
    const { users, groups, ssh_pwauth, disable_root } = userData(rke1Site({}, { ssh: { user: 'ops' } }));
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
    expect(userData(rke2Site())).not.toHaveProperty('groups');
    expect(userData(rke2Site()).users[0].groups).toEqual(['wheel']);
  });

  test('permissions are quoted, since YAML 1.1 would read octal numbers', () => {
    for (const { permissions } of userData(rke2Site()).write_files) expect(permissions).toMatch(/^0[0-7]{3}$/);
  });

  test('kernel modules, sysctls, NetworkManager, sshd, firewall and swap are configured for Kubernetes', () => {
    expect(written(rke1Site(), '/etc/modules-load.d/analysis-facility.conf')?.split('\n')).toEqual(
      expect.arrayContaining(['br_netfilter', 'overlay', 'ip_tables', 'iptable_nat', 'xt_comment']),
    );
    expect(written(rke1Site(), '/etc/modules-load.d/analysis-facility.conf')).not.toContain('ipip');
    expect(written(rke1Site({ network: 'calico' }), '/etc/modules-load.d/analysis-facility.conf')).toContain('\nipip\n');
    expect(written(rke1Site(), '/etc/sysctl.d/90-analysis-facility.conf')).toContain('net.bridge.bridge-nf-call-iptables = 1\n');
    expect(written(rke1Site(), '/etc/sysctl.d/90-analysis-facility.conf')).toContain('net.ipv4.ip_forward = 1\n');
    expect(written(rke1Site(), '/etc/NetworkManager/conf.d/analysis-facility.conf')).toMatch(/cali\*;interface-name:flannel\*/);
    expect(written(rke1Site(), '/etc/ssh/sshd_config.d/10-analysis-facility.conf')).toContain('AllowTcpForwarding yes\n');
    expect(script(rke1Site())).toMatch(/systemctl mask firewalld\.service nm-cloud-setup\.service nm-cloud-setup\.timer/);
    expect(script(rke1Site())).toContain('swapoff --all');
    expect(script(rke1Site())).toContain('container-selinux');
    expect(script(rke1Site())).not.toMatch(/setenforce|SELINUX=/);
  });

  test('RKE nodes have a supported version of Docker, with a version lock', () => {
    expect(script(rke1Site())).toContain('docker-ce-26.1.4-1.el9 docker-ce-cli-26.1.4-1.el9');
    expect(script(rke1Site())).toContain('dnf versionlock add docker-ce docker-ce-cli containerd.io');
    expect(written(rke1Site(), '/etc/yum.repos.d/docker-ce.repo')).toContain('gpgcheck=1');
    expect(JSON.parse(written(rke1Site({}, { cloud: cloud({ mtu: 1450 }) }), '/etc/docker/daemon.json') ?? '')).toMatchObject({
      mtu: 1450,
    });
    expect(script(rke2Site())).not.toContain('docker');
  });

  test('only control plane nodes have kubectl, and Helm with a verified checksum', () => {
    expect(script(rke1Site())).toContain('kubectl-1.27.16');
    expect(written(rke1Site(), '/etc/yum.repos.d/kubernetes.repo')).toContain('https://pkgs.k8s.io/core:/stable:/v1.27/rpm/');
    expect(script(rke1Site())).toMatch(/[0-9a-f]{64} {2}\$folder.*\| sha256sum --check/);
    expect(script(rke1Site(), 1)).not.toMatch(/kubectl|helm/);
  });

  test('ARM control plane nodes have Helm for arm64', () => {
    const arm = rke2Site({}, { pools: [pool('master', { roles: ['controlplane', 'etcd', 'worker'], architecture: 'arm64' })] });
    expect(script(arm)).toContain('https://get.helm.sh/helm-v3.17.3-linux-arm64.tar.gz');
    expect(script(arm)).toContain('7944e3defd386c76fd92d9e6fec5c2d65a323f6fadc19bfb5e704e3eee10348e');
    expect(script(arm)).not.toContain('amd64');
  });

  test('RKE2 waits for its token file', () => {
    expect(script(rke2Site())).toContain('install rke2-server-1.31.9~rke2r1\n');
    expect(script(rke2Site(), 1)).toContain('install rke2-agent-1.31.9~rke2r1\n');
    expect(script(rke2Site())).not.toMatch(/systemctl (enable|start).*rke2-server/);
    expect(written(rke2Site(), '/etc/systemd/system/rke2-token.path')).toContain('PathExists=/etc/rancher/rke2/token\n');
    expect(written(rke2Site(), '/etc/systemd/system/rke2-token.service', 1)).toContain('start --no-block rke2-agent.service\n');
    expect(written(rke2Site(), '/etc/yum.repos.d/rancher-rke2.repo')).toContain('/rke2/stable/1.31/centos/9/$basearch\n');
  });

  test('RKE2 nodes have the same files as the cluster configuration', () => {
    const given = rke2Site({ network: 'cilium', privateRegistries: [{ url: 'registry.example.org' }] });
    expect(written(given, '/etc/rancher/rke2/config.yaml')).toBe(file(given, 'nodes/napoli-master-1/config.yaml'));
    expect(written(given, '/etc/rancher/rke2/config.yaml', 2)).toBe(file(given, 'nodes/napoli-worker-2/config.yaml'));
    expect(written(given, '/etc/rancher/rke2/registries.yaml')).toBe(file(given, 'registries.yaml'));
    const manifest = '/var/lib/rancher/rke2/server/manifests/rke2-cilium-config.yaml';
    expect(written(given, manifest)).toBe(file(given, 'manifests/rke2-cilium-config.yaml'));
    expect(written(given, manifest, 1)).toBeUndefined();
  });

  test('data volumes are listed, but not formatted or mounted', () => {
    const given = rke1Site({}, { pools: [master, pool('store', { dataVolumes: [{ name: 'minio', size: '500GiB' }] })] });
    expect(nodes(given)[1]?.text).toContain('# Data volumes (minio)');
    expect(script(given, 1)).not.toMatch(/mkfs|mount/);
  });

  test('an invalid version throws a FacilityError', () => {
    const broken = rke2Site({ version: 'latest' });
    expect(() => cloudInit(broken, broken.nodes[0] as Site['nodes'][number])).toThrow('UNKNOWN_RKE2_RELEASE');
  });
});

describe('ports', () => {
  const ruleText = ({ protocol, first, last, from, to }: PortRule) =>
    `${protocol}${first === undefined ? '' : ` ${first}${last === first ? '' : `-${last}`}`} ${from} > ${to}`;
  const rules = (given: Site) => portRules(given).map(ruleText);
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
    expect(rules(rke1Site({ network }))).toEqual([...rke1Base, ...nginx, ...own, ...ingress]);
    expect(rules(rke1Site({ network, ingress: 'none' }))).toEqual([...rke1Base, ...own]);
  });

  test.each<[Rke2Network, string[]]>([
    ['canal', ['udp 8472 nodes > all', 'tcp 9099 nodes > all']],
    ['cilium', ['udp 8472 nodes > all', 'tcp 4240 nodes > all']],
    ['calico', ['udp 4789 nodes > all', 'tcp 179 nodes > all', 'tcp 5473 nodes > all', 'tcp 9098-9099 nodes > all']],
    ['flannel', ['udp 4789 nodes > all']],
    ['none', []],
  ])('RKE2 with %s', (network, own) => {
    expect(rules(rke2Site({ network }))).toEqual([...rke2Base, ...own, ...ingress]);
    expect(rules(rke2Site({ network, ingress: 'none' }))).toEqual([...rke2Base, ...own]);
  });

  test('with a bastion, SSH is allowed only from the network of the nodes', () => {
    const bastion = cloud({ bastion: { flavor: 'm1.small', image } });
    expect(rules(rke1Site({}, { cloud: bastion }))).not.toContain('tcp 22 admins > all');
    expect(rules(rke1Site({}, { cloud: bastion }))).toContain('tcp 22 nodes > all');
  });

  test('dedicated etcd servers of RKE2 open the ports for joining nodes', () => {
    const pools: NodePool[] = [pool('cp', { roles: ['controlplane'] }), pool('etcd', { roles: ['etcd'] }), worker];
    expect(rules(rke2Site({}, { pools }))).toEqual(expect.arrayContaining(['tcp 6443 nodes > etcd', 'tcp 9345 nodes > etcd']));
    expect(rules(rke2Site())).not.toContain('tcp 9345 nodes > etcd');
  });

  test('NodePorts are open only to load balancers of the cloud controller', () => {
    const ports = ['tcp 30000-30999 nodes > all', 'udp 30000-30999 nodes > all'];
    expect(rules(rke2Site({ nodePorts: '30000-30999' }))).not.toEqual(expect.arrayContaining(ports));
    expect(rules(rke2Site({ nodePorts: '30000-30999' }, { cloud: cloud({ cloudController: true }) }))).toEqual(
      expect.arrayContaining(ports),
    );
  });

  test('only the ingress controller is open to the Internet', () => {
    for (const given of [rke1Site(), rke2Site(), rke1Site({ network: 'calico' }), existingClusterSite()]) {
      const open = portRules(given).filter(({ from }) => from === 'world');
      expect(open.every(({ to, protocol, first }) => to === 'ingress' && protocol === 'tcp' && [80, 443].includes(first ?? 0))).toBe(true);
    }
  });

  test('nodes of an existing cluster have only the rules for administration', () => {
    expect(rules(existingClusterSite())).toEqual(machines);
  });

  test('there are no duplicate rules, and each has a description', () => {
    for (const given of [rke1Site(), rke2Site(), rke1Site({ network: 'calico' }), rke2Site({ network: 'calico' })]) {
      expect(new Set(rules(given)).size).toBe(rules(given).length);
      for (const { purpose } of portRules(given)) expect(purpose).toMatch(/^[\x20-\x7e]{4,100}$/);
    }
  });
});
